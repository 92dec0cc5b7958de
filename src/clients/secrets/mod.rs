//! What is read from secret managers, whichever it is.

pub mod aws;
pub mod doppler;
mod exchange;
pub mod google;
pub mod infisical;
mod jwt;
pub mod key_vault;
mod sigv4;
pub mod subscription;
pub mod vault;
pub mod vault_login;

use seal::Secret;

use crate::codec::wiped::Wiped;
use crate::domain::source::Version;
use crate::domain::time::Timestamp;

pub use sigv4::AwsKey;

/// A secret as it is now, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its current version.
    pub version: Version,
    /// When that expires, where the manager says so.
    pub expires: Option<Timestamp>,
    /// When the manager itself changes it next, where it says so.
    pub next: Option<Timestamp>,
}

/// Which value of a secret is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The current one.
    Current,
    /// The one before it.
    Previous,
}

/// A version of a secret with its value.
pub struct Fetched {
    /// The version that was read.
    pub version: Version,
    /// Its value.
    pub content: Content,
    /// Its tags, which are not secret.
    pub tags: Vec<(String, String)>,
}

/// The value of a secret.
pub enum Content {
    /// One text, which may be the JSON of several values.
    Text(Secret),
    /// Several values by name.
    Fields(Wiped),
}
