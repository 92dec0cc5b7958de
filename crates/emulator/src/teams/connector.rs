//! The connector's REST API: activities sent, answered and rewritten, conversations opened, members told.
//!
//! Bot Framework, REST API reference; Teams, "Status codes from bot conversational APIs".

use bytes::Bytes;
use http::{Method, Response};
use serde_json::{Value, json};

use super::people::without_thread;
use super::{Team, TeamsMessage, cards};
use crate::answer::{self, Call};
use crate::fields::{list, text};
use crate::scene;
use crate::world::State;

/// The largest message, in bytes as UTF-16 (Teams, "Format your bot messages": about 100 KB).
const LARGEST: usize = 100 * 1024;

/// A refusal: status, code, words.
struct Refusal(u16, &'static str, String);

/// Serves what is below `v3/conversations`.
pub(crate) fn answer(state: &mut State, call: &Call, method: &Method, rest: &[&str]) -> Response<Bytes> {
    let outcome = match (method, rest) {
        _ if state.entra.check(call, &[scene::CONNECTOR_RESOURCE], state.now_ms()).is_err() => {
            Err(Refusal(401, "Unauthorized", "Authorization has been denied for this request.".into()))
        }
        (&Method::POST, []) => create(state, call),
        (&Method::POST, [conversation, "activities"]) => send(state, call, conversation, None),
        (&Method::POST, [conversation, "activities", to]) => send(state, call, conversation, Some(to)),
        (&Method::PUT, [conversation, "activities", id]) => update(state, call, conversation, id),
        (&Method::GET, [conversation, "members", id]) => member(&state.teams.team, conversation, id),
        _ => Err(Refusal(404, "NotFound", "No such resource.".into())),
    };
    match outcome {
        Ok((status, body)) => answer::json(status, &body),
        Err(Refusal(status, code, message)) => {
            answer::json(status, &json!({"error": {"code": code, "message": message}}))
        }
    }
}

fn create(state: &mut State, call: &Call) -> Result<(u16, Value), Refusal> {
    let body = parsed(call)?;
    let bot = body.pointer("/bot/id").and_then(Value::as_str);
    if bot != Some(&format!("28:{}", scene::TEAMS_APP_ID)) {
        return Err(Refusal(403, "BotNotRegistered", "The bot is not registered.".into()));
    }
    let tenants = [body.get("tenantId"), body.pointer("/channelData/tenant/id")];
    if tenants.iter().any(|tenant| tenant.and_then(Value::as_str) != Some(scene::TENANT_ID)) {
        return Err(Refusal(400, "BadArgument", "The tenant id is missing or wrong.".into()));
    }
    let [member] = list(&body, "members") else {
        return Err(Refusal(400, "BadArgument", "Exactly one member is needed.".into()));
    };
    let team = &mut state.teams.team;
    let user = team.user(text(member, "id"));
    let user = user.ok_or_else(|| Refusal(404, "ConversationNotFound", "There is no such user.".into()))?;
    if user.blocks_bot {
        return Err(Refusal(403, "ConversationBlockedByUser", "User blocked the conversation with the bot.".into()));
    }
    let object = user.object.clone();
    Ok((201, json!({"id": team.direct(&object)})))
}

fn send(state: &mut State, call: &Call, conversation: &str, to: Option<&str>) -> Result<(u16, Value), Refusal> {
    let body = reached(&state.teams.team, call, conversation)?;
    let id = (state.now_ms() + state.next()).to_string();
    let reply_to = to.or_else(|| body.get("replyToId").and_then(Value::as_str)).map(str::to_owned);
    let conversation = without_thread(conversation).to_owned();
    let message = TeamsMessage { conversation, id, reply_to, text: String::new(), cards: Vec::new(), edits: 0 };
    let message = filled(message, &body)?;
    let answered = json!({"id": message.id});
    state.teams.messages.push(message);
    Ok((201, answered))
}

fn update(state: &mut State, call: &Call, conversation: &str, id: &str) -> Result<(u16, Value), Refusal> {
    let body = reached(&state.teams.team, call, conversation)?;
    let conversation = without_thread(conversation);
    let message = state.teams.messages.iter_mut().find(|known| known.id == id && known.conversation == conversation);
    let message = message.ok_or_else(|| Refusal(404, "ActivityNotFoundInConversation", "No such activity.".into()))?;
    let mut changed = filled(message.clone(), &body)?;
    changed.edits += 1;
    *message = changed;
    // Everybody sees the new one now.
    state.teams.seen.retain(|(_, place, message), _| place != conversation || message != id);
    Ok((200, json!({"id": id})))
}

fn member(team: &Team, conversation: &str, id: &str) -> Result<(u16, Value), Refusal> {
    let conversation = known(team, conversation)?;
    let user = team.user(id).filter(|user| conversation.with.as_ref().is_none_or(|with| *with == user.object));
    let user = user.ok_or_else(|| Refusal(404, "MemberNotFoundInConversation", "No such member.".into()))?;
    Ok((
        200,
        json!({
            "id": user.id, "name": user.name, "objectId": user.object, "aadObjectId": user.object,
            "tenantId": scene::TENANT_ID, "userRole": if user.guest { "guest" } else { "user" },
        }),
    ))
}

fn known<'t>(team: &'t Team, id: &str) -> Result<&'t super::Conversation, Refusal> {
    let conversation = team.conversation(id);
    let conversation =
        conversation.ok_or_else(|| Refusal(404, "ConversationNotFound", "Conversation not found.".into()))?;
    if !conversation.has_bot {
        let words = "The bot is not part of the conversation roster.";
        return Err(Refusal(403, "BotNotInConversationRoster", words.into()));
    }
    Ok(conversation)
}

/// The body of an activity for a conversation that the bot reaches.
fn reached(team: &Team, call: &Call, conversation: &str) -> Result<Value, Refusal> {
    let conversation = known(team, conversation)?;
    let blocked = conversation.with.as_deref().and_then(|object| team.user(object)).is_some_and(|user| user.blocks_bot);
    if blocked {
        return Err(Refusal(403, "ConversationBlockedByUser", "User blocked the conversation with the bot.".into()));
    }
    if String::from_utf8_lossy(&call.body).encode_utf16().count() * 2 > LARGEST {
        return Err(Refusal(413, "MessageSizeTooBig", "Message size too large.".into()));
    }
    parsed(call)
}

fn parsed(call: &Call) -> Result<Value, Refusal> {
    serde_json::from_slice(&call.body).map_err(|error| Refusal(400, "BadSyntax", error.to_string()))
}

/// The message with what an activity says in place of what it said.
fn filled(message: TeamsMessage, activity: &Value) -> Result<TeamsMessage, Refusal> {
    if text(activity, "type") != "message" {
        return Err(Refusal(400, "BadArgument", "Unknown activity type.".into()));
    }
    let mut found = Vec::new();
    let mut shown = Vec::new();
    for attachment in list(activity, "attachments") {
        let content = attachment.get("content").unwrap_or(&Value::Null);
        match text(attachment, "contentType") {
            cards::CONTENT_TYPE => found.extend(cards::check(content)),
            other => found.push(format!("no such kind of attachment: {other}")),
        }
        shown.push(content.clone());
    }
    let words = text(activity, "text");
    if words.is_empty() && shown.is_empty() {
        found.push("the activity has neither a text nor a card".to_owned());
    }
    if found.is_empty() {
        Ok(TeamsMessage { text: words.to_owned(), cards: shown, ..message })
    } else {
        Err(Refusal(400, "BadSyntax", found.join("; ")))
    }
}
