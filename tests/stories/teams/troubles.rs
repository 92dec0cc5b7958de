//! What goes wrong behind Teams' door: the connector refuses, and a dialog is sent twice, or too late.

use std::time::Duration;

use emulator::teams::TeamsGesture;
use emulator::{Fault, FaultKind, World, scene};
use serde_json::{Value, json};

use super::refusals::ana;
use super::{UNAPPROVED, said};
use crate::bot::Bot;
use crate::scene::{ONE_LEAD, TEAMS};

crate::stories![
    an_answer_that_the_connector_refuses_is_told_to_the_log,
    a_room_that_the_bot_was_taken_out_of_is_given_up,
    a_dialog_that_is_sent_twice_opens_one_rotation;
    here only because "minutes and hours go by":
    a_card_that_the_connector_has_no_room_for_comes_later,
    a_dialog_that_is_sent_too_late_says_so,
];

/// The next call whose path has this in it is answered with that, as Teams words it.
fn refused(bot: &Bot, path: &str, status: u16, code: &str) {
    let body = json!({"error": {"code": code, "message": "in words"}});
    bot.world.script(Fault::once("teams", path, FaultKind::status(status, &body)));
}

/// The messages in the channel.
fn in_the_channel(world: &World) -> usize {
    world.teams_messages().iter().filter(|message| message.conversation == scene::THREAD_DATA_OPS).count()
}

/// Ana opens the dialog of the command.
fn opens(bot: &Bot) {
    bot.acts(&ana(bot).commands(scene::THREAD_DATA_OPS, "rotate"));
}

/// Ana sends the dialog of the command, filled in.
fn sent(bot: &Bot) -> TeamsGesture {
    let inputs = json!({"target": "sales-db", "reason": "Quarterly rotation"});
    ana(bot).submits_command(scene::THREAD_DATA_OPS, "rotate", &inputs)
}

/// Ana asks for a rotation; what she is told in the dialog's place.
fn asks(bot: &Bot) -> String {
    opens(bot);
    bot.acts(&sent(bot));
    bot.dialog(scene::ANA_OBJECT)
}

fn an_answer_that_the_connector_refuses_is_told_to_the_log(bot: &mut Bot) {
    bot.with(&TEAMS);
    for (status, code, outcome) in [
        (403, "BotNotInConversationRoster", "not-allowed"),
        (404, "ConversationNotFound", "not-found"),
        (412, "PreconditionFailed", "unavailable"),
        (413, "MessageSizeTooBig", "rejected"),
        (429, "Throttled", "throttled"),
    ] {
        refused(bot, "/activities", status, code);
        assert_eq!(bot.deliver(ana(bot).tells("help").request).status(), 200);
        bot.rest();
        let line = format!(r#""event":"respond","outcome":"{outcome}","status":{status},"code":"{code}""#);
        assert_eq!(bot.log().matches(&line).count(), 1, "{line}\n{}", bot.log());
    }
    assert!(bot.world.teams_messages().is_empty());
    assert_eq!(bot.deliver(ana(bot).tells("help").request).status(), 200);
    bot.until("the next is answered", |world| world.teams_messages().len() == 1);
}

fn a_room_that_the_bot_was_taken_out_of_is_given_up(bot: &mut Bot) {
    bot.is_in_teams(ONE_LEAD);
    bot.world.set_bot_in_conversation(scene::THREAD_DATA_OPS, false);
    asks(bot);
    // The card is in the messages of everybody whom it asks for something.
    bot.until("it waits for an approval", |world| {
        world.teams_messages().iter().filter(|message| said(message).contains(UNAPPROVED)).count() == 3
    });
    bot.rest();
    let line = r#""event":"card","outcome":"gone","status":403"#;
    assert_eq!(bot.log().matches(line).count(), 1, "{}", bot.log());
    assert_eq!(in_the_channel(&bot.world), 0);
}

fn a_card_that_the_connector_has_no_room_for_comes_later(bot: &mut Bot) {
    bot.is_in_teams(ONE_LEAD);
    let channel = scene::THREAD_DATA_OPS.replace(':', "%3A").replace('@', "%40");
    refused(bot, &channel, 412, "PreconditionFailed");
    bot.world.script(Fault::once("teams", &channel, FaultKind::throttled(120)));
    let begun = bot.world.now_ms();
    asks(bot);
    bot.until("the card is there", |world| in_the_channel(world) == 1);
    assert!(bot.world.now_ms() >= begun + 120_000, "it waits as long as it was told to");
    assert_eq!(bot.log().matches(r#""event":"card","outcome":"retry""#).count(), 2, "{}", bot.log());
}

fn a_dialog_that_is_sent_twice_opens_one_rotation(bot: &mut Bot) {
    bot.is_in_teams(ONE_LEAD);
    opens(bot);
    let twice = [sent(bot), sent(bot)].map(|sent| {
        bot.acts(&sent);
        bot.dialog(scene::ANA_OBJECT)
    });
    assert!(twice[0].contains("Rotation opened"), "{}\n{}", twice[0], bot.log());
    assert_eq!(twice[0], twice[1], "the same rotation");
    bot.until("its card is there", |world| in_the_channel(world) == 1);
    // A dialog of its own asks for a rotation of its own, and this one is under way.
    let another = asks(bot);
    assert!(!another.contains("Rotation opened"), "{another}");
    bot.rest();
    assert_eq!(in_the_channel(&bot.world), 1);
}

fn a_dialog_that_is_sent_too_late_says_so(bot: &mut Bot) {
    bot.is_in_teams(ONE_LEAD);
    asks(bot);
    let ben = bot.world.teams_person(scene::BEN_OBJECT);
    let card =
        |world: &World| world.teams_messages().into_iter().find(|card| ben.taps(card, "Reject", &Value::Null).is_ok());
    bot.until("Ben is asked", |world| card(world).is_some());
    bot.touches(scene::BEN_OBJECT, &card(&bot.world).unwrap(), "Reject");
    bot.wait(Duration::from_secs(8 * 24 * 60 * 60));
    bot.acts(&ben.submits(&json!({"reason": "Not today"})));
    let told = bot.dialog(scene::BEN_OBJECT);
    assert!(told.contains("has moved on"), "{told}\n{}", bot.log());
    bot.only_looked();
}
