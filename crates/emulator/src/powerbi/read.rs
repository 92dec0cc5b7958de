//! What Power BI lets a gateway administrator read.

use serde_json::{Value, json};

use super::error::{self, Refusal};
use super::{DataSource, not_found};
use crate::estate::{ConnectionTest, Gateway, GatewayKind};
use crate::world::State;

/// The gateways the caller administers, and no others.
pub(crate) fn gateways(state: &State) -> Value {
    let administered = state.estate.gateways.iter().filter(|gateway| gateway.administered && is_listed(gateway));
    json!({"value": administered.map(describe).collect::<Vec<_>>()})
}

pub(crate) fn gateway(state: &State, id: &str) -> Result<Value, Refusal> {
    let gateway = state.estate.gateway(id).filter(|gateway| is_listed(gateway)).ok_or_else(not_found)?;
    administered(state, gateway)?;
    Ok(describe(gateway))
}

pub(crate) fn sources(state: &State, gateway: &str) -> Result<Value, Refusal> {
    let found = reachable(state, gateway)?;
    let sources = state.powerbi.sources.iter().filter(|source| source.gateway == found.id);
    Ok(json!({"value": sources.map(describe_source).collect::<Vec<_>>()}))
}

pub(crate) fn source(state: &State, gateway: &str, id: &str) -> Result<Value, Refusal> {
    find(state, gateway, id).map(|(_, source)| describe_source(source))
}

/// Tests the credential that the data source keeps.
pub(crate) fn status(state: &mut State, gateway: &str, id: &str) -> Result<(), Refusal> {
    let (gateway, source) = find(state, gateway, id)?;
    let outcome = if !gateway.online {
        Err(Refusal::pipeline(error::UNREACHABLE, None))
    } else {
        match state.estate.refusal(&source.database, &source.login) {
            Some(words) => Err(Refusal::pipeline(error::REFUSED_LOGIN, Some(&words))),
            None => Ok(()),
        }
    };
    let (online, at_ms) = (outcome.is_ok(), state.now_ms());
    state.estate.tests.push(ConnectionTest { service: "powerbi".into(), place: id.to_owned(), online, at_ms });
    outcome
}

/// A data source with its gateway, when the caller may touch both.
pub(crate) fn find<'a>(
    state: &'a State,
    gateway: &str,
    source: &str,
) -> Result<(&'a Gateway, &'a DataSource), Refusal> {
    let gateway = reachable(state, gateway)?;
    let source = state.powerbi.sources.iter().find(|known| known.id == source && known.gateway == gateway.id);
    Ok((gateway, source.ok_or_else(not_found)?))
}

/// A gateway whose data sources the caller may touch: its own virtual one, or one it administers.
fn reachable<'a>(state: &'a State, id: &str) -> Result<&'a Gateway, Refusal> {
    let gateway = state.estate.gateway(id).ok_or_else(not_found)?;
    match gateway.kind {
        GatewayKind::VirtualNetwork | GatewayKind::StreamingVirtualNetwork => Err(not_found()),
        // Each owner has a cloud gateway of their own.
        GatewayKind::CloudVirtual if !gateway.administered => Err(Refusal::not_authorized()),
        GatewayKind::CloudVirtual => Ok(gateway),
        GatewayKind::OnPremises | GatewayKind::Personal => administered(state, gateway).map(|()| gateway),
    }
}

fn administered(state: &State, gateway: &Gateway) -> Result<(), Refusal> {
    if gateway.administered {
        Ok(())
    } else {
        Err(Refusal::Body(state.powerbi.denied, error::pipeline(error::NOT_AUTHORIZED, None)))
    }
}

fn is_listed(gateway: &Gateway) -> bool {
    gateway.is_on_premises()
}

fn describe(gateway: &Gateway) -> Value {
    let key = gateway.primary().map(|member| {
        let (exponent, modulus) = member.key.public_parts();
        json!({"exponent": exponent, "modulus": modulus})
    });
    json!({
        "id": gateway.id,
        "name": gateway.name,
        "type": if gateway.kind == GatewayKind::Personal { "Personal" } else { "Resource" },
        "gatewayAnnotation": json!({"gatewayVersion": "3000.286.14"}).to_string(),
        "publicKey": key,
        "gatewayStatus": if gateway.online { "Live" } else { "NotReachable" },
    })
}

/// The `GatewayDatasource` object of Power BI REST.
pub(crate) fn describe_source(source: &DataSource) -> Value {
    json!({
        "id": source.id,
        "gatewayId": source.gateway,
        "datasourceName": source.name,
        "datasourceType": source.kind,
        "connectionDetails": source.details.to_string(),
        "credentialType": source.login.kind,
        "credentialDetails": {"useEndUserOAuth2Credentials": source.end_user_oauth2},
    })
}
