//! Microsoft Teams: the Bot Connector service, and what people see.

mod answered;
mod cards;
mod connector;
pub(crate) mod contoso;
mod hand;
mod people;
mod token;

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Response};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::{Value, json};

use crate::answer::{self, Call};
use crate::world::{State, World};

pub use hand::{Forgery, TeamsGesture, TeamsPerson};
pub(crate) use people::{Conversation, DirectoryUser, Team};
pub use token::{SigningKey, key_set, sign};

/// What stands for Teams in the tenant.
pub(crate) struct Teams {
    pub(crate) team: Team,
    pub(crate) messages: Vec<TeamsMessage>,
    /// Cards as one person sees them since their client was answered, by person, conversation and message.
    pub(crate) seen: BTreeMap<(String, String, String), Value>,
    /// The dialog that each person has open.
    pub(crate) dialogs: BTreeMap<String, Value>,
    /// The keys in the key set.
    pub(crate) keys: Vec<SigningKey>,
    /// What the bot's application may ask of Graph.
    pub(crate) permissions: Vec<String>,
}

/// A message of the bot's that people can see.
#[derive(Clone, Debug, Serialize)]
pub struct TeamsMessage {
    /// The conversation, without a thread.
    pub conversation: String,
    /// Its id within the conversation.
    pub id: String,
    /// The message it answers.
    pub reply_to: Option<String>,
    /// Its text; empty when there is none.
    pub text: String,
    /// Its Adaptive Cards.
    pub cards: Vec<Value>,
    /// How often it was rewritten.
    pub edits: u32,
}

impl World {
    /// Every message of the bot's in Teams, oldest first.
    pub fn teams_messages(&self) -> Vec<TeamsMessage> {
        self.lock().teams.messages.clone()
    }

    /// The cards of a message as one person sees them now.
    pub fn teams_seen(&self, object: &str, message: &TeamsMessage) -> Vec<Value> {
        let state = self.lock();
        let key = (object.to_owned(), message.conversation.clone(), message.id.clone());
        let now = state
            .teams
            .messages
            .iter()
            .find(|known| known.id == message.id && known.conversation == message.conversation);
        match state.teams.seen.get(&key) {
            Some(card) => vec![card.clone()],
            None => now.map(|message| message.cards.clone()).unwrap_or_default(),
        }
    }

    /// The dialog that a person has open: the `value` of the task that opened it.
    pub fn teams_dialog(&self, object: &str) -> Option<Value> {
        self.lock().teams.dialogs.get(object).cloned()
    }

    /// Lets the service sign with its next key from now on; both are in the key set.
    pub fn rotate_teams_keys(&self) {
        self.lock().teams.keys.insert(0, SigningKey::Second);
    }

    /// The service address that activities name, on this world's own address.
    pub fn teams_service_url(&self) -> String {
        service_url(&self.lock())
    }
}

fn service_url(state: &State) -> String {
    format!("{}/teams/emea/{}/", state.slack.base_url, crate::scene::TENANT_ID)
}

/// Serves `/teams/...`.
pub(crate) fn answer(state: &mut State, call: &Call) -> Response<Bytes> {
    let segments: Vec<_> = call.segments().into_iter().map(decoded).collect();
    let segments: Vec<_> = segments.iter().map(String::as_str).collect();
    match (&call.method, segments.as_slice()) {
        // Bot Framework, Authentication: OpenID metadata document, and the key set it names.
        (&Method::GET, ["v1", ".well-known", "openidconfiguration"]) => answer::json(
            200,
            &json!({
                "issuer": crate::scene::CONNECTOR_RESOURCE,
                "authorization_endpoint": "https://invalid.botframework.com",
                "jwks_uri": format!("{}/teams/v1/.well-known/keys", call.base),
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            }),
        ),
        (&Method::GET, ["v1", ".well-known", "keys"]) => answer::json(200, &key_set(&state.teams.keys)),
        (method, ["emea", crate::scene::TENANT_ID, "v3", "conversations", rest @ ..]) => {
            connector::answer(state, call, method, rest)
        }
        _ => answer::empty(404),
    }
}

fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}
