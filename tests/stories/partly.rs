//! A fleet of which some places fail, each for a reason of its own: the others are done, and what can be mended is repeated.

use std::time::Duration;

use emulator::fabric::Rights;
use emulator::{Fault, FaultKind, scene};

use crate::bot::{Bot, WAITING, words};
use crate::many::{ENTERED, calls, entry, id, updates_of};
use crate::people::MOVED_ON;
use crate::scene::{BASIC, connection, on_premises, target};

crate::stories![
    seven_places_fail_and_the_others_do_not_wait,
    what_is_mended_is_repeated_and_then_all_is_good,
    only_whoever_asked_repeats_or_leaves_what_failed,
    where_nothing_can_be_mended_nothing_is_offered;
    here only because "half an hour goes by, and rows are looked at":
    while_it_waits_only_what_is_needed_is_kept,
    what_nobody_repeats_ends_as_it_is,
    half_an_hour_to_repeat_is_given_once,
];

const NOWHERE: &str = "deadbeef-0000-4000-8000-000000000000";

/// 503, and not again before two hours: longer than anything is tried.
fn down() -> FaultKind {
    let headers = vec![("Retry-After".to_owned(), "7200".to_owned())];
    FaultKind::Status { code: 503, headers, body: String::new() }
}

/// Seven failures among so many places. What is down, garbled or lost is well again by itself the next time; a machine that
/// is off line and a right that is missing have to be mended; a login that is refused and a place that is not there stay so.
struct Failing {
    good: Vec<String>,
    refused: String,
    forbidden: String,
    others: Vec<String>,
}

fn seven_among(bot: &Bot, all: usize) -> Failing {
    let fleet = bot.world.fleet(all - 2);
    let ids: Vec<_> = fleet.iter().map(|place| id(place).to_owned()).collect();
    // Data sources have even numbers, connections odd ones.
    let [refused, forbidden, down_at, garbled, lost] = [10, 21, 30, 41, 51];
    let mut places: Vec<_> = fleet.iter().map(entry).collect();
    places.push(on_premises(scene::GATEWAY_FINANCE, scene::FINANCE_SQL));
    places.push(connection(NOWHERE, "OnPremisesGateway"));
    bot.knows(&target("fleet", "fleet", BASIC, &places.iter().map(String::as_str).collect::<Vec<_>>()));

    bot.world.set_gateway_online(scene::GATEWAY_FINANCE, false);
    bot.world.set_source_password(&ids[refused], Some("another-one-entirely"));
    bot.world.set_connection_rights(&ids[forbidden], Rights::User);
    bot.world.script(Fault::once("powerbi", &ids[down_at], down()).on_method("PATCH"));
    let page = FaultKind::Status { code: 200, headers: Vec::new(), body: "<html>".to_owned() };
    bot.world.script(Fault::once("fabric", &ids[garbled], page).on_method("GET").repeated(2));
    bot.world.script(Fault::once("fabric", &ids[lost], FaultKind::LoseResponse).on_method("PATCH"));
    bot.world.script(Fault::once("fabric", &ids[lost], down()).on_method("PATCH"));
    let failing = [refused, forbidden, down_at, garbled, lost];
    Failing {
        good: (0..ids.len()).filter(|at| !failing.contains(at)).map(|at| ids[at].clone()).collect(),
        refused: ids[refused].clone(),
        forbidden: ids[forbidden].clone(),
        others: [down_at, garbled, lost].map(|at| ids[at].clone()).to_vec(),
    }
}

fn ana_enters_for_the_fleet(bot: &Bot) {
    bot.ana_requests("fleet");
    bot.until_her_card(WAITING);
    bot.ana_opens_the_form();
    bot.ana_fills_in(ENTERED);
}

fn seven_places_fail_and_the_others_do_not_wait(bot: &mut Bot) {
    let failing = seven_among(bot, 200);
    bot.ana_requests("fleet");
    bot.until_her_card(WAITING);
    let plan = words(&bot.her_card().blocks);
    assert!(plan.contains("197 of 200 are ready."), "the others fail later: {plan}");
    bot.ana_opens_the_form();
    bot.ana_fills_in(ENTERED);
    bot.until_card("Partly rotated, 193 of 200 are good. What failed can be tried again");

    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    let (troubles, good) =
        card.split_once("193 places are good.").expect("the good ones are counted, after the others");
    for (cause, times) in [
        ("The old credential is still in force. The gateway is offline or disabled.", 1),
        ("The old credential is still in force. The data source refused the new login.", 1),
        ("The old credential is still in force. Fabric does not find it", 1),
        ("The old credential is still in force. Fabric says this program may not do that.", 1),
        ("The old credential is still in force. Fabric answered something this program does not understand.", 1),
        ("may be in force. Power BI has a problem of its own at the moment. (503)", 1),
        ("may be in force. Fabric has a problem of its own at the moment. (503)", 1),
    ] {
        assert_eq!(troubles.matches(cause).count(), times, "{cause}: {card}");
    }
    assert!(!good.contains("force"), "{card}");

    // Repeated: what can be mended, and nothing else.
    bot.world.set_gateway_online(scene::GATEWAY_FINANCE, true);
    bot.world.set_connection_rights(&failing.forbidden, Rights::Owner);
    let before = calls(&bot.world).len();
    bot.taps(scene::ANA, "Retry failed");
    bot.until_card("Partly rotated, 198 of 200 are good. What failed can be tried again");
    let repeated: Vec<_> = calls(&bot.world).split_off(before);
    let asked = |id: &String| repeated.iter().filter(|call| call.path.contains(id.as_str())).count();
    assert!(failing.others.iter().chain([&failing.forbidden]).all(|id| asked(id) > 0), "{repeated:#?}");
    assert!(asked(&NOWHERE.to_owned()) > 0 && asked(&scene::FINANCE_SQL.to_owned()) > 0);
    assert!(failing.good.iter().chain([&failing.refused]).all(|id| asked(id) == 0), "{repeated:#?}");
    let set_twice =
        |id: &&String| updates_of(&bot.world).iter().filter(|call| call.path.contains(id.as_str())).count() > 1;
    assert_eq!(failing.good.iter().find(set_twice), None);

    // Of what is left nothing can be had.
    bot.taps(scene::ANA, "Leave as it is");
    bot.until_card("Partly rotated, 198 of 200 are good. Reference");
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert!(!card.contains("Retry failed") && card.contains("Left as it is by <@W0ANA>"), "{card}");
    let status = bot.asks(scene::BEN, "status fleet");
    assert!(status.contains("Nothing is going on."), "{status}");
}

/// One place that fails until it is mended, and seven that do not.
fn one_off_line(bot: &Bot) {
    let mut places: Vec<_> = bot.world.fleet(7).iter().map(entry).collect();
    places.push(on_premises(scene::GATEWAY_FINANCE, scene::FINANCE_SQL));
    bot.knows(&target("fleet", "fleet", BASIC, &places.iter().map(String::as_str).collect::<Vec<_>>()));
    bot.world.set_gateway_online(scene::GATEWAY_FINANCE, false);
    ana_enters_for_the_fleet(bot);
    bot.until_card("Partly rotated, 7 of 8 are good. What failed can be tried again");
    bot.rest();
}

fn what_is_mended_is_repeated_and_then_all_is_good(bot: &mut Bot) {
    one_off_line(bot);
    // Too early.
    bot.taps(scene::ANA, "Retry failed");
    bot.until("it is tried again", |world| {
        world.received().iter().filter(|call| call.path.ends_with(scene::GATEWAY_FINANCE)).count() > 2
    });
    bot.until_card("Partly rotated, 7 of 8 are good. What failed can be tried again");
    bot.rest();
    bot.world.set_gateway_online(scene::GATEWAY_FINANCE, true);
    bot.taps(scene::ANA, "Retry failed");
    bot.until_card("Rotated and verified, 8 of 8");
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert_eq!(card.matches("Tried again by <@W0ANA>").count(), 2, "{card}");
    assert_eq!(updates_of(&bot.world).len(), 8);
    let status = bot.asks(scene::BEN, "status fleet");
    assert!(status.contains("Nothing is going on."), "{status}");
}

fn only_whoever_asked_repeats_or_leaves_what_failed(bot: &mut Bot) {
    one_off_line(bot);
    let before = calls(&bot.world).len();
    for button in ["Retry failed", "Leave as it is"] {
        let told = bot.answer_to(&bot.tap(scene::BEN, button));
        assert!(told.contains("Only the person who asked"), "{button}: {told}");
    }
    // Nor she, once the policy names her no more.
    bot.world.set_group_member(scene::GROUP_DATA, scene::ANA, false);
    let told = bot.answer_to(&bot.tap(scene::ANA, "Retry failed"));
    assert!(told.contains("You are not among those who may rotate fleet."), "{told}");
    assert_eq!(calls(&bot.world).len(), before);
    // To leave it as it is takes no right: it changes nothing.
    let (retry, leave) = (bot.tap(scene::ANA, "Retry failed"), bot.tap(scene::ANA, "Leave as it is"));
    bot.does(&leave);
    bot.until_card("Partly rotated, 7 of 8 are good. Reference");
    bot.world.set_group_member(scene::GROUP_DATA, scene::ANA, true);
    for late in [&retry, &leave] {
        let told = bot.answer_to(late);
        assert!(told.contains(MOVED_ON), "{told}");
    }
    assert_eq!(calls(&bot.world).len(), before);
}

fn where_nothing_can_be_mended_nothing_is_offered(bot: &mut Bot) {
    let fleet = bot.world.fleet(4);
    let places: Vec<_> = fleet.iter().map(entry).collect();
    bot.knows(&target("fleet", "fleet", BASIC, &places.iter().map(String::as_str).collect::<Vec<_>>()));
    // A login that one of them refuses is entered anew, with another rotation.
    bot.world.set_source_password(id(&fleet[1]), Some("another-one-entirely"));
    let card = bot.ana_rotates("fleet", ENTERED, "Partly rotated, 3 of 4 are good.");
    assert!(!card.contains("Retry failed") && !card.contains("can be tried again"), "{card}");
    // And where nothing has changed yet, nothing has to be repeated in haste.
    for gateway in [scene::GATEWAY_FINANCE, scene::GATEWAY_PLANT] {
        bot.world.set_gateway_online(gateway, false);
    }
    let places =
        [on_premises(scene::GATEWAY_FINANCE, scene::FINANCE_SQL), on_premises(scene::GATEWAY_PLANT, scene::PLANT_SQL)];
    bot.knows(&target("offline", "offline", BASIC, &[&places[0], &places[1]]));
    let card = bot.ana_rotates("offline", ENTERED, "Not rotated");
    assert!(!card.contains("Retry failed"), "{card}");
}

/// Which rows with secrets are kept: what was entered, and for which places it is kept sealed.
fn secrets_kept(bot: &Bot) -> (usize, Vec<usize>) {
    let kept = String::from_utf8(bot.kept()).unwrap();
    let sealed = (0..200).filter(|at| kept.contains(&format!("\"sealed/{at}\": ")));
    (kept.matches("\"credential\": ").count(), sealed.collect())
}

fn while_it_waits_only_what_is_needed_is_kept(bot: &mut Bot) {
    let failing = seven_among(bot, 54);
    ana_enters_for_the_fleet(bot);
    bot.until_card("Partly rotated, 47 of 54 are good. What failed can be tried again");
    // Entered, for those that could not even be looked at; sealed, for those that were sent it, and can be mended.
    assert_eq!(secrets_kept(bot), (1, vec![21, 30, 51]));
    bot.world.set_connection_rights(&failing.forbidden, Rights::Owner);
    bot.taps(scene::ANA, "Retry failed");
    bot.until_card("Partly rotated, 51 of 54 are good. What failed can be tried again");
    assert_eq!(secrets_kept(bot), (1, vec![]));
    bot.taps(scene::ANA, "Leave as it is");
    bot.rest();
    assert_eq!(secrets_kept(bot), (0, vec![]));
}

fn what_nobody_repeats_ends_as_it_is(bot: &mut Bot) {
    one_off_line(bot);
    bot.wait(Duration::from_secs(29 * 60));
    assert_eq!(secrets_kept(bot).0, 1);
    let seen = bot.card(scene::CHANNEL_DATA_OPS);
    bot.wait(Duration::from_secs(2 * 60));
    assert_eq!(secrets_kept(bot), (0, vec![]));
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("*Partly rotated, 7 of 8 are good*") && !card.contains("Retry failed"), "{card}");
    let before = calls(&bot.world).len();
    let late = bot.world.person(scene::ANA).tap_as_seen(&seen, "Retry failed").unwrap();
    assert!(bot.answer_to(&late).contains(MOVED_ON));
    bot.wait(Duration::from_secs(60 * 60));
    assert_eq!(calls(&bot.world).len(), before);
}

fn half_an_hour_to_repeat_is_given_once(bot: &mut Bot) {
    one_off_line(bot);
    bot.wait(Duration::from_secs(20 * 60));
    bot.taps(scene::ANA, "Retry failed");
    bot.until_card("Rotating, 7 of 8 done");
    bot.until_card("Partly rotated, 7 of 8 are good. What failed can be tried again");
    bot.wait(Duration::from_secs(9 * 60));
    assert_eq!(secrets_kept(bot).0, 1);
    bot.wait(Duration::from_secs(2 * 60));
    assert_eq!(secrets_kept(bot), (0, vec![]));
    bot.until_card("Partly rotated, 7 of 8 are good. Reference");
}
