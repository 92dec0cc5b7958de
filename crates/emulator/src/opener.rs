//! Opens credentials as an on-premises gateway does, with the gateway's private key.
//!
//! Written from the platform's description of the ciphertext and on purpose without a line of `seal`, so that an
//! error in the one cannot be mirrored in the other.

use std::fmt;

use aes::Aes256;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use cbc::cipher::{BlockDecryptMut as _, KeyIvInit as _, block_padding::Pkcs7};
use hmac::{Hmac, Mac as _};
use rsa::{Oaep, RsaPrivateKey, pkcs8::DecodePrivateKey as _, traits::PublicKeyParts as _};
use sha1::Sha1;
use sha2::Sha256;

/// Modulus length, in bytes, of the gateways from before December 2019; they read segments instead of the hybrid form.
const SEGMENT_MODULUS: usize = 128;

/// The private key of a gateway member.
pub struct PrivateKey(RsaPrivateKey);

/// The two incompatible ways in which Microsoft's own samples write for a 1024-bit key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// OAEP with SHA-1 in segments of 85 bytes: the .NET SDK and the Java sample.
    Sha1,
    /// OAEP with SHA-256 in segments of 60 bytes: the Python sample.
    Sha256,
}

impl PrivateKey {
    /// Reads a PKCS#8 PEM document (`-----BEGIN PRIVATE KEY-----`).
    ///
    /// # Errors
    /// [`OpenError::Key`] when the text is no such document or its numbers are no RSA key.
    pub fn from_pkcs8_pem(pem: &str) -> Result<PrivateKey, OpenError> {
        RsaPrivateKey::from_pkcs8_pem(pem).map(PrivateKey).map_err(|_| OpenError::Key)
    }

    /// Exponent and modulus as the gateway publishes them: standard base64 of the unsigned big-endian bytes
    /// (Power BI REST, Gateways: `GatewayPublicKey`).
    pub fn public_parts(&self) -> (String, String) {
        (STANDARD.encode(self.0.e().to_bytes_be()), STANDARD.encode(self.0.n().to_bytes_be()))
    }

    /// Opens what was sealed for this key; at 1024 bits in the dialect of the .NET SDK.
    ///
    /// # Errors
    /// The first thing found wrong, as [`OpenError`].
    pub fn open(&self, ciphertext: &str) -> Result<String, OpenError> {
        if self.0.size() == SEGMENT_MODULUS {
            self.open_segments(ciphertext, Dialect::Sha1)
        } else {
            self.open_hybrid(ciphertext)
        }
    }

    /// Opens a row of OAEP segments in the given dialect.
    ///
    /// # Errors
    /// The first thing found wrong, as [`OpenError`].
    pub fn open_segments(&self, ciphertext: &str, dialect: Dialect) -> Result<String, OpenError> {
        let segments = decode(ciphertext)?;
        if segments.is_empty() || segments.len() % self.0.size() != 0 {
            return Err(OpenError::Length);
        }
        let mut plaintext = Vec::new();
        for segment in segments.chunks(self.0.size()) {
            let padding = match dialect {
                Dialect::Sha1 => Oaep::new::<Sha1>(),
                Dialect::Sha256 => Oaep::new::<Sha256>(),
            };
            plaintext.extend(self.0.decrypt(padding, segment).map_err(|_| OpenError::Oaep)?);
        }
        text(plaintext)
    }

    /// `base64(EK) ++ base64(00 00 || TAG || IV || CT)`, each part padded on its own.
    fn open_hybrid(&self, ciphertext: &str) -> Result<String, OpenError> {
        let (wrapped, body) = ciphertext.split_at_checked(self.0.size().div_ceil(3) * 4).ok_or(OpenError::Length)?;
        let keys = self.0.decrypt(Oaep::new::<Sha256>(), &decode(wrapped)?).map_err(|_| OpenError::Oaep)?;
        // 00: a 32-byte encryption key. 01: a 64-byte MAC key.
        let [0, 1, keys @ ..] = keys.as_slice() else { return Err(OpenError::Keys) };
        let (encryption_key, mac_key) = keys.split_at_checked(32).ok_or(OpenError::Keys)?;
        if mac_key.len() != 64 {
            return Err(OpenError::Keys);
        }

        let body = decode(body)?;
        let (algorithms, rest) = body.split_at_checked(2).ok_or(OpenError::Length)?;
        // 00: AES-256-CBC with PKCS#7. 00: HMAC-SHA-256.
        if algorithms != [0, 0] {
            return Err(OpenError::Algorithm);
        }
        let (tag, iv_and_blocks) = rest.split_at_checked(32).ok_or(OpenError::Length)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(mac_key).map_err(|_| OpenError::Keys)?;
        mac.update(algorithms);
        mac.update(iv_and_blocks);
        mac.verify_slice(tag).map_err(|_| OpenError::Mac)?;

        let (iv, blocks) = iv_and_blocks.split_at_checked(16).ok_or(OpenError::Length)?;
        let cipher = cbc::Decryptor::<Aes256>::new_from_slices(encryption_key, iv).map_err(|_| OpenError::Keys)?;
        let mut buffer = blocks.to_vec();
        let plaintext = cipher.decrypt_padded_mut::<Pkcs7>(&mut buffer).map_err(|_| OpenError::Padding)?;
        text(plaintext.to_vec())
    }
}

fn decode(base64: &str) -> Result<Vec<u8>, OpenError> {
    STANDARD.decode(base64).map_err(|_| OpenError::Base64)
}

fn text(plaintext: Vec<u8>) -> Result<String, OpenError> {
    let text = String::from_utf8(plaintext).map_err(|_| OpenError::Utf8)?;
    if text.is_empty() { Err(OpenError::Empty) } else { Ok(text) }
}

/// Why a gateway could not open a ciphertext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The private key's document cannot be read.
    Key,
    /// A part is not padded standard base64.
    Base64,
    /// The ciphertext is too short, or holds a broken segment.
    Length,
    /// The RSA layer does not open: another key's ciphertext, another dialect, or damage.
    Oaep,
    /// The RSA layer opens, but does not hold one 32-byte and one 64-byte key.
    Keys,
    /// The algorithm bytes name something other than AES-256-CBC-PKCS7 with HMAC-SHA-256.
    Algorithm,
    /// The authentication tag does not fit.
    Mac,
    /// The decrypted blocks do not end in PKCS#7 padding.
    Padding,
    /// The plaintext is not UTF-8.
    Utf8,
    /// The plaintext is empty.
    Empty,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OpenError::Key => "the gateway's private key is not a PKCS#8 PEM document of an RSA key",
            OpenError::Base64 => "the ciphertext is not padded standard base64",
            OpenError::Length => "the ciphertext has an impossible length",
            OpenError::Oaep => "the RSA layer does not open with this gateway's key",
            OpenError::Keys => "the RSA layer does not hold a 32-byte and a 64-byte key",
            OpenError::Algorithm => "the algorithm bytes are not 00 00",
            OpenError::Mac => "the authentication tag does not fit",
            OpenError::Padding => "the decrypted blocks are not padded with PKCS#7",
            OpenError::Utf8 => "the plaintext is not UTF-8",
            OpenError::Empty => "the plaintext is empty",
        })
    }
}

impl std::error::Error for OpenError {}
