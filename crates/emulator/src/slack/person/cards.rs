//! A person's hands on messages: any copy of a card, in a channel or a direct message, as it is or as they last saw it.

use serde_json::{Value, json};

use super::{Expects, Gesture, Person, channel_name, find, missing};
use crate::slack::messages::{self, Message};
use crate::slack::{Broken, payload};

impl Person {
    /// Taps a button of a message, named by its `action_id` or by the words on it.
    ///
    /// # Errors
    /// When this person sees no such message, or it has no such button.
    pub fn tap(&self, channel: &str, ts: &str, button: &str) -> Result<Gesture, Broken> {
        self.use_in_message(&self.reads(channel, ts)?, button, None)
    }

    /// Taps a button of a message on a screen that still shows the message as it was when it was read from the world.
    ///
    /// # Errors
    /// When this person sees no such message any more, or it had no such button.
    pub fn tap_as_seen(&self, seen: &Message, button: &str) -> Result<Gesture, Broken> {
        self.reads(&seen.channel, &seen.ts)?;
        self.use_in_message(seen, button, None)
    }

    /// Picks a value from a menu of a message, named by its `action_id`: an overflow menu, a select menu, radio buttons.
    ///
    /// # Errors
    /// When this person sees no such message, or it has no such menu or value.
    pub fn pick(&self, channel: &str, ts: &str, menu: &str, value: &str) -> Result<Gesture, Broken> {
        self.use_in_message(&self.reads(channel, ts)?, menu, Some(json!(value)))
    }

    /// A message as it is now, when this person sees it.
    fn reads(&self, channel: &str, ts: &str) -> Result<Message, Broken> {
        let slack = &mut self.world.lock().slack;
        let message = slack.message_mut(channel, ts).cloned().ok_or_else(|| Broken::new("there is no such message"))?;
        let user = self.canonical(slack);
        if message.only_for.as_ref().is_some_and(|reader| *reader != user) || !slack.sees(&user, channel) {
            return Err(Broken::new("this person does not see the message"));
        }
        Ok(message)
    }

    fn use_in_message(&self, message: &Message, name: &str, given: Option<Value>) -> Result<Gesture, Broken> {
        let mut state = self.world.lock();
        let now_ms = state.now_ms();
        let slack = &mut state.slack;
        let user = self.canonical(slack);
        let (channel, ts, blocks) = (&message.channel, &message.ts, message.blocks());
        let (block, element) = find(blocks, name).ok_or_else(|| missing(name, blocks))?;
        let action = payload::action(block, element, given.as_ref(), &[], now_ms).map_err(Broken)?;
        let ephemeral = message.only_for.is_some();
        let mut body = payload::common(slack, "block_actions", &self.id, &self.forge);
        let container = json!({"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": ephemeral});
        body.insert("container".into(), container);
        body.insert("trigger_id".into(), json!(slack.trigger(&user, now_ms)));
        body.insert("channel".into(), json!({"id": channel, "name": channel_name(slack, channel)}));
        if !ephemeral {
            body.insert("message".into(), messages::describe(message));
        }
        body.insert("state".into(), json!({"values": payload::values(blocks)}));
        body.insert("response_url".into(), json!(self.hook(slack, channel, Some(ts.clone()), now_ms)));
        body.insert("actions".into(), json!([action]));
        Ok(self.interaction(user, now_ms, &Value::Object(body), Expects::Receipt))
    }
}
