//! Faults that a story scripts: the next matching calls fail in the way asked for.

use std::fmt;

use bytes::Bytes;
use http::Response;
use serde::Deserialize;

use crate::answer::{self, Call};

/// What is to go wrong, where, and how often. What is empty of `service`, `method`, `path_contains` and
/// `body_contains` fits every call.
#[derive(Clone, Debug, Deserialize)]
pub struct Fault {
    /// First path segment: `slack`, `teams`, `graph`, `login`, `powerbi`, `fabric`, or a secret manager: `keyvault`, `aws`,
    /// `sns`, `google`, `vault`, `doppler`, `infisical`.
    #[serde(default)]
    pub service: String,
    /// HTTP method, upper case.
    #[serde(default)]
    pub method: String,
    /// A part of the path after the service.
    #[serde(default)]
    pub path_contains: String,
    /// A part of the body.
    #[serde(default)]
    pub body_contains: String,
    /// How many calls it hits before it is spent.
    pub times: u32,
    /// What happens to them.
    pub kind: FaultKind,
}

/// What happens to a call that a [`Fault`] hits.
#[derive(Clone, Debug, Deserialize)]
pub enum FaultKind {
    /// Answered with this instead of being served.
    Status {
        /// HTTP status.
        code: u16,
        /// Header names and values.
        headers: Vec<(String, String)>,
        /// Body, sent as `application/json` when not empty.
        body: String,
    },
    /// The connection breaks before the service saw the request.
    LoseRequest,
    /// The service does the work, then the connection breaks.
    LoseResponse,
    /// Served, after this many milliseconds.
    Slow(u64),
    /// Never answered.
    Hang,
    /// Served, and on its way a gateway member is given [`crate::scene::REPLACEMENT_KEY`].
    Rekeyed {
        /// The gateway.
        gateway: String,
        /// Its member.
        member: String,
    },
}

/// Why no answer came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The request never arrived: nothing happened.
    Request,
    /// The request was served and its answer was lost.
    Response,
    /// The connection stays open and silent: the caller's own time limit has to end it.
    Silence,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Lost::Request => "the connection broke before the request arrived",
            Lost::Response => "the connection broke before the response arrived",
            Lost::Silence => "no response came within the time limit",
        })
    }
}

impl std::error::Error for Lost {}

impl Fault {
    /// A fault for the next call whose path contains the given text.
    pub fn once(service: &str, path_contains: &str, kind: FaultKind) -> Fault {
        let (service, path_contains) = (service.to_owned(), path_contains.to_owned());
        Fault { service, method: String::new(), path_contains, body_contains: String::new(), times: 1, kind }
    }

    /// The same fault for calls of one HTTP method only.
    pub fn on_method(self, method: &str) -> Fault {
        Fault { method: method.to_owned(), ..self }
    }

    /// The same fault for calls only whose body contains the given text.
    pub fn saying(self, text: &str) -> Fault {
        Fault { body_contains: text.to_owned(), ..self }
    }

    /// The same fault for so many calls.
    pub fn repeated(self, times: u32) -> Fault {
        Fault { times, ..self }
    }

    fn fits(&self, call: &Call) -> bool {
        self.times > 0
            && (self.service.is_empty() || self.service == call.service)
            && (self.method.is_empty() || self.method == call.method.as_str())
            && call.path.contains(&self.path_contains)
            && (self.body_contains.is_empty() || String::from_utf8_lossy(&call.body).contains(&self.body_contains))
    }
}

impl FaultKind {
    /// An answer with a JSON body.
    pub fn status(code: u16, body: &serde_json::Value) -> FaultKind {
        FaultKind::Status { code, headers: Vec::new(), body: body.to_string() }
    }

    /// A new key for that member while the call is on its way.
    pub fn rekeyed(gateway: &str, member: &str) -> FaultKind {
        FaultKind::Rekeyed { gateway: gateway.to_owned(), member: member.to_owned() }
    }

    /// 429 with `Retry-After` in seconds.
    pub fn throttled(retry_after: u32) -> FaultKind {
        let headers = vec![("Retry-After".to_owned(), retry_after.to_string())];
        FaultKind::Status { code: 429, headers, body: String::new() }
    }
}

/// The kind of the first fault that fits, one use of it spent.
pub(crate) fn spend(faults: &mut Vec<Fault>, call: &Call) -> Option<FaultKind> {
    let fault = faults.iter_mut().find(|fault| fault.fits(call))?;
    fault.times -= 1;
    let kind = fault.kind.clone();
    faults.retain(|fault| fault.times > 0);
    Some(kind)
}

/// The answer that [`FaultKind::Status`] asks for.
pub(crate) fn scripted(code: u16, headers: &[(String, String)], body: &str) -> Response<Bytes> {
    let media_type = if body.is_empty() { "" } else { "application/json; charset=utf-8" };
    let plain = answer::text(code, media_type, body);
    headers.iter().fold(plain, |response, (name, value)| answer::with(response, name, value))
}
