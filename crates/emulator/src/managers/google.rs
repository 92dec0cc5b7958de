//! Google: tokens for a service account, the key set of those it signs itself, and Secret Manager.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Method, Response};
use serde_json::{Value, json};

use super::{Kept, Manager, Standing, Version, digits, nowhere};
use crate::answer::{self, Call};
use crate::fields::{put, text};
use crate::jws;
use crate::scene;
use crate::world::State;

/// Lifetime of an access token, in seconds (Google, OAuth 2.0 for server to server: `expires_in`).
const TOKEN_LIFE_S: u64 = 3599;
/// How long an assertion may live, in seconds (the same document: `exp`).
const ASSERTION_LIFE_S: u64 = 3600;
/// How far an assertion's times may be off, in seconds.
const SKEW_S: u64 = 300;
/// The scope that Secret Manager wants (Secret Manager REST, `projects.secrets.versions.access`).
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// The token endpoint by its own name; an assertion may be for that or for this world's address.
const TOKEN_URL: &str = "https://oauth2.googleapis.com/token";

/// Serves `/google/...`.
pub(super) fn answer(state: &mut State, call: &Call, path: &[&str]) -> Response<Bytes> {
    match (&call.method, path) {
        (&Method::POST, ["token"]) => match grant(state, call) {
            Ok(()) => {
                let token = format!("ya29.{}", digits(state, 64));
                let expires_ms = state.now_ms() + TOKEN_LIFE_S * 1000;
                state.managers.log_in(Manager::Google, &token, expires_ms);
                let body = json!({"access_token": token, "expires_in": TOKEN_LIFE_S, "token_type": "Bearer"});
                answer::json(200, &body)
            }
            Err((error, words)) => answer::json(400, &json!({"error": error, "error_description": words})),
        },
        (&Method::GET, ["oauth2", "v3", "certs"]) => {
            let keys = jws::key_set(&state.managers.google_keys);
            answer::with(answer::json(200, &keys), "cache-control", "public, max-age=19800")
        }
        (&Method::GET, ["v1", "projects", project, rest @ ..]) => {
            let now_ms = state.now_ms();
            if !call.bearer().is_some_and(|token| state.managers.knows(Manager::Google, token, now_ms)) {
                return refused(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
            }
            let ours = [scene::GOOGLE_PROJECT, scene::GOOGLE_PROJECT_NUMBER].contains(project);
            if !ours || state.managers.denied.contains(&Manager::Google) {
                let words = "Permission 'secretmanager.versions.access' denied (or it may not exist).";
                return refused(403, "PERMISSION_DENIED", words);
            }
            match rest {
                ["secrets", name, rest @ ..] => secret(state, call, name, rest),
                ["locations", location, "secrets", name, rest @ ..] => {
                    secret(state, call, &format!("{location}/{name}"), rest)
                }
                _ => nowhere(),
            }
        }
        _ => nowhere(),
    }
}

/// Checks an assertion (RFC 7523, and Google's rules for service accounts).
fn grant(state: &State, call: &Call) -> Result<(), (&'static str, &'static str)> {
    let form = answer::form(&call.body);
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    if field("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
        return Err(("unsupported_grant_type", "Invalid grant_type"));
    }
    let key = jws::private(scene::GOOGLE_ACCOUNT_KEY).to_public_key();
    let claims = jws::claims(&key, field("assertion")).ok_or(("invalid_grant", "Invalid JWT Signature."))?;
    if text(&claims, "iss") != scene::GOOGLE_ACCOUNT {
        return Err(("invalid_grant", "Invalid grant: account not found"));
    }
    let here = format!("{}/google/token", call.base);
    if ![here.as_str(), TOKEN_URL].contains(&text(&claims, "aud")) {
        return Err(("invalid_grant", "Invalid JWT: Failed audience check."));
    }
    if !text(&claims, "scope").split(' ').any(|scope| scope == SCOPE) {
        return Err(("invalid_scope", "Invalid OAuth scope or ID token audience provided."));
    }
    let now_s = state.now_ms() / 1000;
    let number = |name: &str| claims.get(name).and_then(Value::as_u64);
    match (number("iat"), number("exp")) {
        (Some(iat), Some(exp))
            if iat <= now_s + SKEW_S
                && exp > now_s.saturating_sub(SKEW_S)
                && exp <= iat.saturating_add(ASSERTION_LIFE_S) =>
        {
            Ok(())
        }
        _ => Err((
            "invalid_grant",
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat \
             and exp values in the JWT claim.",
        )),
    }
}

fn secret(state: &mut State, call: &Call, name: &str, rest: &[&str]) -> Response<Bytes> {
    let Some(kept) = state.managers.kept(Manager::Google, name) else {
        let words = format!("Secret [{}] not found or has no versions.", resource(name));
        return refused(404, "NOT_FOUND", &words);
    };
    let (asked, access) = match rest {
        [] => return answer::json(200, &whole(kept, name)),
        ["versions"] => return listed(kept, call, name),
        ["versions", version] => match version.split_once(':') {
            None => (*version, false),
            Some((version, "access")) => (version, true),
            Some(_) => return nowhere(),
        },
        _ => return nowhere(),
    };
    // `latest` is the version made last, whatever its state.
    let version = if asked == "latest" { kept.newest() } else { kept.version(asked) };
    let Some(version) = version else {
        let words = format!("Secret Version [{}/versions/{asked}] not found.", resource(name));
        return refused(404, "NOT_FOUND", &words);
    };
    if !access {
        return answer::json(200, &described(version, name));
    }
    if version.standing != Standing::Enabled {
        let words = format!("Secret Version [{}] is in {} state.", at(version, name), shown(version.standing));
        return refused(400, "FAILED_PRECONDITION", &words);
    }
    let payload = json!({
        "data": STANDARD.encode(&version.value),
        "dataCrc32c": crc32c(version.value.as_bytes()).to_string(),
    });
    let (body, id) = (json!({"name": at(version, name), "payload": payload}), version.id.clone());
    let now_ms = state.now_ms();
    state.managers.note_read(Manager::Google, name, &id, now_ms);
    answer::json(200, &body)
}

fn whole(kept: &Kept, name: &str) -> Value {
    let newest = kept.newest();
    let mut told = json!({
        "name": resource(name),
        "replication": {"automatic": {}},
        "createTime": kept.versions.first().map(|version| answer::timestamp(version.created_ms)),
        "labels": newest.map(|version| &version.tags),
        "etag": "\"15f1e0c4f4b2b3\"",
    });
    if let Some(expires) = newest.and_then(|version| version.exp_s) {
        put(&mut told, "expireTime", answer::timestamp(expires * 1000));
    }
    told
}

/// A page of the versions, newest first.
fn listed(kept: &Kept, call: &Call, name: &str) -> Response<Bytes> {
    let number = |parameter: &str| call.query.get(parameter).and_then(|text| text.parse::<usize>().ok());
    let (size, from) = (number("pageSize").unwrap_or(25_000).max(1), number("pageToken").unwrap_or_default());
    let wanted = |version: &&Version| match call.query.get("filter").map(String::as_str) {
        Some("state:ENABLED" | "state=ENABLED") => version.standing == Standing::Enabled,
        _ => true,
    };
    let all: Vec<&Version> = kept.versions.iter().rev().filter(wanted).collect();
    let page: Vec<Value> = all.iter().skip(from).take(size).map(|version| described(version, name)).collect();
    let mut body = json!({"versions": page, "totalSize": all.len()});
    if from + size < all.len() {
        put(&mut body, "nextPageToken", (from + size).to_string());
    }
    answer::json(200, &body)
}

fn described(version: &Version, name: &str) -> Value {
    json!({
        "name": at(version, name),
        "createTime": answer::timestamp(version.created_ms),
        "state": shown(version.standing),
        "replicationStatus": {"automatic": {}},
        "etag": "\"15f1e0c4f4b2b3\"",
    })
}

fn shown(standing: Standing) -> &'static str {
    match standing {
        Standing::Enabled => "ENABLED",
        Standing::Disabled => "DISABLED",
        Standing::Destroyed => "DESTROYED",
    }
}

fn at(version: &Version, name: &str) -> String {
    format!("{}/versions/{}", resource(name), version.id)
}

/// The name in answers, which has the project's number.
fn resource(name: &str) -> String {
    let project = scene::GOOGLE_PROJECT_NUMBER;
    match name.split_once('/') {
        Some((location, name)) => format!("projects/{project}/locations/{location}/secrets/{name}"),
        None => format!("projects/{project}/secrets/{name}"),
    }
}

/// CRC-32C (RFC 3720, appendix B.4), bit by bit: the polynomial's reflected form is 0x82F63B78.
fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
    !bytes.iter().fold(!0_u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

fn refused(status: u16, kind: &str, message: &str) -> Response<Bytes> {
    answer::json(status, &json!({"error": {"code": status, "message": message, "status": kind}}))
}
