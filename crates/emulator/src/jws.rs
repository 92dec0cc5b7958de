//! Tokens signed by RS256: made, checked, and the key sets they are checked with.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey, traits::PublicKeyParts as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A key that Entra or Google may sign a token with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKey {
    /// The tenant's.
    Entra,
    /// The tenant's next one; in its key set after [`crate::World::publish_next_entra_key`].
    EntraNext,
    /// Google's.
    Google,
    /// Google's next one; in its key set after [`crate::World::publish_next_google_key`].
    GoogleNext,
    /// Nobody's: never in a key set.
    Stranger,
}

impl TokenKey {
    /// The name in the key set.
    pub fn kid(self) -> &'static str {
        match self {
            TokenKey::Entra => "2ZQpJ3UpbjAYXYGaXEJl8lV0TOI",
            TokenKey::EntraNext => "k9mTgC1nRr0sVxW4uYhB7dQfLzE",
            TokenKey::Google => "7b0f4e2d91c85a36e4d7f1b2c3a495867d8e9f01",
            TokenKey::GoogleNext => "c1d2e3f4a5b69788796a5b4c3d2e1f00918273a4",
            TokenKey::Stranger => "stranger-1",
        }
    }

    pub(crate) fn pem(self) -> &'static str {
        match self {
            TokenKey::Entra => include_str!("keys/entra-2048.pem"),
            TokenKey::EntraNext => include_str!("keys/cluster-primary-2048.pem"),
            TokenKey::Google => include_str!("keys/google-2048.pem"),
            TokenKey::GoogleNext => include_str!("keys/personal-2048.pem"),
            TokenKey::Stranger => include_str!("keys/replacement-2048.pem"),
        }
    }
}

/// The key set with these keys (RFC 7517).
pub(crate) fn key_set(keys: &[TokenKey]) -> Value {
    json!({"keys": keys.iter().map(|key| listed(key.pem(), key.kid())).collect::<Vec<_>>()})
}

/// A private key of this crate (PKCS#8 PEM).
#[expect(clippy::expect_used, reason = "the keys are part of this crate")]
pub(crate) fn private(pem: &str) -> RsaPrivateKey {
    RsaPrivateKey::from_pkcs8_pem(pem).expect("a private key of the standard scene")
}

/// The public half of a private key, as a key set lists it.
pub(crate) fn listed(pem: &str, kid: &str) -> Value {
    let key = private(pem);
    json!({
        "kty": "RSA",
        "use": "sig",
        "kid": kid,
        "n": URL_SAFE_NO_PAD.encode(key.n().to_bytes_be()),
        "e": URL_SAFE_NO_PAD.encode(key.e().to_bytes_be()),
    })
}

/// A token of this header and these claims, both as JSON text, signed by RS256 whatever the header says (RFC 7515, 7.1).
pub(crate) fn sign(pem: &str, header: &str, claims: &str) -> String {
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let digest = Sha256::digest(signed.as_bytes());
    // A key of 2048 bits has room for any digest: there is no other outcome.
    let signature = private(pem).sign(Pkcs1v15Sign::new::<Sha256>(), &digest).unwrap_or_default();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The claims of a token, if it is signed by RS256 with that key and its header says so.
pub(crate) fn claims(key: &RsaPublicKey, token: &str) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let json = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    if json(header)?.get("alg")? != "RS256" {
        return None;
    }
    let digest = Sha256::digest(signed.as_bytes());
    key.verify(Pkcs1v15Sign::new::<Sha256>(), &digest, &URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    json(claims)
}
