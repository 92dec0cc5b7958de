//! Who and what is in the workspace, and the methods that tell.

use serde_json::{Value, json};

use super::arguments::Arguments;
use super::{Failure, Slack};
use crate::fields;
use crate::scene;
use crate::world::World;

/// A person, guest, stranger or bot.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) id: String,
    /// The id in the whole organisation, for members of it.
    pub(crate) enterprise_id: Option<String>,
    pub(crate) name: String,
    pub(crate) team: String,
    pub(crate) deleted: bool,
    pub(crate) is_bot: bool,
    pub(crate) is_restricted: bool,
    pub(crate) is_ultra_restricted: bool,
    pub(crate) is_stranger: bool,
}

/// A user group.
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) users: Vec<String>,
    /// Whether an administrator disabled it.
    pub(crate) disabled: bool,
}

/// A channel.
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) has_bot: bool,
    pub(crate) archived: bool,
}

impl Slack {
    /// A user by workspace id or organisation id.
    pub(crate) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id || user.enterprise_id.as_deref() == Some(id))
    }

    /// Whether a person is in a channel: everybody is in every channel, but a direct message has one reader.
    pub(crate) fn sees(&self, user: &str, channel: &str) -> bool {
        match self.direct.get(channel) {
            Some(reader) => reader == user,
            None => self.channels.iter().any(|known| known.id == channel),
        }
    }
}

impl World {
    /// Deactivates a Slack user, or reactivates them.
    pub fn set_user_deleted(&self, user: &str, deleted: bool) {
        if let Some(user) = self.lock().slack.users.iter_mut().find(|known| known.id == user) {
            user.deleted = deleted;
        }
    }

    /// Makes a Slack user a guest, or a full member again.
    pub fn set_user_guest(&self, user: &str, guest: bool) {
        if let Some(user) = self.lock().slack.users.iter_mut().find(|known| known.id == user) {
            user.is_restricted = guest;
        }
    }

    /// Disables a user group, or enables it again; its members stay.
    pub fn set_group_disabled(&self, group: &str, disabled: bool) {
        if let Some(group) = self.lock().slack.groups.iter_mut().find(|known| known.id == group) {
            group.disabled = disabled;
        }
    }

    /// Puts a user into a user group, or takes them out.
    pub fn set_group_member(&self, group: &str, user: &str, member: bool) {
        if let Some(group) = self.lock().slack.groups.iter_mut().find(|known| known.id == group) {
            group.users.retain(|known| known != user);
            if member {
                group.users.push(user.to_owned());
            }
        }
    }
}

/// `users.info`.
pub(crate) fn info(slack: &Slack, arguments: &Arguments) -> Result<Value, Failure> {
    let user = slack.user(arguments.required("user")?).ok_or_else(|| Failure::code("user_not_found"))?;
    let enterprise = user.enterprise_id.as_ref().map(
        |id| json!({"id": id, "enterprise_id": scene::ENTERPRISE, "enterprise_name": "Contoso", "teams": [user.team]}),
    );
    let mut body = json!({
        "id": user.id,
        "team_id": user.team,
        "name": handle(user),
        "real_name": user.name,
        "deleted": user.deleted,
        "is_bot": user.is_bot,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_stranger": user.is_stranger,
        "profile": {"real_name": user.name, "display_name": handle(user), "team": user.team},
    });
    if let Some(enterprise) = enterprise {
        fields::put(&mut body, "enterprise_user", enterprise);
    }
    Ok(json!({"user": body}))
}

/// The user's handle: their first name in lower case.
pub(crate) fn handle(user: &User) -> String {
    user.name.split(' ').next().unwrap_or_default().to_lowercase()
}

/// `usergroups.users.list`. An organisation-wide token has to name the workspace. A disabled group is found only by who asks
/// for disabled ones too (`include_disabled`).
pub(crate) fn group_users(slack: &Slack, arguments: &Arguments) -> Result<Value, Failure> {
    let id = arguments.required("usergroup")?;
    if slack.org_install && arguments.text("team_id") != scene::TEAM {
        return Err(Failure::missing("team_id"));
    }
    let disabled_too = arguments.text("include_disabled") == "true";
    let group = slack.groups.iter().find(|group| group.id == id && (disabled_too || !group.disabled));
    let group = group.ok_or_else(|| Failure::code("no_such_subteam"))?;
    Ok(json!({"users": group.users}))
}

/// `auth.test`.
pub(crate) fn auth_test(slack: &Slack) -> Value {
    json!({
        "url": "https://contoso.slack.com/",
        "team": "Contoso",
        "user": "pbi-rotate",
        "team_id": if slack.org_install { Value::Null } else { json!(scene::TEAM) },
        "user_id": scene::BOT_USER,
        "bot_id": scene::BOT,
        "enterprise_id": scene::ENTERPRISE,
        "is_enterprise_install": slack.org_install,
    })
}
