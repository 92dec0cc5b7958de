//! Fabric's own looks at what it keeps: tests of connections, checks of gateways.

use super::Fabric;
use super::operation::{Progress, status};
use crate::clients::{GatewayState, answer};
use crate::domain::names::Guid;
use crate::domain::rotation::Test;
use crate::domain::target::{Connection, Connectivity};
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

impl<W: Wire> Fabric<'_, W> {
    /// Has the service connect with the credential it keeps (Fabric REST, Connections: Test Connection).
    ///
    /// # Errors
    /// [`Trouble`]; also when the test was run and failed.
    pub async fn test(&self, connection: &Connection) -> Result<Test, Trouble> {
        if connection.via == Connectivity::StreamingVirtualNetworkGateway {
            return Ok(Test::NotOffered);
        }
        tested(self.begin(&format!("connections/{}/testConnection", connection.id)).await?)
    }

    /// Looks at a test that was running.
    ///
    /// # Errors
    /// [`Trouble`]; also when the test failed.
    pub async fn follow(&self, operation: &str) -> Result<Test, Trouble> {
        tested(self.progress(operation).await?)
    }

    /// Has the service look whether a gateway is online (Fabric REST, Gateways: Check Gateway Status).
    ///
    /// # Errors
    /// [`Trouble`]; not when it is offline.
    pub async fn gateway_status(&self, gateway: &Guid) -> Result<GatewayState, Trouble> {
        checked(self.begin(&format!("gateways/{gateway}/checkStatus")).await)
    }
}

/// What a `ConnectionStatusResponse` says.
fn tested(progress: Progress) -> Result<Test, Trouble> {
    let response = match progress {
        Progress::Running { operation, after } => return Ok(Test::Running { operation, after }),
        Progress::Done(response) => response,
    };
    let body = answer::body(Service::Fabric, &response)?;
    match status(&body) {
        Some("Online") => Ok(Test::Passed),
        Some("Offline") => Err(answer::told(Service::Fabric, &response, &body, Cause::SourceOffline)),
        _ => Err(answer::unintelligible(Service::Fabric, &response)),
    }
}

/// What a `GatewayStatusResponse` says, or a refusal for the reason that the gateway is offline.
fn checked(progress: Result<Progress, Trouble>) -> Result<GatewayState, Trouble> {
    let response = match progress {
        Ok(Progress::Done(response)) => response,
        Ok(Progress::Running { .. }) => return Ok(GatewayState::Unknown),
        Err(trouble) if trouble.cause == Cause::GatewayOffline => return Ok(GatewayState::Offline(trouble)),
        Err(trouble) => return Err(trouble),
    };
    let body = answer::body(Service::Fabric, &response)?;
    match status(&body) {
        Some("Online") => Ok(GatewayState::Online),
        Some("Offline") => {
            let mut why = answer::told(Service::Fabric, &response, &body, Cause::GatewayOffline);
            why.cause = Cause::GatewayOffline;
            Ok(GatewayState::Offline(why))
        }
        Some(_) => Ok(GatewayState::Unknown),
        None => Err(answer::unintelligible(Service::Fabric, &response)),
    }
}
