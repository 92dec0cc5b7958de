//! Fabric's tests of connections and checks of gateways, at once or as long-running operations.

use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderName, LOCATION};
use http::{Method, Response, StatusCode};
use serde_json::Value;

use super::Fabric;
use crate::clients::answer::{self, OPERATION};
use crate::domain::names::Guid;
use crate::domain::rotation::Test;
use crate::domain::target::{Connection, Connectivity};
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

/// When to look at an operation again, if the service does not say.
const PAUSE: Duration = Duration::from_secs(5);
/// The least time between two looks, whatever the service says.
const LEAST_PAUSE: Duration = Duration::from_secs(1);

impl<W: Wire> Fabric<'_, W> {
    /// Has the service connect with the credential it keeps (Fabric REST, Connections: Test Connection).
    ///
    /// # Errors
    /// [`Trouble`]; also when the test was run and failed.
    pub async fn test(&self, connection: &Connection) -> Result<Test, Trouble> {
        if connection.via == Connectivity::StreamingVirtualNetworkGateway {
            return Ok(Test::NotOffered);
        }
        let response = self.send(Method::POST, &format!("connections/{}/testConnection", connection.id), None).await?;
        begun(&response, Cause::SourceOffline)
    }

    /// Has the service look whether a gateway is online (Fabric REST, Gateways: Check Gateway Status).
    ///
    /// # Errors
    /// [`Trouble`]; [`Cause::GatewayOffline`] when it is not.
    pub async fn check_gateway(&self, gateway: &Guid) -> Result<Test, Trouble> {
        let response = self.send(Method::POST, &format!("gateways/{gateway}/checkStatus"), None).await?;
        begun(&response, Cause::GatewayOffline)
    }

    /// Looks at a test that was running (Fabric REST, Long Running Operations: Get Operation State, Get Operation Result).
    ///
    /// # Errors
    /// [`Trouble`]; also when the test failed.
    pub async fn follow(&self, operation: &str) -> Result<Test, Trouble> {
        let id = Guid::parse(operation).map_err(|_| Trouble::of(Service::Fabric, Cause::Unintelligible))?;
        let response = self.send(Method::GET, &format!("operations/{id}"), None).await?;
        let state = answer::body(Service::Fabric, &response)?;
        match status(&state) {
            Some("Succeeded") => {
                let result = self.send(Method::GET, &format!("operations/{id}/result"), None).await?;
                outcome(&result, Cause::SourceOffline)
            }
            Some("Failed") => {
                let error = state.get("error").unwrap_or(&Value::Null);
                Err(answer::told(Service::Fabric, &response, error, Cause::Rejected))
            }
            None => Err(answer::unintelligible(Service::Fabric, &response)),
            // Undefined, NotStarted, Running, and what may be added: looked at again, which the flow bounds.
            Some(_) => Ok(Test::Running { operation: id.to_string(), after: pause(&response) }),
        }
    }
}

/// What was begun: the outcome already, or an operation to follow.
fn begun(response: &Response<Bytes>, otherwise: Cause) -> Result<Test, Trouble> {
    if response.status() != StatusCode::ACCEPTED {
        return outcome(response, otherwise);
    }
    match operation(response) {
        Some(id) => Ok(Test::Running { operation: id.to_string(), after: pause(response) }),
        None => Err(answer::unintelligible(Service::Fabric, response)),
    }
}

/// The id of the operation: from its own header, or the last segment of `Location`. Only the id is taken from there; it is
/// looked up at our own base, whatever host the address names.
fn operation(response: &Response<Bytes>) -> Option<Guid> {
    let header = |name: HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
    let located = || header(LOCATION)?.rsplit('/').next();
    header(OPERATION).or_else(located).and_then(|id| Guid::parse(id).ok())
}

/// What a `ConnectionStatusResponse` or a `GatewayStatusResponse` says.
fn outcome(response: &Response<Bytes>, otherwise: Cause) -> Result<Test, Trouble> {
    let body = answer::body(Service::Fabric, response)?;
    match status(&body) {
        Some("Online") => Ok(Test::Passed),
        Some("Offline") => Err(answer::told(Service::Fabric, response, &body, otherwise)),
        _ => Err(answer::unintelligible(Service::Fabric, response)),
    }
}

/// What each of these bodies calls its `status`.
fn status(body: &Value) -> Option<&str> {
    body.get("status").and_then(Value::as_str)
}

fn pause(response: &Response<Bytes>) -> Duration {
    answer::retry_after(response.headers()).unwrap_or(PAUSE).max(LEAST_PAUSE)
}
