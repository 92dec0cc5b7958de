//! Doppler's webhooks: an HMAC of the body, which has neither a time nor an id (Doppler documentation, Webhooks).

use seal::Secret;
use serde_json::Value;

use super::delivery::Delivery;
use super::{Malformed, Message, Post, Unproven, mac};
use crate::codec::proof::Verified;
use crate::codec::{fields, hex};
use crate::domain::source::{Manager, News};
use crate::domain::time::Timestamp;

/// Verifies a post by `X-Doppler-Signature`. Nothing in it tells two changes of the same secret apart, so each second's
/// deliveries are an event of their own: what is sent again later is looked into again, which does no harm.
///
/// # Errors
/// When the signature is missing, has another form than `sha256=` and 64 lower-case digits, or is none of the keys'.
pub fn verify(post: Post<'_>, keys: &[Secret], now: Timestamp) -> Result<Verified<Delivery>, Unproven> {
    let signature = post.header("x-doppler-signature")?;
    let given = signature.strip_prefix("sha256=").and_then(hex::read).ok_or(Unproven::Form)?;
    mac::proves(keys, post.body, &given)?;
    Ok(Verified::vouch(Delivery::unnamed(post).at(now.as_secs())))
}

/// Reads it: something in our config changed. The operator may have put a JSON of their own in the place of what Doppler
/// says; the signature is then all that names the config. So whatever does not name another one is taken.
///
/// # Errors
/// When it is not JSON.
pub fn read(delivery: Verified<Delivery>, manager: &Manager) -> Result<Message, Malformed> {
    let delivery = delivery.get();
    let body = delivery.json()?;
    let Manager::Doppler { project, config } = manager else { return Ok(delivery.says(None, News::Other)) };
    let changed = fits(body, &[&["type"]], "config.secrets.update")
        && fits(body, &[&["project", "id"], &["project", "name"], &["config", "project"]], project)
        && fits(body, &[&["config", "name"]], config);
    Ok(delivery.says(None, if changed { News::Changed } else { News::Other }))
}

/// Whether one of these places names ours, or none names anything.
fn fits(body: &Value, places: &[&[&str]], ours: &str) -> bool {
    let mut named = places.iter().filter_map(|place| fields::text(body, place).ok().flatten()).peekable();
    named.peek().is_none() || named.any(|text| text == ours)
}
