//! The shapes in which Power BI says no; there are several, and clients meet them all.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use crate::answer;
use crate::faults::FaultKind;

/// `DMTS_InvalidEncryptionAlgorithmError`: the algorithm does not fit the kind of gateway.
pub const INVALID_ALGORITHM: &str = "DMTS_InvalidEncryptionAlgorithmError";
/// `DMTS_InvalidCredentialTypeError`: the type does not fit the data source.
pub const INVALID_TYPE: &str = "DMTS_InvalidCredentialTypeError";
/// `DM_GWPipeline_Gateway_InvalidConnectionCredentials`: the data source refused the login.
pub const REFUSED_LOGIN: &str = "DM_GWPipeline_Gateway_InvalidConnectionCredentials";
/// `DM_GWPipeline_Client_GatewayUnreachable`: the gateway is off line.
pub const UNREACHABLE: &str = "DM_GWPipeline_Client_GatewayUnreachable";
/// `DM_GWPipeline_UnknownError`. No document names the code for a ciphertext the gateway cannot open; this one stands for it.
pub const UNKNOWN: &str = "DM_GWPipeline_UnknownError";
/// `DMTS_MonikerWithUnboundDataSources`: the semantic model is not bound to a gateway.
pub const UNBOUND: &str = "DMTS_MonikerWithUnboundDataSources";
/// `PowerBINotAuthorizedException`: a right or a role is missing.
pub const NOT_AUTHORIZED: &str = "PowerBINotAuthorizedException";

/// A refusal, by its shape.
pub(crate) enum Refusal {
    /// HTTP status and body.
    Body(u16, Value),
    /// An empty body; the code travels in `X-PowerBI-Error-Info`.
    Header(u16, &'static str),
    /// 429: so many seconds are left of the window.
    Throttled(u64),
}

impl Refusal {
    /// A 400 of the gateway pipeline.
    pub(crate) fn pipeline(code: &str, underlying: Option<&str>) -> Refusal {
        Refusal::Body(400, pipeline(code, underlying))
    }

    /// A 400 about the request itself.
    pub(crate) fn bad_request(message: &str, target: &str) -> Refusal {
        Refusal::Body(400, bad_request(message, target))
    }

    /// A 401 for want of a role or of ownership.
    pub(crate) fn not_authorized() -> Refusal {
        Refusal::Body(401, pipeline(NOT_AUTHORIZED, None))
    }

    /// A 400 about something that cannot be done now.
    pub(crate) fn invalid_request(message: &str) -> Refusal {
        Refusal::Body(400, json!({"error": {"code": "InvalidRequest", "message": message}}))
    }

    pub(crate) fn respond(self) -> Response<Bytes> {
        match self {
            Refusal::Body(status, body) => answer::json(status, &body),
            Refusal::Throttled(seconds) => {
                let message = format!(
                    "You have exceeded the amount of requests allowed in the current time frame and further requests will fail. Retry in {seconds} seconds."
                );
                answer::with(answer::json(429, &json!({"message": message})), "Retry-After", &seconds.to_string())
            }
            Refusal::Header(status, code) => answer::with(answer::empty(status), "X-PowerBI-Error-Info", code),
        }
    }
}

/// The gateway pipeline's shape, with the data source's own words when there are any.
pub fn pipeline(code: &str, underlying: Option<&str>) -> Value {
    let details: Vec<Value> = underlying
        .map(|words| json!({"code": "DM_ErrorDetailNameCode_UnderlyingErrorMessage", "detail": {"type": 1, "value": words}}))
        .into_iter()
        .collect();
    json!({"error": {
        "code": code,
        "pbi.error": {"code": code, "parameters": {}, "details": details, "exceptionCulprit": 1},
    }})
}

/// The shape of a request that cannot be read.
pub fn bad_request(message: &str, target: &str) -> Value {
    json!({"error": {
        "code": "BadRequest",
        "message": "Bad Request",
        "details": [{"message": message, "target": target}],
    }})
}

/// The oldest shape: words alone.
pub fn words(message: &str) -> Value {
    json!({"Message": message})
}

/// A scripted refusal without a body, its code in a header.
pub fn header_only(status: u16, code: &str) -> FaultKind {
    let headers = vec![("X-PowerBI-Error-Info".to_owned(), code.to_owned())];
    FaultKind::Status { code: status, headers, body: String::new() }
}
