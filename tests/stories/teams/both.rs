//! Slack and Teams at once: asked here, approved there, and nobody is two people.

use emulator::scene;
use emulator::slack::Message;
use serde_json::Value;

use super::{UNAPPROVED, is_card, said};
use crate::bot::{Bot, WAITING, words as slack_words};
use crate::page::{ID, link_of, plan, sealed, submission, submit};
use crate::scene::{TEAMS, ruled};

crate::stories![
    asked_in_slack_approved_in_teams,
    asked_in_teams_approved_in_slack,
    two_identities_of_one_person_count_once,
    nobody_approves_their_own_under_another_identity,
    people_who_are_not_mapped_are_different_people,
];

/// One target that people of both platforms ask for and approve, shown in a room of each.
fn shared(approvals: u8, people: &str) -> String {
    let rules = format!(
        r#""entra-group:{}"], approvers = ["slack:{}", "entra-group:{}"], approvals = {approvals}"#,
        scene::GROUP_DATA_OBJECT,
        scene::GROUP_LEADS,
        scene::GROUP_LEADS_OBJECT
    );
    let data = format!("askers = [\"slack:{}\"]", scene::GROUP_DATA);
    let rooms = format!("notify = [\"slack:{}\"", scene::CHANNEL_DATA_OPS);
    let catalog = ruled("").replace(&data, &format!("{}, {rules}", data.trim_end_matches(']')));
    format!("{people}\n{}", catalog.replace(&rooms, &format!("{rooms}, \"teams:{}\"", scene::THREAD_DATA_OPS)))
}

/// Who is who on the other platform.
fn people() -> String {
    let person = |name: &str, slack: &str, object: &str| format!("{name} = [\"slack:{slack}\", \"entra:{object}\"]\n");
    let all = [
        person("ana", scene::ANA_ENTERPRISE, scene::ANA_OBJECT),
        person("ben", scene::BEN_ENTERPRISE, scene::BEN_OBJECT),
        person("gil", scene::GIL, scene::GIL_OBJECT),
    ];
    format!("[people]\n{}", all.concat())
}

impl Bot {
    fn is_in_both(&mut self, catalog: &str) {
        self.with(&TEAMS);
        self.knows(catalog);
    }

    /// Waits until the cards in both rooms say this.
    fn until_both(&self, says: &str) {
        self.until(says, |world| {
            let here = |message: &Message| message.channel == scene::CHANNEL_DATA_OPS && crate::bot::is_card(message);
            let slack = world.messages().into_iter().rfind(here).is_some_and(|card| card.text.contains(says));
            let teams = super::in_conversation(world, scene::THREAD_DATA_OPS).into_iter().rfind(is_card);
            slack && teams.is_some_and(|card| said(&card).contains(says))
        });
        self.rest();
    }
}

fn asked_in_slack_approved_in_teams(bot: &mut Bot) {
    bot.is_in_both(&shared(1, &people()));
    bot.ana_requests("sales-db");
    bot.until_both(UNAPPROVED);
    let shown = bot.shown_for(scene::GIL_OBJECT, "Approve");
    assert!(shown.contains("Approved by Gil Haddad"), "{shown}");
    bot.until_both(WAITING);
    let card = slack_words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("Approved by Gil Haddad"), "{card}");
    bot.until_her_card(WAITING);
    let password = bot.secret("asked-here-approved-there");
    let ticket = link_of(bot);
    let sealed = sealed(&plan(bot, &ticket), "CONTOSO\\svc_sales", &password);
    assert_eq!(submit(bot, &ticket, &submission(ID, &sealed)).0, http::StatusCode::OK);
    bot.until_both("Rotated and verified, 1 of 1");
    assert!(bot.world.opened()[0].plaintext.contains(&password));
}

fn asked_in_teams_approved_in_slack(bot: &mut Bot) {
    bot.is_in_both(&shared(1, &people()));
    bot.ana_requests_in_teams_among_others();
    bot.until_both(UNAPPROVED);
    bot.taps(scene::HANA, "Approve");
    bot.until_both(WAITING);
    assert!(said(&bot.room_card()).contains("Approved by Hana Sato"), "{}", said(&bot.room_card()));
    bot.ana_finishes("asked-there-approved-here");
    bot.until_both("Rotated and verified, 1 of 1");
}

fn two_identities_of_one_person_count_once(bot: &mut Bot) {
    bot.is_in_both(&shared(2, &people()));
    bot.ana_requests("sales-db");
    bot.until_both("Waiting for 2 approvals");
    bot.taps(scene::BEN, "Approve");
    bot.until_both(UNAPPROVED);
    let shown = bot.shown_for(scene::BEN_OBJECT, "Approve");
    assert!(shown.contains("It counts once; somebody else has to approve as well."), "{shown}");
    let shown = bot.shown_for(scene::GIL_OBJECT, "Approve");
    assert!(shown.contains("Approved by Gil Haddad"), "{shown}");
    bot.until_both(WAITING);
    assert_eq!(bot.happened("approve", "ok"), 2);
}

fn nobody_approves_their_own_under_another_identity(bot: &mut Bot) {
    let catalog = shared(1, &people()).replace(scene::GROUP_LEADS_OBJECT, scene::GROUP_DATA_OBJECT);
    bot.is_in_both(&catalog.replace(scene::GROUP_LEADS, scene::GROUP_DATA));
    bot.ana_requests("sales-db");
    bot.until_both(UNAPPROVED);
    let shown = bot.shown_for(scene::ANA_OBJECT, "Approve");
    assert!(shown.contains("You asked for rotation ") && shown.contains(UNAPPROVED), "{shown}");
    bot.shown_for(scene::ANA_OBJECT, "Cancel rotation");
    bot.until_both("Cancelled, nothing was changed");
    bot.ana_requests_in_teams_among_others();
    bot.until_both(UNAPPROVED);
    let told = bot.told_for(scene::ANA, "Approve");
    assert!(told.contains("You asked for rotation "), "{told}");
    assert_eq!(bot.happened("approve", "ok"), 0);
}

fn people_who_are_not_mapped_are_different_people(bot: &mut Bot) {
    bot.is_in_both(&shared(2, ""));
    bot.ana_requests("sales-db");
    bot.until_both("Waiting for 2 approvals");
    bot.taps(scene::BEN, "Approve");
    bot.until_both(UNAPPROVED);
    // Nobody has said that this is the same Ben: it is for the operator to say.
    bot.shown_for(scene::BEN_OBJECT, "Approve");
    bot.until_both(WAITING);
    let shown = bot.shown_for(scene::ANA_OBJECT, "Cancel rotation");
    assert!(shown.contains("Only the person who asked for rotation "), "{shown}");
    bot.touches(scene::ANA_OBJECT, &bot.room_card(), "Enter credential");
    assert_eq!(bot.world.teams_dialog(scene::ANA_OBJECT).unwrap()["url"], Value::Null);
    assert!(bot.dialog(scene::ANA_OBJECT).contains("Only the person who asked for rotation "));
}
