//! Google Pub/Sub: what Secret Manager tells of, pushed with a token of Google's.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::post;
use crate::answer::timestamp;
use crate::fields::{merged, put};
use crate::jws::{self, TokenKey};
use crate::scene;

/// How long a token lives, in seconds (Pub/Sub, authentication for push subscriptions: up to one hour).
const TOKEN_LIFE_S: u64 = 3600;

/// A delivery.
#[derive(Clone, Debug)]
pub struct PubSub {
    /// `message.messageId`.
    pub id: String,
    /// `eventType`: `SECRET_VERSION_ADD`, `SECRET_ROTATE`, …
    pub kind: String,
    /// The secret's name in [`scene::GOOGLE_PROJECT_NUMBER`], or a whole `projects/…/secrets/…`.
    pub secret: String,
    /// The version it is about.
    pub version: Option<String>,
    /// `subscription`.
    pub subscription: String,
    /// The key that the token is signed with, and named by in its header.
    pub key: TokenKey,
    /// Fields laid over those of the token's header; `null` takes one away.
    pub header: Value,
    /// Claims laid over the token's own; `null` takes one away.
    pub claims: Value,
    /// When it is sent, in milliseconds since 1970.
    pub now_ms: u64,
}

impl PubSub {
    /// The scene's subscription.
    pub fn honest(id: &str, kind: &str, secret: &str, version: Option<&str>, now_ms: u64) -> PubSub {
        PubSub {
            id: id.to_owned(),
            kind: kind.to_owned(),
            secret: secret.to_owned(),
            version: version.map(str::to_owned),
            subscription: scene::PUB_SUB_SUBSCRIPTION.to_owned(),
            key: TokenKey::Google,
            header: Value::Null,
            claims: Value::Null,
            now_ms,
        }
    }

    /// The token's text.
    pub fn token(&self) -> String {
        let now = self.now_ms / 1000;
        let claims = json!({
            "iss": "https://accounts.google.com", "aud": scene::PUB_SUB_AUDIENCE, "email": scene::PUB_SUB_ACCOUNT,
            "email_verified": true, "iat": now, "exp": now + TOKEN_LIFE_S, "azp": "113774264463038321964",
            "sub": "113774264463038321964",
        });
        let header = merged(&json!({"alg": "RS256", "kid": self.key.kid(), "typ": "JWT"}), &self.header);
        jws::sign(self.key.pem(), &header.to_string(), &merged(&claims, &self.claims).to_string())
    }

    /// The request.
    pub fn post(&self, path: &str) -> Request<Bytes> {
        let at = timestamp(self.now_ms);
        let name = match self.secret.starts_with("projects/") {
            true => self.secret.clone(),
            false => format!("projects/{}/secrets/{}", scene::GOOGLE_PROJECT_NUMBER, self.secret),
        };
        let mut attributes =
            json!({"eventType": self.kind, "dataFormat": "JSON_API_V1", "secretId": name, "timestamp": at});
        let mut resource = name.clone();
        if let Some(version) = &self.version {
            resource = format!("{name}/versions/{version}");
            put(&mut attributes, "versionId", resource.as_str());
        }
        let data = json!({"name": resource, "createTime": at, "state": "ENABLED"});
        let body = json!({
            "message": {
                "attributes": attributes, "data": STANDARD.encode(data.to_string()), "messageId": self.id,
                "message_id": self.id, "publishTime": at, "publish_time": at,
            },
            "subscription": self.subscription,
        });
        let bearer = format!("Bearer {}", self.token());
        let headers =
            [("content-type", "application/json"), ("authorization", &bearer), ("user-agent", "CloudPubSub-Google")];
        post(path, &headers, body.to_string())
    }
}
