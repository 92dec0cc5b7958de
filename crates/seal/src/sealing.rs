//! Chooses the scheme by the size of the key and seals.

use std::fmt;

use rand_core::CryptoRngCore;

use crate::{Credential, GatewayKey, Sealed, Secret, hybrid, key::LEGACY_BITS, segments};

impl GatewayKey {
    /// Encrypts a credential for the holder of this key.
    pub fn seal(&self, credential: &Credential, rng: &mut impl CryptoRngCore) -> Sealed {
        self.encrypt(&credential.to_json(), rng)
    }

    /// Encrypts any text for the holder of this key. Gateways expect what [`Credential::to_json`] writes.
    ///
    /// # Errors
    /// [`SealError::Empty`].
    pub fn seal_text(&self, plaintext: &Secret, rng: &mut impl CryptoRngCore) -> Result<Sealed, SealError> {
        if plaintext.is_empty() { Err(SealError::Empty) } else { Ok(self.encrypt(plaintext, rng)) }
    }

    fn encrypt(&self, plaintext: &Secret, rng: &mut impl CryptoRngCore) -> Sealed {
        // Exposed to the ciphers, which is what this crate is for.
        let plaintext = plaintext.expose().as_bytes();
        Sealed::from_stored(if self.bits() == LEGACY_BITS {
            segments::seal(self, plaintext, rng)
        } else {
            hybrid::seal(self, plaintext, rng)
        })
    }
}

/// Why nothing was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    /// The text is empty; no gateway accepts that.
    Empty,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SealError::Empty => f.write_str("there is nothing to encrypt"),
        }
    }
}

impl std::error::Error for SealError {}
