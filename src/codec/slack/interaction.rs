//! Slack's interactive payloads: a submitted form, a tapped button, a typeahead.

use std::collections::BTreeMap;
use std::fmt;

use seal::Secret;
use serde::{Deserialize, Deserializer};

use super::envelope::Envelope;
use crate::codec::form::{Form, FormError};
use crate::codec::json;
use crate::codec::proof::Verified;

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
    values: BTreeMap<String, BTreeMap<String, Value>>,
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
        match self.values.get(block)?.values().next()? {
            Value { value: Some(hidden), .. } => Some(hidden.0.expose()),
            Value { selected_option: Some(chosen), .. } => Some(&chosen.value),
            _ => None,
        }
    }

    /// Whether the form had an input of that name.
    pub fn has(&self, block: &str) -> bool {
        self.values.contains_key(block)
    }

    /// Takes what was typed as a secret.
    pub fn take_secret(&mut self, block: &str) -> Option<Secret> {
        self.values.get_mut(block)?.values_mut().next()?.value.take().map(|hidden| hidden.0)
    }
}

/// Decodes a verified interaction.
///
/// # Errors
/// When the body is not one.
pub fn decode(body: Verified<&[u8]>) -> Result<Interaction, InteractionError> {
    let form = Form::parse(body.get()).map_err(InteractionError::Form)?;
    let payload = form.get("payload").ok_or(InteractionError::Payload)?;
    let payload: Payload = json::read(payload.as_bytes()).ok_or(InteractionError::Payload)?;
    let envelope = Envelope {
        app: payload.api_app_id,
        team: payload.team.map(|team| team.id),
        enterprise: payload.enterprise.map(|enterprise| enterprise.id),
        user: payload.user.id,
    };
    match (payload.kind.as_str(), payload.view, payload.actions.into_iter().next()) {
        ("view_submission", Some(view), _) => Ok(Interaction::Submitted(Submission {
            envelope,
            form: view.callback_id,
            view: view.id,
            metadata: view.private_metadata,
            values: view.state.map(|state| state.values).unwrap_or_default(),
        })),
        ("block_actions", _, Some(action)) => Ok(Interaction::Tapped(Tap {
            envelope,
            action: action.action_id,
            value: action.value.unwrap_or_default(),
            trigger: payload.trigger_id,
            response_url: payload.response_url,
        })),
        ("block_suggestion", ..) => Ok(Interaction::Suggest(Suggest {
            envelope,
            action: payload.action_id.unwrap_or_default(),
            words: payload.value.unwrap_or_default(),
        })),
        ("view_closed", ..) => Ok(Interaction::Closed(envelope)),
        ("view_submission" | "block_actions", ..) => Err(InteractionError::Payload),
        _ => Ok(Interaction::Other(envelope)),
    }
}

#[derive(Deserialize)]
struct Payload {
    #[serde(rename = "type")]
    kind: String,
    api_app_id: Option<String>,
    user: Id,
    /// `null` when the app is installed for an organisation.
    team: Option<Id>,
    enterprise: Option<Id>,
    trigger_id: Option<String>,
    response_url: Option<String>,
    view: Option<View>,
    #[serde(default)]
    actions: Vec<Action>,
    action_id: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

#[derive(Deserialize)]
struct View {
    id: String,
    #[serde(default)]
    callback_id: String,
    #[serde(default)]
    private_metadata: String,
    state: Option<State>,
}

#[derive(Deserialize)]
struct State {
    #[serde(default)]
    values: BTreeMap<String, BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct Value {
    value: Option<Hidden>,
    selected_option: Option<Chosen>,
}

#[derive(Deserialize)]
struct Chosen {
    value: String,
}

#[derive(Deserialize)]
struct Action {
    action_id: String,
    value: Option<String>,
}

/// Typed text, which may be a credential: hidden from the moment it is read.
struct Hidden(Secret);

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(Secret::new(text)))
    }
}
