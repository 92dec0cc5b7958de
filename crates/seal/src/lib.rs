//! Encrypts credentials so that only one on-premises data gateway can read them.
//!
//! Power BI and Fabric store the credentials of on-premises data sources encrypted under a public key of the gateway.
//! The caller does the encrypting: [`GatewayKey::parse`] takes the key as the APIs give it, [`GatewayKey::seal`]
//! gives the text for the field `credentials` (Power BI) or `encryptedCredentials` (Fabric). Every member of a
//! gateway cluster has its own key.
//!
//! The crate knows no network, clock or platform. It runs natively, in a Worker and in a browser, and takes
//! randomness as an argument. Best effort is made to wipe secrets from memory; the stack is beyond its reach.
//!
//! ```
//! use seal::{Credential, GatewayKey, KeyError, Legacy, Sealed, Secret};
//!
//! fn seal_for(exponent: &str, modulus: &str, rng: &mut impl rand_core::CryptoRngCore) -> Result<Sealed, KeyError> {
//!     let key = GatewayKey::parse(exponent, modulus, Legacy::Refuse)?;
//!     let password = Secret::new("correct horse".to_owned());
//!     let credential = Credential::Basic { username: "svc_sales".to_owned(), password };
//!     Ok(key.seal(&credential, rng))
//! }
//! ```

#![forbid(unsafe_code)]

mod credential;
mod fingerprint;
mod hybrid;
mod json;
mod key;
mod oaep;
mod rsaep;
mod sealed;
mod sealing;
mod secret;
mod segments;

pub use credential::Credential;
pub use fingerprint::Fingerprint;
pub use key::{GatewayKey, KeyError, Legacy};
pub use sealed::{Sealed, ShapeError};
pub use sealing::SealError;
pub use secret::Secret;
