//! Answers of Power BI and Fabric: what succeeded is decoded, what failed becomes a `Trouble`.

use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use http::{Response, StatusCode};
use serde_json::Value;

use super::error_body::ErrorBody;
use super::slack::SCOPES;
use crate::codec::fields::Unexpected;
use crate::codec::json;
use crate::domain::names::Code;
use crate::domain::trouble::{Cause, Details, Service, Trouble};

/// The largest body that is read, in bytes; a cluster of fifty members answers with less than a tenth of it.
const MOST_BYTES: usize = 1024 * 1024;

/// Carries a code: of Fabric.
const FABRIC_CODE: HeaderName = HeaderName::from_static("x-ms-public-api-error-code");
/// Carries a code where the body is empty: of Power BI.
const POWERBI_CODE: HeaderName = HeaderName::from_static("x-powerbi-error-info");
/// Carries the id support asks for: of both APIs.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("requestid");
/// Carries the id support asks for: of what stands before them.
pub(super) const EDGE_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
/// Carries the id support asks for: of AWS.
const AMAZON_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
/// Carries the id of a long-running operation: of Fabric.
pub(super) const OPERATION: HeaderName = HeaderName::from_static("x-ms-operation-id");

/// Every header that any client looks at; a wire may leave the others behind.
pub const HEADERS: [HeaderName; 9] =
    [FABRIC_CODE, POWERBI_CODE, REQUEST_ID, EDGE_ID, AMAZON_ID, OPERATION, SCOPES, LOCATION, RETRY_AFTER];

/// Passes an answer with a 2xx status on.
///
/// # Errors
/// What any other status means. Redirects are not followed, so they are not understood either.
pub(super) fn success(service: Service, response: Response<Bytes>) -> Result<Response<Bytes>, Trouble> {
    if response.status().is_success() { Ok(response) } else { Err(refusal(service, &response)) }
}

/// The body of a successful answer, read as what the API describes.
///
/// # Errors
/// [`Cause::Unintelligible`] when it is something else, or larger than a megabyte.
pub(super) fn decode<T>(
    service: Service,
    response: &Response<Bytes>,
    read: fn(&Value) -> Result<T, Unexpected>,
) -> Result<T, Trouble> {
    read(&body(service, response)?).map_err(|_| unintelligible(service, response))
}

/// The body of a successful answer.
///
/// # Errors
/// [`Cause::Unintelligible`] when it is not JSON, or larger than a megabyte.
pub(super) fn body(service: Service, response: &Response<Bytes>) -> Result<Value, Trouble> {
    json(response).ok_or_else(|| unintelligible(service, response))
}

/// Trouble for an answer that succeeded and yet is not what the API describes.
pub(super) fn unintelligible(service: Service, response: &Response<Bytes>) -> Trouble {
    Details {
        status: Some(response.status().as_u16()),
        request_id: request_id(response.headers()),
        ..Details::of(service, Cause::Unintelligible)
    }
    .into()
}

/// Trouble told in the body of an answer that succeeded: a test that failed, an operation that ended badly.
pub(super) fn told(service: Service, response: &Response<Bytes>, body: &Value, otherwise: Cause) -> Trouble {
    let body = ErrorBody::read(body);
    let (code, cause) = body.verdict();
    Details {
        code: code.cloned(),
        status: Some(response.status().as_u16()),
        request_id: request_id(response.headers()).or(body.request_id),
        ..Details::of(service, cause.unwrap_or(otherwise))
    }
    .into()
}

/// How long to wait, as `Retry-After` says in whole seconds. Both APIs document it so; a date would need a clock, and the
/// flow's own back-off serves as well.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u32 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.into()))
}

/// The id support asks for.
pub(super) fn request_id(headers: &HeaderMap) -> Option<Code> {
    [REQUEST_ID, EDGE_ID, AMAZON_ID].into_iter().find_map(|name| clean_header(headers, name))
}

/// The body as JSON, when it is, and small enough.
pub(super) fn json(response: &Response<Bytes>) -> Option<Value> {
    let body = response.body();
    if body.len() > MOST_BYTES { None } else { json::read(body) }
}

fn refusal(service: Service, response: &Response<Bytes>) -> Trouble {
    let headers = response.headers();
    let mut body = json(response).as_ref().map(ErrorBody::read).unwrap_or_default();
    body.codes.extend([FABRIC_CODE, POWERBI_CODE].into_iter().filter_map(|name| clean_header(headers, name)));
    let (code, told) = body.verdict();
    Details {
        code: code.cloned(),
        status: Some(response.status().as_u16()),
        request_id: request_id(headers).or(body.request_id),
        retry_after: retry_after(headers),
        ..Details::of(service, cause(response.status(), told, body.retriable))
    }
    .into()
}

/// A code says more than a status, except that a 429 is always about us and a redirect never about the call.
pub(super) fn cause(status: StatusCode, told: Option<Cause>, retriable: bool) -> Cause {
    match (status.as_u16(), told) {
        (429, _) => Cause::Throttled,
        (..=399, _) => Cause::Unintelligible,
        (_, Some(cause)) => cause,
        (408 | 500.., None) => Cause::Unavailable,
        (_, None) if retriable => Cause::Unavailable,
        (401, None) => Cause::Token,
        (403, None) => Cause::NotAllowed,
        (404, None) => Cause::NotFound,
        (_, None) => Cause::Rejected,
    }
}

/// A header's value, when it is fit to be shown and kept.
pub(super) fn clean_header(headers: &HeaderMap, name: HeaderName) -> Option<Code> {
    Code::parse(headers.get(name)?.to_str().ok()?).ok()
}
