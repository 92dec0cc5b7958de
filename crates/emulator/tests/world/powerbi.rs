//! Power BI: what an administrator sees, and which new credentials a data source takes.

use emulator::powerbi::error;
use emulator::{World, scene};
use seal::{Credential, Secret};
use serde_json::{Value, json};

use crate::bot::{self, Answer};

const SALES: &str = "gateways/1f69e798-5852-4fdd-ab01-33bb14b6e934";

fn get(world: &World, path: &str) -> Answer {
    bot::powerbi(world, "GET", path, &Value::Null)
}

fn update(world: &World, gateway: &str, source: &str, body: &Value) -> Answer {
    bot::powerbi(world, "PATCH", &format!("gateways/{gateway}/datasources/{source}"), body)
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.body["error"]["code"].as_str().unwrap_or_default().to_owned())
}

/// The body for the Oracle data source with one field set, or taken away when null.
fn altered(world: &World, field: &str, value: Value) -> Value {
    let mut body = bot::datasource_patch(world, scene::GATEWAY_SALES, "Basic", &bot::password("svc_orders", "second"));
    let details = body["credentialDetails"].as_object_mut().unwrap();
    match value {
        Value::Null => details.remove(field),
        value => details.insert(field.to_owned(), value),
    };
    body
}

#[test]
fn every_key_size_opens_what_is_sealed_for_it() {
    let world = bot::contoso();
    let places = [
        (scene::GATEWAY_LEGACY, scene::LEGACY_SQL),
        (scene::GATEWAY_SALES, scene::SALES_ORACLE),
        (scene::GATEWAY_FINANCE, scene::FINANCE_SQL),
        (scene::GATEWAY_PLANT, scene::PLANT_SQL),
    ];
    for (gateway, source) in places {
        let body = bot::datasource_patch(&world, gateway, "Basic", &bot::password("svc", "second"));
        let answer = update(&world, gateway, source, &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let opened = world.opened().pop().unwrap();
        assert_eq!((opened.place.as_str(), opened.member.as_deref()), (source, Some(gateway)));
        assert!(opened.kept && opened.plaintext.contains("second"));
        assert!(world.datasource_credential(source).unwrap().contains("second"));
    }
}

#[test]
fn only_administered_gateways_are_listed_and_the_cloud_one_cannot_be_read() {
    let world = bot::contoso();
    let listed = get(&world, "gateways").body.to_string();
    assert!(listed.contains(scene::GATEWAY_SALES) && !listed.contains(scene::GATEWAY_FOREIGN));
    assert_eq!(get(&world, &format!("gateways/{}", scene::GATEWAY_FOREIGN)).status, 403);
    assert_eq!(get(&world, &format!("gateways/{}", scene::GATEWAY_CLOUD)).status, 404);
    let cloud = get(&world, &format!("gateways/{}/datasources/{}", scene::GATEWAY_CLOUD, scene::CLOUD_SQL));
    assert_eq!(cloud.status, 200);
    world.set_powerbi_denied_status(404);
    assert_eq!(get(&world, &format!("gateways/{}", scene::GATEWAY_FOREIGN)).status, 404);
    assert_eq!(get(&world, &format!("gateways/{}", scene::GATEWAY_VNET)).status, 404);
    world.set_gateway_admin(scene::GATEWAY_SALES, false);
    assert_eq!(get(&world, &format!("{SALES}/datasources")).status, 404);
}

#[test]
fn connection_details_are_text_on_a_gateway_and_an_object_on_a_model() {
    let world = bot::contoso();
    let source = get(&world, &format!("{SALES}/datasources/{}", scene::SALES_SQL));
    assert!(source.body["connectionDetails"].as_str().unwrap().contains("sql01"));
    assert!(source.headers.contains_key("requestid"));
    let elsewhere = format!("gateways/{}/datasources/{}", scene::GATEWAY_FINANCE, scene::SALES_SQL);
    assert_eq!(get(&world, &elsewhere).status, 404, "it belongs to another gateway");
    let model = format!("groups/{}/datasets/{}", scene::WORKSPACE, scene::DATASET);
    assert!(get(&world, &format!("{model}/datasources")).body["value"][0]["connectionDetails"].is_object());
    let bound = get(&world, &format!("{model}/Default.GetBoundGatewayDatasources"));
    assert!(bound.body["value"][0]["connectionDetails"].is_string());
}

#[test]
fn a_request_that_breaks_the_schema_is_a_bad_request() {
    let world = bot::contoso();
    let faulty = [
        ("credentials", Value::Null),
        ("credentialType", Value::Null),
        ("encryptedConnection", Value::Null),
        ("encryptionAlgorithm", Value::Null),
        ("privacyLevel", Value::Null),
        ("credentialType", json!("KeyPair")),
        ("encryptedConnection", json!(true)),
        ("encryptionAlgorithm", json!("RSA-OAEP-256")),
        ("privacyLevel", json!("organizational")),
        ("useEndUserOAuth2Credentials", json!("False")),
        ("useCallerAADIdentity", json!("true")),
    ];
    for (field, value) in faulty {
        let answer = update(&world, scene::GATEWAY_SALES, scene::SALES_ORACLE, &altered(&world, field, value));
        assert_eq!(code(&answer), (400, "BadRequest".to_owned()), "{field}");
    }
    let bare = altered(&world, "", Value::Null)["credentialDetails"].clone();
    let answer = update(&world, scene::GATEWAY_SALES, scene::SALES_ORACLE, &bare);
    assert_eq!(answer.body["error"]["details"][0]["target"], "datasourceDelta");
    let identity = altered(&world, "useCallerAADIdentity", json!(true));
    assert_eq!(code(&update(&world, scene::GATEWAY_SALES, scene::SALES_ORACLE, &identity)).1, "InvalidRequest");
    assert!(world.opened().is_empty());
}

#[test]
fn the_callers_identity_goes_with_oauth2_and_not_to_an_extension() {
    let world = bot::contoso();
    let token = Credential::OAuth2 { access_token: Secret::new("eyJ0.second".into()) };
    let mut body = bot::datasource_patch(&world, scene::GATEWAY_SALES, "OAuth2", &token);
    body["credentialDetails"]["useCallerAADIdentity"] = json!(true);
    let refused = update(&world, scene::GATEWAY_SALES, scene::SALES_EXTENSION, &body);
    assert_eq!(code(&refused), (400, "InvalidRequest".to_owned()));
    assert_eq!(update(&world, scene::GATEWAY_SALES, scene::SALES_SQL, &body).status, 200);
    body["credentialDetails"]["useCallerAADIdentity"] = json!(false);
    assert_eq!(update(&world, scene::GATEWAY_SALES, scene::SALES_EXTENSION, &body).status, 200);
}

#[test]
fn the_algorithm_must_fit_the_gateway() {
    let world = bot::contoso();
    let plain = bot::password("svc", "second").to_json().expose().to_owned();
    let mut in_clear = altered(&world, "encryptionAlgorithm", json!("None"));
    in_clear["credentialDetails"]["credentials"] = json!(plain);
    let invalid = (400, error::INVALID_ALGORITHM.to_owned());
    assert_eq!(code(&update(&world, scene::GATEWAY_SALES, scene::SALES_ORACLE, &in_clear)), invalid);
    assert_eq!(update(&world, scene::GATEWAY_CLOUD, scene::CLOUD_SQL, &in_clear).status, 200);
    assert_eq!(world.opened().pop().unwrap().member, None);
    let sealed = altered(&world, "", Value::Null);
    assert_eq!(code(&update(&world, scene::GATEWAY_CLOUD, scene::CLOUD_SQL, &sealed)), invalid);
}

#[test]
fn a_ciphertext_for_another_key_or_with_other_names_is_refused() {
    let world = bot::contoso();
    let unknown = (400, error::UNKNOWN.to_owned());
    let elsewhere = bot::datasource_patch(&world, scene::GATEWAY_FINANCE, "Basic", &bot::password("svc", "second"));
    assert_eq!(code(&update(&world, scene::GATEWAY_SALES, scene::SALES_ORACLE, &elsewhere)), unknown);
    let misnamed = altered(&world, "credentialType", json!("Key"));
    assert_eq!(code(&update(&world, scene::GATEWAY_SALES, scene::SALES_BLOBS, &misnamed)), unknown);

    let stale = altered(&world, "", Value::Null);
    world.set_member_key(scene::GATEWAY_SALES, scene::GATEWAY_SALES, scene::REPLACEMENT_KEY).unwrap();
    assert_eq!(code(&update(&world, scene::GATEWAY_SALES, scene::SALES_ORACLE, &stale)), unknown);
    let fresh = altered(&world, "", Value::Null);
    assert_eq!(update(&world, scene::GATEWAY_SALES, scene::SALES_ORACLE, &fresh).status, 200);
}

#[test]
fn the_names_of_a_credential_are_those_of_its_type_all_of_them_and_no_others() {
    let world = bot::contoso();
    let status = |names: &[&str]| {
        let pairs: Vec<Value> = names.iter().map(|name| json!({"name": name, "value": "x"})).collect();
        let mut body = altered(&world, "encryptionAlgorithm", json!("None"));
        body["credentialDetails"]["credentials"] = json!(json!({"credentialData": pairs}).to_string());
        update(&world, scene::GATEWAY_CLOUD, scene::CLOUD_SQL, &body).status
    };
    assert_eq!(status(&["username", "password"]), 200);
    assert_eq!(status(&["username"]), 400);
    assert_eq!(status(&["username", "password", "key"]), 400);
    assert_eq!(status(&["Username", "Password"]), 400);
}

#[test]
fn shared_access_signatures_are_for_storage_alone() {
    let world = bot::contoso();
    let sas = Credential::Sas { token: Secret::new("sv=2024&sig=x".into()) };
    let body = bot::datasource_patch(&world, scene::GATEWAY_SALES, "SAS", &sas);
    assert_eq!(update(&world, scene::GATEWAY_SALES, scene::SALES_BLOBS, &body).status, 200);
    let refused = update(&world, scene::GATEWAY_SALES, scene::SALES_SQL, &body);
    assert_eq!(code(&refused), (400, error::INVALID_TYPE.to_owned()));
}

#[test]
fn a_refused_login_keeps_the_old_credential_and_names_the_user() {
    let world = bot::contoso();
    world.set_source_password(scene::SALES_ORACLE, Some("expected"));
    let answer = update(&world, scene::GATEWAY_SALES, scene::SALES_ORACLE, &altered(&world, "", Value::Null));
    assert_eq!(code(&answer), (400, error::REFUSED_LOGIN.to_owned()));
    assert!(answer.body.to_string().contains("svc_orders"));
    assert!(world.datasource_credential(scene::SALES_ORACLE).unwrap().contains("first-password"));
    assert!(!world.opened().pop().unwrap().kept);

    let status = format!("{SALES}/datasources/{}/status", scene::SALES_ORACLE);
    assert_eq!(code(&get(&world, &status)), (400, error::REFUSED_LOGIN.to_owned()));
    world.set_source_password(scene::SALES_ORACLE, Some("svc_orders"));
    let named = update(&world, scene::GATEWAY_SALES, scene::SALES_ORACLE, &altered(&world, "", Value::Null));
    assert_eq!(named.status, 400, "the user's name is no password");
    world.set_source_password(scene::SALES_ORACLE, None);
    assert_eq!(get(&world, &status).status, 200);
    assert_eq!(world.tests().iter().map(|test| test.online).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn a_gateway_off_line_cannot_be_reached() {
    let world = bot::contoso();
    world.set_gateway_online(scene::GATEWAY_SALES, false);
    let answer = update(&world, scene::GATEWAY_SALES, scene::SALES_ORACLE, &altered(&world, "", Value::Null));
    assert_eq!(code(&answer), (400, error::UNREACHABLE.to_owned()));
    let status = format!("{SALES}/datasources/{}/status", scene::SALES_ORACLE);
    assert_eq!(code(&get(&world, &status)), (400, error::UNREACHABLE.to_owned()));
}

#[test]
fn the_service_principal_profile_is_checked() {
    let world = bot::contoso();
    let token = bot::token(&world, scene::POWER_BI_RESOURCE);
    let with_profile = |profile: &str| {
        let mut request = bot::request("GET", "/powerbi/v1.0/myorg/gateways", &token, &Value::Null);
        request.headers_mut().insert("x-powerbi-profile-id", profile.parse().unwrap());
        bot::send(&world, request).status
    };
    assert_eq!(with_profile("someone-else"), 403);
    world.require_powerbi_profile(true);
    assert_eq!(get(&world, "gateways").status, 403);
    assert_eq!(with_profile(scene::PROFILE_ID), 200);
}
