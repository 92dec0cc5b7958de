//! Lets a browser seal: names and bytes from JavaScript in, ciphertext as text out.
//!
//! Conversions only. Secrets come in as UTF-8 bytes, not as strings: the caller can wipe its copy, and the one in Wasm's
//! memory becomes a [`Secret`] without being copied again.

mod randomness;

use rand_core::CryptoRngCore;
use seal::{GatewayKey, Legacy, Secret};
use wasm_bindgen::prelude::{JsError, wasm_bindgen};
use zeroize::Zeroize as _;

use randomness::Platform;

/// The public key of a gateway member.
#[wasm_bindgen]
pub struct Key(GatewayKey);

#[wasm_bindgen]
impl Key {
    /// As [`GatewayKey::parse`], and fails as that does. `legacy` allows keys of 1024 bits.
    #[wasm_bindgen(constructor)]
    pub fn new(exponent: &str, modulus: &str, legacy: bool) -> Result<Key, JsError> {
        let legacy = if legacy { Legacy::Allow } else { Legacy::Refuse };
        Ok(Key(GatewayKey::parse(exponent, modulus, legacy)?))
    }

    /// The size of the modulus in bits.
    pub fn bits(&self) -> usize {
        self.0.bits()
    }

    /// What [`GatewayKey::fingerprint`] prints.
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint().to_string()
    }

    /// Seals with the browser's own randomness.
    pub fn seal(&self, credential: &Credential) -> String {
        self.seal_with(credential, &mut Platform)
    }
}

impl Key {
    /// Seals a credential for the holder of this key.
    pub fn seal_with(&self, credential: &Credential, rng: &mut impl CryptoRngCore) -> String {
        self.0.seal(&credential.0, rng).as_str().to_owned()
    }
}

/// A whole credential, wiped when it is freed. One function for each kind; each fails only on bytes that are not UTF-8.
#[wasm_bindgen]
pub struct Credential(seal::Credential);

#[wasm_bindgen]
impl Credential {
    /// `Anonymous`, and `WindowsWithoutImpersonation`: nothing is secret.
    pub fn anonymous() -> Credential {
        Credential(seal::Credential::Anonymous)
    }

    /// `Basic` and `Windows`, whose plaintexts are alike.
    pub fn password(username: String, password: Vec<u8>) -> Result<Credential, JsError> {
        Ok(Credential(seal::Credential::Basic { username, password: secret(password)? }))
    }

    /// `Key`.
    pub fn key(key: Vec<u8>) -> Result<Credential, JsError> {
        Ok(Credential(seal::Credential::Key { key: secret(key)? }))
    }

    /// `OAuth2`.
    pub fn access_token(token: Vec<u8>) -> Result<Credential, JsError> {
        Ok(Credential(seal::Credential::OAuth2 { access_token: secret(token)? }))
    }

    /// `SAS`.
    pub fn token(token: Vec<u8>) -> Result<Credential, JsError> {
        Ok(Credential(seal::Credential::Sas { token: secret(token)? }))
    }

    /// `ServicePrincipal`.
    pub fn service_principal(tenant_id: String, client_id: String, bytes: Vec<u8>) -> Result<Credential, JsError> {
        Ok(Credential(seal::Credential::ServicePrincipal { tenant_id, client_id, secret: secret(bytes)? }))
    }

    /// `KeyPair`; without bytes there is no passphrase.
    pub fn key_pair(identifier: String, key: Vec<u8>, passphrase: Option<Vec<u8>>) -> Result<Credential, JsError> {
        let (private_key, passphrase) = (secret(key)?, passphrase.map(secret).transpose()?);
        Ok(Credential(seal::Credential::KeyPair { identifier, private_key, passphrase }))
    }
}

/// The same memory, not a copy.
fn secret(bytes: Vec<u8>) -> Result<Secret, JsError> {
    String::from_utf8(bytes).map(Secret::new).map_err(|error| {
        error.into_bytes().zeroize();
        JsError::new("a secret is not UTF-8")
    })
}
