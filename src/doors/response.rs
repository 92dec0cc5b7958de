//! What is answered: a status, a text of some kind, and what is said to browsers.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Response, StatusCode};
use serde_json::Value;

use crate::codec::json;

pub(super) const JSON: &str = "application/json; charset=utf-8";

/// What a browser is told: the answer is kept nowhere, is what it says it is, is for no other site, comes over TLS, and
/// nobody is told where it was read.
static FOR_BROWSERS: [(HeaderName, &str); 5] = [
    (CACHE_CONTROL, "no-store"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (REFERRER_POLICY, "no-referrer"),
];

/// Tells browsers that.
pub(super) fn for_browsers(response: &mut Response<Bytes>) {
    for (name, value) in &FOR_BROWSERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
}

pub(super) fn json_response(status: StatusCode, body: &Value) -> Response<Bytes> {
    respond(status, JSON, json::text(body))
}

pub(super) fn respond(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
