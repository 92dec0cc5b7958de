//! Slack: the Web API, response URLs, and what people see.

mod answered;
mod arguments;
mod blocks;
pub(crate) mod contoso;
mod elements;
mod messages;
mod payload;
mod people;
mod person;
mod signature;
mod text;
mod views;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use crate::answer::{self, Call};
use crate::fields;
use crate::scene;
use crate::world::{State, World};

use arguments::Arguments;
use people::{Channel, Group, User};
use text::Findings;

pub use answered::Broken;
pub use messages::Message;
pub use person::{Gesture, Person};
pub use signature::{Forge, sign};
pub use views::View;

/// How long a `trigger_id` lives, in milliseconds.
const TRIGGER_LIFE_MS: u64 = 3000;

/// The workspace.
pub(crate) struct Slack {
    pub(crate) users: Vec<User>,
    pub(crate) groups: Vec<Group>,
    pub(crate) channels: Vec<Channel>,
    /// Direct messages by id, with the person they are with.
    pub(crate) direct: BTreeMap<String, String>,
    /// What the bot token may do.
    pub(crate) scopes: BTreeSet<String>,
    /// Whether the app is installed for the whole organisation rather than the workspace.
    pub(crate) org_install: bool,
    pub(crate) messages: Vec<messages::Message>,
    pub(crate) views: Vec<views::View>,
    pub(crate) triggers: BTreeMap<String, Trigger>,
    pub(crate) hooks: BTreeMap<String, messages::Hook>,
    /// Options that an external menu offered, by view and block.
    pub(crate) offered: BTreeMap<(String, String), Vec<Value>>,
    /// Where the world can be reached, for the `response_url` in payloads.
    pub(crate) base_url: String,
    pub(crate) sequence: u64,
}

/// A `trigger_id`.
pub(crate) struct Trigger {
    pub(crate) user: String,
    pub(crate) born_ms: u64,
    pub(crate) used: bool,
}

/// Why a call failed: Slack answers 200 all the same.
#[derive(Debug)]
pub(crate) struct Failure {
    error: &'static str,
    messages: Vec<String>,
    /// The scope that would be needed.
    needed: Option<&'static str>,
}

impl Failure {
    pub(crate) fn code(error: &'static str) -> Failure {
        Failure { error, messages: Vec::new(), needed: None }
    }

    pub(crate) fn found(error: &'static str, findings: Findings) -> Failure {
        Failure { error, messages: findings.0, needed: None }
    }

    pub(crate) fn missing(argument: &str) -> Failure {
        let messages = vec![format!("[ERROR] missing required field: {argument}")];
        Failure { error: "invalid_arguments", messages, needed: None }
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = json!({"ok": false, "error": self.error});
        if !self.messages.is_empty() {
            fields::put(&mut body, "response_metadata", json!({"messages": self.messages}));
        }
        if let Some(needed) = self.needed {
            fields::put(&mut body, "needed", needed);
        }
        body
    }
}

impl Slack {
    pub(crate) fn next(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// A fresh `trigger_id` for a person.
    pub(crate) fn trigger(&mut self, user: &str, now_ms: u64) -> String {
        let id = format!("{}.trigger", self.next());
        self.triggers.insert(id.clone(), Trigger { user: user.to_owned(), born_ms: now_ms, used: false });
        id
    }

    /// Spends a `trigger_id`; says whose it was.
    pub(crate) fn exchange(&mut self, id: &str, now_ms: u64) -> Result<String, Failure> {
        let trigger = self.triggers.get_mut(id).ok_or_else(|| Failure::code("invalid_trigger_id"))?;
        if now_ms > trigger.born_ms + TRIGGER_LIFE_MS {
            return Err(Failure::code("expired_trigger_id"));
        }
        if std::mem::replace(&mut trigger.used, true) {
            return Err(Failure::code("exchanged_trigger_id"));
        }
        Ok(trigger.user.clone())
    }
}

impl World {
    /// Every message there is, oldest first: in channels, in direct messages, and for one person's eyes.
    pub fn messages(&self) -> Vec<Message> {
        self.lock().slack.messages.clone()
    }

    /// The modals a person has open, the lowest first.
    pub fn modals(&self, user: &str) -> Vec<View> {
        self.lock().slack.stack(user).into_iter().cloned().collect()
    }

    /// A person's home tab, once one was published.
    pub fn home(&self, user: &str) -> Option<View> {
        self.lock().slack.views.iter().find(|view| view.user == user && !view.is_modal()).cloned()
    }

    /// Gives the bot token a scope, or takes it away.
    pub fn set_scope(&self, scope: &str, granted: bool) {
        let scopes = &mut self.lock().slack.scopes;
        if granted {
            scopes.insert(scope.to_owned())
        } else {
            scopes.remove(scope)
        };
    }

    /// Installs the app for the whole organisation: payloads then carry `team: null`.
    pub fn set_org_install(&self, org_install: bool) {
        self.lock().slack.org_install = org_install;
    }

    /// Says where the world can be reached, for the `response_url` in payloads; without a slash at the end.
    pub fn set_base_url(&self, base_url: &str) {
        base_url.clone_into(&mut self.lock().slack.base_url);
    }
}

/// Gives each block without a `block_id` one, as Slack does.
pub(crate) fn name_blocks(blocks: Option<&mut Value>, number: u64) {
    let Some(blocks) = blocks.and_then(Value::as_array_mut) else { return };
    for (index, block) in blocks.iter_mut().filter_map(Value::as_object_mut).enumerate() {
        block.entry("block_id").or_insert_with(|| json!(format!("b{number}-{index}")));
    }
}

/// Serves `/slack/...`.
pub(crate) fn answer(state: &mut State, call: &Call) -> Response<Bytes> {
    let now_ms = state.now_ms();
    match call.segments().as_slice() {
        ["api", method] => {
            let body = match serve(&mut state.slack, call, method, now_ms) {
                Ok(mut body) => {
                    fields::put(&mut body, "ok", true);
                    body
                }
                Err(failure) => failure.body(),
            };
            answer::json(200, &body)
        }
        ["hooks", id] => messages::hook(&mut state.slack, call, id, now_ms),
        _ => answer::empty(404),
    }
}

fn serve(slack: &mut Slack, call: &Call, method: &str, now_ms: u64) -> Result<Value, Failure> {
    let scope = match method {
        "chat.postMessage" | "chat.update" | "chat.postEphemeral" => Some("chat:write"),
        "conversations.open" => Some("im:write"),
        "users.info" => Some("users:read"),
        "usergroups.users.list" => Some("usergroups:read"),
        "auth.test" | "views.open" | "views.push" | "views.update" | "views.publish" => None,
        _ => return Err(Failure::code("unknown_method")),
    };
    match call.bearer() {
        None => return Err(Failure::code("not_authed")),
        Some(token) if token != scene::BOT_TOKEN => return Err(Failure::code("invalid_auth")),
        Some(_) => {}
    }
    if let Some(needed) = scope.filter(|scope| !slack.scopes.contains(*scope)) {
        return Err(Failure { needed: Some(needed), ..Failure::code("missing_scope") });
    }
    // The methods that only read take a form or a query, and see nothing of a JSON body.
    let arguments = Arguments::read(call, !matches!(method, "users.info" | "usergroups.users.list"))?;
    match method {
        "chat.postMessage" => messages::post(slack, &arguments, now_ms),
        "chat.update" => messages::update(slack, &arguments),
        "chat.postEphemeral" => messages::post_ephemeral(slack, &arguments, now_ms),
        "conversations.open" => people::open_direct(slack, &arguments),
        "users.info" => people::info(slack, &arguments),
        "usergroups.users.list" => people::group_users(slack, &arguments),
        "views.open" => views::open(slack, &arguments, now_ms),
        "views.push" => views::push(slack, &arguments, now_ms),
        "views.update" => views::update(slack, &arguments),
        "views.publish" => views::publish(slack, &arguments),
        _ => Ok(people::auth_test(slack)),
    }
}
