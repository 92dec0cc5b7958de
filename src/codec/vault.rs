//! A credential at rest: encrypted under the Worker's own key, bound to its rotation.
//!
//! XChaCha20-Poly1305 with a random nonce of 192 bits, so that nonces need no counter.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use seal::Secret;
use serde_json::Value;
use zeroize::Zeroizing;

use super::record::{Record, Unreadable};
use crate::domain::credential::{Entered, Field};
use crate::domain::names::RotationId;

const NONCE: usize = 24;

/// An encrypted credential, as text: base64 of nonce and ciphertext.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vaulted(String);

/// The blob was not made by this key for this rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOurs;

impl Vaulted {
    /// Encrypts what was entered. `nonce` has to be random.
    ///
    /// # Errors
    /// Never for credentials of any real size; the cipher refuses texts of 256 GiB.
    pub fn close(
        entered: &Entered,
        key: &[u8; 32],
        rotation: &RotationId,
        nonce: [u8; NONCE],
    ) -> Result<Self, NotOurs> {
        // Sized before it is filled: a buffer that grew would leave a copy of the secret behind it.
        let room = entered.iter().map(|(_, secret)| 5 + secret.expose().len()).sum();
        let mut plain = Zeroizing::new(Vec::with_capacity(room));
        for (field, secret) in entered.iter() {
            // Exposed to be encrypted; the buffer is wiped at the end.
            let text = secret.expose().as_bytes();
            let number = Field::ALL.iter().position(|known| *known == field).unwrap_or_default();
            plain.push(u8::try_from(number).unwrap_or_default());
            plain.extend_from_slice(&u32::try_from(text.len()).map_err(|_| NotOurs)?.to_be_bytes());
            plain.extend_from_slice(text);
        }
        let payload = Payload { msg: &plain, aad: &bound_to(rotation) };
        let sealed = cipher(key).encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| NotOurs)?;
        let mut whole = nonce.to_vec();
        whole.extend_from_slice(&sealed);
        Ok(Self(STANDARD.encode(whole)))
    }

    /// Decrypts it again.
    ///
    /// # Errors
    /// When it was made with another key or for another rotation, or was altered.
    pub fn open(&self, key: &[u8; 32], rotation: &RotationId) -> Result<Entered, NotOurs> {
        let whole = STANDARD.decode(&self.0).map_err(|_| NotOurs)?;
        let (nonce, sealed) = whole.split_at_checked(NONCE).ok_or(NotOurs)?;
        let payload = Payload { msg: sealed, aad: &bound_to(rotation) };
        let plain = Zeroizing::new(cipher(key).decrypt(XNonce::from_slice(nonce), payload).map_err(|_| NotOurs)?);
        let mut entered = Entered::new();
        let mut rest = plain.as_slice();
        while let Some((head, tail)) = rest.split_at_checked(5) {
            let [number, length @ ..] = head else { return Err(NotOurs) };
            let length = length.try_into().map(u32::from_be_bytes).map_err(|_| NotOurs)?;
            let (text, after) = tail.split_at_checked(length as usize).ok_or(NotOurs)?;
            let field = *Field::ALL.get(usize::from(*number)).ok_or(NotOurs)?;
            let text = std::str::from_utf8(text).map_err(|_| NotOurs)?;
            entered.insert(field, Secret::new(text.to_owned()));
            rest = after;
        }
        Ok(entered)
    }
}

impl Record for Vaulted {
    fn to_value(&self) -> Value {
        self.0.to_value()
    }

    fn from_value(value: &Value) -> Result<Self, Unreadable> {
        String::from_value(value).map(Self)
    }
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(Key::from_slice(key))
}

fn bound_to(rotation: &RotationId) -> Vec<u8> {
    [b"pbi-rotate credential v1\0".as_slice(), rotation.as_str().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(byte: u8) -> RotationId {
        RotationId::from_bits([byte; 10])
    }

    fn entered() -> Entered {
        let mut entered = Entered::new();
        entered.insert(Field::PrivateKey, Secret::new("-----BEGIN\nkey 🔐".into()));
        entered.insert(Field::Passphrase, Secret::new("p\\\"x".into()));
        entered
    }

    #[test]
    fn opens_for_the_same_key_and_rotation_only() {
        let vaulted = Vaulted::close(&entered(), &[1; 32], &id(1), [7; NONCE]).unwrap();
        let opened = vaulted.open(&[1; 32], &id(1)).unwrap();
        assert_eq!(opened.get(Field::PrivateKey).unwrap().expose(), "-----BEGIN\nkey 🔐");
        assert_eq!(opened.get(Field::Passphrase).unwrap().expose(), "p\\\"x");
        assert!(opened.get(Field::Password).is_none());
        assert!(vaulted.open(&[2; 32], &id(1)).is_err(), "another key");
        assert!(vaulted.open(&[1; 32], &id(2)).is_err(), "another rotation");
    }

    #[test]
    fn refuses_what_was_altered_or_cut() {
        let vaulted = Vaulted::close(&entered(), &[1; 32], &id(1), [7; NONCE]).unwrap();
        let mut bytes = STANDARD.decode(&vaulted.0).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        assert!(Vaulted(STANDARD.encode(&bytes)).open(&[1; 32], &id(1)).is_err());
        assert!(Vaulted(STANDARD.encode(&bytes[..20])).open(&[1; 32], &id(1)).is_err());
        assert!(Vaulted("no base64".into()).open(&[1; 32], &id(1)).is_err());
    }
}
