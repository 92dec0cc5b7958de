//! Forms and buttons in Slack: choosing a target, saying why, triggers that ran out, and ids nobody gave out.

use std::collections::BTreeMap;

use emulator::slack::Gesture;
use emulator::{Fault, FaultKind, scene};
use serde_json::{Value, json};

use crate::bot::{Bot, WAITING, words};
use crate::scene::{connection, sales_db, target};

crate::stories![
    a_target_is_chosen_from_a_list_that_follows_the_typing,
    a_list_of_choices_is_for_members_and_for_that_list_only,
    a_reason_is_needed_and_has_a_limit,
    a_form_that_slack_would_not_open_is_offered_again,
    a_trigger_is_used_once,
    a_refusal_that_is_not_about_the_trigger_is_told_as_it_is,
    a_credential_form_that_slack_would_not_open_is_opened_by_the_next_tap,
    a_form_or_button_of_another_version_changes_nothing,
    an_id_that_nobody_gave_out_changes_nothing,
    what_the_app_does_not_use_is_taken_without_a_word,
    an_answer_goes_to_slacks_own_host_only;
    here only because "triggers live three seconds":
    a_form_asked_for_too_late_is_offered_again,
];

const RAN_OUT: &str = "The form could not be opened in time. Nothing was changed.";
const OTHER_VERSION: &str =
    "This form or button is from another version of the app. Start again with /pbi rotate. Nothing was changed.";
const NOT_KNOWN: &str = "That rotation is not known any more. Start again with /pbi rotate. Nothing was changed.";
const TAP_AGAIN: &str = "The form could not be opened in time. Tap Enter credential once more; nothing was changed.";

/// The next call of a method fails as Slack fails: status 200 and `ok: false`.
fn refuse(bot: &Bot, method: &str, error: &str, messages: &[&str]) {
    let body = json!({ "ok": false, "error": error, "response_metadata": { "messages": messages } });
    bot.world.script(Fault::once("slack", method, FaultKind::status(200, &body)));
}

/// Ana taps a button of the last message that only she sees.
fn tap_told(bot: &Bot, button: &str) -> Gesture {
    let mine = |message: &emulator::slack::Message| message.only_for.as_deref() == Some(scene::ANA);
    let message = bot.world.messages().into_iter().rfind(mine).unwrap();
    bot.world.person(scene::ANA).tap(&message.channel, &message.ts, button).unwrap()
}

fn a_target_is_chosen_from_a_list_that_follows_the_typing(bot: &mut Bot) {
    let many = (0..120).map(|n| {
        let at = connection(&format!("00000000-0000-4000-8000-{n:012}"), "ShareableCloud");
        target(&format!("region-{n:03}"), &format!("Region {n} 🔐{}", "é".repeat(60)), crate::scene::BASIC, &[&at])
    });
    bot.knows(&(many.collect::<String>() + &sales_db()));
    let ana = bot.world.person(scene::ANA);
    bot.types(scene::ANA, "rotate");
    let form = bot.modal(scene::ANA).id;
    let options = |typed: &str| {
        let response = bot.deliver(ana.suggest(&form, "target", typed).unwrap().request);
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        let value = |option: &Value| option["value"].as_str().unwrap().to_owned();
        body["options"].as_array().unwrap().iter().map(value).collect::<Vec<_>>()
    };
    assert_eq!(options("").len(), 100, "as many as Slack takes");
    assert_eq!(options("ware sales"), ["sales-db"]);
    assert_eq!(options("region 119"), ["region-119"]);
    assert_eq!(options("payroll"), [""; 0]);
    // Shown as they are, in lengths that Slack takes.
    bot.does(&ana.suggest(&form, "target", "").unwrap());
    bot.does(&ana.suggest(&form, "target", "sales").unwrap());
    bot.does(&ana.submit(&form, &[("target", json!("sales-db")), ("reason", json!("Left the company"))]).unwrap());
    bot.until_her_card(WAITING);
    bot.ana_opens_the_form();
    assert!(bot.modal_words(scene::ANA).contains("Sales warehouse"), "{}", bot.modal_words(scene::ANA));
    bot.ana_enters("chosen-password");
    bot.until_card("Rotated and verified, 2 of 2");
    assert!(words(&bot.card(scene::CHANNEL_DATA_OPS).blocks).contains("Left the company"));
}

fn a_list_of_choices_is_for_members_and_for_that_list_only(bot: &mut Bot) {
    bot.knows(&sales_db());
    let ana = bot.world.person(scene::ANA);
    bot.types(scene::ANA, "rotate");
    let typing = ana.suggest(&bot.modal(scene::ANA).id, "target", "").unwrap();
    let answer = |alter: &dyn Fn(&mut Value)| {
        let response = bot.deliver(bot.altered(&typing, alter));
        assert_eq!(response.status(), 200);
        serde_json::from_slice::<Value>(response.body()).unwrap()
    };
    assert_eq!(answer(&|_| ())["options"][0]["value"], "sales-db");
    let none = json!({ "options": [] });
    for user in [scene::CYD, scene::DAN, scene::EVE, scene::BOT_USER, "U0NOBODY"] {
        assert_eq!(answer(&|payload| payload["user"]["id"] = json!(user)), none, "{user}");
    }
    assert_eq!(answer(&|payload| payload["action_id"] = json!("another")), none);
    assert_eq!(answer(&|payload| payload["action_id"] = Value::Null), none);
    refuse(bot, "users.info", "internal_error", &[]);
    assert_eq!(answer(&|_| ()), none);
    assert_eq!((bot.logged("guest"), bot.logged("unknown-form"), bot.logged("service")), (1, 2, 2));
    bot.nothing_changed();
}

fn a_reason_is_needed_and_has_a_limit(bot: &mut Bot) {
    bot.knows(&sales_db());
    let ana = bot.world.person(scene::ANA);
    bot.types(scene::ANA, "rotate sales-db");
    let form = bot.modal(scene::ANA).id;
    let marked = json!({ "reason": "Say in a few words why, in at most 300 characters." });
    bot.does(&ana.submit(&form, &[("reason", json!("   "))]).unwrap());
    assert_eq!(bot.modal(scene::ANA).errors, marked);
    // What Slack itself would not let through.
    let sent = ana.submit(&form, &[("reason", json!("Quarterly"))]).unwrap();
    for reason in [Value::Null, json!(""), json!(" \t\n"), json!("x".repeat(301)), json!("🔐".repeat(301))] {
        let altered =
            bot.altered(&sent, |payload| payload["view"]["state"]["values"]["reason"]["value"]["value"] = reason);
        let answer: Value = serde_json::from_slice(bot.deliver(altered).body()).unwrap();
        assert_eq!(answer, json!({ "response_action": "errors", "errors": marked }));
    }
    let altered = bot.altered(&sent, |payload| payload["view"]["state"]["values"] = json!({}));
    assert_eq!(serde_json::from_slice::<Value>(bot.deliver(altered).body()).unwrap()["errors"], marked);
    bot.nothing_changed();

    bot.does(&ana.submit(&form, &[("reason", json!("🔐".repeat(300)))]).unwrap());
    bot.until_card("Waiting for the new credential");
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains(&format!("Asked by <@W0ANA>: {}", "🔐".repeat(300))), "{card}");
}

fn a_form_asked_for_too_late_is_offered_again(bot: &mut Bot) {
    bot.knows(&sales_db());
    let ana = bot.world.person(scene::ANA);
    let typed = ana.slash(scene::CHANNEL_SALES, "rotate sales-db");
    bot.world.advance(3100);
    let response = bot.deliver(typed.request.clone());
    assert!(
        bot.world.slack_answered(&typed, &response).is_err(),
        "Slack does not wait that long for the answer itself"
    );
    bot.rest();
    assert!(bot.told(scene::ANA).starts_with(RAN_OUT), "{}", bot.told(scene::ANA));
    bot.nothing_changed();

    let tapped = tap_told(bot, "Open form");
    bot.world.advance(3100);
    bot.deliver(tapped.request);
    bot.rest();
    assert_eq!(bot.world.messages().len(), 2, "offered once more");
    bot.does(&tap_told(bot, "Open form"));
    bot.rest();
    assert!(bot.modal_words(scene::ANA).contains("Rotate the credential of *sales-db*."));
}

fn a_form_that_slack_would_not_open_is_offered_again(bot: &mut Bot) {
    bot.knows(&sales_db());
    for (text, opens) in [("rotate sales-db", "Rotate the credential of *sales-db*."), ("rotate", "Target\n")] {
        for (error, message) in [
            ("expired_trigger_id", ""),
            ("exchanged_trigger_id", ""),
            ("invalid_trigger_id", ""),
            ("trigger_expired", ""),
            ("trigger_exchanged", ""),
            ("invalid_arguments", "[ERROR] `trigger_id` expired"),
            ("invalid_arguments", "[ERROR] invalid `trigger_id` [json-pointer:/trigger_id]"),
        ] {
            refuse(bot, "views.open", error, &[message]);
            let told = bot.asks(scene::ANA, text);
            assert!(told.starts_with(RAN_OUT), "{error}: {told}");
            assert!(bot.world.modals(scene::ANA).is_empty(), "{error}");

            let told = bot.world.messages().len();
            refuse(bot, "views.open", error, &[message]);
            bot.does(&tap_told(bot, "Open form"));
            bot.rest();
            assert_eq!(bot.world.messages().len(), told + 1, "{error}: offered once more");
            assert!(bot.told(scene::ANA).starts_with(RAN_OUT));

            bot.does(&tap_told(bot, "Open form"));
            bot.rest();
            let form = bot.modal_words(scene::ANA);
            assert!(form.contains(opens) && form.contains("Reason"), "{error}: {form}");
            bot.world.person(scene::ANA).close(&bot.modal(scene::ANA).id).unwrap();
        }
    }
    bot.nothing_changed();
}

fn a_trigger_is_used_once(bot: &mut Bot) {
    bot.knows(&sales_db());
    let typed = bot.world.person(scene::ANA).slash(scene::CHANNEL_SALES, "rotate sales-db");
    bot.does(&typed);
    bot.does(&typed);
    bot.rest();
    assert_eq!(bot.world.modals(scene::ANA).len(), 1, "delivered twice, one form");
    assert!(bot.told(scene::ANA).starts_with(RAN_OUT), "{}", bot.told(scene::ANA));
    bot.nothing_changed();
}

fn a_refusal_that_is_not_about_the_trigger_is_told_as_it_is(bot: &mut Bot) {
    bot.knows(&sales_db());
    for (error, message, says) in [
        (
            "invalid_arguments",
            "[ERROR] no more than 100 items allowed",
            "Slack rejected the request. (invalid_arguments)",
        ),
        ("view_too_large", "", "Slack rejected the request. (view_too_large)"),
        ("not_authed", "", "Slack refused this program's own identity."),
        ("ratelimited", "", "Slack asks us to slow down"),
        ("<!channel> hunter2", "", "Slack rejected the request. Nothing was changed."),
    ] {
        refuse(bot, "views.open", error, &[message]);
        let told = bot.asks(scene::ANA, "rotate sales-db");
        assert!(told.contains(says) && told.contains("Nothing was changed."), "{error}: {told}");
        assert!(!told.contains("Open form"), "{told}");
    }
    assert_eq!(bot.logged("service"), 5);
    bot.nothing_changed();
}

fn a_credential_form_that_slack_would_not_open_is_opened_by_the_next_tap(bot: &mut Bot) {
    bot.knows(&sales_db());
    let ana = bot.ana_asks("sales-db");
    bot.until_card("Waiting for the new credential");
    ana.close(&bot.modal(scene::ANA).id).unwrap();
    let card = bot.card(scene::CHANNEL_DATA_OPS);
    let tap = || bot.does(&ana.tap(&card.channel, &card.ts, "Enter credential").unwrap());
    refuse(bot, "views.open", "expired_trigger_id", &[]);
    tap();
    bot.rest();
    assert_eq!(bot.told(scene::ANA), TAP_AGAIN);
    tap();
    bot.ana_enters("tapped-password");
    bot.until_card("Rotated and verified, 2 of 2");
}

/// The words that replace a submitted form.
fn form_becomes(bot: &Bot, sent: &Gesture, alter: impl FnOnce(&mut Value)) -> String {
    let response = bot.deliver(bot.altered(sent, alter));
    assert_eq!(response.status(), 200);
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(answer["response_action"], "update", "{answer}");
    words(&answer["view"])
}

fn a_form_or_button_of_another_version_changes_nothing(bot: &mut Bot) {
    bot.knows(&sales_db());
    let ana = bot.ana_asks("sales-db");
    bot.until_card("Waiting for the new credential");
    let card = bot.card(scene::CHANNEL_DATA_OPS);
    let (form, posted) = (bot.modal(scene::ANA).id, bot.world.messages().len());
    let sent = ana.submit(&form, &[("password", json!(bot.secret("for-no-form")))]).unwrap();
    for callback in ["", "approve", "CREDENTIAL", "credential ", "request/2"] {
        let told = form_becomes(bot, &sent, |payload| payload["view"]["callback_id"] = json!(callback));
        assert!(told.contains(OTHER_VERSION), "{callback}: {told}");
    }
    let tapped = ana.tap(&card.channel, &card.ts, "Enter credential").unwrap();
    for action in ["", "approve/2", "enter_credential "] {
        let response = bot.deliver(bot.altered(&tapped, |payload| payload["actions"][0]["action_id"] = json!(action)));
        assert_eq!((response.status().as_u16(), response.body().as_ref()), (200, b"".as_slice()));
        bot.rest();
        assert_eq!(bot.told(scene::ANA), OTHER_VERSION, "{action:?}");
    }
    let response = bot.deliver(bot.altered(&tapped, |payload| payload["trigger_id"] = Value::Null));
    assert_eq!(response.status(), 200);
    assert_eq!(bot.logged("unknown-form"), 9);
    bot.rest();
    assert_eq!(bot.world.messages().len(), posted + 4, "four words to Ana, nothing else");
    assert_eq!(bot.card(scene::CHANNEL_DATA_OPS).text, card.text);
    assert!(bot.world.opened().is_empty());
}

fn an_id_that_nobody_gave_out_changes_nothing(bot: &mut Bot) {
    bot.knows(&sales_db());
    let ana = bot.ana_asks("sales-db");
    bot.until_card("Waiting for the new credential");
    let card = bot.card(scene::CHANNEL_DATA_OPS);
    let form = bot.modal(scene::ANA).id;
    let password = json!(bot.secret("for-no-rotation"));
    let sent = ana.submit(&form, &[("password", password)]).unwrap();
    let ids = BTreeMap::from([
        ("0123456789abcdef", NOT_KNOWN),
        ("zzzzzzzzzzzzzzzz", NOT_KNOWN),
        ("", OTHER_VERSION),
        ("sales-db", OTHER_VERSION),
        ("0123456789ABCDEF", OTHER_VERSION),
        ("0123456789abcdefg", OTHER_VERSION),
        ("il0u000000000000", OTHER_VERSION),
        ("../../../register", OTHER_VERSION),
        ("{\"rotation\":1}", OTHER_VERSION),
        ("\u{0}\u{202e}🔐", OTHER_VERSION),
    ]);
    for (id, says) in &ids {
        let told = form_becomes(bot, &sent, |payload| payload["view"]["private_metadata"] = json!(id));
        assert!(told.contains(says), "{id}: {told}");
        for button in ["Enter credential", "Cancel rotation"] {
            let tapped = ana.tap(&card.channel, &card.ts, button).unwrap();
            let response = bot.deliver(bot.altered(&tapped, |payload| payload["actions"][0]["value"] = json!(id)));
            assert_eq!(response.status(), 200, "{id}");
            bot.rest();
            assert_eq!(bot.told(scene::ANA), *says, "{button} {id}");
        }
    }
    assert_eq!((bot.logged("unknown-rotation"), bot.logged("unknown-form")), (2 * 3, 8 * 3));
    // A request form that names no target, or one that is not there.
    for (name, says) in [
        ("sales-bd", "There is no target of that name. Did you mean sales-db?"),
        ("../admin", "That is not the name of a target."),
        ("", "That is not the name of a target."),
    ] {
        let told = form_becomes(bot, &sent, |payload| {
            payload["view"]["callback_id"] = json!("request");
            payload["view"]["private_metadata"] = json!(name);
            payload["view"]["state"]["values"] = json!({ "reason": { "value": { "value": "Why not" } } });
        });
        assert!(told.contains(says), "{name}: {told}");
    }
    assert_eq!(bot.card(scene::CHANNEL_DATA_OPS).text, card.text, "the real rotation goes on waiting");
    bot.only_looked();
}

fn what_the_app_does_not_use_is_taken_without_a_word(bot: &mut Bot) {
    bot.knows(&sales_db());
    bot.types(scene::ANA, "rotate sales-db");
    let sent = bot.world.person(scene::ANA).submit(&bot.modal(scene::ANA).id, &[("reason", json!("Why"))]).unwrap();
    let (calls, kinds) = (bot.world.received().len(), ["view_closed", "shortcut", "message_action", "from_tomorrow"]);
    for kind in kinds {
        let response = bot.deliver(bot.altered(&sent, |payload| payload["type"] = json!(kind)));
        assert_eq!((response.status().as_u16(), response.body().as_ref()), (200, b"".as_slice()), "{kind}");
    }
    assert_eq!(bot.logged("ignored"), kinds.len());
    assert_eq!(bot.world.received().len(), calls, "nobody was asked anything");
    bot.nothing_changed();
}

fn an_answer_goes_to_slacks_own_host_only(bot: &mut Bot) {
    bot.knows(&sales_db());
    let ana = bot.ana_asks("sales-db");
    bot.until_card("Waiting for the new credential");
    let card = bot.card(scene::CHANNEL_DATA_OPS);
    let tapped = ana.tap(&card.channel, &card.ts, "Cancel rotation").unwrap();
    let (before, messages) = (bot.world.received().len(), bot.world.messages().len());
    for (from, to) in [
        ("/slack/hooks/", "/slack/api/"),
        ("/slack/hooks/", "/slack/hooksome/"),
        ("/slack/hooks/", "/slack/hooks@127.0.0.1/"),
        ("/slack/hooks/", "/powerbi/v1.0/myorg/"),
        ("http://", "https://"),
        ("http://", "http://slack@"),
    ] {
        let altered = bot.altered(&tapped, |payload| {
            payload["actions"][0]["action_id"] = json!("unknown");
            let url = payload["response_url"].as_str().unwrap().replacen(from, to, 1);
            payload["response_url"] = json!(url);
        });
        assert_eq!(bot.deliver(altered).status(), 200);
    }
    assert_eq!(bot.logged("not-allowed"), 6, "{}", bot.log());
    assert_eq!((bot.world.received().len(), bot.world.messages().len()), (before, messages));
}
