//! Google: tokens for a service account, and Secret Manager's versions.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use emulator::{Manager, NewVersion, World, scene};
use http::Request;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, pkcs8::DecodePrivateKey as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::bot;

/// A token signed by RS256.
pub fn signed(pem: &str, header: &Value, claims: &Value) -> String {
    let signed = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let key = RsaPrivateKey::from_pkcs8_pem(pem).unwrap();
    let signature = key.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(&signed)).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn claims() -> Value {
    let now = bot::START_MS / 1000;
    json!({
        "iss": scene::GOOGLE_ACCOUNT, "scope": "https://www.googleapis.com/auth/cloud-platform",
        "aud": "https://emulator.test/google/token", "iat": now, "exp": now + 3600,
    })
}

fn grant(world: &World, kind: &str, assertion: &str) -> bot::Answer {
    let pairs = [("grant_type", kind), ("assertion", assertion)];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    bot::send(world, Request::post("https://emulator.test/google/token").body(Bytes::from(body)).unwrap())
}

const KIND: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

fn asked(world: &World, claims: &Value) -> bot::Answer {
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": scene::GOOGLE_ACCOUNT_KEY_ID});
    grant(world, KIND, &signed(scene::GOOGLE_ACCOUNT_KEY, &header, claims))
}

fn get(world: &World, path: &str) -> bot::Answer {
    let token = asked(world, &claims()).body["access_token"].as_str().unwrap().to_owned();
    bot::send(world, bot::request("GET", &format!("/google/v1/projects/{path}"), &token, &Value::Null))
}

fn refusal(answer: &bot::Answer) -> (u16, &str) {
    (answer.status, answer.body["error"]["status"].as_str().unwrap_or_default())
}

#[test]
fn an_assertion_buys_a_token() {
    let world = bot::contoso();
    let answer = asked(&world, &claims());
    assert_eq!((answer.status, &answer.body["expires_in"]), (200, &json!(3599)));
    let journal = serde_json::to_string(&world.received()).unwrap();
    assert!(!journal.contains("eyJ"), "{journal}");
}

#[test]
fn every_fault_of_an_assertion_is_found() {
    let world = bot::contoso();
    let now = bot::START_MS / 1000;
    let rows = [
        ("another account", json!({"iss": scene::PUB_SUB_ACCOUNT}), "invalid_grant"),
        ("for another endpoint", json!({"aud": "https://example.com/token"}), "invalid_grant"),
        ("too long a life", json!({"exp": now + 3601}), "invalid_grant"),
        ("past its end", json!({"iat": now - 3900, "exp": now - 300}), "invalid_grant"),
        ("from the future", json!({"iat": now + 301, "exp": now + 600}), "invalid_grant"),
        ("without an end", json!({"exp": null}), "invalid_grant"),
        ("no scope", json!({"scope": ""}), "invalid_scope"),
    ];
    for (fault, change, expected) in rows {
        let mut claims = claims();
        claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = asked(&world, &claims);
        assert_eq!((answer.status, answer.body["error"].as_str().unwrap()), (400, expected), "{fault}");
    }
    let header = json!({"alg": "RS256", "typ": "JWT"});
    let strange = signed(scene::REPLACEMENT_KEY, &header, &claims());
    assert_eq!(grant(&world, KIND, &strange).body["error"], "invalid_grant");
    let none = signed(scene::GOOGLE_ACCOUNT_KEY, &json!({"alg": "none"}), &claims());
    assert_eq!(grant(&world, KIND, &none).body["error"], "invalid_grant");
    let good = signed(scene::GOOGLE_ACCOUNT_KEY, &header, &claims());
    assert_eq!(grant(&world, "password", &good).body["error"], "unsupported_grant_type");
}

#[test]
fn versions_are_read_by_number_and_as_the_latest() {
    let world = bot::contoso();
    world.put_secret(Manager::Google, "sales", NewVersion::of("123456789"));
    world.put_secret(Manager::Google, "sales", NewVersion::of("two").tagged("username", "svc"));
    let name = format!("projects/{}/secrets/sales/versions", scene::GOOGLE_PROJECT_NUMBER);
    let latest = get(&world, "contoso-data-4711/secrets/sales/versions/latest");
    assert_eq!((&latest.body["name"], &latest.body["state"]), (&json!(format!("{name}/2")), &json!("ENABLED")));
    assert!(world.secret_reads().is_empty());
    let first = get(&world, "604182937745/secrets/sales/versions/1:access");
    // RFC 3720's polynomial, of the usual check value.
    let payload = json!({"data": "MTIzNDU2Nzg5", "dataCrc32c": 0xe306_9283_u32.to_string()});
    assert_eq!(first.body, json!({"name": format!("{name}/1"), "payload": payload}));
    assert_eq!(world.secret_reads()[0].version, "1");
    assert_eq!(get(&world, "contoso-data-4711/secrets/sales").body["labels"], json!({"username": "svc"}));
    let page = get(&world, "contoso-data-4711/secrets/sales/versions?pageSize=1").body;
    assert_eq!((&page["versions"][0]["name"], &page["nextPageToken"]), (&json!(format!("{name}/2")), &json!("1")));
    world.set_secret_enabled(Manager::Google, "sales", "2", false);
    let enabled = get(&world, "contoso-data-4711/secrets/sales/versions?filter=state:ENABLED").body;
    assert_eq!((&enabled["versions"][0]["name"], &enabled["totalSize"]), (&json!(format!("{name}/1")), &json!(1)));
    world.put_secret(Manager::Google, "europe-west3/sales", NewVersion::of("here"));
    let regional = get(&world, "contoso-data-4711/locations/europe-west3/secrets/sales/versions/latest:access").body;
    assert_eq!(regional["payload"]["data"], "aGVyZQ==");
}

#[test]
fn what_it_refuses() {
    let world = bot::contoso();
    world.put_secret(Manager::Google, "sales", NewVersion::of("one"));
    world.put_secret(Manager::Google, "sales", NewVersion { enabled: false, ..NewVersion::of("two") });
    let latest = "contoso-data-4711/secrets/sales/versions/latest:access";
    assert_eq!(refusal(&get(&world, latest)), (400, "FAILED_PRECONDITION"), "the latest is disabled");
    world.destroy_secret(Manager::Google, "sales", "2");
    assert_eq!(get(&world, "contoso-data-4711/secrets/sales/versions/2").body["state"], "DESTROYED");
    assert_eq!(refusal(&get(&world, latest)), (400, "FAILED_PRECONDITION"));
    assert_eq!(refusal(&get(&world, "contoso-data-4711/secrets/other/versions/1")), (404, "NOT_FOUND"));
    assert_eq!(refusal(&get(&world, "contoso-data-4711/secrets/sales/versions/3")), (404, "NOT_FOUND"));
    assert_eq!(refusal(&get(&world, "fabrikam/secrets/sales/versions/1:access")), (403, "PERMISSION_DENIED"));
    let first = "contoso-data-4711/secrets/sales/versions/1:access";
    assert_eq!(get(&world, first).status, 200);
    world.set_manager_denied(Manager::Google, true);
    assert_eq!(refusal(&get(&world, first)), (403, "PERMISSION_DENIED"));
    world.set_manager_denied(Manager::Google, false);
    let token = asked(&world, &claims()).body["access_token"].as_str().unwrap().to_owned();
    let with = |token: &str| {
        let path = format!("/google/v1/projects/{first}");
        bot::send(&world, bot::request("GET", &path, token, &Value::Null)).status
    };
    assert_eq!((with(&token), with("made-up")), (200, 401));
    world.advance(3_599_000);
    assert_eq!(with(&token), 401);
}
