//! Slack's events: what it delivers by itself, without anybody having asked (Slack API, Events API).

use serde_json::Value;

use super::envelope::Envelope;
use crate::codec::chat::Caller;
use crate::codec::fields::{self, Unexpected};
use crate::codec::json;
use crate::codec::proof::Verified;

/// Something that Slack delivers. Where nobody did anything, the caller has no id.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// Slack wants to know whether this address takes events; the text is given back.
    Challenge(String),
    /// Somebody looks at the App Home.
    HomeOpened(Caller),
    /// The app was uninstalled.
    Uninstalled(Caller),
    /// Tokens of the app were revoked.
    TokensRevoked(Caller),
    /// Something this app does not use.
    Other(Caller),
}

/// A signed body that is not an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoEvent;

/// Decodes a verified event.
///
/// # Errors
/// When the body is not one.
pub fn decode(body: Verified<&[u8]>) -> Result<Event, NoEvent> {
    let body = json::read(body.get()).ok_or(NoEvent)?;
    read(&body).map_err(|Unexpected| NoEvent)
}

fn read(body: &Value) -> Result<Event, Unexpected> {
    match fields::required(body, &["type"])?.as_str() {
        "url_verification" => Ok(Event::Challenge(fields::required(body, &["challenge"])?)),
        "event_callback" => happened(body),
        // `app_rate_limited` and whatever comes after it.
        _ => Ok(Event::Other(caller(body, String::new())?)),
    }
}

fn happened(body: &Value) -> Result<Event, Unexpected> {
    let text = |name| fields::text(body, &["event", name]);
    let user = text("user").ok().flatten().unwrap_or_default().to_owned();
    let somebody = !user.is_empty();
    let caller = caller(body, user)?;
    Ok(match text("type")?.ok_or(Unexpected)? {
        "app_home_opened" if text("tab")? == Some("home") && somebody => Event::HomeOpened(caller),
        "app_uninstalled" => Event::Uninstalled(caller),
        "tokens_revoked" => Event::TokensRevoked(caller),
        _ => Event::Other(caller),
    })
}

/// From which installation it is: the one that `authorizations` names, which for an organisation's names no workspace.
fn caller(body: &Value, user: String) -> Result<Caller, Unexpected> {
    let ours = fields::list(body, "authorizations")?.first();
    let (team, enterprise) = match ours {
        Some(ours) => (fields::owned(ours, &["team_id"])?, fields::owned(ours, &["enterprise_id"])?),
        None => (fields::owned(body, &["team_id"])?, fields::owned(body, &["enterprise_id"])?),
    };
    Ok(Caller::Slack(Envelope { app: fields::owned(body, &["api_app_id"])?, team, enterprise, user }))
}
