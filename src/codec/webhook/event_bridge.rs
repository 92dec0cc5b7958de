//! Amazon EventBridge: events of AWS Secrets Manager, by an API destination with a secret header.
//!
//! AWS Secrets Manager user guide, "Secret Label Updated" and "Log events with AWS CloudTrail".

use seal::Secret;
use serde_json::Value;

use super::delivery::{Delivery, told};
use super::{Malformed, Message, Post, Unproven, key};
use crate::codec::fields;
use crate::codec::proof::Verified;
use crate::domain::source::{Hint, Manager, News, SecretId};

/// Verifies a post by its secret header.
///
/// # Errors
/// When the header is missing, there twice, or none of the keys.
pub fn verify(post: Post<'_>, keys: &[Secret]) -> Result<Verified<Delivery>, Unproven> {
    key::verify(post, keys)?;
    Ok(Verified::vouch(Delivery::unnamed(post)))
}

/// Reads it.
///
/// # Errors
/// When it is no event.
pub fn read(delivery: Verified<Delivery>, manager: &Manager) -> Result<Message, Malformed> {
    Ok(Message::Hints(vec![event(delivery.get().json()?, manager)?]))
}

/// Reads one event, by whatever way it came.
///
/// # Errors
/// When it has no id, or is one of Secrets Manager that does not say what it is about.
pub fn event(value: &Value, manager: &Manager) -> Result<Hint, Malformed> {
    let id = told(fields::text(value, &["id"])?.ok_or(Malformed)?)?;
    let other = Hint { event: id, secret: None, version: None, news: News::Other };
    let Manager::Aws { region, account } = manager else { return Ok(other) };
    let is = |name, ours| fields::text(value, &[name]).map(|text| text == Some(ours));
    if !(is("source", "aws.secretsmanager")? && is("account", account)? && is("region", region)?) {
        return Ok(other);
    }
    let detail = |name| fields::text(value, &["detail", name]);
    match fields::text(value, &["detail-type"])? {
        Some("Secret Label Updated") => {
            if detail("labelUpdated")? != Some("AWSCURRENT") {
                return Ok(other);
            }
            let name = told(detail("name")?.ok_or(Malformed)?)?;
            let version = detail("versionId")?.map(told).transpose()?;
            Ok(Hint { secret: Some(SecretId::Named(name)), version, news: News::Changed, ..other })
        }
        Some("AWS API Call via CloudTrail" | "AWS Service Event via CloudTrail") => {
            let news = match detail("eventName")? {
                Some("RotationFailed") => News::RotationFailed,
                // A call that was refused is recorded as well, with a code.
                Some("PutSecretValue" | "UpdateSecret" | "UpdateSecretVersionStage" | "RotationSucceeded")
                    if detail("errorCode")?.is_none() =>
                {
                    News::Changed
                }
                _ => return Ok(other),
            };
            let Some(name) = recorded(value, region, account)? else { return Ok(other) };
            Ok(Hint { secret: Some(SecretId::Named(told(name)?)), news, ..other })
        }
        _ => Ok(other),
    }
}

/// The name of the secret that CloudTrail recorded; `None` when it is another account's or region's.
fn recorded<'v>(value: &'v Value, region: &str, account: &str) -> Result<Option<&'v str>, Malformed> {
    const PLACES: [[&str; 3]; 4] = [
        ["detail", "additionalEventData", "SecretId"],
        ["detail", "responseElements", "arn"],
        ["detail", "responseElements", "aRN"],
        // What the caller wrote: an ARN, or the name alone.
        ["detail", "requestParameters", "secretId"],
    ];
    let mut found = None;
    for place in PLACES {
        if found.is_none() {
            found = fields::text(value, &place)?;
        }
    }
    let id = found.ok_or(Malformed)?;
    if !id.starts_with("arn:") {
        return Ok(Some(id));
    }
    let mut parts = id.splitn(7, ':').skip(2);
    let [service, of_region, of_account, kind, name] = [(); 5].map(|()| parts.next().unwrap_or_default());
    if (service, of_region, of_account, kind) != ("secretsmanager", region, account, "secret") {
        return Ok(None);
    }
    // An ARN ends with a hyphen and six characters of its own, which a caller may leave out.
    Ok(Some(match name.rsplit_once('-') {
        Some((bare, suffix)) if suffix.len() == 6 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric()) => bare,
        _ => name,
    }))
}
