//! Teams in the standard scene: the directory's people and groups, and where the bot is.

use std::collections::BTreeMap;

use crate::scene::*;

use super::{Conversation, DirectoryUser, SigningKey, Team, Teams};

pub(crate) fn teams() -> Teams {
    let user = |object: &str, name: &str| DirectoryUser {
        object: object.to_owned(),
        id: format!("29:{}", name.split(' ').next().unwrap_or(name).to_lowercase()),
        name: name.to_owned(),
        enabled: true,
        guest: false,
        blocks_bot: false,
    };
    let cyd = DirectoryUser { guest: true, ..user(CYD_OBJECT, "Cyd Moreau") };
    let dan = DirectoryUser { enabled: false, ..user(DAN_OBJECT, "Dan Weiss") };
    let group = |id: &str, members: &[&str]| (id.to_owned(), members.iter().map(|id| (*id).to_owned()).collect());
    let channel = |id: &str, has_bot| Conversation { id: id.to_owned(), with: None, has_bot };
    Teams {
        team: Team {
            users: vec![
                user(ANA_OBJECT, "Ana Ortiz"),
                user(BEN_OBJECT, "Ben Okafor"),
                cyd,
                dan,
                user(FAY_OBJECT, "Fay Lindqvist"),
                user(GIL_OBJECT, "Gil Haddad"),
            ],
            groups: [
                group(GROUP_DATA_OBJECT, &[ANA_OBJECT, BEN_OBJECT]),
                group(GROUP_LEADS_OBJECT, &[BEN_OBJECT, GIL_OBJECT]),
            ]
            .into(),
            conversations: vec![channel(THREAD_DATA_OPS, true), channel(THREAD_PRIVATE, false)],
        },
        messages: Vec::new(),
        seen: BTreeMap::new(),
        dialogs: BTreeMap::new(),
        keys: vec![SigningKey::First, SigningKey::WebChat, SigningKey::Unendorsed],
        permissions: ["User.Read.All", "GroupMember.Read.All"].map(str::to_owned).to_vec(),
    }
}
