//! Approve first, enter second: who is asked, what everybody sees, and that nothing is entered before its time.

use std::time::Duration;

use emulator::slack::Message;
use emulator::{Fault, FaultKind, scene};
use serde_json::json;

use crate::bot::{Bot, WAITING, words};
use crate::people::{AMONG_LEADS, MOVED_ON, UNAPPROVED, rotation_of};
use crate::scene::{BASIC, ONE_LEAD, in_the_cloud, on_premises, ruled, target, with_rules};

crate::stories![
    somebody_else_approves_and_then_whoever_asked_enters,
    the_card_works_with_one_thumb,
    two_approvals_come_from_two_people,
    nothing_is_entered_before_the_approval,
    after_the_approval_only_whoever_asked_enters,
    whoever_asked_does_not_approve,
    whoever_asked_approves_where_the_policy_lets_them,
    whatever_the_end_nothing_is_left_to_tap;
    here only because "hours pass between the request and the approval":
    the_credential_has_a_deadline_of_its_own,
    half_way_those_who_may_approve_are_reminded_once,
    a_reminder_that_came_too_late_is_not_sent,
    whoever_has_approved_is_not_reminded,
    without_approval_it_expires_on_time,
];

const VERIFIED: &str = "Rotated and verified, 1 of 1";
const FAY_OR_A_LEAD: &str = r#"approvers = ["slack:U0FAY", "slack:S0LEADS"], approvals = 1"#;

/// #data-ops, Ana, Fay and the three leads.
const EVERYBODY: usize = 6;

fn turns(bot: &Bot) -> Vec<Message> {
    bot.notes_of(scene::ANA).into_iter().filter(|note| note.text.contains("You can enter the credential")).collect()
}

fn somebody_else_approves_and_then_whoever_asked_enters(bot: &mut Bot) {
    bot.knows(&ruled(FAY_OR_A_LEAD));
    bot.ana_asks_up_to(UNAPPROVED, EVERYBODY);
    for reader in [scene::ANA, scene::FAY, scene::BEN, scene::GIL, scene::HANA] {
        let card = words(&bot.card_of(reader).blocks);
        let mut lines = card.lines();
        let mut next = || lines.next().unwrap_or_default().to_owned();
        assert_eq!(next(), "Rotate Sales warehouse");
        assert!(next().starts_with("*Waiting for an approval* until <!date^"), "{card}");
        assert_eq!(next(), "Asked by <@W0ANA>: Quarterly rotation");
        assert_eq!(next(), "Will be set in 1 Power BI data source. It was checked and is ready.");
    }
    assert!(bot.world.modals(scene::ANA).is_empty() && turns(bot).is_empty(), "nothing is asked of Ana yet");
    bot.nothing_was_sent();

    let his = bot.card_of(scene::BEN);
    bot.does(&bot.world.person(scene::BEN).tap(&his.channel, &his.ts, "Approve").unwrap());
    bot.until_cards(WAITING, EVERYBODY);
    for card in bot.copies() {
        let card = words(&card.blocks);
        assert!(card.contains("Approved by <@W0BEN> · <!date^"), "{card}");
        assert!(!card.contains("Approve\n") && !card.contains("Reject"), "nothing is left to decide: {card}");
    }
    bot.nothing_was_sent();

    bot.until("Ana is told that it is her turn", |world| world.direct_messages(scene::ANA).len() == 2);
    let [turn] = turns(bot).try_into().unwrap();
    assert!(turn.text.contains("You can enter the credential of Sales warehouse now."), "{}", turn.text);
    assert!(words(&turn.blocks).contains(" until <!date^"), "with its deadline: {turn:#?}");
    bot.does(&bot.world.person(scene::ANA).tap(&turn.channel, &turn.ts, "Enter credential").unwrap());
    bot.ana_enters("after-the-approval");
    bot.until_cards(VERIFIED, EVERYBODY);
    bot.until("Ana is told how it ended", |world| {
        world
            .direct_messages(scene::ANA)
            .iter()
            .any(|note| note.text.starts_with("Sales warehouse: Rotated and verified"))
    });
    bot.until("her turn is over", |world| {
        world.direct_messages(scene::ANA).iter().any(|note| note.text.contains("It was your turn"))
    });
    bot.nothing_is_offered();
    let [opened] = bot.world.opened().try_into().unwrap();
    assert!(opened.plaintext.contains("after-the-approval"));
    assert_eq!(bot.notes_of(scene::BEN).len(), 0, "results are for whoever asked");
}

fn the_card_works_with_one_thumb(bot: &mut Bot) {
    bot.knows(&ruled(ONE_LEAD));
    bot.ana_asks_up_to(UNAPPROVED, AMONG_LEADS);
    let card = bot.card_of(scene::BEN);
    let kinds: Vec<_> = card.blocks().iter().map(|block| block["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["header", "section", "section", "section", "actions", "context"], "buttons last, one column");
    assert!(card.blocks().iter().all(|block| block["fields"].is_null() && block["accessory"].is_null()));
    let buttons = card.blocks()[4]["elements"].as_array().unwrap().clone();
    let labels: Vec<_> = buttons.iter().map(|button| button["text"]["text"].as_str().unwrap()).collect();
    assert_eq!(labels, ["Approve", "Reject", "Cancel rotation"]);
    // One tap, and one more that says what it means.
    let confirm = &buttons[0]["confirm"];
    assert_eq!(confirm["title"]["text"], "Approve this rotation?");
    assert_eq!(
        confirm["text"]["text"],
        "Sales warehouse, asked by Ana Ortiz. Reports may fail for a few minutes. The old value cannot be read back."
    );
    assert_eq!(buttons[0]["accessibility_label"], "Approve: Sales warehouse");
    assert!(card.text.starts_with("Rotate Sales warehouse: Waiting for an approval. Reference "), "{}", card.text);
}

fn two_approvals_come_from_two_people(bot: &mut Bot) {
    bot.knows(&ruled(r#"approvers = ["slack:S0LEADS"], approvals = 2"#));
    bot.ana_asks_up_to("Waiting for 2 approvals", AMONG_LEADS);
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(UNAPPROVED, AMONG_LEADS);
    assert!(bot.copies().iter().all(|card| words(&card.blocks).contains("Approved by <@W0BEN>")), "progress is shown");
    for id in [scene::BEN, scene::BEN_ENTERPRISE] {
        let told = bot.told_for(id, "Approve");
        assert!(told.contains("You have approved rotation "), "{told}");
        assert!(told.contains("It counts once; somebody else has to approve as well."), "{told}");
    }
    assert!(turns(bot).is_empty());
    bot.taps(scene::GIL, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS);
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("Approved by <@W0BEN>") && card.contains("Approved by <@W0GIL>"), "{card}");
    assert_eq!(bot.happened("approve", "ok"), 2);
    bot.ana_opens_the_form();
    bot.ana_enters("after-two-approvals");
    bot.until_cards(VERIFIED, AMONG_LEADS);
}

fn nothing_is_entered_before_the_approval(bot: &mut Bot) {
    bot.knows(&ruled(ONE_LEAD));
    bot.ana_asks_up_to(UNAPPROVED, AMONG_LEADS);
    let id = rotation_of(&bot.card(scene::CHANNEL_DATA_OPS));
    // A button that her card does not have.
    let enter = |payload: &mut serde_json::Value| payload["actions"][0]["action_id"] = json!("enter_credential");
    let told = bot.told_for_payload(&bot.tap(scene::ANA, "Cancel rotation"), enter);
    assert!(told.contains("is still being checked, or waits for an approval."), "{told}");
    assert!(bot.world.modals(scene::ANA).is_empty());
    // A form that she was not given.
    let form = bot.form_for(scene::ANA, "sales-db");
    assert!(form.contains("Rotate the credential of *sales-db*."), "{form}");
    let ana = bot.world.person(scene::ANA);
    let asked = ana.submit(&bot.modal(scene::ANA).id, &[("reason", json!("To be forged"))]).unwrap();
    let secret = bot.secret("before-the-approval");
    let forged = bot.altered(&asked, |payload| {
        payload["view"]["callback_id"] = json!("credential");
        payload["view"]["private_metadata"] = json!(id);
        payload["view"]["state"]["values"] =
            json!({"password": {"value": {"type": "plain_text_input", "value": secret}}});
    });
    let told = bot.form_after(forged);
    assert!(told.contains("is still being checked, or waits for an approval."), "{told}");
    bot.nothing_was_sent();
    assert_eq!(bot.happened("supply", "ok"), 0);
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS);
    bot.nothing_was_sent();
}

fn after_the_approval_only_whoever_asked_enters(bot: &mut Bot) {
    bot.knows(&ruled(ONE_LEAD));
    bot.ana_asks_up_to(UNAPPROVED, AMONG_LEADS);
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS);
    for other in [scene::BEN, scene::GIL, scene::FAY] {
        let told = bot.told_for(other, "Enter credential");
        assert!(told.contains("Only the person who asked for rotation "), "{other}: {told}");
        assert!(bot.world.modals(other).is_empty());
    }
    bot.ana_opens_the_form();
    let ana = bot.world.person(scene::ANA);
    let secret = json!(bot.secret("of-the-wrong-person"));
    let form = ana.submit(&bot.modal(scene::ANA).id, &[("password", secret)]).unwrap();
    let told = bot.form_after(bot.altered(&form, |payload| payload["user"]["id"] = json!(scene::BEN)));
    assert!(told.contains("Only the person who asked for rotation "), "{told}");
    bot.nothing_was_sent();
    bot.ana_enters("of-the-right-person");
    bot.until_cards(VERIFIED, AMONG_LEADS);
    assert!(bot.world.opened()[0].plaintext.contains("of-the-right-person"));
}

fn whoever_asked_does_not_approve(bot: &mut Bot) {
    bot.world.set_group_member(scene::GROUP_LEADS, scene::ANA, true);
    bot.knows(&ruled(r#"approvers = ["slack:S0LEADS", "slack:W0ANA"], approvals = 1"#));
    // One card for Ana, who is asked in three ways.
    bot.ana_asks_up_to(UNAPPROVED, AMONG_LEADS);
    for id in [scene::ANA, scene::ANA_ENTERPRISE] {
        let told = bot.told_for(id, "Approve");
        assert!(told.contains("You asked for rotation "), "{told}");
        assert!(told.contains(" yourself, so somebody else has to approve it. Nothing was changed."), "{told}");
    }
    assert_eq!((bot.happened("approve", "ok"), turns(bot).len()), (0, 0));
    bot.taps(scene::HANA, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS);
}

fn whoever_asked_approves_where_the_policy_lets_them(bot: &mut Bot) {
    bot.knows(&ruled(r#"approvers = ["slack:U0ANA", "slack:U0BEN"], approvals = 2, allow_self = true"#));
    bot.ana_asks_up_to("Waiting for 2 approvals", 3);
    bot.taps(scene::ANA_ENTERPRISE, "Approve");
    bot.until_cards(UNAPPROVED, 3);
    let told = bot.told_for(scene::ANA, "Approve");
    assert!(told.contains("You have approved rotation "), "once, under whichever id: {told}");
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, 3);
}

/// The ends that do not have a story of their own with this in it.
fn whatever_the_end_nothing_is_left_to_tap(bot: &mut Bot) {
    let places =
        [on_premises(scene::GATEWAY_SALES, scene::SALES_SQL), in_the_cloud(scene::GATEWAY_CLOUD, scene::CLOUD_SQL)];
    let approved = |bot: &Bot, places: &[&str]| {
        bot.knows(&with_rules(&target("sales-db", "Sales warehouse", BASIC, places), ONE_LEAD));
        bot.world.set_gateway_online(scene::GATEWAY_SALES, true);
        bot.ana_asks_up_to(UNAPPROVED, AMONG_LEADS);
        bot.taps(scene::BEN, "Approve");
        bot.until_cards(WAITING, AMONG_LEADS);
        bot.world.set_gateway_online(scene::GATEWAY_SALES, false);
        bot.ana_opens_the_form();
        bot.ana_enters("to-the-bitter-end");
    };
    approved(bot, &[&places[0]]);
    bot.until_cards("Not rotated", AMONG_LEADS);
    bot.nothing_is_offered();

    approved(bot, &[&places[0], &places[1]]);
    bot.until_cards("1 of 2 are good. What failed can be tried again", AMONG_LEADS);
    bot.taps(scene::ANA, "Leave as it is");
    bot.until_cards("Partly rotated, 1 of 2 are good. Reference ", AMONG_LEADS);
    bot.nothing_is_offered();

    // A plan none of which can be done: nobody is asked to approve it.
    bot.knows(&ruled(ONE_LEAD));
    bot.ana_asks_up_to("Not rotated", 2);
    bot.nothing_is_offered();
    bot.sales_db_is_free();
}

fn the_credential_has_a_deadline_of_its_own(bot: &mut Bot) {
    bot.knows(&ruled(ONE_LEAD));
    bot.ana_asks_up_to(UNAPPROVED, AMONG_LEADS);
    bot.wait(Duration::from_secs(3 * 60 * 60));
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS);
    let screen = bot.card(scene::CHANNEL_DATA_OPS);
    bot.wait(Duration::from_secs(10 * 60 - 5));
    assert_eq!(turns(bot).len(), 1, "still her turn, three hours after she asked");
    bot.wait(Duration::from_secs(10));
    bot.cards_say("Expired without a credential, nothing was changed", AMONG_LEADS);
    let told = bot.answer_to(&bot.world.person(scene::ANA).tap_as_seen(&screen, "Enter credential").unwrap());
    assert!(told.contains(MOVED_ON), "{told}");
    bot.nothing_is_offered();
    bot.nothing_was_sent();
    bot.sales_db_is_free();
}

fn half_way_those_who_may_approve_are_reminded_once(bot: &mut Bot) {
    // Ana is in the group, but may not approve what she asked for.
    bot.world.set_group_member(scene::GROUP_LEADS, scene::ANA, true);
    bot.knows(&ruled(&format!(r#"{FAY_OR_A_LEAD}, expires = "2h""#)));
    bot.ana_asks_up_to(UNAPPROVED, EVERYBODY);
    let approvers = [scene::FAY, scene::BEN, scene::GIL, scene::HANA];
    bot.crash();
    bot.wait(Duration::from_secs(60 * 60 - 10));
    assert!(approvers.iter().all(|reader| bot.notes_of(reader).is_empty()), "not before half the time is over");
    bot.crash();
    bot.wait(Duration::from_secs(30));
    for reader in approvers {
        let [note] = bot.notes_of(reader).try_into().expect("one reminder");
        assert_eq!(
            note.text,
            "The rotation of Sales warehouse, asked by <@W0ANA>, still waits for an approval. Its card is above."
        );
    }
    bot.crash();
    bot.wait(Duration::from_secs(60 * 60 - 60));
    assert!(approvers.iter().all(|reader| bot.notes_of(reader).len() == 1), "once");
    assert!(bot.notes_of(scene::ANA).is_empty(), "Ana can do nothing about it");
    let others = bot.world.messages().into_iter().filter(|message| message.channel == scene::CHANNEL_DATA_OPS);
    assert_eq!(others.count(), 1, "the room has the card");
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, EVERYBODY);
    bot.wait(Duration::from_secs(60));
    assert!(bot.notes_of(scene::GIL)[0].text.contains(" waited for an approval."), "and not any more");
}

fn whoever_has_approved_is_not_reminded(bot: &mut Bot) {
    bot.knows(&ruled(r#"approvers = ["slack:S0LEADS"], approvals = 2, expires = "2h""#));
    bot.ana_asks_up_to("Waiting for 2 approvals", AMONG_LEADS);
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(UNAPPROVED, AMONG_LEADS);
    bot.wait(Duration::from_secs(60 * 60 + 30));
    let reminded = [scene::BEN, scene::GIL, scene::HANA].map(|lead| bot.notes_of(lead).len());
    assert_eq!(reminded, [0, 1, 1], "Ben has done his part");
}

fn a_reminder_that_came_too_late_is_not_sent(bot: &mut Bot) {
    bot.knows(&ruled(&format!(r#"{ONE_LEAD}, expires = "2h""#)));
    bot.ana_asks_up_to(UNAPPROVED, AMONG_LEADS);
    bot.wait(Duration::from_secs(60 * 60 - 10));
    bot.world.script(Fault::once("slack", "chat.postMessage", FaultKind::throttled(60)).repeated(3));
    bot.wait(Duration::from_secs(20));
    assert_eq!(bot.log().matches(r#""event":"card","outcome":"retry""#).count(), 3, "Slack takes none: {}", bot.log());
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS);
    bot.wait(Duration::from_secs(5 * 60));
    assert!(
        [scene::BEN, scene::GIL, scene::HANA].iter().all(|reader| bot.notes_of(reader).is_empty()),
        "it is approved"
    );
    assert_eq!(turns(bot).len(), 1);
}

fn without_approval_it_expires_on_time(bot: &mut Bot) {
    bot.knows(&ruled(&format!(r#"{ONE_LEAD}, expires = "2h""#)));
    bot.ana_asks_up_to(UNAPPROVED, AMONG_LEADS);
    let screen = bot.card(scene::CHANNEL_DATA_OPS);
    bot.crash();
    bot.wait(Duration::from_secs(2 * 60 * 60 - 10));
    assert!(bot.copies().iter().all(|card| card.text.contains(UNAPPROVED)));
    bot.crash();
    bot.wait(Duration::from_secs(20));
    bot.cards_say("Expired without approval, nothing was changed", AMONG_LEADS);
    let note = bot.notes_of(scene::ANA).pop().expect("a word to Ana");
    assert!(note.text.starts_with("Sales warehouse: Expired without approval, nothing was changed."), "{}", note.text);
    bot.nothing_is_offered();
    let told = bot.answer_to(&bot.world.person(scene::BEN).tap_as_seen(&screen, "Approve").unwrap());
    assert!(told.contains(MOVED_ON) && !told.contains("Already"), "{told}");
    assert_eq!(bot.happened("approve", "ok"), 0);
    bot.nothing_was_sent();
    bot.sales_db_is_free();
}
