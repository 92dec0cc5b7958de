//! A request as Teams sends it, to be spoiled in one place, and what becomes of it.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use emulator::teams::{SigningKey, key_set, sign};
use http::HeaderMap;
use pbi_rotate::codec::jwks::{self, KeySet};
use pbi_rotate::codec::jwt::Presented;
use pbi_rotate::codec::proof::Verified;
use pbi_rotate::codec::signatures::{Hash, PrivateKey, RsaKey, Signatures, Unchecked};
use pbi_rotate::codec::teams::token::{self, Parties, TokenError};
use pbi_rotate::codec::wiped::Wiped;
use pbi_rotate::domain::names::Guid;
use pbi_rotate::domain::time::Timestamp;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::cryptography::Native;

pub const APP: &str = "2f0a1d3b-6c7e-4f89-9a0b-1c2d3e4f5a6b";
pub const ISSUER: &str = "https://api.botframework.com";
pub const TENANT: &str = "4a7c8ac1-2f56-4c0c-9d6a-6a0f8a3b6b10";
pub const SERVICE: &str = "https://smba.trafficmanager.net/emea/4a7c8ac1-2f56-4c0c-9d6a-6a0f8a3b6b10/";
/// 2026-11-21 18:30 UTC.
pub const NOW: i64 = 1_795_285_800;

/// The platform of the tests.
pub struct Platform {
    /// Whether it cannot check anything.
    pub broken: bool,
}

impl Signatures for Platform {
    async fn verify_rsa(&self, key: &RsaKey, hash: Hash, message: &[u8], signature: &[u8]) -> Result<bool, Unchecked> {
        if self.broken { Err(Unchecked) } else { Native.verify_rsa(key, hash, message, signature).await }
    }

    async fn verify_ed25519(&self, _: &[u8; 32], _: &[u8], _: &[u8]) -> Result<bool, Unchecked> {
        Err(Unchecked)
    }

    async fn sign_rs256(&self, _: &PrivateKey, _: &[u8]) -> Result<Vec<u8>, Unchecked> {
        Err(Unchecked)
    }

    async fn open_oaep(&self, _: &PrivateKey, _: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unchecked> {
        Err(Unchecked)
    }

    async fn public_rsa(&self, _: &PrivateKey) -> Result<RsaKey, Unchecked> {
        Err(Unchecked)
    }
}

/// A request, good as it comes.
pub struct Sent {
    pub header: Value,
    pub claims: Value,
    /// Instead of what `claims` says: text that a JSON value cannot be.
    pub claims_text: Option<String>,
    pub header_text: Option<String>,
    pub key: SigningKey,
    pub body: String,
    /// What becomes of the signed token.
    pub token: fn(String) -> String,
    /// What becomes of the value of the header.
    pub value: fn(String) -> String,
    /// How often the header is there.
    pub times: usize,
    pub broken: bool,
}

impl Default for Sent {
    fn default() -> Self {
        let (begins, ends) = (NOW - 60, NOW + 3540);
        Self {
            header: json!({"alg": "RS256", "kid": SigningKey::First.kid(), "typ": "JWT"}),
            claims: json!({"serviceurl": SERVICE, "nbf": begins, "exp": ends, "iss": ISSUER, "aud": APP}),
            claims_text: None,
            header_text: None,
            key: SigningKey::First,
            body: json!({"type": "message", "channelId": "msteams", "serviceUrl": SERVICE, "id": "1"}).to_string(),
            token: |token| token,
            value: |value| value,
            times: 1,
            broken: false,
        }
    }
}

impl Sent {
    /// What becomes of it.
    pub fn judged(&self) -> Result<Verified<Wiped>, TokenError> {
        let header = self.header_text.clone().unwrap_or_else(|| self.header.to_string());
        let claims = self.claims_text.clone().unwrap_or_else(|| self.claims.to_string());
        let token = (self.token)(sign(self.key, &header, &claims));
        let mut headers = HeaderMap::new();
        for _ in 0..self.times {
            let value = (self.value)(format!("Bearer {token}"));
            headers.append("authorization", value.parse().expect("a header"));
        }
        let presented = Presented::read(&headers)?;
        let app = Guid::parse(APP).expect("a GUID");
        let parties = Parties { issuer: ISSUER, app: &app };
        let now = Timestamp::from_secs(NOW);
        let platform = Platform { broken: self.broken };
        run(token::verify(presented, self.body.as_bytes(), &known(), parties, now, &platform))
    }
}

/// The keys that the bot holds.
pub fn known() -> KeySet {
    let keys = [SigningKey::First, SigningKey::WebChat, SigningKey::Unendorsed];
    jwks::read(&key_set(&keys)).expect("a key set")
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here keeps anybody waiting"),
    }
}
