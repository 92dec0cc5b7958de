//! Fabric's one shape of error, with its code in a header as well.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use crate::answer;
use crate::faults::FaultKind;
use crate::fields;
use crate::world::State;

/// A refusal in the words of Fabric REST, `ErrorResponse`.
pub(crate) struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
    /// Code and message of the one entry in `moreDetails`.
    detail: Option<(&'static str, String)>,
    /// Seconds to wait for.
    retry_after: Option<u64>,
}

/// A scripted refusal in Fabric's shape, for codes that the world does not come to by itself; `detail` is the code and message
/// of the one entry in `moreDetails`.
pub fn refusal(status: u16, code: &str, message: &str, detail: Option<(&str, &str)>) -> FaultKind {
    let mut body = json!({"requestId": null, "errorCode": code, "message": message, "isRetriable": status >= 500});
    if let Some((code, message)) = detail {
        fields::put(&mut body, "moreDetails", json!([{"errorCode": code, "message": message}]));
    }
    let headers = vec![("x-ms-public-api-error-code".to_owned(), code.to_owned())];
    FaultKind::Status { code: status, headers, body: body.to_string() }
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str, message: &str) -> Refusal {
        Refusal { status, code, message: message.to_owned(), detail: None, retry_after: None }
    }

    /// `EntityNotFound`: no such thing, or none that the caller may see.
    pub(crate) fn not_found() -> Refusal {
        Refusal::new(404, "EntityNotFound", "The requested resource could not be found")
    }

    /// A request that breaks a rule of its schema. The documents name no code for that; this one stands for it.
    pub(crate) fn invalid(message: &str) -> Refusal {
        Refusal::new(400, "InvalidInput", "The request could not be processed due to invalid input")
            .because("InvalidParameter", message)
    }

    /// `UpdateGatewayConnectionFailed`; what really happened is in the details.
    pub(crate) fn gateway_failed(code: &'static str, message: &str) -> Refusal {
        Refusal::new(400, "UpdateGatewayConnectionFailed", "Failed to update gateway connection").because(code, message)
    }

    /// `RequestBlocked`: the quota of this window is used up, and the next begins in so many seconds.
    pub(crate) fn blocked(now_ms: u64, seconds: u64) -> Refusal {
        let until = answer::timestamp(now_ms + seconds * 1000);
        let message = format!("Request is blocked by the upstream service until: {until}");
        Refusal { retry_after: Some(seconds), ..Refusal::new(429, "RequestBlocked", &message) }
    }

    pub(crate) fn because(self, code: &'static str, message: &str) -> Refusal {
        Refusal { detail: Some((code, message.to_owned())), ..self }
    }

    /// The `ErrorResponse` object.
    pub(crate) fn body(&self, request_id: &str) -> Value {
        let mut body = json!({
            "requestId": request_id,
            "errorCode": self.code,
            "message": self.message,
            "isRetriable": self.status == 429 || self.status >= 500,
        });
        if let Some((code, message)) = &self.detail {
            fields::put(&mut body, "moreDetails", json!([{"errorCode": code, "message": message}]));
        }
        body
    }

    pub(crate) fn respond(&self, state: &mut State) -> Response<Bytes> {
        let request_id = state.guid();
        let response = answer::json(self.status, &self.body(&request_id));
        let response = answer::with(response, "x-ms-public-api-error-code", self.code);
        let response = answer::with(response, "requestId", &request_id);
        match self.retry_after {
            Some(seconds) => answer::with(response, "Retry-After", &seconds.to_string()),
            None => response,
        }
    }
}
