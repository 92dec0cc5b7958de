//! A person's hands: each thing they do becomes the signed request that Slack sends to the bot.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::messages::{self, Hook, Message};
use super::signature::{self, Forge};
use super::views::View;
use super::{Broken, Slack, payload, people};
use crate::fields::{self, at, text};
use crate::scene;
use crate::world::World;

/// Somebody in front of Slack.
#[derive(Clone)]
pub struct Person {
    world: World,
    /// The id they appear under in payloads: that of the workspace, or that of the organisation.
    id: String,
    forge: Forge,
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
        let name = slack.channels.iter().find(|known| known.id == channel).map_or("directmessage", |known| &known.name);
        let org_install = slack.org_install.to_string();
        let handle = slack.user(&self.id).map(people::handle).unwrap_or_default();
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("token", "deprecated-verification-token")
            .append_pair("team_id", self.forge.team.as_deref().unwrap_or(scene::TEAM))
            .append_pair("team_domain", "contoso")
            .append_pair("enterprise_id", self.forge.enterprise.as_deref().unwrap_or(scene::ENTERPRISE))
            .append_pair("enterprise_name", "Contoso")
            .append_pair("channel_id", channel)
            .append_pair("channel_name", name)
            .append_pair("user_id", &self.id)
            .append_pair("user_name", &handle)
            .append_pair("command", scene::COMMAND)
            .append_pair("text", text)
            .append_pair("api_app_id", self.forge.app_id.as_deref().unwrap_or(scene::APP))
            .append_pair("is_enterprise_install", &org_install)
            .append_pair("response_url", &hook)
            .append_pair("trigger_id", &trigger)
            .finish();
        let request = signature::request(scene::COMMAND_PATH, &form, now_ms, &self.forge);
        Gesture { request, user, sent_ms: now_ms, expects: Expects::Reply { channel: channel.to_owned() } }
    }

    /// Taps a button of a message, named by its `action_id` or by the words on it.
    ///
    /// # Errors
    /// When this person sees no such message, or it has no such button.
    pub fn tap(&self, channel: &str, ts: &str, button: &str) -> Result<Gesture, Broken> {
        let mut state = self.world.lock();
        let now_ms = state.now_ms();
        let slack = &mut state.slack;
        let user = self.canonical(slack);
        let message = slack.message_mut(channel, ts).cloned().ok_or_else(|| Broken::new("there is no such message"))?;
        if message.only_for.as_ref().is_some_and(|reader| *reader != user) || !slack.sees(&user, channel) {
            return Err(Broken::new("this person does not see the message"));
        }
        let blocks = message.blocks();
        let (block, element) = find(blocks, button).ok_or_else(|| missing(button, blocks))?;
        let action = payload::action(block, element, None, &[], now_ms).map_err(Broken)?;
        let ephemeral = message.only_for.is_some();
        let mut body = payload::common(slack, "block_actions", &self.id, &self.forge);
        body.insert(
            "container".into(),
            json!({
                "type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": ephemeral,
            }),
        );
        body.insert("trigger_id".into(), json!(slack.trigger(&user, now_ms)));
        body.insert("channel".into(), json!({"id": channel, "name": channel_name(slack, channel)}));
        if !ephemeral {
            body.insert("message".into(), messages::describe(&message));
        }
        body.insert("state".into(), json!({"values": payload::values(blocks)}));
        body.insert("response_url".into(), json!(self.hook(slack, channel, Some(ts.to_owned()), now_ms)));
        body.insert("actions".into(), json!([action]));
        Ok(self.interaction(user, now_ms, &Value::Object(body), Expects::Receipt))
    }

    /// Taps a button in a modal or home tab, named by its `action_id` or by the words on it.
    ///
    /// # Errors
    /// When the view is not before this person, or has no such button.
    pub fn tap_in_view(&self, view: &str, button: &str) -> Result<Gesture, Broken> {
        self.use_in_view(view, button, None)
    }

    /// Chooses a value in a menu of a modal or home tab that reports each choice, named by its `action_id`.
    ///
    /// # Errors
    /// When the view is not before this person, or has no such menu or value.
    pub fn choose(&self, view: &str, menu: &str, value: &str) -> Result<Gesture, Broken> {
        self.use_in_view(view, menu, Some(json!(value)))
    }

    fn use_in_view(&self, id: &str, name: &str, given: Option<Value>) -> Result<Gesture, Broken> {
        let mut state = self.world.lock();
        let now_ms = state.now_ms();
        let slack = &mut state.slack;
        let (user, view) = self.view(slack, id)?;
        let (block, element) = find(view.blocks(), name).ok_or_else(|| missing(name, view.blocks()))?;
        let offered = offered(slack, id, block);
        let action = payload::action(block, element, given.as_ref(), &offered, now_ms).map_err(Broken)?;
        let mut body = payload::common(slack, "block_actions", &self.id, &self.forge);
        body.insert("container".into(), json!({"type": "view", "view_id": id}));
        body.insert("trigger_id".into(), json!(slack.trigger(&user, now_ms)));
        let mut described = view.describe();
        fields::put(&mut described, "state", json!({"values": payload::values(view.blocks())}));
        body.insert("view".into(), described);
        body.insert("actions".into(), json!([action]));
        Ok(self.interaction(user, now_ms, &Value::Object(body), Expects::Receipt))
    }

    /// Fills in a modal and submits it. Values go by `action_id` or `block_id`: text, an option's value or words, an id; or a
    /// list of those.
    ///
    /// # Errors
    /// When the modal is not on top, a value does not fit its field, or a field that is not optional stays empty.
    pub fn submit(&self, view: &str, values: &[(&str, Value)]) -> Result<Gesture, Broken> {
        let mut state = self.world.lock();
        let now_ms = state.now_ms();
        let slack = &mut state.slack;
        let (user, mut shown) = self.view(slack, view)?;
        shown.values = filled_in(slack, &shown, values)?;
        if let Some(open) = slack.view_mut(view) {
            open.values.clone_from(&shown.values);
        }
        let mut body = payload::common(slack, "view_submission", &self.id, &self.forge);
        body.insert("trigger_id".into(), json!(slack.trigger(&user, now_ms)));
        body.insert("view".into(), shown.describe());
        body.insert("response_urls".into(), json!([]));
        let expects = Expects::ViewAction { view: view.to_owned() };
        Ok(self.interaction(user, now_ms, &Value::Object(body), expects))
    }

    /// Closes a modal. Slack tells the bot only when the modal asked for that.
    ///
    /// # Errors
    /// When the modal is not on top.
    pub fn close(&self, view: &str) -> Result<Option<Gesture>, Broken> {
        let mut state = self.world.lock();
        let now_ms = state.now_ms();
        let slack = &mut state.slack;
        let (user, shown) = self.view(slack, view)?;
        slack.views.retain(|open| open.id != view);
        if shown.body.get("notify_on_close").is_none_or(|notify| notify != true) {
            return Ok(None);
        }
        let mut body = payload::common(slack, "view_closed", &self.id, &self.forge);
        let mut described = shown.describe();
        fields::put(&mut described, "state", json!({"values": {}}));
        body.insert("view".into(), described);
        body.insert("is_cleared".into(), json!(false));
        Ok(Some(self.interaction(user, now_ms, &Value::Object(body), Expects::Receipt)))
    }

    /// Types into a menu that asks the bot for its options.
    ///
    /// # Errors
    /// When the view is not before this person, has no such menu, or the menu wants more characters first.
    pub fn suggest(&self, view: &str, menu: &str, query: &str) -> Result<Gesture, Broken> {
        let state = self.world.lock();
        let now_ms = state.now_ms();
        let slack = &state.slack;
        let (user, shown) = self.view(slack, view)?;
        let (block, element) = find(shown.blocks(), menu).ok_or_else(|| missing(menu, shown.blocks()))?;
        let least = element.get("min_query_length").and_then(Value::as_u64).unwrap_or(3);
        if (query.chars().count() as u64) < least {
            return Err(Broken(format!("Slack asks the bot only from {least} characters on")));
        }
        let block_id = text(block, "block_id").to_owned();
        let mut body = payload::common(slack, "block_suggestion", &self.id, &self.forge);
        body.insert("container".into(), json!({"type": "view", "view_id": view}));
        body.insert("action_id".into(), at(element, "action_id").clone());
        body.insert("block_id".into(), json!(block_id));
        body.insert("value".into(), json!(query));
        body.insert("view".into(), shown.describe());
        let expects = Expects::Options { view: view.to_owned(), block: block_id };
        let mut gesture = self.interaction(user, now_ms, &Value::Object(body), expects);
        *gesture.request.uri_mut() = http::Uri::from_static(scene::OPTIONS_PATH);
        Ok(gesture)
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
    fn canonical(&self, slack: &Slack) -> String {
        slack.user(&self.id).map_or_else(|| self.id.clone(), |user| user.id.clone())
    }

    /// A view that is before this person: their home tab, or the modal on top.
    fn view(&self, slack: &Slack, id: &str) -> Result<(String, View), Broken> {
        let user = self.canonical(slack);
        let view = slack.views.iter().find(|view| view.id == id && view.user == user);
        let view = view.ok_or_else(|| Broken::new("this person has no such view open"))?;
        if view.is_modal() && slack.stack(&user).last().is_none_or(|top| top.id != id) {
            return Err(Broken::new("another modal lies on top"));
        }
        Ok((user, view.clone()))
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
        let request = signature::request(scene::INTERACTION_PATH, &form, sent_ms, &self.forge);
        Gesture { request, user, sent_ms, expects }
    }
}

/// `state.values` with what the person typed and chose, every field that needs one filled.
fn filled_in(slack: &Slack, view: &View, given: &[(&str, Value)]) -> Result<Value, Broken> {
    let mut filled = payload::values(view.blocks());
    let mut unused: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
    for block in view.blocks() {
        let block_id = text(block, "block_id");
        for element in payload::elements(block) {
            let action_id = text(element, "action_id");
            let Some(entries) = filled.get_mut(block_id) else { continue };
            if let Some((name, value)) = given.iter().find(|(name, _)| *name == action_id || *name == block_id) {
                let entry = payload::touched(element, value, &offered(slack, &view.id, block)).map_err(Broken)?;
                fields::put(entries, action_id, entry);
                unused.retain(|left| left != name);
            }
            let optional = text(block, "type") != "input" || at(block, "optional") == true;
            if !optional && payload::is_blank(at(entries, action_id)) {
                return Err(Broken(format!("'{}' has to be filled in", text(at(block, "label"), "text"))));
            }
        }
    }
    match unused.first() {
        Some(name) => Err(Broken(format!("the modal has no field '{name}'"))),
        None => Ok(filled),
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

fn offered(slack: &Slack, view: &str, block: &Value) -> Vec<Value> {
    let key = (view.to_owned(), text(block, "block_id").to_owned());
    slack.offered.get(&key).cloned().unwrap_or_default()
}

fn channel_name(slack: &Slack, id: &str) -> String {
    slack
        .channels
        .iter()
        .find(|channel| channel.id == id)
        .map_or_else(|| "directmessage".to_owned(), |channel| channel.name.clone())
}
