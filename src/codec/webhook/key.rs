//! The secret header, for senders that sign nothing.

use http::HeaderMap;
use seal::Secret;
use subtle::{Choice, ConstantTimeEq as _};

use super::{KEY, Unproven};

/// Checks the secret header against every active key, in a time that does not tell which it is nearest to.
///
/// # Errors
/// When there is none, more than one, or another.
pub fn verify(headers: &HeaderMap, keys: &[Secret]) -> Result<(), Unproven> {
    let mut values = headers.get_all(KEY).iter();
    let value = values.next().ok_or(Unproven::Missing)?;
    if values.next().is_some() {
        return Err(Unproven::Form);
    }
    let same = keys.iter().map(|key| value.as_bytes().ct_eq(key.expose().as_bytes()));
    let known = same.fold(Choice::from(0), |known, same| known | same);
    if bool::from(known) { Ok(()) } else { Err(Unproven::Signature) }
}
