//! Fabric REST: read a connection, its gateway and every member's key, and update the credential.

mod check;
mod operation;
pub mod update;

use bytes::Bytes;
use http::{Method, Response};
use serde_json::Value;

use super::answer;
use super::call::Call;
use super::entra::AccessToken;
use super::payload::Payload;
use super::{PublicKey, SecretBytes};
use crate::codec::fields::{self, Unexpected};
use crate::domain::names::{Code, Guid};
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
    /// Whether a secret of it comes from a Key Vault reference, which an update would replace.
    pub from_key_vault: bool,
}

/// A gateway (Fabric REST, Gateways: Get Gateway).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// The key of a personal gateway, or of a cluster's first member; a virtual network gateway has none.
    pub public_key: Option<PublicKey>,
}

/// A member of a gateway, enabled or not (Fabric REST, Gateways: List Gateway Members).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its id; the first member's is the gateway's.
    pub id: Guid,
    /// Its own key.
    pub public_key: PublicKey,
}

impl<W: Wire> Fabric<'_, W> {
    /// Reads a connection.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn connection(&self, id: &Guid) -> Result<Seen, Trouble> {
        let response = self.send(Method::GET, &format!("connections/{id}"), None).await?;
        answer::decode(Service::Fabric, &response, seen)
    }

    /// Reads a gateway.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn gateway(&self, id: &Guid) -> Result<Gateway, Trouble> {
        let response = self.send(Method::GET, &format!("gateways/{id}"), None).await?;
        answer::decode(Service::Fabric, &response, gateway)
    }

    /// Reads every member of an on-premises gateway, disabled ones too: they may take part again, and then need the
    /// credential as well.
    ///
    /// # Errors
    /// [`Trouble`]; [`Cause::Unintelligible`] when the list says that it goes on, for which the API has no way.
    pub async fn members(&self, gateway: &Guid) -> Result<Vec<Member>, Trouble> {
        let response = self.send(Method::GET, &format!("gateways/{gateway}/members"), None).await?;
        answer::decode(Service::Fabric, &response, members)
    }

    /// Sets the credential, and returns the service's id for having done so.
    ///
    /// # Errors
    /// [`Trouble`]; without a status when the payload does not fit the destination and nothing was sent.
    pub async fn update(&self, approved: Approved, payload: &Payload) -> Result<Option<Code>, Trouble> {
        let Destination::Connection(connection) = approved.destination() else {
            return Err(Trouble::of(Service::Fabric, Cause::Rejected));
        };
        let body = update::body(connection, approved.login().kind(), payload)
            .map_err(|cause| Trouble::of(Service::Fabric, cause))?;
        let response = self.send(Method::PATCH, &format!("connections/{}", connection.id), Some(body)).await?;
        Ok(answer::request_id(response.headers()))
    }

    async fn send(&self, method: Method, path: &str, body: Option<SecretBytes>) -> Result<Response<Bytes>, Trouble> {
        let url = format!("{}/{path}", self.base);
        Call { service: Service::Fabric, token: self.token, profile: None, method, url, body }.send(self.wire).await
    }
}

fn seen(body: &Value) -> Result<Seen, Unexpected> {
    Ok(Seen {
        connectivity: fields::required(body, &["connectivityType"])?,
        gateway: fields::text(body, &["gatewayId"])?.map(guid).transpose()?,
        from_key_vault: body.get("credentialDetails").is_some_and(refers),
    })
}

fn gateway(body: &Value) -> Result<Gateway, Unexpected> {
    Ok(Gateway { public_key: PublicKey::of(body)? })
}

fn members(body: &Value) -> Result<Vec<Member>, Unexpected> {
    if fields::text(body, &["continuationToken"])?.is_some_and(|token| !token.is_empty()) {
        return Err(Unexpected);
    }
    fields::list(body, "value")?.iter().map(member).collect()
}

fn member(body: &Value) -> Result<Member, Unexpected> {
    Ok(Member { id: guid(&fields::required(body, &["id"])?)?, public_key: PublicKey::of(body)?.ok_or(Unexpected)? })
}

fn guid(text: &str) -> Result<Guid, Unexpected> {
    Guid::parse(text).map_err(|_| Unexpected)
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
