//! Connections as Fabric shows and tests them.

use serde_json::{Value, json};

use super::error::Refusal;
use super::{Connection, Rights, Success, operations};
use crate::answer::Call;
use crate::estate::ConnectionTest;
use crate::fields;
use crate::powerbi::error::{REFUSED_LOGIN, UNREACHABLE};
use crate::world::State;

/// Connections on one page of the list.
const PAGE: usize = 4;

/// Fabric REST, Connections: List Connections. In pages; the last has no token at all.
pub(crate) fn list(state: &State, call: &Call) -> Result<Value, Refusal> {
    let from: usize = match call.query.get("continuationToken") {
        Some(token) => token
            .strip_prefix("from=")
            .and_then(|from| from.parse().ok())
            .ok_or_else(|| Refusal::new(400, "InvalidContinuationToken", "The continuation token is invalid"))?,
        None => 0,
    };
    let readable: Vec<&Connection> =
        state.fabric.connections.iter().filter(|connection| connection.rights != Rights::None).collect();
    let page: Vec<Value> =
        readable.iter().skip(from).take(PAGE).map(|connection| describe(state, connection)).collect();
    let mut body = json!({"value": page});
    let next = from + PAGE;
    if next < readable.len() {
        // Already encoded for a query, as the service sends it.
        let token = format!("from%3D{next}");
        let uri = format!("{}/fabric/v1/connections?continuationToken={token}", call.base);
        fields::put(&mut body, "continuationToken", token);
        fields::put(&mut body, "continuationUri", uri);
    }
    Ok(body)
}

/// Fabric REST, Connections: Get Connection.
pub(crate) fn get(state: &State, id: &str) -> Result<Value, Refusal> {
    readable(state, id).map(|connection| describe(state, connection))
}

/// Fabric REST, Connections: Test Connection.
pub(crate) fn test(state: &mut State, id: &str) -> Result<Success, Refusal> {
    let connection = readable(state, id)?;
    if connection.connectivity == "StreamingVirtualNetworkGateway" {
        return Err(Refusal::invalid("Connections through a streaming virtual network gateway cannot be tested."));
    }
    let problem = problem(state, connection);
    let (online, at_ms) = (problem.is_none(), state.now_ms());
    let errors = problem.map(|(code, message)| json!([{"errorCode": code, "message": message}]));
    let status = json!({"status": if online { "Online" } else { "Offline" }, "errors": errors});
    state.estate.tests.push(ConnectionTest { service: "fabric".into(), place: id.to_owned(), online, at_ms });
    Ok(operations::begin(state, id, status))
}

/// What keeps a connection from working: code and words.
fn problem(state: &State, connection: &Connection) -> Option<(&'static str, String)> {
    let gateway = connection.gateway.as_ref().and_then(|id| state.estate.gateway(id));
    if gateway.is_some_and(|gateway| !gateway.online) {
        return Some((UNREACHABLE, "The gateway is either offline or could not be reached.".to_owned()));
    }
    let words = state.estate.refusal(&connection.id, connection.login.as_ref()?)?;
    Some((REFUSED_LOGIN, words))
}

/// A connection that the caller may at least read.
pub(crate) fn readable<'a>(state: &'a State, id: &str) -> Result<&'a Connection, Refusal> {
    let found = state.fabric.connections.iter().find(|connection| connection.id == id);
    found.filter(|connection| connection.rights != Rights::None).ok_or_else(Refusal::not_found)
}

/// The `Connection` object of Fabric REST. It has no place for references; whether the service shows them somewhere all
/// the same is not known.
pub(crate) fn describe(state: &State, connection: &Connection) -> Value {
    let mut credential = json!({
        "credentialType": connection.credential_type,
        "singleSignOnType": connection.sign_on,
        "connectionEncryption": connection.encryption,
        "skipTestConnection": connection.skip_test,
    });
    if let Some(reference) = connection.reference.as_ref().filter(|_| state.fabric.shows_references) {
        let reference = json!({"credentialType": connection.credential_type, "passwordReference": reference});
        fields::put(&mut credential, "credentials", reference);
    }
    let mut body = json!({
        "id": connection.id,
        "connectivityType": connection.connectivity,
        "connectionDetails": connection.details,
        "privacyLevel": connection.privacy,
        "credentialDetails": credential,
        "connectionRecency": {"createdDateTime": "2025-03-01T09:00:00Z", "lastCredentialUsedDateTime": null},
    });
    if let Some(name) = &connection.name {
        fields::put(&mut body, "displayName", name.as_str());
    }
    if let Some(gateway) = &connection.gateway {
        fields::put(&mut body, "gatewayId", gateway.as_str());
    }
    body
}
