//! Fabric's long-running operations: begun, and followed by their id (Fabric REST, Long Running Operations).

use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderName, LOCATION};
use http::{Method, Response, StatusCode};
use serde_json::Value;

use super::Fabric;
use crate::clients::answer::{self, OPERATION};
use crate::domain::names::Guid;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

/// When to look at an operation again, if the service does not say.
const PAUSE: Duration = Duration::from_secs(5);
/// The least time between two looks, whatever the service says.
const LEAST_PAUSE: Duration = Duration::from_secs(1);

/// How far something has come that may take its time.
pub(super) enum Progress {
    /// Not ended: the operation, and when to look at it again.
    Running { operation: String, after: Duration },
    /// Ended, with this answer.
    Done(Response<Bytes>),
}

impl<W: Wire> Fabric<'_, W> {
    /// Begins what is behind `path`.
    pub(super) async fn begin(&self, path: &str) -> Result<Progress, Trouble> {
        let response = self.send(Method::POST, path, None).await?;
        if response.status() != StatusCode::ACCEPTED {
            return Ok(Progress::Done(response));
        }
        match operation(&response) {
            Some(id) => Ok(running(&id, &response)),
            None => Err(answer::unintelligible(Service::Fabric, &response)),
        }
    }

    /// Looks at an operation (Fabric REST, Long Running Operations: Get Operation State, Get Operation Result).
    pub(super) async fn progress(&self, operation: &str) -> Result<Progress, Trouble> {
        let id = Guid::parse(operation).map_err(|_| Trouble::of(Service::Fabric, Cause::Unintelligible))?;
        let response = self.send(Method::GET, &format!("operations/{id}"), None).await?;
        let state = answer::body(Service::Fabric, &response)?;
        match status(&state) {
            Some("Succeeded") => {
                Ok(Progress::Done(self.send(Method::GET, &format!("operations/{id}/result"), None).await?))
            }
            Some("Failed") => {
                let error = state.get("error").unwrap_or(&Value::Null);
                Err(answer::told(Service::Fabric, &response, error, Cause::Rejected))
            }
            None => Err(answer::unintelligible(Service::Fabric, &response)),
            // Undefined, NotStarted, Running, and what may be added: looked at again, which the flow bounds.
            Some(_) => Ok(running(&id, &response)),
        }
    }
}

/// What each of Fabric's bodies calls its `status`.
pub(super) fn status(body: &Value) -> Option<&str> {
    body.get("status").and_then(Value::as_str)
}

fn running(operation: &Guid, response: &Response<Bytes>) -> Progress {
    let after = answer::retry_after(response.headers()).unwrap_or(PAUSE).max(LEAST_PAUSE);
    Progress::Running { operation: operation.to_string(), after }
}

/// The id of the operation: from its own header, or the last segment of `Location`. Only the id is taken from there; it is
/// looked up at our own base, whatever host the address names.
fn operation(response: &Response<Bytes>) -> Option<Guid> {
    let header = |name: HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
    let located = || header(LOCATION)?.rsplit('/').next();
    header(OPERATION).or_else(located).and_then(|id| Guid::parse(id).ok())
}
