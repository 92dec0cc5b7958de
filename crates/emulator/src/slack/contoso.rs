//! Contoso's workspace as it stands before anything happened.

use std::collections::BTreeMap;

use super::{Channel, Group, Slack, User};
use crate::scene::*;

pub(crate) fn slack() -> Slack {
    Slack {
        users: users(),
        groups: vec![group(GROUP_DATA, &[ANA, BEN]), group(GROUP_LEADS, &[BEN, GIL, HANA])],
        channels: vec![
            channel(CHANNEL_DATA_OPS, "data-ops"),
            channel(CHANNEL_SALES, "sales"),
            Channel { has_bot: false, ..channel(CHANNEL_PRIVATE, "board") },
            Channel { archived: true, ..channel(CHANNEL_OLD, "data-ops-2019") },
        ],
        direct: BTreeMap::new(),
        scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
        org_install: false,
        messages: Vec::new(),
        views: Vec::new(),
        triggers: BTreeMap::new(),
        hooks: BTreeMap::new(),
        offered: BTreeMap::new(),
        base_url: "https://emulator.test".to_owned(),
        sequence: 0,
    }
}

fn users() -> Vec<User> {
    let employee = |id, name, enterprise: &str| User { enterprise_id: Some(enterprise.to_owned()), ..user(id, name) };
    vec![
        employee(ANA, "Ana Ortiz", ANA_ENTERPRISE),
        employee(BEN, "Ben Okafor", BEN_ENTERPRISE),
        User { is_restricted: true, ..user(CYD, "Cyd Moreau") },
        User { deleted: true, ..user(DAN, "Dan Weiss") },
        User { team: FOREIGN_TEAM.to_owned(), is_stranger: true, ..user(EVE, "Eve Novak") },
        employee(FAY, "Fay Lindqvist", "W0FAY"),
        employee(GIL, "Gil Haddad", "W0GIL"),
        employee(HANA, "Hana Sato", "W0HANA"),
        User { is_bot: true, ..user(BOT_USER, "pbi-rotate") },
    ]
}

fn user(id: &str, name: &str) -> User {
    User {
        id: id.to_owned(),
        enterprise_id: None,
        name: name.to_owned(),
        team: TEAM.to_owned(),
        deleted: false,
        is_bot: false,
        is_restricted: false,
        is_ultra_restricted: false,
        is_stranger: false,
    }
}

fn group(id: &str, users: &[&str]) -> Group {
    Group { id: id.to_owned(), users: users.iter().map(|user| (*user).to_owned()).collect(), disabled: false }
}

fn channel(id: &str, name: &str) -> Channel {
    Channel { id: id.to_owned(), name: name.to_owned(), has_bot: true, archived: false }
}
