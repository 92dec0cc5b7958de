//! Slack's interactive payloads: a submitted form, a tapped button, a typeahead.

use std::fmt;

use seal::Secret;
use serde_json::Value;

use super::envelope::Envelope;
use crate::codec::fields::{self, Unexpected};
use crate::codec::form::{Form, FormError};
use crate::codec::json;
use crate::codec::proof::Verified;
use crate::codec::wiped::Wiped;

/// What somebody did in Slack.
pub enum Interaction {
    /// Sent a form.
    Submitted(Submission),
    /// Tapped a button, or chose in a message.
    Tapped(Tap),
    /// Typed into a typeahead.
    Suggest(Suggest),
    /// Closed a form.
    Closed(Envelope),
    /// Something this app does not use.
    Other(Envelope),
}

/// A form that was sent.
pub struct Submission {
    /// Who and from where.
    pub envelope: Envelope,
    /// Which form: the `callback_id` we gave it.
    pub form: String,
    /// Slack's id of this one form on this one screen.
    pub view: String,
    /// The opaque text we put into the form. Believed only as an id to look up.
    pub metadata: String,
    /// The inputs of each block; what was typed may be a credential.
    values: Wiped,
}

/// A button that was tapped.
#[derive(Debug)]
pub struct Tap {
    /// Who and from where.
    pub envelope: Envelope,
    /// Which button: the `action_id` we gave it.
    pub action: String,
    /// The opaque id we put into it.
    pub value: String,
    /// Opens one form within 3 seconds.
    pub trigger: Option<String>,
    /// Where to answer; a bearer secret of Slack's.
    pub response_url: Option<String>,
    /// Whether it is a button of the App Home.
    pub in_home: bool,
}

/// A typeahead that asks for options.
#[derive(Debug)]
pub struct Suggest {
    /// Who and from where.
    pub envelope: Envelope,
    /// Which input.
    pub action: String,
    /// What was typed so far.
    pub words: String,
}

/// Why a signed body is not an interaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InteractionError {
    /// Not a form.
    Form(FormError),
    /// No `payload`, or it is not the JSON the documentation describes.
    Payload,
}

impl fmt::Display for InteractionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(error) => error.fmt(f),
            Self::Payload => f.write_str("the payload is not an interaction"),
        }
    }
}

impl Submission {
    /// The text typed, or the value chosen, in the input of that block.
    pub fn text(&self, block: &str) -> Option<&str> {
        let input = self.values.0.get(block)?.as_object()?.values().next()?;
        let text = |path: &[&str]| fields::text(input, path).ok().flatten();
        text(&["value"]).or_else(|| text(&["selected_option", "value"]))
    }

    /// Whether the form had an input of that name.
    pub fn has(&self, block: &str) -> bool {
        self.values.0.get(block).is_some()
    }

    /// Takes what was typed as a secret.
    pub fn take_secret(&mut self, block: &str) -> Option<Secret> {
        let input = self.values.0.get_mut(block)?.as_object_mut()?.values_mut().next()?;
        match input.get_mut("value")?.take() {
            Value::String(typed) => Some(Secret::new(typed)),
            _ => None,
        }
    }
}

/// Decodes a verified interaction.
///
/// # Errors
/// When the body is not one.
pub fn decode(body: Verified<&[u8]>) -> Result<Interaction, InteractionError> {
    let form = Form::parse(body.get()).map_err(InteractionError::Form)?;
    let payload = form.get("payload").ok_or(InteractionError::Payload)?;
    let payload = json::read(payload.as_bytes()).ok_or(InteractionError::Payload)?;
    read(Wiped(payload)).map_err(|_| InteractionError::Payload)
}

fn read(mut payload: Wiped) -> Result<Interaction, Unexpected> {
    let payload = &mut payload.0;
    let envelope = Envelope {
        app: fields::owned(payload, &["api_app_id"])?,
        // `null` when the app is installed for an organisation.
        team: fields::owned(payload, &["team", "id"])?,
        enterprise: fields::owned(payload, &["enterprise", "id"])?,
        user: fields::required(payload, &["user", "id"])?,
    };
    Ok(match fields::required(payload, &["type"])?.as_str() {
        "view_submission" => Interaction::Submitted(submission(envelope, payload)?),
        "block_actions" => Interaction::Tapped(tap(envelope, payload)?),
        "block_suggestion" => Interaction::Suggest(Suggest {
            envelope,
            action: fields::owned(payload, &["action_id"])?.unwrap_or_default(),
            words: fields::owned(payload, &["value"])?.unwrap_or_default(),
        }),
        "view_closed" => Interaction::Closed(envelope),
        _ => Interaction::Other(envelope),
    })
}

fn submission(envelope: Envelope, payload: &mut Value) -> Result<Submission, Unexpected> {
    let view = payload.get_mut("view").ok_or(Unexpected)?;
    // Taken, not copied: what was typed is kept once.
    let values = view.get_mut("state").and_then(|state| state.get_mut("values")).map(Value::take);
    let values = Wiped(values.unwrap_or_default());
    check(&values.0)?;
    Ok(Submission {
        envelope,
        form: fields::owned(view, &["callback_id"])?.unwrap_or_default(),
        view: fields::required(view, &["id"])?,
        metadata: fields::owned(view, &["private_metadata"])?.unwrap_or_default(),
        values,
    })
}

/// Holds the inputs of every block to what the documentation describes, so that nothing typed is overlooked.
fn check(values: &Value) -> Result<(), Unexpected> {
    if values.is_null() {
        return Ok(());
    }
    for block in values.as_object().ok_or(Unexpected)?.values() {
        for input in block.as_object().ok_or(Unexpected)?.values() {
            fields::text(input, &["value"])?;
            fields::text(input, &["selected_option", "value"])?;
        }
    }
    Ok(())
}

fn tap(envelope: Envelope, payload: &Value) -> Result<Tap, Unexpected> {
    let action = fields::list(payload, "actions")?.first().ok_or(Unexpected)?;
    Ok(Tap {
        envelope,
        action: fields::required(action, &["action_id"])?,
        value: fields::owned(action, &["value"])?.unwrap_or_default(),
        trigger: fields::owned(payload, &["trigger_id"])?,
        response_url: fields::owned(payload, &["response_url"])?,
        in_home: fields::text(payload, &["view", "type"])? == Some("home"),
    })
}
