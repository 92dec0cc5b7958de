//! Doppler's webhooks.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::{mac, post};
use crate::answer::{hex, timestamp};
use crate::scene;

/// A message.
#[derive(Clone, Debug)]
pub struct Doppler {
    /// What it is signed with.
    pub key: String,
    /// The body.
    pub body: Value,
    /// Signed and sent instead of the body.
    pub raw: Option<Bytes>,
}

impl Doppler {
    /// Secrets of the scene's config have changed.
    pub fn updated(secrets: &[&str], at_ms: u64) -> Doppler {
        let body = json!({
            "type": "config.secrets.update",
            "diff": {"added": [], "removed": [], "updated": secrets},
            "config": {
                "name": scene::DOPPLER_CONFIG, "environment": scene::DOPPLER_CONFIG,
                "project": scene::DOPPLER_PROJECT, "created_at": timestamp(at_ms),
            },
            "project": {"id": scene::DOPPLER_PROJECT, "name": scene::DOPPLER_PROJECT},
            "workplace": {"id": "b8d29c0f1e", "name": "Contoso"},
        });
        Doppler { key: scene::DOPPLER_SIGNING_KEY.to_owned(), body, raw: None }
    }

    /// The request.
    pub fn post(&self, path: &str) -> Request<Bytes> {
        let body = self.raw.clone().unwrap_or_else(|| Bytes::from(self.body.to_string()));
        let signature = format!("sha256={}", hex(&mac(self.key.as_bytes(), &[&body])));
        post(path, &[("content-type", "application/json"), ("x-doppler-signature", &signature)], body)
    }
}
