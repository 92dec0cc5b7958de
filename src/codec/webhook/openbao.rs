//! OpenBao's http audit device: one line of the audit, by a secret header (OpenBao documentation, Audit devices).

use seal::Secret;
use serde_json::Value;

use super::delivery::{Delivery, told};
use super::{Malformed, Message, Post, Unproven, key};
use crate::codec::fields;
use crate::codec::proof::Verified;
use crate::domain::source::{News, SecretId};

/// Verifies a post by its secret header.
///
/// # Errors
/// When the header is missing, there twice, or none of the keys.
pub fn verify(post: Post<'_>, keys: &[Secret]) -> Result<Verified<Delivery>, Unproven> {
    key::verify(post, keys)?;
    Ok(Verified::vouch(Delivery::unnamed(post)))
}

/// Reads it: whether a request that was done wrote a secret or rotated a static role. A request and its response have one
/// id, so it names the event only for what is of interest; every other line goes by its digest.
///
/// # Errors
/// When it is no line of the audit.
pub fn read(delivery: Verified<Delivery>) -> Result<Message, Malformed> {
    let delivery = delivery.get();
    let line = delivery.json()?;
    let is = |path: &[&str], wanted: &[&str]| -> Result<bool, Malformed> {
        Ok(fields::text(line, path)?.is_some_and(|text| wanted.contains(&text)))
    };
    let done = is(&["type"], &["response"])?
        && fields::text(line, &["error"])?.unwrap_or_default().is_empty()
        && is(&["request", "operation"], &["create", "update", "patch"])?;
    let Some(secret) = (if done { written(line)? } else { None }) else {
        return Ok(delivery.says(None, News::Other));
    };
    let mut hint = delivery.hint(Some(secret), None, News::Changed);
    if let Some(id) = fields::text(line, &["request", "id"])?.and_then(|id| told(id).ok()) {
        hint.event = id;
    }
    Ok(Message::Hints(vec![hint]))
}

/// What the request wrote; `None` for anything that is not of interest. A line is refused as seldom as can be: OpenBao fails
/// the request that it audits when no device takes its line.
fn written(line: &Value) -> Result<Option<SecretId>, Malformed> {
    let request = |name| fields::text(line, &["request", name]);
    let (Some(kind), Some(path)) = (request("mount_type")?, request("path")?) else { return Ok(None) };
    let mount = request("mount_point")?.map(|mount| mount.trim_end_matches('/'));
    let between = |marker: &str| {
        let (mount, rest) = match mount {
            // A mount's own path may have the marker in it.
            Some(mount) => (mount, path.strip_prefix(mount)?.strip_prefix(marker)?),
            None => path.split_once(marker)?,
        };
        Some((told(mount).ok()?, told(rest).ok()?))
    };
    let role = |(mount, role)| SecretId::StaticRole { mount, role };
    Ok(match kind {
        "kv" => between("/data/").map(|(mount, path)| SecretId::Kv { mount, path }),
        "database" => between("/rotate-role/").or_else(|| between("/static-roles/")).map(role),
        _ => None,
    })
}
