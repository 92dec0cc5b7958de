//! Vault: logins, the key-value store, and static roles whose old password dies.

use emulator::{Manager, NewVersion, World, scene};
use http::Request;
use serde_json::{Value, json};

use crate::bot;
use crate::google::signed;
use crate::infisical;

fn send(world: &World, method: &str, path: &str, token: &str, body: &Value) -> bot::Answer {
    let mut request: Request<_> = bot::request(method, &format!("/vault/v1/{path}"), "", body);
    request.headers_mut().remove("authorization");
    request.headers_mut().insert("x-vault-token", token.parse().unwrap());
    bot::send(world, request)
}

fn by_role(world: &World, secret: &str) -> bot::Answer {
    send(world, "POST", "auth/approle/login", "", &json!({"role_id": scene::VAULT_ROLE_ID, "secret_id": secret}))
}

fn token(world: &World) -> String {
    by_role(world, scene::VAULT_SECRET_ID).body["auth"]["client_token"].as_str().unwrap().to_owned()
}

fn get(world: &World, path: &str) -> bot::Answer {
    send(world, "GET", path, &token(world), &Value::Null)
}

fn by_jwt(world: &World, role: &str, pem: &str, change: &Value) -> bot::Answer {
    let now = world.now_ms() / 1000;
    let mut claims = json!({"sub": "pbi-rotate", "aud": scene::VAULT_AUDIENCE, "iat": now, "exp": now + 300});
    claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let jwt = signed(pem, &json!({"alg": "RS256"}), &claims);
    send(world, "POST", "auth/jwt/login", "", &json!({"role": role, "jwt": jwt}))
}

#[test]
fn two_ways_to_log_in_and_one_to_log_out() {
    let world = bot::contoso();
    let answer = by_role(&world, scene::VAULT_SECRET_ID);
    assert_eq!((answer.status, &answer.body["auth"]["lease_duration"]), (200, &json!(1200)));
    let jwt = by_jwt(&world, scene::VAULT_JWT_ROLE, scene::WORKER_SIGNING_KEY, &json!({}));
    let token = jwt.body["auth"]["client_token"].as_str().unwrap();
    assert_eq!(world.manager_logins(Manager::Vault), 2);
    let look = || send(&world, "GET", "database/static-roles/orders-reader", token, &Value::Null);
    assert_eq!(look().status, 200);
    assert_eq!(send(&world, "POST", "auth/token/revoke-self", token, &Value::Null).status, 204);
    assert_eq!((look().status, world.manager_logins(Manager::Vault)), (403, 1));
    world.advance(1_200_000);
    assert_eq!(world.manager_logins(Manager::Vault), 0);
    let journal = serde_json::to_string(&world.received()).unwrap();
    assert!(!journal.contains(scene::VAULT_SECRET_ID) && !journal.contains("eyJ") && !journal.contains("hvs."));
}

#[test]
fn every_fault_of_a_login_is_found() {
    let world = bot::contoso();
    assert_eq!(by_role(&world, "guess").status, 400);
    let (role, key, now) = (scene::VAULT_JWT_ROLE, scene::WORKER_SIGNING_KEY, bot::START_MS / 1000);
    let rows = [
        ("another key", by_jwt(&world, role, scene::REPLACEMENT_KEY, &json!({})), "no known key"),
        ("another role", by_jwt(&world, "admin", key, &json!({})), "could not be found"),
        ("another audience", by_jwt(&world, role, key, &json!({"aud": "https://example.com"})), "bound audience"),
        ("no audience", by_jwt(&world, role, key, &json!({"aud": null})), "bound audience"),
        ("past its end", by_jwt(&world, role, key, &json!({"exp": now - 60})), "expired"),
        ("without an end", by_jwt(&world, role, key, &json!({"exp": null})), "expired"),
        ("from the future", by_jwt(&world, role, key, &json!({"iat": now + 61})), "not valid yet"),
        ("of nobody", by_jwt(&world, role, key, &json!({"sub": ""})), "sub"),
    ];
    for (fault, answer, words) in rows {
        let error = answer.body["errors"][0].as_str().unwrap();
        assert!(answer.status == 400 && error.contains(words), "{fault}: {error}");
    }
    let several = json!({"aud": ["https://example.com", scene::VAULT_AUDIENCE]});
    assert_eq!(by_jwt(&world, role, key, &several).status, 200);
    world.set_vault_trusted_key(scene::REPLACEMENT_KEY).unwrap();
    assert_eq!(by_jwt(&world, role, key, &json!({})).status, 400);
    assert!(world.set_vault_trusted_key("no key").is_err());
}

#[test]
fn secrets_have_versions_fields_and_metadata() {
    let world = bot::contoso();
    world.put_secret(Manager::Vault, "warehouse/sales db", NewVersion::of(r#"{"username":"a","password":"one"}"#));
    world.put_secret(Manager::Vault, "warehouse/sales db", NewVersion::of("two").tagged("owner", "data"));
    let current = get(&world, "secret/data/warehouse/sales%20db").body;
    assert_eq!(current["data"]["data"], json!({"value": "two"}));
    assert_eq!(current["data"]["metadata"]["version"], 2);
    assert_eq!(current["data"]["metadata"]["custom_metadata"], json!({"owner": "data"}));
    let first = get(&world, "secret/data/warehouse/sales%20db?version=1").body;
    assert_eq!(first["data"]["data"], json!({"username": "a", "password": "one"}));
    assert_eq!(world.secret_reads().len(), 2);
    world.set_secret_enabled(Manager::Vault, "warehouse/sales db", "2", false);
    let deleted = get(&world, "secret/data/warehouse/sales%20db");
    assert_eq!((deleted.status, &deleted.body["data"]["data"]), (404, &Value::Null));
    assert_ne!(deleted.body["data"]["metadata"]["deletion_time"], "");
    world.destroy_secret(Manager::Vault, "warehouse/sales db", "1");
    assert_eq!(get(&world, "secret/data/warehouse/sales%20db?version=1").status, 404);
    let metadata = get(&world, "secret/metadata/warehouse/sales%20db").body;
    assert_eq!(
        (&metadata["data"]["current_version"], &metadata["data"]["versions"]["1"]["destroyed"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(world.secret_reads().len(), 2, "what is gone was not read");
}

#[test]
fn what_it_refuses() {
    let world = bot::contoso();
    world.put_secret(Manager::Vault, "sales", NewVersion::of("one"));
    let with = |token: &str| send(&world, "GET", "secret/data/sales", token, &Value::Null);
    assert_eq!(with("").body, json!({"errors": ["permission denied"]}));
    assert_eq!((with("hvs.guess").status, &with("hvs.guess").body["errors"][1]), (403, &json!("invalid token")));
    assert_eq!(with(&infisical::token(&world)).status, 403, "a token of another manager");
    let missing = get(&world, "secret/data/other");
    assert_eq!((missing.status, missing.body), (404, json!({"errors": []})));
    assert_eq!(get(&world, "secret/metadata/other").status, 404);
    assert_eq!(get(&world, "kv/data/sales").status, 403);
    assert_eq!(get(&world, "database/static-creds/other").status, 400);
    assert_eq!(get(&world, "database/static-roles/other").status, 404);
    assert_eq!(send(&world, "POST", "database/rotate-role/other", &token(&world), &Value::Null).status, 400);
    world.set_manager_denied(Manager::Vault, true);
    assert_eq!(get(&world, "secret/data/sales").status, 403);
    world.set_manager_denied(Manager::Vault, false);
    world.set_vault_namespace(Some("data"));
    assert_eq!(by_role(&world, scene::VAULT_SECRET_ID).status, 403, "in the root namespace there is nothing of ours");
    let body = json!({"role_id": scene::VAULT_ROLE_ID, "secret_id": scene::VAULT_SECRET_ID});
    let mut login = bot::request("POST", "/vault/v1/auth/approle/login", "", &body);
    login.headers_mut().insert("x-vault-namespace", "data/".parse().unwrap());
    assert_eq!(bot::send(&world, login).status, 200);
}

fn creds(world: &World) -> Value {
    get(world, &format!("database/static-creds/{}", scene::VAULT_STATIC_ROLE)).body["data"].clone()
}

/// Whether the role's database takes this password.
fn accepted(world: &World, password: &str) -> bool {
    let credential = bot::password(scene::VAULT_STATIC_USER, password);
    let patch = bot::datasource_patch(world, scene::GATEWAY_SALES, "Basic", &credential);
    let path = format!("gateways/{}/datasources/{}", scene::GATEWAY_SALES, scene::SALES_ORACLE);
    bot::powerbi(world, "PATCH", &path, &patch).status == 200
}

#[test]
fn a_rotation_makes_a_password_and_lets_the_old_one_die() {
    let world = bot::contoso();
    let before = creds(&world);
    assert_eq!((&before["username"], &before["ttl"]), (&json!("svc_orders"), &json!(365 * 24 * 3600)));
    assert_eq!(before["last_vault_rotation"], "2026-01-15T09:00:00.000000000Z");
    let old = before["password"].as_str().unwrap();
    assert!(accepted(&world, old) && accepted(&world, "anything"), "until the first rotation it takes any");
    let path = format!("database/rotate-role/{}", scene::VAULT_STATIC_ROLE);
    assert_eq!(send(&world, "POST", &path, &token(&world), &Value::Null).status, 204);
    let after = creds(&world);
    assert_ne!(after["last_vault_rotation"], before["last_vault_rotation"], "in the same millisecond");
    let new = after["password"].as_str().unwrap();
    assert!(!accepted(&world, old) && accepted(&world, new));
    assert_eq!(world.static_role_password(scene::VAULT_STATIC_ROLE).as_deref(), Some(new));
    let told = get(&world, &format!("database/static-roles/{}", scene::VAULT_STATIC_ROLE)).body;
    assert!(told["data"].get("password").is_none());
    assert_eq!(world.secret_reads().len(), 2);
    assert_eq!(world.secret_reads()[1].secret, "static-creds/orders-reader");
}

#[test]
fn a_role_is_rotated_when_it_is_due_whether_or_not_anybody_asks() {
    let world = bot::contoso();
    world.set_static_role("night-reader", scene::SALES_ORACLE, 3600);
    let first = world.static_role_password("night-reader").unwrap();
    world.advance(3_599_999);
    assert_eq!(world.static_role_password("night-reader").unwrap(), first);
    world.advance(1 + 3_600_000 + 60_000);
    assert!(!accepted(&world, &first), "Vault was not even asked");
    let told = get(&world, "database/static-creds/night-reader").body["data"].clone();
    assert_eq!(told["ttl"], 3600 - 60);
    assert!(accepted(&world, told["password"].as_str().unwrap()));
    assert!(world.rotate_static_role("night-reader") && !world.rotate_static_role("nobody"));
    assert_eq!(get(&world, "database/static-creds/night-reader").body["data"]["ttl"], 3600);
}
