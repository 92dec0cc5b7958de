//! The look of the day: what a lost message did not tell is put in place, and what ends is told, once.

use std::time::Duration;

use emulator::{Fault, FaultKind, Lost, Manager, NewVersion, scene as company};
use serde_json::json;

use super::vault::{KV, card, put, relayed, tells, told};
use super::{VERIFIED, key_vault};
use crate::bot::Bot;
use crate::failures::updates;
use crate::people::UNAPPROVED;
use crate::scene::ONE_LEAD;

crate::stories![
    what_nobody_told_of_is_put_in_place,
    what_is_in_place_is_left_alone,
    what_failed_is_tried_again,
    what_somebody_rejected_is_not_asked_again,
    what_somebody_cancelled_is_not_asked_again;
    here only because "days go by":
    what_nobody_approved_in_time_is_asked_again_the_next_day,
    a_version_that_ends_within_a_week_is_told_once_and_its_end_as_well,
    a_version_that_ends_is_not_told_of_where_there_is_a_newer_one,
    a_secret_manager_that_is_down_all_day_is_told_once,
    a_look_of_the_day_that_fails_is_made_good_by_the_next,
];

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn looks(bot: &Bot) {
    bot.wakes_up();
    bot.rest();
}

/// Days go by, on each of which the bot looks.
fn days(bot: &Bot, days: u32) {
    for _ in 0..days {
        bot.wait(DAY);
        looks(bot);
    }
}

fn what_nobody_told_of_is_put_in_place(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, "");
    put(bot, "told-by-nobody");
    bot.wakes_up();
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("told-by-nobody"));
    let card = card(bot);
    let words = "Asked by the secret manager vault: teams/sales has a version that is not in place: version 1";
    assert!(card.contains(words), "{card}");
}

fn what_is_in_place_is_left_alone(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, "");
    put(bot, "in-place");
    tells(bot, "relay-1");
    bot.until_card(VERIFIED);
    bot.rest();
    let (reads, messages) = (bot.world.secret_reads().len(), bot.world.messages().len());
    for n in 1..=3 {
        bot.wakes_up();
        bot.until("it is looked at", |_| bot.happened("secret", "same") == n);
    }
    bot.rest();
    assert_eq!((bot.happened("open", "ok"), updates(bot)), (1, 1));
    assert_eq!(bot.world.secret_reads().len(), reads, "no value is read for that");
    assert_eq!(bot.world.messages().len(), messages, "and nobody is told");
}

fn what_failed_is_tried_again(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, "");
    put(bot, "tried-again");
    bot.world.script(Fault::once("vault", "secret/data", FaultKind::status(403, &json!({ "errors": ["1 error"] }))));
    tells(bot, "relay-1");
    bot.until_card("Not rotated");
    bot.rest();
    assert_eq!(bot.happened("open", "ok"), 1, "not by itself");
    bot.wakes_up();
    bot.until_card(VERIFIED);
    assert_eq!((bot.password().as_deref(), updates(bot)), (Some("tried-again"), 1));
}

fn what_somebody_rejected_is_not_asked_again(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, ONE_LEAD);
    put(bot, "not-wanted");
    tells(bot, "relay-1");
    bot.until_card(UNAPPROVED);
    bot.rejects(company::BEN, "Not before the audit");
    is_settled(bot, "Rejected, nothing was changed");
}

fn what_somebody_cancelled_is_not_asked_again(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, ONE_LEAD);
    put(bot, "not-wanted");
    tells(bot, "relay-1");
    bot.until_card(UNAPPROVED);
    bot.taps(company::ANA, "Cancel rotation");
    is_settled(bot, "Cancelled, nothing was changed");
}

/// Nobody is asked about that version again, neither by the look of the day nor by another message; about the next, they are.
fn is_settled(bot: &Bot, says: &str) {
    bot.until_card(says);
    bot.until("the register knows", |_| bot.happened("finish", "ok") == 1);
    for n in 1..=2 {
        bot.wakes_up();
        bot.until("it is looked at", |_| bot.happened("secret", "same") == n);
    }
    tells(bot, "relay-2");
    bot.until("it is looked at", |_| bot.happened("secret", "same") == 3);
    bot.rest();
    assert_eq!(bot.happened("open", "ok"), 1);
    bot.nothing_was_sent();
    put(bot, "the-next-one");
    tells(bot, "relay-3");
    bot.until_card(UNAPPROVED);
    assert_eq!(bot.happened("open", "ok"), 2);
}

fn what_nobody_approved_in_time_is_asked_again_the_next_day(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, ONE_LEAD);
    put(bot, "overlooked");
    tells(bot, "relay-1");
    bot.until_card("Expired without approval, nothing was changed");
    bot.wait(DAY);
    assert_eq!(bot.happened("open", "ok"), 1, "not by itself");
    looks(bot);
    bot.until_card(UNAPPROVED);
    bot.taps(company::BEN, "Approve");
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("overlooked"));
}

/// A version in place that ends so many days from now.
fn ends_in(bot: &mut Bot, days: u64) {
    bot.is_bound(&key_vault::vault(), &format!("name = \"{}\"", key_vault::SECRET), "");
    let end = bot.world.now_ms() / 1000 + days * DAY.as_secs();
    let version = NewVersion { exp_s: Some(end), ..NewVersion::of(&bot.secret("not-for-ever")) };
    bot.world.put_secret(Manager::KeyVault, key_vault::SECRET, version);
    bot.wakes_up();
    bot.until_card(VERIFIED);
    bot.rest();
}

fn a_version_that_ends_within_a_week_is_told_once_and_its_end_as_well(bot: &mut Bot) {
    ends_in(bot, 10);
    days(bot, 2);
    assert_eq!(told(bot), [] as [String; 0], "that is more than a week");
    days(bot, 5);
    let soon = "Sales warehouse: sales-db-password in vault expires soon. Make a new version there, and a rotation begins here.";
    assert_eq!(told(bot), [soon], "once");
    days(bot, 6);
    let over = "Sales warehouse: sales-db-password in vault has expired. Make a new version there, and a rotation begins here.";
    assert_eq!(told(bot), [soon, over], "once each");
    // Of a new one, nothing is told before its own end.
    let end = bot.world.now_ms() / 1000 + 8 * DAY.as_secs();
    let version = NewVersion { exp_s: Some(end), ..NewVersion::of(&bot.secret("renewed")) };
    bot.world.put_secret(Manager::KeyVault, key_vault::SECRET, version);
    looks(bot);
    bot.until("it is in place", |_| bot.password().as_deref() == Some("renewed"));
    bot.rest();
    assert_eq!(told(bot).len(), 2);
    days(bot, 2);
    assert_eq!(told(bot), [soon, over, soon]);
}

fn a_version_that_ends_is_not_told_of_where_there_is_a_newer_one(bot: &mut Bot) {
    ends_in(bot, 5);
    assert_eq!(told(bot), [] as [String; 0], "it was put in place just now");
    bot.wait(Duration::from_secs(60));
    bot.world.put_secret(Manager::KeyVault, key_vault::SECRET, NewVersion::of(&bot.secret("in-time")));
    days(bot, 6);
    assert_eq!(bot.password().as_deref(), Some("in-time"));
    assert_eq!(told(bot), [] as [String; 0]);
}

fn a_secret_manager_that_is_down_all_day_is_told_once(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, "");
    put(bot, "after-two-days");
    let down = FaultKind::status(503, &json!({ "errors": [] }));
    // Thirteen tries a day, on three days.
    bot.world.script(Fault::once("vault", "", down).repeated(3 * 13));
    looks(bot);
    days(bot, 2);
    bot.wait(DAY);
    let first = told(bot);
    assert_eq!(first.len(), 1, "{first:#?}");
    assert!(first[0].contains("Vault has a problem of its own at the moment."), "{first:#?}");
    let asked = bot.world.received().iter().filter(|call| call.service == "vault").count();
    assert_eq!(asked, 3 * 13);
    looks(bot);
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("after-two-days"));
}

fn a_look_of_the_day_that_fails_is_made_good_by_the_next(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, "");
    put(bot, "the-day-after");
    // What is old is forgotten, rooms are reminded, and the register is to look.
    bot.here().break_register(Some(Lost::Request), 3);
    looks(bot);
    assert_eq!((bot.happened("reconcile", "retry"), bot.happened("open", "ok")), (1, 0));
    days(bot, 1);
    bot.until_card(VERIFIED);
}
