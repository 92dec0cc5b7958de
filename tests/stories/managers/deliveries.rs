//! Many deliveries of a few events, some forged, over a crash: each event is handled once, and nothing is lost.

use std::collections::BTreeMap;

use bytes::Bytes;
use emulator::senders::{EntraToken, EventGrid, EventGridProof, EventGridSchema, SecretEvent, TokenVersion};
use emulator::{Destination, Manager, NewVersion, TokenKey};
use http::Request;
use serde_json::json;

use super::key_vault::vault;
use super::{LOGIN, address};
use crate::bot::{Bot, is_card};
use crate::scene::{connection, on_premises, target};

crate::stories![two_hundred_deliveries_of_twenty_events_over_a_crash_put_each_version_in_place_once];

/// Events, each of a secret of its own that a target of its own is bound to.
const EVENTS: usize = 20;
/// Deliveries of all of them, one in eleven of them forged.
const DELIVERIES: usize = 200;

fn name(number: usize) -> String {
    format!("many-{number:02}")
}

fn two_hundred_deliveries_of_twenty_events_over_a_crash_put_each_version_in_place_once(bot: &mut Bot) {
    let fleet = bot.world.fleet(EVENTS);
    bot.is_bound(&vault(), "name = \"of-nobody\"", "");
    bot.knows(&format!("[sources.vault]\n{}\n{}", vault().table, catalog(&fleet)));
    let passwords: Vec<_> = (0..EVENTS).map(|number| bot.secret(&format!("from-the-vault-{number}"))).collect();
    let put = |(number, password): (usize, &String)| {
        bot.world.put_secret(Manager::KeyVault, &name(number), NewVersion::of(password))
    };
    let versions: Vec<_> = passwords.iter().enumerate().map(put).collect();
    let (genuine, forged) = (messages(bot, &versions, true), messages(bot, &versions, false));
    for sent in 0..DELIVERIES {
        if sent == DELIVERIES / 2 {
            bot.crash();
        }
        // 7 and 20 have no common factor: each event again and again, in another order than they happened in.
        let number = sent * 7 % EVENTS;
        let (message, status) = if sent % 11 == 3 { (&forged[number], 401) } else { (&genuine[number], 200) };
        assert_eq!(bot.posted(message).status(), status, "{sent}: {}", bot.log());
    }
    let done = |world: &emulator::World| {
        let cards = world.messages().into_iter().filter(is_card);
        cards.filter(|card| card.text.contains("Rotated and verified, 1 of 1")).count()
    };
    bot.until("each is in place", |world| done(world) == EVENTS);
    bot.rest();
    assert_eq!(bot.world.messages().iter().filter(|message| is_card(message)).count(), EVENTS, "one rotation each");
    let mut opened: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for credential in bot.world.opened().into_iter().filter(|credential| credential.kept) {
        opened.entry(credential.place).or_default().push(credential.plaintext);
    }
    for (place, password) in fleet.iter().zip(&passwords) {
        let (Destination::DataSource { id, .. } | Destination::Connection { id }) = place;
        assert!(opened[id].iter().all(|plaintext| plaintext.contains(&format!("\"{password}\""))), "{id}");
        let updates =
            bot.world.received().iter().filter(|call| call.method == "PATCH" && call.path.ends_with(id)).count();
        // In the runtime a crash may have come between an update and its answer.
        assert!(updates == 1 || !bot.is_here() && updates == 2, "{updates} of {id}");
    }
}

/// Each event as Event Grid delivers it, or as somebody would who knows everything but the tenant's key.
fn messages(bot: &Bot, versions: &[String], genuine: bool) -> Vec<Request<Bytes>> {
    let now = bot.world.now_ms();
    let message = |(number, version): (usize, &String)| {
        let event = SecretEvent::new_version(&format!("event-{number}"), &name(number), version, now);
        let mut message = EventGrid::honest(EventGridSchema::EventGrid, vec![event], now);
        if !genuine {
            let header = json!({"kid": TokenKey::Entra.kid()});
            let token = EntraToken { key: TokenKey::Stranger, header, ..EntraToken::honest(TokenVersion::V1) };
            message.proof = EventGridProof::Entra(token);
        }
        message.post(&address())
    };
    versions.iter().enumerate().map(message).collect()
}

fn catalog(fleet: &[Destination]) -> String {
    let bound = |(number, place): (usize, &Destination)| {
        let place = match place {
            Destination::DataSource { gateway, id } => on_premises(gateway, id),
            Destination::Connection { id } => connection(id, "OnPremisesGateway"),
        };
        let name = name(number);
        let secret = format!("secret = {{ from = \"vault\", name = \"{name}\" }}\ndestinations =");
        target(&name, &name, LOGIN, &[&place]).replace("destinations =", &secret)
    };
    fleet.iter().enumerate().map(bound).collect()
}
