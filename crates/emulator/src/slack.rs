//! Slack: the Web API, response URLs, and what people see.

mod answered;
mod arguments;
mod blocks;
pub(crate) mod contoso;
mod direct;
mod elements;
mod events;
mod failure;
mod hooks;
mod messages;
mod payload;
mod people;
mod person;
mod signature;
mod text;
mod triggers;
mod view_rules;
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
pub(crate) use failure::Failure;
use people::{Channel, Group, User};

pub use answered::Broken;
pub use messages::Message;
pub use person::{Gesture, Person};
pub use signature::{Forge, sign};
pub use views::View;

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
    pub(crate) triggers: BTreeMap<String, triggers::Trigger>,
    pub(crate) hooks: BTreeMap<String, hooks::Hook>,
    /// Options that an external menu offered, by view and block.
    pub(crate) offered: BTreeMap<(String, String), Vec<Value>>,
    /// Where the world can be reached, for the `response_url` in payloads.
    pub(crate) base_url: String,
    pub(crate) sequence: u64,
}

impl Slack {
    pub(crate) fn next(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
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

    /// Where the world can be reached, as [`World::set_base_url`] was told.
    pub fn base_url(&self) -> String {
        self.lock().slack.base_url.clone()
    }
}

/// Gives each block without a `block_id` one, as Slack does.
pub(crate) fn name_blocks(blocks: &mut Value, within: &str) {
    let blocks = blocks.as_array_mut().into_iter().flatten();
    for (index, block) in blocks.filter_map(Value::as_object_mut).enumerate() {
        block.entry("block_id").or_insert_with(|| json!(format!("b{within}-{index}")));
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
            let response = answer::json(200, &body);
            match call.bearer() {
                Some(scene::BOT_TOKEN) => answer::with(response, "x-oauth-scopes", &scopes(&state.slack)),
                _ => response,
            }
        }
        ["hooks", id] => hooks::answer(&mut state.slack, call, id, now_ms),
        _ => answer::empty(404),
    }
}

/// What the token may do, as Slack lists it beside every answer.
fn scopes(slack: &Slack) -> String {
    slack.scopes.iter().map(String::as_str).collect::<Vec<_>>().join(",")
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
        return Err(Failure::scope(needed));
    }
    // The methods that only read take a form or a query, and see nothing of a JSON body.
    let arguments = Arguments::read(call, !matches!(method, "users.info" | "usergroups.users.list"))?;
    match method {
        "chat.postMessage" => messages::post(slack, &arguments, now_ms),
        "chat.update" => messages::update(slack, &arguments),
        "chat.postEphemeral" => messages::post_ephemeral(slack, &arguments, now_ms),
        "conversations.open" => direct::open(slack, &arguments),
        "users.info" => people::info(slack, &arguments),
        "usergroups.users.list" => people::group_users(slack, &arguments),
        "views.open" => views::open(slack, &arguments, now_ms),
        "views.push" => views::push(slack, &arguments, now_ms),
        "views.update" => views::update(slack, &arguments),
        "views.publish" => views::publish(slack, &arguments),
        _ => Ok(people::auth_test(slack)),
    }
}
