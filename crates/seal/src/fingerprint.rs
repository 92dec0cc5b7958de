//! Tells two gateway keys apart at a glance.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

/// The first 128 bits of a public key's JWK thumbprint (RFC 7638, SHA-256), shown as eight groups of four hexadecimal
/// digits.
///
/// Two keys with the same numbers have the same fingerprint, however many zero bytes stood before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// Both numbers unsigned, big-endian, without leading zero bytes.
    pub(crate) fn of(exponent: &[u8], modulus: &[u8]) -> Fingerprint {
        let (e, n) = (URL_SAFE_NO_PAD.encode(exponent), URL_SAFE_NO_PAD.encode(modulus));
        let thumbprint = Sha256::digest(format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#));
        let mut first = [0; 16];
        first.iter_mut().zip(thumbprint).for_each(|(to, from)| *to = from);
        Fingerprint(first)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, pair) in self.0.chunks(2).enumerate() {
            f.write_str(if index == 0 { "" } else { " " })?;
            pair.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        }
        Ok(())
    }
}
