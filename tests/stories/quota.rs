//! Services that take so many calls a minute, or say that they are asked too much: kept to, and waited for.

use std::time::Duration;

use emulator::{Destination, Fault, FaultKind, scene};
use serde_json::json;

use crate::bot::{Bot, WAITING, is_card};
use crate::many::{ENTERED, calls, densest, fleet_of, id, knows_fleet, updates_of};

crate::stories![
    a_wish_to_be_left_alone_is_for_every_place;
    here only because "minutes go by":
    a_fleet_keeps_to_what_the_services_take,
    two_fleets_at_once_share_what_the_services_take,
    a_fleet_and_its_repetitions_share_it_too,
    a_storm_without_a_word_passes,
    calls_that_somebody_else_spends_are_made_up_for,
];

/// What Fabric publishes, and what is taken to be wise with Power BI.
fn as_published(bot: &Bot) {
    bot.world.set_fabric_quota(Some(emulator::FABRIC_CALLS_A_MINUTE));
    bot.world.set_powerbi_quota(Some(120));
}

fn never_throttled(bot: &Bot) {
    assert_eq!((bot.world.throttled("powerbi"), bot.world.throttled("fabric")), (0, 0));
    for (service, most) in [("powerbi", 120), ("fabric", 200)] {
        let calls: Vec<_> = calls(&bot.world).into_iter().filter(|call| call.service == service).collect();
        let densest = densest(&calls, Duration::from_secs(60));
        assert!(densest <= most, "{densest} calls to {service} in a minute");
    }
}

fn a_fleet_keeps_to_what_the_services_take(bot: &mut Bot) {
    as_published(bot);
    knows_fleet(bot, 200);
    let begun = bot.world.now_ms();
    bot.ana_rotates("fleet", ENTERED, "Rotated and verified, 200 of 200");
    let took = Duration::from_millis(bot.world.now_ms() - begun);
    never_throttled(bot);
    // 408 calls to Power BI, of which 120 are made in each 65 seconds.
    assert!((3 * 65..4 * 65).contains(&took.as_secs()), "{took:?}");
}

/// Ana asks for a rotation of each, and enters the credential of each.
fn ana_rotates_at_once(bot: &Bot, targets: [&str; 2], entered: &str) {
    let ana = bot.world.person(scene::ANA);
    for target in targets {
        bot.does(&ana.slash(scene::CHANNEL_SALES, &format!("rotate {target}")));
        bot.rest();
        let form = bot.modal(scene::ANA);
        bot.does(&ana.submit(&form.id, &[("reason", json!("Quarterly rotation"))]).unwrap());
        ana.close(&bot.modal(scene::ANA).id).unwrap();
    }
    let waiting = |world: &emulator::World| {
        let cards = world.direct_messages(scene::ANA).into_iter().filter(is_card);
        cards.filter(|card| card.text.contains(WAITING)).collect::<Vec<_>>()
    };
    bot.until("both wait", |world| waiting(world).len() == 2);
    for card in waiting(&bot.world) {
        bot.does(&ana.tap(&card.channel, &card.ts, "Enter credential").unwrap());
        bot.ana_enters(entered);
    }
}

fn two_fleets_at_once_share_what_the_services_take(bot: &mut Bot) {
    as_published(bot);
    let fleets = [bot.world.fleet(60), bot.world.fleet(60)];
    bot.knows(&(fleet_of("first", &fleets[0]) + &fleet_of("second", &fleets[1])));
    ana_rotates_at_once(bot, ["first", "second"], "for-both-fleets");
    let done = |world: &emulator::World| {
        let cards = world.direct_messages(scene::ANA).into_iter().filter(is_card);
        cards.filter(|card| card.text.contains("Rotated and verified, 60 of 60")).count()
    };
    bot.until("both are done", |world| done(world) == 2);
    never_throttled(bot);
    assert_eq!(bot.world.opened().len(), 2 * (30 + 30 * 3));
}

/// Places that are tried again have their gateways read again: that counts as well.
fn a_fleet_and_its_repetitions_share_it_too(bot: &mut Bot) {
    as_published(bot);
    let fleet = knows_fleet(bot, 60);
    for place in &fleet {
        let method = if matches!(place, Destination::DataSource { .. }) { "PATCH" } else { "POST" };
        let broken = FaultKind::Status { code: 503, headers: Vec::new(), body: String::new() };
        bot.world.script(Fault::once("", id(place), broken).on_method(method).repeated(2));
    }
    bot.ana_rotates("fleet", ENTERED, "Rotated and verified, 60 of 60");
    never_throttled(bot);
}

fn a_wish_to_be_left_alone_is_for_every_place(bot: &mut Bot) {
    knows_fleet(bot, 40);
    bot.world.script(Fault::once("powerbi", "", FaultKind::throttled(4)).on_method("PATCH"));
    bot.world.script(Fault::once("fabric", "", FaultKind::throttled(4)).on_method("PATCH"));
    bot.ana_rotates("fleet", ENTERED, "Rotated and verified, 40 of 40");
    for service in ["powerbi", "fabric"] {
        let calls: Vec<_> = calls(&bot.world).into_iter().filter(|call| call.service == service).collect();
        let asked = calls.iter().find(|call| call.status == Some(429)).expect("it asked").at_ms;
        // Those that were under way with it came in the same moment.
        let meanwhile = calls.iter().filter(|call| (asked + 1_000..asked + 4_000).contains(&call.at_ms)).count();
        assert_eq!(meanwhile, 0, "{service}");
        assert_eq!(bot.world.throttled(service), 1);
    }
    assert_eq!(updates_of(&bot.world).len(), 42);
}

fn a_storm_without_a_word_passes(bot: &mut Bot) {
    knows_fleet(bot, 40);
    let busy = FaultKind::Status { code: 429, headers: Vec::new(), body: String::new() };
    bot.world.script(Fault::once("powerbi", "", busy.clone()).on_method("PATCH").repeated(30));
    bot.world.script(Fault::once("fabric", "", busy).repeated(30));
    let begun = bot.world.now_ms();
    bot.ana_rotates("fleet", ENTERED, "Rotated and verified, 40 of 40");
    let took = Duration::from_millis(bot.world.now_ms() - begun);
    // Six go out together; half a minute for each six, and a quarter more at most. The check has a storm of its own.
    assert!((2 * 60..8 * 60).contains(&took.as_secs()), "{took:?}");
    assert_eq!((bot.world.throttled("powerbi"), bot.world.throttled("fabric")), (30, 30));
}

fn calls_that_somebody_else_spends_are_made_up_for(bot: &mut Bot) {
    // Less than is thought: some other program has the rest.
    bot.world.set_fabric_quota(Some(70));
    bot.world.set_powerbi_quota(Some(70));
    knows_fleet(bot, 80);
    bot.ana_rotates("fleet", ENTERED, "Rotated and verified, 80 of 80");
    // Each time, those that were under way together, and nobody after them until the minute is over.
    let throttled = bot.world.throttled("powerbi") + bot.world.throttled("fabric");
    assert!((1..60).contains(&throttled), "{throttled}");
    assert_eq!(bot.world.opened().len(), 40 + 40 * 3);
}
