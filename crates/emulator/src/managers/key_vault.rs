//! Azure Key Vault's secrets: `/keyvault/<vault>/secrets/...`.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Response};
use serde_json::{Value, json};

use super::{Manager, Standing, Version, nowhere};
use crate::answer::{self, Call};
use crate::entra::TokenRefusal;
use crate::fields::put;
use crate::scene;
use crate::world::State;

/// Versions in one page of a list, at most and unless told (Key Vault REST, Get Secret Versions: `maxresults`).
const PAGE: usize = 25;

/// Serves `/keyvault/...`.
pub(super) fn answer(state: &mut State, call: &Call, path: &[&str]) -> Response<Bytes> {
    let [scene::KEY_VAULT, "secrets", name, rest @ ..] = path else { return nowhere() };
    let now_ms = state.now_ms();
    if let Err(refusal) = state.entra.check(call, &[scene::KEY_VAULT_RESOURCE], now_ms) {
        return challenged(refusal);
    }
    if !call.query.contains_key("api-version") {
        return refused(400, "BadParameter", "api-version must be specified", None);
    }
    if call.method != Method::GET {
        return refused(405, "MethodNotAllowed", "The request method is not supported here.", None);
    }
    if state.managers.denied.contains(&Manager::KeyVault) {
        let words = "Caller is not authorized to perform action on resource.";
        return refused(403, "Forbidden", words, Some("ForbiddenByRbac"));
    }
    let kept = state.managers.kept(Manager::KeyVault, name);
    let version = match rest {
        ["versions"] => return listed(kept.map_or(&[], |kept| &kept.versions), call, name),
        [] | [""] => kept.and_then(|kept| kept.newest()),
        [version] => kept.and_then(|kept| kept.version(version)),
        _ => return nowhere(),
    };
    let Some(version) = version else {
        let words = format!("A secret with (name/id) {name} was not found in this key vault.");
        return refused(404, "SecretNotFound", &words, None);
    };
    // About secrets, date-time controlled operations: `get` works outside of `nbf` and `exp`, and not when disabled.
    if version.standing != Standing::Enabled {
        return refused(403, "Forbidden", "Operation get is not allowed on a disabled secret.", Some("SecretDisabled"));
    }
    let (mut body, id) = (described(version, name), version.id.clone());
    put(&mut body, "value", version.value.as_str());
    state.managers.note_read(Manager::KeyVault, &name.to_ascii_lowercase(), &id, now_ms);
    answer::json(200, &body)
}

/// A page of the versions, in the order of their ids, which are random.
fn listed(versions: &[Version], call: &Call, name: &str) -> Response<Bytes> {
    let sorted: BTreeMap<&str, &Version> = versions.iter().map(|version| (version.id.as_str(), version)).collect();
    let number = |parameter: &str| call.query.get(parameter).map(|text| text.parse::<usize>());
    let (Ok(most), Ok(from)) = (number("maxresults").unwrap_or(Ok(PAGE)), number("$skiptoken").unwrap_or(Ok(0))) else {
        return refused(400, "BadParameter", "maxresults or $skiptoken is not a number", None);
    };
    if !(1..=PAGE).contains(&most) {
        return refused(400, "BadParameter", "maxresults has to be from 1 to 25", None);
    }
    let page: Vec<Value> = sorted.values().skip(from).take(most).map(|version| described(version, name)).collect();
    let next = (from + most < sorted.len()).then(|| {
        let api = call.query.get("api-version").map_or("", String::as_str);
        let (vault, to) = (scene::KEY_VAULT, from + most);
        let address = format!("{}/keyvault/{vault}/secrets/{name}/versions", call.base);
        format!("{address}?api-version={api}&$skiptoken={to}&maxresults={most}")
    });
    answer::json(200, &json!({"value": page, "nextLink": next}))
}

fn described(version: &Version, name: &str) -> Value {
    let mut attributes = json!({
        "enabled": version.standing == Standing::Enabled,
        "created": version.created_ms / 1000,
        "updated": version.created_ms / 1000,
        "recoveryLevel": "Recoverable+Purgeable",
        "recoverableDays": 90,
    });
    for (field, time) in [("nbf", version.nbf_s), ("exp", version.exp_s)] {
        if let Some(time) = time {
            put(&mut attributes, field, time);
        }
    }
    let id = format!("https://{}.vault.azure.net/secrets/{name}/{}", scene::KEY_VAULT, version.id);
    json!({"id": id, "attributes": attributes, "tags": version.tags})
}

/// 401 with the challenge that says where a token is to be had.
fn challenged(refusal: TokenRefusal) -> Response<Bytes> {
    let words = match refusal {
        TokenRefusal::Missing => "AKV10000: Request is missing a Bearer or PoP token.",
        TokenRefusal::WrongAudience => "AKV10022: Invalid audience.",
        TokenRefusal::Unknown | TokenRefusal::Expired => "Error validating token.",
    };
    let challenge = format!(
        r#"Bearer authorization="https://login.windows.net/{}", resource="{}""#,
        scene::TENANT_ID,
        scene::KEY_VAULT_RESOURCE
    );
    answer::with(refused(401, "Unauthorized", words, None), "www-authenticate", &challenge)
}

fn refused(status: u16, code: &str, message: &str, inner: Option<&str>) -> Response<Bytes> {
    let mut error = json!({"code": code, "message": message});
    if let Some(inner) = inner {
        put(&mut error, "innererror", json!({"code": inner}));
    }
    answer::json(status, &json!({"error": error}))
}
