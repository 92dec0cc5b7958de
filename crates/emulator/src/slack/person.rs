//! A person's hands: each thing they do becomes the signed request that Slack sends to the bot.

mod cards;
mod views;

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use super::hooks::Hook;
use super::messages::{self, Message};
use super::signature::{self, Forge};
use super::{Broken, Slack, payload, people};
use crate::fields::text;
use crate::scene;
use crate::world::World;

/// Somebody in front of Slack.
#[derive(Clone)]
pub struct Person {
    pub(crate) world: World,
    /// The id they appear under in payloads: that of the workspace, or that of the organisation.
    pub(crate) id: String,
    pub(crate) forge: Forge,
}

/// Something a person did. Send the request to the bot (its URI is only a path), then hand the response to
/// [`World::slack_answered`].
#[derive(Clone, Debug)]
pub struct Gesture {
    /// What Slack sends.
    pub request: Request<Bytes>,
    pub(crate) user: String,
    pub(crate) sent_ms: u64,
    pub(crate) expects: Expects,
}

/// What the answer to a gesture may do.
#[derive(Clone, Debug)]
pub(crate) enum Expects {
    /// An ephemeral answer to a slash command given in this channel.
    Reply { channel: String },
    /// Nothing but 200.
    Receipt,
    /// A `response_action` for this view, or an empty body, which closes it.
    ViewAction { view: String },
    /// Options for this menu.
    Options { view: String, block: String },
    /// Any 2xx: the event was taken.
    Event,
    /// This challenge, given back.
    Challenge(String),
}

impl World {
    /// A person by Slack id; an organisation id puts that id into their payloads.
    pub fn person(&self, id: &str) -> Person {
        Person { world: self.clone(), id: id.to_owned(), forge: Forge::default() }
    }
}

impl Person {
    /// The same person, whose requests are forged in this way.
    pub fn forging(&self, forge: Forge) -> Person {
        Person { forge, ..self.clone() }
    }

    /// Types a slash command, as `/pbi` with this text, in a channel.
    pub fn slash(&self, channel: &str, text: &str) -> Gesture {
        let mut state = self.world.lock();
        let now_ms = state.now_ms();
        let slack = &mut state.slack;
        let user = self.canonical(slack);
        let hook = self.hook(slack, channel, None, now_ms);
        let trigger = slack.trigger(&user, now_ms);
        let org_install = slack.org_install.to_string();
        let handle = slack.user(&self.id).map(people::handle).unwrap_or_default();
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("token", "deprecated-verification-token")
            .append_pair("team_id", self.forge.team.as_deref().unwrap_or(scene::TEAM))
            .append_pair("team_domain", "contoso")
            .append_pair("enterprise_id", self.forge.enterprise.as_deref().unwrap_or(scene::ENTERPRISE))
            .append_pair("enterprise_name", "Contoso")
            .append_pair("channel_id", channel)
            .append_pair("channel_name", channel_name(slack, channel))
            .append_pair("user_id", &self.id)
            .append_pair("user_name", &handle)
            .append_pair("command", scene::COMMAND)
            .append_pair("text", text)
            .append_pair("api_app_id", self.forge.app_id.as_deref().unwrap_or(scene::APP))
            .append_pair("is_enterprise_install", &org_install)
            .append_pair("response_url", &hook)
            .append_pair("trigger_id", &trigger)
            .finish();
        let request = signature::form(scene::COMMAND_PATH, &form, now_ms, &self.forge);
        Gesture { request, user, sent_ms: now_ms, expects: Expects::Reply { channel: channel.to_owned() } }
    }

    /// Writes an ordinary message in a channel; returns its timestamp.
    pub fn says(&self, channel: &str, text: &str) -> String {
        let mut state = self.world.lock();
        let now_ms = state.now_ms();
        let content = messages::Content::plain(text);
        state.slack.post(channel, content, "person", now_ms).ts.clone()
    }

    /// The messages this person can see, oldest first.
    pub fn sees(&self) -> Vec<Message> {
        let state = self.world.lock();
        let user = self.canonical(&state.slack);
        let mine = |message: &&Message| {
            state.slack.sees(&user, &message.channel) && message.only_for.as_ref().is_none_or(|reader| *reader == user)
        };
        state.slack.messages.iter().filter(mine).cloned().collect()
    }

    /// The id in the workspace, which the world's books go by.
    pub(crate) fn canonical(&self, slack: &Slack) -> String {
        slack.user(&self.id).map_or_else(|| self.id.clone(), |user| user.id.clone())
    }

    fn hook(&self, slack: &mut Slack, channel: &str, message: Option<String>, now_ms: u64) -> String {
        let id = format!("hook-{}", slack.next());
        let user = self.canonical(slack);
        slack.hooks.insert(id.clone(), Hook { channel: channel.to_owned(), user, message, born_ms: now_ms, uses: 0 });
        format!("{}/slack/hooks/{id}", slack.base_url)
    }

    fn interaction(&self, user: String, sent_ms: u64, body: &Value, expects: Expects) -> Gesture {
        let form =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", &body.to_string()).finish();
        let request = signature::form(scene::INTERACTION_PATH, &form, sent_ms, &self.forge);
        Gesture { request, user, sent_ms, expects }
    }
}

/// The block and element that answer to a name.
fn find<'a>(blocks: &'a [Value], name: &str) -> Option<(&'a Value, &'a Value)> {
    let all =
        || blocks.iter().flat_map(|block| payload::elements(block).into_iter().map(move |element| (block, element)));
    all()
        .find(|(_, element)| text(element, "action_id") == name)
        .or_else(|| all().find(|(_, element)| element.get("text").is_some_and(|words| text(words, "text") == name)))
}

/// Says what there was to choose from, so that a failing story can be read.
fn missing(name: &str, blocks: &[Value]) -> Broken {
    let ids: Vec<&str> = blocks.iter().flat_map(payload::elements).map(|element| text(element, "action_id")).collect();
    Broken(format!("there is no '{name}' here, only {ids:?}"))
}

fn channel_name<'a>(slack: &'a Slack, id: &str) -> &'a str {
    slack.channels.iter().find(|channel| channel.id == id).map_or("directmessage", |channel| &channel.name)
}
