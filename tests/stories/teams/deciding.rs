//! What whoever asked decides in Teams after the request: to cancel, to stop, to try again, to leave it.

use emulator::scene;
use serde_json::{Value, json};

use super::approvals::ASKED;
use super::{UNAPPROVED, said};
use crate::bot::{Bot, WAITING};
use crate::scene::{ONE_LEAD, sales_db};

crate::stories![
    whoever_asked_cancels_and_nobody_else_does,
    an_approver_stops_what_is_about_to_begin,
    what_failed_is_tried_again_or_left,
    somebody_else_enters_nothing,
];

fn whoever_asked_cancels_and_nobody_else_does(bot: &mut Bot) {
    bot.is_in_teams(ONE_LEAD);
    bot.ana_requests_in_teams();
    bot.until_all(&ASKED, UNAPPROVED);
    let shown = bot.shown_for(scene::BEN_OBJECT, "Cancel rotation");
    assert!(shown.contains("Only the person who asked for rotation "), "{shown}");
    let shown = bot.shown_for(scene::ANA_OBJECT, "Cancel rotation");
    assert!(shown.contains("Cancelled by Ana Ortiz") && !shown.contains("Approve"), "{shown}");
    bot.until_all(&ASKED, "Cancelled, nothing was changed");
    bot.nothing_was_sent();
    bot.rest();
    let status = said(&bot.answers(scene::ANA_OBJECT, "status sales-db"));
    assert!(status.contains("Nothing is going on."), "{status}");
}

fn an_approver_stops_what_is_about_to_begin(bot: &mut Bot) {
    bot.is_in_teams(&format!("{ONE_LEAD}, stop = \"5m\""));
    bot.ana_requests_in_teams();
    bot.until_all(&ASKED, UNAPPROVED);
    bot.shown_for(scene::GIL_OBJECT, "Approve");
    bot.ana_enters_on_the_page("held-and-stopped");
    bot.until_all(&ASKED, "About to begin. It can be stopped");
    let shown = bot.shown_for(scene::FAY_OBJECT, "Stop");
    assert!(shown.contains("You are not among those who may approve"), "{shown}");
    let shown = bot.shown_for(scene::BEN_OBJECT, "Stop");
    assert!(shown.contains("Stopped by Ben Okafor"), "{shown}");
    bot.until_all(&ASKED, "Stopped, nothing was changed");
    bot.nothing_was_sent();
}

fn what_failed_is_tried_again_or_left(bot: &mut Bot) {
    bot.moves_to_teams(&[], &sales_db());
    bot.ana_requests_in_teams();
    bot.until_all(&[scene::ANA_OBJECT], WAITING);
    let card = bot.their_card(scene::ANA_OBJECT);
    bot.touches(scene::ANA_OBJECT, &card, "Enter credential");
    // The plan is read while all is well; then one gateway fails.
    bot.ana_fills_in_the_page_then("again-and-again", |bot| bot.world.set_gateway_online(scene::CLUSTER, false));
    bot.until_all(&[scene::ANA_OBJECT], "1 of 2 are good. What failed can be tried again");
    let shown = bot.shown_for(scene::BEN_OBJECT, "Retry failed");
    assert!(shown.contains("Only the person who asked for rotation "), "{shown}");
    bot.shown_for(scene::ANA_OBJECT, "Retry failed");
    bot.until_all(&[scene::ANA_OBJECT], "Tried again by Ana Ortiz");
    bot.until_all(&[scene::ANA_OBJECT], "1 of 2 are good. What failed can be tried again");
    bot.world.set_gateway_online(scene::CLUSTER, true);
    bot.rest();
    bot.shown_for(scene::ANA_OBJECT, "Leave as it is");
    bot.until_all(&[scene::ANA_OBJECT], "Left as it is by Ana Ortiz");
    let card = said(&bot.room_card());
    assert!(card.contains("Partly rotated, 1 of 2 are good") && card.contains("Tried again by Ana Ortiz"), "{card}");
    assert!(!card.contains("Retry failed"), "{card}");
}

fn somebody_else_enters_nothing(bot: &mut Bot) {
    bot.is_in_teams("");
    bot.ana_requests_in_teams();
    bot.until_all(&[scene::ANA_OBJECT], WAITING);
    for (who, words) in [
        (scene::BEN_OBJECT, "Only the person who asked for rotation "),
        (scene::CYD_OBJECT, "you are signed in as a guest account."),
    ] {
        bot.touches(who, &bot.room_card(), "Enter credential");
        let told = bot.dialog(who);
        assert!(told.contains(words) && !told.contains("password"), "{told}");
        assert_eq!(bot.world.teams_dialog(who).unwrap()["url"], Value::Null);
    }
    // A form that was never opened, sent all the same.
    let forged = json!({"form": "credential", "about": "x", "occurrence": "x", "password": bot.secret("never-taken")});
    bot.acts(&bot.colleague(scene::BEN_OBJECT).submits(&forged));
    let told = bot.dialog(scene::BEN_OBJECT);
    assert!(told.contains("does not take credentials in chat"), "{told}");
    bot.nothing_was_sent();
}
