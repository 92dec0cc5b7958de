//! From the request to the credential: twice, by others, too late, and whatever can be typed.

use std::time::Duration;

use bytes::Bytes;
use emulator::slack::{Gesture, sign};
use emulator::{Opened, scene};
use http::{HeaderValue, Request};
use serde_json::{Value, json};

use crate::bot::{Bot, WAITING, words};
use crate::scene::{on_premises, sales_db, target};

crate::stories![
    a_request_sent_twice_opens_one_rotation,
    a_credential_sent_twice_is_taken_once,
    of_two_forms_for_one_rotation_the_first_sent_counts,
    nobody_else_enters_or_cancels,
    nobody_else_sends_the_form_of_another,
    after_a_cancellation_nothing_can_be_entered,
    a_target_has_one_rotation_at_a_time,
    of_two_requests_at_once_one_is_refused,
    a_second_request_of_ones_own_is_refused,
    a_closed_form_is_opened_again_from_the_card,
    an_empty_password_is_asked_for_again,
    a_rotation_keeps_the_plan_it_was_asked_with,
    a_target_that_is_removed_is_still_rotated_to_the_end,
    somebody_deactivated_since_the_request_cannot_enter;
    here only because "the time to enter is ten minutes":
    after_ten_minutes_nothing_can_be_entered,
];

const MOVED_ON: &str = "has moved on: it is already under way or has ended. Its card says where it stands; nothing was \
                        done a second time.";

/// One data source, so that what arrives can be counted.
fn one_place() -> String {
    target("sales-db", "Sales warehouse", crate::scene::WINDOWS, &[&one()])
}

fn one() -> String {
    on_premises(scene::GATEWAY_SALES, scene::SALES_SQL)
}

/// Ana fills in the form before her; the gesture is not sent yet.
fn ana_would_enter(bot: &Bot, password: &str) -> Gesture {
    let form = bot.modal(scene::ANA);
    let entered = json!(bot.secret(password));
    bot.world.person(scene::ANA).submit(&form.id, &[("password", entered)]).expect("the credential form")
}

/// What a form says that was answered with another in its place.
fn answered(bot: &Bot, request: Request<Bytes>) -> String {
    let response = bot.deliver(request);
    words(&serde_json::from_slice(response.body()).expect("a view"))
}

/// The passwords that arrived at the data source.
fn passwords(bot: &Bot) -> Vec<String> {
    let password = |opened: Opened| {
        let plain: Value = serde_json::from_str(&opened.plaintext).unwrap();
        plain["credentialData"][1]["value"].as_str().unwrap().to_owned()
    };
    bot.world.opened().into_iter().map(password).collect()
}

/// The card's button, tapped by somebody.
fn taps(bot: &Bot, who: &str, button: &str) {
    let card = bot.card(scene::CHANNEL_DATA_OPS);
    bot.does(&bot.world.person(who).tap(&card.channel, &card.ts, button).expect("the button"));
    bot.rest();
}

/// A gesture whose payload was changed by somebody who knows the signing secret: what Slack's own screen would not send.
fn altered(bot: &Bot, gesture: &Gesture, change: impl FnOnce(&mut Value)) -> Request<Bytes> {
    let form = std::str::from_utf8(gesture.request.body()).unwrap();
    let (_, payload) = url::form_urlencoded::parse(form.as_bytes()).into_owned().next().unwrap();
    let mut payload: Value = serde_json::from_str(&payload).unwrap();
    change(&mut payload);
    let form =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", &payload.to_string()).finish();
    let mut request = gesture.request.clone();
    let timestamp = (bot.world.now_ms() / 1000).to_string();
    let signature = sign(scene::SIGNING_SECRET, &timestamp, form.as_bytes());
    for (name, value) in [("x-slack-request-timestamp", timestamp), ("x-slack-signature", signature)] {
        request.headers_mut().insert(name, HeaderValue::from_str(&value).unwrap());
    }
    *request.body_mut() = form.into();
    request
}

fn a_request_sent_twice_opens_one_rotation(bot: &mut Bot) {
    bot.knows(&one_place());
    let ana = bot.world.person(scene::ANA);
    bot.does(&ana.slash(scene::CHANNEL_SALES, "rotate sales-db"));
    bot.rest();
    let form = bot.modal(scene::ANA);
    let gesture = ana.submit(&form.id, &[("reason", json!("Quarterly rotation"))]).unwrap();
    let first = bot.deliver(gesture.request.clone());
    let second = bot.deliver(gesture.request.clone());
    assert_eq!(first.body(), second.body(), "both name the same rotation");
    bot.world.slack_answered(&gesture, &second).unwrap();
    bot.until_her_card(WAITING);
    bot.ana_opens_the_form();
    bot.ana_enters("entered-once");
    bot.until_card("Rotated and verified, 1 of 1");
    assert_eq!(passwords(bot), ["entered-once"]);
    let cards = bot.world.messages().iter().filter(|message| message.channel == scene::CHANNEL_DATA_OPS).count();
    assert_eq!(cards, 1);
    assert_eq!(bot.log().matches("\"event\":\"open\",\"outcome\":\"ok\"").count(), 1, "{}", bot.log());
}

fn a_credential_sent_twice_is_taken_once(bot: &mut Bot) {
    bot.knows(&one_place());
    bot.ana_asks("sales-db");
    let gesture = ana_would_enter(bot, "sent-twice");
    bot.does(&gesture);
    let again = answered(bot, gesture.request.clone());
    assert!(again.contains(MOVED_ON), "{again}");
    bot.until_card("Rotated and verified, 1 of 1");
    let again = answered(bot, gesture.request.clone());
    assert!(again.contains(MOVED_ON), "{again}");
    bot.rest();
    assert_eq!(bot.log().matches("\"outcome\":\"too-late\"").count(), 2, "{}", bot.log());
    assert_eq!(passwords(bot), ["sent-twice"]);
}

fn of_two_forms_for_one_rotation_the_first_sent_counts(bot: &mut Bot) {
    bot.knows(&one_place());
    bot.ana_asks("sales-db");
    let in_the_other_tab = ana_would_enter(bot, "left-in-the-other-tab");
    bot.until_card("Waiting for the new credential");
    taps(bot, scene::ANA, "Enter credential");
    bot.ana_enters("sent-first");
    let late = answered(bot, in_the_other_tab.request);
    assert!(late.contains(MOVED_ON), "{late}");
    bot.until_card("Rotated and verified, 1 of 1");
    assert_eq!(passwords(bot), ["sent-first"]);
}

fn nobody_else_enters_or_cancels(bot: &mut Bot) {
    bot.knows(&one_place());
    bot.ana_asks("sales-db");
    bot.until_card("Waiting for the new credential");
    for who in [scene::BEN, scene::FAY] {
        for button in ["Enter credential", "Cancel rotation"] {
            taps(bot, who, button);
            let told = bot.told(who);
            assert!(told.starts_with("Only the person who asked for rotation "), "{button}: {told}");
            assert!(told.ends_with("can do that. Nothing was changed."), "{button}: {told}");
            assert!(bot.world.modals(who).is_empty(), "{button}: no form opens");
        }
    }
    assert_eq!(bot.log().matches("\"outcome\":\"not-requester\"").count(), 4, "{}", bot.log());
    bot.ana_enters("only-ana-enters");
    bot.until_card("Rotated and verified, 1 of 1");
    assert_eq!(passwords(bot), ["only-ana-enters"]);
}

fn nobody_else_sends_the_form_of_another(bot: &mut Bot) {
    bot.knows(&one_place());
    bot.ana_asks("sales-db");
    let gesture = ana_would_enter(bot, "from-another-hand");
    let from_ben = altered(bot, &gesture, |payload| payload["user"]["id"] = json!(scene::BEN));
    let told = answered(bot, from_ben);
    assert!(told.contains("Only the person who asked for rotation "), "{told}");
    bot.rest();
    assert!(bot.world.opened().is_empty());
    assert!(bot.card(scene::CHANNEL_DATA_OPS).text.contains("Waiting for the new credential"), "still Ana's to enter");
}

fn after_a_cancellation_nothing_can_be_entered(bot: &mut Bot) {
    bot.knows(&one_place());
    bot.ana_asks("sales-db");
    let prepared = ana_would_enter(bot, "after-the-cancellation");
    bot.until_card("Waiting for the new credential");
    taps(bot, scene::ANA, "Cancel rotation");
    bot.until_card("Cancelled, nothing was changed");
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert!(!card.contains("Enter credential") && !card.contains("Cancel rotation"), "{card}");
    let late = answered(bot, prepared.request);
    assert!(late.contains(MOVED_ON), "{late}");
    bot.only_looked();

    let card = bot.ana_rotates("sales-db", &[("password", "in-another-rotation")], "Rotated and verified, 1 of 1");
    assert!(card.contains("Asked by <@W0ANA>"), "the target is free again: {card}");
    assert_eq!(passwords(bot), ["in-another-rotation"]);
}

fn after_ten_minutes_nothing_can_be_entered(bot: &mut Bot) {
    bot.knows(&one_place());
    let begun = bot.world.now_ms();
    bot.ana_asks("sales-db");
    // Her time is counted from when the plan was found good, which takes none here.
    let passed = Duration::from_millis(bot.world.now_ms() - begun);
    bot.wait(Duration::from_secs(10 * 60 - 1) - passed);
    assert!(bot.card(scene::CHANNEL_DATA_OPS).text.contains("Waiting for the new credential"));
    bot.wait(Duration::from_secs(2));
    assert!(bot.card(scene::CHANNEL_DATA_OPS).text.contains("Expired without a credential, nothing was changed"));
    let late = answered(bot, ana_would_enter(bot, "after-ten-minutes").request);
    assert!(late.contains(MOVED_ON), "{late}");
    bot.only_looked();

    bot.ana_rotates("sales-db", &[("password", "in-another-rotation")], "Rotated and verified, 1 of 1");
    assert_eq!(passwords(bot), ["in-another-rotation"], "the target is free again");
}

fn a_target_has_one_rotation_at_a_time(bot: &mut Bot) {
    bot.knows(&one_place());
    bot.ana_asks("sales-db");
    bot.until_card("Waiting for the new credential");
    let ben = bot.world.person(scene::BEN);
    bot.does(&ben.slash(scene::CHANNEL_SALES, "rotate sales-db"));
    bot.until("the form says so", |world| world.modals(scene::BEN).iter().any(|form| form.body["submit"].is_null()));
    let told = bot.modal_words(scene::BEN);
    assert!(told.contains("Another rotation of this target is under way (reference "), "{told}");
    assert!(told.contains("Wait for its card to finish, or ask whoever started it to cancel it."), "{told}");
    bot.ana_enters("one-at-a-time");
    bot.until_card("Rotated and verified, 1 of 1");
    assert_eq!(passwords(bot), ["one-at-a-time"]);
}

fn of_two_requests_at_once_one_is_refused(bot: &mut Bot) {
    bot.knows(&one_place());
    let people = [scene::ANA, scene::BEN].map(|id| bot.world.person(id));
    for person in &people {
        bot.does(&person.slash(scene::CHANNEL_SALES, "rotate sales-db"));
    }
    bot.rest();
    // Both forms are open and good; only now do both ask.
    for (id, person) in [scene::ANA, scene::BEN].into_iter().zip(&people) {
        let form = bot.modal(id);
        bot.does(&person.submit(&form.id, &[("reason", json!("At the same time"))]).unwrap());
    }
    assert!(bot.modal_words(scene::ANA).contains("Rotation opened"));
    let told = bot.modal_words(scene::BEN);
    assert!(told.contains("Another rotation of this target is under way (reference "), "{told}");
    bot.rest();
    assert!(bot.log().contains("\"outcome\":\"occupied\""), "{}", bot.log());
}

fn a_second_request_of_ones_own_is_refused(bot: &mut Bot) {
    bot.knows(&one_place());
    let ana = bot.world.person(scene::ANA);
    bot.does(&ana.slash(scene::CHANNEL_SALES, "rotate sales-db"));
    bot.rest();
    let form = bot.modal(scene::ANA);
    let in_the_other_tab = ana.submit(&form.id, &[("reason", json!("In the other tab"))]).unwrap();
    bot.ana_asks("sales-db");
    let told = answered(bot, in_the_other_tab.request);
    assert!(told.contains("Another rotation of this target is under way (reference "), "{told}");
    bot.ana_enters("of-the-first-request");
    bot.until_card("Rotated and verified, 1 of 1");
    bot.rest();
    assert_eq!(passwords(bot), ["of-the-first-request"]);
    let cards = bot.world.messages().iter().filter(|message| message.channel == scene::CHANNEL_DATA_OPS).count();
    assert_eq!(cards, 1, "the refused one never had a card");
}

fn a_closed_form_is_opened_again_from_the_card(bot: &mut Bot) {
    bot.knows(&sales_db());
    let ana = bot.ana_asks("sales-db");
    bot.until_card("Waiting for the new credential");
    ana.close(&bot.modal(scene::ANA).id).unwrap();
    assert!(bot.world.modals(scene::ANA).is_empty());
    taps(bot, scene::ANA, "Enter credential");
    let form = bot.modal_words(scene::ANA);
    assert!(form.contains("a new Windows credential for CONTOSO"), "{form}");
    bot.ana_enters("from-the-card");
    bot.until_card("Rotated and verified, 2 of 2");
}

fn an_empty_password_is_asked_for_again(bot: &mut Bot) {
    bot.knows(&one_place());
    bot.ana_asks("sales-db");
    let gesture = ana_would_enter(bot, "taken-out-again");
    // Slack itself does not send the form with this field empty.
    for nothing in [json!(null), json!("")] {
        let emptied = |payload: &mut Value| payload["view"]["state"]["values"]["password"]["value"]["value"] = nothing;
        let response = bot.deliver(altered(bot, &gesture, emptied));
        bot.world.slack_answered(&gesture, &response).unwrap();
        assert_eq!(bot.modal(scene::ANA).errors, json!({"password": "This is needed."}));
    }
    // A form without the field at all was never ours.
    let gone = |payload: &mut Value| payload["view"]["state"]["values"] = json!({});
    let response = bot.deliver(altered(bot, &gesture, gone));
    bot.world.slack_answered(&gesture, &response).unwrap();
    bot.rest();
    assert!(bot.log().contains("\"outcome\":\"unknown-form\""), "{}", bot.log());
    bot.only_looked();
}

fn a_rotation_keeps_the_plan_it_was_asked_with(bot: &mut Bot) {
    bot.knows(&one_place());
    bot.ana_asks("sales-db");
    let other = on_premises(scene::GATEWAY_SALES, scene::SALES_ORACLE);
    bot.knows(&target("sales-db", "Another plan", crate::scene::BASIC, &[&other]));
    bot.ana_enters("by-the-first-plan");
    bot.until_card("Rotated and verified, 1 of 1");
    let [opened] = bot.world.opened().try_into().unwrap();
    assert_eq!(opened.place, scene::SALES_SQL);
    assert!(opened.plaintext.contains(r"CONTOSO\\svc_sales"), "{}", opened.plaintext);
}

fn a_target_that_is_removed_is_still_rotated_to_the_end(bot: &mut Bot) {
    bot.knows(&one_place());
    let ana = bot.ana_asks("sales-db");
    bot.knows(&target("other-db", "Another target", crate::scene::WINDOWS, &[&one()]));
    bot.ana_enters("to-the-end");
    bot.until_card("Rotated and verified, 1 of 1");
    assert_eq!(passwords(bot), ["to-the-end"]);
    bot.does(&ana.slash(scene::CHANNEL_SALES, "status sales-db"));
    assert!(bot.told(scene::ANA).contains("There is no target of that name."));
}

fn somebody_deactivated_since_the_request_cannot_enter(bot: &mut Bot) {
    bot.knows(&one_place());
    bot.ana_asks("sales-db");
    bot.world.set_user_deleted(scene::ANA, true);
    bot.ana_enters("after-the-last-day");
    let told = bot.modal_words(scene::ANA);
    assert!(told.contains("and you are signed in as a deactivated account. Nothing was changed."), "{told}");
    bot.only_looked();
    assert!(bot.log().contains("\"outcome\":\"deactivated\""), "{}", bot.log());
}
