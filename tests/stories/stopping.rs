//! The last chance: between the credential and the first update, whoever is concerned can stop.

use std::time::Duration;

use emulator::scene;
use serde_json::json;

use crate::bot::{Bot, WAITING, words};
use crate::people::{AMONG_LEADS, MOVED_ON, UNAPPROVED};
use crate::scene::{ONE_LEAD, ruled};

crate::stories![
    what_nobody_stops_begins_by_itself,
    whoever_asked_can_stop,
    an_approver_can_stop,
    nobody_else_can_stop,
    a_stop_that_comes_too_late_is_told_so;
    here only because "the time to stop has an exact end, and rows can be read":
    a_restart_neither_hurries_nor_forgets,
    what_is_stopped_keeps_no_secret,
];

const HELD: &str = "About to begin. It can be stopped";
const STOPPED: &str = "Stopped, nothing was changed";
const VERIFIED: &str = "Rotated and verified, 1 of 1";

/// Ana has entered what a lead has approved, and it is held back for so long.
fn held(bot: &Bot, stop: &str, password: &str) {
    bot.knows(&ruled(&format!(r#"{ONE_LEAD}, stop = "{stop}""#)));
    bot.ana_asks_up_to(UNAPPROVED, AMONG_LEADS);
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS);
    bot.ana_opens_the_form();
    bot.ana_enters(password);
    bot.world.person(scene::ANA).close(&bot.modal(scene::ANA).id).unwrap();
    bot.until_cards(HELD, AMONG_LEADS);
}

fn stopped(bot: &Bot, by: &str) {
    bot.until_cards(STOPPED, AMONG_LEADS);
    assert!(bot.copies().iter().all(|card| words(&card.blocks).contains(&format!("Stopped by <@{by}> · <!date^"))));
    bot.until("Ana is told", |world| {
        world.direct_messages(scene::ANA).iter().any(|note| {
            note.text.starts_with("Sales warehouse: Stopped, nothing was changed.") && note.text.contains(by)
        })
    });
    bot.nothing_is_offered();
    bot.nothing_was_sent();
    bot.sales_db_is_free();
}

fn what_nobody_stops_begins_by_itself(bot: &mut Bot) {
    held(bot, "5s", "held-for-five-seconds");
    for card in bot.copies() {
        let card = words(&card.blocks);
        assert!(card.contains(" until <!date^") && card.contains("Stop"), "{card}");
        assert!(!card.contains("Enter credential") && !card.contains("Cancel rotation"), "{card}");
    }
    bot.until_cards(VERIFIED, AMONG_LEADS);
    assert!(bot.world.opened()[0].plaintext.contains("held-for-five-seconds"));
    bot.until("Ana is told", |world| world.direct_messages(scene::ANA).len() == 3);
    bot.nothing_is_offered();
}

fn whoever_asked_can_stop(bot: &mut Bot) {
    held(bot, "5m", "stopped-by-ana");
    bot.taps(scene::ANA, "Stop");
    stopped(bot, "W0ANA");
}

fn an_approver_can_stop(bot: &mut Bot) {
    held(bot, "5m", "stopped-by-a-lead");
    bot.taps(scene::HANA, "Stop");
    stopped(bot, "W0HANA");
}

fn nobody_else_can_stop(bot: &mut Bot) {
    held(bot, "5m", "stopped-by-nobody");
    bot.world.set_group_member(scene::GROUP_LEADS, scene::GIL, false);
    for (who, words) in [
        (scene::FAY, "You are not among those who may approve rotations of sales-db."),
        (scene::GIL, "You are not among those who may approve rotations of sales-db."),
        (scene::CYD, "you are signed in as a guest account."),
        (scene::EVE, "you are signed in as an account of another organisation."),
    ] {
        let told = bot.told_for(who, "Stop");
        assert!(told.contains(words), "{who}: {told}");
    }
    // What was possible before is not any more.
    let stop = bot.tap(scene::ANA, "Stop");
    for action in ["cancel_rotation", "enter_credential", "retry_failed", "close_rotation"] {
        let told = bot.told_for_payload(&stop, |payload| payload["actions"][0]["action_id"] = json!(action));
        assert!(told.contains(MOVED_ON), "{action}: {told}");
    }
    assert_eq!((bot.happened("stop", "ok"), bot.happened("cancel", "ok")), (0, 0));
    assert!(bot.copies().iter().all(|card| card.text.contains(HELD)));
    bot.taps(scene::ANA, "Stop");
    stopped(bot, "W0ANA");
}

fn a_stop_that_comes_too_late_is_told_so(bot: &mut Bot) {
    held(bot, "5s", "too-late-to-stop");
    let screen = bot.card(scene::CHANNEL_DATA_OPS);
    bot.until_cards(VERIFIED, AMONG_LEADS);
    for who in [scene::ANA, scene::BEN] {
        let told = bot.answer_to(&bot.world.person(who).tap_as_seen(&screen, "Stop").unwrap());
        assert!(told.contains(MOVED_ON), "{who}: {told}");
    }
    assert_eq!(bot.happened("stop", "ok"), 0);
    assert!(bot.copies().iter().all(|card| card.text.contains(VERIFIED)));
}

fn a_restart_neither_hurries_nor_forgets(bot: &mut Bot) {
    held(bot, "2m", "across-a-restart");
    bot.crash();
    bot.wait(Duration::from_secs(110));
    bot.nothing_was_sent();
    assert!(bot.copies().iter().all(|card| card.text.contains(HELD)));
    bot.crash();
    bot.wait(Duration::from_secs(15));
    bot.until_cards(VERIFIED, AMONG_LEADS);
    assert!(bot.world.opened()[0].plaintext.contains("across-a-restart"));
}

fn what_is_stopped_keeps_no_secret(bot: &mut Bot) {
    let kept = |bot: &Bot| String::from_utf8(bot.kept()).unwrap().matches("\"credential\": ").count();
    held(bot, "5m", "deleted-at-once");
    assert_eq!(kept(bot), 1, "encrypted, for as long as it is needed");
    bot.taps(scene::BEN, "Stop");
    assert_eq!(kept(bot), 0, "with the tap, not some time later");
    stopped(bot, "W0BEN");
    bot.crash();
    bot.wait(Duration::from_secs(10 * 60));
    bot.nothing_was_sent();
}
