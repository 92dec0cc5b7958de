//! Fabric REST: read a connection, its gateway and every member's key, and update the credential.

mod operation;
pub mod update;

use bytes::Bytes;
use http::{Method, Response};
use serde::Deserialize;
use serde_json::Value;

use super::answer;
use super::call::Call;
use super::entra::AccessToken;
use super::payload::Payload;
use super::{PublicKey, SecretBytes};
use crate::domain::names::Guid;
use crate::domain::rotation::Approved;
use crate::domain::target::Destination;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

/// The API as one token sees it.
pub struct Fabric<'a, W> {
    /// The way out.
    pub wire: &'a W,
    /// `https://api.fabric.microsoft.com/v1`, or where the operator says it is.
    pub base: &'a str,
    /// For the scope that goes with it.
    pub token: &'a AccessToken,
}

/// A connection (Fabric REST, Connections: Get Connection).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// `connectivityType` as the service says it; new ones may appear.
    pub connectivity: String,
    /// The gateway; for cloud connections the virtual one.
    pub gateway: Option<Guid>,
    /// `connectionDetails.type`: `SQL`.
    pub kind: Option<String>,
    /// `credentialDetails.credentialType`.
    pub credential_type: Option<String>,
    /// Whether a secret of it comes from a Key Vault reference, which an update would replace.
    pub from_key_vault: bool,
}

/// A gateway (Fabric REST, Gateways: Get Gateway).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Gateway {
    /// `OnPremises`, `OnPremisesPersonal`, `VirtualNetwork`, `StreamingVirtualNetwork`; new ones may appear.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name; personal gateways have none.
    pub display_name: Option<String>,
    /// The key of a personal gateway, or of a cluster's first member.
    pub public_key: Option<PublicKey>,
}

/// A member of a gateway (Fabric REST, Gateways: List Gateway Members).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Its id; the first member's is the gateway's.
    pub id: Guid,
    /// Its name.
    pub display_name: String,
    /// Its own key.
    pub public_key: PublicKey,
    /// Whether it takes part; one that does not may again, and then needs the credential as well.
    pub enabled: bool,
}

impl<W: Wire> Fabric<'_, W> {
    /// Reads a connection.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn connection(&self, id: &Guid) -> Result<Seen, Trouble> {
        self.read::<Connection>(&format!("connections/{id}")).await.map(Seen::from)
    }

    /// Reads a gateway.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn gateway(&self, id: &Guid) -> Result<Gateway, Trouble> {
        self.read(&format!("gateways/{id}")).await
    }

    /// Reads every member of an on-premises gateway.
    ///
    /// # Errors
    /// [`Trouble`]; [`Cause::Unintelligible`] when the list says that it goes on, for which the API has no way.
    pub async fn members(&self, gateway: &Guid) -> Result<Vec<Member>, Trouble> {
        let page: Members = self.read(&format!("gateways/{gateway}/members")).await?;
        if page.continuation_token.is_some_and(|token| !token.is_empty()) {
            return Err(Trouble::of(Service::Fabric, Cause::Unintelligible));
        }
        Ok(page.value.unwrap_or_default())
    }

    /// Sets the credential, and returns the service's id for having done so.
    ///
    /// # Errors
    /// [`Trouble`]; without a status when the payload does not fit the destination and nothing was sent.
    pub async fn update(&self, approved: Approved, payload: &Payload) -> Result<Option<String>, Trouble> {
        let Destination::Connection(connection) = approved.destination() else {
            return Err(Trouble::of(Service::Fabric, Cause::Rejected));
        };
        let body = update::body(connection, approved.login().kind(), payload)
            .map_err(|cause| Trouble::of(Service::Fabric, cause))?;
        let response = self.send(Method::PATCH, &format!("connections/{}", connection.id), Some(body)).await?;
        Ok(answer::request_id(response.headers()))
    }

    async fn read<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, Trouble> {
        answer::decode(Service::Fabric, &self.send(Method::GET, path, None).await?)
    }

    async fn send(&self, method: Method, path: &str, body: Option<SecretBytes>) -> Result<Response<Bytes>, Trouble> {
        let url = format!("{}/{path}", self.base);
        Call { service: Service::Fabric, token: self.token, profile: None, method, url, body }.send(self.wire).await
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    value: Option<Vec<Member>>,
    continuation_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    connectivity_type: String,
    gateway_id: Option<Guid>,
    connection_details: Option<Value>,
    credential_details: Option<Value>,
}

impl From<Connection> for Seen {
    fn from(connection: Connection) -> Self {
        let text = |value: &Option<Value>, key: &str| Some(value.as_ref()?.get(key)?.as_str()?.to_owned());
        Self {
            connectivity: connection.connectivity_type,
            gateway: connection.gateway_id,
            kind: text(&connection.connection_details, "type"),
            credential_type: text(&connection.credential_details, "credentialType"),
            from_key_vault: connection.credential_details.as_ref().is_some_and(refers),
        }
    }
}

/// Whether `passwordReference`, `keyReference` or another of the kind is anywhere within (Fabric REST, Connections:
/// `KeyVaultSecretReference`). Where reading shows it is not documented, so it is looked for at every depth.
fn refers(details: &Value) -> bool {
    match details {
        Value::Object(fields) => {
            fields.iter().any(|(key, value)| key.ends_with("Reference") && value.is_object() || refers(value))
        }
        Value::Array(values) => values.iter().any(refers),
        _ => false,
    }
}

/// As the service writes it; the domain does not know JSON.
impl<'de> Deserialize<'de> for Guid {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
