//! A value sealed to the bot's public key: a JWE in compact form (RFC 7516), written apart from the bot's own.

use aes_gcm::aead::{AeadInPlace as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand_chacha::{ChaCha20Rng, rand_core::RngCore as _, rand_core::SeedableRng as _};
use rsa::{BigUint, Oaep, RsaPublicKey};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::Sha256;

use crate::fields::{merged, text};
use crate::jws;

/// What is sealed, and how.
#[derive(Clone, Debug)]
pub struct SealedValue {
    /// The public key as the bot hands it out (RFC 7517).
    pub key: Value,
    /// The value.
    pub value: Vec<u8>,
    /// Fields laid over those of the protected header; `null` takes one away.
    pub header: Value,
    /// Wraps the content's key by OAEP with SHA-1 instead of SHA-256, whatever the header says.
    pub sha1: bool,
    /// Where the content's key, the nonce and OAEP's padding come from.
    pub seed: [u8; 32],
}

impl SealedValue {
    /// A value sealed as the bot wants it: `RSA-OAEP-256` and `A256GCM`.
    pub fn honest(key: &Value, value: &str, seed: [u8; 32]) -> SealedValue {
        SealedValue { key: key.clone(), value: value.as_bytes().to_vec(), header: Value::Null, sha1: false, seed }
    }

    /// The public half of a private key (PKCS#8 PEM), as a JWK.
    pub fn public_key(pem: &str) -> Value {
        merged(&jws::listed(pem, ""), &json!({"use": "enc", "alg": "RSA-OAEP-256", "kid": null}))
    }

    /// The JWE; empty when the key is none, or too short.
    pub fn jwe(&self) -> String {
        self.sealed().unwrap_or_default()
    }

    fn sealed(&self) -> Option<String> {
        let number = |name: &str| Some(BigUint::from_bytes_be(&URL_SAFE_NO_PAD.decode(text(&self.key, name)).ok()?));
        let recipient = RsaPublicKey::new(number("n")?, number("e")?).ok()?;
        let mut random = ChaCha20Rng::from_seed(self.seed);
        let (mut content_key, mut nonce) = ([0; 32], [0; 12]);
        random.fill_bytes(&mut content_key);
        random.fill_bytes(&mut nonce);
        let padding = if self.sha1 { Oaep::new::<Sha1>() } else { Oaep::new::<Sha256>() };
        let wrapped = recipient.encrypt(&mut random, padding, &content_key).ok()?;

        let own = merged(&json!({"alg": "RSA-OAEP-256", "enc": "A256GCM"}), &json!({"kid": self.key.get("kid")}));
        let protected = URL_SAFE_NO_PAD.encode(merged(&own, &self.header).to_string());
        let mut content = self.value.clone();
        let cipher = Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(&content_key));
        let sealed = cipher.encrypt_in_place_detached(Nonce::from_slice(&nonce), protected.as_bytes(), &mut content);
        let [wrapped, nonce, content, tag] =
            [&wrapped[..], &nonce, &content, &sealed.ok()?].map(|part| URL_SAFE_NO_PAD.encode(part));
        Some(format!("{protected}.{wrapped}.{nonce}.{content}.{tag}"))
    }
}
