//! Chooses the scheme by the size of the key and seals.

use std::fmt;

use rand_core::CryptoRngCore;

use crate::{Credential, GatewayKey, Sealed, Secret, hybrid, key::LEGACY_BITS, segments};

impl GatewayKey {
    /// Encrypts a credential for the holder of this key.
    ///
    /// # Errors
    /// [`SealError::Rsa`].
    pub fn seal(&self, credential: &Credential, rng: &mut impl CryptoRngCore) -> Result<Sealed, SealError> {
        self.seal_text(&credential.to_json(), rng)
    }

    /// Encrypts any text for the holder of this key. Gateways expect what [`Credential::to_json`] writes.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn seal_text(&self, plaintext: &Secret, rng: &mut impl CryptoRngCore) -> Result<Sealed, SealError> {
        if plaintext.is_empty() {
            return Err(SealError::Empty);
        }
        // Exposed to the ciphers, which is what this crate is for.
        let plaintext = plaintext.expose().as_bytes();
        let sealed = if self.bits() == LEGACY_BITS {
            segments::seal(self, plaintext, rng)
        } else {
            hybrid::seal(self, plaintext, rng)
        };
        sealed.map(Sealed::from_stored).map_err(|_| SealError::Rsa)
    }
}

/// Why nothing was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    /// The text is empty; no gateway accepts that.
    Empty,
    /// The RSA operation failed. No key that [`GatewayKey::parse`] accepts is known to do so.
    Rsa,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SealError::Empty => "there is nothing to encrypt",
            SealError::Rsa => "encrypting under the gateway's public key failed; read the key from the service again",
        })
    }
}

impl std::error::Error for SealError {}
