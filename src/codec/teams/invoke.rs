//! What a client in Teams waits for an answer to: taps on cards, dialogs, and commands that open one.
//!
//! Teams, "Universal Actions for Adaptive Cards", "Use dialogs in Teams bots", "Handle message extension action".

use serde_json::Value;

use super::activity::{ActivityError, id, taken};
use crate::codec::fields::{self, Unexpected};
use crate::codec::wiped::Wiped;

/// Something a client waits for. What is in `data` is from the client: believed only as ids to look up, and perhaps
/// with a credential in it.
pub enum Invoke {
    /// A button of a card was tapped, or a card wants to be drawn anew (`adaptiveCard/action`).
    Card {
        /// Which button.
        verb: String,
        /// What was in it and in the inputs.
        data: Wiped,
        /// Whether the client did it by itself.
        automatic: bool,
    },
    /// A button that opens a dialog (`task/fetch`).
    OpenDialog {
        /// What was in it.
        data: Wiped,
    },
    /// A dialog was sent (`task/submit`).
    SubmitDialog {
        /// What was in it and in its inputs.
        data: Wiped,
    },
    /// A command that opens a dialog (`composeExtension/fetchTask`).
    OpenCommand {
        /// Which one.
        command: String,
    },
    /// The dialog of a command was sent (`composeExtension/submitAction`).
    SubmitCommand {
        /// Which one's.
        command: String,
        /// What was in its inputs.
        data: Wiped,
    },
}

/// Reads what the client waits for.
///
/// # Errors
/// When it is something else, or not what the documents describe.
pub(super) fn read(body: &mut Value) -> Result<Invoke, ActivityError> {
    let command = |body: &Value| id(body, &["value", "commandId"]);
    Ok(match fields::text(body, &["name"])? {
        Some("adaptiveCard/action") => {
            if fields::text(body, &["value", "action", "type"])? != Some("Action.Execute") {
                return Err(ActivityError::Malformed);
            }
            let automatic = match fields::text(body, &["value", "trigger"])? {
                Some("automatic") => true,
                Some("manual") | None => false,
                Some(_) => return Err(ActivityError::Malformed),
            };
            let verb = id(body, &["value", "action", "verb"])?;
            Invoke::Card { verb, data: data(body, "/value/action/data")?, automatic }
        }
        Some("task/fetch") => Invoke::OpenDialog { data: data(body, "/value/data")? },
        Some("task/submit") => Invoke::SubmitDialog { data: data(body, "/value/data")? },
        Some("composeExtension/fetchTask") => Invoke::OpenCommand { command: command(body)? },
        Some("composeExtension/submitAction") => {
            Invoke::SubmitCommand { command: command(body)?, data: data(body, "/value/data")? }
        }
        Some(_) => return Err(ActivityError::UnknownInvoke),
        None => return Err(ActivityError::Malformed),
    })
}

/// The fields of a button and its inputs; a button may have none.
fn data(body: &mut Value, pointer: &str) -> Result<Wiped, Unexpected> {
    let data = taken(body, pointer);
    if data.0.is_object() || data.0.is_null() { Ok(data) } else { Err(Unexpected) }
}
