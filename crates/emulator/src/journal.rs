//! What arrived, in order, with nothing in it that would be a secret in earnest.

use serde::Serialize;

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
    /// Header names (lower case) and values; the value of `authorization` is masked.
    pub headers: Vec<(String, String)>,
    /// The body as text; the client secret in a token request is masked.
    pub body: String,
    /// The status answered; none when the answer was lost.
    pub status: Option<u16>,
    /// When, in milliseconds since 1970 by the world's clock.
    pub at_ms: u64,
}

impl Received {
    pub(crate) fn new(call: &Call, status: Option<u16>, at_ms: u64) -> Received {
        let headers = call.headers.iter().map(|(name, value)| {
            let masked = name == http::header::AUTHORIZATION;
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

fn body(call: &Call) -> String {
    if call.service != "login" {
        return String::from_utf8_lossy(&call.body).into_owned();
    }
    let fields = answer::form(&call.body).into_iter().map(|(name, value)| {
        let masked = name == "client_secret" || name == "client_assertion";
        (name, if masked { "***".to_owned() } else { value })
    });
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
