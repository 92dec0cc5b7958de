//! The error bodies of Power BI and Fabric in all their shapes, reduced to what may be kept: codes and ids, no text.

use serde_json::Value;

use super::codes;
use crate::domain::names::Code;
use crate::domain::trouble::Cause;

/// What an error body says.
#[derive(Default)]
pub(super) struct ErrorBody {
    /// The codes, innermost first: those outside say "it failed", those inside why.
    pub(super) codes: Vec<Code>,
    /// `requestId`.
    pub(super) request_id: Option<Code>,
    /// `isRetriable`.
    pub(super) retriable: bool,
}

/// Where lists of codes are, and the name of the code in each entry: Fabric's errors, Power BI's errors, Fabric's tests of
/// connections, Fabric's checks of gateways.
const LISTS: [(&str, &str); 4] = [
    ("/moreDetails", "errorCode"),
    ("/error/details", "code"),
    ("/errors", "errorCode"),
    ("/errorDetails", "errorCode"),
];

/// Where single codes are: Fabric's errors, Power BI's errors from inside out.
const SINGLES: [&str; 3] = ["/errorCode", "/error/pbi.error/code", "/error/code"];

impl ErrorBody {
    /// Reads any of the shapes; a body of none of them says nothing.
    ///
    /// `error.pbi.error.details` is left alone: the names there are of parameters, and their values free text.
    pub(super) fn read(body: &Value) -> Self {
        let mut codes = Vec::new();
        for (list, code) in LISTS {
            for entry in body.pointer(list).and_then(Value::as_array).into_iter().flatten() {
                codes.extend(entry.get(code).and_then(codes::read));
            }
        }
        for single in SINGLES {
            codes.extend(body.pointer(single).and_then(codes::read));
        }
        let retriable = body.get("isRetriable").and_then(Value::as_bool).unwrap_or(false);
        Self { codes, request_id: body.get("requestId").and_then(codes::read), retriable }
    }

    /// The first code that means something definite, with its meaning; else the first code.
    pub(super) fn verdict(&self) -> (Option<&Code>, Option<Cause>) {
        let definite = self.codes.iter().find_map(|code| Some((code, codes::meaning(code.as_str())?)));
        definite.map_or((self.codes.first(), None), |(code, cause)| (Some(code), Some(cause)))
    }
}
