//! HashiCorp Vault and OpenBao: logins, the key-value store of version 2, and the database engine's static roles.

use bytes::Bytes;
use http::{Method, Response};
use serde_json::{Map, Value, json};

use super::hands::uuid;
use super::{Kept, Manager, Standing, Version, digits, nowhere, static_roles};
use crate::answer::{self, Call};
use crate::fields::{put, text};
use crate::jws;
use crate::scene::{self, VAULT_DATABASE_MOUNT, VAULT_KV_MOUNT};
use crate::world::{State, World};

/// How long a token lives, in seconds.
const TOKEN_LIFE_S: u64 = 1200;
/// How far a token's times may be off, in seconds (Vault, JWT auth: `clock_skew_leeway`, `expiration_leeway`).
const LEEWAY_S: u64 = 60;

impl World {
    /// Gives Vault namespaces, of which this is ours; none makes it the community edition again.
    pub fn set_vault_namespace(&self, namespace: Option<&str>) {
        self.lock().managers.vault_namespace = namespace.map(str::to_owned);
    }

    /// Lets Vault's JWT method believe this key only, of which a private one is given (PKCS#8 PEM).
    ///
    /// # Errors
    /// When the text is no such document.
    pub fn set_vault_trusted_key(&self, pem: &str) -> Result<(), rsa::pkcs8::Error> {
        let key = <rsa::RsaPrivateKey as rsa::pkcs8::DecodePrivateKey>::from_pkcs8_pem(pem)?;
        self.lock().managers.vault_trusts = key.to_public_key();
        Ok(())
    }
}

/// Serves `/vault/v1/...`.
pub(super) fn answer(state: &mut State, call: &Call, path: &[&str]) -> Response<Bytes> {
    let ["v1", path @ ..] = path else { return nowhere() };
    let namespace = call.header("x-vault-namespace").trim_matches('/');
    if state.managers.vault_namespace.as_deref().is_some_and(|ours| ours != namespace) {
        return denied();
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    match (&call.method, path) {
        (&Method::POST | &Method::PUT, ["auth", "approle", "login"]) => by_role(state, &body),
        (&Method::POST | &Method::PUT, ["auth", "jwt", "login"]) => by_jwt(state, &body),
        _ => with_token(state, call, path),
    }
}

fn by_role(state: &mut State, body: &Value) -> Response<Bytes> {
    match (text(body, "role_id"), text(body, "secret_id")) {
        (scene::VAULT_ROLE_ID, scene::VAULT_SECRET_ID) => logged_in(state),
        ("", _) => refused(400, &["missing role_id"]),
        _ => refused(400, &["invalid role or secret ID"]),
    }
}

fn by_jwt(state: &mut State, body: &Value) -> Response<Bytes> {
    let role = text(body, "role");
    if role != scene::VAULT_JWT_ROLE {
        return refused(400, &[&format!("role {role:?} could not be found")]);
    }
    let Some(claims) = jws::claims(&state.managers.vault_trusts, text(body, "jwt")) else {
        return refused(400, &["error validating token: no known key successfully validated the token signature"]);
    };
    let now_s = state.now_ms() / 1000;
    let time = |name: &str| claims.get(name).and_then(Value::as_u64);
    if time("exp").is_none_or(|exp| exp.saturating_add(LEEWAY_S) <= now_s) {
        return refused(400, &["error validating token: token is expired or has no expiry"]);
    }
    if time("nbf").or_else(|| time("iat")).is_some_and(|from| from > now_s + LEEWAY_S) {
        return refused(400, &["error validating token: token is not valid yet"]);
    }
    let audience = claims.get("aud").unwrap_or(&Value::Null);
    let for_us = match audience {
        Value::Array(all) => all.iter().any(|one| one == scene::VAULT_AUDIENCE),
        one => one == scene::VAULT_AUDIENCE,
    };
    if !for_us {
        return refused(400, &["error validating claims: aud claim does not match any bound audience"]);
    }
    if text(&claims, "sub").is_empty() {
        return refused(400, &["claim \"sub\" not found in token"]);
    }
    logged_in(state)
}

fn logged_in(state: &mut State) -> Response<Bytes> {
    let (token, accessor) = (format!("hvs.{}", digits(state, 64)), digits(state, 24));
    let expires_ms = state.now_ms() + TOKEN_LIFE_S * 1000;
    state.managers.log_in(Manager::Vault, &token, expires_ms);
    let auth = json!({
        "client_token": token,
        "accessor": accessor,
        "policies": ["default", "pbi-rotate"],
        "token_policies": ["default", "pbi-rotate"],
        "metadata": {},
        "lease_duration": TOKEN_LIFE_S,
        "renewable": true,
        "token_type": "service",
        "orphan": true,
    });
    let mut whole = envelope(state, Value::Null);
    put(&mut whole, "auth", auth);
    answer::json(200, &whole)
}

fn with_token(state: &mut State, call: &Call, path: &[&str]) -> Response<Bytes> {
    let (token, now_ms) = (call.header("x-vault-token"), state.now_ms());
    if token.is_empty() {
        return denied();
    }
    if !state.managers.knows(Manager::Vault, token, now_ms) {
        return refused(403, &["permission denied", "invalid token"]);
    }
    if path == ["auth", "token", "revoke-self"] && call.method != Method::GET {
        state.managers.logins.remove(token);
        return answer::empty(204);
    }
    if state.managers.denied.contains(&Manager::Vault) {
        return denied();
    }
    match (&call.method, path) {
        (&Method::GET, [VAULT_KV_MOUNT, "data", rest @ ..]) => value(state, call, &rest.join("/")),
        (&Method::GET, [VAULT_KV_MOUNT, "metadata", rest @ ..]) => metadata(state, &rest.join("/")),
        (&Method::GET, [VAULT_DATABASE_MOUNT, "static-creds", role]) => role_told(state, role, true),
        (&Method::GET, [VAULT_DATABASE_MOUNT, "static-roles", role]) => role_told(state, role, false),
        (&Method::POST | &Method::PUT, [VAULT_DATABASE_MOUNT, "rotate-role", role]) => {
            match static_roles::rotate(state, role, now_ms) {
                true => answer::empty(204),
                false => refused(400, &["no static role found for role name"]),
            }
        }
        _ => denied(),
    }
}

fn value(state: &mut State, call: &Call, name: &str) -> Response<Bytes> {
    let kept = state.managers.kept(Manager::Vault, name);
    let version = kept.and_then(|kept| match call.query.get("version").map(String::as_str) {
        None | Some("0" | "") => kept.newest(),
        Some(version) => kept.version(version),
    });
    let Some(version) = version else { return refused(404, &[]) };
    let (standing, id) = (version.standing, version.id.clone());
    let data = if standing == Standing::Enabled { fields(&version.value) } else { Value::Null };
    let mut told = told(version);
    put(&mut told, "version", id.parse::<u64>().unwrap_or_default());
    put(&mut told, "custom_metadata", custom(version));
    let whole = envelope(state, json!({"data": data, "metadata": told}));
    // A deleted version is 404, with what is known of it for a body (Vault API, KV v2: Read secret version).
    if standing != Standing::Enabled {
        return answer::json(404, &whole);
    }
    let now_ms = state.now_ms();
    state.managers.note_read(Manager::Vault, name, &id, now_ms);
    answer::json(200, &whole)
}

fn metadata(state: &mut State, name: &str) -> Response<Bytes> {
    let Some(kept) = state.managers.kept(Manager::Vault, name) else { return refused(404, &[]) };
    let data = summary(kept);
    let whole = envelope(state, data);
    answer::json(200, &whole)
}

fn summary(kept: &Kept) -> Value {
    let versions: Map<String, Value> =
        kept.versions.iter().map(|version| (version.id.clone(), told(version))).collect();
    let at = |version: Option<&Version>| version.map(|version| answer::timestamp(version.created_ms));
    json!({
        "cas_required": false,
        "created_time": at(kept.versions.first()),
        "updated_time": at(kept.newest()),
        "current_version": kept.versions.len(),
        "oldest_version": 0,
        "max_versions": 0,
        "delete_version_after": "0s",
        "custom_metadata": kept.newest().map(custom),
        "versions": versions,
    })
}

/// What is told of a version without its value.
fn told(version: &Version) -> Value {
    let at = answer::timestamp(version.created_ms);
    json!({
        "created_time": at,
        "deletion_time": if version.standing == Standing::Disabled { at.as_str() } else { "" },
        "destroyed": version.standing == Standing::Destroyed,
    })
}

fn custom(version: &Version) -> Value {
    if version.tags.is_empty() { Value::Null } else { json!(version.tags) }
}

/// A secret's values by name.
fn fields(value: &str) -> Value {
    let object = serde_json::from_str::<Value>(value).ok().filter(Value::is_object);
    object.unwrap_or_else(|| json!({"value": value}))
}

fn role_told(state: &mut State, name: &str, with_password: bool) -> Response<Bytes> {
    let now_ms = state.now_ms();
    let Some(role) = state.managers.roles.get(name) else {
        return if with_password { refused(400, &[&format!("unknown role: {name}")]) } else { refused(404, &[]) };
    };
    let last = role.last();
    let mut data = json!({
        "username": role.username,
        "last_vault_rotation": last,
        "rotation_period": role.period_s,
    });
    if with_password {
        put(&mut data, "password", role.password.as_str());
        put(&mut data, "ttl", role.ttl_s(now_ms));
        static_roles::note_read(state, name, &last);
    } else {
        put(&mut data, "db_name", "orders");
        put(&mut data, "credential_type", "password");
        put(&mut data, "rotation_statements", json!([]));
    }
    let whole = envelope(state, data);
    answer::json(200, &whole)
}

fn envelope(state: &mut State, data: Value) -> Value {
    json!({
        "request_id": uuid(&digits(state, 32)),
        "lease_id": "",
        "renewable": false,
        "lease_duration": 0,
        "data": data,
        "wrap_info": null,
        "warnings": null,
        "auth": null,
    })
}

fn denied() -> Response<Bytes> {
    refused(403, &["permission denied"])
}

fn refused(status: u16, errors: &[&str]) -> Response<Bytes> {
    answer::json(status, &json!({"errors": errors}))
}
