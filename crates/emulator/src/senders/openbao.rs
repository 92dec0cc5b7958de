//! OpenBao's http audit device: one line of the audit log, with the headers that it was set up with.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::post;
use crate::answer::timestamp;
use crate::fields::put;
use crate::scene::{self, VAULT_DATABASE_MOUNT, VAULT_KV_MOUNT};

/// A line.
#[derive(Clone, Debug)]
pub struct OpenBaoAudit {
    /// What the header [`scene::HOOK_KEY_HEADER`] brings; none for no header.
    pub key: Option<String>,
    /// `type`: `request` or `response`.
    pub kind: String,
    /// `request.id`, the same in the request's line and in the response's.
    pub id: String,
    /// `request.operation`.
    pub operation: String,
    /// `request.mount_type`.
    pub mount_type: String,
    /// `request.mount_point`, with a slash at its end.
    pub mount_point: String,
    /// `request.path`.
    pub path: String,
    /// `error`.
    pub error: Option<String>,
    /// `time`, in milliseconds since 1970.
    pub at_ms: u64,
}

impl OpenBaoAudit {
    /// Somebody wrote a secret of the key-value store.
    pub fn kv_written(id: &str, path: &str, at_ms: u64) -> OpenBaoAudit {
        OpenBaoAudit {
            key: Some(scene::HOOK_KEY.to_owned()),
            kind: "response".to_owned(),
            id: id.to_owned(),
            operation: "update".to_owned(),
            mount_type: "kv".to_owned(),
            mount_point: format!("{VAULT_KV_MOUNT}/"),
            path: format!("{VAULT_KV_MOUNT}/data/{path}"),
            error: None,
            at_ms,
        }
    }

    /// Somebody asked for a static role's rotation.
    pub fn role_rotated(id: &str, role: &str, at_ms: u64) -> OpenBaoAudit {
        OpenBaoAudit {
            mount_type: "database".to_owned(),
            mount_point: format!("{VAULT_DATABASE_MOUNT}/"),
            path: format!("{VAULT_DATABASE_MOUNT}/rotate-role/{role}"),
            ..OpenBaoAudit::kv_written(id, "", at_ms)
        }
    }

    /// The request. The device names no content type.
    pub fn post(&self, path: &str) -> Request<Bytes> {
        let digest = "hmac-sha256:7e7508a3745d335d4913a6cb0df838d94a0f912fac1f9c42bd986d05ec971e26";
        let mut line = json!({
            "time": timestamp(self.at_ms),
            "type": self.kind,
            "auth": {"client_token": digest, "display_name": "approle", "policies": ["default", "rotator"]},
            "request": {
                "id": self.id, "operation": self.operation, "mount_point": self.mount_point,
                "mount_type": self.mount_type, "path": self.path, "client_token": digest,
                "data": {"data": {"password": digest}}, "remote_address": "10.4.0.17",
            },
        });
        if self.kind == "response" {
            put(&mut line, "response", json!({"mount_point": self.mount_point, "mount_type": self.mount_type}));
        }
        if let Some(error) = &self.error {
            put(&mut line, "error", Value::from(error.as_str()));
        }
        let headers = self.key.as_deref().map(|key| (scene::HOOK_KEY_HEADER, key));
        post(path, headers.as_slice(), format!("{line}\n"))
    }
}
