//! Whose a rotation is that a secret manager asked for: everybody's whom the policy names, and nobody else's.

use std::time::Duration;

use emulator::scene as company;
use serde_json::json;

use super::vault::{KV, card, put, relayed, tells};
use super::{LOGIN, VERIFIED, catalog};
use crate::bot::{Bot, is_card};
use crate::failures::updates;
use crate::people::UNAPPROVED;
use crate::scene::{ONE_LEAD, on_premises};

crate::stories![
    where_nobody_has_to_approve_everybody_is_told,
    those_who_may_ask_and_those_who_may_approve_can_cancel,
    what_failed_is_repeated_by_those_whom_the_policy_names,
    what_failed_is_left_by_those_whom_the_policy_names,
    what_begins_can_be_stopped,
    whoever_breaks_glass_goes_before_it;
    here only because "a window is hours away":
    it_waits_for_the_window,
];

const PARTLY: &str = "Partly rotated, 1 of 2 are good. What failed can be tried again";

fn waits_for_a_lead(bot: &mut Bot, rules: &str) {
    bot.is_bound(&relayed(), KV, rules);
    put(bot, "asked-by-the-vault");
    tells(bot, "relay-1");
    bot.until_card(UNAPPROVED);
    bot.rest();
}

/// One of two places fails.
fn half_of_it_fails(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, "");
    let one = on_premises(company::GATEWAY_SALES, company::SALES_SQL);
    let other = on_premises(company::GATEWAY_FINANCE, company::FINANCE_SQL);
    let catalog = catalog(&relayed(), LOGIN, KV, ONE_LEAD).replace("{base}", &bot.world.base_url());
    bot.knows(&catalog.replace(&format!("[{one}]"), &format!("[{one}, {other}]")));
    put(bot, "in-one-of-two");
    tells(bot, "relay-1");
    bot.until_card(UNAPPROVED);
    bot.world.set_gateway_online(company::GATEWAY_FINANCE, false);
    bot.taps(company::BEN, "Approve");
    bot.until_card(PARTLY);
    bot.rest();
}

/// Fay, whom the policy does not name, is told so.
fn is_none_of_fays(bot: &Bot, button: &str) {
    let told = bot.told_for(company::FAY, button);
    assert!(told.starts_with("You are not among those who may rotate sales-db."), "{told}");
}

fn where_nobody_has_to_approve_everybody_is_told(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, "");
    put(bot, "by-itself");
    tells(bot, "relay-1");
    bot.until_card(VERIFIED);
    bot.rest();
    let cards: Vec<_> = bot.world.messages().into_iter().filter(is_card).collect();
    assert_eq!(cards.len(), 1, "one in the room, and nobody's own: {cards:#?}");
    assert_eq!(cards[0].channel, company::CHANNEL_DATA_OPS);
    let card = card(bot);
    assert!(card.contains("Asked by the secret manager vault: New version of teams/sales: version 1"), "{card}");
    assert!(!card.contains("Approved by"), "{card}");
}

fn those_who_may_ask_and_those_who_may_approve_can_cancel(bot: &mut Bot) {
    for user in [company::ANA, company::HANA] {
        waits_for_a_lead(bot, ONE_LEAD);
        is_none_of_fays(bot, "Cancel rotation");
        bot.taps(user, "Cancel rotation");
        bot.until_card("Cancelled, nothing was changed");
        bot.nothing_was_sent();
    }
    assert_eq!(bot.world.secret_reads(), []);
}

fn what_failed_is_repeated_by_those_whom_the_policy_names(bot: &mut Bot) {
    half_of_it_fails(bot);
    is_none_of_fays(bot, "Retry failed");
    let reads = bot.world.secret_reads().len();
    // With what was read then: it is kept for that, encrypted.
    bot.world.set_gateway_online(company::GATEWAY_FINANCE, true);
    bot.taps(company::HANA, "Retry failed");
    bot.until_card("Rotated and verified, 2 of 2");
    assert_eq!((bot.world.secret_reads().len(), updates(bot)), (reads, 2));
    let card = card(bot);
    assert!(card.contains("Tried again by <@W0HANA>"), "{card}");
}

fn what_failed_is_left_by_those_whom_the_policy_names(bot: &mut Bot) {
    half_of_it_fails(bot);
    is_none_of_fays(bot, "Leave as it is");
    bot.taps(company::ANA, "Leave as it is");
    bot.until_card("Partly rotated, 1 of 2 are good. Reference");
    // It is not in every place, so it is asked for again at the next look.
    bot.wakes_up();
    bot.until("it is asked again", |_| bot.happened("open", "ok") == 2);
    bot.until_card(UNAPPROVED);
}

fn what_begins_can_be_stopped(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, r#"stop = "1m""#);
    put(bot, "stopped-in-time");
    tells(bot, "relay-1");
    bot.until_card("About to begin. It can be stopped");
    let told = bot.told_for(company::FAY, "Stop");
    assert!(told.contains("Nothing was changed."), "{told}");
    bot.taps(company::ANA, "Stop");
    bot.until_card("Stopped, nothing was changed");
    bot.nothing_was_sent();
}

fn whoever_breaks_glass_goes_before_it(bot: &mut Bot) {
    waits_for_a_lead(bot, &format!(r#"{ONE_LEAD}, break_glass = ["slack:{}"]"#, company::GROUP_DATA));
    let ana = bot.world.person(company::ANA);
    bot.types(company::ANA, "break-glass sales-db");
    let form = bot.modal(company::ANA);
    bot.does(&ana.submit(&form.id, &[("reason", json!("Everything stands still"))]).unwrap());
    bot.until("it is in place", |_| bot.happened("finish", "ok") == 2);
    bot.until_card(VERIFIED);
    assert_eq!((bot.password().as_deref(), updates(bot)), (Some("asked-by-the-vault"), 1));
    assert!(card(bot).contains("BREAK-GLASS: rotate Sales warehouse"));
    // What made way is settled by that.
    bot.wakes_up();
    bot.until("it is looked at", |_| bot.happened("secret", "same") >= 1);
    bot.rest();
    assert_eq!(bot.happened("open", "ok"), 2);
}

fn it_waits_for_the_window(bot: &mut Bot) {
    // The story begins on a Saturday at 19:30 in Vienna.
    let night = r#"windows = [{ days = ["Sat"], from = "22:00", to = "04:00", zone = "Europe/Vienna" }]"#;
    bot.is_bound(&relayed(), KV, night);
    put(bot, "there-in-the-evening");
    tells(bot, "relay-1");
    bot.until_card("Reading the new credential");
    put(bot, "there-at-night");
    tells(bot, "relay-2");
    bot.wait(Duration::from_secs(2 * 60 * 60));
    assert_eq!(bot.world.secret_reads(), [], "nothing is read before");
    bot.nothing_was_sent();
    bot.wait(Duration::from_secs(31 * 60));
    bot.until_card(VERIFIED);
    assert_eq!((bot.password().as_deref(), updates(bot)), (Some("there-at-night"), 1));
    assert!(card(bot).contains("Asked for was another version, version 1; there was a newer one by then, version 2."));
}
