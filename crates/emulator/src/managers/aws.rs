//! AWS Secrets Manager: `POST /aws/<region>/` with the action in a header.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Method, Response};
use serde_json::{Map, Value, json};

use super::hands::{CURRENT, uuid};
use super::sigv4::{self, Unsigned};
use super::{Kept, Manager, Version, nowhere};
use crate::answer::{self, Call};
use crate::fields::{put, text};
use crate::scene;
use crate::world::State;

/// Lengths of a version's id (Secrets Manager API, `GetSecretValue`: `VersionId`).
const VERSION_ID: std::ops::RangeInclusive<usize> = 32..=64;

/// An error's type and words.
struct Refusal(&'static str, String);

impl From<Unsigned> for Refusal {
    fn from(Unsigned(kind, words): Unsigned) -> Refusal {
        Refusal(kind, words)
    }
}

/// Serves `/aws/<region>/`.
pub(super) fn answer(state: &mut State, call: &Call, path: &[&str]) -> Response<Bytes> {
    let ([region] | [region, ""]) = path else { return nowhere() };
    if call.method != Method::POST {
        return nowhere();
    }
    // Every failure of this service is 400 (Secrets Manager API, errors of `GetSecretValue`).
    let answered = serve(state, call, region);
    let (status, body) = match answered {
        Ok(body) => (200, body),
        Err(Refusal(kind, words)) => (400, json!({"__type": kind, "message": words})),
    };
    let response = answer::text(status, "application/x-amz-json-1.1", &body.to_string());
    let id = uuid(&super::digits(state, 32));
    answer::with(response, "x-amzn-requestid", &id)
}

fn serve(state: &mut State, call: &Call, region: &str) -> Result<Value, Refusal> {
    let now_ms = state.now_ms();
    sigv4::check(call, region, now_ms, state.managers.aws_session_expired)?;
    let target = call.header("x-amz-target").strip_prefix("secretsmanager.").unwrap_or_default();
    if call.header("content-type") != "application/x-amz-json-1.1" {
        return Err(Refusal("UnknownOperationException", String::new()));
    }
    let body: Value =
        serde_json::from_slice(&call.body).map_err(|_| Refusal("SerializationException", "not JSON".into()))?;
    let asked = text(&body, "SecretId");
    if asked.is_empty() {
        let words = "1 validation error detected: Value null at 'secretId' failed to satisfy constraint";
        return Err(Refusal("ValidationException", words.into()));
    }
    if state.managers.denied.contains(&Manager::Aws) {
        let words = format!(
            "User: arn:aws:iam::{}:user/pbi-rotate is not authorized to perform: secretsmanager:{target} on resource: \
             {asked} because no identity-based policy allows the secretsmanager:{target} action",
            scene::AWS_ACCOUNT
        );
        return Err(Refusal("AccessDeniedException", words));
    }
    let name = named(asked, region).filter(|_| region == scene::AWS_REGION);
    let found = name.and_then(|name| Some((name, state.managers.kept(Manager::Aws, name)?)));
    let (name, kept) = found.ok_or_else(|| {
        Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.".into())
    })?;
    match target {
        "DescribeSecret" => Ok(described(kept, name)),
        "GetSecretValue" => {
            let version = chosen(kept, &body)?;
            let (told, id, name) = (value(version, name), version.id.clone(), name.to_owned());
            state.managers.note_read(Manager::Aws, &name, &id, now_ms);
            Ok(told)
        }
        _ => Err(Refusal("UnknownOperationException", String::new())),
    }
}

/// The version that is asked for, by id, by stage, or by both if they agree; the current one unless told.
fn chosen<'a>(kept: &'a Kept, body: &Value) -> Result<&'a Version, Refusal> {
    if kept.deleted {
        let words = "You can't perform this operation on the secret because it was marked for deletion.";
        return Err(Refusal("InvalidRequestException", words.into()));
    }
    let (id, stage) = (text(body, "VersionId"), text(body, "VersionStage"));
    let missing = |what: &str, name: &str| {
        let words = format!("Secrets Manager can't find the specified secret value for {what}: {name}");
        Refusal("ResourceNotFoundException", words)
    };
    if id.is_empty() {
        let stage = if stage.is_empty() { CURRENT } else { stage };
        let found = kept.versions.iter().find(|version| version.stages.contains(&stage));
        return found.ok_or_else(|| missing("staging label", stage));
    }
    if !VERSION_ID.contains(&id.len()) {
        let words = "Invalid length for parameter VersionId, it has to be from 32 to 64.";
        return Err(Refusal("InvalidParameterException", words.into()));
    }
    let version = kept.version(id).ok_or_else(|| missing("VersionId", id))?;
    if stage.is_empty() || version.stages.contains(&stage) {
        return Ok(version);
    }
    let words = "You provided a VersionStage that is not associated to the provided VersionId.";
    Err(Refusal("InvalidRequestException", words.into()))
}

fn value(version: &Version, name: &str) -> Value {
    let mut told = json!({
        "ARN": arn(name),
        "Name": name,
        "VersionId": version.id,
        "VersionStages": version.stages,
        "CreatedDate": seconds(version.created_ms),
    });
    match version.binary {
        true => put(&mut told, "SecretBinary", STANDARD.encode(&version.value)),
        false => put(&mut told, "SecretString", version.value.as_str()),
    }
    told
}

fn described(kept: &Kept, name: &str) -> Value {
    // Versions without a label are deprecated and not told.
    let labelled = kept.versions.iter().filter(|version| !version.stages.is_empty());
    let stages: Map<String, Value> = labelled.map(|version| (version.id.clone(), json!(version.stages))).collect();
    let newest = kept.newest();
    let tags = newest.into_iter().flat_map(|version| &version.tags);
    let created = kept.versions.first().map(|version| seconds(version.created_ms));
    let mut told = json!({
        "ARN": arn(name),
        "Name": name,
        "RotationEnabled": false,
        "CreatedDate": created,
        "LastChangedDate": newest.map(|version| seconds(version.created_ms)),
        "Tags": tags.map(|(key, value)| json!({"Key": key, "Value": value})).collect::<Vec<_>>(),
        "VersionIdsToStages": stages,
    });
    if kept.deleted {
        put(&mut told, "DeletedDate", newest.map(|version| seconds(version.created_ms)));
    }
    told
}

/// The name in a secret's ARN, with or without the six characters at its end, or the name itself.
fn named<'a>(asked: &'a str, region: &str) -> Option<&'a str> {
    if !asked.starts_with("arn:") {
        return Some(asked);
    }
    let rest = asked.strip_prefix(&format!("arn:aws:secretsmanager:{region}:{}:secret:", scene::AWS_ACCOUNT))?;
    Some(rest.rsplit_once('-').filter(|(name, _)| arn(name) == asked).map_or(rest, |(name, _)| name))
}

/// A secret's ARN; the service puts six characters of its own after the name.
pub(crate) fn arn(name: &str) -> String {
    let suffix = name.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) & 0xff_ffff;
    format!("arn:aws:secretsmanager:{}:{}:secret:{name}-{suffix:06x}", scene::AWS_REGION, scene::AWS_ACCOUNT)
}

/// Seconds since 1970, with the fraction that the service tells.
#[expect(clippy::cast_precision_loss, reason = "the times of stories are far below 2^52")]
fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}
