//! Power BI REST: read a gateway and its data source, update the credential, test it; semantic models.

pub mod models;
pub mod update;

use bytes::Bytes;
use http::{Method, Response};
use serde_json::Value;

use super::answer;
use super::call::Call;
use super::entra::AccessToken;
use super::payload::Payload;
use super::{GatewayState, PublicKey, SecretBytes};
use crate::codec::fields::{self, Unexpected};
use crate::domain::names::{Code, Guid};
use crate::domain::rotation::{Approved, Test};
use crate::domain::target::{DataSource, Destination};
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

/// The API as one token sees it.
pub struct PowerBi<'a, W> {
    /// The way out.
    pub wire: &'a W,
    /// `https://api.powerbi.com/v1.0/myorg`, or another cloud's.
    pub base: &'a str,
    /// For the scope of that cloud.
    pub token: &'a AccessToken,
}

/// A gateway (Power BI REST, Gateways: Get Gateway). Only its administrators can read it, and a cloud source's virtual
/// gateway nobody can: not finding it says nothing about where the source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// The key of the cluster's first member.
    pub public_key: Option<PublicKey>,
    /// `gatewayStatus`: whether it is connected.
    pub state: GatewayState,
}

/// A data source (Power BI REST, Gateways: Get Datasource). The user name is not among what can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// `datasourceType`.
    pub datasource_type: Option<String>,
}

impl<W: Wire> PowerBi<'_, W> {
    /// Reads the gateway of `source`.
    ///
    /// # Errors
    /// [`Trouble`]; [`Cause::NotFound`] or [`Cause::NotAllowed`] to those who do not administer it.
    pub async fn gateway(&self, source: &DataSource) -> Result<Gateway, Trouble> {
        let response = self.send(source.profile.as_ref(), Method::GET, self.gateway_url(source), None).await?;
        answer::decode(Service::PowerBi, &response, gateway)
    }

    /// Reads `source`.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn data_source(&self, source: &DataSource) -> Result<Seen, Trouble> {
        let response = self.send(source.profile.as_ref(), Method::GET, self.url(source), None).await?;
        answer::decode(Service::PowerBi, &response, seen)
    }

    /// Sets the credential, and returns the service's id for having done so.
    ///
    /// # Errors
    /// [`Trouble`]; without a status when the payload does not fit the destination and nothing was sent.
    pub async fn update(&self, approved: Approved, payload: &Payload) -> Result<Option<Code>, Trouble> {
        let Destination::DataSource(source) = approved.destination() else {
            return Err(Trouble::of(Service::PowerBi, Cause::Rejected));
        };
        let body = update::body(source, approved.login().kind(), payload)
            .map_err(|cause| Trouble::of(Service::PowerBi, cause))?;
        let response = self.send(source.profile.as_ref(), Method::PATCH, self.url(source), Some(body)).await?;
        Ok(answer::request_id(response.headers()))
    }

    /// Has the service connect to `source` with the credential it keeps (Power BI REST, Gateways: Get Datasource Status).
    ///
    /// # Errors
    /// [`Trouble`]; the service answers a failed test as it answers a failed call.
    pub async fn test(&self, source: &DataSource) -> Result<Test, Trouble> {
        let url = self.url(source) + "/status";
        self.send(source.profile.as_ref(), Method::GET, url, None).await.map(|_| Test::Passed)
    }

    async fn send(
        &self,
        profile: Option<&Guid>,
        method: Method,
        url: String,
        body: Option<SecretBytes>,
    ) -> Result<Response<Bytes>, Trouble> {
        Call { service: Service::PowerBi, token: self.token, profile, method, url, body }.send(self.wire).await
    }

    fn gateway_url(&self, source: &DataSource) -> String {
        format!("{}/gateways/{}", self.base, source.gateway)
    }

    fn url(&self, source: &DataSource) -> String {
        format!("{}/datasources/{}", self.gateway_url(source), source.id)
    }
}

fn gateway(body: &Value) -> Result<Gateway, Unexpected> {
    Ok(Gateway { public_key: PublicKey::of(body)?, state: state(fields::text(body, &["gatewayStatus"])?) })
}

/// The words are from the documentation of June 2017 (Power BI REST, Get Gateway); today's names none. `Installed` does not
/// say whether it can be reached.
fn state(status: Option<&str>) -> GatewayState {
    match status {
        Some("Live") => GatewayState::Online,
        Some("NotReachable" | "NotInstalled") => {
            GatewayState::Offline(Trouble::of(Service::PowerBi, Cause::GatewayOffline))
        }
        _ => GatewayState::Unknown,
    }
}

fn seen(body: &Value) -> Result<Seen, Unexpected> {
    Ok(Seen { datasource_type: fields::owned(body, &["datasourceType"])? })
}
