//! What is told many times, or while the bot dies or its storage fails, is acted on once, and never not at all.

use bytes::Bytes;
use emulator::senders::StandardWebhook;
use emulator::{Fault, FaultKind, Lost, scene as company};
use http::{Request, StatusCode, header};
use serde_json::json;

use super::vault::{KV, PATH, card, put, relayed, tells, told};
use super::{VERIFIED, address};
use crate::bot::Bot;
use crate::failures::updates;
use crate::people::UNAPPROVED;
use crate::scene::ONE_LEAD;

crate::stories![
    a_thousand_deliveries_are_one_rotation,
    a_hundred_events_of_one_secret_are_one_rotation,
    killed_after_the_claim_it_does_the_work;
    here only because "objects of our own are broken, and calls are never answered":
    a_register_that_does_not_answer_is_told_again,
    killed_over_the_claim_it_is_told_again,
    killed_while_looking_it_looks_again,
    killed_while_reading_it_reads_again,
    a_claim_whose_answer_is_lost_is_made_good,
    a_claim_that_comes_after_the_end_does_not_last,
    what_ended_before_it_was_claimed_gives_the_target_back,
    a_register_that_does_not_answer_a_rotation_is_waited_for,
    a_secret_of_the_worker_that_is_missing_is_told,
];

/// What the relay sends about the secret, as often as it likes: the same bytes each time.
fn message(bot: &Bot, event: &str) -> Request<Bytes> {
    let data = json!({ "mount": "secret", "path": PATH });
    StandardWebhook::honest(event, bot.world.now_ms(), "secret.changed", data).post(&address())
}

fn is_bound(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, "");
    put(bot, "put-in-place-once");
}

/// However often it was told: one rotation, one update, and nothing is left to do.
fn is_put_in_place_once(bot: &Bot) {
    bot.until_card(VERIFIED);
    bot.rest();
    assert_eq!(bot.password().as_deref(), Some("put-in-place-once"));
    assert_eq!(updates(bot), 1, "{}", bot.log());
}

fn a_thousand_deliveries_are_one_rotation(bot: &mut Bot) {
    is_bound(bot);
    let message = message(bot, "relay-1");
    for n in 0..1000 {
        bot.takes(&message);
        if n == 300 {
            is_put_in_place_once(bot);
        }
    }
    is_put_in_place_once(bot);
    assert_eq!(bot.happened("open", "ok"), 1);
    assert_eq!(bot.log().matches("\"outcome\":\"nothing-new\"").count(), 999, "each is answered, and told apart");
}

fn a_hundred_events_of_one_secret_are_one_rotation(bot: &mut Bot) {
    is_bound(bot);
    for n in 0..100 {
        tells(bot, &format!("relay-{n}"));
    }
    is_put_in_place_once(bot);
    assert_eq!(bot.happened("open", "ok"), 1);
}

fn killed_after_the_claim_it_does_the_work(bot: &mut Bot) {
    is_bound(bot);
    let message = message(bot, "relay-1");
    bot.takes(&message);
    bot.crash();
    is_put_in_place_once(bot);
    // The sender had its answer; should it not have come through, it tells again.
    bot.takes(&message);
    bot.rest();
    assert_eq!((bot.happened("open", "ok"), updates(bot)), (1, 1));
}

fn a_register_that_does_not_answer_is_told_again(bot: &mut Bot) {
    for (lost, done) in [(Lost::Request, false), (Lost::Response, true)] {
        is_bound(bot);
        let (message, before) = (message(bot, "relay-1"), updates(bot));
        // The first order asks who the sender is, the second is the claim.
        bot.here().break_register(None, 1);
        bot.here().break_register(Some(lost), 1);
        let response = bot.posted(&message);
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(response.headers().contains_key(header::RETRY_AFTER), "{response:?}");
        bot.takes(&message);
        bot.until("it is in place", |_| updates(bot) == before + 1);
        bot.until_card(VERIFIED);
        bot.rest();
        let told_twice = bot.log().contains("\"outcome\":\"nothing-new\"");
        assert_eq!((bot.happened("open", "ok"), told_twice), (1, done), "{}", bot.log());
    }
}

fn killed_over_the_claim_it_is_told_again(bot: &mut Bot) {
    is_bound(bot);
    let message = message(bot, "relay-1");
    bot.here().break_register(None, 1);
    bot.here().break_register(Some(Lost::Silence), 1);
    bot.dies_over(message.clone());
    bot.takes(&message);
    is_put_in_place_once(bot);
    assert_eq!(bot.happened("open", "ok"), 1);
}

fn killed_while_looking_it_looks_again(bot: &mut Bot) {
    is_bound(bot);
    bot.world.script(Fault::once("vault", "metadata", FaultKind::Hang));
    tells(bot, "relay-1");
    is_put_in_place_once(bot);
    assert_eq!(bot.happened("open", "ok"), 1);
}

fn killed_while_reading_it_reads_again(bot: &mut Bot) {
    is_bound(bot);
    bot.world.script(Fault::once("vault", "secret/data", FaultKind::Hang));
    tells(bot, "relay-1");
    is_put_in_place_once(bot);
    assert_eq!(bot.happened("open", "ok"), 1);
}

fn a_claim_whose_answer_is_lost_is_made_good(bot: &mut Bot) {
    for lost in [Lost::Request, Lost::Response, Lost::Silence] {
        is_bound(bot);
        let before = updates(bot);
        tells(bot, "relay-1");
        // The next order to the register is the claim of the rotation that is opened.
        bot.here().break_register(Some(lost), 1);
        bot.until("it is in place", |_| updates(bot) == before + 1);
        bot.until_card(VERIFIED);
        bot.rest();
        assert_eq!(updates(bot), before + 1, "{lost:?}: {}", bot.log());
    }
}

fn a_claim_that_comes_after_the_end_does_not_last(bot: &mut Bot) {
    is_bound(bot);
    tells(bot, "relay-1");
    // By then another rotation has put it in place, and nobody tells the register once more that this one has ended.
    bot.here().claim_late();
    bot.here().break_register(Some(Lost::Response), 1);
    bot.until("it was claimed", |_| bot.happened("secret", "retry") == 1);
    is_put_in_place_once(bot);
    let begun = bot.world.now_ms();
    put(bot, "after-a-late-claim");
    tells(bot, "relay-2");
    bot.until("it is in place", |_| bot.password().as_deref() == Some("after-a-late-claim"));
    assert!(bot.world.now_ms() - begun < 60_000, "{}", bot.log());
}

fn what_ended_before_it_was_claimed_gives_the_target_back(bot: &mut Bot) {
    is_bound(bot);
    tells(bot, "relay-1");
    bot.here().claim_late();
    bot.until("it was claimed", |_| bot.happened("secret", "ended") == 1);
    is_put_in_place_once(bot);
    bot.sales_db_is_free();
}

fn a_register_that_does_not_answer_a_rotation_is_waited_for(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, ONE_LEAD);
    put(bot, "once-the-register-answers");
    tells(bot, "relay-1");
    bot.until_card(UNAPPROVED);
    bot.rest();
    bot.taps(company::BEN, "Approve");
    // What it is asked first is whether the catalog was changed, and then where the secret manager is.
    bot.here().break_register(Some(Lost::Request), 2);
    bot.until("it is tried", |_| bot.happened("fetch", "unreachable") == 1);
    bot.until("the card says so", |_| card(bot).contains("It is tried again. Our own storage did not answer."));
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("once-the-register-answers"));
}

fn a_secret_of_the_worker_that_is_missing_is_told(bot: &mut Bot) {
    is_bound(bot);
    bot.redeploy(&[]);
    bot.wakes_up();
    bot.until("the room is told", |_| told(bot).len() == 1);
    let words = "Vault refused this program's own identity. Its client secret may be wrong or expired. The secret SOURCE_VAULT is missing.";
    assert!(told(bot)[0].contains(words), "{:#?}", told(bot));
}
