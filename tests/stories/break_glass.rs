//! Breaking glass: named people rotate past approvals and windows, with a reason and for everybody to see.

use emulator::scene;
use emulator::slack::{Gesture, Message};
use serde_json::{Value, json};

use crate::bot::{Bot, WAITING, words};
use crate::people::UNAPPROVED;
use crate::scene::{ONE_LEAD, ruled};

crate::stories![
    a_named_person_breaks_glass_for_everybody_to_see,
    without_a_reason_no_glass_is_broken,
    nobody_else_breaks_glass,
    whoever_may_not_any_more_enters_nothing,
    a_rotation_that_waits_is_set_aside,
    an_ordinary_rotation_passes_over_nothing;
    here only because "minutes go by, and what is kept can be read as rows":
    a_credential_that_is_held_back_is_forgotten,
    what_is_under_way_is_not_run_over,
    broken_glass_is_marked_in_what_is_kept,
];

const VERIFIED: &str = "Rotated and verified, 1 of 1";
/// #data-ops, Fay, and the three leads who are passed over.
const CARDS: usize = 5;

/// A lead has to approve, a window is always days away, what is entered is held back, and Fay may pass over all that.
fn guarded(bot: &Bot) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let day = bot.world.now_ms() / 1000 / (24 * 60 * 60) + 3;
    let window =
        format!(r#"{{ days = ["{}"], from = "12:00", to = "13:00", zone = "UTC" }}"#, DAYS[(day % 7) as usize]);
    ruled(&format!(r#"{ONE_LEAD}, windows = [{window}], stop = "5m", break_glass = ["slack:U0FAY"]"#))
}

/// Somebody asks to break glass, up to the form.
fn would_break(bot: &Bot, who: &str) {
    bot.types(who, "break-glass sales-db");
}

/// Fay fills in the form; it is not sent yet.
fn fays_request(bot: &Bot) -> Gesture {
    would_break(bot, scene::FAY);
    let form = bot.modal(scene::FAY);
    bot.world.person(scene::FAY).submit(&form.id, &[("reason", json!("Locked out, reports are down"))]).unwrap()
}

/// Fay breaks glass, up to her turn.
fn breaks(bot: &Bot) -> Message {
    bot.does(&fays_request(bot));
    bot.world.person(scene::FAY).close(&bot.modal(scene::FAY).id).unwrap();
    bot.until_cards(WAITING, CARDS);
    bot.card_of(scene::FAY)
}

/// Fay fills in the credential; it is not sent yet.
fn fays_credential(bot: &Bot, password: &str) -> Gesture {
    let (fay, card) = (bot.world.person(scene::FAY), bot.card_of(scene::FAY));
    bot.does(&fay.tap(&card.channel, &card.ts, "Enter credential").unwrap());
    let secret = json!(bot.secret(password));
    fay.submit(&bot.modal(scene::FAY).id, &[("password", secret)]).unwrap()
}

fn a_named_person_breaks_glass_for_everybody_to_see(bot: &mut Bot) {
    bot.knows(&guarded(bot));
    would_break(bot, scene::FAY);
    let form = bot.modal_words(scene::FAY);
    assert!(form.contains("this passes over approvals and maintenance windows."), "{form}");
    assert!(form.contains("Everybody in the target's rooms will see it, and the audit marks it."), "{form}");
    bot.world.person(scene::FAY).close(&bot.modal(scene::FAY).id).unwrap();
    breaks(bot);
    let loud = |bot: &Bot| {
        for card in bot.copies() {
            let said = words(&card.blocks);
            assert!(said.starts_with("BREAK-GLASS: rotate Sales warehouse\n"), "{said}");
            assert!(
                said.contains("*Break-glass:* nobody has approved this, and maintenance windows were passed over.")
            );
            assert!(said.contains("Asked by <@W0FAY>: Locked out, reports are down"), "{said}");
            assert!(
                card.text.starts_with("BREAK-GLASS: rotate Sales warehouse: "),
                "in notifications too: {}",
                card.text
            );
        }
    };
    loud(bot);
    for lead in [scene::BEN, scene::GIL, scene::HANA] {
        assert!(bot.card_of(lead).text.contains("BREAK-GLASS"), "{lead}");
    }
    bot.nothing_was_sent();
    let begun = bot.world.now_ms();
    bot.does(&fays_credential(bot, "past-everything"));
    // Neither an approval nor a window was waited for, nor the time to stop it.
    bot.until_cards(VERIFIED, CARDS);
    assert!(bot.world.now_ms() - begun < 2 * 60 * 1000, "of five minutes");
    loud(bot);
    assert!(bot.world.opened()[0].plaintext.contains("past-everything"));
    bot.until("Fay is told", |world| world.direct_messages(scene::FAY).len() == 2);
    bot.nothing_is_offered();
}

fn without_a_reason_no_glass_is_broken(bot: &mut Bot) {
    bot.knows(&guarded(bot));
    would_break(bot, scene::FAY);
    let fay = bot.world.person(scene::FAY);
    assert!(fay.submit(&bot.modal(scene::FAY).id, &[]).is_err(), "Slack does not send it without");
    fay.close(&bot.modal(scene::FAY).id).unwrap();
    let gesture = fays_request(bot);
    for reason in [Value::Null, json!(""), json!("   "), json!("x".repeat(301))] {
        let sent = bot.altered(&gesture, |payload| {
            let input = payload["view"]["state"]["values"]["reason"].as_object_mut().unwrap().values_mut().next();
            input.unwrap()["value"] = reason.clone();
        });
        let response = bot.deliver(sent);
        bot.world.slack_answered(&gesture, &response).unwrap();
        let marks = bot.modal(scene::FAY).errors;
        assert_eq!(marks, json!({"reason": "Say in a few words why, in at most 300 characters."}), "{reason}");
    }
    assert_eq!(bot.happened("open", "ok"), 0);
}

fn nobody_else_breaks_glass(bot: &mut Bot) {
    bot.knows(&guarded(bot));
    for (who, words) in [
        (scene::ANA, "You are not among those who may break glass for sales-db."),
        (scene::BEN, "You are not among those who may break glass for sales-db."),
        (scene::CYD, "you are signed in as a guest account."),
        (scene::EVE, "you are signed in as an account of another organisation."),
        (scene::DAN, "you are signed in as a deactivated account."),
    ] {
        would_break(bot, who);
        let told = bot.modal_words(who);
        assert!(told.contains(words), "{who}: {told}");
    }
    // Fay is no asker, and her form sent by others is refused as their own would be.
    let told = bot.form_for(scene::FAY, "sales-db");
    assert!(told.contains("You are not among those who may rotate sales-db."), "{told}");
    bot.world.person(scene::FAY).close(&bot.modal(scene::FAY).id).unwrap();
    let gesture = fays_request(bot);
    let told = bot.form_after(bot.altered(&gesture, |payload| payload["user"]["id"] = json!(scene::ANA)));
    assert!(told.contains("You are not among those who may break glass for sales-db."), "{told}");
    // Ana's own form under the name of the other one.
    bot.world.person(scene::ANA).close(&bot.modal(scene::ANA).id).unwrap();
    bot.form_for(scene::ANA, "sales-db");
    let ana = bot.world.person(scene::ANA);
    let gesture = ana.submit(&bot.modal(scene::ANA).id, &[("reason", json!("As if"))]).unwrap();
    let told = bot.form_after(bot.altered(&gesture, |payload| payload["view"]["callback_id"] = json!("break_glass")));
    assert!(told.contains("You are not among those who may break glass for sales-db."), "{told}");
    assert_eq!(bot.happened("open", "ok"), 0);
    // Where nobody is named, nobody may.
    bot.knows(&ruled(ONE_LEAD));
    would_break(bot, scene::FAY);
    let told = bot.modal_words(scene::FAY);
    assert!(told.contains("You are not among those who may break glass for sales-db."), "{told}");
}

fn whoever_may_not_any_more_enters_nothing(bot: &mut Bot) {
    bot.world.set_group_member(scene::GROUP_DATA, scene::FAY, true);
    let rules = guarded(bot).replace(r#"break_glass = ["slack:U0FAY"]"#, r#"break_glass = ["slack:S0DATA"]"#);
    bot.knows(&rules);
    breaks(bot);
    let credential = fays_credential(bot, "of-yesterdays-member");
    bot.world.set_group_member(scene::GROUP_DATA, scene::FAY, false);
    let told = bot.form_after(credential.request);
    assert!(told.contains("You are not among those who may break glass for sales-db."), "{told}");
    let told = bot.told_for(scene::FAY, "Enter credential");
    assert!(told.contains("You are not among those who may break glass for sales-db."), "{told}");
    bot.nothing_was_sent();
    bot.taps(scene::FAY, "Cancel rotation");
    bot.until_cards("Cancelled, nothing was changed", CARDS);
    bot.nothing_is_offered();
}

fn a_rotation_that_waits_is_set_aside(bot: &mut Bot) {
    bot.knows(&guarded(bot));
    bot.ana_asks_up_to(UNAPPROVED, 5);
    let waited = bot.card(scene::CHANNEL_DATA_OPS);
    let says = |bot: &Bot| {
        let set_aside = bot.world.messages().into_iter().find(|card| card.ts == waited.ts);
        words(&set_aside.unwrap().blocks)
    };
    let request = fays_request(bot);
    bot.does(&request);
    bot.until("the first card says so", |world| {
        world.messages().iter().any(|card| card.ts == waited.ts && card.text.contains("Set aside for break-glass"))
    });
    let card = says(bot);
    assert!(card.contains("Set aside for break-glass, nothing was changed"), "{card}");
    assert!(card.contains("Set aside for break-glass by <@W0FAY>") && !card.contains("Approve"), "{card}");
    bot.world.person(scene::FAY).close(&bot.modal(scene::FAY).id).unwrap();
    bot.until_cards(WAITING, CARDS);
    let told = bot.notes_of(scene::ANA).pop().expect("Ana is told");
    assert!(told.text.contains("Set aside for break-glass, nothing was changed"), "{told:#?}");
    assert_eq!((bot.happened("give-way", "ok"), bot.happened("claim", "ok")), (1, 2));
    // Whoever approves it late is told; the one that broke glass goes on.
    let late = bot.world.person(scene::BEN).tap_as_seen(&waited, "Approve").unwrap();
    let told = bot.answer_to(&late);
    assert!(told.starts_with("Already set aside for break-glass by Fay"), "{told}");
    bot.does(&fays_credential(bot, "before-the-other"));
    bot.until_cards(VERIFIED, CARDS);
}

fn a_credential_that_is_held_back_is_forgotten(bot: &mut Bot) {
    bot.knows(&ruled(r#"approvers = ["slack:S0LEADS"], approvals = 1, stop = "5m", break_glass = ["slack:U0FAY"]"#));
    bot.ana_asks_up_to(UNAPPROVED, 5);
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, 5);
    bot.ana_opens_the_form();
    bot.ana_enters("held-back");
    bot.until_cards("About to begin. It can be stopped", 5);
    breaks(bot);
    assert!(!String::from_utf8(bot.kept()).unwrap().contains("\"credential\": "));
    bot.wait(std::time::Duration::from_secs(6 * 60));
    bot.nothing_was_sent();
    bot.does(&fays_credential(bot, "in-its-place"));
    bot.until_cards(VERIFIED, CARDS);
    assert!(bot.world.opened()[0].plaintext.contains("in-its-place"));
}

fn what_is_under_way_is_not_run_over(bot: &mut Bot) {
    bot.knows(&ruled(r#"approvers = ["slack:S0LEADS"], approvals = 1, break_glass = ["slack:U0FAY", "slack:U0ANA"]"#));
    let told = |bot: &Bot, who: &str| {
        would_break(bot, who);
        bot.rest();
        bot.modal_words(who)
    };
    let busy = emulator::FaultKind::throttled(60);
    bot.world.script(emulator::Fault::once("powerbi", scene::SALES_SQL, busy).on_method("PATCH"));
    bot.ana_asks_up_to(UNAPPROVED, 5);
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, 5);
    bot.ana_opens_the_form();
    bot.ana_enters("under-way");
    bot.until_cards("Rotating, 0 of 1 done", 5);
    let told_fay = told(bot, scene::FAY);
    assert!(told_fay.contains("Another rotation of this target is under way (reference "), "{told_fay}");
    bot.until_cards(VERIFIED, 5);
    bot.rest();
    // Nor does one emergency end another.
    bot.world.person(scene::FAY).close(&bot.modal(scene::FAY).id).unwrap();
    breaks(bot);
    let told_ana = told(bot, scene::ANA);
    assert!(told_ana.contains("Another rotation of this target is under way (reference "), "{told_ana}");
    assert_eq!(bot.happened("give-way", "ok"), 0);
}

fn an_ordinary_rotation_passes_over_nothing(bot: &mut Bot) {
    let rules = guarded(bot).replace("slack:U0FAY", "slack:U0ANA");
    bot.knows(&rules);
    bot.ana_asks_up_to(UNAPPROVED, 5);
    assert!(!words(&bot.card(scene::CHANNEL_DATA_OPS).blocks).to_lowercase().contains("break-glass"));
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, 5);
    let told = bot.told_for(scene::ANA, "Enter credential");
    assert!(told.contains("The maintenance window opens at "), "{told}");
}

fn broken_glass_is_marked_in_what_is_kept(bot: &mut Bot) {
    let marks = |bot: &Bot| {
        let kept = String::from_utf8(bot.kept()).unwrap().replace('\\', "");
        let (rows, _) = kept.rsplit_once(r#""what":"supply""#).expect("an entry of the audit");
        let marked = |row: &str| row.rsplit('{').next().unwrap().contains(r#""break_glass":true"#);
        rows.split(r#""what":"supply""#).map(marked).collect::<Vec<_>>()
    };
    bot.knows(&guarded(bot));
    breaks(bot);
    bot.does(&fays_credential(bot, "marked"));
    bot.until_cards(VERIFIED, CARDS);
    assert_eq!(marks(bot), [true]);
}
