//! Services that are slow, busy, down or out of reach: tried again while it makes sense, then told as it is.

use std::ops::RangeInclusive;
use std::time::Duration;

use emulator::{Fault, FaultKind, scene};

use crate::bot::{Bot, words};
use crate::failures::updates;
use crate::scene::{BASIC, WINDOWS, in_the_cloud, on_premises, target};

crate::stories![
    a_server_error_passes,
    an_update_that_never_arrived_is_sent_again,
    an_update_whose_answer_was_lost_is_sent_again_and_changes_nothing_more,
    a_wish_to_wait_is_kept,
    a_wish_to_wait_for_hours_is_not_waited_for,
    what_waits_is_kept_encrypted_only;
    here only because "these wait for minutes":
    two_minutes_of_throttling_pass,
    updates_that_fail_to_the_end_may_have_taken_effect,
    updates_never_let_in_have_not_taken_effect,
    what_cannot_even_be_read_is_unchanged,
    one_unanswered_update_among_refused_ones_leaves_doubt,
];

const VERIFIED: &str = "Rotated and verified, 1 of 1";
const UNKNOWN: &str = "An update was sent and not confirmed: the old or the new credential may be in force.";
const UNCHANGED: &str = "The old credential is still in force.";

fn one_place() -> String {
    target("sales-db", "Sales warehouse", WINDOWS, &[&on_premises(scene::GATEWAY_SALES, scene::SALES_SQL)])
}

fn patch(kind: FaultKind) -> Fault {
    Fault::once("powerbi", "datasources", kind).on_method("PATCH")
}

fn down() -> FaultKind {
    FaultKind::Status { code: 503, headers: Vec::new(), body: String::new() }
}

fn busy() -> FaultKind {
    FaultKind::Status { code: 429, headers: Vec::new(), body: String::new() }
}

fn rotates(bot: &mut Bot, password: &str, says: &str) -> String {
    bot.knows(&one_place());
    bot.ana_rotates("sales-db", &[("password", password)], says)
}

fn a_server_error_passes(bot: &mut Bot) {
    bot.world.script(patch(FaultKind::Status { code: 500, headers: Vec::new(), body: String::new() }));
    rotates(bot, "after-a-server-error", VERIFIED);
    assert_eq!((updates(bot), bot.world.opened().len()), (2, 1));
    assert!(bot.log().contains("\"outcome\":\"unavailable\",\"status\":500"), "{}", bot.log());
}

fn an_update_that_never_arrived_is_sent_again(bot: &mut Bot) {
    bot.world.script(patch(FaultKind::LoseRequest));
    rotates(bot, "after-a-lost-request", VERIFIED);
    assert_eq!((updates(bot), bot.world.opened().len()), (2, 1));
    assert!(bot.log().contains("\"outcome\":\"unreachable\""), "{}", bot.log());
}

fn an_update_whose_answer_was_lost_is_sent_again_and_changes_nothing_more(bot: &mut Bot) {
    bot.world.script(patch(FaultKind::LoseResponse));
    rotates(bot, "after-a-lost-answer", VERIFIED);
    let opened = bot.world.opened();
    assert_eq!((updates(bot), opened.len()), (2, 2));
    assert_eq!(opened[0].plaintext, opened[1].plaintext, "the same credential, twice");
}

fn a_wish_to_wait_is_kept(bot: &mut Bot) {
    let reading = || Fault::once("powerbi", "datasources", FaultKind::throttled(1)).on_method("GET");
    bot.knows(&one_place());
    bot.world.script(reading());
    bot.ana_asks("sales-db");
    bot.world.script(reading());
    bot.world.script(patch(FaultKind::throttled(1)));
    bot.ana_enters("after-a-short-wait");
    bot.until_card(VERIFIED);
    let calls: Vec<_> = bot.world.received().into_iter().filter(|call| call.service == "powerbi").collect();
    let throttled: Vec<_> = (0..calls.len()).filter(|at| calls[*at].status == Some(429)).collect();
    assert_eq!(throttled.len(), 3, "in the check, before sealing, at the update");
    for at in throttled {
        let waited = calls[at + 1].at_ms - calls[at].at_ms;
        assert!((1000..5000).contains(&waited), "{waited} ms");
    }
    assert_eq!(bot.world.opened().len(), 1);
}

fn a_wish_to_wait_for_hours_is_not_waited_for(bot: &mut Bot) {
    bot.world.script(patch(FaultKind::throttled(7200)));
    let card = rotates(bot, "never-waits-for-hours", "Not rotated");
    assert!(card.contains(UNCHANGED) && card.contains("asks us to slow down"), "{card}");
    assert_eq!(updates(bot), 1);
}

fn what_waits_is_kept_encrypted_only(bot: &mut Bot) {
    let cloud = in_the_cloud(scene::GATEWAY_CLOUD, scene::CLOUD_SQL);
    let gateway = on_premises(scene::GATEWAY_SALES, scene::SALES_SQL);
    bot.knows(&target("sales-db", "Sales warehouse", BASIC, &[&cloud, &gateway]));
    bot.world.script(patch(FaultKind::throttled(3)).repeated(2));
    bot.ana_asks("sales-db");
    bot.ana_enters("waits-encrypted");
    bot.until("both wait", |world| world.received().iter().filter(|call| call.status == Some(429)).count() == 2);
    bot.nothing_secret_shows();
    bot.until_card("Rotated and verified, 2 of 2");
}

fn two_minutes_of_throttling_pass(bot: &mut Bot) {
    bot.knows(&one_place());
    for throttled in [FaultKind::throttled(30), busy()] {
        let begun = bot.world.now_ms();
        bot.world.script(patch(throttled).repeated(4));
        bot.ana_rotates("sales-db", &[("password", "after-two-minutes")], VERIFIED);
        let took = Duration::from_millis(bot.world.now_ms() - begun);
        assert!((120..155).contains(&took.as_secs()), "half a minute each time, and a quarter more at most: {took:?}");
    }
    assert_eq!(bot.world.opened().len(), 2);
}

/// Everything that is tried ends within the budget, and nothing comes after. The fault begins after the check.
fn ends_in_a_quarter_of_an_hour(bot: &mut Bot, fault: impl FnOnce(&Bot), says: &str) -> String {
    bot.knows(&one_place());
    bot.ana_asks("sales-db");
    fault(bot);
    bot.ana_enters("never-confirmed");
    ends(bot, 13 * 60..=15 * 60 + 5, says)
}

/// The card comes to say that within so many seconds from now, and nothing is tried any more.
fn ends(bot: &Bot, seconds: RangeInclusive<u64>, says: &str) -> String {
    let begun = bot.world.now_ms();
    bot.until_card(says);
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    let took = Duration::from_millis(bot.world.now_ms() - begun);
    assert!(seconds.contains(&took.as_secs()), "{took:?}");
    bot.rest();
    bot.wait(Duration::from_secs(60));
    let calls = bot.world.received().len();
    bot.wait(Duration::from_secs(24 * 60 * 60));
    assert_eq!(bot.world.received().len(), calls, "nothing is tried any more");
    card
}

fn updates_that_fail_to_the_end_may_have_taken_effect(bot: &mut Bot) {
    let fault = |bot: &Bot| bot.world.script(patch(down()).repeated(u32::MAX));
    let card = ends_in_a_quarter_of_an_hour(bot, fault, "Not confirmed, 0 of 1 are good");
    assert!(
        card.contains(UNKNOWN) && card.contains("Power BI has a problem of its own at the moment. (503)"),
        "{card}"
    );
    assert!(card.contains("Rotate again to be sure."), "{card}");
}

fn updates_never_let_in_have_not_taken_effect(bot: &mut Bot) {
    let fault = |bot: &Bot| bot.world.script(patch(busy()).repeated(u32::MAX));
    let card = ends_in_a_quarter_of_an_hour(bot, fault, "Not rotated");
    assert!(card.contains(UNCHANGED), "{card}");
    assert!(card.contains("Power BI asks us to slow down and still did when time ran out. (429)"), "{card}");
}

fn what_cannot_even_be_read_is_unchanged(bot: &mut Bot) {
    let fault = |bot: &Bot| bot.world.script(Fault::once("powerbi", "", FaultKind::LoseRequest).repeated(u32::MAX));
    let card = ends_in_a_quarter_of_an_hour(bot, fault, "Not rotated");
    assert!(card.contains(UNCHANGED) && card.contains("Power BI did not answer."), "{card}");
    assert_eq!(updates(bot), 0);
    // Still so when the next one is asked for: a plan that cannot be read is given up sooner, as nobody has entered anything.
    bot.ana_requests("sales-db");
    bot.rest();
    let card = ends(bot, 60..=3 * 60 + 5, "Not rotated");
    assert!(card.contains(UNCHANGED) && card.contains("Power BI did not answer."), "{card}");
    assert_eq!(updates(bot), 0);
}

fn one_unanswered_update_among_refused_ones_leaves_doubt(bot: &mut Bot) {
    let fault = |bot: &Bot| {
        bot.world.script(patch(FaultKind::LoseRequest));
        bot.world.script(patch(busy()).repeated(u32::MAX));
    };
    let card = ends_in_a_quarter_of_an_hour(bot, fault, "Not confirmed, 0 of 1 are good");
    assert!(card.contains(UNKNOWN) && card.contains("(429)"), "{card}");
}
