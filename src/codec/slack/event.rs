//! Slack's events: what it delivers by itself, without anybody having asked (Slack API, Events API).

use serde_json::Value;

use super::envelope::Envelope;
use crate::codec::fields::{self, Unexpected};
use crate::codec::json;
use crate::codec::proof::Verified;

/// Something that Slack delivers. Where nobody did anything, the envelope's user is empty.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// Slack wants to know whether this address takes events; the text is given back.
    Challenge(String),
    /// Somebody looks at the App Home.
    HomeOpened(Envelope),
    /// The app was uninstalled.
    Uninstalled(Envelope),
    /// Tokens of the app were revoked.
    TokensRevoked(Envelope),
    /// Something this app does not use.
    Other(Envelope),
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
        _ => Ok(Event::Other(envelope(body, String::new())?)),
    }
}

fn happened(body: &Value) -> Result<Event, Unexpected> {
    let text = |name| fields::text(body, &["event", name]);
    let user = text("user").ok().flatten().unwrap_or_default().to_owned();
    let envelope = envelope(body, user)?;
    Ok(match text("type")?.ok_or(Unexpected)? {
        "app_home_opened" if text("tab")? == Some("home") && !envelope.user.is_empty() => Event::HomeOpened(envelope),
        "app_uninstalled" => Event::Uninstalled(envelope),
        "tokens_revoked" => Event::TokensRevoked(envelope),
        _ => Event::Other(envelope),
    })
}

/// From which installation it is: the one that `authorizations` names, which for an organisation's names no workspace.
fn envelope(body: &Value, user: String) -> Result<Envelope, Unexpected> {
    let ours = fields::list(body, "authorizations")?.first();
    let (team, enterprise) = match ours {
        Some(ours) => (fields::owned(ours, &["team_id"])?, fields::owned(ours, &["enterprise_id"])?),
        None => (fields::owned(body, &["team_id"])?, fields::owned(body, &["enterprise_id"])?),
    };
    Ok(Envelope { app: fields::owned(body, &["api_app_id"])?, team, enterprise, user })
}
