//! Maintenance windows: the credential is entered in one and nowhere else, by the clocks of the place it names.

use std::time::Duration;

use emulator::slack::Message;
use emulator::{Fault, FaultKind, World, scene};
use serde_json::json;

use crate::bot::{Bot, WAITING, words};
use crate::people::{AMONG_LEADS, MOVED_ON, UNAPPROVED};
use crate::scene::{ONE_LEAD, WINDOWS, on_premises, ruled, target, with_rules};

crate::stories![
    in_an_open_window_nothing_is_waited_for,
    before_a_window_nothing_is_entered;
    here only because "a window is hours or days away":
    approved_in_the_evening_it_is_entered_at_night,
    without_approvals_the_window_is_waited_for_as_well,
    a_window_that_closes_ends_the_wait,
    what_is_left_of_an_open_window_is_the_deadline,
    a_window_that_leaves_no_time_to_stop_is_not_used,
    what_was_not_begun_in_the_window_is_left,
    what_was_begun_in_the_window_is_brought_to_its_end,
    outside_the_window_nothing_is_repeated,
    a_window_follows_the_clocks_of_its_place,
    the_message_of_a_window_days_ahead_survives_a_failure,
];

const VERIFIED: &str = "Rotated and verified, 1 of 1";
/// Saturday and Sunday nights in Vienna; the story begins on a Saturday at 19:30 there.
const NIGHTS: &str = r#"windows = [{ days = ["Sat", "Sun"], from = "22:00", to = "04:00", zone = "Europe/Vienna" }]"#;
const HOUR: u64 = 60 * 60;

fn wait(bot: &Bot, seconds: u64) {
    bot.wait(Duration::from_secs(seconds));
}

/// Lets time go by up to so many seconds after 1970.
fn wait_until(bot: &Bot, at: u64) {
    wait(bot, at - bot.world.now_ms() / 1000);
}

/// What tells Ana that she can enter the credential now.
fn turns(world: &World) -> Vec<Message> {
    let mine = world.direct_messages(scene::ANA).into_iter();
    mine.filter(|note| note.text.starts_with("You can enter the credential of Sales warehouse now.")).collect()
}

/// Ana taps on the message that says it is her turn, and enters.
fn ana_enters_from_the_message(bot: &Bot, password: &str) {
    let turn = turns(&bot.world).pop().expect("a message");
    bot.does(&bot.world.person(scene::ANA).tap(&turn.channel, &turn.ts, "Enter credential").unwrap());
    bot.ana_enters(password);
}

fn in_an_open_window_nothing_is_waited_for(bot: &mut Bot) {
    let every_day = r#"days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]"#;
    let windows = format!(r#"windows = [{{ {every_day}, from = "00:00", to = "00:00", zone = "Europe/Vienna" }}]"#);
    bot.knows(&ruled(&format!("{ONE_LEAD}, {windows}")));
    bot.ana_asks_up_to(UNAPPROVED, AMONG_LEADS);
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS);
    bot.until("it is Ana's turn", |world| turns(world).len() == 1);
    ana_enters_from_the_message(bot, "in-an-open-window");
    bot.until_cards(VERIFIED, AMONG_LEADS);
}

fn before_a_window_nothing_is_entered(bot: &mut Bot) {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let day = bot.world.now_ms() / 1000 / (24 * HOUR) + 3;
    let window =
        format!(r#"{{ days = ["{}"], from = "12:00", to = "13:00", zone = "UTC" }}"#, DAYS[(day % 7) as usize]);
    bot.knows(&ruled(&format!("{ONE_LEAD}, windows = [{window}]")));
    bot.ana_asks_up_to(UNAPPROVED, AMONG_LEADS);
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS);
    let noon = day * 24 * HOUR + 12 * HOUR;
    for card in bot.copies() {
        let card = words(&card.blocks);
        assert!(card.contains(&format!(" from <!date^{noon}^")), "{card}");
        assert!(card.contains(&format!(" until <!date^{}^", noon + HOUR)), "{card}");
    }
    let told = bot.told_for(scene::ANA, "Enter credential");
    assert!(told.contains("The maintenance window opens at 20") && told.contains("12:00 UTC."), "{told}");
    assert!(told.contains("then: you will get a message. Nothing was changed."), "{told}");
    assert!(bot.world.modals(scene::ANA).is_empty() && turns(&bot.world).is_empty());
    // A form that she was not given.
    let other = bot.form_for(scene::ANA, "sales-db");
    assert!(other.contains("Rotate the credential of"), "{other}");
    let ana = bot.world.person(scene::ANA);
    let asked = ana.submit(&bot.modal(scene::ANA).id, &[("reason", json!("To be forged"))]).unwrap();
    let (id, secret) = (crate::people::rotation_of(&bot.card_of(scene::ANA)), bot.secret("before-the-window"));
    let told = bot.form_after(bot.altered(&asked, |payload| {
        payload["view"]["callback_id"] = json!("credential");
        payload["view"]["private_metadata"] = json!(id);
        payload["view"]["state"]["values"] =
            json!({"password": {"value": {"type": "plain_text_input", "value": secret}}});
    }));
    assert!(told.contains("The maintenance window opens at 20"), "{told}");
    assert_eq!(bot.happened("supply", "ok"), 0);
    bot.nothing_was_sent();
    // It can be given up meanwhile.
    bot.taps(scene::ANA, "Cancel rotation");
    bot.until_cards("Cancelled, nothing was changed", AMONG_LEADS);
    bot.nothing_is_offered();
}

fn approved_in_the_evening_it_is_entered_at_night(bot: &mut Bot) {
    bot.knows(&ruled(&format!("{ONE_LEAD}, {NIGHTS}")));
    bot.ana_asks_up_to(UNAPPROVED, AMONG_LEADS);
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS);
    let told = bot.told_for(scene::ANA, "Enter credential");
    assert!(told.contains("The maintenance window opens at 2026-11-21 21:00 UTC."), "{told}");
    bot.crash();
    wait(bot, 2 * HOUR + HOUR / 2 - 30);
    assert!(turns(&bot.world).is_empty(), "not before it opens");
    let told = bot.told_for(scene::ANA, "Enter credential");
    assert!(told.contains("The maintenance window opens at"), "{told}");
    bot.crash();
    wait(bot, 60);
    assert_eq!(turns(&bot.world).len(), 1, "as soon as it opens");
    ana_enters_from_the_message(bot, "at-night");
    bot.until_cards(VERIFIED, AMONG_LEADS);
    assert!(bot.world.opened()[0].plaintext.contains("at-night"));
    bot.wait(Duration::from_secs(10));
    bot.nothing_is_offered();
}

fn without_approvals_the_window_is_waited_for_as_well(bot: &mut Bot) {
    bot.knows(&ruled(NIGHTS));
    bot.ana_asks_up_to(WAITING, 2);
    let told = bot.told_for(scene::ANA, "Enter credential");
    assert!(told.contains("The maintenance window opens at 2026-11-21 21:00 UTC."), "{told}");
    wait(bot, 3 * HOUR);
    ana_enters_from_the_message(bot, "without-approvals");
    bot.until_cards(VERIFIED, 2);
}

fn a_window_that_closes_ends_the_wait(bot: &mut Bot) {
    let short = NIGHTS.replace("04:00", "22:20");
    bot.knows(&ruled(&format!("{ONE_LEAD}, {short}")));
    bot.ana_asks_up_to(UNAPPROVED, AMONG_LEADS);
    bot.taps(scene::BEN, "Approve");
    bot.until_cards(WAITING, AMONG_LEADS);
    wait(bot, 2 * HOUR + HOUR / 2 + 10);
    let turn = turns(&bot.world).pop().expect("it is open");
    bot.does(&bot.world.person(scene::ANA).tap(&turn.channel, &turn.ts, "Enter credential").unwrap());
    let ana = bot.world.person(scene::ANA);
    let secret = json!(bot.secret("after-the-window"));
    let form = ana.submit(&bot.modal(scene::ANA).id, &[("password", secret)]).unwrap();
    bot.crash();
    wait(bot, 20 * 60 - 30);
    assert!(bot.copies().iter().all(|card| card.text.contains(WAITING)));
    wait(bot, 60);
    bot.cards_say("Expired without a credential, nothing was changed", AMONG_LEADS);
    let told = bot.form_after(bot.altered(&form, |_| {}));
    assert!(told.contains(MOVED_ON), "{told}");
    bot.nothing_is_offered();
    bot.nothing_was_sent();
    bot.sales_db_is_free();
}

fn what_is_left_of_an_open_window_is_the_deadline(bot: &mut Bot) {
    // It is 19:30 in Vienna: five minutes are left.
    let evening = NIGHTS.replace("22:00", "18:00").replace("04:00", "19:35");
    bot.knows(&ruled(&evening));
    bot.ana_asks_up_to(WAITING, 2);
    wait(bot, 4 * 60);
    assert!(bot.copies().iter().all(|card| card.text.contains(WAITING)));
    wait(bot, 2 * 60);
    bot.cards_say("Expired without a credential, nothing was changed", 2);
}

fn a_window_that_leaves_no_time_to_stop_is_not_used(bot: &mut Bot) {
    // It is 19:30 in Vienna. Of eight minutes, five are for stopping and three for entering.
    let until = |time: &str| NIGHTS.replace("22:00", "18:00").replace("04:00", time);
    bot.knows(&ruled(&format!(r#"{}, stop = "5m""#, until("19:37"))));
    bot.ana_asks_up_to(WAITING, 2);
    let told = bot.told_for(scene::ANA, "Enter credential");
    assert!(told.contains("The maintenance window opens at 2026-11-22 17:00 UTC."), "{told}");
    bot.taps(scene::ANA, "Cancel rotation");
    bot.until_cards("Cancelled, nothing was changed", 2);
    bot.knows(&ruled(&format!(r#"{}, stop = "5m""#, until("19:39"))));
    bot.ana_asks_up_to(WAITING, 2);
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    let last = 1_795_285_800 + 4 * 60;
    assert!(card.contains(&format!(" until <!date^{last}^")), "at 19:34, to begin before 19:39: {card}");
    wait(bot, 3 * 60 + 50);
    bot.ana_opens_the_form();
    bot.ana_enters("with-time-to-stop");
    wait(bot, 4 * 60);
    bot.nothing_was_sent();
    bot.until_cards(VERIFIED, 2);
    assert!(bot.world.now_ms() / 1000 < last + 5 * 60);
}

/// A window that closes in five minutes, and a rotation in it whose credential is entered.
fn entered_in_the_last_minutes(bot: &mut Bot, fault: Fault) {
    bot.knows(&ruled(&NIGHTS.replace("22:00", "18:00").replace("04:00", "19:35")));
    bot.ana_asks_up_to(WAITING, 2);
    bot.world.script(fault);
    bot.ana_opens_the_form();
    bot.ana_enters("in-the-last-minutes");
    wait(bot, 4 * 60);
    assert!(bot.copies().iter().all(|card| card.text.contains("Rotating, 0 of 1 done")));
}

fn what_was_not_begun_in_the_window_is_left(bot: &mut Bot) {
    let busy = FaultKind::throttled(6 * 60);
    entered_in_the_last_minutes(bot, Fault::once("powerbi", scene::SALES_SQL, busy).on_method("GET"));
    bot.until_cards("Not rotated", 2);
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("The maintenance window closed before its turn came."), "{card}");
    bot.nothing_was_sent();
    bot.nothing_is_offered();
    assert!(!String::from_utf8(bot.kept()).unwrap().contains("\"credential\": "));
    bot.sales_db_is_free();
}

fn what_was_begun_in_the_window_is_brought_to_its_end(bot: &mut Bot) {
    let busy = FaultKind::throttled(6 * 60);
    entered_in_the_last_minutes(bot, Fault::once("powerbi", scene::SALES_SQL, busy).on_method("PATCH"));
    bot.until_cards(VERIFIED, 2);
}

fn outside_the_window_nothing_is_repeated(bot: &mut Bot) {
    let places =
        [on_premises(scene::GATEWAY_SALES, scene::SALES_SQL), on_premises(scene::GATEWAY_PLANT, scene::PLANT_SQL)];
    let catalog = target("sales-db", "Sales warehouse", WINDOWS, &[&places[0], &places[1]]);
    bot.knows(&with_rules(&catalog, &NIGHTS.replace("22:00", "18:00").replace("04:00", "19:35")));
    bot.world.set_gateway_online(scene::GATEWAY_PLANT, false);
    bot.ana_asks("sales-db");
    bot.ana_enters("repeated-in-time-only");
    bot.until_cards("Partly rotated, 1 of 2 are good. What failed can be tried again", 2);
    let closes = 1_795_285_800 + 5 * 60;
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains(&format!(" until <!date^{closes}^")), "as long as the window: {card}");
    let seen = bot.card(scene::CHANNEL_DATA_OPS);
    wait(bot, 5 * 60);
    bot.cards_say("Partly rotated, 1 of 2 are good", 2);
    bot.world.set_gateway_online(scene::GATEWAY_PLANT, true);
    let before = bot.world.received().iter().filter(|call| call.service != "slack").count();
    let retry = bot.world.person(scene::ANA).tap_as_seen(&seen, "Retry failed").unwrap();
    let told = bot.answer_to(&retry);
    assert!(told.contains("has closed, so what failed is not tried again."), "{told}");
    assert_eq!(bot.world.received().iter().filter(|call| call.service != "slack").count(), before);
    bot.nothing_is_offered();
}

fn a_window_follows_the_clocks_of_its_place(bot: &mut Bot) {
    /// 2027-03-27 21:00 UTC, a Saturday: 22:00 in Vienna, in the last hours of winter time.
    const SATURDAY: u64 = 1_806_181_200;
    bot.knows(&ruled(&NIGHTS.replace("04:00", "05:00")));
    wait_until(bot, SATURDAY - HOUR);
    bot.ana_asks_up_to(WAITING, 2);
    let told = bot.told_for(scene::ANA, "Enter credential");
    assert!(told.contains("opens at 2027-03-27 21:00 UTC."), "winter time: {told}");
    bot.taps(scene::ANA, "Cancel rotation");
    bot.until_cards("Cancelled, nothing was changed", 2);

    // At 01:00 UTC it becomes 03:00: five o'clock, when it closes, is an hour nearer.
    wait_until(bot, SATURDAY + 5 * HOUR + 55 * 60);
    bot.ana_asks_up_to(WAITING, 2);
    wait(bot, 4 * 60);
    assert!(bot.copies().iter().all(|card| card.text.contains(WAITING)));
    wait(bot, 2 * 60);
    bot.cards_say("Expired without a credential, nothing was changed", 2);

    // On Sunday it opens at 22:00 of summer time.
    bot.ana_asks_up_to(WAITING, 2);
    let told = bot.told_for(scene::ANA, "Enter credential");
    assert!(told.contains("opens at 2027-03-28 20:00 UTC."), "summer time: {told}");
    wait_until(bot, SATURDAY + 23 * HOUR - 5);
    assert!(turns(&bot.world).is_empty());
    wait(bot, 10);
    ana_enters_from_the_message(bot, "in-summer-time");
    bot.until_cards(VERIFIED, 2);
}

fn the_message_of_a_window_days_ahead_survives_a_failure(bot: &mut Bot) {
    let wednesday = r#"windows = [{ days = ["Wed"], from = "12:00", to = "14:00", zone = "UTC" }]"#;
    bot.knows(&ruled(wednesday));
    bot.ana_asks_up_to(WAITING, 2);
    // 2026-11-25 12:00 UTC.
    wait_until(bot, 1_795_608_000 - 10);
    bot.world.script(Fault::once("slack", "chat.postMessage", FaultKind::throttled(30)).repeated(2));
    wait(bot, 20);
    assert!(turns(&bot.world).is_empty(), "Slack takes nothing now");
    wait(bot, 120);
    ana_enters_from_the_message(bot, "although-slack-was-away");
    bot.world.script(Fault::once("slack", "chat.update", FaultKind::throttled(30)).repeated(3));
    bot.until_cards(VERIFIED, 2);
    bot.wait(Duration::from_secs(120));
    bot.nothing_is_offered();
}
