//! A gateway's public key, in the one form both APIs give it.

use seal::{GatewayKey, KeyError, Legacy};
use serde_json::Value;

use crate::codec::fields::{self, Unexpected};

/// `publicKey` (Power BI REST, Gateways: `GatewayPublicKey`; Fabric REST, Gateways: `PublicKey`), not yet checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Base64 of the exponent's big-endian bytes.
    pub exponent: String,
    /// Base64 of the modulus's big-endian bytes.
    pub modulus: String,
}

impl PublicKey {
    /// The `publicKey` of a gateway or of a member of one, if it has any.
    pub(super) fn of(holder: &Value) -> Result<Option<Self>, Unexpected> {
        let Some(key) = fields::at(holder, &["publicKey"])? else { return Ok(None) };
        let (exponent, modulus) = (fields::required(key, &["exponent"])?, fields::required(key, &["modulus"])?);
        Ok(Some(Self { exponent, modulus }))
    }

    /// The key, checked.
    ///
    /// # Errors
    /// What makes the key unusable.
    pub fn parse(&self, legacy: Legacy) -> Result<GatewayKey, KeyError> {
        GatewayKey::parse(&self.exponent, &self.modulus, legacy)
    }
}
