//! Infisical's webhooks.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::{mac, post};
use crate::answer::hex;
use crate::fields::merged;
use crate::scene;

/// A message.
#[derive(Clone, Debug)]
pub struct Infisical {
    /// What it is signed with.
    pub key: String,
    /// `event`: `secrets.modified`, `secrets.rotation-failed`, `test`.
    pub event: String,
    /// Fields laid over those of `project`; `null` takes one away.
    pub project: Value,
    /// `timestamp` in the body, which is signed, in milliseconds since 1970.
    pub timestamp_ms: u64,
    /// The time in the header, which is not; that of the body unless told.
    pub header_ms: Option<u64>,
    /// Signed and sent instead of all that.
    pub raw: Option<Bytes>,
}

impl Infisical {
    /// Something of the scene's folder.
    pub fn honest(event: &str, at_ms: u64) -> Infisical {
        Infisical {
            key: scene::INFISICAL_SIGNING_KEY.to_owned(),
            event: event.to_owned(),
            project: Value::Null,
            timestamp_ms: at_ms,
            header_ms: None,
            raw: None,
        }
    }

    /// The request.
    pub fn post(&self, path: &str) -> Request<Bytes> {
        let project = json!({
            "workspaceId": scene::INFISICAL_PROJECT, "projectId": scene::INFISICAL_PROJECT,
            "projectName": "Warehouse", "environment": scene::INFISICAL_ENVIRONMENT, "environmentName": "Production",
            "secretPath": scene::INFISICAL_FOLDER, "changedBy": "ana@contoso.example", "changedByActorType": "user",
        });
        let project = merged(&project, &self.project);
        let body = json!({"event": self.event, "project": project, "timestamp": self.timestamp_ms}).to_string();
        let body = self.raw.clone().unwrap_or_else(|| Bytes::from(body));
        let time = self.header_ms.unwrap_or(self.timestamp_ms);
        let signature = format!("t={time};{}", hex(&mac(self.key.as_bytes(), &[&body])));
        post(path, &[("content-type", "application/json"), ("x-infisical-signature", &signature)], body)
    }
}
