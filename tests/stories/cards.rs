//! Slack while a card is due: late, gone or closed to us, it never holds the rotation up.

use emulator::slack::Message;
use emulator::{Fault, FaultKind, World, scene};
use serde_json::json;

use crate::bot::{Bot, is_card, words};
use crate::scene::{WINDOWS, cluster, on_premises, target};

crate::stories![
    a_card_that_slack_did_not_take_is_posted_later,
    a_card_whose_posting_was_not_answered_is_posted_again,
    a_card_that_somebody_deleted_is_posted_anew,
    a_room_that_is_closed_to_us_does_not_hold_the_rotation_up,
    without_rooms_the_card_goes_to_whoever_asked,
    whoever_asked_is_told_how_it_ended;
    here only because "Slack is away for minutes":
    a_long_outage_of_slack_delays_the_card_and_nothing_else,
];

const VERIFIED: &str = "Rotated and verified, 1 of 1";
const ENTERED: &[(&str, &str)] = &[("password", "whatever-slack-does")];

/// One data source, with its card in these rooms.
fn told_in(rooms: &[&str]) -> String {
    let place = on_premises(scene::GATEWAY_SALES, scene::SALES_SQL);
    let rooms: Vec<_> = rooms.iter().map(|room| format!("\"slack:{room}\"")).collect();
    let usual = format!("notify = [\"slack:{}\"]", scene::CHANNEL_DATA_OPS);
    let notify = format!("notify = [{}]", rooms.join(", "));
    target("sales-db", "Sales warehouse", WINDOWS, &[&place]).replace(&usual, &notify)
}

fn in_room(bot: &Bot, room: &str) -> Vec<Message> {
    bot.world.messages().into_iter().filter(|message| message.channel == room).collect()
}

fn refused(code: &str) -> FaultKind {
    FaultKind::status(200, &json!({"ok": false, "error": code}))
}

fn a_card_that_slack_did_not_take_is_posted_later(bot: &mut Bot) {
    for kind in [FaultKind::status(503, &json!({})), FaultKind::throttled(1), refused("internal_error")] {
        bot.world.script(Fault::once("slack", "chat.postMessage", kind));
        bot.knows(&told_in(&[scene::CHANNEL_DATA_OPS]));
        let before = in_room(bot, scene::CHANNEL_DATA_OPS).len();
        bot.ana_rotates("sales-db", ENTERED, VERIFIED);
        assert_eq!(in_room(bot, scene::CHANNEL_DATA_OPS).len(), before + 1, "one card");
    }
    assert_eq!(bot.log().matches("\"event\":\"card\",\"outcome\":\"retry\"").count(), 3, "{}", bot.log());
}

fn a_card_whose_posting_was_not_answered_is_posted_again(bot: &mut Bot) {
    bot.world.script(Fault::once("slack", "chat.postMessage", FaultKind::LoseResponse));
    bot.knows(&told_in(&[scene::CHANNEL_DATA_OPS]));
    bot.ana_asks("sales-db");
    // Slack offers no way to know whether it took the first, so there are two: better than none.
    let cards = |world: &World| world.messages().into_iter().filter(|m| m.channel == scene::CHANNEL_DATA_OPS).count();
    bot.until("it is posted twice", |world| cards(world) == 2);
    bot.ana_fills_in(ENTERED);
    bot.until_card(VERIFIED);
    let cards = in_room(bot, scene::CHANNEL_DATA_OPS);
    assert_eq!(cards.len(), 2);
    // The one nobody rewrites any more can do no harm.
    let first = &cards[0];
    bot.does(&bot.world.person(scene::ANA).tap(&first.channel, &first.ts, "Cancel rotation").unwrap());
    bot.rest();
    assert!(bot.told(scene::ANA).contains("has moved on"), "{}", bot.told(scene::ANA));
}

fn a_card_that_somebody_deleted_is_posted_anew(bot: &mut Bot) {
    bot.knows(&told_in(&[scene::CHANNEL_DATA_OPS]));
    bot.ana_asks("sales-db");
    bot.until_card("Waiting for the new credential");
    bot.world.script(Fault::once("slack", "chat.update", refused("message_not_found")));
    bot.ana_fills_in(ENTERED);
    bot.until_card(VERIFIED);
    assert_eq!(in_room(bot, scene::CHANNEL_DATA_OPS).len(), 2, "the deleted one, and another");
}

fn a_room_that_is_closed_to_us_does_not_hold_the_rotation_up(bot: &mut Bot) {
    let closed = [scene::CHANNEL_OLD, scene::CHANNEL_PRIVATE, "C0NOWHERE"];
    bot.knows(&told_in(&closed));
    bot.ana_asks("sales-db");
    bot.ana_fills_in(ENTERED);
    bot.until("the data source is tested", |world| !world.tests().is_empty());
    bot.rest();
    for code in ["is_archived", "not_in_channel", "channel_not_found"] {
        let line = format!("\"code\":\"{code}\"");
        let log = bot.log();
        let gone: Vec<_> =
            log.lines().filter(|line| line.contains("\"event\":\"card\",\"outcome\":\"gone\"")).collect();
        assert_eq!(gone.iter().filter(|gone| gone.contains(&line)).count(), 1, "given up once: {log}");
    }
    // Whoever asked is told, when no room can be.
    bot.until_her_card(VERIFIED);
    let status = bot.asks(scene::ANA, "status sales-db");
    assert!(status.contains("Nothing is going on.   rotated"), "{status}");

    // Beside an open room the closed ones do not matter.
    bot.knows(&told_in(&[scene::CHANNEL_OLD, scene::CHANNEL_DATA_OPS]));
    bot.ana_rotates("sales-db", ENTERED, VERIFIED);
}

fn without_rooms_the_card_goes_to_whoever_asked(bot: &mut Bot) {
    let place = cluster();
    let catalog = target("sales-db", "Sales warehouse", WINDOWS, &[&place]);
    bot.knows(&catalog.replace(&format!("notify = [\"slack:{}\"]\n", scene::CHANNEL_DATA_OPS), ""));
    bot.ana_asks("sales-db");
    bot.ana_fills_in(ENTERED);
    bot.until_her_card(VERIFIED);
    bot.rest();
    assert!(bot.world.messages().iter().all(|message| message.channel == "D0ANA"), "nobody else was told");
    assert!(!words(&bot.her_card().blocks).contains("Enter credential"));
}

/// A card that is rewritten rings no bell; a message does.
fn whoever_asked_is_told_how_it_ended(bot: &mut Bot) {
    bot.knows(&told_in(&[scene::CHANNEL_DATA_OPS]));
    bot.ana_rotates("sales-db", ENTERED, VERIFIED);
    let results = |world: &World| {
        let hers = world.direct_messages(scene::ANA).into_iter();
        hers.filter(|message| !is_card(message)).map(|message| message.text).collect::<Vec<_>>()
    };
    bot.until("she is told", |world| !results(world).is_empty());
    bot.rest();
    let told = results(&bot.world);
    assert!(told.len() == 1 && told[0].starts_with(&format!("Sales warehouse: {VERIFIED}. Reference ")), "{told:?}");
    assert_eq!(in_room(bot, scene::CHANNEL_DATA_OPS).len(), 1, "a room has the card");
}

fn a_long_outage_of_slack_delays_the_card_and_nothing_else(bot: &mut Bot) {
    bot.knows(&told_in(&[scene::CHANNEL_DATA_OPS]));
    bot.ana_asks("sales-db");
    bot.until_card("Waiting for the new credential");
    bot.world.script(Fault::once("slack", "chat.update", FaultKind::LoseRequest).repeated(2 * 12));
    bot.ana_fills_in(ENTERED);
    let begun = bot.world.now_ms();
    bot.until("the data source is tested", |world| !world.tests().is_empty());
    assert_eq!(bot.world.now_ms(), begun, "nothing waits for Slack");
    bot.until_card(VERIFIED);
    let took = (bot.world.now_ms() - begun) / 1000;
    assert!((6 * 60..15 * 60).contains(&took), "{took} s");
    assert_eq!(in_room(bot, scene::CHANNEL_DATA_OPS).len(), 1);
}
