//! Messages: posting, updating, ephemeral ones, and what is sent to a `response_url`.

use bytes::Bytes;
use http::Response;
use serde::Serialize;
use serde_json::{Value, json};

use super::arguments::Arguments;
use super::text::Findings;
use super::{Failure, Slack, blocks};
use crate::answer::{self, Call};
use crate::scene;

/// Longest text of a message, in characters.
const TEXT: usize = 40_000;
/// How often a `response_url` may be used.
const HOOK_USES: u32 = 5;
/// How long a `response_url` lives, in milliseconds.
const HOOK_LIFE_MS: u64 = 30 * 60 * 1000;

/// A message somebody can see.
#[derive(Clone, Debug, Serialize)]
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
    /// The blocks, one by one.
    pub fn blocks(&self) -> &[Value] {
        self.blocks.as_array().map_or(&[], Vec::as_slice)
    }
}

/// A `response_url`, known by its last segment.
pub(crate) struct Hook {
    pub(crate) channel: String,
    pub(crate) user: String,
    /// The message whose button was tapped.
    pub(crate) message: Option<String>,
    pub(crate) born_ms: u64,
    pub(crate) uses: u32,
}

/// A message's text and blocks, checked.
pub(crate) struct Content {
    text: String,
    blocks: Value,
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
        super::name_blocks(Some(&mut blocks), number);
        self.messages.push(Message {
            channel: channel.to_owned(),
            ts: format!("{}.{number:06}", now_ms / 1000),
            thread_ts: None,
            text: content.text,
            blocks,
            edits: 0,
            only_for: None,
            via: via.to_owned(),
        });
        let last = self.messages.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "the message was pushed just now")]
        &mut self.messages[last]
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

/// `chat.postMessage`. A user's id is no channel here: it may land in a conversation nobody reads.
pub(crate) fn post(slack: &mut Slack, arguments: &Arguments, now_ms: u64) -> Result<Value, Failure> {
    let channel = writable(slack, arguments.required("channel")?)?;
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
    let number = slack.next();
    let message = slack.message_mut(&channel, &ts).filter(|message| message.only_for.is_none());
    let message = message.ok_or_else(|| Failure::code("message_not_found"))?;
    if message.via == "person" {
        return Err(Failure::code("cant_update_message"));
    }
    message.text = content.text;
    message.blocks = content.blocks;
    super::name_blocks(Some(&mut message.blocks), number);
    message.edits += 1;
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

/// Serves `/slack/hooks/<id>`.
pub(crate) fn hook(slack: &mut Slack, call: &Call, id: &str, now_ms: u64) -> Response<Bytes> {
    let refused = |error: &str| answer::json(404, &json!({"ok": false, "error": error}));
    let Some(hook) = slack.hooks.get_mut(id) else { return refused("no_such_url") };
    if now_ms >= hook.born_ms + HOOK_LIFE_MS {
        return refused("expired_url");
    }
    if hook.uses >= HOOK_USES {
        return refused("used_url");
    }
    hook.uses += 1;
    let (channel, user, original) = (hook.channel.clone(), hook.user.clone(), hook.message.clone());
    let Ok(body) = serde_json::from_slice::<Value>(&call.body) else {
        return answer::json(400, &json!({"ok": false, "error": "invalid_json"}));
    };
    let set = |field: &str| body.get(field).is_some_and(|value| value == true);
    if set("delete_original") {
        slack.messages.retain(|message| message.channel != channel || Some(&message.ts) != original.as_ref());
        return answer::json(200, &json!({"ok": true}));
    }
    let text = body.get("text").and_then(Value::as_str).unwrap_or_default();
    let content = match Content::check(text, body.get("blocks").cloned()) {
        Ok(content) => content,
        Err(failure) => return answer::json(400, &failure.body()),
    };
    let original = original.filter(|_| set("replace_original"));
    match original.and_then(|ts| slack.message_mut(&channel, &ts)) {
        Some(message) => {
            message.text = content.text;
            message.blocks = content.blocks;
            message.edits += 1;
        }
        None => {
            let public = body.get("response_type").is_some_and(|kind| kind == "in_channel");
            let message = slack.post(&channel, content, "response_url", now_ms);
            message.only_for = if public { None } else { Some(user) };
        }
    }
    answer::json(200, &json!({"ok": true}))
}

/// The message object of answers and payloads.
pub(crate) fn describe(message: &Message) -> Value {
    json!({
        "type": "message",
        "user": scene::BOT_USER,
        "bot_id": scene::BOT,
        "app_id": scene::APP,
        "team": scene::TEAM,
        "ts": message.ts,
        "text": message.text,
        "blocks": message.blocks,
    })
}
