//! Infisical: the login of a machine identity, and `/infisical/api/v3/secrets/raw/NAME`.

use bytes::Bytes;
use http::{Method, Response};
use serde_json::{Value, json};

use super::{Manager, digits, nowhere};
use crate::answer::{self, Call};
use crate::fields::text;
use crate::scene;
use crate::world::State;

/// How long a token lives, in seconds (Infisical, Universal Auth: a setting of the machine identity, told as `expiresIn`).
const TOKEN_LIFE_S: u64 = 7200;

/// Serves `/infisical/...`.
pub(super) fn answer(state: &mut State, call: &Call, path: &[&str]) -> Response<Bytes> {
    match (&call.method, path) {
        (&Method::POST, ["api", "v1", "auth", "universal-auth", "login"]) => log_in(state, call),
        (&Method::GET, ["api", "v3", "secrets", "raw", name]) => read(state, call, name),
        _ => nowhere(),
    }
}

fn log_in(state: &mut State, call: &Call) -> Response<Bytes> {
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let right = text(&body, "clientId") == scene::INFISICAL_CLIENT_ID
        && text(&body, "clientSecret") == scene::INFISICAL_CLIENT_SECRET;
    if !right {
        return refused(401, "UnauthorizedError", "Invalid credentials");
    }
    let token = digits(state, 64);
    let expires_ms = state.now_ms() + TOKEN_LIFE_S * 1000;
    state.managers.log_in(Manager::Infisical, &token, expires_ms);
    let body = json!({
        "accessToken": token, "expiresIn": TOKEN_LIFE_S, "accessTokenMaxTTL": TOKEN_LIFE_S, "tokenType": "Bearer",
    });
    answer::json(200, &body)
}

fn read(state: &mut State, call: &Call, name: &str) -> Response<Bytes> {
    let now_ms = state.now_ms();
    if !call.bearer().is_some_and(|token| state.managers.knows(Manager::Infisical, token, now_ms)) {
        return refused(401, "UnauthorizedError", "Token missing or expired");
    }
    let asked = |name: &str| call.query.get(name).map(String::as_str);
    if asked("workspaceId") != Some(scene::INFISICAL_PROJECT) || state.managers.denied.contains(&Manager::Infisical) {
        return refused(403, "PermissionDenied", "You are not a member of this project");
    }
    let folder = asked("secretPath").unwrap_or("/");
    if asked("environment") != Some(scene::INFISICAL_ENVIRONMENT) || folder != scene::INFISICAL_FOLDER {
        return refused(404, "NotFound", "Folder with that path in that environment not found");
    }
    let kept = state.managers.kept(Manager::Infisical, name);
    let version = kept.and_then(|kept| match asked("version") {
        Some(version) => kept.version(version),
        None => kept.newest(),
    });
    let Some(version) = version else {
        return refused(404, "NotFound", &format!("Secret with name '{name}' not found"));
    };
    let metadata: Vec<Value> = version.tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    let created = answer::timestamp(version.created_ms);
    let body = json!({"secret": {
        "id": format!("{}-{name}", scene::INFISICAL_ENVIRONMENT),
        "workspace": scene::INFISICAL_PROJECT,
        "environment": scene::INFISICAL_ENVIRONMENT,
        "version": version.id.parse::<u64>().unwrap_or_default(),
        "type": "shared",
        "secretKey": name,
        "secretValue": version.value,
        "secretComment": "",
        "secretPath": folder,
        "secretMetadata": metadata,
        "createdAt": created,
        "updatedAt": created,
    }});
    let id = version.id.clone();
    state.managers.note_read(Manager::Infisical, name, &id, now_ms);
    answer::json(200, &body)
}

fn refused(status: u16, error: &str, message: &str) -> Response<Bytes> {
    answer::json(status, &json!({"statusCode": status, "message": message, "error": error}))
}
