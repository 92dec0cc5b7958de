//! An encrypted credential as text, and the check that a text can be one.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    GatewayKey,
    hybrid::{ALGORITHMS, BLOCK_LEN, TAG_LEN},
    key::LEGACY_BITS,
};

/// A credential that only the holder of one gateway's private key can read, as the APIs take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(String);

impl Sealed {
    /// Takes back a text that came out of [`Sealed::as_str`] and was in safe keeping since. For what comes from
    /// anywhere else there is [`Sealed::parse_for`].
    pub fn from_stored(text: String) -> Sealed {
        Sealed(text)
    }

    /// Checks that a text has the shape of something sealed for `key`. Whether it opens, only the gateway can tell.
    ///
    /// # Errors
    /// [`ShapeError`] names the first thing found wrong.
    pub fn parse_for(text: &str, key: &GatewayKey) -> Result<Sealed, ShapeError> {
        if key.bits() == LEGACY_BITS { check_segments(text, key) } else { check_hybrid(text, key) }?;
        Ok(Sealed(text.to_owned()))
    }

    /// The text for the APIs: `credentials` in Power BI, `encryptedCredentials` in Fabric.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_segments(text: &str, key: &GatewayKey) -> Result<(), ShapeError> {
    let segments = decode(text)?;
    if segments.is_empty() || segments.len() % key.modulus_len() != 0 {
        return Err(ShapeError::Length);
    }
    if !segments.chunks(key.modulus_len()).all(|segment| key.may_have_encrypted(segment)) {
        return Err(ShapeError::OtherKey);
    }
    Ok(())
}

fn check_hybrid(text: &str, key: &GatewayKey) -> Result<(), ShapeError> {
    let (wrapped, body) = text.split_at_checked(key.modulus_len().div_ceil(3) * 4).ok_or(ShapeError::Length)?;
    if !key.may_have_encrypted(&decode(wrapped)?) {
        return Err(ShapeError::OtherKey);
    }
    let body = decode(body)?;
    let (algorithms, rest) = body.split_at_checked(ALGORITHMS.len()).ok_or(ShapeError::Length)?;
    if algorithms != ALGORITHMS {
        return Err(ShapeError::Algorithms);
    }
    let blocks = rest.get(TAG_LEN + BLOCK_LEN..).ok_or(ShapeError::Length)?;
    if blocks.is_empty() || blocks.len() % BLOCK_LEN != 0 {
        return Err(ShapeError::Length);
    }
    Ok(())
}

fn decode(base64: &str) -> Result<Vec<u8>, ShapeError> {
    STANDARD.decode(base64).map_err(|_| ShapeError::Base64)
}

/// Why a text cannot have been sealed for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShapeError {
    /// It is too short, or ends within a block or a segment.
    Length,
    /// A part is not padded standard base64.
    Base64,
    /// What RSA would have to decrypt does not fit the key: it was sealed for another.
    OtherKey,
    /// It names other algorithms than AES-256-CBC and HMAC-SHA-256.
    Algorithms,
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ShapeError::Length => "the encrypted credential is cut short",
            ShapeError::Base64 => "the encrypted credential is not valid base64",
            ShapeError::OtherKey => "the credential was encrypted for another gateway's key",
            ShapeError::Algorithms => "the encrypted credential names unknown algorithms",
        })
    }
}

impl std::error::Error for ShapeError {}
