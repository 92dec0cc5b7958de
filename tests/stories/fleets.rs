//! One credential in many places: all of them, all but some, and what becomes of those.

use std::collections::BTreeMap;
use std::time::Duration;

use emulator::{Destination, Fault, FaultKind};

use crate::bot::{Bot, WAITING, is_card};
use crate::many::{ENTERED, calls, densest, id, knows_fleet, updates_of};

crate::stories![
    two_hundred_places_are_rotated_and_verified,
    six_calls_at_a_time,
    killed_in_the_middle_it_goes_on_where_it_was;
    here only because "it takes many calls of a tenth of a second, and a clock that can be put back":
    progress_shows_on_the_card_once_a_second,
    a_waking_ends_after_three_seconds_however_many_calls_it_may_make,
    killed_wherever_it_is_it_goes_on,
    a_clock_that_is_put_back_delays_and_loses_nothing,
];

const ALL_GOOD: &str = "Rotated and verified, 200 of 200";

fn two_hundred_places_are_rotated_and_verified(bot: &mut Bot) {
    let fleet = knows_fleet(bot, 200);
    bot.ana_rotates("fleet", ENTERED, ALL_GOOD);

    // Every machine of every cluster opened it, once for each place, with its own key.
    let mut opened: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for credential in bot.world.opened() {
        assert!(credential.kept && credential.plaintext.contains("for-the-whole-fleet"));
        opened.entry(credential.place).or_default().push(credential.member.expect("a gateway member"));
    }
    assert_eq!(opened.len(), 200);
    for place in &fleet {
        let mut members = opened.remove(id(place)).expect("it was set");
        let count = members.len();
        members.sort();
        members.dedup();
        let expected = if matches!(place, Destination::Connection { .. }) { 3 } else { 1 };
        assert_eq!((count, members.len()), (expected, expected), "{place:?}");
    }
    assert_eq!((updates_of(&bot.world).len(), bot.world.tests().len()), (200, 200));

    // Four clusters, read twice: for the plan, and when the credential was there.
    let mut reads: BTreeMap<String, usize> = BTreeMap::new();
    for call in calls(&bot.world) {
        let of_gateway = call.service == "powerbi" && !call.path.contains("/datasources");
        if of_gateway || call.path.ends_with("/members") {
            *reads.entry(format!("{} {}", call.service, call.path)).or_default() += 1;
        }
    }
    assert_eq!(reads.len(), 8);
    assert!(reads.values().all(|times| *times == 2), "{reads:?}");
}

fn progress_shows_on_the_card_once_a_second(bot: &mut Bot) {
    every_call_takes(bot, 100);
    knows_fleet(bot, 200);
    bot.ana_rotates("fleet", ENTERED, ALL_GOOD);
    bot.rest();
    let mut rewrites: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for call in bot.world.received().into_iter().filter(|call| call.path.ends_with("chat.update")) {
        let body: serde_json::Value = serde_json::from_str(&call.body).unwrap();
        rewrites.entry(body["ts"].to_string()).or_default().push(call.at_ms);
    }
    let cards = bot.world.messages().into_iter().filter(is_card).count();
    assert_eq!((cards, rewrites.len()), (2, 2), "in the room, and in Ana's messages");
    for times in rewrites.into_values() {
        // A minute and a half of calls.
        assert!((20..100).contains(&times.len()), "{} changes", times.len());
        let (last, others) = times.split_last().unwrap();
        let least = others.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
        assert!(least >= 1000, "{least} ms between two changes");
        assert!(last - others.last().unwrap() < 5000, "the end is not kept waiting");
    }
}

fn six_calls_at_a_time(bot: &mut Bot) {
    let slow = 400;
    bot.world.script(Fault::once("", "", FaultKind::Slow(slow)).on_method("PATCH").repeated(u32::MAX));
    knows_fleet(bot, 30);
    bot.ana_rotates("fleet", ENTERED, "Rotated and verified, 30 of 30");
    let most = densest(&updates_of(&bot.world), Duration::from_millis(slow - 20));
    // In this process one call is answered before the next is made.
    assert!((1..=6).contains(&most), "{most} at once");
}

fn every_call_takes(bot: &Bot, ms: u64) {
    for service in ["powerbi", "fabric"] {
        bot.world.script(Fault::once(service, "", FaultKind::Slow(ms)).repeated(u32::MAX));
    }
}

/// How long it went on at a stretch, without looking at its cards.
fn longest_stretch(bot: &Bot) -> u64 {
    let mut longest = 0;
    let mut since = None;
    for call in bot.world.received() {
        if call.service == "slack" {
            since = None;
        } else {
            longest = longest.max(call.at_ms - *since.get_or_insert(call.at_ms));
        }
    }
    longest
}

fn a_waking_ends_after_three_seconds_however_many_calls_it_may_make(bot: &mut Bot) {
    bot.with(&[
        ("CALLS_PER_WAKING", "1000"),
        ("POWERBI_CALLS_PER_MINUTE", "10000"),
        ("FABRIC_CALLS_PER_MINUTE", "10000"),
    ]);
    every_call_takes(bot, 100);
    knows_fleet(bot, 60);
    bot.ana_rotates("fleet", ENTERED, "Rotated and verified, 60 of 60");
    let longest = longest_stretch(bot);
    // Six calls that began just before are waited for; here they come one after another.
    assert!((2_500..4_500).contains(&longest), "{longest} ms");
}

/// That every place was set, and those that were not in the middle of it only once.
fn nothing_needless(bot: &Bot, places: usize, again: usize) {
    let mut updates: BTreeMap<String, usize> = BTreeMap::new();
    // A token that the clock says is good and the service does not take is no reason to call it needless.
    for call in updates_of(&bot.world).into_iter().filter(|call| call.status != Some(401)) {
        *updates.entry(call.path).or_default() += 1;
    }
    assert_eq!(updates.len(), places);
    let more_than_once: Vec<_> = updates.into_iter().filter(|(_, times)| *times > 1).collect();
    assert!(more_than_once.len() <= again && more_than_once.iter().all(|(_, times)| *times == 2), "{more_than_once:?}");
}

fn killed_in_the_middle_it_goes_on_where_it_was(bot: &mut Bot) {
    let fleet = knows_fleet(bot, 60);
    bot.world.script(Fault::once("", id(&fleet[31]), FaultKind::Hang).on_method("PATCH"));
    bot.ana_requests("fleet");
    bot.until_her_card(WAITING);
    bot.ana_opens_the_form();
    bot.ana_fills_in(ENTERED);
    bot.until("the bot waits", |world| world.received().iter().any(|call| call.status.is_none()));
    // The others of the same batch are answered meanwhile.
    bot.rest();
    bot.crash();
    bot.until_card("Rotated and verified, 60 of 60");
    // The one that was not answered is sent again; what was under way together with it was kept.
    nothing_needless(bot, 60, 1);
    assert_eq!(bot.world.tests().len(), 60);
}

/// Where the bot is killed: over a call like this, for that place.
fn killed_wherever_it_is_it_goes_on(bot: &mut Bot) {
    let fleet = knows_fleet(bot, 24);
    for (place, method) in [(0, "GET"), (7, "GET"), (10, "PATCH"), (13, "PATCH"), (16, "GET"), (23, "POST")] {
        bot.world.script(Fault::once("", id(&fleet[place]), FaultKind::Hang).on_method(method));
    }
    bot.world.script(Fault::once("fabric", "members", FaultKind::Hang));
    bot.ana_requests("fleet");
    bot.until_her_card(WAITING);
    // Looked at once for the plan, and again now.
    for (place, method) in [(2, "GET"), (9, "GET")] {
        bot.world.script(Fault::once("", id(&fleet[place]), FaultKind::Hang).on_method(method));
    }
    bot.world.script(Fault::once("slack", "chat.update", FaultKind::Hang).repeated(2));
    bot.world.script(Fault::once("powerbi", "/status", FaultKind::Hang).repeated(2));
    bot.ana_opens_the_form();
    bot.ana_fills_in(ENTERED);
    bot.until_card("Rotated and verified, 24 of 24");
    let silent = bot.world.received().iter().filter(|call| call.status.is_none()).count();
    assert_eq!(silent, 13, "it died that often");
    nothing_needless(bot, 24, 2);
}

fn a_clock_that_is_put_back_delays_and_loses_nothing(bot: &mut Bot) {
    every_call_takes(bot, 100);
    knows_fleet(bot, 60);
    bot.ana_requests("fleet");
    bot.until_her_card(WAITING);
    bot.ana_opens_the_form();
    bot.ana_fills_in(ENTERED);
    for (done, back) in [(10, 1), (20, 60), (30, 3600)] {
        bot.until("some places are done", |world| world.tests().len() >= done);
        bot.here().put_clock_back(Duration::from_secs(back));
    }
    let begun = bot.world.now_ms();
    bot.until_card("Rotated and verified, 60 of 60");
    let took = Duration::from_millis(bot.world.now_ms() - begun);
    assert!(took < Duration::from_secs(2 * 3600), "{took:?}");
    nothing_needless(bot, 60, 0);
    assert_eq!(bot.world.opened().len(), 30 + 30 * 3);
}
