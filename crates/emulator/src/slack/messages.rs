//! Messages: posting, updating, and ephemeral ones.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::arguments::Arguments;
use super::text::Findings;
use super::{Failure, Slack, blocks};
use crate::fields;
use crate::scene;

/// Longest text of a message, in characters.
const TEXT: usize = 40_000;

/// A message somebody can see.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Message {
    /// The channel or direct message it is in.
    pub channel: String,
    /// Its timestamp, which is its id within the channel.
    pub ts: String,
    /// The message it replies to.
    pub thread_ts: Option<String>,
    /// The fallback text as it is now.
    pub text: String,
    /// The blocks as they are now; empty when there are none.
    pub blocks: Value,
    /// How often it was changed.
    pub edits: u32,
    /// The one person who sees it, when it is ephemeral.
    pub only_for: Option<String>,
    /// How it came: a Web API method, `response_url`, or `slash` for the answer to a command.
    pub via: String,
}

impl Message {
    /// Puts other content in the place of this.
    pub(crate) fn change(&mut self, content: Content) {
        self.text = content.text;
        self.blocks = content.blocks;
        self.edits += 1;
        super::name_blocks(&mut self.blocks, &format!("{}-{}", self.ts, self.edits));
    }

    /// The blocks, one by one.
    pub fn blocks(&self) -> &[Value] {
        self.blocks.as_array().map_or(&[], Vec::as_slice)
    }

    /// The address behind its last button that leads somewhere.
    pub fn link(&self) -> Option<String> {
        let elements = self.blocks().iter().filter_map(|block| block.get("elements")?.as_array()).flatten();
        elements.filter_map(|element| element.get("url")?.as_str()).next_back().map(str::to_owned)
    }
}

/// A message's text and blocks, checked.
pub(crate) struct Content {
    pub(crate) text: String,
    pub(crate) blocks: Value,
}

impl Content {
    /// Slack itself takes blocks without text; a message must have text here, for notifications and screen readers.
    pub(crate) fn check(text: &str, blocks: Option<Value>) -> Result<Content, Failure> {
        if text.is_empty() {
            return Err(Failure::code("no_text"));
        }
        if text.chars().count() > TEXT {
            return Err(Failure::code("msg_too_long"));
        }
        let blocks = blocks.unwrap_or_else(|| json!([]));
        let mut found = Findings::default();
        blocks::check(&mut found, "/blocks", &blocks, blocks::MESSAGE_BLOCKS);
        if found.0.is_empty() {
            Ok(Content { text: text.to_owned(), blocks })
        } else {
            Err(Failure::found("invalid_blocks", found))
        }
    }

    /// A person's own words.
    pub(crate) fn plain(text: &str) -> Content {
        Content { text: text.to_owned(), blocks: json!([]) }
    }

    fn read(arguments: &Arguments) -> Result<Content, Failure> {
        Content::check(arguments.text("text"), arguments.optional_json("blocks")?)
    }
}

impl Slack {
    /// Adds a message and returns it.
    pub(crate) fn post(&mut self, channel: &str, content: Content, via: &str, now_ms: u64) -> &mut Message {
        let number = self.next();
        let mut blocks = content.blocks;
        super::name_blocks(&mut blocks, &number.to_string());
        self.messages.push_mut(Message {
            channel: channel.to_owned(),
            ts: format!("{}.{number:06}", now_ms / 1000),
            thread_ts: None,
            text: content.text,
            blocks,
            edits: 0,
            only_for: None,
            via: via.to_owned(),
        })
    }

    pub(crate) fn message_mut(&mut self, channel: &str, ts: &str) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.channel == channel && message.ts == ts)
    }
}

/// A channel the bot may write to.
fn writable(slack: &Slack, id: &str) -> Result<String, Failure> {
    if slack.direct.contains_key(id) {
        return Ok(id.to_owned());
    }
    let channel = slack.channels.iter().find(|channel| channel.id == id);
    match channel {
        None => Err(Failure::code("channel_not_found")),
        Some(channel) if channel.archived => Err(Failure::code("is_archived")),
        Some(channel) if !channel.has_bot => Err(Failure::code("not_in_channel")),
        Some(channel) => Ok(channel.id.clone()),
    }
}

/// `chat.postMessage`. What is posted to a user's id lands in their conversation with Slackbot, not in the bot's.
pub(crate) fn post(slack: &mut Slack, arguments: &Arguments, now_ms: u64) -> Result<Value, Failure> {
    let named = arguments.required("channel")?;
    let reader = slack.user(named).filter(|user| !user.deleted).map(|user| user.id.clone());
    let channel = match reader {
        Some(user) => slack.slackbot(&user),
        None => writable(slack, named)?,
    };
    let content = Content::read(arguments)?;
    let thread = arguments.text("thread_ts").to_owned();
    if !thread.is_empty() && slack.message_mut(&channel, &thread).is_none() {
        return Err(Failure::code("thread_not_found"));
    }
    let message = slack.post(&channel, content, "chat.postMessage", now_ms);
    message.thread_ts = Some(thread).filter(|thread| !thread.is_empty());
    Ok(json!({"channel": channel, "ts": message.ts, "message": describe(message)}))
}

/// `chat.update`. Blocks that are left out are gone.
pub(crate) fn update(slack: &mut Slack, arguments: &Arguments) -> Result<Value, Failure> {
    let channel = writable(slack, arguments.required("channel")?)?;
    let ts = arguments.required("ts")?.to_owned();
    let content = Content::read(arguments)?;
    let message = slack.message_mut(&channel, &ts).filter(|message| message.only_for.is_none());
    let message = message.ok_or_else(|| Failure::code("message_not_found"))?;
    if message.via == "person" {
        return Err(Failure::code("cant_update_message"));
    }
    message.change(content);
    Ok(json!({"channel": channel, "ts": ts, "text": message.text, "message": describe(message)}))
}

/// `chat.postEphemeral`.
pub(crate) fn post_ephemeral(slack: &mut Slack, arguments: &Arguments, now_ms: u64) -> Result<Value, Failure> {
    let channel = writable(slack, arguments.required("channel")?)?;
    let user = slack.user(arguments.required("user")?).ok_or_else(|| Failure::code("user_not_in_channel"))?.id.clone();
    if !slack.sees(&user, &channel) {
        return Err(Failure::code("user_not_in_channel"));
    }
    let content = Content::read(arguments)?;
    let message = slack.post(&channel, content, "chat.postEphemeral", now_ms);
    message.only_for = Some(user);
    Ok(json!({"message_ts": message.ts}))
}

/// The message object of answers and payloads.
pub(crate) fn describe(message: &Message) -> Value {
    let mut body = json!({
        "type": "message",
        "user": scene::BOT_USER,
        "bot_id": scene::BOT,
        "app_id": scene::APP,
        "team": scene::TEAM,
        "ts": message.ts,
        "text": message.text,
        "blocks": message.blocks,
    });
    if let Some(thread) = &message.thread_ts {
        fields::put(&mut body, "thread_ts", thread.as_str());
    }
    body
}
