//! One request to a secret manager, sent once, and its answer, which is wiped when it is dropped.

use bytes::Bytes;
use http::header::{ACCEPT, HeaderName, HeaderValue, USER_AGENT};
use http::{Method, Response, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use seal::Secret;
use serde_json::Value;

use crate::clients::call::{AGENT, JSON};
use crate::clients::outgoing::{self, SOON};
use crate::clients::secret_bytes::SecretBytes;
use crate::clients::{answer, codes};
use crate::codec::fields::Unexpected;
use crate::codec::wiped::Wiped;
use crate::domain::names::Code;
use crate::domain::trouble::{Cause, Details, Service, Trouble};
use crate::ports::{Patience, Wire};

/// What stays as it is in a segment of a path, and in a value of a query (RFC 3986, 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is asked of a manager.
pub(super) struct Ask {
    pub(super) service: Service,
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Option<SecretBytes>,
    /// What a refusal with that status and body means.
    pub(super) meaning: fn(StatusCode, &Value) -> Meaning,
}

/// What a refusal says beyond its status.
#[derive(Default)]
pub(super) struct Meaning {
    /// The manager's own code.
    pub(super) code: Option<Code>,
    /// What that comes to, when it says more than the status.
    pub(super) cause: Option<Cause>,
    /// The same in words of ours.
    pub(super) note: Option<&'static str>,
}

/// The body of an answer that succeeded. Not printable.
pub(super) struct Answer {
    pub(super) body: Wiped,
    /// What to say when it is not what the manager's documents describe.
    unintelligible: Trouble,
}

impl Ask {
    /// Asks, and reads the answer.
    ///
    /// # Errors
    /// No answer, a refusal, or something that is not JSON or larger than a megabyte.
    pub(super) async fn answer(self, wire: &impl Wire) -> Result<Answer, Trouble> {
        let service = self.service;
        let response = self.send(wire).await?;
        let unintelligible = answer::unintelligible(service, &response);
        let body = answer::json(&response);
        match body {
            Some(body) => Ok(Answer { body: Wiped(body), unintelligible }),
            None => Err(unintelligible),
        }
    }

    /// Asks, and leaves an answer that succeeded unread. A manager that is well answers within a second; others wait behind one
    /// that is not.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub(super) async fn send(self, wire: &impl Wire) -> Result<Response<Bytes>, Trouble> {
        self.send_within(wire, SOON).await
    }

    /// The same with another patience.
    pub(super) async fn send_within(self, wire: &impl Wire, patience: Patience) -> Result<Response<Bytes>, Trouble> {
        let (service, meaning) = (self.service, self.meaning);
        let mut headers = self.headers;
        headers.extend([(ACCEPT, JSON), (USER_AGENT, AGENT)]);
        let body = self.body.map(SecretBytes::into_bytes).unwrap_or_default();
        let request = outgoing::request(self.method, &self.url, headers, body);
        let response = outgoing::ask(wire, service, request, patience).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let told = meaning(response.status(), &answer::json(&response).unwrap_or_default());
        Err(Details {
            code: told.code,
            status: Some(response.status().as_u16()),
            request_id: answer::request_id(response.headers()),
            retry_after: answer::retry_after(response.headers()),
            note: told.note.map(str::to_owned),
            ..Details::of(service, answer::cause(response.status(), told.cause, false))
        }
        .into())
    }
}

impl Answer {
    /// What was read of it, or trouble.
    ///
    /// # Errors
    /// [`Cause::Unintelligible`] when it is not what was expected.
    pub(super) fn fit<T>(&self, read: Result<T, Unexpected>) -> Result<T, Trouble> {
        read.map_err(|_| self.unintelligible.clone())
    }

    /// The text at that JSON pointer, taken out without a copy.
    ///
    /// # Errors
    /// [`Cause::Unintelligible`] when there is none.
    pub(super) fn secret(&mut self, pointer: &str) -> Result<Secret, Trouble> {
        match self.body.0.pointer_mut(pointer).map(Value::take) {
            Some(Value::String(text)) => Ok(Secret::new(text)),
            other => {
                drop(other.map(Wiped));
                Err(self.unintelligible.clone())
            }
        }
    }
}

/// A value of a query, escaped.
pub(super) fn escaped(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// One segment of a path, escaped.
///
/// # Errors
/// [`Cause::Rejected`] for what would lead elsewhere, however it is escaped: nothing, `.` and `..`.
pub(super) fn segment(service: Service, text: &str) -> Result<String, Trouble> {
    match text {
        "" | "." | ".." => Err(Trouble::noted(service, Cause::Rejected, "its name cannot be part of an address")),
        text => Ok(escaped(text)),
    }
}

/// Segments of a path, with slashes between them.
///
/// # Errors
/// As [`segment`].
pub(super) fn path(service: Service, text: &str) -> Result<String, Trouble> {
    let segments: Vec<_> = text.split('/').map(|part| segment(service, part)).collect::<Result<_, _>>()?;
    Ok(segments.join("/"))
}

/// A version that is there and must not be used, in words of ours.
pub(super) fn unusable(service: Service, why: &str) -> Trouble {
    Trouble::noted(service, Cause::SecretUnfit, why)
}

/// The code at that JSON pointer, when there is one.
pub(super) fn code(value: &Value, pointer: &str) -> Option<Code> {
    value.pointer(pointer).and_then(codes::read)
}

/// An owned text at that JSON pointer.
pub(super) fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}
