//! Direct messages: the bot's own with each person, and the one with Slackbot where a message to a user's id ends up.

use serde_json::{Value, json};

use super::arguments::Arguments;
use super::messages::Message;
use super::{Failure, Slack};
use crate::world::World;

impl Slack {
    /// Opens the bot's direct message with a person, and says whether it was open before.
    pub(crate) fn open_direct(&mut self, user: &str) -> (String, bool) {
        let id = direct_id(user);
        let before = self.direct.insert(id.clone(), user.to_owned()).is_some();
        (id, before)
    }

    /// The person's conversation with Slackbot.
    pub(crate) fn slackbot(&mut self, user: &str) -> String {
        let id = format!("D0SLACKBOT{}", user.trim_start_matches('U'));
        self.direct.insert(id.clone(), user.to_owned());
        id
    }
}

impl World {
    /// The messages in the bot's direct message with a person, oldest first. What was posted to the person's id is not among
    /// them: it lies with Slackbot.
    pub fn direct_messages(&self, user: &str) -> Vec<Message> {
        let channel = direct_id(user);
        self.lock().slack.messages.iter().filter(|message| message.channel == channel).cloned().collect()
    }
}

/// `conversations.open` with one user: their direct message with the bot.
pub(crate) fn open(slack: &mut Slack, arguments: &Arguments) -> Result<Value, Failure> {
    let user = slack.user(arguments.required("users")?).ok_or_else(|| Failure::code("user_not_found"))?;
    if user.deleted {
        return Err(Failure::code("user_disabled"));
    }
    if user.is_bot {
        return Err(Failure::code("cannot_dm_bot"));
    }
    let user = user.id.clone();
    let (id, before) = slack.open_direct(&user);
    Ok(json!({"no_op": before, "already_open": before, "channel": {"id": id}}))
}

fn direct_id(user: &str) -> String {
    format!("D{}", user.trim_start_matches('U'))
}
