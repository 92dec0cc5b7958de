//! What holds of a rotation in whatever order things happen to it.

#![cfg(test)]

use std::time::Duration;

use pbi_rotate::codec::catalog;
use pbi_rotate::codec::record::{read, write};
use pbi_rotate::domain::names::{PersonId, RotationId, TargetName};
use pbi_rotate::domain::receipt::{Outcome, Receipt};
use pbi_rotate::domain::retry::BUDGET;
use pbi_rotate::domain::rotation::{Event, Person, Phase, Rotation, Stage, Test};
use pbi_rotate::domain::target::{Destination, Target};
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::trouble::{Cause, Details, Service, Trouble};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

const BEGINNING: Timestamp = Timestamp(1_795_285_800_000);

/// An event that can be made again: the program's own are used up.
#[derive(Clone, Debug)]
enum Happening {
    Claimed,
    Occupied,
    Supplied(&'static str),
    Cancel(&'static str),
    Tick,
    Prepared(usize, Option<Trouble>),
    Update(usize),
    Unsent(usize, Trouble),
    Updated(usize, Option<Trouble>),
    Tested(usize, Result<Test, Trouble>),
}

const ANA: &str = "slack:U0ANA";
const BEN: &str = "slack:U0BEN";

impl Happening {
    fn event(&self) -> Event {
        let person = |id: &str| PersonId::parse(id).unwrap();
        match self.clone() {
            Self::Claimed => Event::Claimed,
            Self::Occupied => Event::Occupied,
            Self::Supplied(id) => Event::Supplied(person(id)),
            Self::Cancel(id) => Event::Cancel(person(id)),
            Self::Tick => Event::Tick,
            Self::Prepared(at, trouble) => Event::Prepared(at, trouble.map_or(Ok(()), Err)),
            Self::Update(at) => Event::Update(at),
            Self::Unsent(at, trouble) => Event::Unsent(at, trouble),
            Self::Updated(at, trouble) => Event::Updated(at, trouble.map_or(Ok(Some("id".to_owned())), Err)),
            Self::Tested(at, result) => Event::Tested(at, result),
        }
    }
}

fn trouble() -> impl Strategy<Value = Trouble> {
    use Cause::{
        CredentialRefused, EncryptionRefused, EntryLost, Identity, NotAllowed, Rejected, Throttled, Token, Unavailable,
        Unintelligible, Unreachable,
    };
    let cause = prop::sample::select(vec![
        Unreachable,
        Throttled,
        Unavailable,
        Unintelligible,
        Identity,
        Token,
        NotAllowed,
        Rejected,
        CredentialRefused,
        EncryptionRefused,
        EntryLost,
    ]);
    (cause, option::of(0u64..1000), option::of(Just(401))).prop_map(|(cause, seconds, status)| {
        let retry_after = seconds.map(Duration::from_secs);
        Details { status, retry_after, ..Details::of(Service::PowerBi, cause) }.into()
    })
}

fn happening() -> impl Strategy<Value = Happening> {
    // One more than there are destinations.
    let at = || 0usize..4;
    let person = || prop::sample::select(vec![ANA, BEN]);
    let running = (0u64..600).prop_map(|seconds| Test::Running {
        operation: "0a2dafe6-0e93-4120-8d2c-fae123c111b1".to_owned(),
        after: Duration::from_secs(seconds),
    });
    let test = prop_oneof![Just(Test::Passed), Just(Test::NotOffered), running];
    prop_oneof![
        1 => Just(Happening::Claimed),
        1 => Just(Happening::Occupied),
        2 => person().prop_map(Happening::Supplied),
        1 => person().prop_map(Happening::Cancel),
        2 => Just(Happening::Tick),
        6 => (at(), option::of(trouble())).prop_map(|(at, trouble)| Happening::Prepared(at, trouble)),
        6 => at().prop_map(Happening::Update),
        3 => (at(), trouble()).prop_map(|(at, trouble)| Happening::Unsent(at, trouble)),
        6 => (at(), option::of(trouble())).prop_map(|(at, trouble)| Happening::Updated(at, trouble)),
        6 => (at(), prop_oneof![test.prop_map(Ok), trouble().prop_map(Err)])
            .prop_map(|(at, result)| Happening::Tested(at, result)),
    ]
}

/// Things that happen, each so many milliseconds after the one before and with such a chance. Most begin as they should.
fn story() -> impl Strategy<Value = Vec<(Happening, u64, u16)>> {
    let begun = [Happening::Claimed, Happening::Supplied(ANA)];
    let begun = (0usize..=2).prop_map(move |steps| begun.iter().take(steps).cloned().collect::<Vec<_>>());
    (begun, vec((happening(), 0u64..60_000, any::<u16>()), 0..80)).prop_map(|(begun, rest)| {
        let begun = begun.into_iter().map(|happening| (happening, 0, 0));
        begun.chain(rest).collect()
    })
}

fn target() -> Target {
    let text = r#"
[targets.sales-db]
title = "Sales"
credential = { kind = "Basic", username = "feed" }
privacy = "None"
encryption = "NotEncrypted"
policy = { askers = ["slack:U0ANA"] }
destinations = [
  { datasource = { gateway = "1f69e798-5852-4fdd-ab01-33bb14b6e934", id = "252b9de8-d915-4788-aaeb-ec8c2395f970" } },
  { connection = { id = "70b17680-48f1-4729-9df6-02576647dc3a", via = "OnPremisesGateway" } },
  { connection = { id = "c506cbd5-9d46-4c7e-824b-57acbb9d218f", via = "StreamingVirtualNetworkGateway" } },
]
"#;
    let mut targets = catalog::parse(text).expect("a good catalog").targets;
    targets.remove(&TargetName::parse("sales-db").unwrap()).unwrap()
}

fn rotation() -> Rotation {
    let requester = Person { id: PersonId::parse(ANA).unwrap(), name: "Ana".to_owned() };
    Rotation::new(RotationId::from_bits([7; 10]), target(), requester, "Quarterly".to_owned(), BEGINNING)
}

/// What is known of the updates by watching from outside.
#[derive(Default)]
struct Watched {
    supplied: bool,
    /// Leave was given, and nothing came of it yet.
    open: [bool; 3],
    /// An update may have taken effect without anybody knowing.
    doubt: [bool; 3],
}

impl Watched {
    fn accepted(&mut self, happening: &Happening) {
        match happening {
            Happening::Supplied(id) => self.supplied |= *id == ANA,
            Happening::Update(at) => {
                self.doubt[*at] |= self.open[*at];
                self.open[*at] = true;
            }
            Happening::Unsent(at, _) => self.doubt[*at] |= std::mem::take(&mut self.open[*at]),
            Happening::Updated(at, trouble) => {
                self.open[*at] = false;
                self.doubt[*at] |= trouble.as_ref().is_some_and(|trouble| trouble.cause.uncertain());
            }
            _ => {}
        }
    }
}

/// Does what is due to the rotation; a rotation with something due has to change by it.
fn do_what_is_due(rotation: &mut Rotation, due: Timestamp) {
    let event = match &rotation.stage {
        Stage::Applying { .. } => {
            let (at, run) = rotation.open_runs().find(|(_, run)| run.due == due).expect("the run that is due");
            match run.phase {
                Phase::Preparing => Event::Prepared(at, Ok(())),
                Phase::Updating => Event::Updated(at, Ok(None)),
                Phase::Testing { .. } => Event::Tested(at, Ok(Test::Passed)),
                Phase::Done(_) => panic!("nothing is due of what is done"),
            }
        }
        _ => Event::Tick,
    };
    let before = rotation.clone();
    rotation.step(event, due, 0).expect("what is due can happen");
    assert_ne!(*rotation, before);
}

proptest! {
    #[test]
    fn in_whatever_order_things_happen(story in story()) {
        let (mut rotation, mut now, mut watched) = (rotation(), BEGINNING, Watched::default());
        let plan = (rotation.id.clone(), rotation.target.clone(), rotation.requester.clone());
        for (happening, later, chance) in &story {
            now = now + Duration::from_millis(*later);
            let before = rotation.clone();
            let result = rotation.step(happening.event(), now, *chance);
            match &result {
                Ok(approved) => {
                    watched.accepted(happening);
                    if let Some(approved) = approved {
                        prop_assert!(watched.supplied, "an update before the requester entered the credential");
                        let Happening::Update(at) = happening else { panic!("leave for nothing asked") };
                        prop_assert_eq!(Some(approved.destination()), rotation.target.destinations.get(*at));
                        prop_assert_eq!(approved.login(), &rotation.target.login);
                    }
                }
                Err(_) => prop_assert_eq!(&rotation, &before, "what is refused changes nothing"),
            }
            prop_assert_eq!(read(&write(&rotation)), Ok(rotation.clone()), "kept, and read back");
            if before.stage.ended() {
                prop_assert_eq!(&rotation, &before, "an end is an end");
            }
            prop_assert_eq!(&plan, &(rotation.id.clone(), rotation.target.clone(), rotation.requester.clone()));
            prop_assert_eq!(rotation.due().is_none(), rotation.stage.ended());
            if let Stage::Applying { since } = rotation.stage {
                prop_assert!(watched.supplied);
                prop_assert!(rotation.due().unwrap() <= now.max(since + BUDGET), "nothing waits beyond the budget");
            }
            for (at, run) in rotation.runs.iter().enumerate() {
                if let Phase::Done(Receipt { outcome, .. }) = &run.phase {
                    prop_assert!(!(watched.doubt[at] && outcome.unchanged()), "called unchanged: {:?}", outcome);
                    prop_assert!(watched.doubt[at] || !matches!(outcome, Outcome::Unknown(_)), "called unknown");
                }
            }
        }
        // Whatever happened, it comes to its end by doing what is due.
        for _ in 0..20 {
            let Some(due) = rotation.due() else { break };
            do_what_is_due(&mut rotation, due);
        }
        prop_assert!(rotation.stage.ended());
        let all: Vec<(&Destination, Option<&Receipt>)> = rotation.receipts().collect();
        let good = all.iter().filter(|(_, receipt)| receipt.is_some_and(|receipt| receipt.outcome.good())).count();
        match rotation.stage {
            Stage::Applied => prop_assert_eq!(good, 3),
            Stage::PartlyApplied => prop_assert!((1..3).contains(&good)),
            Stage::Failed => prop_assert_eq!(good, 0),
            _ => prop_assert!(all.iter().all(|(_, receipt)| receipt.is_none()), "ended without having begun"),
        }
    }
}
