//! The `response_url`: a few uses within half an hour, for whoever holds it.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::messages::Content;
use super::{Failure, Slack};
use crate::answer::{self, Call};
use crate::fields::{at, text};

/// How often a `response_url` may be used.
const USES: u32 = 5;
/// How long a `response_url` lives, in milliseconds.
const LIFE_MS: u64 = 30 * 60 * 1000;

/// A `response_url`, known by its last segment.
#[derive(Clone)]
pub(crate) struct Hook {
    pub(crate) channel: String,
    pub(crate) user: String,
    /// The message whose button was tapped.
    pub(crate) message: Option<String>,
    pub(crate) born_ms: u64,
    pub(crate) uses: u32,
}

/// Serves `/slack/hooks/<id>`.
pub(crate) fn answer(slack: &mut Slack, call: &Call, id: &str, now_ms: u64) -> Response<Bytes> {
    let outcome = spend(slack, id, now_ms).map_err(|failure| (404, failure)).and_then(|hook| {
        let body = serde_json::from_slice(&call.body).map_err(|_| (400, Failure::code("invalid_json")))?;
        write(slack, hook, &body, now_ms).map_err(|failure| (400, failure))
    });
    match outcome {
        Ok(()) => answer::json(200, &json!({"ok": true})),
        Err((status, failure)) => answer::json(status, &failure.body()),
    }
}

/// Takes one use off a `response_url`.
fn spend(slack: &mut Slack, id: &str, now_ms: u64) -> Result<Hook, Failure> {
    let hook = slack.hooks.get_mut(id).ok_or_else(|| Failure::code("no_such_url"))?;
    if now_ms >= hook.born_ms + LIFE_MS {
        return Err(Failure::code("expired_url"));
    }
    if hook.uses >= USES {
        return Err(Failure::code("used_url"));
    }
    hook.uses += 1;
    Ok(hook.clone())
}

/// Deletes or rewrites the message that was tapped, or writes a new one: for the one person, unless it says otherwise.
fn write(slack: &mut Slack, hook: Hook, body: &Value, now_ms: u64) -> Result<(), Failure> {
    if *at(body, "delete_original") == true {
        slack.messages.retain(|message| message.channel != hook.channel || Some(&message.ts) != hook.message.as_ref());
        return Ok(());
    }
    let content = Content::check(text(body, "text"), body.get("blocks").cloned())?;
    let replaced = hook.message.filter(|_| *at(body, "replace_original") == true);
    if let Some(message) = replaced.and_then(|ts| slack.message_mut(&hook.channel, &ts)) {
        message.change(content);
    } else {
        let message = slack.post(&hook.channel, content, "response_url", now_ms);
        message.only_for = (text(body, "response_type") != "in_channel").then_some(hook.user);
    }
    Ok(())
}
