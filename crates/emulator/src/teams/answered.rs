//! The bot's answer to what a person did in Teams: held against the rules, then put on the person's screen.
//!
//! Teams, "Universal Actions for Adaptive Cards": response format; "Use dialogs in Teams bots": response.

use bytes::Bytes;
use http::Response;
use serde_json::Value;

use super::{Teams, TeamsGesture, cards};
use crate::fields::{at, text};
use crate::slack::Broken;
use crate::world::World;

/// How long a client waits, in milliseconds.
const PATIENCE_MS: u64 = 5000;

/// What the answer to a gesture may be.
#[derive(Clone, Debug)]
pub(crate) enum Expects {
    /// Any 2xx.
    Receipt,
    /// What becomes of a card on the screen of whoever tapped.
    Card { conversation: String, message: String },
    /// A dialog, or words in its place; nothing closes the one that is open.
    Dialog { may_close: bool },
    /// 501.
    NotImplemented,
}

impl World {
    /// Takes the bot's answer to a gesture in Teams, at the world's present time.
    ///
    /// # Errors
    /// When the answer is late, has another status, or breaks the rules for what was done.
    pub fn teams_answered(&self, gesture: &TeamsGesture, response: &Response<Bytes>) -> Result<(), Broken> {
        let mut state = self.lock();
        if state.now_ms().saturating_sub(gesture.sent_ms) > PATIENCE_MS {
            return Err(Broken::new("unable to reach app: the answer came after more than 5 seconds"));
        }
        let status = response.status().as_u16();
        let taken = match gesture.expects {
            Expects::Receipt => response.status().is_success(),
            Expects::NotImplemented => status == 501,
            Expects::Card { .. } | Expects::Dialog { .. } => status == 200,
        };
        if !taken {
            return Err(Broken(format!("the answer has status {status}")));
        }
        match &gesture.expects {
            Expects::Receipt | Expects::NotImplemented => Ok(()),
            Expects::Card { conversation, message } => {
                if let Some(card) = card(&parse(response.body())?)? {
                    let key = (gesture.object.clone(), conversation.clone(), message.clone());
                    state.teams.seen.insert(key, card);
                }
                Ok(())
            }
            Expects::Dialog { may_close } => dialog(&mut state.teams, gesture, response.body(), *may_close),
        }
    }
}

/// The card that takes the place of the one that was tapped, if the answer is one.
fn card(body: &Value) -> Result<Option<Value>, Broken> {
    let value = at(body, "value");
    match (at(body, "statusCode").as_u64(), text(body, "type")) {
        (Some(200), cards::CONTENT_TYPE) => checked(value).map(|card| Some(card.clone())),
        (Some(200), "application/vnd.microsoft.activity.message") if value.is_string() => Ok(None),
        (Some(400 | 500), "application/vnd.microsoft.error")
            if !text(value, "code").is_empty() && !text(value, "message").is_empty() =>
        {
            Ok(None)
        }
        (status, kind) => Err(Broken(format!("an answer to a card is not {status:?} with '{kind}'"))),
    }
}

fn dialog(teams: &mut Teams, gesture: &TeamsGesture, body: &[u8], may_close: bool) -> Result<(), Broken> {
    if body.is_empty() && may_close {
        teams.dialogs.remove(&gesture.object);
        return Ok(());
    }
    let body = parse(body)?;
    let task = at(&body, "task");
    let value = at(task, "value");
    match text(task, "type") {
        "message" if value.is_string() => {
            teams.dialogs.remove(&gesture.object);
            Ok(())
        }
        "continue" => {
            let content = at(at(value, "card"), "content");
            match (content, text(value, "url")) {
                (Value::Object(_), "") if text(at(value, "card"), "contentType") == cards::CONTENT_TYPE => {
                    checked(content).map(drop)?;
                }
                (Value::Null, url) if cards::opens(url) => {}
                _ => return Err(Broken::new("a dialog has either a card or a url")),
            }
            if text(value, "title").is_empty() {
                return Err(Broken::new("a dialog has a title"));
            }
            teams.dialogs.insert(gesture.object.clone(), value.clone());
            Ok(())
        }
        kind => Err(Broken(format!("there is no task of type '{kind}'"))),
    }
}

fn checked(card: &Value) -> Result<&Value, Broken> {
    let found = cards::check(card);
    if found.is_empty() { Ok(card) } else { Err(Broken(found.join("; "))) }
}

fn parse(body: &[u8]) -> Result<Value, Broken> {
    serde_json::from_slice(body).map_err(|_| Broken::new("the answer is not JSON"))
}
