//! Key Vault: what it reads out, and to whom.

use emulator::{Manager, NewVersion, World, scene};
use serde_json::{Value, json};

use crate::bot;

fn get(world: &World, path: &str) -> bot::Answer {
    let token = bot::token(world, scene::KEY_VAULT_RESOURCE);
    let path = format!("/keyvault/{}/secrets/{path}", scene::KEY_VAULT);
    bot::send(world, bot::request("GET", &path, &token, &Value::Null))
}

fn refusal(answer: &bot::Answer) -> (u16, &str, &str) {
    let error = &answer.body["error"];
    let inner = error["innererror"]["code"].as_str().unwrap_or_default();
    (answer.status, error["code"].as_str().unwrap_or_default(), inner)
}

#[test]
fn the_newest_version_and_any_other_are_read_and_noted() {
    let world = bot::contoso();
    let first = world.put_secret(Manager::KeyVault, "Sales-DB", NewVersion::of("one"));
    world.advance(60_000);
    let second = NewVersion { nbf_s: Some(5), exp_s: Some(9), ..NewVersion::of("two").tagged("username", "svc_b") };
    let second = world.put_secret(Manager::KeyVault, "sales-db", second);
    let newest = get(&world, "sales-db?api-version=7.4");
    assert_eq!((newest.status, &newest.body["value"]), (200, &json!("two")));
    assert_eq!(newest.body["id"], format!("https://contoso-data.vault.azure.net/secrets/sales-db/{second}"));
    assert_eq!(newest.body["tags"], json!({"username": "svc_b"}));
    let attributes = &newest.body["attributes"];
    assert_eq!((&attributes["nbf"], &attributes["exp"], &attributes["enabled"]), (&json!(5), &json!(9), &json!(true)));
    assert_eq!(attributes["created"], (bot::START_MS + 60_000) / 1000);
    assert_eq!(get(&world, &format!("SALES-db/{first}?api-version=7.4")).body["value"], "one");
    let reads = world.secret_reads();
    assert_eq!(reads.iter().map(|read| read.version.as_str()).collect::<Vec<_>>(), [second, first]);
    assert!(reads.iter().all(|read| read.secret == "sales-db" && read.manager == Manager::KeyVault));
}

#[test]
fn versions_are_listed_by_pages_without_values() {
    let world = bot::contoso();
    let mut put: Vec<_> =
        (0..30).map(|n| world.put_secret(Manager::KeyVault, "many", NewVersion::of(&n.to_string()))).collect();
    put.sort();
    let first = get(&world, "many/versions?api-version=7.4").body;
    assert_eq!(first["value"].as_array().unwrap().len(), 25);
    assert!(first["value"][0].get("value").is_none());
    let next = first["nextLink"].as_str().unwrap();
    let next = next.rsplit_once("/secrets/").unwrap().1;
    let second = get(&world, next).body;
    assert_eq!(second["nextLink"], Value::Null);
    let pages = [&first, &second].into_iter().flat_map(|page| page["value"].as_array().unwrap());
    let ids: Vec<_> = pages.map(|version| version["id"].as_str().unwrap().rsplit('/').next().unwrap()).collect();
    assert_eq!(ids, put, "in the order of their ids");
    assert!(world.secret_reads().is_empty());
    assert_eq!(get(&world, "many/versions?api-version=7.4&maxresults=26").status, 400);
    assert_eq!(get(&world, "nothing/versions?api-version=7.4").body["value"], json!([]));
}

#[test]
fn what_it_refuses() {
    let world = bot::contoso();
    let version = world.put_secret(Manager::KeyVault, "sales-db", NewVersion::of("one"));
    assert_eq!(refusal(&get(&world, "sales-db")), (400, "BadParameter", ""));
    assert_eq!(refusal(&get(&world, "other?api-version=7.4")), (404, "SecretNotFound", ""));
    assert_eq!(refusal(&get(&world, "sales-db/0123?api-version=7.4")), (404, "SecretNotFound", ""));
    world.set_manager_denied(Manager::KeyVault, true);
    assert_eq!(refusal(&get(&world, "sales-db?api-version=7.4")), (403, "Forbidden", "ForbiddenByRbac"));
    world.set_manager_denied(Manager::KeyVault, false);
    world.set_secret_enabled(Manager::KeyVault, "sales-db", &version, false);
    assert_eq!(refusal(&get(&world, "sales-db?api-version=7.4")), (403, "Forbidden", "SecretDisabled"));
    world.set_secret_enabled(Manager::KeyVault, "sales-db", &version, true);
    assert_eq!(get(&world, "sales-db?api-version=7.4").status, 200);
    world.delete_secret(Manager::KeyVault, "sales-db");
    assert_eq!(refusal(&get(&world, "sales-db?api-version=7.4")), (404, "SecretNotFound", ""));
    let token = bot::token(&world, scene::KEY_VAULT_RESOURCE);
    let other = bot::request("GET", "/keyvault/elsewhere/secrets/sales-db?api-version=7.4", &token, &Value::Null);
    assert_eq!(bot::send(&world, other).status, 404);
    let path = format!("/keyvault/{}/secrets/sales-db?api-version=7.4", scene::KEY_VAULT);
    assert_eq!(bot::send(&world, bot::request("PUT", &path, &token, &json!({}))).status, 405);
}

#[test]
fn only_a_token_for_key_vault_opens_it_and_the_challenge_says_so() {
    let world = bot::contoso();
    world.put_secret(Manager::KeyVault, "sales-db", NewVersion::of("one"));
    let good = bot::token(&world, scene::KEY_VAULT_RESOURCE);
    let path = format!("/keyvault/{}/secrets/sales-db?api-version=7.4", scene::KEY_VAULT);
    let with = |token: &str| bot::send(&world, bot::request("GET", &path, token, &Value::Null));
    assert_eq!(with(&good).status, 200);
    for token in ["made-up", &bot::token(&world, scene::FABRIC_RESOURCE)] {
        let answer = with(token);
        assert_eq!(refusal(&answer), (401, "Unauthorized", ""));
        let challenge = answer.headers["www-authenticate"].to_str().unwrap();
        assert!(challenge.contains(r#"resource="https://vault.azure.net""#), "{challenge}");
    }
    world.advance(3_599_000);
    assert_eq!(with(&good).status, 401);
    let teams = bot::token_request(&[
        ("grant_type", "client_credentials"),
        ("client_id", scene::TEAMS_APP_ID),
        ("client_secret", scene::TEAMS_APP_SECRET),
        ("scope", "https://vault.azure.net/.default"),
    ]);
    assert_eq!(bot::send(&world, teams).status, 400, "the other application has no rights there");
}
