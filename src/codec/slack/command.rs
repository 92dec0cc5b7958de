//! The slash command: who typed what.

use super::envelope::Envelope;
use crate::codec::chat::{Caller, Occasion, Opening, Reply, Typed};
use crate::codec::form::{Form, FormError};
use crate::codec::proof::Verified;
use crate::codec::wish;

/// Why a signed body is not a slash command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlashError {
    /// Not a form.
    Form(FormError),
    /// A field every slash command has is missing.
    Field(&'static str),
}

/// Slack's certificate check: unsigned, answered with nothing (Slack API, Slash commands).
pub fn is_ssl_check(body: &[u8]) -> bool {
    Form::parse(body).is_ok_and(|form| form.get("ssl_check") == Some("1") && form.get("command").is_none())
}

/// Decodes a verified slash command.
///
/// # Errors
/// When the body is not one.
pub fn decode(body: Verified<&[u8]>) -> Result<Typed, SlashError> {
    let form = Form::parse(body.get()).map_err(SlashError::Form)?;
    let need = |name: &'static str| form.get(name).map(str::to_owned).ok_or(SlashError::Field(name));
    need("command")?;
    let envelope = Envelope {
        app: form.get("api_app_id").map(str::to_owned),
        team: form.get("team_id").map(str::to_owned),
        enterprise: form.get("enterprise_id").map(str::to_owned),
        user: need("user_id")?,
    };
    let occasion = Occasion {
        caller: Caller::Slack(envelope),
        opening: Opening::Trigger(need("trigger_id")?),
        reply: form.get("response_url").map(|url| Reply::Slack(url.to_owned())),
    };
    Ok(Typed { occasion, wish: wish::read(form.get("text").unwrap_or_default()) })
}
