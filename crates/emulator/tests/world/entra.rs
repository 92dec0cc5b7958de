//! Entra: who gets a token, and for how long it is good.

use emulator::{SecretState, scene};
use serde_json::{Value, json};

use crate::bot;

fn asked_with(changes: &[(&str, &str)]) -> bot::Answer {
    let world = bot::contoso();
    let scope = format!("{}/.default", scene::POWER_BI_RESOURCE);
    let mut fields = vec![
        ("grant_type", "client_credentials"),
        ("client_id", scene::CLIENT_ID),
        ("client_secret", scene::CLIENT_SECRET),
        ("scope", scope.as_str()),
    ];
    for (name, value) in changes {
        fields.iter_mut().filter(|field| field.0 == *name).for_each(|field| field.1 = value);
    }
    bot::send(&world, bot::token_request(&fields))
}

fn aadsts(answer: &bot::Answer) -> u64 {
    let number = answer.body["error_codes"][0].as_u64().unwrap();
    let description = answer.body["error_description"].as_str().unwrap();
    assert!(description.starts_with(&format!("AADSTS{number}: ")), "{description}");
    number
}

#[test]
fn the_right_secret_buys_a_token_for_an_hour() {
    let answer = asked_with(&[]);
    assert_eq!((answer.status, &answer.body["expires_in"]), (200, &json!(3599)));
    assert_eq!(answer.body["token_type"], "Bearer");
}

#[test]
fn what_is_wrong_has_its_number() {
    assert_eq!(aadsts(&asked_with(&[("client_secret", "guess")])), 7_000_215);
    assert_eq!(aadsts(&asked_with(&[("client_id", scene::PROFILE_ID)])), 700_016);
    assert_eq!(aadsts(&asked_with(&[("scope", "https://example.com/.default")])), 70_011);
    assert_eq!(aadsts(&asked_with(&[("scope", scene::POWER_BI_RESOURCE)])), 70_011);
    assert_eq!(aadsts(&asked_with(&[("grant_type", "password")])), 70_003);
}

#[test]
fn an_unknown_tenant_and_an_expired_secret_are_told_apart() {
    let world = bot::contoso();
    let mut request = bot::token_request(&[]);
    *request.uri_mut() = "/login/nowhere/oauth2/v2.0/token".parse().unwrap();
    assert_eq!(aadsts(&bot::send(&world, request)), 90_002);

    world.set_client_secret(SecretState::Expired);
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", scene::CLIENT_ID),
        ("client_secret", scene::CLIENT_SECRET),
        ("scope", "https://api.fabric.microsoft.com/.default"),
    ];
    assert_eq!(aadsts(&bot::send(&world, bot::token_request(&fields))), 7_000_222);
}

#[test]
fn services_check_audience_age_and_origin_of_a_token() {
    let world = bot::contoso();
    let (for_powerbi, for_fabric) =
        (bot::token(&world, scene::POWER_BI_RESOURCE), bot::token(&world, scene::FABRIC_RESOURCE));
    let status = |path: &str, token: &str| bot::send(&world, bot::request("GET", path, token, &Value::Null)).status;
    let (powerbi, fabric) = ("/powerbi/v1.0/myorg/gateways", "/fabric/v1/connections");

    assert_eq!(status(powerbi, &for_powerbi), 200);
    assert_eq!(status(fabric, &for_fabric), 200);
    assert_eq!(status(fabric, &for_powerbi), 200, "Fabric takes Power BI's tokens");
    assert_eq!(status(powerbi, &for_fabric), 401);
    assert_eq!(status(powerbi, "made-up"), 401);
    assert_eq!(status(fabric, "made-up"), 401);

    world.advance(3_598_999);
    assert_eq!(status(powerbi, &for_powerbi), 200);
    world.advance(1);
    assert_eq!(status(powerbi, &for_powerbi), 401);
    assert_eq!(status(fabric, &for_fabric), 401);
}

#[test]
fn the_journal_masks_what_would_be_secret() {
    let world = bot::contoso();
    bot::powerbi(&world, "GET", "gateways", &Value::Null);
    let journal = serde_json::to_string(&world.received()).unwrap();
    assert!(!journal.contains("emulated"), "{journal}");
    assert!(journal.contains("***"));
}
