//! Fabric: what a connection takes, member by member, and how its tests answer.

use emulator::fabric::Rights;
use emulator::{World, scene};
use seal::{Credential, Secret};
use serde_json::{Value, json};

use crate::bot::{self, Answer};

fn get(world: &World, path: &str) -> Answer {
    bot::fabric(world, "GET", path, &Value::Null)
}

fn update(world: &World, id: &str, body: &Value) -> Answer {
    bot::fabric(world, "PATCH", &format!("connections/{id}"), body)
}

fn test(world: &World, id: &str) -> Answer {
    bot::fabric(world, "POST", &format!("connections/{id}/testConnection"), &Value::Null)
}

/// Status and code; the header has to repeat the code.
fn code(answer: &Answer) -> (u16, &str) {
    let code = answer.body["errorCode"].as_str().unwrap_or_default();
    let header = answer.headers.get("x-ms-public-api-error-code").map_or("", |value| value.to_str().unwrap());
    assert_eq!(code, header);
    (answer.status, code)
}

fn body(connectivity: &str, credentials: &Value) -> Value {
    json!({"connectivityType": connectivity, "credentialDetails": {"credentials": credentials}})
}

fn clustered(values: &[Value]) -> Value {
    body("OnPremisesGateway", &json!({"credentialType": "Basic", "values": values}))
}

const BASIC: fn() -> Value = || json!({"credentialType": "Basic", "username": "svc", "password": "second"});

#[test]
fn every_member_opens_its_own_entry() {
    let world = bot::contoso();
    let values = bot::member_values(&world, scene::CLUSTER, &bot::password("svc", "second"));
    let answer = update(&world, scene::CONNECTION_CLUSTER, &clustered(&values));
    assert_eq!((answer.status, &answer.body["displayName"]), (200, &json!("Sales lakehouse feed")));
    let members: Vec<_> = world.opened().into_iter().map(|opened| opened.member.unwrap()).collect();
    assert_eq!(members, [scene::CLUSTER, scene::CLUSTER_SECOND, scene::CLUSTER_THIRD]);
    assert!(world.opened().iter().all(|opened| opened.kept && opened.plaintext.contains("second")));
}

#[test]
fn entries_must_be_the_members_each_once_each_under_its_key() {
    let world = bot::contoso();
    let values = bot::member_values(&world, scene::CLUSTER, &bot::password("svc", "second"));
    let refused = |values: &[Value]| update(&world, scene::CONNECTION_CLUSTER, &clustered(values)).status;
    assert_eq!(refused(&values[..2]), 400, "a member is missing");
    assert_eq!(refused(&[]), 400);
    assert_eq!(refused(&[values[0].clone(), values[0].clone(), values[1].clone()]), 400, "a member twice");
    let mut stranger = values.clone();
    stranger[2]["gatewayId"] = json!(scene::GATEWAY_SALES);
    assert_eq!(refused(&stranger), 400, "not a member");
    let mut swapped = values.clone();
    swapped[1]["encryptedCredentials"] = values[0]["encryptedCredentials"].clone();
    assert_eq!(refused(&swapped), 400, "another member's key");
    assert!(world.opened().is_empty());

    world.allow_missing_members(true);
    assert_eq!(refused(&[]), 400);
    assert_eq!(refused(&values[..2]), 200);
    let kind = json!({"credentialType": "WindowsWithoutImpersonation", "values": values});
    let unfit = update(&world, scene::CONNECTION_CLUSTER, &body("OnPremisesGateway", &kind));
    assert_eq!(unfit.body["moreDetails"][0]["errorCode"], "DMTS_InvalidCredentialTypeError");
}

#[test]
fn the_rest_of_the_schema_is_held() {
    let world = bot::contoso();
    let faulty = [
        json!({"credentialDetails": {"credentials": BASIC()}}),
        body("VirtualNetworkGateway", &BASIC()),
        body("ShareableCloud", &json!({"credentialType": "OAuth2", "accessToken": "x"})),
        body("ShareableCloud", &json!({"credentialType": "SAS", "token": "x"})),
        body("ShareableCloud", &json!({"credentialType": "Basic", "username": "svc"})),
        body("ShareableCloud", &json!({"credentialType": "Basic", "username": "svc", "password": "x", "key": "y"})),
        json!({"connectivityType": "ShareableCloud", "credentialDetails": {"credentialType": "Basic", "password": "x"}}),
        json!({"connectivityType": "ShareableCloud", "gatewayId": scene::CLUSTER}),
        json!({"connectivityType": "ShareableCloud", "privacyLevel": "Secret"}),
        json!({"connectivityType": "ShareableCloud", "credentialDetails": {"skipTestConnection": "true"}}),
    ];
    for body in faulty {
        let answer = update(&world, scene::CONNECTION_CLOUD, &body);
        assert_eq!(code(&answer), (400, "InvalidInput"), "{body}");
    }
    let shared = |connectivity: &str| json!({"connectivityType": connectivity, "allowConnectionUsageInGateway": true});
    assert_eq!(update(&world, scene::CONNECTION_CLOUD, &shared("ShareableCloud")).status, 200);
    assert_eq!(update(&world, scene::CONNECTION_VNET, &shared("VirtualNetworkGateway")).status, 400);
    let named = json!({"connectivityType": "PersonalCloud", "displayName": "Mine"});
    assert_eq!(update(&world, scene::CONNECTION_PERSONAL_CLOUD, &named).status, 400, "it has no display name");
    let taken = json!({"connectivityType": "ShareableCloud", "displayName": "Payroll"});
    assert_eq!(code(&update(&world, scene::CONNECTION_CLOUD, &taken)), (409, "DuplicateConnectionName"));
}

#[test]
fn plain_fields_reach_cloud_and_network_connections() {
    let world = bot::contoso();
    let key = json!({"credentialType": "Key", "key": "second"});
    for (id, connectivity, credentials) in [
        (scene::CONNECTION_CLOUD, "ShareableCloud", BASIC()),
        (scene::CONNECTION_PERSONAL_CLOUD, "PersonalCloud", key.clone()),
        (scene::CONNECTION_VNET, "VirtualNetworkGateway", BASIC()),
        (scene::CONNECTION_STREAMING, "StreamingVirtualNetworkGateway", key),
    ] {
        let answer = update(&world, id, &body(connectivity, &credentials));
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(world.connection_credential(id).unwrap().contains("second"));
    }
    let identity = body("VirtualNetworkGateway", &json!({"credentialType": "WorkspaceIdentity"}));
    assert_eq!(code(&update(&world, scene::CONNECTION_VNET, &identity)), (400, "UpdateGatewayConnectionFailed"));
}

#[test]
fn a_personal_gateway_takes_one_ciphertext() {
    let world = bot::contoso();
    let gateway = get(&world, &format!("gateways/{}", scene::GATEWAY_PERSONAL));
    let credential = Credential::Windows { username: r"CONTOSO\svc".into(), password: Secret::new("second".into()) };
    let sealed = bot::seal(&gateway.body["publicKey"], &credential);
    let single = json!({"credentialType": "Windows", "encryptedCredentials": sealed});
    assert_eq!(update(&world, scene::CONNECTION_PERSONAL, &body("OnPremisesGatewayPersonal", &single)).status, 200);
    let listed = json!({"credentialType": "Windows", "values": [{"gatewayId": scene::GATEWAY_PERSONAL, "encryptedCredentials": sealed}]});
    assert_eq!(update(&world, scene::CONNECTION_PERSONAL, &body("OnPremisesGatewayPersonal", &listed)).status, 400);
    assert_eq!(get(&world, &format!("gateways/{}/members", scene::GATEWAY_PERSONAL)).status, 404);
}

#[test]
fn key_vault_references_are_hidden_as_specified_and_may_not_name_a_version() {
    let world = bot::contoso();
    let shown =
        || get(&world, &format!("connections/{}", scene::CONNECTION_KEY_VAULT)).body["credentialDetails"].clone();
    assert!(shown()["credentialType"].is_string() && shown()["credentials"].is_null());
    world.show_references();
    assert!(shown()["credentials"]["passwordReference"].is_object());
    let reference = json!({"connectionId": scene::CONNECTION_CLOUD, "secretName": "shop", "version": "1"});
    let refer = |reference: &Value| {
        let credentials = json!({"credentialType": "Basic", "username": "svc", "passwordReference": reference});
        update(&world, scene::CONNECTION_KEY_VAULT, &body("ShareableCloud", &credentials))
    };
    let refused = refer(&reference);
    assert_eq!(refused.body["moreDetails"][0]["errorCode"], "DMS_CredentialsNotFoundInAzureKeyVaultErrorCode");
    let unversioned = json!({"connectionId": scene::CONNECTION_CLOUD, "secretName": "shop"});
    assert_eq!(refer(&unversioned).status, 200);
    let credentials = json!({"credentialType": "Basic", "username": "svc", "passwordReference": unversioned});
    let network = update(&world, scene::CONNECTION_VNET, &body("VirtualNetworkGateway", &credentials));
    assert_eq!(network.status, 400, "references are for the cloud");
}

#[test]
fn a_refused_login_is_told_on_update_and_on_test() {
    let world = bot::contoso();
    world.set_source_password(scene::CONNECTION_CLOUD, Some("expected"));
    let refused = update(&world, scene::CONNECTION_CLOUD, &body("ShareableCloud", &BASIC()));
    assert_eq!(code(&refused), (400, "IncorrectCredentials"));
    assert!(refused.body["moreDetails"][0]["message"].as_str().unwrap().contains("'svc'"));
    assert!(world.connection_credential(scene::CONNECTION_CLOUD).unwrap().contains("first-password"));

    let mut unchecked = body("ShareableCloud", &BASIC());
    unchecked["credentialDetails"]["skipTestConnection"] = json!(true);
    assert_eq!(update(&world, scene::CONNECTION_CLOUD, &unchecked).status, 200);
    let offline = test(&world, scene::CONNECTION_CLOUD);
    assert_eq!((offline.status, &offline.body["status"]), (200, &json!("Offline")));
    world.set_source_password(scene::CONNECTION_CLOUD, None);
    assert_eq!(test(&world, scene::CONNECTION_CLOUD).body, json!({"status": "Online", "errors": null}));
    assert_eq!(test(&world, scene::CONNECTION_STREAMING).status, 400);
}

#[test]
fn a_slow_test_is_an_operation_to_poll() {
    let world = bot::contoso();
    world.set_long_running(scene::CONNECTION_CLOUD, Some(1));
    let begun = test(&world, scene::CONNECTION_CLOUD);
    assert_eq!((begun.status, &begun.headers["retry-after"]), (202, &"30".parse().unwrap()));
    let location = begun.headers["location"].to_str().unwrap().to_owned();
    let id = begun.headers["x-ms-operation-id"].to_str().unwrap().to_owned();
    assert_eq!(location, format!("http://emulator.test/fabric/v1/operations/{id}"));

    let poll = || get(&world, &format!("operations/{id}"));
    let result = || get(&world, &format!("operations/{id}/result"));
    assert_eq!(result().status, 400);
    assert_eq!(poll().body["status"], "Running");
    let done = poll();
    assert_eq!(
        (&done.body["status"], done.headers["location"].to_str().unwrap().ends_with("/result")),
        (&json!("Succeeded"), true)
    );
    assert_eq!(result().body["status"], "Online");
    assert_eq!(get(&world, "operations/none").status, 404);
}

#[test]
fn rights_decide_what_can_be_seen_and_changed() {
    let world = bot::contoso();
    let forbidden = format!("connections/{}", scene::CONNECTION_FORBIDDEN);
    assert_eq!(code(&get(&world, &forbidden)), (404, "EntityNotFound"));
    world.set_connection_rights(scene::CONNECTION_FORBIDDEN, Rights::User);
    assert_eq!(get(&world, &forbidden).status, 200);
    let change = body("ShareableCloud", &BASIC());
    let refused = update(&world, scene::CONNECTION_FORBIDDEN, &change);
    assert_eq!(code(&refused), (403, "InsufficientPermissionsToManageConnection"));
    world.set_connection_rights(scene::CONNECTION_FORBIDDEN, Rights::Owner);
    assert_eq!(update(&world, scene::CONNECTION_FORBIDDEN, &change).status, 200);
    assert_eq!(get(&world, &format!("gateways/{}", scene::GATEWAY_FOREIGN)).status, 404);
}

#[test]
fn the_list_comes_in_pages_and_the_last_has_no_token() {
    let world = bot::contoso();
    let (mut seen, mut query) = (0, String::new());
    loop {
        let page = get(&world, &format!("connections{query}"));
        seen += page.body["value"].as_array().unwrap().len();
        let Some(token) = page.body.get("continuationToken") else { break };
        query = format!("?continuationToken={}", token.as_str().unwrap());
    }
    assert_eq!(seen, 9, "all but the forbidden one");
    assert_eq!(get(&world, "connections?continuationToken=x").status, 400);
}

#[test]
fn health_is_told_for_gateway_and_member() {
    let world = bot::contoso();
    let check = |path: &str| bot::fabric(&world, "POST", &format!("gateways/{path}/checkStatus"), &Value::Null).body;
    assert_eq!(check(scene::CLUSTER)["status"], "Online");
    assert_eq!(check(&format!("{}/members/{}", scene::CLUSTER, scene::CLUSTER_THIRD))["status"], "Offline");
    world.set_gateway_online(scene::CLUSTER, false);
    assert_eq!(test(&world, scene::CONNECTION_CLUSTER).body["status"], "Offline");
    assert_eq!(check(scene::CLUSTER)["errorDetails"][0]["errorCode"], "DM_GWPipeline_Client_GatewayUnreachable");
    let values = bot::member_values(&world, scene::CLUSTER, &bot::password("svc", "second"));
    let refused = update(&world, scene::CONNECTION_CLUSTER, &clustered(&values));
    assert_eq!(code(&refused), (400, "UpdateGatewayConnectionFailed"));
}

#[test]
fn keys_of_an_answer_come_in_no_fixed_order() {
    let world = bot::contoso();
    let token = bot::token(&world, scene::FABRIC_RESOURCE);
    let path = format!("/fabric/v1/connections/{}", scene::CONNECTION_CLOUD);
    let text = || world.serve(bot::request("GET", &path, &token, &Value::Null)).unwrap().into_body();
    assert_ne!(text(), text());
}
