//! Public-key cryptography done natively; in the Worker the platform's WebCrypto does it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pbi_rotate::codec::signatures::{Hash, PrivateKey, RsaKey, Signatures, Unchecked};
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{BigUint, Oaep, Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The platform, when it is this process.
pub struct Native;

impl Signatures for Native {
    async fn verify_rsa(&self, key: &RsaKey, hash: Hash, message: &[u8], signature: &[u8]) -> Result<bool, Unchecked> {
        let number = |text: &str| URL_SAFE_NO_PAD.decode(text).map(|bytes| BigUint::from_bytes_be(&bytes));
        let (Ok(modulus), Ok(exponent)) = (number(&key.modulus), number(&key.exponent)) else { return Err(Unchecked) };
        let key = RsaPublicKey::new_with_max_size(modulus, exponent, 8192).map_err(|_| Unchecked)?;
        Ok(match hash {
            Hash::Sha1 => key.verify(Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(message), signature),
            Hash::Sha256 => key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message), signature),
        }
        .is_ok())
    }

    async fn verify_ed25519(&self, key: &[u8; 32], message: &[u8], signature: &[u8]) -> Result<bool, Unchecked> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(key).map_err(|_| Unchecked)?;
        let signature = ed25519_dalek::Signature::from_slice(signature);
        Ok(signature.is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()))
    }

    async fn sign_rs256(&self, key: &PrivateKey, message: &[u8]) -> Result<Vec<u8>, Unchecked> {
        let key = RsaPrivateKey::from_pkcs8_der(&key.0).map_err(|_| Unchecked)?;
        key.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message)).map_err(|_| Unchecked)
    }

    async fn open_oaep(&self, key: &PrivateKey, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unchecked> {
        let key = RsaPrivateKey::from_pkcs8_der(&key.0).map_err(|_| Unchecked)?;
        key.decrypt(Oaep::new::<Sha256>(), sealed).map(Zeroizing::new).map_err(|_| Unchecked)
    }

    async fn public_rsa(&self, key: &PrivateKey) -> Result<RsaKey, Unchecked> {
        let key = RsaPrivateKey::from_pkcs8_der(&key.0).map_err(|_| Unchecked)?;
        let text = |number: &BigUint| URL_SAFE_NO_PAD.encode(number.to_bytes_be());
        Ok(RsaKey { modulus: text(key.n()), exponent: text(key.e()) })
    }
}
