//! HMAC-SHA256 of what was posted, against every active key (RFC 2104).

use hmac::{Hmac, Mac as _};
use seal::Secret;
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};

use super::Unproven;

/// The code of a message; HMAC takes keys of any length, so there is always one.
pub(super) fn of(key: &[u8], message: &[u8]) -> Option<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(message);
    Some(mac.finalize().into_bytes().into())
}

/// Whether the code is that of the body under one of the keys, whose texts are the keys. All are tried, whichever it is.
///
/// # Errors
/// When it is none's, or there are no keys.
pub(super) fn proves(keys: &[Secret], body: &[u8], given: &[u8; 32]) -> Result<(), Unproven> {
    // Without this, whoever knows that there is no key could sign.
    if keys.is_empty() || keys.iter().any(Secret::is_empty) {
        return Err(Unproven::Unchecked);
    }
    // Exposed to be computed with.
    let codes = keys.iter().filter_map(|key| of(key.expose().as_bytes(), body));
    let proven = codes.map(|code| code.ct_eq(given)).fold(Choice::from(0), |proven, same| proven | same);
    if bool::from(proven) { Ok(()) } else { Err(Unproven::Signature) }
}
