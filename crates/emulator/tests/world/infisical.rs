//! Infisical: the login, and raw secrets of one folder.

use emulator::{Manager, NewVersion, World, scene};
use serde_json::{Value, json};

use crate::bot;

fn log_in(world: &World, secret: &str) -> bot::Answer {
    let body = json!({"clientId": scene::INFISICAL_CLIENT_ID, "clientSecret": secret});
    bot::send(world, bot::request("POST", "/infisical/api/v1/auth/universal-auth/login", "", &body))
}

/// A token of Infisical.
pub fn token(world: &World) -> String {
    log_in(world, scene::INFISICAL_CLIENT_SECRET).body["accessToken"].as_str().unwrap().to_owned()
}

fn get(world: &World, token: &str, name: &str, more: &str) -> bot::Answer {
    let place = format!("workspaceId={}&environment=prod&secretPath=%2Fwarehouse", scene::INFISICAL_PROJECT);
    let query = if more.starts_with('&') || more.is_empty() { format!("{place}{more}") } else { more.to_owned() };
    bot::send(world, bot::request("GET", &format!("/infisical/api/v3/secrets/raw/{name}?{query}"), token, &Value::Null))
}

#[test]
fn the_current_version_and_one_before_are_read() {
    let world = bot::contoso();
    world.put_secret(Manager::Infisical, "SALES_DB", NewVersion::of("one"));
    world.put_secret(Manager::Infisical, "SALES_DB", NewVersion::of("two").tagged("username", "svc"));
    let token = token(&world);
    let current = get(&world, &token, "SALES_DB", "").body;
    assert_eq!((&current["secret"]["secretValue"], &current["secret"]["version"]), (&json!("two"), &json!(2)));
    assert_eq!(current["secret"]["secretMetadata"], json!([{"key": "username", "value": "svc"}]));
    assert_eq!(get(&world, &token, "SALES_DB", "&version=1").body["secret"]["secretValue"], "one");
    assert_eq!(world.secret_reads().len(), 2);
    let journal = serde_json::to_string(&world.received()).unwrap();
    assert!(!journal.contains(scene::INFISICAL_CLIENT_SECRET), "{journal}");
}

#[test]
fn what_it_refuses() {
    let world = bot::contoso();
    world.put_secret(Manager::Infisical, "SALES_DB", NewVersion::of("one"));
    assert_eq!(log_in(&world, "guess").status, 401);
    let token = token(&world);
    assert_eq!(get(&world, "made-up", "SALES_DB", "").status, 401);
    assert_eq!(get(&world, &token, "OTHER", "").status, 404);
    assert_eq!(get(&world, &token, "SALES_DB", "&version=3").status, 404);
    assert_eq!(get(&world, &token, "SALES_DB", "workspaceId=other&environment=prod&secretPath=/warehouse").status, 403);
    let ours = format!("workspaceId={}", scene::INFISICAL_PROJECT);
    assert_eq!(get(&world, &token, "SALES_DB", &format!("{ours}&environment=dev&secretPath=/warehouse")).status, 404);
    assert_eq!(get(&world, &token, "SALES_DB", &format!("{ours}&environment=prod")).status, 404, "the root folder");
    world.set_manager_denied(Manager::Infisical, true);
    assert_eq!(get(&world, &token, "SALES_DB", "").status, 403);
    world.set_manager_denied(Manager::Infisical, false);
    assert_eq!(get(&world, &token, "SALES_DB", "").status, 200);
    world.advance(7_200_000);
    assert_eq!(get(&world, &token, "SALES_DB", "").status, 401, "the token's time is over");
}
