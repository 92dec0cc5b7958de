//! RSA signatures checked natively; in the Worker the platform's WebCrypto does it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pbi_rotate::codec::signatures::{RsaKey, Unchecked};
use rsa::{BigUint, Pkcs1v15Sign, RsaPublicKey};
use sha2::{Digest as _, Sha256};

/// Whether that is the key's signature of the message.
pub fn verify(key: &RsaKey, message: &[u8], signature: &[u8]) -> Result<bool, Unchecked> {
    let number = |text: &str| URL_SAFE_NO_PAD.decode(text).map(|bytes| BigUint::from_bytes_be(&bytes));
    let (Ok(modulus), Ok(exponent)) = (number(&key.modulus), number(&key.exponent)) else { return Err(Unchecked) };
    let key = RsaPublicKey::new_with_max_size(modulus, exponent, 8192).map_err(|_| Unchecked)?;
    Ok(key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message), signature).is_ok())
}
