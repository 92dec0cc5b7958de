//! One request taken apart, and the few ways an answer is put together.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header::CONTENT_TYPE};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A request as the services read it: the path without the service's own first segment.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) service: String,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Scheme and authority the caller used, for the absolute addresses some answers carry.
    pub(crate) base: String,
}

impl Call {
    pub(crate) fn new(request: http::Request<Bytes>) -> Call {
        let (parts, body) = request.into_parts();
        let (service, path) = match parts.uri.path().trim_start_matches('/').split_once('/') {
            Some((service, path)) => (service.to_owned(), path.to_owned()),
            None => (parts.uri.path().trim_matches('/').to_owned(), String::new()),
        };
        let host = parts.headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
        let authority = parts.uri.authority().map(|authority| authority.as_str()).or(host).unwrap_or("localhost");
        let base = format!("{}://{authority}", parts.uri.scheme_str().unwrap_or("http"));
        let query = parts.uri.query().map(|query| form(query.as_bytes())).unwrap_or_default();
        Call { method: parts.method, service, path, query, headers: parts.headers, body, base }
    }

    /// The path's segments, for matching as a slice.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').collect()
    }

    /// A header's text; empty when absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The token of `Authorization: Bearer`.
    pub(crate) fn bearer(&self) -> Option<&str> {
        self.header("authorization").strip_prefix("Bearer ")
    }
}

/// Reads a form or a query; of a repeated name the last counts.
pub(crate) fn form(bytes: &[u8]) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(bytes).into_owned().collect()
}

/// An answer without a body.
pub(crate) fn empty(status: u16) -> Response<Bytes> {
    text(status, "", "")
}

/// An answer with a JSON body.
pub(crate) fn json(status: u16, body: &Value) -> Response<Bytes> {
    text(status, "application/json; charset=utf-8", &body.to_string())
}

/// An answer with a body of the given media type.
pub(crate) fn text(status: u16, media_type: &str, body: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if media_type.is_empty() { response } else { with(response, CONTENT_TYPE.as_str(), media_type) }
}

/// The same answer with one more header.
pub(crate) fn with(mut response: Response<Bytes>, name: &str, value: &str) -> Response<Bytes> {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// JSON text whose objects begin at another key each time: the services promise no order of keys.
pub(crate) fn shuffled(value: &Value, turn: usize) -> String {
    match value {
        Value::Object(map) => {
            let mut members: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), shuffled(value, turn)))
                .collect();
            if !members.is_empty() {
                let middle = turn % members.len();
                members.rotate_left(middle);
            }
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| shuffled(item, turn)).collect();
            format!("[{}]", items.join(","))
        }
        scalar => scalar.to_string(),
    }
}

/// A time in the form of RFC 3339, to the second.
pub(crate) fn timestamp(ms: u64) -> String {
    let seconds = i64::try_from(ms / 1000).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
