//! A gateway's public key, in the one form both APIs give it.

use seal::{GatewayKey, KeyError, Legacy};
use serde::Deserialize;

/// `publicKey` (Power BI REST, Gateways: `GatewayPublicKey`; Fabric REST, Gateways: `PublicKey`), not yet checked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PublicKey {
    /// Base64 of the exponent's big-endian bytes.
    pub exponent: String,
    /// Base64 of the modulus's big-endian bytes.
    pub modulus: String,
}

impl PublicKey {
    /// The key, checked.
    ///
    /// # Errors
    /// What makes the key unusable.
    pub fn parse(&self, legacy: Legacy) -> Result<GatewayKey, KeyError> {
        GatewayKey::parse(&self.exponent, &self.modulus, legacy)
    }
}
