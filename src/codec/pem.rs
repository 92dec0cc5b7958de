//! A private key out of its PEM text.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::signatures::PrivateKey;

const BEGINS: &str = "-----BEGIN PRIVATE KEY-----";
const ENDS: &str = "-----END PRIVATE KEY-----";
/// The longest text that is read, in bytes; that of an RSA key of 8192 bits has 6400.
const LONGEST: usize = 16 * 1024;

/// Why a text is not such a key. Says nothing of what stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PemError {
    /// A key in an older or an algorithm's own form: `RSA PRIVATE KEY`, `EC PRIVATE KEY`.
    Traditional,
    /// A key that is encrypted by a passphrase.
    Encrypted,
    /// No PEM text of one private key.
    Form,
}

impl fmt::Display for PemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Traditional => "is a key in another form: convert it with `openssl pkcs8 -topk8 -nocrypt`",
            Self::Encrypted => "is a key behind a passphrase: decrypt it with `openssl pkcs8 -nocrypt`",
            Self::Form => "has to be a PEM text from -----BEGIN PRIVATE KEY----- to -----END PRIVATE KEY-----",
        })
    }
}

/// The key in a PEM text of PKCS#8 (RFC 7468, 10): nothing but blanks and line ends around it, and only line ends in it.
///
/// # Errors
/// What else it is.
pub fn private_key(text: &str) -> Result<PrivateKey, PemError> {
    let text = text.trim();
    let first = text.lines().next().unwrap_or_default();
    match first.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----")) {
        Some("RSA PRIVATE KEY" | "EC PRIVATE KEY") => return Err(PemError::Traditional),
        Some("ENCRYPTED PRIVATE KEY") => return Err(PemError::Encrypted),
        _ => {}
    }
    let inner = text.strip_prefix(BEGINS).and_then(|rest| rest.strip_suffix(ENDS)).ok_or(PemError::Form)?;
    if inner.len() > LONGEST || !inner.starts_with(['\r', '\n']) || !inner.ends_with('\n') {
        return Err(PemError::Form);
    }
    // Both sized before they are filled: a buffer that grew would leave a copy of the key behind it.
    let mut digits = Zeroizing::new(Vec::with_capacity(inner.len()));
    digits.extend(inner.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')));
    let mut der = Zeroizing::new(Vec::with_capacity(inner.len()));
    STANDARD.decode_vec(digits.as_slice(), &mut der).map_err(|_| PemError::Form)?;
    // The platform reads the rest of it; this is what every structure in DER of that length begins with.
    if der.starts_with(&[0x30]) { Ok(PrivateKey(der)) } else { Err(PemError::Form) }
}
