//! Taking a model over moves what it reads in the cloud, for itself and not for others.

use pbi_rotate::codec::record::{read, write};
use pbi_rotate::domain::credential::Login;
use pbi_rotate::domain::names::{Guid, RotationId, TargetName};
use pbi_rotate::domain::policy::Policy;
use pbi_rotate::domain::receipt::Outcome;
use pbi_rotate::domain::rotation::{Check, Event, Moment, Phase, Rotation, Stage, Test};
use pbi_rotate::domain::target::{ItemId, Model, Privacy, Reach, Target};
use pbi_rotate::domain::trouble::{Cause, Service, Trouble};

use crate::{Ahead, BEGINNING, PEOPLE, person, place};

/// A rotation of two models, which we may take over or not.
fn of_models(take_over: [bool; 2]) -> Rotation {
    let guid = |n: usize| Guid::parse(&format!("00000000-0000-4000-9001-{n:012}")).unwrap();
    let model = |(n, take_over): (usize, bool)| Model {
        workspace: guid(9),
        id: ItemId::Dataset(guid(n)),
        only: None,
        reach: Reach::Cloud,
        privacy: Privacy::None,
        encrypted_connection: false,
        end_user_sso: false,
        profile: None,
        take_over,
        refresh: false,
    };
    let target = Target {
        name: TargetName::parse("reports").unwrap(),
        title: "Reports".to_owned(),
        login: Login::Basic { username: "feed".to_owned() },
        binding: None,
        destinations: Vec::new(),
        models: take_over.into_iter().enumerate().map(model).collect(),
        policy: Policy::open_to(Vec::new()),
        notify: Vec::new(),
        owner: None,
        rotate_every: None,
    };
    let id = RotationId::from_bits([7; 10]);
    Rotation::new(id, target, person(PEOPLE[0]).into(), "Quarterly".to_owned(), false, BEGINNING)
}

fn happens(rotation: &mut Rotation, event: Event) {
    rotation.step(event, Moment { now: BEGINNING, chance: 0, zones: &Ahead }).expect("it fits");
    assert_eq!(read(&write(rotation)).as_ref(), Ok(&*rotation));
}

fn refused() -> Trouble {
    Trouble::of(Service::PowerBi, Cause::NotAllowed)
}

/// Both models read the same place in the cloud, 1, and the first an on-premises one, 2, as well; somebody else owns what is
/// in the cloud.
fn applying(take_over: [bool; 2]) -> Rotation {
    let mut rotation = of_models(take_over);
    happens(&mut rotation, Event::Claimed);
    happens(&mut rotation, Event::Found(0, Ok(vec![place(1), place(2)])));
    happens(&mut rotation, Event::Found(1, Ok(vec![place(1)])));
    happens(&mut rotation, Event::Checked(0, Err(refused())));
    happens(&mut rotation, Event::Checked(1, Ok(())));
    assert_eq!((&rotation.runs[0].check, &rotation.runs[1].check), (&Check::Foreign, &Check::Passed));
    happens(&mut rotation, Event::Supplied(person(PEOPLE[0])));
    happens(&mut rotation, Event::Prepared(0, Err(refused())));
    assert_eq!(rotation.runs[0].phase, Phase::TakingOver);
    rotation
}

fn rotates(rotation: &mut Rotation, at: usize) {
    happens(rotation, Event::Prepared(at, Ok(())));
    happens(rotation, Event::Update(at));
    happens(rotation, Event::Updated(at, Ok(None)));
    happens(rotation, Event::Tested(at, Ok(Test::Passed)));
}

#[test]
fn a_place_behind_two_models_becomes_two_places() {
    let mut rotation = applying([true, true]);
    happens(&mut rotation, Event::TakenOver(0, Ok(vec![place(11), place(2)])));
    let behind = |rotation: &Rotation| -> Vec<_> {
        rotation.runs.iter().map(|run| (run.place.clone(), run.models.clone())).collect()
    };
    assert_eq!(behind(&rotation), [(place(11), vec![0]), (place(2), vec![0]), (place(1), vec![1])]);
    rotates(&mut rotation, 0);
    rotates(&mut rotation, 1);
    // What the other reads from is still somebody else's.
    happens(&mut rotation, Event::Prepared(2, Err(refused())));
    happens(&mut rotation, Event::TakenOver(2, Ok(vec![place(13)])));
    assert_eq!(rotation.runs[2].place, place(13));
    rotates(&mut rotation, 2);
    assert_eq!(rotation.stage, Stage::Applied);
}

#[test]
fn only_the_model_that_may_be_is_taken_over() {
    let mut rotation = applying([false, true]);
    assert_eq!(rotation.ownable(&rotation.runs[0]), Some(1));
    happens(&mut rotation, Event::TakenOver(0, Ok(vec![place(13)])));
    rotates(&mut rotation, 0);
    rotates(&mut rotation, 1);
    happens(&mut rotation, Event::Prepared(2, Err(refused())));
    assert_eq!(rotation.runs[2].receipt().map(|receipt| &receipt.outcome), Some(&Outcome::Unchanged(refused())));
    assert!(matches!(rotation.stage, Stage::Stalled { .. }), "somebody can take it over by hand");
}

#[test]
fn nothing_is_taken_over_twice_for_one_place() {
    let mut rotation = applying([true, false]);
    // It is ours now and keeps its id, and still we may not.
    happens(&mut rotation, Event::TakenOver(0, Ok(vec![place(1), place(2)])));
    assert_eq!((&rotation.runs[0].phase, rotation.runs[0].taken_over), (&Phase::Preparing, true));
    happens(&mut rotation, Event::Prepared(0, Err(refused())));
    assert_eq!(rotation.runs[0].receipt().map(|receipt| &receipt.outcome), Some(&Outcome::Unchanged(refused())));
}

#[test]
fn a_source_that_is_gone_or_on_premises_now_is_not_set_in_its_place() {
    for now in [vec![place(2)], vec![place(2), place(4)]] {
        let mut rotation = applying([true, false]);
        happens(&mut rotation, Event::TakenOver(0, Ok(now)));
        let outcome = rotation.runs[0].receipt().map(|receipt| &receipt.outcome);
        let changed = Trouble::noted(Service::PowerBi, Cause::Mismatch, "its data sources changed meanwhile");
        assert_eq!(outcome, Some(&Outcome::Unchanged(changed)));
    }
}

#[test]
fn what_was_sent_before_it_moved_stays_in_doubt() {
    let mut rotation = of_models([true, false]);
    happens(&mut rotation, Event::Claimed);
    happens(&mut rotation, Event::Found(0, Ok(vec![place(1), place(3)])));
    happens(&mut rotation, Event::Found(1, Ok(Vec::new())));
    happens(&mut rotation, Event::Checked(0, Ok(())));
    happens(&mut rotation, Event::Checked(1, Ok(())));
    happens(&mut rotation, Event::Supplied(person(PEOPLE[0])));
    for at in [0, 1] {
        happens(&mut rotation, Event::Prepared(at, Ok(())));
        happens(&mut rotation, Event::Update(at));
    }
    // The program died over the second, and the first is taken over.
    happens(&mut rotation, Event::Updated(0, Err(refused())));
    happens(&mut rotation, Event::TakenOver(0, Ok(vec![place(11), place(13)])));
    assert_eq!((rotation.runs[0].uncertain, rotation.runs[1].uncertain), (false, true));
}
