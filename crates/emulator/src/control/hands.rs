//! A person's hands over HTTP: the deed as JSON, back comes the signed request for the caller to send to the bot.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Response, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::slack::{Broken, Gesture, Message};
use crate::world::World;

/// Who does what.
#[derive(Deserialize)]
pub(crate) struct Deed {
    /// Slack id.
    user: String,
    does: Does,
}

/// What a person can do; see [`crate::slack::Person`].
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Does {
    Slash {
        channel: String,
        text: String,
    },
    Tap {
        channel: String,
        ts: String,
        button: String,
    },
    /// With the message as `GET /control/messages` told it.
    TapAsSeen {
        message: Message,
        button: String,
    },
    Pick {
        channel: String,
        ts: String,
        menu: String,
        value: String,
    },
    OpenHome,
    OpenMessages,
    TapInView {
        view: String,
        button: String,
    },
    Choose {
        view: String,
        menu: String,
        value: String,
    },
    Submit {
        view: String,
        values: BTreeMap<String, Value>,
    },
    Close {
        view: String,
    },
    Suggest {
        view: String,
        menu: String,
        query: String,
    },
}

/// The bot's answer to a gesture, by the number it was given out under.
#[derive(Deserialize)]
pub(crate) struct Answered {
    gesture: usize,
    status: u16,
    #[serde(default)]
    content_type: String,
    body: String,
}

/// An event to deliver again, by the number it was given out under.
#[derive(Deserialize)]
pub(crate) struct Retry {
    gesture: usize,
    attempt: u32,
    reason: String,
}

/// Does it; null when Slack has nothing to tell the bot.
pub(crate) fn move_them(world: &World, Deed { user, does }: Deed) -> Result<Value, String> {
    let person = world.person(&user);
    let gesture = match does {
        Does::Slash { channel, text } => Ok(Some(person.slash(&channel, &text))),
        Does::Tap { channel, ts, button } => person.tap(&channel, &ts, &button).map(Some),
        Does::TapAsSeen { message, button } => person.tap_as_seen(&message, &button).map(Some),
        Does::Pick { channel, ts, menu, value } => person.pick(&channel, &ts, &menu, &value).map(Some),
        Does::OpenHome => Ok(Some(person.opens_home())),
        Does::OpenMessages => Ok(Some(person.opens_messages())),
        Does::TapInView { view, button } => person.tap_in_view(&view, &button).map(Some),
        Does::Choose { view, menu, value } => person.choose(&view, &menu, &value).map(Some),
        Does::Submit { view, values } => {
            let values: Vec<(&str, Value)> =
                values.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
            person.submit(&view, &values).map(Some)
        }
        Does::Close { view } => person.close(&view),
        Does::Suggest { view, menu, query } => person.suggest(&view, &menu, &query).map(Some),
    };
    Ok(gesture.map_err(|Broken(reason)| reason)?.map_or(Value::Null, |gesture| given_out(world, gesture)))
}

/// Slack delivers an event again.
pub(crate) fn retry(world: &World, Retry { gesture, attempt, reason }: Retry) -> Result<Value, String> {
    let event = known(world, gesture)?;
    let again = world.slack_retries(&event, attempt, &reason).map_err(|Broken(reason)| reason)?;
    Ok(given_out(world, again))
}

/// Slack verifies the address for events.
pub(crate) fn verify_url(world: &World) -> Value {
    given_out(world, world.slack_verifies_url())
}

/// Keeps a gesture until its answer comes, and tells what to send.
fn given_out(world: &World, gesture: Gesture) -> Value {
    let gestures = &mut world.lock().gestures;
    let described = describe(&gesture, gestures.len());
    gestures.push(gesture);
    described
}

fn known(world: &World, gesture: usize) -> Result<Gesture, String> {
    world.lock().gestures.get(gesture).cloned().ok_or_else(|| "there was no such gesture".to_owned())
}

/// Takes the bot's answer.
pub(crate) fn answered(world: &World, answered: Answered) -> Result<(), String> {
    let gesture = known(world, answered.gesture)?;
    let mut response = Response::new(Bytes::from(answered.body));
    *response.status_mut() = StatusCode::from_u16(answered.status).map_err(|error| error.to_string())?;
    if let Ok(media_type) = answered.content_type.parse() {
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    }
    world.slack_answered(&gesture, &response).map_err(|Broken(reason)| reason)
}

fn describe(gesture: &Gesture, number: usize) -> Value {
    let headers: BTreeMap<&str, &str> = gesture
        .request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()))
        .collect();
    json!({
        "gesture": number,
        "method": gesture.request.method().as_str(),
        "path": gesture.request.uri().path(),
        "headers": headers,
        "body": String::from_utf8_lossy(gesture.request.body()),
    })
}
