//! The secret header of senders that sign nothing, against every active key.

use seal::Secret;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

use super::{KEY, Post, Unproven};

/// Whether the post brings one of the keys. All are tried, whichever it is; hashed first, so that the time tells nothing
/// of a length either.
///
/// # Errors
/// When it brings none, two, or another one, or there are no keys to compare with.
pub fn verify(post: Post<'_>, keys: &[Secret]) -> Result<(), Unproven> {
    let given = Sha256::digest(post.header(KEY.as_str())?);
    if keys.is_empty() || keys.iter().any(Secret::is_empty) {
        return Err(Unproven::Unchecked);
    }
    // Exposed to be hashed.
    let same = |key: &Secret| Sha256::digest(key.expose()).ct_eq(&given);
    let proven = keys.iter().map(same).fold(Choice::from(0), |proven, same| proven | same);
    if bool::from(proven) { Ok(()) } else { Err(Unproven::Signature) }
}
