//! The keys of signed tokens: where they are read, how long they are kept, and who can make us ask again.

use std::time::Duration;

use emulator::teams::{SigningKey, key_set};
use pbi_rotate::clients::keys::{Keys, Published};
use pbi_rotate::domain::trouble::{Cause, Service};
use pbi_rotate::ports::Lost;

use crate::held::{Held, step};
use crate::scene::{NOW, guid};
use crate::wire::{Answer, Script, answer, run};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const LOGIN: &str = "https://keys.test";

fn metadata(address: &str) -> Answer {
    answer(200, &[], &format!(r#"{{"issuer":"https://api.botframework.com","jwks_uri":"{address}"}}"#))
}

/// The answer that is a fetch of these keys where no metadata leads to them.
fn listed(keys: &[SigningKey]) -> Answer {
    answer(200, &[], &key_set(keys).to_string())
}

/// The two answers that make up a fetch of these keys.
fn fetched(keys: &[SigningKey]) -> [Answer; 2] {
    [metadata("https://keys.test/v1/.well-known/keys"), listed(keys)]
}

/// Whether the key is known at that time; or why that cannot be told.
fn known(keys: &Keys, wire: &Script, key: SigningKey, after: u64) -> Result<bool, Cause> {
    let set = run(keys.get(wire, Published::BotFramework(LOGIN), key.kid(), NOW + Duration::from_secs(after)));
    set.map(|set| set.get(key.kid()).is_some()).map_err(|trouble| trouble.cause)
}

use SigningKey::{First, Second};

#[test]
fn keys_are_read_where_the_metadata_says_and_kept_for_a_day() {
    let (keys, wire) = (Keys::default(), Script::new(fetched(&[First]).into_iter().chain(fetched(&[First]))));
    for after in [0, 1, 24 * HOUR - 1] {
        assert_eq!(known(&keys, &wire, First, after), Ok(true));
    }
    let asked =
        ["GET https://keys.test/v1/.well-known/openidconfiguration", "GET https://keys.test/v1/.well-known/keys"];
    assert_eq!(wire.lines(), asked);
    assert_eq!(known(&keys, &wire, First, 24 * HOUR), Ok(true));
    assert_eq!(wire.lines().len(), 4);
}

#[test]
fn an_unknown_key_is_looked_for_every_five_minutes_and_nobodys_fault_in_between() {
    let answers = fetched(&[First]).into_iter().chain(fetched(&[First])).chain(fetched(&[First, Second]));
    let (keys, wire) = (Keys::default(), Script::new(answers));
    assert_eq!(known(&keys, &wire, First, 0), Ok(true));
    for (after, told, calls) in [
        (1, Err(Cause::Unavailable), 2),
        (5 * MINUTE - 1, Err(Cause::Unavailable), 2),
        (5 * MINUTE, Ok(false), 4),
        (5 * MINUTE + 1, Err(Cause::Unavailable), 4),
        (10 * MINUTE - 1, Err(Cause::Unavailable), 4),
        (10 * MINUTE, Ok(true), 6),
    ] {
        assert_eq!(known(&keys, &wire, Second, after), told, "after {after} seconds");
        assert_eq!(known(&keys, &wire, First, after), Ok(true), "after {after} seconds");
        assert_eq!(wire.lines().len(), calls, "after {after} seconds");
    }
}

#[test]
fn a_clock_that_was_put_back_keeps_no_key_from_being_asked_for() {
    let (keys, wire) = (Keys::default(), Script::new(fetched(&[First]).into_iter().chain(fetched(&[First, Second]))));
    assert_eq!(known(&keys, &wire, First, 60 * MINUTE), Ok(true));
    assert_eq!(known(&keys, &wire, Second, 0), Ok(true), "an hour before the set was read, by that clock");
}

#[test]
fn while_somebody_asks_nobody_else_does_and_nobody_is_called_a_forger() {
    let (keys, wire) = (Keys::default(), Held::new([listed(&[First]), listed(&[First]), listed(&[First, Second])]));
    let ask = |key: SigningKey, after: u64| {
        let at = NOW + Duration::from_secs(after);
        let asked = keys.get(&wire, Published::Google(CERTS), key.kid(), at);
        Box::pin(async move { asked.await.map(|set| set.get(key.kid()).is_some()).map_err(|trouble| trouble.cause) })
    };
    let (mut first, mut beside) = (ask(First, 0), ask(First, 0));
    assert_eq!((step(&mut first), step(&mut beside)), (None, None), "there is no set yet, so each asks");
    wire.release();
    wire.release();
    assert_eq!((step(&mut first), step(&mut beside)), (Some(Ok(true)), Some(Ok(true))));

    let mut new = ask(Second, 5 * MINUTE);
    assert_eq!(step(&mut new), None);
    assert_eq!(step(&mut ask(Second, 5 * MINUTE + 1)), Some(Err(Cause::Unavailable)), "not: unknown");
    assert_eq!(step(&mut ask(First, 5 * MINUTE + 1)), Some(Ok(true)));
    assert_eq!(wire.asked(), 3, "one asks for all");
    wire.release();
    assert_eq!(step(&mut new), Some(Ok(true)));
    assert_eq!(step(&mut ask(Second, 5 * MINUTE + 2)), Some(Ok(true)));
}

#[test]
fn whoever_is_dropped_while_they_ask_has_not_asked() {
    let (keys, wire) = (Keys::default(), Held::new([listed(&[First]), listed(&[First]), listed(&[Second])]));
    let ask = |key: SigningKey, after: u64| {
        let at = NOW + Duration::from_secs(after);
        let asked = keys.get(&wire, Published::Google(CERTS), key.kid(), at);
        Box::pin(async move { asked.await.map(|set| set.get(key.kid()).is_some()).map_err(|trouble| trouble.cause) })
    };
    let mut first = ask(First, 0);
    assert_eq!(step(&mut first), None);
    wire.release();
    assert_eq!(step(&mut first), Some(Ok(true)));

    // The set's life is over, and whoever asks for another is gone before there is an answer.
    let over = 24 * HOUR;
    let mut dropped = ask(First, over);
    assert_eq!(step(&mut dropped), None);
    drop(dropped);
    for after in [over + 1, over + 19] {
        assert_eq!(step(&mut ask(First, after)), Some(Ok(true)), "the kept one is used at once");
        assert_eq!(step(&mut ask(Second, after)), Some(Err(Cause::Unavailable)));
    }
    let mut again = ask(Second, over + 20);
    assert_eq!(step(&mut again), None, "asked once more");
    wire.release();
    wire.release();
    assert_eq!(step(&mut again), Some(Ok(true)));
}

#[test]
fn when_none_can_be_had_that_is_our_trouble_and_soon_tried_again() {
    let answers = [Err(Lost)].into_iter().chain(fetched(&[First]));
    let (keys, wire) = (Keys::default(), Script::new(answers));
    assert_eq!(known(&keys, &wire, First, 0), Err(Cause::Unreachable));
    assert_eq!(known(&keys, &wire, First, 9), Err(Cause::Unavailable));
    assert_eq!(wire.lines().len(), 1);
    assert_eq!(known(&keys, &wire, First, 10), Ok(true));
}

#[test]
fn keys_that_are_too_old_are_used_while_no_others_can_be_had() {
    let answers = fetched(&[First]).into_iter().chain([answer(503, &[], "")]).chain(fetched(&[Second]));
    let (keys, wire) = (Keys::default(), Script::new(answers));
    assert_eq!(known(&keys, &wire, First, 0), Ok(true));
    assert_eq!(known(&keys, &wire, First, 24 * HOUR), Ok(true));
    assert_eq!(known(&keys, &wire, First, 24 * HOUR + 9), Ok(true));
    assert_eq!(wire.lines().len(), 3);
    assert_eq!(known(&keys, &wire, First, 24 * HOUR + 10), Ok(false), "what was withdrawn is gone");
}

#[test]
fn an_unknown_key_is_nobodys_fault_while_the_newest_cannot_be_had() {
    let answers = fetched(&[First]).into_iter().chain([answer(503, &[], "")]).chain(fetched(&[First, Second]));
    let (keys, wire) = (Keys::default(), Script::new(answers));
    assert_eq!(known(&keys, &wire, First, 0), Ok(true));
    for after in [HOUR, HOUR + 9] {
        assert_eq!(known(&keys, &wire, Second, after), Err(Cause::Unavailable));
        assert_eq!(known(&keys, &wire, First, after), Ok(true), "the one that is known is good still");
    }
    assert_eq!(wire.lines().len(), 3, "asked once within the pause");
    assert_eq!(known(&keys, &wire, Second, HOUR + 10), Ok(true));
}

#[test]
fn no_other_address_is_followed_and_no_other_answer_taken() {
    for address in [
        "https://attacker.example/v1/.well-known/keys",
        "https://keys.test.attacker.example/keys",
        "https://keys.test@attacker.example/keys",
        "http://keys.test/v1/.well-known/keys",
        "https://keys.test:8443/keys",
        "https://keys.test/keys?x",
        "/v1/.well-known/keys",
    ] {
        let (keys, wire) = (Keys::default(), Script::new([metadata(address)]));
        assert_eq!(known(&keys, &wire, First, 0), Err(Cause::Mismatch), "{address}");
    }
    let set = || metadata("https://keys.test/keys");
    for (answers, cause) in [
        (vec![answer(200, &[], "{}")], Cause::Unintelligible),
        (vec![answer(302, &[("Location", "https://attacker.example/")], "")], Cause::Unintelligible),
        (vec![set(), answer(200, &[], "<html>")], Cause::Unintelligible),
        (vec![set(), answer(200, &[], r#"{"keys":[]}"#)], Cause::Unintelligible),
        (vec![set(), answer(200, &[], &" ".repeat(1024 * 1024 + 1))], Cause::Unintelligible),
        (vec![set(), answer(404, &[], "")], Cause::NotFound),
        (vec![set(), Err(Lost)], Cause::Unreachable),
    ] {
        let (keys, wire) = (Keys::default(), Script::new(answers));
        assert_eq!(known(&keys, &wire, First, 0), Err(cause));
    }
}

const CERTS: &str = "https://google.test/oauth2/v3/certs";

#[test]
fn each_service_has_keys_of_its_own() {
    let tenant = |at: u32| guid(&format!("00000000-0000-0000-0000-{at:012}"));
    let [google, entra, other] = [[First], [Second], [First]].map(|keys| listed(&keys));
    let (keys, wire) = (Keys::default(), Script::new(fetched(&[First]).into_iter().chain([google, entra, other])));
    assert_eq!(known(&keys, &wire, First, 0), Ok(true));
    let knows = |at: Published<'_>, key: SigningKey| {
        run(keys.get(&wire, at, key.kid(), NOW))
            .map(|set| set.get(key.kid()).is_some())
            .map_err(|trouble| trouble.cause)
    };
    for _ in 0..2 {
        assert_eq!(knows(Published::Google(CERTS), First), Ok(true));
        assert_eq!(knows(Published::Entra("https://login.test", &tenant(1)), Second), Ok(true));
        assert_eq!(
            knows(Published::Entra("https://login.test", &tenant(1)), First),
            Err(Cause::Unavailable),
            "another service's key"
        );
        assert_eq!(knows(Published::Entra("https://login.test", &tenant(2)), First), Ok(true));
    }
    let asked = [
        "GET https://google.test/oauth2/v3/certs",
        "GET https://login.test/00000000-0000-0000-0000-000000000001/discovery/v2.0/keys",
        "GET https://login.test/00000000-0000-0000-0000-000000000002/discovery/v2.0/keys",
    ];
    assert_eq!(wire.lines()[2..], asked, "once each");
}

#[test]
fn one_service_that_fails_is_not_the_others_trouble() {
    let (keys, wire) = (Keys::default(), Script::new([Err(Lost), listed(&[First])]));
    let tenant = guid(crate::scene::TENANT);
    let lost = run(keys.get(&wire, Published::Entra("https://login.test", &tenant), "connector-1", NOW));
    assert_eq!(lost.map_err(|trouble| (trouble.service, trouble.cause)), Err((Service::Entra, Cause::Unreachable)));
    assert!(run(keys.get(&wire, Published::Google(CERTS), "connector-1", NOW)).is_ok());
    let paused = run(keys.get(&wire, Published::Entra("https://login.test", &tenant), "connector-1", NOW));
    assert_eq!(paused.map_err(|trouble| (trouble.service, trouble.cause)), Err((Service::Entra, Cause::Unavailable)));
}

#[test]
fn no_more_than_eight_sets_are_remembered() {
    let addresses: Vec<_> = (0..9).map(|at| format!("https://keys.test/{at}")).collect();
    let (keys, wire) = (Keys::default(), Script::new((0..11).map(|_| listed(&[First]))));
    let get = |at: usize| assert!(run(keys.get(&wire, Published::Google(&addresses[at]), First.kid(), NOW)).is_ok());
    (0..8).for_each(get);
    get(0);
    assert_eq!(wire.lines().len(), 8, "all eight are remembered");
    get(8);
    get(0);
    assert_eq!(wire.lines().len(), 9, "what was used last stays");
    get(1);
    assert_eq!(wire.lines().len(), 10, "what was used longest ago makes room");
}
