//! The directory's people and groups, the conversations, and who changes them while a story runs.

use std::collections::{BTreeMap, BTreeSet};

use crate::world::World;

/// A person of the directory.
pub(crate) struct DirectoryUser {
    /// The object id.
    pub(crate) object: String,
    /// What the service calls them towards the bot, `29:…`.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) enabled: bool,
    pub(crate) guest: bool,
    /// Whether they blocked the bot.
    pub(crate) blocks_bot: bool,
}

/// A conversation.
pub(crate) struct Conversation {
    pub(crate) id: String,
    /// The object id of the one person it is with; everybody is in a channel.
    pub(crate) with: Option<String>,
    pub(crate) has_bot: bool,
}

/// Everybody, and where they talk.
pub(crate) struct Team {
    pub(crate) users: Vec<DirectoryUser>,
    /// The members of each group of the directory, by object id.
    pub(crate) groups: BTreeMap<String, BTreeSet<String>>,
    pub(crate) conversations: Vec<Conversation>,
}

impl Team {
    /// Somebody by object id, or by what the service calls them.
    pub(crate) fn user(&self, id: &str) -> Option<&DirectoryUser> {
        self.users.iter().find(|user| user.object.eq_ignore_ascii_case(id) || user.id == id)
    }

    /// A conversation by its id, with or without a thread.
    pub(crate) fn conversation(&self, id: &str) -> Option<&Conversation> {
        let id = without_thread(id);
        self.conversations.iter().find(|conversation| conversation.id == id)
    }

    /// The conversation with one person, opened if there is none yet.
    pub(crate) fn direct(&mut self, object: &str) -> String {
        let known = self.conversations.iter().find(|conversation| conversation.with.as_deref() == Some(object));
        if let Some(known) = known {
            return known.id.clone();
        }
        let id = format!("a:direct-{object}");
        self.conversations.push(Conversation { id: id.clone(), with: Some(object.to_owned()), has_bot: true });
        id
    }
}

/// A channel's id without `;messageid=…`.
pub(crate) fn without_thread(id: &str) -> &str {
    id.split(';').next().unwrap_or(id)
}

impl World {
    /// Lets a person of the directory sign in, or not any more.
    pub fn set_account_enabled(&self, object: &str, enabled: bool) {
        self.on_directory_user(object, |user| user.enabled = enabled);
    }

    /// Makes a person of the directory a guest, or a member.
    pub fn set_account_guest(&self, object: &str, guest: bool) {
        self.on_directory_user(object, |user| user.guest = guest);
    }

    /// Lets a person block the bot, or not any more.
    pub fn set_bot_blocked(&self, object: &str, blocked: bool) {
        self.on_directory_user(object, |user| user.blocks_bot = blocked);
    }

    /// Deletes a person from the directory.
    pub fn delete_account(&self, object: &str) {
        self.lock().teams.team.users.retain(|user| user.object != object);
    }

    /// Puts a person into a group of the directory, or takes them out.
    pub fn set_directory_group_member(&self, group: &str, object: &str, member: bool) {
        let mut state = self.lock();
        let members = state.teams.team.groups.entry(group.to_owned()).or_default();
        if member {
            members.insert(object.to_owned())
        } else {
            members.remove(object)
        };
    }

    /// Puts the bot into a conversation in Teams, or takes it out.
    pub fn set_bot_in_conversation(&self, conversation: &str, has_bot: bool) {
        let mut state = self.lock();
        let known = state.teams.team.conversations.iter_mut().find(|known| known.id == conversation);
        if let Some(known) = known {
            known.has_bot = has_bot;
        }
    }

    /// Gives the bot's application a permission at Graph, or takes it away.
    pub fn set_graph_permission(&self, permission: &str, granted: bool) {
        let permissions = &mut self.lock().teams.permissions;
        permissions.retain(|known| known != permission);
        if granted {
            permissions.push(permission.to_owned());
        }
    }

    fn on_directory_user(&self, object: &str, change: impl FnOnce(&mut DirectoryUser)) {
        if let Some(user) = self.lock().teams.team.users.iter_mut().find(|user| user.object == object) {
            change(user);
        }
    }
}
