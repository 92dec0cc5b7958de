//! One call of Slack's Web API, sent once.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use serde_json::Value;

use super::Slack;
use super::refusal::Failure;
use crate::clients::answer;
use crate::clients::outgoing::{self, SOON};
use crate::codec::fields::{self, Unexpected};
use crate::codec::json;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

/// Largest answer read; `usergroups.users.list` of a large group has some 100 kB.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// How Slack wants JSON announced.
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

impl<W: Wire> Slack<'_, W> {
    /// Sends arguments as JSON, and answers what Slack says.
    pub(super) async fn call(&self, method: &str, body: &Value) -> Result<Value, Failure> {
        Ok(self.send(method, JSON, json::text(body)).await?.into_body())
    }

    /// The same for the methods that read, which take form fields rather than JSON (Slack API, Using the Web API).
    pub(super) async fn query(&self, method: &str, arguments: &[(&str, &str)]) -> Result<Value, Failure> {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(arguments).finish();
        Ok(self.send(method, HeaderValue::from_static("application/x-www-form-urlencoded"), form).await?.into_body())
    }

    /// Sends a body of that kind, and answers what Slack says with the headers it says it under.
    pub(super) async fn send(&self, method: &str, kind: HeaderValue, body: String) -> Result<Response<Value>, Failure> {
        let url = format!("{}/{method}", self.config.api_url);
        // The token goes to the configured host only.
        let bearer = outgoing::bearer(&self.config.bot_token);
        let bearer = bearer.map_err(|_| Trouble::of(Service::Slack, Cause::Identity))?;
        let response = self.exchange(&url, vec![(AUTHORIZATION, bearer), (CONTENT_TYPE, kind)], body).await?;
        status(&response)?;
        if response.body().len() > LARGEST_ANSWER {
            return Err(unintelligible().into());
        }
        // Slack answers 200 whatever happened; `ok` tells.
        let (head, body) = response.into_parts();
        let answer = json::read(&body).ok_or_else(unintelligible)?;
        match fields::flag(&answer, "ok") {
            Ok(true) => Ok(Response::from_parts(head, answer)),
            Ok(false) => Err(Failure::read(&answer)),
            Err(Unexpected) => Err(unintelligible().into()),
        }
    }

    /// Sends one request, without the token unless it is among the headers.
    pub(super) async fn exchange(
        &self,
        url: &str,
        headers: Vec<(HeaderName, HeaderValue)>,
        body: String,
    ) -> Result<Response<Bytes>, Trouble> {
        let request = outgoing::request(Method::POST, url, headers, Bytes::from(body));
        outgoing::ask(self.wire, Service::Slack, request, SOON).await
    }
}

/// A text that an answer has to have.
pub(super) fn needed(answer: &Value, path: &[&str]) -> Result<String, Trouble> {
    fields::required(answer, path).map_err(|_| unintelligible())
}

/// Passes an answer that Slack gave and nothing before it.
pub(super) fn status(response: &Response<Bytes>) -> Result<(), Trouble> {
    let code = response.status();
    let cause = match code {
        StatusCode::OK => return Ok(()),
        StatusCode::TOO_MANY_REQUESTS => Cause::Throttled,
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Cause::NotFound,
        other if other.is_server_error() => Cause::Unavailable,
        _ => Cause::Unintelligible,
    };
    let mut trouble = Trouble::of(Service::Slack, cause);
    trouble.status = Some(code.as_u16());
    trouble.retry_after = answer::retry_after(response.headers());
    Err(trouble)
}

/// Trouble for an answer that is not what the method describes.
pub(super) fn unintelligible() -> Trouble {
    Trouble::of(Service::Slack, Cause::Unintelligible)
}
