//! Update Connection: the new credential opened, tried against the database, and only then kept.

use serde_json::{Map, Value};

use super::error::Refusal;
use super::rules::{self, Arrival};
use super::{Connection, Rights, connections};
use crate::credential::Login;
use crate::estate::{GatewayKind, Opened};
use crate::powerbi::error::{REFUSED_LOGIN, UNREACHABLE};
use crate::world::State;

/// Fabric REST, Connections: Update Connection.
pub(crate) fn update(state: &mut State, id: &str, body: &[u8]) -> Result<Value, Refusal> {
    let connection = connections::readable(state, id)?;
    if connection.rights != Rights::Owner {
        let message = "The caller has insufficient permissions to manage this connection";
        return Err(Refusal::new(403, "InsufficientPermissionsToManageConnection", message));
    }
    let body: Value = serde_json::from_slice(body).map_err(|_| Refusal::invalid("The body is not JSON."))?;
    let body = body.as_object().ok_or_else(|| Refusal::invalid("The body is not an object."))?;
    rules::envelope(connection, body)?;
    let name = body.get("displayName").and_then(Value::as_str);
    if name.is_some_and(|name| taken(state, id, name)) {
        return Err(Refusal::new(409, "DuplicateConnectionName", "The connection name is already in use"));
    }
    let details = match body.get("credentialDetails") {
        Some(Value::Object(details)) => details.clone(),
        None => Map::new(),
        Some(_) => return Err(Refusal::invalid("credentialDetails is not an object.")),
    };
    rules::details(&details)?;

    let skip_test = details.get("skipTestConnection").and_then(Value::as_bool).unwrap_or(connection.skip_test);
    let arrivals = match details.get("credentials") {
        Some(Value::Object(credentials)) => arrivals(state, connection, credentials)?,
        None => Vec::new(),
        Some(_) => return Err(Refusal::invalid("credentials is not an object.")),
    };
    let refusal = arrivals.first().and_then(|arrival| refused(state, id, &arrival.login, skip_test));
    record(state, id, &arrivals, refusal.is_none());
    if let Some(words) = refusal {
        let refusal =
            Refusal::new(400, "IncorrectCredentials", "Failed to establish connection using the Credentials input");
        return Err(refusal.because(REFUSED_LOGIN, &words));
    }
    let connection = state.fabric.connections.iter_mut().find(|connection| connection.id == id);
    let connection = connection.ok_or_else(Refusal::not_found)?;
    keep(connection, body, &details, arrivals);
    connections::get(state, id)
}

/// The credential as it arrives at each gateway member, or once in the cloud.
fn arrivals(state: &State, connection: &Connection, sent: &Map<String, Value>) -> Result<Vec<Arrival>, Refusal> {
    let gateway = connection.gateway.as_ref().and_then(|id| state.estate.gateway(id));
    let Some(gateway) = gateway.filter(|gateway| gateway.is_on_premises()) else {
        return rules::plain(connection, sent).map(|login| vec![Arrival { member: None, login }]);
    };
    if !gateway.online {
        return Err(Refusal::gateway_failed(UNREACHABLE, "The gateway is either offline or could not be reached."));
    }
    match gateway.kind {
        GatewayKind::Personal => rules::personal(gateway, sent),
        _ => rules::clustered(gateway, sent, state.fabric.members_may_miss),
    }
}

fn taken(state: &State, id: &str, name: &str) -> bool {
    state.fabric.connections.iter().any(|other| other.id != id && other.name.as_deref() == Some(name))
}

fn refused(state: &State, id: &str, login: &Login, skip_test: bool) -> Option<String> {
    if skip_test { None } else { state.estate.refusal(id, login) }
}

fn record(state: &mut State, id: &str, arrivals: &[Arrival], kept: bool) {
    let at_ms = state.now_ms();
    state.estate.opened.extend(arrivals.iter().map(|Arrival { member, login }| Opened {
        service: "fabric".into(),
        place: id.to_owned(),
        member: member.clone(),
        credential_type: login.kind.clone(),
        plaintext: login.plaintext.clone(),
        kept,
        at_ms,
    }));
}

/// What the request names takes the old value's place; what it leaves out stays.
fn keep(connection: &mut Connection, body: &Map<String, Value>, details: &Map<String, Value>, arrivals: Vec<Arrival>) {
    let text = |fields: &Map<String, Value>, name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    connection.name = text(body, "displayName").or(connection.name.take());
    connection.privacy = text(body, "privacyLevel").unwrap_or_else(|| connection.privacy.clone());
    connection.sign_on = text(details, "singleSignOnType").unwrap_or_else(|| connection.sign_on.clone());
    connection.encryption = text(details, "connectionEncryption").unwrap_or_else(|| connection.encryption.clone());
    connection.skip_test = details.get("skipTestConnection").and_then(Value::as_bool).unwrap_or(connection.skip_test);
    let reference = details.get("credentials").and_then(|sent| sent.get("passwordReference")).cloned();
    if let Some(Arrival { login, .. }) = arrivals.into_iter().next() {
        connection.credential_type = login.kind.clone();
        connection.login = Some(login);
        connection.reference = reference;
    }
}
