//! A value that its sender sealed to our key: JWE in compact form, RSA-OAEP-256 and A256GCM, and nothing else (RFC 7516).

use aes_gcm::aead::{AeadInPlace as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Key, Nonce, Tag};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use seal::Secret;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::codec::json::{self, object};
use crate::codec::signatures::{PrivateKey, RsaKey, Signatures};

/// The longest value, in bytes.
const LONGEST_VALUE: usize = 64 * 1024;
/// The longest protected header, as text.
const LONGEST_HEADER: usize = 1024;
/// The longest text that is taken to be opened: such a header, a key encrypted to one of 8192 bits, nonce, value and tag in
/// base64, and the points between them.
pub const LONGEST: usize = LONGEST_HEADER + 1366 + 16 + (LONGEST_VALUE * 4).div_ceil(3) + 22 + 4;

/// Not sealed to this key in the one way that is taken, or altered. Which of these, nobody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOurs;

/// Opens a value.
///
/// # Errors
/// When it was not sealed to the key like that, was altered, is too long or no text.
pub async fn open(jwe: &str, key: &PrivateKey, platform: &impl Signatures) -> Result<Secret, NotOurs> {
    let mut parts = jwe.split('.');
    let mut part = || parts.next().ok_or(NotOurs);
    let [header, wrapped, nonce, value, tag] = [part()?, part()?, part()?, part()?, part()?];
    if parts.next().is_some() || !understood(header) {
        return Err(NotOurs);
    }
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| NotOurs);
    let nonce: [u8; 12] = bytes(nonce)?.try_into().map_err(|_| NotOurs)?;
    let tag: [u8; 16] = bytes(tag)?.try_into().map_err(|_| NotOurs)?;
    let mut value = Zeroizing::new(bytes(value)?);
    if value.len() > LONGEST_VALUE {
        return Err(NotOurs);
    }
    let opened = platform.open_oaep(key, &bytes(wrapped)?).await.map_err(|_| NotOurs)?;
    let content_key: &[u8; 32] = opened.as_slice().try_into().map_err(|_| NotOurs)?;
    let cipher = Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(content_key));
    // What is authenticated beside the value is the header as it was sent (RFC 7516, 5.1, step 14).
    cipher
        .decrypt_in_place_detached(Nonce::from_slice(&nonce), header.as_bytes(), &mut value, Tag::from_slice(&tag))
        .map_err(|_| NotOurs)?;
    std::str::from_utf8(&value).map(|text| Secret::new(text.to_owned())).map_err(|_| NotOurs)
}

/// Whether the header names the two algorithms, and asks for no extension and no decompression.
fn understood(header: &str) -> bool {
    let bytes = URL_SAFE_NO_PAD.decode(header).ok().filter(|_| header.len() <= LONGEST_HEADER);
    let Some(Value::Object(header)) = bytes.and_then(|bytes| json::read(&bytes)) else { return false };
    let is = |name, value| header.get(name).and_then(Value::as_str) == Some(value);
    is("alg", "RSA-OAEP-256") && is("enc", "A256GCM") && !header.contains_key("crit") && !header.contains_key("zip")
}

/// The key that senders seal to, as a JSON Web Key (RFC 7517), named by its thumbprint (RFC 7638).
pub fn public_jwk(key: &RsaKey) -> Value {
    let RsaKey { modulus, exponent } = key;
    // The members that a thumbprint covers, in the order and without the blanks that it wants; base64url needs no escaping.
    let covered = format!(r#"{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}"#);
    let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(covered));
    object! {
        "kty": "RSA",
        "n": modulus.as_str(),
        "e": exponent.as_str(),
        "alg": "RSA-OAEP-256",
        "use": "enc",
        "kid": thumbprint,
    }
}
