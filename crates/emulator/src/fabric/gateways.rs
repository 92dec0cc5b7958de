//! Gateways as Fabric shows them: every kind, every member with its key, and their health.

use serde_json::{Value, json};

use super::error::Refusal;
use super::{Success, operations};
use crate::estate::{Gateway, GatewayKind, Member};
use crate::powerbi::error::UNREACHABLE;
use crate::world::State;

/// Fabric REST, Gateways: List Gateways.
pub(crate) fn list(state: &State) -> Value {
    let gateways = state.estate.gateways.iter().filter(|gateway| visible(gateway));
    json!({"value": gateways.map(describe).collect::<Vec<_>>()})
}

/// Fabric REST, Gateways: Get Gateway.
pub(crate) fn get(state: &State, id: &str) -> Result<Value, Refusal> {
    find(state, id).map(describe)
}

/// Fabric REST, Gateways: List Gateway Members. For on-premises gateways alone.
pub(crate) fn members(state: &State, id: &str) -> Result<Value, Refusal> {
    let gateway = find(state, id)?;
    if gateway.kind != GatewayKind::OnPremises {
        return Err(Refusal::not_found());
    }
    let members = gateway.members.iter().map(|member| {
        json!({
            "id": member.id,
            "displayName": member.name,
            "publicKey": public_key(member),
            "version": member.version,
            "enabled": member.enabled,
        })
    });
    Ok(json!({"value": members.collect::<Vec<_>>()}))
}

/// Fabric REST, Gateways: Check Gateway Status.
pub(crate) fn check(state: &mut State, id: &str) -> Result<Success, Refusal> {
    let gateway = find(state, id)?;
    let status = status(gateway.online, gateway.primary());
    Ok(operations::begin(state, id, status))
}

/// Fabric REST, Gateways: Check Gateway Member Status.
pub(crate) fn check_member(state: &mut State, id: &str, member: &str) -> Result<Success, Refusal> {
    let gateway = find(state, id)?;
    let found = gateway.members.iter().find(|known| known.id == member).ok_or_else(Refusal::not_found)?;
    let status = status(gateway.online && found.enabled, Some(found));
    Ok(operations::begin(state, member, status))
}

fn find<'a>(state: &'a State, id: &str) -> Result<&'a Gateway, Refusal> {
    state.estate.gateway(id).filter(|gateway| visible(gateway)).ok_or_else(Refusal::not_found)
}

/// Any role makes a gateway visible; the virtual gateway of cloud connections never is.
fn visible(gateway: &Gateway) -> bool {
    gateway.administered && gateway.kind != GatewayKind::CloudVirtual
}

fn status(online: bool, member: Option<&Member>) -> Value {
    let offline =
        json!([{"errorCode": UNREACHABLE, "message": "The gateway is either offline or could not be reached."}]);
    json!({
        "status": if online { "Online" } else { "Offline" },
        "gatewayVersion": member.map(|member| member.version.as_str()),
        "gatewayUpgradeState": "UpdateScheduled",
        "errorDetails": if online { Value::Null } else { offline },
    })
}

fn describe(gateway: &Gateway) -> Value {
    let id = &gateway.id;
    let key = gateway.primary().map(public_key);
    let version = gateway.primary().map(|member| member.version.as_str());
    let network = json!({
        "subscriptionId": "6a83c4d5-1e2f-4a3b-9c4d-5e6f70819202",
        "resourceGroupName": "network",
        "virtualNetworkName": "contoso-vnet",
        "subnetName": "gateways",
    });
    match gateway.kind {
        GatewayKind::Personal => json!({"id": id, "type": "OnPremisesPersonal", "publicKey": key, "version": version}),
        GatewayKind::VirtualNetwork => json!({
            "id": id, "type": "VirtualNetwork", "displayName": gateway.name, "virtualNetworkAzureResource": network,
            "inactivityMinutesBeforeSleep": 30, "numberOfMemberGateways": 1,
        }),
        GatewayKind::StreamingVirtualNetwork => json!({
            "id": id, "type": "StreamingVirtualNetwork", "displayName": gateway.name,
            "virtualNetworkAzureResource": network,
        }),
        GatewayKind::OnPremises | GatewayKind::CloudVirtual => json!({
            "id": id, "type": "OnPremises", "displayName": gateway.name, "publicKey": key, "version": version,
            "numberOfMemberGateways": gateway.members.len(), "loadBalancingSetting": "Failover",
            "allowCloudConnectionRefresh": true, "allowCustomConnectors": false,
        }),
    }
}

fn public_key(member: &Member) -> Value {
    let (exponent, modulus) = member.key.public_parts();
    json!({"exponent": exponent, "modulus": modulus})
}
