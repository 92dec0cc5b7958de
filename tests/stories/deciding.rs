//! The tap that decides: by whom, when, on which screen and with what in it. Whatever is wrong changes nothing and is said.

use std::time::Duration;

use emulator::slack::Forge;
use emulator::{Fault, FaultKind, scene};
use http::StatusCode;
use serde_json::{Value, json};

use crate::bot::{Bot, WAITING, words};
use crate::people::{AMONG_LEADS, MOVED_ON, UNAPPROVED, rotation_of};
use crate::scene::{BASIC, ONE_LEAD, TEAMS_AS_WELL, in_the_cloud, ruled, target};

crate::stories![
    those_who_may_not_approve_are_told_so,
    an_approver_who_is_not_any_more_when_they_tap_does_not_count,
    a_group_that_is_gone_lets_nobody_approve,
    a_group_that_cannot_be_told_does_not_hold_the_rotation_up,
    while_slack_cannot_be_asked_nothing_is_decided,
    whoever_has_two_accounts_is_one_person,
    a_double_tap_counts_once,
    of_two_approvers_the_second_is_told_who_was_first,
    on_an_old_screen_nothing_is_decided_a_second_time,
    a_forged_value_decides_nothing,
    a_changed_catalog_changes_no_rotation_that_is_live,
    a_target_that_is_removed_is_still_approved_and_rotated;
    here only because "a long wait, and settings with the world's address":
    an_approval_that_is_missing_is_missing_after_the_deadline,
    an_account_on_another_platform_counts_while_it_is_active,
];

const VERIFIED: &str = "Rotated and verified, 1 of 1";

fn those_who_may_not_approve_are_told_so(bot: &mut Bot) {
    bot.ana_waits_for_a_lead();
    for button in ["Approve", "Reject"] {
        for (who, words) in [
            (scene::EVE, "you are signed in as an account of another organisation. Nothing was changed."),
            (scene::CYD, "you are signed in as a guest account. Nothing was changed."),
            (scene::DAN, "you are signed in as a deactivated account. Nothing was changed."),
            (scene::BOT_USER, "you are signed in as a bot. Nothing was changed."),
            (scene::FAY, "You are not among those who may approve rotations of sales-db. Nothing was changed."),
            (scene::ANA, "You are not among those who may approve rotations of sales-db. Nothing was changed."),
        ] {
            let told = bot.told_for(who, button);
            assert!(told.contains(words), "{who}, {button}: {told}");
            assert!(bot.world.modals(who).is_empty());
        }
    }
    let strange = Forge { team: Some(scene::FOREIGN_TEAM.to_owned()), ..Forge::default() };
    let card = bot.card(scene::CHANNEL_DATA_OPS);
    let tap = bot.world.person(scene::BEN).forging(strange).tap(&card.channel, &card.ts, "Approve").unwrap();
    assert_eq!(bot.deliver(tap.request).status(), StatusCode::FORBIDDEN, "another workspace");
    bot.hana_can_still_approve();
}

fn an_approver_who_is_not_any_more_when_they_tap_does_not_count(bot: &mut Bot) {
    bot.ana_waits_for_a_lead();
    bot.world.set_group_member(scene::GROUP_LEADS, scene::BEN, false);
    bot.world.set_user_deleted(scene::GIL, true);
    let told = bot.told_for(scene::BEN, "Approve");
    assert!(told.contains("You are not among those who may approve rotations of sales-db."), "{told}");
    let told = bot.told_for(scene::GIL, "Approve");
    assert!(told.contains("you are signed in as a deactivated account."), "{told}");
    bot.world.set_user_guest(scene::HANA, true);
    let told = bot.told_for(scene::HANA, "Approve");
    assert!(told.contains("you are signed in as a guest account."), "{told}");
    bot.world.set_user_guest(scene::HANA, false);
    bot.hana_can_still_approve();
}

fn an_account_on_another_platform_counts_while_it_is_active(bot: &mut Bot) {
    let ben = scene::BEN_OBJECT;
    bot.with(TEAMS_AS_WELL);
    let people = format!("[people]\nben = [\"slack:{}\", \"entra:{ben}\"]\n", scene::BEN);
    let denied = "You are not among those who may approve rotations of sales-db.";
    for approver in [format!("entra:{ben}"), format!("entra-group:{}", scene::GROUP_LEADS_OBJECT)] {
        bot.knows(&format!("{people}{}", ruled(&format!("approvers = [\"{approver}\"], approvals = 1"))));
        bot.ana_asks_up_to(UNAPPROVED, 2);
        // The directory keeps whom it has disabled in its groups.
        bot.world.set_account_enabled(ben, false);
        let told = bot.told_for(scene::BEN, "Approve");
        assert!(told.contains(denied), "{approver}: {told}");
        bot.world.set_account_enabled(ben, true);
        bot.world.set_account_guest(ben, true);
        let told = bot.told_for(scene::BEN, "Approve");
        assert!(told.contains(denied), "{approver}: {told}");
        bot.world.set_account_guest(ben, false);
        bot.world.script(Fault::once("graph", "users", FaultKind::status(503, &json!({}))));
        let told = bot.told_for(scene::BEN, "Approve");
        assert!(told.contains("Nothing was changed.") && !told.contains(denied), "{approver}: {told}");
        bot.taps(scene::BEN, "Approve");
        bot.until_cards(WAITING, 2);
        bot.taps(scene::ANA, "Cancel rotation");
        bot.until_cards("Cancelled, nothing was changed", 2);
    }
    // What his own account may do does not depend on the other.
    bot.knows(&format!("{people}{}", ruled(ONE_LEAD)));
    bot.ana_asks_up_to(UNAPPROVED, AMONG_LEADS);
    bot.world.script(Fault::once("graph", "users", FaultKind::status(503, &json!({}))));
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS);
}

fn whoever_has_two_accounts_is_one_person(bot: &mut Bot) {
    // Where there is no Teams, an account there says who somebody is and gives them nothing.
    let object = scene::FAY_OBJECT;
    let people =
        |person: &str| format!("[people]\nsomebody = [\"slack:{person}\", \"slack:U0FAY\", \"entra:{object}\"]\n");
    bot.knows(&(people(scene::ANA) + &ruled(r#"approvers = ["slack:U0FAY", "slack:U0HANA"], approvals = 1"#)));
    bot.ana_asks_up_to(UNAPPROVED, 4);
    let told = bot.told_for(scene::FAY, "Approve");
    assert!(told.contains("You asked for rotation") && told.contains("yourself"), "{told}");
    bot.taps(scene::FAY, "Cancel rotation");
    bot.until_cards("Cancelled, nothing was changed", 4);

    bot.knows(&(people(scene::BEN) + &ruled(r#"approvers = ["slack:U0FAY", "slack:S0LEADS"], approvals = 2"#)));
    bot.ana_asks_up_to("Waiting for 2 approvals", AMONG_LEADS + 1);
    bot.taps(scene::FAY, "Approve");
    bot.until_cards(UNAPPROVED, AMONG_LEADS + 1);
    let told = bot.told_for(scene::BEN, "Approve");
    assert!(told.contains("You have approved rotation"), "{told}");
    bot.taps(scene::HANA, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS + 1);
    bot.taps(scene::ANA, "Cancel rotation");
    bot.until_cards("Cancelled, nothing was changed", AMONG_LEADS + 1);

    let elsewhere = format!(r#"approvers = ["slack:U0HANA", "entra:{object}"], approvals = 1"#);
    bot.knows(&(people(scene::BEN) + &ruled(&elsewhere)));
    bot.ana_asks_up_to(UNAPPROVED, 3);
    let told = bot.told_for(scene::FAY, "Approve");
    assert!(told.contains("You are not among those who may approve rotations of sales-db."), "{told}");
}

fn a_group_that_is_gone_lets_nobody_approve(bot: &mut Bot) {
    bot.knows(&ruled(r#"approvers = ["slack:S0LEADS", "slack:U0FAY"], approvals = 2"#));
    bot.ana_asks_up_to("Waiting for 2 approvals", AMONG_LEADS + 1);
    bot.world.set_group_disabled(scene::GROUP_LEADS, true);
    let told = bot.told_for(scene::BEN, "Approve");
    assert!(told.contains("Slack does not find it") && told.contains("no_such_subteam"), "{told}");
    assert!(told.contains("Nothing was changed."), "{told}");
    assert_eq!(bot.happened("approve", "ok"), 0);
    // Whoever is named needs no group.
    bot.taps(scene::FAY, "Approve");
    bot.until_cards(UNAPPROVED, AMONG_LEADS + 1);
    bot.world.set_group_disabled(scene::GROUP_LEADS, false);
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS + 1);
}

fn a_group_that_cannot_be_told_does_not_hold_the_rotation_up(bot: &mut Bot) {
    bot.world.set_group_disabled(scene::GROUP_LEADS, true);
    bot.knows(&ruled(ONE_LEAD));
    bot.ana_asks_up_to(UNAPPROVED, 2);
    bot.world.set_group_disabled(scene::GROUP_LEADS, false);
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, 2);
}

fn while_slack_cannot_be_asked_nothing_is_decided(bot: &mut Bot) {
    bot.ana_waits_for_a_lead();
    let error = |code: &str| FaultKind::status(200, &json!({"ok": false, "error": code}));
    for method in ["users.info", "usergroups.users.list"] {
        for kind in [
            FaultKind::LoseRequest,
            FaultKind::LoseResponse,
            FaultKind::status(503, &json!({})),
            FaultKind::throttled(20),
            error("internal_error"),
            error("invalid_auth"),
        ] {
            bot.world.script(Fault::once("slack", method, kind.clone()));
            let told = bot.told_for(scene::BEN, "Approve");
            assert!(told.contains("Nothing was changed."), "{method} {kind:?}: {told}");
        }
    }
    bot.hana_can_still_approve();
}

fn a_double_tap_counts_once(bot: &mut Bot) {
    bot.ana_waits_for_a_lead();
    let tap = bot.tap(scene::BEN, "Approve");
    bot.does(&tap);
    let told = bot.answer_to(&tap);
    assert!(told.contains("Already approved by Ben Okafor at 20") && told.contains(" UTC. "), "{told}");
    assert!(told.contains(MOVED_ON), "{told}");
    bot.until_cards(WAITING, AMONG_LEADS);
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert_eq!(card.matches("Approved by").count(), 1, "{card}");
    assert_eq!(bot.happened("approve", "ok"), 1);
}

fn of_two_approvers_the_second_is_told_who_was_first(bot: &mut Bot) {
    bot.ana_waits_for_a_lead();
    let (first, second) = (bot.tap(scene::GIL, "Approve"), bot.tap(scene::BEN, "Approve"));
    bot.does(&first);
    let told = bot.answer_to(&second);
    assert!(told.contains("Already approved by Gil Haddad at 20") && told.contains(" UTC. "), "{told}");
    bot.until_cards(WAITING, AMONG_LEADS);
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("Approved by <@W0GIL>") && !card.contains("W0BEN"), "{card}");
}

fn on_an_old_screen_nothing_is_decided_a_second_time(bot: &mut Bot) {
    type End = fn(&Bot);
    let ends: [(&str, End, &str); 3] = [
        (
            "Rejected, nothing was changed",
            |bot| bot.rejects(scene::GIL, "Not today"),
            "Already rejected by Gil Haddad at 20",
        ),
        (
            "Cancelled, nothing was changed",
            |bot| bot.taps(scene::ANA, "Cancel rotation"),
            "Already cancelled by Ana Ortiz at 20",
        ),
        (VERIFIED, approved_and_entered, "Already approved by Hana Sato at 20"),
    ];
    for (says, end, first) in ends {
        bot.ana_waits_for_a_lead();
        let (room, his) = (bot.card(scene::CHANNEL_DATA_OPS), bot.card_of(scene::BEN));
        end(bot);
        bot.until_cards(says, AMONG_LEADS);
        let decided = |bot: &Bot| ["approve", "deny", "cancel"].map(|event| bot.happened(event, "ok"));
        let before = decided(bot);
        for (screen, button) in [(&room, "Approve"), (&his, "Approve"), (&his, "Reject")] {
            let told = bot.answer_to(&bot.world.person(scene::BEN).tap_as_seen(screen, button).unwrap());
            assert!(told.contains(first) && told.contains(MOVED_ON), "{says}, {button}: {told}");
        }
        let told = bot.answer_to(&bot.world.person(scene::ANA).tap_as_seen(&room, "Cancel rotation").unwrap());
        assert!(told.contains(first), "{told}");
        assert!(bot.world.modals(scene::BEN).is_empty());
        assert_eq!(decided(bot), before);
        assert!(bot.copies().iter().all(|card| card.text.contains(says)));
        bot.nothing_is_offered();
    }
}

fn approved_and_entered(bot: &Bot) {
    bot.taps(scene::HANA, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS);
    bot.ana_opens_the_form();
    bot.ana_enters("before-the-old-screen");
}

fn a_forged_value_decides_nothing(bot: &mut Bot) {
    let free = target("free-db", "Free for all", BASIC, &[&in_the_cloud(scene::GATEWAY_CLOUD, scene::CLOUD_SQL)]);
    bot.knows(&format!("{}\n{free}", ruled(r#"approvers = ["slack:U0FAY"], approvals = 1"#)));
    bot.ana_asks_up_to(UNAPPROVED, 3);
    let others = rotation_of(&bot.card(scene::CHANNEL_DATA_OPS));
    bot.ana_requests("free-db");
    bot.until_cards(WAITING, 2);
    let unruled = rotation_of(&bot.card(scene::CHANNEL_DATA_OPS));
    for action in ["approve", "reject"] {
        for (value, words) in [
            ("0000000000000000", "That rotation is not known any more."),
            ("", "This form or button is from another version of the app."),
            ("sales-db", "This form or button is from another version of the app."),
            ("../../register", "This form or button is from another version of the app."),
            (others.as_str(), "You are not among those who may approve rotations of sales-db."),
            (unruled.as_str(), "You are not among those who may approve rotations of free-db."),
        ] {
            let told = bot.told_for_payload(&bot.tap(scene::BEN, "Cancel rotation"), |payload| {
                payload["actions"][0]["action_id"] = json!(action);
                payload["actions"][0]["value"] = json!(value);
            });
            assert!(told.contains(words), "{action} {value:?}: {told}");
        }
    }
    assert_eq!((bot.happened("approve", "ok"), bot.happened("deny", "ok")), (0, 0));
    // Nor does a value of no sort.
    for value in [Value::Null, json!(7), json!({"id": others})] {
        let tap = bot.tap(scene::ANA, "Cancel rotation");
        let _ = bot.deliver(bot.altered(&tap, |payload| payload["actions"][0]["value"] = value.clone()));
    }
    bot.rest();
    assert_eq!((bot.happened("approve", "ok"), bot.happened("cancel", "ok")), (0, 0));
    bot.nothing_was_sent();
}

fn a_changed_catalog_changes_no_rotation_that_is_live(bot: &mut Bot) {
    const SAYS: &str = "The catalog has been changed since. This rotation keeps the plan it began with.";
    bot.ana_waits_for_a_lead();
    let says = |bot: &Bot| {
        bot.until("the cards say that the catalog was changed", |world| {
            let cards = world.messages().into_iter().filter(|message| message.text.contains("Reference "));
            cards.filter(|card| words(&card.blocks).contains(SAYS)).count() == AMONG_LEADS
        });
    };
    // Another place, and no approvals any more: neither is so for what is live.
    let other = in_the_cloud(scene::GATEWAY_CLOUD, scene::CLOUD_SQL);
    let changed = target("sales-db", "Sales warehouse", BASIC, &[&other]);
    bot.knows(&changed);
    says(bot);
    let told = bot.told_for(scene::ANA, "Approve");
    assert!(told.contains("You are not among those who may approve rotations of sales-db."), "{told}");
    assert!(bot.copies().iter().all(|card| card.text.contains(UNAPPROVED)));
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS);
    bot.ana_opens_the_form();
    bot.ana_enters("by-the-plan-that-was-approved");
    bot.until_cards(VERIFIED, AMONG_LEADS);
    says(bot);
    let [opened] = bot.world.opened().try_into().unwrap();
    assert_eq!(opened.place, scene::SALES_SQL, "the place that was approved");
    // The next one goes by the catalog of now.
    bot.ana_asks_up_to(WAITING, 2);
    assert!(!words(&bot.card(scene::CHANNEL_DATA_OPS).blocks).contains(SAYS));
}

fn a_target_that_is_removed_is_still_approved_and_rotated(bot: &mut Bot) {
    bot.ana_waits_for_a_lead();
    bot.knows("[targets]\n");
    bot.until("a card says that the catalog was changed", |world| {
        world.messages().iter().any(|card| words(&card.blocks).contains("The catalog has been changed since."))
    });
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS);
    bot.ana_opens_the_form();
    bot.ana_enters("of-a-target-that-is-gone");
    bot.until_cards(VERIFIED, AMONG_LEADS);
    assert_eq!(bot.world.opened().len(), 1);
}

fn an_approval_that_is_missing_is_missing_after_the_deadline(bot: &mut Bot) {
    bot.knows(&ruled(r#"approvers = ["slack:S0LEADS"], approvals = 2, expires = "1h""#));
    bot.ana_asks_up_to("Waiting for 2 approvals", AMONG_LEADS);
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(UNAPPROVED, AMONG_LEADS);
    let screen = bot.card(scene::CHANNEL_DATA_OPS);
    bot.wait(Duration::from_secs(60 * 60 + 10));
    bot.cards_say("Expired without approval, nothing was changed", AMONG_LEADS);
    let told = bot.answer_to(&bot.world.person(scene::GIL).tap_as_seen(&screen, "Approve").unwrap());
    assert!(told.contains(MOVED_ON) && !told.contains("Already approved"), "nobody decided it: {told}");
    bot.nothing_is_offered();
    bot.sales_db_is_free();
}
