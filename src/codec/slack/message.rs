//! A message as Slack takes it.

use serde_json::Value;

use crate::codec::json::object;

/// A message: what notifications and screen readers get, and what is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The fallback text.
    pub text: String,
    /// The blocks.
    pub blocks: Vec<Value>,
}

impl Message {
    /// As the answer to a slash command, or to a `response_url`: seen by nobody else, never repeating what was typed.
    pub fn ephemeral(self) -> Value {
        let Self { text, blocks } = self;
        object! { "response_type": "ephemeral", "replace_original": false, "text": text, "blocks": blocks }
    }
}
