//! Saying no: a rejection and its reason, and whoever asked taking the request back.

use emulator::{Fault, FaultKind, scene};
use serde_json::{Value, json};

use crate::bot::{Bot, WAITING, words};
use crate::people::{AMONG_LEADS, MOVED_ON, UNAPPROVED};
use crate::scene::{ONE_LEAD, ruled};

crate::stories![
    a_rejection_is_given_with_its_reason,
    a_rejection_without_a_reason_is_asked_for_one,
    a_rejection_is_only_for_those_who_may,
    a_rejection_that_comes_second_is_told_so,
    a_form_of_rejection_that_did_not_open_is_asked_for_again,
    whoever_asked_cancels_at_each_stage_before_anything_is_sent,
];

fn a_rejection_is_given_with_its_reason(bot: &mut Bot) {
    bot.ana_waits_for_a_lead();
    let his = bot.card_of(scene::GIL);
    bot.does(&bot.world.person(scene::GIL).tap(&his.channel, &his.ts, "Reject").unwrap());
    let form = bot.modal_words(scene::GIL);
    assert!(form.contains("Reject the rotation of *Sales warehouse*, asked by <@W0ANA>."), "{form}");
    let why = "Month end <!channel> *not* now";
    let gesture = bot.world.person(scene::GIL).submit(&bot.modal(scene::GIL).id, &[("reason", json!(why))]).unwrap();
    bot.does(&gesture);
    assert!(bot.world.modals(scene::GIL).is_empty(), "the form is closed");
    bot.until_cards("Rejected, nothing was changed", AMONG_LEADS);
    let said = "Rejected by <@W0GIL> · <!date^";
    let reason = ": Month end &lt;!channel&gt; \u{200b}*not\u{200b}* now";
    for card in bot.copies() {
        let card = words(&card.blocks);
        assert!(card.contains(said) && card.contains(reason), "who and why, and no markup: {card}");
    }
    bot.until("Ana is told", |world| world.direct_messages(scene::ANA).len() == 2);
    let [note] = bot.notes_of(scene::ANA).try_into().unwrap();
    assert!(note.text.starts_with("Sales warehouse: Rejected, nothing was changed. Reference "), "{}", note.text);
    assert!(note.text.contains(said) && note.text.contains(reason), "who and why: {}", note.text);
    bot.nothing_is_offered();
    bot.nothing_was_sent();
    bot.sales_db_is_free();
    // The same form once more.
    let told = bot.form_after(gesture.request.clone());
    assert!(told.contains("Already rejected by Gil Haddad at 20"), "{told}");
    assert_eq!(bot.happened("deny", "ok"), 1);
}

fn a_rejection_without_a_reason_is_asked_for_one(bot: &mut Bot) {
    bot.ana_waits_for_a_lead();
    bot.taps(scene::GIL, "Reject");
    let gil = bot.world.person(scene::GIL);
    let form = bot.modal(scene::GIL);
    assert!(gil.submit(&form.id, &[]).is_err() && gil.submit(&form.id, &[("reason", json!("x".repeat(301)))]).is_err());
    let gesture = gil.submit(&form.id, &[("reason", json!("x".repeat(300)))]).unwrap();
    // What Slack itself would not send.
    for reason in [Value::Null, json!(""), json!("  \n "), json!("x".repeat(301))] {
        let sent = bot.altered(&gesture, |payload| {
            let input = payload["view"]["state"]["values"]["reason"].as_object_mut().unwrap().values_mut().next();
            input.unwrap()["value"] = reason.clone();
        });
        let response = bot.deliver(sent);
        bot.world.slack_answered(&gesture, &response).unwrap();
        let marks = bot.modal(scene::GIL).errors;
        assert_eq!(marks, json!({"reason": "Say in a few words why, in at most 300 characters."}), "{reason}");
    }
    assert_eq!(bot.happened("deny", "ok"), 0);
    bot.does(&gesture);
    bot.until_cards("Rejected, nothing was changed", AMONG_LEADS);
}

fn a_rejection_is_only_for_those_who_may(bot: &mut Bot) {
    bot.ana_waits_for_a_lead();
    bot.taps(scene::GIL, "Reject");
    let form = bot.modal(scene::GIL);
    let gesture = bot.world.person(scene::GIL).submit(&form.id, &[("reason", json!("By somebody else"))]).unwrap();
    let told = bot.form_after(bot.altered(&gesture, |payload| payload["user"]["id"] = json!(scene::FAY)));
    assert!(told.contains("You are not among those who may approve rotations of sales-db."), "{told}");
    // Gil was a lead when the form opened.
    bot.world.set_group_member(scene::GROUP_LEADS, scene::GIL, false);
    let told = bot.form_after(gesture.request);
    assert!(told.contains("You are not among those who may approve rotations of sales-db."), "{told}");
    bot.hana_can_still_approve();
}

fn a_rejection_that_comes_second_is_told_so(bot: &mut Bot) {
    bot.ana_waits_for_a_lead();
    bot.taps(scene::GIL, "Reject");
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS);
    let form = bot.modal(scene::GIL);
    bot.does(&bot.world.person(scene::GIL).submit(&form.id, &[("reason", json!("Too slow"))]).unwrap());
    let told = bot.modal_words(scene::GIL);
    assert!(told.contains("Already approved by Ben Okafor at 20") && told.contains(MOVED_ON), "{told}");
    assert_eq!(bot.happened("deny", "ok"), 0);
    assert!(bot.copies().iter().all(|card| card.text.contains(WAITING)));
}

fn a_form_of_rejection_that_did_not_open_is_asked_for_again(bot: &mut Bot) {
    bot.ana_waits_for_a_lead();
    let expired = FaultKind::status(200, &json!({"ok": false, "error": "expired_trigger_id"}));
    bot.world.script(Fault::once("slack", "views.open", expired));
    let told = bot.told_for(scene::GIL, "Reject");
    assert!(
        told.contains("The form could not be opened in time. Tap Reject once more; nothing was changed."),
        "{told}"
    );
    bot.rejects(scene::GIL, "The second time");
    bot.until_cards("Rejected, nothing was changed", AMONG_LEADS);
}

fn whoever_asked_cancels_at_each_stage_before_anything_is_sent(bot: &mut Bot) {
    bot.knows(&ruled(ONE_LEAD));
    let only_ana = |bot: &Bot| {
        for other in [scene::BEN, scene::FAY] {
            let told = bot.told_for(other, "Cancel rotation");
            assert!(told.contains("Only the person who asked for rotation "), "{other}: {told}");
        }
        let told = bot.told_for(scene::CYD, "Cancel rotation");
        assert!(told.contains("you are signed in as a guest account."), "{told}");
    };
    let cancels = |bot: &Bot, cards: usize| {
        only_ana(bot);
        bot.taps(scene::ANA, "Cancel rotation");
        bot.until_cards("Cancelled, nothing was changed", cards);
        assert!(bot.copies().iter().all(|card| words(&card.blocks).contains("Cancelled by <@W0ANA>")));
        bot.nothing_is_offered();
        bot.sales_db_is_free();
        bot.nothing_was_sent();
    };
    // While the plan is looked at.
    bot.world.script(Fault::once("powerbi", "gateways", FaultKind::throttled(60)).on_method("GET"));
    bot.ana_asks_up_to("Checking the plan, 0 of 1", 2);
    cancels(bot, 2);
    // While approvals are waited for.
    bot.ana_asks_up_to(UNAPPROVED, AMONG_LEADS);
    cancels(bot, AMONG_LEADS);
    // While the credential is waited for, with the form open.
    bot.ana_asks_up_to(UNAPPROVED, AMONG_LEADS);
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS);
    bot.ana_opens_the_form();
    let ana = bot.world.person(scene::ANA);
    let secret = json!(bot.secret("after-it-was-cancelled"));
    let form = ana.submit(&bot.modal(scene::ANA).id, &[("password", secret)]).unwrap();
    cancels(bot, AMONG_LEADS);
    let told = bot.form_after(form.request);
    assert!(told.contains("Already cancelled by Ana Ortiz at 20"), "{told}");
    bot.nothing_was_sent();
}
