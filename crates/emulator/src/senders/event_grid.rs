//! Azure Event Grid: events of a vault in either schema, one or a batch, and the handshakes of both.

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};

use super::post;
use crate::answer::timestamp;
use crate::fields::{merged, put};
use crate::jws::{self, TokenKey};
use crate::scene;

/// How long a token of Event Grid lives, in seconds: a day, as published samples show.
const TOKEN_LIFE_S: u64 = 24 * 3600;
/// The origin that CloudEvents' handshake names (Event Grid, CloudEvents v1.0 schema: endpoint validation).
const ORIGIN: &str = "eventgrid.azure.net";

/// The form of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventGridSchema {
    /// Event Grid's own.
    EventGrid,
    /// CloudEvents 1.0.
    CloudEvents,
}

/// Which form of Entra's tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenVersion {
    /// Issuer `sts.windows.net`, the caller in `appid`.
    V1,
    /// Issuer `login.microsoftonline.com`, the caller in `azp`.
    V2,
}

/// What Entra signs for Event Grid.
#[derive(Clone, Debug)]
pub struct EntraToken {
    /// The form of the claims.
    pub version: TokenVersion,
    /// The key it is signed with, and named by in the header.
    pub key: TokenKey,
    /// Fields laid over those of the header; `null` takes one away.
    pub header: Value,
    /// Claims laid over its own; `null` takes one away.
    pub claims: Value,
}

/// How a delivery proves itself.
#[derive(Clone, Debug)]
pub enum EventGridProof {
    /// By a token of Entra.
    Entra(EntraToken),
    /// By a header with a secret: [`scene::HOOK_KEY_HEADER`] and this.
    Header(String),
    /// Not at all.
    Nothing,
}

/// One event of a secret.
#[derive(Clone, Debug)]
pub struct SecretEvent {
    /// `id`.
    pub id: String,
    /// `eventType` or `type`.
    pub kind: String,
    /// `topic` or `source`.
    pub topic: String,
    /// `subject` and `data.ObjectName`.
    pub secret: String,
    /// `data.Version`.
    pub version: String,
    /// `data.VaultName`.
    pub vault: String,
    /// The host of `data.Id`.
    pub host: String,
    /// `data.NBF` and `data.EXP`, whatever their JSON type.
    pub nbf: Value,
    /// See `nbf`.
    pub exp: Value,
    /// `eventTime` or `time`, in milliseconds since 1970.
    pub at_ms: u64,
    /// Writes blanks where Microsoft's own sample has them: after the key `ObjectName` and before the version.
    pub blanks: bool,
}

impl SecretEvent {
    /// `Microsoft.KeyVault.SecretNewVersionCreated` of the scene's vault.
    pub fn new_version(id: &str, secret: &str, version: &str, at_ms: u64) -> SecretEvent {
        SecretEvent {
            id: id.to_owned(),
            kind: "Microsoft.KeyVault.SecretNewVersionCreated".to_owned(),
            topic: scene::KEY_VAULT_TOPIC.to_owned(),
            secret: secret.to_owned(),
            version: version.to_owned(),
            vault: scene::KEY_VAULT.to_owned(),
            host: format!("{}.vault.azure.net", scene::KEY_VAULT),
            nbf: Value::Null,
            exp: Value::Null,
            at_ms,
            blanks: false,
        }
    }

    fn written(&self, schema: EventGridSchema) -> Value {
        let (name, blank) = if self.blanks { ("ObjectName ", " ") } else { ("ObjectName", "") };
        let data = json!({
            "Id": format!("https://{}/secrets/{}/{}", self.host, self.secret, self.version),
            "VaultName": self.vault,
            "ObjectType": "Secret",
            name: self.secret,
            "Version": format!("{blank}{}", self.version),
            "NBF": self.nbf,
            "EXP": self.exp,
        });
        let event = json!({"id": self.id, "subject": self.secret, "data": data});
        let own = match schema {
            EventGridSchema::EventGrid => json!({
                "topic": self.topic, "eventType": self.kind, "eventTime": timestamp(self.at_ms),
                "dataVersion": "1", "metadataVersion": "1",
            }),
            EventGridSchema::CloudEvents => json!({
                "source": self.topic, "type": self.kind, "time": timestamp(self.at_ms), "specversion": "1.0",
            }),
        };
        merged(&event, &own)
    }
}

/// A delivery.
#[derive(Clone, Debug)]
pub struct EventGrid {
    /// The form of its events.
    pub schema: EventGridSchema,
    /// How it proves itself.
    pub proof: EventGridProof,
    /// The events; more than one is a batch.
    pub events: Vec<SecretEvent>,
    /// `aeg-subscription-name`.
    pub subscription: String,
    /// `aeg-delivery-count`.
    pub delivery_count: u32,
    /// When it is sent, in milliseconds since 1970.
    pub now_ms: u64,
}

impl EntraToken {
    /// A token of the scene's tenant for the scene's webhook.
    pub fn honest(version: TokenVersion) -> EntraToken {
        EntraToken { version, key: TokenKey::Entra, header: Value::Null, claims: Value::Null }
    }

    /// The token's text.
    pub fn text(&self, now_ms: u64) -> String {
        let (now, tenant) = (now_ms / 1000, scene::TENANT_ID);
        let mut claims = json!({
            "aud": scene::EVENT_GRID_AUDIENCE, "tid": tenant, "iat": now, "nbf": now, "exp": now + TOKEN_LIFE_S,
            "roles": [scene::EVENT_GRID_ROLE], "oid": "c1f0b2d4-5e6a-4798-8b9c-0d1e2f3a4b5c",
            "sub": "c1f0b2d4-5e6a-4798-8b9c-0d1e2f3a4b5c",
        });
        let (issuer, caller, version) = match self.version {
            TokenVersion::V1 => (format!("https://sts.windows.net/{tenant}/"), "appid", "1.0"),
            TokenVersion::V2 => (format!("https://login.microsoftonline.com/{tenant}/v2.0"), "azp", "2.0"),
        };
        put(&mut claims, "iss", issuer);
        put(&mut claims, caller, scene::EVENT_GRID_APP_ID);
        put(&mut claims, "ver", version);
        let header = merged(&json!({"typ": "JWT", "alg": "RS256", "kid": self.key.kid()}), &self.header);
        jws::sign(self.key.pem(), &header.to_string(), &merged(&claims, &self.claims).to_string())
    }
}

impl EventGrid {
    /// The scene's event subscription, with a token of the first version.
    pub fn honest(schema: EventGridSchema, events: Vec<SecretEvent>, now_ms: u64) -> EventGrid {
        EventGrid {
            schema,
            proof: EventGridProof::Entra(EntraToken::honest(TokenVersion::V1)),
            events,
            subscription: scene::EVENT_GRID_SUBSCRIPTION.to_uppercase(),
            delivery_count: 0,
            now_ms,
        }
    }

    /// The request.
    pub fn post(&self, path: &str) -> Request<Bytes> {
        let written: Vec<Value> = self.events.iter().map(|event| event.written(self.schema)).collect();
        let (media_type, body) = match (self.schema, written.as_slice()) {
            (EventGridSchema::EventGrid, _) => ("application/json; charset=utf-8", Value::from(written)),
            (EventGridSchema::CloudEvents, [event]) => ("application/cloudevents+json; charset=utf-8", event.clone()),
            (EventGridSchema::CloudEvents, _) => {
                ("application/cloudevents-batch+json; charset=utf-8", Value::from(written))
            }
        };
        self.send(path, "Notification", media_type, &body)
    }

    /// The handshake of Event Grid's own schema: an event of its own kind, whose code is to be answered.
    pub fn validation(&self, path: &str, code: &str, url: &str) -> Request<Bytes> {
        let event = json!([{
            "id": "2d1781af-3a4c-4d7c-bd0c-e34b19da4e66",
            "topic": scene::KEY_VAULT_TOPIC,
            "subject": "",
            "data": {"validationCode": code, "validationUrl": url},
            "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
            "eventTime": timestamp(self.now_ms),
            "metadataVersion": "1",
            "dataVersion": "1",
        }]);
        self.send(path, "SubscriptionValidation", "application/json; charset=utf-8", &event)
    }

    fn send(&self, path: &str, kind: &str, media_type: &str, body: &Value) -> Request<Bytes> {
        let count = self.delivery_count.to_string();
        let proof = match &self.proof {
            EventGridProof::Entra(token) => Some(("authorization", format!("Bearer {}", token.text(self.now_ms)))),
            EventGridProof::Header(key) => Some((scene::HOOK_KEY_HEADER, key.clone())),
            EventGridProof::Nothing => None,
        };
        let mut headers = vec![
            ("content-type", media_type),
            ("aeg-event-type", kind),
            ("aeg-subscription-name", &self.subscription),
            ("aeg-delivery-count", &count),
        ];
        match self.schema {
            EventGridSchema::EventGrid => headers.extend([("aeg-data-version", "1"), ("aeg-metadata-version", "1")]),
            EventGridSchema::CloudEvents => headers.push(("webhook-request-origin", ORIGIN)),
        }
        headers.extend(proof.iter().map(|(name, value)| (*name, value.as_str())));
        post(path, &headers, body.to_string())
    }
}

/// CloudEvents' handshake: `OPTIONS` on the address, by this origin; Event Grid's own unless told.
pub fn handshake_options(path: &str, origin: Option<&str>) -> Request<Bytes> {
    let headers = [("webhook-request-origin", origin.unwrap_or(ORIGIN)), ("webhook-request-rate", "120")];
    let mut request = post(path, &headers, Bytes::new());
    *request.method_mut() = Method::OPTIONS;
    request
}
