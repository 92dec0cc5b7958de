//! A person's hands over HTTP: the deed as JSON, back comes the signed request for the caller to send to the bot.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Response, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::slack::{Broken, Gesture};
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
    Slash { channel: String, text: String },
    Tap { channel: String, ts: String, button: String },
    TapInView { view: String, button: String },
    Choose { view: String, menu: String, value: String },
    Submit { view: String, values: BTreeMap<String, Value> },
    Close { view: String },
    Suggest { view: String, menu: String, query: String },
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

/// Does it; null when Slack has nothing to tell the bot.
pub(crate) fn move_them(world: &World, Deed { user, does }: Deed) -> Result<Value, String> {
    let person = world.person(&user);
    let gesture = match does {
        Does::Slash { channel, text } => Ok(Some(person.slash(&channel, &text))),
        Does::Tap { channel, ts, button } => person.tap(&channel, &ts, &button).map(Some),
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
    let Some(gesture) = gesture.map_err(|Broken(reason)| reason)? else { return Ok(Value::Null) };
    let gestures = &mut world.lock().gestures;
    let described = describe(&gesture, gestures.len());
    gestures.push(gesture);
    Ok(described)
}

/// Takes the bot's answer.
pub(crate) fn answered(world: &World, answered: Answered) -> Result<(), String> {
    let gesture = world.lock().gestures.get(answered.gesture).cloned().ok_or("there was no such gesture")?;
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
