//! Slack's interactive payloads: a submitted form, a tapped button, a typeahead.

use serde_json::Value;

use super::envelope::Envelope;
use crate::codec::chat::{Caller, Inputs, Occasion, Opening, Reply, Submission, Suggest, Tap};
use crate::codec::fields::{self, Unexpected};
use crate::codec::form::{Form, FormError};
use crate::codec::json as text;
use crate::codec::proof::Verified;
use crate::codec::sheet::{Action, FormKind};
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
    Closed(Caller),
    /// Something this app does not use.
    Other(Caller),
}

/// Why a signed body is not an interaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InteractionError {
    /// Not a form.
    Form(FormError),
    /// No `payload`, or it is not the JSON the documentation describes.
    Payload,
}

/// Decodes a verified interaction.
///
/// # Errors
/// When the body is not one.
pub fn decode(body: Verified<&[u8]>) -> Result<Interaction, InteractionError> {
    let form = Form::parse(body.get()).map_err(InteractionError::Form)?;
    let payload = form.get("payload").ok_or(InteractionError::Payload)?;
    let payload = text::read(payload.as_bytes()).ok_or(InteractionError::Payload)?;
    read(Wiped(payload)).map_err(|_| InteractionError::Payload)
}

fn read(mut payload: Wiped) -> Result<Interaction, Unexpected> {
    let payload = &mut payload.0;
    let caller = Caller::Slack(Envelope {
        app: fields::owned(payload, &["api_app_id"])?,
        // `null` when the app is installed for an organisation.
        team: fields::owned(payload, &["team", "id"])?,
        enterprise: fields::owned(payload, &["enterprise", "id"])?,
        user: fields::required(payload, &["user", "id"])?,
    });
    Ok(match fields::required(payload, &["type"])?.as_str() {
        "view_submission" => Interaction::Submitted(submission(caller, payload)?),
        "block_actions" => Interaction::Tapped(tap(caller, payload)?),
        "block_suggestion" => Interaction::Suggest(Suggest {
            caller,
            action: fields::owned(payload, &["action_id"])?.unwrap_or_default(),
            words: fields::owned(payload, &["value"])?.unwrap_or_default(),
        }),
        "view_closed" => Interaction::Closed(caller),
        _ => Interaction::Other(caller),
    })
}

fn submission(caller: Caller, payload: &mut Value) -> Result<Submission, Unexpected> {
    let view = payload.get_mut("view").ok_or(Unexpected)?;
    let state = view.get_mut("state").and_then(|state| state.get_mut("values")).map(Value::take);
    let inputs = inputs(state.unwrap_or_default())?;
    Ok(Submission {
        // A form that was sent is answered by what takes its place.
        occasion: Occasion { caller, opening: Opening::Closed, reply: None },
        form: fields::text(view, &["callback_id"])?.and_then(FormKind::parse),
        id: fields::required(view, &["id"])?,
        about: fields::owned(view, &["private_metadata"])?.unwrap_or_default(),
        inputs,
    })
}

/// The text of each block's one input. Taken, not copied: what was typed is kept once. Every block is held to what the
/// documentation describes, so that nothing typed is overlooked.
fn inputs(state: Value) -> Result<Inputs, Unexpected> {
    let mut state = Wiped(state);
    let mut texts = Inputs::default();
    let blocks = match &mut state.0 {
        Value::Null => return Ok(texts),
        blocks => blocks.as_object_mut().ok_or(Unexpected)?,
    };
    for (block, inputs) in blocks {
        let mut text = Value::Null;
        for input in inputs.as_object_mut().ok_or(Unexpected)?.values_mut() {
            fields::text(input, &["value"])?;
            fields::text(input, &["selected_option", "value"])?;
            let typed = input.get_mut("value").map(Value::take).filter(Value::is_string);
            let chosen = || Some(input.get_mut("selected_option")?.get_mut("value")?.take());
            text = typed.or_else(chosen).unwrap_or_default();
        }
        texts.put(block, text);
    }
    Ok(texts)
}

fn tap(caller: Caller, payload: &Value) -> Result<Tap, Unexpected> {
    let action = fields::list(payload, "actions")?.first().ok_or(Unexpected)?;
    let trigger = fields::owned(payload, &["trigger_id"])?;
    Ok(Tap {
        occasion: Occasion {
            caller,
            opening: trigger.map_or(Opening::Closed, Opening::Trigger),
            reply: fields::owned(payload, &["response_url"])?.map(Reply::Slack),
        },
        action: Action::parse(&fields::required(action, &["action_id"])?),
        value: fields::owned(action, &["value"])?.unwrap_or_default(),
        in_home: fields::text(payload, &["view", "type"])? == Some("home"),
    })
}
