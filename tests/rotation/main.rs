//! What holds of a rotation in whatever order things happen to it, and however its clock jumps.

#![cfg(test)]

mod story;
mod taking_over;
mod watched;

use pbi_rotate::domain::names::{Guid, PersonId, Zone};
use pbi_rotate::domain::rotation::{Event, Moment, Person};
use pbi_rotate::domain::target::{DataSource, Destination, Privacy, Reach};
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::window::Zones;
use proptest::prelude::*;
use story::{Happening, due, leading_on, rotation, story};
use watched::Watched;

const BEGINNING: Timestamp = Timestamp(1_795_285_800_000);
/// The first of them asks.
const PEOPLE: [&str; 7] = [
    "slack:U0ANA",
    "slack:U0BEN",
    "slack:U0CYD",
    "slack:U0DAN",
    "slack:U0EVE",
    "entra:0a1b2c3d-0001-4a5b-8c6d-7e8f90a1b2c3",
    "entra:0a1b2c3d-0002-4a5b-8c6d-7e8f90a1b2c3",
];
/// Who of them is one person under two ids: the first, and the second.
const SAME: [[&str; 2]; 2] = [[PEOPLE[0], PEOPLE[5]], [PEOPLE[1], PEOPLE[6]]];
/// More than a rotation can have here: three in the catalog and four behind models, of which one is in the catalog too, and
/// as many more as are behind two models until one of them is taken over.
const PLACES: usize = 14;

/// Clocks here: one zone an hour ahead of UTC, and none else.
struct Ahead;

impl Zones for Ahead {
    fn offset(&self, zone: &Zone, _: Timestamp) -> Option<i32> {
        (zone.as_str() == "Europe/Vienna").then_some(60)
    }
}

fn person(id: &str) -> Person {
    let same = SAME.iter().filter(|ids| ids.contains(&id)).flatten();
    let also = same.filter(|other| **other != id).map(|other| PersonId::parse(other).unwrap()).collect();
    Person { id: PersonId::parse(id).unwrap(), name: id.to_owned(), also }
}

/// The one id of whoever acts under this one.
fn human(person: &Person) -> PersonId {
    let ids = SAME.iter().find(|ids| ids.contains(&person.id.as_str()));
    ids.map_or_else(|| person.id.clone(), |ids| PersonId::parse(ids[0]).unwrap())
}

fn place(n: usize) -> Destination {
    let id = |kind: usize| Guid::parse(&format!("00000000-0000-4000-800{kind}-{n:012}")).unwrap();
    Destination::DataSource(DataSource {
        gateway: id(0),
        id: id(1),
        reach: if n.is_multiple_of(2) { Reach::OnPremises } else { Reach::Cloud },
        privacy: Privacy::None,
        encrypted_connection: false,
        end_user_sso: false,
        caller_identity: false,
        profile: None,
    })
}

proptest! {
    #[test]
    fn in_whatever_order_things_happen(mut rotation in rotation(), story in story()) {
        let (mut now, mut watched) = (BEGINNING, Watched::default());
        for (happening, time, chance) in story {
            now = Timestamp(now.0 + time);
            let event = match happening {
                Happening::Event(event) => event,
                Happening::Death => {
                    rotation.open_runs().find(|(_, run)| run.sending).map_or(Event::Tick, |(at, _)| Event::Update(at))
                }
                Happening::WhatLeadsOn(trouble) => {
                    let (event, at) = leading_on(&rotation, trouble, chance, now);
                    now = at;
                    event
                }
            };
            watched.latest = watched.latest.max(Some(now));
            let before = rotation.clone();
            match rotation.step(event.clone(), Moment { now, chance, zones: &Ahead }) {
                Ok(approved) => {
                    watched.accepted(&event, &before, &rotation, now);
                    if let Some(approved) = approved {
                        let Event::Update(at) = event else { panic!("leave for nothing asked") };
                        assert_eq!(approved.destination(), &rotation.runs[at].place);
                        assert_eq!(approved.login(), &watched.login(&rotation));
                    }
                }
                Err(_) => assert_eq!(rotation, before, "what is refused changes nothing"),
            }
            watched.holds(&rotation, &before);
        }
        // Whatever happened, it comes to its end by doing what is due.
        for _ in 0..100 {
            let Some(now) = rotation.due() else { break };
            let (event, before) = (due(&rotation, None, now), rotation.clone());
            watched.latest = watched.latest.max(Some(now));
            rotation.step(event.clone(), Moment { now, chance: 0, zones: &Ahead }).expect("what is due can happen");
            assert_ne!(rotation, before, "it changes by that");
            watched.accepted(&event, &before, &rotation, now);
            watched.holds(&rotation, &before);
        }
        watched.ended(&rotation);
    }
}
