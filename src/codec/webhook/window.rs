//! How old, and how far in the future, a signed time may be.

use std::time::Duration;

use super::Unproven;
use crate::domain::time::Timestamp;

/// Five minutes both ways: Standard Webhooks' advice, and what its libraries do.
const WINDOW: Duration = Duration::from_secs(300);

/// Whether something signed then may be taken now; the last moment of the window still counts.
///
/// # Errors
/// When it is too old or too new.
pub(super) fn within(signed: Timestamp, now: Timestamp) -> Result<(), Unproven> {
    if now.since(signed) > WINDOW {
        return Err(Unproven::Stale);
    }
    if signed.since(now) > WINDOW {
        return Err(Unproven::Future);
    }
    Ok(())
}

/// A number of seconds or milliseconds: decimal digits and nothing else.
///
/// # Errors
/// When it is anything else.
pub(super) fn number(text: &str) -> Result<i64, Unproven> {
    // Neither a sign, which Rust's parser takes, nor anything that would overflow a timestamp.
    let digits = !text.is_empty() && text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().map_err(|_| Unproven::Form) } else { Err(Unproven::Form) }
}
