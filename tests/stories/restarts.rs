//! The bot dies in the middle of things: what was begun is finished, said as it is, and never done by halves.

use std::time::Duration;

use emulator::{Fault, FaultKind, Lost, scene};
use serde_json::json;

use crate::bot::{Bot, WAITING, words};
use crate::failures::updates;
use crate::scene::{BASIC, WINDOWS, in_the_cloud, on_premises, sales_db, target};

crate::stories![
    killed_before_the_card_it_finishes_the_card,
    killed_while_testing_it_tests_again,
    killed_while_updating_it_updates_again,
    an_update_cut_off_by_a_crash_is_never_called_unchanged,
    after_a_crash_nothing_is_sent_that_was_sealed_to_an_old_key,
    killed_while_checking_the_plan_it_checks_again,
    killed_while_reading_the_keys_it_reads_them_again,
    killed_with_a_form_open_it_knows_the_rotation,
    a_key_of_ours_changed_in_between_loses_what_was_entered;
    here only because "an answer cut off by a crash, and an object that is silent, can be had only in this process":
    killed_while_opening_a_form_nothing_is_begun,
    killed_over_the_claim_the_form_is_sent_again,
    a_register_that_does_not_answer_is_asked_again,
    a_claim_nobody_came_back_to_is_given_back,
    killed_before_the_register_was_told_it_is_told,
    after_the_end_no_secret_is_kept,
    a_month_later_nothing_is_kept_of_it_at_all,
    a_row_that_cannot_be_read_once_is_nobodys_refusal_and_read_again,
    a_rotation_that_the_platform_forgot_is_woken_by_the_run_of_the_day,
    a_rotation_that_the_platform_forgot_is_woken_by_whoever_wants_its_target,
];

const VERIFIED: &str = "Rotated and verified, 1 of 1";

fn one_place() -> String {
    target("sales-db", "Sales warehouse", WINDOWS, &[&on_premises(scene::GATEWAY_SALES, scene::SALES_SQL)])
}

/// Ana enters, and the bot is ended when it waits for an answer to such a call.
fn dies_waiting(bot: &mut Bot, catalog: &str, fault: Fault, meanwhile: impl FnOnce(&Bot)) {
    bot.knows(catalog);
    bot.ana_asks("sales-db");
    bot.until_card("Waiting for the new credential");
    bot.world.script(fault);
    bot.ana_enters("survives-a-crash");
    let silent = |call: &emulator::Received| call.status.is_none();
    bot.until("the bot waits", |world| world.received().iter().any(silent));
    meanwhile(bot);
    bot.crash();
}

fn hang(service: &str, path: &str, method: &str) -> Fault {
    Fault::once(service, path, FaultKind::Hang).on_method(method)
}

fn killed_before_the_card_it_finishes_the_card(bot: &mut Bot) {
    // Not an earlier one, that says what is going on.
    let last = hang("slack", "chat.update", "POST").saying(VERIFIED);
    dies_waiting(bot, &one_place(), last, |bot| {
        assert_eq!((updates(bot), bot.world.tests().len()), (1, 1), "killed between the update and the card");
    });
    bot.until_card(VERIFIED);
    assert_eq!((updates(bot), bot.world.opened().len(), bot.world.tests().len()), (1, 1, 1));
}

fn killed_while_testing_it_tests_again(bot: &mut Bot) {
    dies_waiting(bot, &one_place(), hang("powerbi", "status", "GET"), |_| {});
    bot.until_card(VERIFIED);
    assert_eq!((updates(bot), bot.world.opened().len()), (1, 1), "what was confirmed is not sent again");
}

fn killed_while_updating_it_updates_again(bot: &mut Bot) {
    dies_waiting(bot, &sales_db(), hang("fabric", "connections", "PATCH"), |_| {});
    bot.until_card("Rotated and verified, 2 of 2");
    assert_eq!((updates(bot), bot.world.opened().len()), (3, 4));
}

fn an_update_cut_off_by_a_crash_is_never_called_unchanged(bot: &mut Bot) {
    dies_waiting(bot, &one_place(), hang("powerbi", "datasources", "PATCH"), |bot| {
        bot.world.set_gateway_online(scene::GATEWAY_SALES, false);
    });
    bot.until_card("Not confirmed, 0 of 1 are good");
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("the old or the new credential may be in force. The gateway is offline"), "{card}");
}

fn after_a_crash_nothing_is_sent_that_was_sealed_to_an_old_key(bot: &mut Bot) {
    dies_waiting(bot, &one_place(), hang("powerbi", "datasources", "PATCH"), |bot| {
        bot.world.set_member_key(scene::GATEWAY_SALES, scene::GATEWAY_SALES, scene::REPLACEMENT_KEY).unwrap();
    });
    bot.until_card("Not confirmed, 0 of 1 are good");
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("The gateway's key is not the one the credential was sealed to"), "{card}");
    assert_eq!(updates(bot), 1);
}

fn killed_while_checking_the_plan_it_checks_again(bot: &mut Bot) {
    bot.knows(&sales_db());
    bot.world.script(hang("fabric", "members", "GET"));
    bot.ana_requests("sales-db");
    bot.until("the bot waits", |world| world.received().iter().any(|call| call.status.is_none()));
    bot.crash();
    bot.until_her_card(WAITING);
    bot.ana_opens_the_form();
    bot.ana_enters("checked-again");
    bot.until_card("Rotated and verified, 2 of 2");
    assert_eq!((updates(bot), bot.world.opened().len()), (2, 4));
}

fn killed_while_reading_the_keys_it_reads_them_again(bot: &mut Bot) {
    dies_waiting(bot, &sales_db(), hang("fabric", "members", "GET"), |_| {});
    bot.until_card("Rotated and verified, 2 of 2");
    assert_eq!((updates(bot), bot.world.opened().len()), (2, 4));
}

fn killed_with_a_form_open_it_knows_the_rotation(bot: &mut Bot) {
    bot.knows(&one_place());
    bot.ana_asks("sales-db");
    bot.until_card("Waiting for the new credential");
    bot.crash();
    let ben = bot.world.person(scene::BEN);
    bot.does(&ben.slash(scene::CHANNEL_SALES, "status sales-db"));
    assert!(bot.told(scene::BEN).contains("Waiting for the new credential"), "{}", bot.told(scene::BEN));
    bot.ana_enters("after-a-crash");
    bot.until_card(VERIFIED);
    bot.crash();
    bot.ana_rotates("sales-db", &[("password", "and-once-more")], VERIFIED);
    assert_eq!(bot.world.opened().len(), 2);
}

fn a_key_of_ours_changed_in_between_loses_what_was_entered(bot: &mut Bot) {
    let places =
        [on_premises(scene::GATEWAY_SALES, scene::SALES_SQL), in_the_cloud(scene::GATEWAY_CLOUD, scene::CLOUD_SQL)];
    bot.knows(&target("sales-db", "Sales warehouse", BASIC, &[&places[0], &places[1]]));
    bot.ana_asks("sales-db");
    bot.until_card("Waiting for the new credential");
    // Both updates are put off; one is sealed already, the other needs what was entered.
    bot.world.script(Fault::once("powerbi", "datasources", FaultKind::throttled(6)).on_method("PATCH").repeated(2));
    bot.ana_enters("under-a-key-of-before");
    bot.until("both wait", |world| world.received().iter().filter(|call| call.status == Some(429)).count() == 2);
    // Ended before that is kept, it would rightly be in doubt.
    bot.rest();
    bot.redeploy(&[("STORE_KEY", "YW5vdGhlci1zdG9yZS1rZXktb2YtdGhlLWNvbXBhbnk=")]);
    bot.until_card("Partly rotated, 1 of 2 are good");
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("The old credential is still in force. What was entered cannot be read any more"), "{card}");
    assert!(card.contains("because this program's own key was changed meanwhile. Rotate again."), "{card}");
    bot.ana_rotates("sales-db", &[("password", "under-the-new-key")], "Rotated and verified, 2 of 2");
}

fn killed_while_opening_a_form_nothing_is_begun(bot: &mut Bot) {
    bot.knows(&one_place());
    let ana = bot.world.person(scene::ANA);
    bot.world.script(hang("slack", "views.open", "POST"));
    bot.dies_over(ana.slash(scene::CHANNEL_SALES, "rotate sales-db").request);
    bot.rest();
    assert!(bot.world.messages().is_empty() && bot.world.modals(scene::ANA).is_empty());
    bot.ana_rotates("sales-db", &[("password", "typed-once-more")], VERIFIED);
}

fn killed_over_the_claim_the_form_is_sent_again(bot: &mut Bot) {
    bot.knows(&one_place());
    let ana = bot.world.person(scene::ANA);
    bot.does(&ana.slash(scene::CHANNEL_SALES, "rotate sales-db"));
    bot.rest();
    let form = bot.modal(scene::ANA);
    let gesture = ana.submit(&form.id, &[("reason", json!("Quarterly rotation"))]).unwrap();
    // The first order finds the target, the second claims it: the answer to that is never read.
    bot.here().break_register(None, 1);
    bot.here().break_register(Some(Lost::Silence), 1);
    bot.dies_over(gesture.request.clone());
    bot.does(&gesture);
    bot.until_her_card(WAITING);
    bot.ana_opens_the_form();
    bot.ana_enters("the-form-sent-again");
    bot.until_card(VERIFIED);
    assert_eq!(bot.world.opened().len(), 1);
}

fn a_register_that_does_not_answer_is_asked_again(bot: &mut Bot) {
    bot.knows(&one_place());
    let ana = bot.world.person(scene::ANA);
    bot.does(&ana.slash(scene::CHANNEL_SALES, "rotate sales-db"));
    bot.rest();
    let form = bot.modal(scene::ANA);
    let gesture = ana.submit(&form.id, &[("reason", json!("Quarterly rotation"))]).unwrap();
    bot.here().break_register(None, 1);
    bot.here().break_register(Some(Lost::Request), 1);
    let response = bot.deliver(gesture.request.clone());
    let told = words(&serde_json::from_slice(response.body()).unwrap());
    assert!(told.contains("Try again in a minute."), "{told}");
    assert!(bot.log().contains("\"outcome\":\"storage\""), "{}", bot.log());
    bot.does(&gesture);
    bot.until_her_card(WAITING);
    bot.ana_opens_the_form();
    bot.ana_enters("asked-again");
    bot.until_card(VERIFIED);
}

fn a_claim_nobody_came_back_to_is_given_back(bot: &mut Bot) {
    for how in [Lost::Request, Lost::Response, Lost::Silence] {
        bot.knows(&one_place());
        let ana = bot.world.person(scene::ANA);
        bot.does(&ana.slash(scene::CHANNEL_SALES, "rotate sales-db"));
        bot.rest();
        let form = bot.modal(scene::ANA);
        let gesture = ana.submit(&form.id, &[("reason", json!("Quarterly rotation"))]).unwrap();
        bot.here().break_register(None, 1);
        bot.here().break_register(Some(how), 1);
        match how {
            Lost::Silence => bot.dies_over(gesture.request.clone()),
            _ => drop(bot.deliver(gesture.request.clone())),
        }
        bot.wait(std::time::Duration::from_secs(60));
        let before = bot.world.opened().len();
        bot.ana_rotates("sales-db", &[("password", "claimed-anew")], VERIFIED);
        assert_eq!(bot.world.opened().len(), before + 1, "{how:?}");
    }
}

fn killed_before_the_register_was_told_it_is_told(bot: &mut Bot) {
    for how in [Lost::Request, Lost::Response, Lost::Silence] {
        bot.knows(&one_place());
        let ana = bot.ana_asks("sales-db");
        bot.rest();
        bot.ana_enters("told-in-the-end");
        bot.here().break_register(Some(how), 3);
        bot.wait(std::time::Duration::from_secs(60));
        assert!(bot.card(scene::CHANNEL_DATA_OPS).text.contains(VERIFIED), "the card does not wait for the register");
        bot.does(&ana.slash(scene::CHANNEL_SALES, "status sales-db"));
        assert!(bot.told(scene::ANA).contains("Nothing is going on.   rotated"), "{how:?}: {}", bot.told(scene::ANA));
    }
    assert_eq!(updates(bot), 3);
}

/// By rows: in the Workers runtime a deleted row is still to be read in the database's log for a while.
fn after_the_end_no_secret_is_kept(bot: &mut Bot) {
    let kept = |bot: &Bot| {
        let kept = String::from_utf8(bot.kept()).unwrap();
        ["\"credential\": ", "\"sealed/0\": ", "\"sealed/1\": "].map(|row| kept.matches(row).count())
    };
    let cloud = in_the_cloud(scene::GATEWAY_CLOUD, scene::CLOUD_SQL);
    let gateway = on_premises(scene::GATEWAY_SALES, scene::SALES_SQL);
    bot.knows(&target("sales-db", "Sales warehouse", BASIC, &[&cloud, &gateway]));
    bot.ana_asks("sales-db");
    bot.until_card("Waiting for the new credential");
    assert_eq!(kept(bot), [0, 0, 0]);
    bot.world.script(Fault::once("powerbi", scene::CLOUD_SQL, FaultKind::throttled(30)).on_method("PATCH"));
    bot.world.script(Fault::once("powerbi", scene::SALES_SQL, FaultKind::throttled(90)).on_method("PATCH"));
    bot.ana_enters("kept-while-needed");
    bot.rest();
    assert_eq!(kept(bot), [1, 0, 1], "entered for the cloud, sealed for the gateway");
    bot.wait(std::time::Duration::from_secs(60));
    assert_eq!(kept(bot), [0, 0, 1], "the cloud has it");
    bot.wait(std::time::Duration::from_secs(60));
    assert!(bot.card(scene::CHANNEL_DATA_OPS).text.contains("Rotated and verified, 2 of 2"));
    assert_eq!(kept(bot), [0, 0, 0]);

    // Kept while what failed can be tried again; then gone, whether it was or not.
    bot.world.set_gateway_admin(scene::GATEWAY_SALES, false);
    for leave_it in [true, false] {
        let stalled = "Partly rotated, 1 of 2 are good. What failed can be tried again";
        bot.ana_rotates("sales-db", &[("password", "kept-while-needed")], stalled);
        assert_eq!(kept(bot), [1, 0, 0]);
        if leave_it {
            let card = bot.card(scene::CHANNEL_DATA_OPS);
            bot.does(&bot.world.person(scene::ANA).tap(&card.channel, &card.ts, "Leave as it is").unwrap());
        } else {
            bot.wait(std::time::Duration::from_secs(30 * 60));
        }
        assert_eq!(kept(bot), [0, 0, 0]);
        bot.until_card("Partly rotated, 1 of 2 are good.");
    }
}

fn a_month_later_nothing_is_kept_of_it_at_all(bot: &mut Bot) {
    bot.knows(&one_place());
    bot.ana_rotates("sales-db", &[("password", "of-a-month-ago")], VERIFIED);
    let rows_of_it = |bot: &Bot| String::from_utf8(bot.kept()).unwrap().matches(r#""cards": "#).count();
    bot.wait(Duration::from_secs(29 * 24 * 60 * 60));
    assert_eq!(rows_of_it(bot), 1);
    bot.wait(Duration::from_secs(24 * 60 * 60));
    assert_eq!(rows_of_it(bot), 0);
    let told = bot.asks(scene::ANA, "history sales-db");
    assert!(told.contains("applied") || told.contains("Ana"), "the audit has it still: {told}");
}

fn a_row_that_cannot_be_read_once_is_nobodys_refusal_and_read_again(bot: &mut Bot) {
    let here = one_place();
    let cloud = target("sales-db", "Sales warehouse", BASIC, &[&in_the_cloud(scene::GATEWAY_CLOUD, scene::CLOUD_SQL)]);
    for (catalog, row, before, event) in [
        (&here, "sealed/0", 0, "prepare"),
        (&here, "credential", 0, "prepare"),
        (&here, "sealed/0", 1, "unsent"),
        (&cloud, "credential", 0, "unsent"),
    ] {
        bot.knows(catalog);
        bot.ana_asks("sales-db");
        bot.until_card(WAITING);
        let known = (updates(bot), bot.happened(event, "unreachable"));
        bot.ana_opens_the_form();
        bot.here().break_row(row, before);
        bot.ana_enters("read-the-second-time");
        bot.until_card(VERIFIED);
        let now = (updates(bot), bot.happened(event, "unreachable"));
        assert_eq!(now, (known.0 + 1, known.1 + 1), "{row} {before} {}", bot.log());
    }
}

/// Ana has entered, the update has to be tried again, and the platform has given the alarm up that would do it.
fn is_forgotten(bot: &mut Bot) {
    bot.knows(&one_place());
    bot.ana_asks("sales-db");
    bot.until_card(WAITING);
    let busy = Fault::once("powerbi", "datasources", FaultKind::status(503, &json!({}))).on_method("PATCH");
    bot.world.script(busy);
    bot.ana_enters("forgotten-on-the-way");
    bot.until("the update was tried", |_| updates(bot) == 1);
    bot.here().forget_alarms();
    bot.wait(Duration::from_secs(10 * 60));
    assert_eq!((updates(bot), bot.world.opened().len()), (1, 0), "nothing wakes it");
}

fn a_rotation_that_the_platform_forgot_is_woken_by_the_run_of_the_day(bot: &mut Bot) {
    is_forgotten(bot);
    bot.wakes_up();
    bot.until_card(VERIFIED);
    assert_eq!((updates(bot), bot.world.opened().len()), (2, 1));
}

fn a_rotation_that_the_platform_forgot_is_woken_by_whoever_wants_its_target(bot: &mut Bot) {
    is_forgotten(bot);
    bot.types(scene::ANA, "rotate sales-db");
    bot.until_card(VERIFIED);
    assert_eq!((updates(bot), bot.world.opened().len()), (2, 1));
}
