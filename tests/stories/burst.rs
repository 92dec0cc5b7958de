//! A thousand rotations opened at once, each of a target of its own; and a thousand requests for one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use emulator::scene;
use emulator::slack::Person;
use serde_json::json;

use crate::bot::{Bot, WAITING, is_card, words};
use crate::scene::{BASIC, ONE_LEAD, connection, on_premises, target, with_rules};

crate::stories![
    many_targets_at_once_have_a_rotation_each;
    here only because "so many take more than a moment":
    a_thousand_targets_at_once_have_a_rotation_each,
    a_thousand_requests_for_one_target_open_one,
    a_changed_catalog_reaches_more_rotations_than_can_be_told,
];

fn name(number: usize) -> String {
    format!("burst-{number:04}")
}

/// So many targets of one place each.
fn knows_targets(bot: &Bot, targets: usize) {
    bot.knows(&catalog(bot, targets));
}

fn catalog(bot: &Bot, targets: usize) -> String {
    let fleet = bot.world.fleet(targets);
    let mut catalog = String::new();
    for (number, place) in fleet.iter().enumerate() {
        let place = match place {
            emulator::Destination::DataSource { gateway, id } => on_premises(gateway, id),
            emulator::Destination::Connection { id } => connection(id, "OnPremisesGateway"),
        };
        let _ = write!(catalog, "{}", target(&name(number), &name(number), BASIC, &[&place]));
    }
    catalog
}

/// Ana asks for a rotation; nothing is waited for.
fn asks(bot: &Bot, ana: &Person, target: &str) {
    bot.does(&ana.slash(scene::CHANNEL_SALES, &format!("rotate {target}")));
    let form = bot.modal(scene::ANA);
    bot.does(&ana.submit(&form.id, &[("reason", json!("All at once"))]).unwrap());
    ana.close(&bot.modal(scene::ANA).id).unwrap();
}

/// How often each target has a card that waits for the credential, in #data-ops.
fn waiting(bot: &Bot) -> BTreeMap<String, usize> {
    let mut waiting = BTreeMap::new();
    for card in bot.world.messages().into_iter().filter(is_card) {
        if card.channel == scene::CHANNEL_DATA_OPS && card.text.contains(WAITING) {
            let title = card.text.split(':').next().unwrap_or_default().to_owned();
            *waiting.entry(title).or_default() += 1;
        }
    }
    waiting
}

/// Lets all of them be asked for, and go as far as they go until `settle` is over.
fn burst(bot: &Bot, targets: usize, settle: impl Fn(&Bot)) {
    knows_targets(bot, targets);
    let ana = bot.world.person(scene::ANA);
    for number in 0..targets {
        asks(bot, &ana, &name(number));
    }
    settle(bot);
    let waiting = waiting(bot);
    let expected: BTreeSet<_> = (0..targets).map(|number| format!("Rotate {}", name(number))).collect();
    assert_eq!(waiting.keys().cloned().collect::<BTreeSet<_>>(), expected, "none is lost");
    assert!(waiting.values().all(|cards| *cards == 1), "none is there twice");
    let opened = bot.log().matches(r#""event":"open","outcome":"ok""#).count();
    let claimed = bot.log().matches(r#""event":"claim","outcome":"ok""#).count();
    assert_eq!((opened, claimed), (targets, targets));
}

fn many_targets_at_once_have_a_rotation_each(bot: &mut Bot) {
    burst(bot, 40, |bot| {
        bot.until("each waits", |_| waiting(bot).len() == 40);
        bot.rest();
    });
}

fn a_thousand_targets_at_once_have_a_rotation_each(bot: &mut Bot) {
    // What the services take in a minute would have some of them expire before the last is looked at.
    bot.with(&[("POWERBI_CALLS_PER_MINUTE", "10000"), ("FABRIC_CALLS_PER_MINUTE", "10000")]);
    burst(bot, 1000, |bot| bot.wait(Duration::from_secs(30)));
}

fn a_thousand_requests_for_one_target_open_one(bot: &mut Bot) {
    knows_targets(bot, 1);
    let ana = bot.world.person(scene::ANA);
    for _ in 0..1000 {
        asks(bot, &ana, &name(0));
    }
    bot.until("it waits", |_| waiting(bot).len() == 1);
    bot.rest();
    assert_eq!(waiting(bot).into_values().sum::<usize>(), 1);
    let log = bot.log();
    let count = |event: &str| log.matches(&format!(r#""event":"{event}","outcome":"ok""#)).count();
    assert_eq!((count("claim"), count("occupied")), (1, 999));
    // Only the one is ever entered and sent.
    let card = bot.her_card();
    bot.does(&ana.tap(&card.channel, &card.ts, "Enter credential").unwrap());
    bot.ana_enters("for-the-only-one");
    bot.until_card("Rotated and verified, 1 of 1");
    assert_eq!(bot.world.opened().len(), 1);
    assert!(words(&bot.card(scene::CHANNEL_DATA_OPS).blocks).contains("Reference"));
}

fn a_changed_catalog_reaches_more_rotations_than_can_be_told(bot: &mut Bot) {
    const TARGETS: usize = 60;
    let catalog = with_rules(&catalog(bot, TARGETS), ONE_LEAD);
    bot.knows(&catalog);
    let ana = bot.world.person(scene::ANA);
    for number in 0..TARGETS {
        asks(bot, &ana, &name(number));
    }
    bot.wait(Duration::from_secs(60));
    bot.knows(&catalog.replace(r#"username = "feed""#, r#"username = "other""#));
    let told = bot.happened("outdated", "ok");
    assert_eq!(told, 49, "as many calls as one request may make");
    // The last of them is among the others: whoever decides about it is told.
    let last = format!("Rotate {}:", name(TARGETS - 1));
    let messages = bot.world.messages();
    let card =
        messages.iter().rfind(|card| card.channel == scene::CHANNEL_DATA_OPS && card.text.starts_with(&last)).unwrap();
    assert!(!words(&card.blocks).contains("The catalog has been changed since."));
    bot.does(&bot.world.person(scene::BEN).tap(&card.channel, &card.ts, "Approve").unwrap());
    assert_eq!(bot.happened("outdated", "ok"), told + 1);
    bot.rest();
    // Half-way they all wake.
    bot.wait(Duration::from_secs(2 * 60 * 60));
    assert_eq!(bot.happened("outdated", "ok"), TARGETS, "nobody misses it, and nobody is told twice");
    let waiting = |card: &&emulator::slack::Message| is_card(card) && card.channel == scene::CHANNEL_DATA_OPS;
    for card in bot.world.messages().iter().filter(waiting) {
        assert!(words(&card.blocks).contains("The catalog has been changed since."), "{card:#?}");
    }
}
