//! Everything that can happen to a rotation, in any order, to rotations under any policy.

use std::time::Duration;

use pbi_rotate::domain::credential::Login;
use pbi_rotate::domain::names::{Code, Guid, RotationId, SourceName, TargetName, Zone};
use pbi_rotate::domain::policy::Policy;
use pbi_rotate::domain::rotation::{Event, Moment, Phase, Refresh, Requester, Rotation, Stage, Supply, Taken, Test};
use pbi_rotate::domain::source::{Binding, SecretId};
use pbi_rotate::domain::target::{ItemId, Model, Privacy, Reach, Target};
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::trouble::{Cause, Details, Service, Trouble};
use pbi_rotate::domain::window::{Day, Window};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::{Ahead, BEGINNING, PEOPLE, PLACES, person, place};

/// What happens next.
#[derive(Clone, Debug)]
pub enum Happening {
    /// Something, whether it fits or not.
    Event(Event),
    /// What leads on from where the rotation stands, or what goes wrong there.
    WhatLeadsOn(Option<Trouble>),
    /// The program dies over what it sends, and sends it again.
    Death,
}

fn trouble() -> impl Strategy<Value = Trouble> {
    use Cause::{
        CredentialRefused, EncryptionRefused, EntryLost, GatewayOffline, Identity, NotAllowed, Rejected, Throttled,
        Token, Unavailable, Unintelligible, Unreachable,
    };
    let mendable = [EncryptionRefused, GatewayOffline, Identity, NotAllowed, Token];
    let passing = [Throttled, Unavailable, Unreachable];
    let others = [CredentialRefused, EntryLost, Rejected, Unintelligible];
    let cause = select([&mendable[..], &passing, &others].concat());
    (cause, option::of(0u64..1000), option::of(select(vec![401, 503]))).prop_map(|(cause, seconds, status)| {
        let retry_after = seconds.map(Duration::from_secs);
        Details { status, retry_after, ..Details::of(Service::PowerBi, cause) }.into()
    })
}

fn event() -> impl Strategy<Value = Event> {
    // Mostly the first, and at most one more than there can be.
    let (at, model) = (|| prop_oneof![4 => 0..3usize, 1 => 0..=PLACES], || 0..3usize);
    let somebody = || select(&PEOPLE[..]).prop_map(person);
    let failing = || option::of(trouble()).prop_map(|trouble| trouble.map_or(Ok(()), Err));
    let found = prop_oneof![vec((2..6usize).prop_map(place), 0..3).prop_map(Ok), trouble().prop_map(Err)];
    let moved = prop_oneof![vec((10..20usize).prop_map(place), 0..3).prop_map(Ok), trouble().prop_map(Err)];
    let running = (0u64..600).prop_map(|seconds| Test::Running {
        operation: "0a2dafe6-0e93-4120-8d2c-fae123c111b1".to_owned(),
        after: Duration::from_secs(seconds),
    });
    let tested = prop_oneof![Just(Ok(Test::Passed)), Just(Ok(Test::NotOffered)), running.prop_map(Ok)];
    let tested = prop_oneof![tested, trouble().prop_map(Err)];
    let refreshed = prop_oneof![
        Just(Ok(Refresh::Completed)),
        Just(Ok(Refresh::Blocked)),
        Just(Ok(Refresh::Running(Some(Code::parse("id").unwrap())))),
        trouble().prop_map(Err)
    ];
    let later = (0i64..7200).prop_map(|seconds| Timestamp(BEGINNING.0 + seconds * 1000));
    let fetched = prop_oneof![taken().prop_map(Ok), trouble().prop_map(Err)];
    let turning = select(vec![Event::Turning, Event::Turned, Event::Unturned]);
    let of_managers = prop_oneof![2 => turning, 3 => fetched.prop_map(Event::Fetched)];
    let by_people = prop_oneof![
        4 => somebody().prop_map(Event::Approve),
        2 => somebody().prop_map(|person| Event::Deny(person, "Not today".to_owned())),
        4 => somebody().prop_map(Event::Supplied),
        2 => somebody().prop_map(Event::Renewed),
        1 => somebody().prop_map(Event::Cancel),
        1 => somebody().prop_map(Event::Stop),
        1 => somebody().prop_map(Event::GiveWay),
        2 => somebody().prop_map(Event::Retry),
        1 => somebody().prop_map(Event::Close),
    ];
    let of_services = prop_oneof![
        (model(), found).prop_map(|(at, result)| Event::Found(at, result)),
        (at(), failing()).prop_map(|(at, result)| Event::Checked(at, result)),
        (at(), trouble()).prop_map(|(at, trouble)| Event::LeftOut(at, trouble)),
        (at(), failing()).prop_map(|(at, result)| Event::Prepared(at, result)),
        at().prop_map(Event::Update),
        (at(), trouble()).prop_map(|(at, trouble)| Event::Unsent(at, trouble)),
        (at(), failing())
            .prop_map(|(at, result)| Event::Updated(at, result.map(|()| Some(Code::parse("id").unwrap())))),
        (at(), moved).prop_map(|(at, result)| Event::TakenOver(at, result)),
        (at(), tested).prop_map(|(at, result)| Event::Tested(at, result)),
        (model(), refreshed).prop_map(|(at, result)| Event::Refreshed(at, result)),
    ];
    prop_oneof![
        1 => select(vec![Event::Claimed, Event::Occupied, Event::Stale, Event::Outdated, Event::Tick]),
        1 => (at(), later.clone()).prop_map(|(at, until)| Event::Postponed(at, until)),
        1 => (model(), later).prop_map(|(at, until)| Event::ModelPostponed(at, until)),
        4 => by_people,
        2 => of_managers,
        6 => of_services,
    ]
}

/// What a secret manager gave: one of two versions, sometimes with an account of its own.
fn taken() -> impl Strategy<Value = Taken> {
    let account = option::of(select(vec!["feed_blue", "feed_green"]));
    (select(VERSIONS.to_vec()), account).prop_map(|(version, account)| Taken {
        version: version.to_owned(),
        current: version.to_owned(),
        account: account.map(str::to_owned),
    })
}

const VERSIONS: [&str; 2] = ["v1", "v2"];

/// What a target is bound to, if it is; whether it was the secret manager who asked, and the version that it had then.
fn supply() -> impl Strategy<Value = Option<(Binding, bool, Option<String>)>> {
    let seen = option::of(select(VERSIONS.to_vec()));
    let supply = (any::<bool>(), any::<bool>(), seen).prop_map(|(ask_again, by_source, seen)| {
        let binding = Binding {
            source: SourceName::parse("vault").unwrap(),
            place: None,
            secret: SecretId::Named("sales-db".to_owned()),
            fields: Vec::new(),
            username: None,
            ask_again,
        };
        (binding, by_source, seen.map(str::to_owned))
    });
    option::of(supply)
}

/// Things that happen, each so many milliseconds after the one before, or before it, and with such a chance.
pub fn story() -> impl Strategy<Value = Vec<(Happening, i64, u16)>> {
    let leads_on = prop_oneof![2 => Just(None), 1 => trouble().prop_map(Some)];
    let happening = prop_oneof![
        4 => event().prop_map(Happening::Event),
        8 => leads_on.prop_map(Happening::WhatLeadsOn),
        2 => Just(Happening::Death),
    ];
    let minutes = 60_000i64;
    let time = prop_oneof![8 => 0..20_000i64, 2 => 0..45 * minutes, 1 => 0..480 * minutes, 1 => -480 * minutes..0];
    // Half of them begin smoothly.
    let smooth = any::<u16>().prop_map(|chance| (Happening::WhatLeadsOn(None), 0, chance));
    let begun = prop_oneof![Just(Vec::new()), vec(smooth, 20)];
    (begun, vec((happening, time, any::<u16>()), 0..60)).prop_map(|(begun, rest)| [begun, rest].concat())
}

fn policy() -> impl Strategy<Value = Policy> {
    let days = subsequence(Day::ALL.to_vec(), 1..7);
    let zone = prop_oneof![9 => Just("Europe/Vienna"), 1 => Just("Mars/Olympus")];
    let window = (days, 0..1440u16, prop_oneof![1..60u16, 0..1440u16], zone).prop_map(|(days, from, long, zone)| {
        Window { days, from, to: (from + long) % 1440, zone: Zone::parse(zone).unwrap() }
    });
    let windows = prop_oneof![Just(Vec::new()), vec(window, 1..3)];
    (0..=3u8, any::<bool>(), 60..100_000u64, windows, select(vec![0, 60])).prop_map(
        |(approvals, allow_self, expires, windows, stop)| Policy {
            approvals,
            allow_self,
            expires: Duration::from_secs(expires),
            windows,
            stop: Duration::from_secs(stop),
            ..Policy::open_to(Vec::new())
        },
    )
}

pub fn rotation() -> impl Strategy<Value = Rotation> {
    let model = |(n, (refresh, take_over)): (usize, (bool, bool))| Model {
        workspace: Guid::parse("00000000-0000-4000-9000-000000000000").unwrap(),
        id: ItemId::Dataset(Guid::parse(&format!("00000000-0000-4000-9001-{n:012}")).unwrap()),
        only: None,
        reach: Reach::Cloud,
        privacy: Privacy::None,
        encrypted_connection: false,
        end_user_sso: false,
        profile: None,
        take_over,
        refresh,
    };
    let models =
        vec(any::<(bool, bool)>(), 0..3).prop_map(move |wanted| wanted.into_iter().enumerate().map(model).collect());
    (policy(), 0..=3usize, models, any::<bool>(), supply()).prop_map(
        |(policy, destinations, models, break_glass, supply)| {
            let models: Vec<Model> = models;
            let destinations = if models.is_empty() { destinations.max(1) } else { destinations };
            let target = Target {
                name: TargetName::parse("sales-db").unwrap(),
                title: "Sales".to_owned(),
                login: Login::Basic { username: "feed".to_owned() },
                binding: supply.as_ref().map(|(binding, ..)| binding.clone()),
                destinations: (0..destinations).map(place).collect(),
                models,
                policy,
                notify: Vec::new(),
                owner: None,
                rotate_every: None,
            };
            let id = RotationId::from_bits([7; 10]);
            let by_source = supply.as_ref().is_some_and(|(_, by_source, _)| *by_source);
            let requester = match supply.as_ref().filter(|_| by_source) {
                Some((binding, ..)) => Requester::Source(binding.source.clone()),
                None => person(PEOPLE[0]).into(),
            };
            // Only people break glass.
            let break_glass = break_glass && !by_source;
            let rotation = Rotation::new(id, target, requester, "Quarterly".to_owned(), break_glass, BEGINNING);
            Rotation { supply: supply.map(|(_, _, seen)| Supply { seen, ..Supply::default() }), ..rotation }
        },
    )
}

/// What leads on from where it stands, and when.
pub fn leading_on(rotation: &Rotation, trouble: Option<Trouble>, chance: u16, now: Timestamp) -> (Event, Timestamp) {
    match rotation.stage {
        Stage::Requested => (Event::Claimed, now),
        Stage::AwaitingApproval { .. } if chance.is_multiple_of(32) => {
            (Event::Deny(person(PEOPLE[1]), "Not today".to_owned()), now)
        }
        // By anybody, also by those who may not, or did already; and then sometimes too early, or too late.
        Stage::AwaitingApproval { .. } => (Event::Approve(person(PEOPLE[usize::from(chance) % PEOPLE.len()])), now),
        Stage::AwaitingCredential { from, .. } => {
            (Event::Supplied(person(PEOPLE[0])), if chance.is_multiple_of(4) { now } else { now.max(from) })
        }
        Stage::Holding { .. } if chance.is_multiple_of(4) => (Event::Stop(person(PEOPLE[1])), now),
        Stage::Stalled { until } => {
            (Event::Retry(person(PEOPLE[0])), if chance.is_multiple_of(4) { now.max(until) } else { now })
        }
        _ => {
            let now = now.max(rotation.due().unwrap_or(now));
            // Sometimes done hours later than it was found to be due: a window may have closed.
            let event = due(rotation, trouble, now);
            let late = matches!(event, Event::Update(_)) && chance.is_multiple_of(4);
            (event, now + Duration::from_secs(if late { 2 * 60 * 60 } else { 0 }))
        }
    }
}

/// What is due, with the best outcome it can have, or with that trouble.
pub fn due(rotation: &Rotation, trouble: Option<Trouble>, now: Timestamp) -> Event {
    if let Stage::Fetching { until, .. } = rotation.stage
        && now < until
    {
        // One of the versions, or the other: where it is another than was seen, it may be asked for again.
        let version = VERSIONS[usize::from(now.0 % 2 == 0)].to_owned();
        let taken = Taken { version: version.clone(), current: version, account: None };
        return Event::Fetched(trouble.map_or(Ok(taken), Err));
    }
    if rotation.deadline().is_some_and(|deadline| deadline <= now) {
        return Event::Tick;
    }
    if rotation.shut(Moment { now, chance: 0, zones: &Ahead }) {
        return Event::Tick;
    }
    let result = trouble.map_or(Ok(()), Err);
    let checking = rotation.stage == Stage::Checking;
    if let Some((at, _)) = rotation.open_models().min_by_key(|(_, model)| model.due) {
        let found = Event::Found(at, result.clone().map(|()| vec![place(6)]));
        return if checking { found } else { Event::Refreshed(at, result.map(|()| Refresh::Completed)) };
    }
    let Some((at, run)) = rotation.open_runs().min_by_key(|(_, run)| run.due) else { return Event::Tick };
    match run.phase {
        _ if checking => Event::Checked(at, result),
        Phase::Preparing => Event::Prepared(at, result),
        Phase::Updating if !run.sending => Event::Update(at),
        Phase::Updating => Event::Updated(at, result.map(|()| None)),
        // What is in the cloud is elsewhere then, and has an odd number here.
        Phase::TakingOver => Event::TakenOver(at, result.map(|()| vec![place(21 + 2 * rotation.runs.len())])),
        Phase::Testing { .. } | Phase::Done(_) => Event::Tested(at, result.map(|()| Test::Passed)),
    }
}
