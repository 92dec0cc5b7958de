//! A sender of Standard Webhooks 1.0.0, with `v1` (HMAC) and `v1a` (Ed25519) signatures.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use ed25519_dalek::{Signer as _, SigningKey};
use http::Request;
use serde_json::{Value, json};

use super::{SealedValue, mac, post};
use crate::scene;

/// A message.
#[derive(Clone, Debug)]
pub struct StandardWebhook {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`: seconds since 1970, as text.
    pub timestamp: String,
    /// What it is signed with, one signature for each: `whsec_…` makes a `v1`, `whsk_…` a `v1a`.
    pub keys: Vec<String>,
    /// `type`.
    pub kind: String,
    /// `data`.
    pub data: Value,
    /// Signed and sent instead of `type` and `data`.
    pub body: Option<Bytes>,
}

impl StandardWebhook {
    /// The scene's sender tells of something that happened.
    pub fn honest(id: &str, now_ms: u64, kind: &str, data: Value) -> StandardWebhook {
        StandardWebhook {
            id: id.to_owned(),
            timestamp: (now_ms / 1000).to_string(),
            keys: vec![scene::WEBHOOK_SECRET.to_owned()],
            kind: kind.to_owned(),
            data,
            body: None,
        }
    }

    /// The scene's sender tells that a secret has changed.
    pub fn changed(id: &str, now_ms: u64, secret: &str) -> StandardWebhook {
        StandardWebhook::honest(id, now_ms, "secret.changed", json!({"secret": secret}))
    }

    /// The scene's sender brings a value itself, sealed.
    pub fn pushed(id: &str, now_ms: u64, secret: &str, version: &str, value: &SealedValue) -> StandardWebhook {
        let data = json!({"secret": secret, "version": version, "sealed": value.jwe()});
        StandardWebhook::honest(id, now_ms, "secret.pushed", data)
    }

    /// The request.
    pub fn post(&self, path: &str) -> Request<Bytes> {
        let body = self.body.clone().unwrap_or_else(|| {
            Bytes::from(json!({"type": self.kind, "timestamp": self.timestamp, "data": self.data}).to_string())
        });
        let signatures: Vec<String> = self.keys.iter().map(|key| self.signature(key, &body)).collect();
        let headers = [
            ("content-type", "application/json"),
            ("webhook-id", &self.id),
            ("webhook-timestamp", &self.timestamp),
            ("webhook-signature", &signatures.join(" ")),
        ];
        post(path, &headers, body)
    }

    /// One signature, over `{id}.{timestamp}.{body}`; empty for a key of neither kind.
    fn signature(&self, key: &str, body: &[u8]) -> String {
        let decoded = |text: &str| STANDARD.decode(text).unwrap_or_default();
        if let Some(secret) = key.strip_prefix("whsec_") {
            let parts = [self.id.as_bytes(), b".", self.timestamp.as_bytes(), b".", body];
            return format!("v1,{}", STANDARD.encode(mac(&decoded(secret), &parts)));
        }
        // The seed, or the seed and the public key after it.
        let seed = key.strip_prefix("whsk_").map(decoded).and_then(|bytes| Some(*bytes.first_chunk::<32>()?));
        let Some(seed) = seed else { return String::new() };
        let signed = [self.id.as_bytes(), b".", self.timestamp.as_bytes(), b".", body].concat();
        format!("v1a,{}", STANDARD.encode(SigningKey::from_bytes(&seed).sign(&signed).to_bytes()))
    }
}
