//! What arrived, in order, with nothing in it that would be a secret in earnest.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::answer::{self, Call};

/// One request that arrived.
#[derive(Clone, Debug, Serialize)]
pub struct Received {
    /// First path segment.
    pub service: String,
    /// HTTP method.
    pub method: String,
    /// The path after the service, with its query.
    pub path: String,
    /// Header names (lower case) and values; those that log somebody in are masked.
    pub headers: Vec<(String, String)>,
    /// The body as text; what logs somebody in is masked.
    pub body: String,
    /// The status answered; none when the answer was lost.
    pub status: Option<u16>,
    /// When, in milliseconds since 1970 by the world's clock.
    pub at_ms: u64,
}

impl Received {
    pub(crate) fn new(call: &Call, status: Option<u16>, at_ms: u64) -> Received {
        let headers = call.headers.iter().map(|(name, value)| {
            let masked = MASKED_HEADERS.contains(&name.as_str());
            let value = if masked { "***" } else { value.to_str().unwrap_or("(not text)") };
            (name.as_str().to_owned(), value.to_owned())
        });
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&call.query).finish();
        Received {
            service: call.service.clone(),
            method: call.method.to_string(),
            path: if query.is_empty() { call.path.clone() } else { format!("{}?{query}", call.path) },
            headers: headers.collect(),
            body: body(call),
            status,
            at_ms,
        }
    }
}

/// What is masked of a form or a JSON object, wherever it is sent: what logs somebody in.
const MASKED: [&str; 7] =
    ["client_secret", "client_assertion", "assertion", "role_id", "secret_id", "jwt", "clientSecret"];
/// Headers that log somebody in.
const MASKED_HEADERS: [&str; 3] = ["authorization", "x-vault-token", "x-amz-security-token"];

fn body(call: &Call) -> String {
    match (call.service.as_str(), serde_json::from_slice::<Map<String, Value>>(&call.body)) {
        ("login" | "google", _) => {
            let fields = answer::form(&call.body).into_iter().map(|(name, value)| {
                let masked = MASKED.contains(&name.as_str());
                (name, if masked { "***".to_owned() } else { value })
            });
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
        }
        ("vault" | "infisical", Ok(mut fields)) => {
            let masked = fields.iter_mut().filter(|(name, _)| MASKED.contains(&name.as_str()));
            masked.for_each(|(_, value)| *value = "***".into());
            Value::Object(fields).to_string()
        }
        _ => String::from_utf8_lossy(&call.body).into_owned(),
    }
}
