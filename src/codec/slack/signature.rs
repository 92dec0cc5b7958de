//! Slack's request signature, version 0 (Slack API, Verifying requests from Slack).

use std::time::Duration;

use hmac::{Hmac, Mac};
use seal::Secret;
use sha2::Sha256;

use crate::codec::hex;
use crate::codec::proof::Verified;
use crate::domain::time::Timestamp;

/// Oldest and most future request accepted.
const WINDOW: Duration = Duration::from_secs(300);
const VERSION: &str = "v0=";

/// Why a request is not from Slack, or not from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// `X-Slack-Signature` or `X-Slack-Request-Timestamp` is missing.
    Missing,
    /// The timestamp is not a plain number of seconds.
    Timestamp,
    /// Older than the window.
    Stale,
    /// Further in the future than the window.
    Future,
    /// Not `v0=` and 64 lower-case hexadecimal digits.
    Form,
    /// The signature is another one.
    Mismatch,
}

impl SignatureError {
    /// The name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "signature-missing",
            Self::Timestamp => "signature-timestamp",
            Self::Stale => "signature-stale",
            Self::Future => "signature-future",
            Self::Form => "signature-form",
            Self::Mismatch => "signature-mismatch",
        }
    }
}

/// Verifies a raw body against its two headers.
///
/// # Errors
/// The first check that fails; the signature itself is checked last, in constant time.
pub fn verify<'b>(
    secret: &Secret,
    timestamp: Option<&str>,
    signature: Option<&str>,
    body: &'b [u8],
    now: Timestamp,
) -> Result<Verified<&'b [u8]>, SignatureError> {
    let (Some(timestamp), Some(signature)) = (timestamp, signature) else { return Err(SignatureError::Missing) };
    if timestamp.is_empty() || timestamp.len() > 12 || !timestamp.bytes().all(|b| b.is_ascii_digit()) {
        return Err(SignatureError::Timestamp);
    }
    let sent = Timestamp::from_secs(timestamp.parse().map_err(|_| SignatureError::Timestamp)?);
    let now = Timestamp::from_secs(now.as_secs());
    if now.since(sent) > WINDOW {
        return Err(SignatureError::Stale);
    }
    if sent.since(now) > WINDOW {
        return Err(SignatureError::Future);
    }
    let expected = signature.strip_prefix(VERSION).and_then(hex::read).ok_or(SignatureError::Form)?;
    // The key is the secret's text as it stands, not hex-decoded. HMAC takes keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).map_err(|_| SignatureError::Mismatch)?;
    mac.update(b"v0:");
    mac.update(timestamp.as_bytes());
    mac.update(b":");
    mac.update(body);
    mac.verify_slice(&expected).map_err(|_| SignatureError::Mismatch)?;
    Ok(Verified::vouch(body))
}
