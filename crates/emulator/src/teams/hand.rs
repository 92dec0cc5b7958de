//! A person's hands in Teams: each thing they do becomes the signed request that the service sends to the bot.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, header};
use serde_json::{Value, json};

use super::answered::Expects;
use super::people::without_thread;
use super::{SigningKey, TeamsMessage, service_url, sign};
use crate::fields::{at, list, merged, put, text};
use crate::scene;
use crate::slack::Broken;
use crate::world::{State, World};

/// How long a token of the service lives, in seconds.
const TOKEN_LIFE_S: u64 = 3600;
/// The bot's name in Teams.
const BOT_NAME: &str = "pbi";

/// Somebody in front of Teams.
#[derive(Clone)]
pub struct TeamsPerson {
    world: World,
    object: String,
    forgery: Forgery,
}

/// How a request departs from what the service would send: fields laid over its own, `null` for one taken away. Nothing
/// set: an honest request.
#[derive(Clone, Debug, Default)]
pub struct Forgery {
    /// Signed with this key, under its name.
    pub key: Option<SigningKey>,
    /// Fields of the token's header.
    pub header: Value,
    /// Claims of the token.
    pub claims: Value,
    /// Fields of the activity, by JSON pointer.
    pub activity: Value,
}

/// Something a person did. Send the request to the bot (its URI is only a path), then hand the response to
/// [`World::teams_answered`].
#[derive(Clone, Debug)]
pub struct TeamsGesture {
    /// What the service sends.
    pub request: Request<Bytes>,
    pub(crate) object: String,
    pub(crate) sent_ms: u64,
    pub(crate) expects: Expects,
}

impl World {
    /// A person by their object id in the directory; one who is not in it is a stranger.
    pub fn teams_person(&self, object: &str) -> TeamsPerson {
        TeamsPerson { world: self.clone(), object: object.to_owned(), forgery: Forgery::default() }
    }
}

impl TeamsPerson {
    /// The same person, whose requests somebody tampers with.
    pub fn forged(self, forgery: Forgery) -> TeamsPerson {
        TeamsPerson { forgery, ..self }
    }

    /// Writes to the bot in their own conversation with it.
    pub fn tells(&self, words: &str) -> TeamsGesture {
        let conversation = self.direct();
        self.sends(&conversation, json!({"type": "message", "text": words}), Expects::Receipt)
    }

    /// Mentions the bot in a channel.
    pub fn says(&self, conversation: &str, words: &str) -> TeamsGesture {
        let written = format!("<at>{BOT_NAME}</at>");
        let mention = json!({
            "type": "mention", "text": written,
            "mentioned": {"id": format!("28:{}", scene::TEAMS_APP_ID), "name": BOT_NAME},
        });
        let activity = json!({"type": "message", "text": format!("{written} {words}"), "entities": [mention]});
        self.sends(conversation, activity, Expects::Receipt)
    }

    /// Gives the bot's slash command in a channel, which only they and the bot see.
    pub fn slash(&self, conversation: &str, words: &str) -> TeamsGesture {
        let recipient = json!({"id": format!("28:{}", scene::TEAMS_APP_ID), "name": BOT_NAME, "isTargeted": true});
        self.sends(conversation, json!({"type": "message", "text": words, "recipient": recipient}), Expects::Receipt)
    }

    /// Taps a button of a card, by its title, with the inputs as they are; on the card as this person sees it.
    ///
    /// # Errors
    /// When there is no such button.
    pub fn taps(&self, message: &TeamsMessage, title: &str, inputs: &Value) -> Result<TeamsGesture, Broken> {
        let button = self.button(message, title)?;
        self.acts(message, &button, inputs)
    }

    /// The same on a client that does not know `Action.Execute`, and takes its fallback.
    ///
    /// # Errors
    /// When there is no such button, or it has no fallback.
    pub fn taps_fallback(&self, message: &TeamsMessage, title: &str, inputs: &Value) -> Result<TeamsGesture, Broken> {
        let button = self.button(message, title)?;
        self.acts(message, at(&button, "fallback"), inputs)
    }

    /// Their client draws a card anew by itself.
    ///
    /// # Errors
    /// When the card does not want that.
    pub fn refreshes(&self, message: &TeamsMessage) -> Result<TeamsGesture, Broken> {
        let cards = self.world.teams_seen(&self.object, message);
        let action = cards.first().map(|card| at(at(card, "refresh"), "action")).filter(|action| action.is_object());
        let action = action.ok_or_else(|| Broken::new("the card has no refresh"))?;
        let value = json!({"action": executed(action, &Value::Null), "trigger": "automatic"});
        Ok(self.invokes_on(message, "adaptiveCard/action", value))
    }

    /// Sends the dialog that is open: what is in its button, and the inputs.
    pub fn submits(&self, inputs: &Value) -> TeamsGesture {
        let conversation = self.direct();
        let value = json!({"data": self.filled_in(inputs), "context": {"theme": "default"}});
        self.invokes(&conversation, "task/submit", value, Expects::Dialog { may_close: true })
    }

    /// Opens the dialog of a command.
    pub fn commands(&self, conversation: &str, command: &str) -> TeamsGesture {
        let value = json!({"commandId": command, "commandContext": "compose", "context": {"theme": "default"}});
        self.invokes(conversation, "composeExtension/fetchTask", value, Expects::Dialog { may_close: false })
    }

    /// Sends the dialog of a command.
    pub fn submits_command(&self, conversation: &str, command: &str, inputs: &Value) -> TeamsGesture {
        let value = json!({"commandId": command, "commandContext": "compose", "data": self.filled_in(inputs)});
        self.invokes(conversation, "composeExtension/submitAction", value, Expects::Dialog { may_close: true })
    }

    /// Does something that this bot knows nothing of.
    pub fn invokes_unknown(&self, conversation: &str, name: &str) -> TeamsGesture {
        self.invokes(conversation, name, json!({}), Expects::NotImplemented)
    }

    /// Puts the bot into a conversation.
    pub fn adds_bot(&self, conversation: &str) -> TeamsGesture {
        self.world.set_bot_in_conversation(without_thread(conversation), true);
        self.sends(conversation, json!({"type": "installationUpdate", "action": "add"}), Expects::Receipt)
    }

    /// Takes the bot out of a conversation.
    pub fn removes_bot(&self, conversation: &str) -> TeamsGesture {
        self.world.set_bot_in_conversation(without_thread(conversation), false);
        self.sends(conversation, json!({"type": "installationUpdate", "action": "remove"}), Expects::Receipt)
    }

    /// The data of the open dialog's button, with the inputs.
    fn filled_in(&self, inputs: &Value) -> Value {
        let dialog = self.world.teams_dialog(&self.object).unwrap_or_default();
        let button = dialog.pointer("/card/content/actions/0/data").unwrap_or(&Value::Null);
        merged(button, inputs)
    }

    fn direct(&self) -> String {
        self.world.lock().teams.team.direct(&self.object)
    }

    fn button(&self, message: &TeamsMessage, title: &str) -> Result<Value, Broken> {
        let cards = self.world.teams_seen(&self.object, message);
        let found = cards.iter().find_map(|card| button(card, title)).cloned();
        found.ok_or_else(|| Broken(format!("there is no button '{title}'")))
    }

    /// What a client does with a button.
    fn acts(&self, message: &TeamsMessage, button: &Value, inputs: &Value) -> Result<TeamsGesture, Broken> {
        let merged = merged(at(button, "data"), inputs);
        match text(button, "type") {
            "Action.Execute" => {
                let value = json!({"action": executed(button, inputs), "trigger": "manual"});
                Ok(self.invokes_on(message, "adaptiveCard/action", value))
            }
            "Action.Submit" if text(at(&merged, "msteams"), "type") == "task/fetch" => {
                let value = json!({"data": merged, "context": {"theme": "default"}});
                Ok(self.invokes(&message.conversation, "task/fetch", value, Expects::Dialog { may_close: false }))
            }
            "Action.Submit" => {
                let activity = json!({"type": "message", "value": merged, "replyToId": message.id});
                Ok(self.sends(&message.conversation, activity, Expects::Receipt))
            }
            kind => Err(Broken(format!("tapping '{kind}' tells the bot nothing"))),
        }
    }

    fn invokes_on(&self, message: &TeamsMessage, name: &str, value: Value) -> TeamsGesture {
        let expects = Expects::Card { conversation: message.conversation.clone(), message: message.id.clone() };
        let activity = json!({"type": "invoke", "name": name, "value": value, "replyToId": message.id});
        self.sends(&message.conversation, activity, expects)
    }

    fn invokes(&self, conversation: &str, name: &str, value: Value, expects: Expects) -> TeamsGesture {
        self.sends(conversation, json!({"type": "invoke", "name": name, "value": value}), expects)
    }

    fn sends(&self, conversation: &str, own: Value, expects: Expects) -> TeamsGesture {
        let mut state = self.world.lock();
        let activity = merged(&common(&mut state, &self.object, conversation), &own);
        let (request, sent_ms) = (signed(&state, activity, &self.forgery), state.now_ms());
        TeamsGesture { request, object: self.object.clone(), sent_ms, expects }
    }
}

/// What every activity carries.
fn common(state: &mut State, object: &str, conversation: &str) -> Value {
    let id = (state.now_ms() + state.next()).to_string();
    let team = &state.teams.team;
    let direct = team.conversation(conversation).is_some_and(|conversation| conversation.with.is_some());
    let user = team.user(object);
    let mut channel_data = json!({"tenant": {"id": scene::TENANT_ID}});
    if !direct {
        put(&mut channel_data, "channel", json!({"id": without_thread(conversation)}));
        put(&mut channel_data, "team", json!({"id": "19:contoso00000000000000000000000000@thread.tacv2"}));
    }
    json!({
        "id": id,
        "channelId": "msteams",
        "serviceUrl": service_url(state),
        "timestamp": crate::answer::timestamp(state.now_ms()),
        "from": {
            "id": user.map_or_else(|| "29:stranger".to_owned(), |user| user.id.clone()),
            "name": user.map_or("Somebody", |user| &user.name),
            "aadObjectId": object,
        },
        "recipient": {"id": format!("28:{}", scene::TEAMS_APP_ID), "name": BOT_NAME},
        "conversation": {
            "id": conversation, "tenantId": scene::TENANT_ID, "isGroup": !direct,
            "conversationType": if direct { "personal" } else { "channel" },
        },
        "channelData": channel_data,
    })
}

/// The request with a token for it (Bot Framework, Authentication: "Authenticate requests from the Bot Connector service").
fn signed(state: &State, mut activity: Value, forgery: &Forgery) -> Request<Bytes> {
    let now = state.now_ms() / 1000;
    let key = forgery.key.or(state.teams.keys.first().copied()).unwrap_or(SigningKey::First);
    let header = merged(&json!({"alg": "RS256", "kid": key.kid(), "typ": "JWT"}), &forgery.header);
    let claims = json!({
        "serviceurl": at(&activity, "serviceUrl"), "nbf": now, "exp": now + TOKEN_LIFE_S,
        "iss": scene::CONNECTOR_RESOURCE, "aud": scene::TEAMS_APP_ID,
    });
    let token = sign(key, &header.to_string(), &merged(&claims, &forgery.claims).to_string());
    for (pointer, value) in forgery.activity.as_object().into_iter().flatten() {
        let Some((parent, name)) = pointer.rsplit_once('/') else { continue };
        if let Some(parent) = activity.pointer_mut(parent) {
            *parent = merged(parent, &json!({name: value}));
        }
    }
    let mut request = Request::new(Bytes::from(activity.to_string()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = scene::TEAMS_PATH.parse().unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE, "application/json; charset=utf-8".to_owned()),
        (header::AUTHORIZATION, format!("Bearer {token}")),
        (HeaderName::from_static("x-ms-tenant-id"), scene::TENANT_ID.to_owned()),
    ];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            request.headers_mut().insert(name, value);
        }
    }
    request
}

/// An `Action.Execute` as it is sent, with the inputs in its data.
fn executed(action: &Value, inputs: &Value) -> Value {
    let data = merged(at(action, "data"), inputs);
    json!({"type": text(action, "type"), "id": at(action, "id"), "verb": text(action, "verb"), "data": data})
}

/// The button of that title, wherever it is in the card. One that only unfolds what is below it was tapped before.
fn button<'v>(within: &'v Value, title: &str) -> Option<&'v Value> {
    let kind = text(within, "type");
    if kind.starts_with("Action.") && kind != "Action.ShowCard" && text(within, "title") == title {
        return Some(within);
    }
    let parts =
        ["actions", "body", "items", "columns", "rows", "cells"].into_iter().flat_map(|part| list(within, part));
    parts.chain(within.get("card")).find_map(|part| button(part, title))
}
