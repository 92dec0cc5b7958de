//! The public key of a gateway member, checked before anything is trusted to it.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rsa::{BigUint, RsaPublicKey, traits::PublicKeyParts as _};

use crate::Fingerprint;

/// The key size of gateways from before about December 2019, served by another scheme than all others.
pub(crate) const LEGACY_BITS: usize = 1024;
/// What gateways have generated since.
const MIN_BITS: usize = 2048;
/// Twice the largest size seen in use. There is a bound because the numbers come from a service and the work grows
/// with the square of their size; at this one it still takes milliseconds.
const MAX_BITS: usize = 8192;

/// Whether to seal for 1024-bit keys. They are within reach of a well-funded attacker, and no gateway that Microsoft
/// still supports should have one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Legacy {
    /// Refuse 1024-bit keys.
    Refuse,
    /// Seal for 1024-bit keys in the scheme of their time.
    Allow,
}

/// The public key of a gateway member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayKey(pub(crate) RsaPublicKey);

impl GatewayKey {
    /// Reads `publicKey.exponent` and `publicKey.modulus` as the APIs give them: padded standard base64 of unsigned
    /// big-endian bytes (Power BI REST, Gateways: `GatewayPublicKey`; Fabric REST, Gateways: List Gateway Members).
    /// Leading zero bytes are ignored.
    ///
    /// # Errors
    /// [`KeyError`] says what is wrong with the key.
    pub fn parse(exponent_b64: &str, modulus_b64: &str, legacy: Legacy) -> Result<GatewayKey, KeyError> {
        let modulus = decode(modulus_b64, MAX_BITS, KeyError::ModulusBase64, KeyError::ModulusTooLong)?;
        match modulus.bits() {
            LEGACY_BITS if legacy == Legacy::Refuse => return Err(KeyError::LegacyRefused),
            LEGACY_BITS | MIN_BITS.. => {}
            bits => return Err(KeyError::ModulusTooShort { bits }),
        }
        let exponent = decode(exponent_b64, 32, KeyError::ExponentBase64, KeyError::ExponentTooLong)?;
        match RsaPublicKey::new_with_max_size(modulus, exponent, MAX_BITS) {
            Ok(key) => Ok(GatewayKey(key)),
            Err(rsa::Error::InvalidModulus) => Err(KeyError::ModulusEven),
            // The sizes are right by now, which leaves 0, 1 and the even ones.
            Err(_) => Err(KeyError::ExponentUnusable),
        }
    }

    /// The size of the modulus in bits.
    pub fn bits(&self) -> usize {
        self.0.n().bits()
    }

    /// Says whether two keys are the same: a gateway that was reinstalled has a new one.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.0.e().to_bytes_be(), &self.0.n().to_bytes_be())
    }

    /// The size in bytes of the modulus, and of whatever is encrypted under it.
    pub(crate) fn modulus_len(&self) -> usize {
        self.0.size()
    }

    /// Whether these bytes could be something encrypted under this key: as long as the modulus, and the smaller number.
    pub(crate) fn may_have_encrypted(&self, ciphertext: &[u8]) -> bool {
        ciphertext.len() == self.modulus_len() && BigUint::from_bytes_be(ciphertext) < *self.0.n()
    }
}

/// A number of at most `max_bits`, before which a zero byte may stand, as signed encodings put it there.
fn decode(base64: &str, max_bits: usize, malformed: KeyError, too_long: KeyError) -> Result<BigUint, KeyError> {
    if base64.len() > (max_bits / 8 + 1).div_ceil(3) * 4 {
        return Err(too_long);
    }
    let number = STANDARD.decode(base64).map(|bytes| BigUint::from_bytes_be(&bytes)).map_err(|_| malformed)?;
    if number.bits() > max_bits { Err(too_long) } else { Ok(number) }
}

/// Why a gateway's public key is not used. Whoever runs the gateway can act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// The modulus is not padded standard base64.
    ModulusBase64,
    /// The modulus has fewer than 2048 bits, and is not one of the old keys of 1024 either.
    ModulusTooShort {
        /// The bits it has.
        bits: usize,
    },
    /// The modulus has more than 8192 bits.
    ModulusTooLong,
    /// The modulus is even, so it is no product of two primes.
    ModulusEven,
    /// The key has 1024 bits and [`Legacy::Refuse`] was asked for.
    LegacyRefused,
    /// The exponent is not padded standard base64.
    ExponentBase64,
    /// The exponent is 0, 1 or even: with 1 nothing is encrypted, with the others it cannot be undone.
    ExponentUnusable,
    /// The exponent has more than 32 bits.
    ExponentTooLong,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::ModulusBase64 => f.write_str("the modulus of the gateway's public key is not valid base64"),
            KeyError::ModulusTooShort { bits } => {
                write!(f, "the gateway's public key has {bits} bits; gateways have keys of {MIN_BITS} bits or more")
            }
            KeyError::ModulusTooLong => write!(f, "the gateway's public key has more than {MAX_BITS} bits"),
            KeyError::ModulusEven => f.write_str("the modulus of the gateway's public key is an even number"),
            KeyError::LegacyRefused => {
                write!(f, "the gateway's public key has only {LEGACY_BITS} bits; upgrade the gateway")
            }
            KeyError::ExponentBase64 => f.write_str("the exponent of the gateway's public key is not valid base64"),
            KeyError::ExponentUnusable => f.write_str("the exponent of the gateway's public key is 0, 1 or even"),
            KeyError::ExponentTooLong => f.write_str("the exponent of the gateway's public key is too large"),
        }
    }
}

impl std::error::Error for KeyError {}
