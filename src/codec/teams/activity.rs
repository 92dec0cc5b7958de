//! What somebody did in Teams: an activity of its service, read once it is proven to come from there.
//!
//! Bot Framework, Activity schema; Teams, "Conversation basics" and "Conversation events in your Teams bot".

use serde_json::Value;

use super::invoke::{self, Invoke};
use super::mention;
use super::place::Place;
use crate::codec::fields::{self, Unexpected};
use crate::codec::proof::Verified;
use crate::codec::wiped::Wiped;
use crate::domain::names::Guid;

/// The longest id that is taken, in bytes; the service's conversations have the longest, about 200.
pub(super) const LONGEST_ID: usize = 512;
/// What is read of a message and of a name, in characters.
const MOST_TEXT: usize = 4000;
const MOST_NAME: usize = 200;

/// Something that happened in a conversation with the bot.
pub struct Activity {
    /// The service's id of this activity: the same when it is delivered again.
    pub id: String,
    /// In which conversation.
    pub place: Place,
    /// What kind of conversation it is.
    pub kind: Kind,
    /// What happened.
    pub what: What,
}

/// Who did something, by the service's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Their tenant: the configured one.
    pub tenant: Guid,
    /// Who they are in it, for life.
    pub object: Guid,
    /// What the service calls them towards this bot, `29:…`.
    pub id: String,
    /// The name others see, if it came along.
    pub name: Option<String>,
}

/// A kind of conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// With one person.
    Personal,
    /// With some people.
    Group,
    /// A team's channel.
    Channel,
}

/// What happened.
pub enum What {
    /// Somebody wrote to the bot.
    Message {
        /// Who.
        by: Sender,
        /// What, without the mention of the bot.
        text: String,
        /// Whether only they and the bot can see it.
        targeted: bool,
    },
    /// Somebody tapped a button of a card that sends a message (`Action.Submit`).
    Submitted {
        /// Who.
        by: Sender,
        /// What was in the button and in the inputs: from their client, and perhaps with a credential in it.
        data: Wiped,
    },
    /// Somebody's client waits for an answer.
    Invoked {
        /// Whose.
        by: Sender,
        /// For what.
        invoke: Invoke,
    },
    /// The bot was put into the conversation.
    Installed,
    /// The bot was taken out of it.
    Removed,
    /// Something that this bot does nothing about.
    Other,
}

/// Why an activity is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivityError {
    /// Not what the documents describe.
    Malformed,
    /// In another tenant, to another bot, or from somebody who is not in the tenant's directory.
    Foreign,
    /// A client waits for something that this bot does not know. Teams wants to be told by the status 501.
    UnknownInvoke,
}

impl From<Unexpected> for ActivityError {
    fn from(Unexpected: Unexpected) -> Self {
        Self::Malformed
    }
}

/// Reads an activity for the bot `app` in `tenant`.
///
/// # Errors
/// When it is not for them, or not understood.
pub fn decode(activity: Verified<Wiped>, app: &Guid, tenant: &Guid) -> Result<Activity, ActivityError> {
    let mut body = activity.into_inner();
    let place =
        Place { service_url: id(&body.0, &["serviceUrl"])?, conversation: id(&body.0, &["conversation", "id"])? };
    if !of_tenant(&body.0, &place, tenant)? || !to_bot(&body.0, app)? {
        return Err(ActivityError::Foreign);
    }
    let kind = match fields::text(&body.0, &["conversation", "conversationType"])? {
        Some("personal") => Kind::Personal,
        Some("groupChat") => Kind::Group,
        Some("channel") => Kind::Channel,
        _ => return Err(ActivityError::Malformed),
    };
    let activity_id = id(&body.0, &["id"])?;
    let what = what(&mut body, tenant)?;
    Ok(Activity { id: activity_id, place, kind, what })
}

fn what(body: &mut Wiped, tenant: &Guid) -> Result<What, ActivityError> {
    Ok(match fields::text(&body.0, &["type"])? {
        Some("message") => {
            let by = sender(&body.0, tenant)?;
            match fields::at(&body.0, &["value"])? {
                Some(_) => What::Submitted { by, data: taken(&mut body.0, "/value") },
                None => message(&body.0, by)?,
            }
        }
        Some("invoke") => What::Invoked { by: sender(&body.0, tenant)?, invoke: invoke::read(&mut body.0)? },
        Some("installationUpdate") => match fields::text(&body.0, &["action"])? {
            Some("add" | "add-upgrade") => What::Installed,
            Some("remove" | "remove-upgrade") => What::Removed,
            _ => return Err(ActivityError::Malformed),
        },
        Some("conversationUpdate") => {
            let bot = id(&body.0, &["recipient", "id"])?;
            let among = |list| {
                let members = fields::list(&body.0, list)?.iter();
                Ok::<_, Unexpected>(members.filter_map(|member| member.get("id")?.as_str()).any(|id| id == bot))
            };
            match (among("membersAdded")?, among("membersRemoved")?) {
                (true, false) => What::Installed,
                (false, true) => What::Removed,
                _ => What::Other,
            }
        }
        Some(_) => What::Other,
        None => return Err(ActivityError::Malformed),
    })
}

fn message(body: &Value, by: Sender) -> Result<What, ActivityError> {
    let text = fields::text(body, &["text"])?.unwrap_or_default();
    let text: String = text.chars().take(MOST_TEXT).collect();
    let recipient = fields::at(body, &["recipient"])?.ok_or(ActivityError::Malformed)?;
    let text = mention::strip(&text, body, &id(recipient, &["id"])?)?;
    Ok(What::Message { by, text, targeted: fields::flag(recipient, "isTargeted")? })
}

/// Whether the activity is the tenant's, in each place that names one; two of them always do.
fn of_tenant(body: &Value, place: &Place, tenant: &Guid) -> Result<bool, Unexpected> {
    let is = |text: &str| text.eq_ignore_ascii_case(tenant.as_str());
    let named = |path: &[&str]| fields::text(body, path);
    let always = [named(&["conversation", "tenantId"])?, named(&["channelData", "tenant", "id"])?];
    let sometimes = [named(&["from", "tenantId"])?, named(&["recipient", "tenantId"])?];
    // The newer form of the service address has the tenant in its path.
    let in_address = place.service_url.split('/').filter(|segment| Guid::parse(segment).is_ok()).all(is);
    Ok(always.into_iter().all(|text| text.is_some_and(is)) && sometimes.into_iter().flatten().all(is) && in_address)
}

/// Whether the activity is for this bot: `28:` and its application id.
fn to_bot(body: &Value, app: &Guid) -> Result<bool, Unexpected> {
    let recipient = fields::text(body, &["recipient", "id"])?;
    Ok(recipient.and_then(|id| id.strip_prefix("28:")).is_some_and(|id| id.eq_ignore_ascii_case(app.as_str())))
}

/// Who did it. Without an object id they are nobody in the tenant: anonymous in a meeting, or another bot.
fn sender(body: &Value, tenant: &Guid) -> Result<Sender, ActivityError> {
    let object = fields::text(body, &["from", "aadObjectId"])?.ok_or(ActivityError::Foreign)?;
    let name = fields::text(body, &["from", "name"])?;
    Ok(Sender {
        tenant: tenant.clone(),
        object: Guid::parse(object).map_err(|_| ActivityError::Malformed)?,
        id: id(body, &["from", "id"])?,
        name: name.map(|name| name.chars().take(MOST_NAME).collect()),
    })
}

/// An id, which has to be there.
pub(super) fn id(body: &Value, path: &[&str]) -> Result<String, Unexpected> {
    let id = fields::required(body, path)?;
    if (1..=LONGEST_ID).contains(&id.len()) { Ok(id) } else { Err(Unexpected) }
}

/// A part of the body, taken out of it; nothing when it is not there.
pub(super) fn taken(body: &mut Value, pointer: &str) -> Wiped {
    Wiped(body.pointer_mut(pointer).map(Value::take).unwrap_or_default())
}
