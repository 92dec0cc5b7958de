//! Slack's request signature, and the ways in which somebody might get it wrong on purpose.

use std::fmt::Write as _;

use bytes::Bytes;
use hmac::{Hmac, Mac as _};
use http::{HeaderName, HeaderValue, Method, Request, header};
use sha2::Sha256;

use crate::scene;

/// How a request departs from what Slack would send. Nothing set: an honest request.
#[derive(Clone, Debug, Default)]
pub struct Forge {
    /// Signed with this instead of the app's signing secret.
    pub signing_secret: Option<String>,
    /// The timestamp header, verbatim; it is signed too.
    pub timestamp: Option<String>,
    /// Stands before the `=` of the signature instead of `v0`; what is signed stays the same.
    pub version: Option<String>,
    /// Writes the signature in upper case.
    pub uppercase: bool,
    /// Sent in place of the body that was signed.
    pub body: Option<Bytes>,
    /// `api_app_id`.
    pub app_id: Option<String>,
    /// The workspace's id.
    pub team: Option<String>,
    /// The organisation's id.
    pub enterprise: Option<String>,
}

/// `X-Slack-Signature`, version v0: HMAC-SHA256 over `v0:` timestamp `:` body.
pub fn sign(signing_secret: &str, timestamp: &str, body: &[u8]) -> String {
    let mut signature = String::from("v0=");
    // HMAC takes keys of any length: there is no other outcome.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(signing_secret.as_bytes()) {
        mac.update(format!("v0:{timestamp}:").as_bytes());
        mac.update(body);
        for byte in mac.finalize().into_bytes() {
            let _infallible = write!(signature, "{byte:02x}");
        }
    }
    signature
}

/// A signed request with a form for its body.
pub(crate) fn form(path: &str, form: &str, now_ms: u64, forge: &Forge) -> Request<Bytes> {
    request(path, "application/x-www-form-urlencoded", form, now_ms, forge)
}

/// A signed request with JSON for its body.
pub(crate) fn json(path: &str, json: &str, now_ms: u64, forge: &Forge) -> Request<Bytes> {
    request(path, "application/json", json, now_ms, forge)
}

fn request(path: &str, media_type: &str, body: &str, now_ms: u64, forge: &Forge) -> Request<Bytes> {
    let timestamp = forge.timestamp.clone().unwrap_or_else(|| (now_ms / 1000).to_string());
    let secret = forge.signing_secret.as_deref().unwrap_or(scene::SIGNING_SECRET);
    let mut signature = sign(secret, &timestamp, body.as_bytes());
    if forge.uppercase {
        signature = signature.to_uppercase().replace("V0=", "v0=");
    }
    if let Some(version) = &forge.version {
        signature = signature.replacen("v0", version, 1);
    }
    let mut request = Request::new(forge.body.clone().unwrap_or_else(|| Bytes::copy_from_slice(body.as_bytes())));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = path.parse().unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::USER_AGENT, "Slackbot 1.0 (+https://api.slack.com/robots)"),
        (HeaderName::from_static("x-slack-request-timestamp"), &timestamp),
        (HeaderName::from_static("x-slack-signature"), &signature),
    ];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            request.headers_mut().insert(name, value);
        }
    }
    request
}
