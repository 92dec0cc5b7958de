//! Infisical's webhooks: an HMAC of the body, and the time in the body (Infisical documentation, Webhooks).

use seal::Secret;

use super::delivery::Delivery;
use super::{Malformed, Message, Post, Unproven, mac, window};
use crate::codec::proof::Verified;
use crate::codec::{fields, hex};
use crate::domain::source::{Manager, News};
use crate::domain::time::Timestamp;

/// Verifies a post by `x-infisical-signature`, which is `t=<milliseconds>;<digits>`. Only the body is signed, so the time
/// that counts is the one in it, and the header's has to be the same. A body that is no JSON has no time; it passes, to be
/// refused by [`read`] for what it is.
///
/// # Errors
/// When the signature is missing, has another form or is none of the keys', or the time is not there or not now.
pub fn verify(post: Post<'_>, keys: &[Secret], now: Timestamp) -> Result<Verified<Delivery>, Unproven> {
    let header = post.header("x-infisical-signature")?;
    let (time, signature) = header.strip_prefix("t=").and_then(|rest| rest.split_once(';')).ok_or(Unproven::Form)?;
    let given = hex::read(signature).ok_or(Unproven::Form)?;
    let time = window::number(time)?;
    mac::proves(keys, post.body, &given)?;
    let delivery = Delivery::unnamed(post);
    if let Ok(body) = delivery.json() {
        let signed = body.get("timestamp").ok_or(Unproven::Missing)?;
        if signed.as_i64() != Some(time) {
            return Err(Unproven::Form);
        }
        window::within(Timestamp(time), now)?;
    }
    Ok(Verified::vouch(delivery))
}

/// Reads it: something in our folder changed, or a rotation there failed. It never says which secret.
///
/// # Errors
/// When it is not JSON, or an event of a folder that does not say of which.
pub fn read(delivery: Verified<Delivery>, manager: &Manager) -> Result<Message, Malformed> {
    let delivery = delivery.get();
    let body = delivery.json()?;
    let news = match fields::text(body, &["event"])?.ok_or(Malformed)? {
        "secrets.modified" => News::Changed,
        "secrets.rotation-failed" => News::RotationFailed,
        _ => return Ok(delivery.says(None, News::Other)),
    };
    let Manager::Infisical { project, environment, folder, .. } = manager else {
        return Ok(delivery.says(None, News::Other));
    };
    let named = |name| fields::text(body, &["project", name]);
    // The older name is all that earlier releases send.
    let id = match named("projectId")? {
        None => named("workspaceId")?,
        id => id,
    };
    let (Some(id), Some(slug), Some(path)) = (id, named("environment")?, named("secretPath")?) else {
        return Err(Malformed);
    };
    let ours = id == project && slug == environment && path.trim_end_matches('/') == folder.trim_end_matches('/');
    Ok(delivery.says(None, if ours { news } else { News::Other }))
}
