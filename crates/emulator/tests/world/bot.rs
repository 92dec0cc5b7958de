//! A caller of the world's services: the token, the request, the answer read as JSON.

use bytes::Bytes;
use emulator::{Clock, World, scene};
use http::Request;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use seal::{Credential, GatewayKey, Legacy, Secret};
use serde_json::{Value, json};

/// 2026-01-15T09:00:00Z.
pub const START_MS: u64 = 1_768_467_600_000;

/// An answer with its JSON body; null when there is none.
pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: Value,
}

pub fn contoso() -> World {
    World::contoso(Clock::Manual(START_MS))
}

pub fn send(world: &World, request: Request<Bytes>) -> Answer {
    let response = world.serve(request).unwrap();
    let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
    Answer { status: response.status().as_u16(), headers: response.headers().clone(), body }
}

pub fn request(method: &str, path: &str, token: &str, body: &Value) -> Request<Bytes> {
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    Request::builder()
        .method(method)
        .uri(format!("http://emulator.test{path}"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json; charset=utf-8")
        .body(body)
        .unwrap()
}

pub fn token_request(fields: &[(&str, &str)]) -> Request<Bytes> {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    Request::post(format!("/login/{}/oauth2/v2.0/token", scene::TENANT_ID))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(body))
        .unwrap()
}

pub fn token(world: &World, resource: &str) -> String {
    let scope = format!("{resource}/.default");
    let answer = send(
        world,
        token_request(&[
            ("grant_type", "client_credentials"),
            ("client_id", scene::CLIENT_ID),
            ("client_secret", scene::CLIENT_SECRET),
            ("scope", &scope),
        ]),
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["access_token"].as_str().unwrap().to_owned()
}

pub fn powerbi(world: &World, method: &str, path: &str, body: &Value) -> Answer {
    let token = token(world, scene::POWER_BI_RESOURCE);
    send(world, request(method, &format!("/powerbi/v1.0/myorg/{path}"), &token, body))
}

pub fn fabric(world: &World, method: &str, path: &str, body: &Value) -> Answer {
    let token = token(world, scene::FABRIC_RESOURCE);
    send(world, request(method, &format!("/fabric/v1/{path}"), &token, body))
}

/// Seals for a public key as the services publish it.
pub fn seal(public_key: &Value, credential: &Credential) -> String {
    let part = |name: &str| public_key[name].as_str().unwrap();
    let key = GatewayKey::parse(part("exponent"), part("modulus"), Legacy::Allow).unwrap();
    key.seal(credential, &mut ChaCha20Rng::from_seed([7; 32])).as_str().to_owned()
}

pub fn password(username: &str, password: &str) -> Credential {
    Credential::Basic { username: username.to_owned(), password: Secret::new(password.to_owned()) }
}

/// The body of an Update Datasource for a gateway, sealed for it.
pub fn datasource_patch(world: &World, gateway: &str, kind: &str, credential: &Credential) -> Value {
    let found = powerbi(world, "GET", &format!("gateways/{gateway}"), &Value::Null);
    let sealed = seal(&found.body["publicKey"], credential);
    json!({"credentialDetails": {
        "credentialType": kind, "credentials": sealed, "encryptedConnection": "NotEncrypted",
        "encryptionAlgorithm": "RSA-OAEP", "privacyLevel": "Organizational",
    }})
}

/// The `values` of an Update Connection, one for each member of the gateway.
pub fn member_values(world: &World, gateway: &str, credential: &Credential) -> Vec<Value> {
    let members = fabric(world, "GET", &format!("gateways/{gateway}/members"), &Value::Null);
    let members = members.body["value"].as_array().unwrap();
    let entry = |member: &Value| json!({"gatewayId": member["id"], "encryptedCredentials": seal(&member["publicKey"], credential)});
    members.iter().map(entry).collect()
}

/// A token of the bot's application for Teams.
pub fn teams_token(world: &World, resource: &str) -> String {
    let scope = format!("{resource}/.default");
    let answer = send(
        world,
        token_request(&[
            ("grant_type", "client_credentials"),
            ("client_id", scene::TEAMS_APP_ID),
            ("client_secret", scene::TEAMS_APP_SECRET),
            ("scope", &scope),
        ]),
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["access_token"].as_str().unwrap().to_owned()
}
