//! The bot's answer to what a person did: held against Slack's rules, then put on the person's screen.

use std::fmt;

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::messages::Content;
use super::person::{Expects, Gesture};
use super::text::{Findings, Markup, option};
use super::{Failure, Slack, view_rules, views};
use crate::answer;
use crate::world::World;

/// How long Slack waits for an answer, in milliseconds.
const PATIENCE_MS: u64 = 3000;

/// Why a person could not do something, or why Slack would not take an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken(pub String);

impl Broken {
    pub(crate) fn new(words: &str) -> Broken {
        Broken(words.to_owned())
    }
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Broken {
        Broken(failure.body().to_string())
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Broken {}

impl World {
    /// Takes the bot's answer to a gesture, at the world's present time.
    ///
    /// # Errors
    /// When the answer is late, is not 200, or breaks the rules for what was done; the person then sees Slack's own error.
    pub fn slack_answered(&self, gesture: &Gesture, response: &Response<Bytes>) -> Result<(), Broken> {
        let mut state = self.lock();
        let now_ms = state.now_ms();
        if now_ms.saturating_sub(gesture.sent_ms) > PATIENCE_MS {
            return Err(Broken::new("operation_timeout: the answer came after more than 3 seconds"));
        }
        let taken = match gesture.expects {
            Expects::Event => response.status().is_success(),
            _ => response.status() == 200,
        };
        if !taken {
            return Err(Broken(format!("the answer has status {}", response.status())));
        }
        let slack = &mut state.slack;
        match &gesture.expects {
            Expects::Receipt | Expects::Event => Ok(()),
            Expects::Challenge(challenge) => given_back(challenge, response.body()),
            Expects::Reply { channel } => reply(slack, &gesture.user, channel, response, now_ms),
            Expects::ViewAction { view } => view_action(slack, &gesture.user, view, response.body()),
            Expects::Options { view, block } => options(slack, view, block, response.body()),
        }
    }
}

/// The challenge as plain text, in a form or in JSON.
fn given_back(challenge: &str, body: &[u8]) -> Result<(), Broken> {
    let json = parse(body).ok();
    let in_json = json.as_ref().and_then(|body| body.get("challenge")).and_then(Value::as_str);
    let form = answer::form(body);
    let given = [std::str::from_utf8(body).ok(), in_json, form.get("challenge").map(String::as_str)];
    if given.contains(&Some(challenge)) {
        Ok(())
    } else {
        Err(Broken::new("your URL did not respond with the value of the challenge parameter"))
    }
}

/// A slash command's answer: nothing, text, or a message as JSON.
fn reply(slack: &mut Slack, user: &str, channel: &str, response: &Response<Bytes>, now_ms: u64) -> Result<(), Broken> {
    if response.body().is_empty() {
        return Ok(());
    }
    let media_type = response.headers().get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let body = if media_type.is_some_and(|media_type| media_type.starts_with("application/json")) {
        parse(response.body())?
    } else {
        json!({"text": String::from_utf8_lossy(response.body())})
    };
    let kind = body.get("response_type").and_then(Value::as_str).unwrap_or("ephemeral");
    if !matches!(kind, "ephemeral" | "in_channel") {
        return Err(Broken(format!("there is no response_type '{kind}'")));
    }
    let text = body.get("text").and_then(Value::as_str).unwrap_or_default();
    let content = Content::check(text, body.get("blocks").cloned())?;
    let message = slack.post(channel, content, "slash", now_ms);
    message.only_for = (kind == "ephemeral").then(|| user.to_owned());
    Ok(())
}

/// A submission's answer: an empty body closes the view, else `response_action` says what happens.
fn view_action(slack: &mut Slack, user: &str, id: &str, body: &[u8]) -> Result<(), Broken> {
    let shown = slack.view_mut(id).ok_or_else(|| Broken::new("the view is no longer open"))?;
    if body.is_empty() {
        slack.views.retain(|view| view.id != id);
        return Ok(());
    }
    let body = parse(body)?;
    let view = || body.get("view").cloned().ok_or_else(|| Broken::new("the answer carries no view"));
    match body.get("response_action").and_then(Value::as_str) {
        Some("clear") => slack.views.retain(|view| view.user != user || !view.is_modal()),
        Some("errors") => shown.errors = errors(shown.blocks(), &body)?,
        Some("update") => {
            view_rules::check(&view()?, "modal")?;
            slack.replace(id, view()?);
        }
        Some("push") => {
            view_rules::check(&view()?, "modal")?;
            if slack.stack(user).len() >= views::STACK {
                return Err(Broken::new("push_limit_reached"));
            }
            slack.show(user, view()?);
        }
        _ => return Err(Broken::new("the answer has a body, but no response_action that Slack knows")),
    }
    Ok(())
}

/// Errors by block, each of which must be an input of the view.
fn errors(blocks: &[Value], body: &Value) -> Result<Value, Broken> {
    let errors = body.get("errors").and_then(Value::as_object).filter(|errors| !errors.is_empty());
    let errors = errors.ok_or_else(|| Broken::new("the answer carries no errors"))?;
    for (block, words) in errors {
        let known = blocks.iter().any(|known| known["type"] == "input" && known["block_id"] == block.as_str());
        if !known {
            return Err(Broken(format!("'{block}' is no input block of the view")));
        }
        if words.as_str().is_none_or(str::is_empty) {
            return Err(Broken(format!("the error for '{block}' has no words")));
        }
    }
    Ok(Value::Object(errors.clone()))
}

/// Options for an external menu: at most 100.
fn options(slack: &mut Slack, view: &str, block: &str, body: &[u8]) -> Result<(), Broken> {
    let body = parse(body)?;
    let options =
        body.get("options").and_then(Value::as_array).ok_or_else(|| Broken::new("the answer has no options"))?;
    let mut found = Findings::default();
    if options.len() > 100 {
        found.add("/options", "no more than 100 items allowed");
    }
    for (index, value) in options.iter().enumerate() {
        option(&mut found, &format!("/options/{index}"), value, Markup::Plain);
    }
    if !found.0.is_empty() {
        return Err(Broken(found.0.join("; ")));
    }
    slack.offered.insert((view.to_owned(), block.to_owned()), options.clone());
    Ok(())
}

fn parse(body: &[u8]) -> Result<Value, Broken> {
    serde_json::from_slice(body).map_err(|_| Broken::new("the answer is not JSON"))
}
