//! What is known of a rotation by watching it from outside, and what has to hold of it then.

use std::collections::BTreeSet;

use pbi_rotate::codec::record::{read, write};
use pbi_rotate::domain::credential::Login;
use pbi_rotate::domain::names::PersonId;
use pbi_rotate::domain::receipt::{Outcome, Receipt};
use pbi_rotate::domain::retry::BUDGET;
use pbi_rotate::domain::rotation::{CHECK_TIME, Check, Event, Phase, Rotation, Stage, Verdict};
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::trouble::Trouble;
use pbi_rotate::domain::window::{Day, Window, Zones};

use crate::{Ahead, PLACES, human};

/// What is known by watching from outside.
#[derive(Default)]
pub struct Watched {
    approved: BTreeSet<PersonId>,
    supplied: bool,
    /// A secret manager was asked to change the value, and has not answered yet.
    turning: bool,
    /// The account that came with what a secret manager supplied.
    account: Option<String>,
    /// Somebody denied, cancelled or stopped it.
    called_off: bool,
    sent: bool,
    /// The latest time seen, and until when each place was put off.
    pub latest: Option<Timestamp>,
    postponed: [Option<Timestamp>; PLACES],
    /// Leave was given, and nothing came of it yet.
    open: [bool; PLACES],
    /// Leave was given, or a model taken over, since it was last tried again.
    begun: [bool; PLACES],
    /// An update may have taken effect without anybody knowing.
    doubt: [bool; PLACES],
}

impl Watched {
    pub fn accepted(&mut self, event: &Event, before: &Rotation, after: &Rotation, now: Timestamp) {
        match event {
            Event::Approve(person) => {
                assert!(self.approved.insert(human(person)), "the same person twice");
                let own = before.requester.person().is_some_and(|requester| human(requester) == human(person));
                assert!(!own || before.target.policy.allow_self, "their own request");
            }
            Event::Supplied(person) => {
                assert_eq!(human(person), human(before.requester.person().unwrap()));
                let Stage::AwaitingCredential { from, until } = before.stage else { panic!("too early or too late") };
                assert!(from <= now && now < until);
                assert!(self.enough(before), "without approvals");
                assert!(before.supply.is_none(), "entered, where a secret manager supplies it");
                self.supplied = true;
            }
            Event::Turning => {
                let Stage::Fetching { from, .. } = before.stage else { panic!("nothing is to be read") };
                assert!(from <= now && self.enough(before), "changed without leave");
                assert!(after.supply.as_ref().unwrap().turned(), "it may be changed from now on");
                self.turning = true;
            }
            Event::Turned => {
                assert!(std::mem::take(&mut self.turning), "an answer to nothing");
                assert_eq!(after.supply.as_ref().unwrap().turned_at, Some(now));
            }
            Event::Unturned => {
                assert!(std::mem::take(&mut self.turning), "an answer to nothing");
                assert!(!after.supply.as_ref().unwrap().turned());
            }
            Event::Fetched(result) => {
                let Stage::Fetching { from, .. } = before.stage else { panic!("too early or too late") };
                assert!(from <= now && self.enough(before), "read without approvals");
                match (result, &after.stage) {
                    (Ok(taken), Stage::AwaitingApproval { .. }) => {
                        let seen = before.supply.as_ref().unwrap().seen.as_ref();
                        let again = before.target.binding.as_ref().is_some_and(|binding| binding.ask_again);
                        assert!(again && seen.is_some_and(|seen| *seen != taken.current), "asked again for nothing");
                        assert_eq!(after.approvals().count(), 0, "an approval of another version counts");
                        self.approved.clear();
                    }
                    (Ok(taken), _) => {
                        let binding = before.target.binding.as_ref().unwrap();
                        let seen = before.supply.as_ref().unwrap().seen.as_ref();
                        let other = seen.is_some_and(|seen| *seen != taken.current);
                        assert!(
                            !(binding.ask_again && other && before.approvals_needed() > 0),
                            "not what was approved"
                        );
                        assert_eq!(after.supply.as_ref().unwrap().taken.as_ref(), Some(&taken.version));
                        self.account.clone_from(&taken.account);
                        self.supplied = true;
                    }
                    (Err(_), stage) => assert!(matches!(stage, Stage::Fetching { .. } | Stage::Failed)),
                }
            }
            Event::Deny(..) | Event::Cancel(_) | Event::Stop(_) | Event::GiveWay(_) => {
                assert!(!matches!(event, Event::GiveWay(_)) || !before.break_glass, "one emergency ends another");
                assert!(after.stage.ended(), "called off, and going on");
                self.called_off = true;
            }
            Event::Retry(person) => {
                // Of what a secret manager asked for, whom the policy names is asked elsewhere.
                let requester = before.requester.person();
                assert!(requester.is_none_or(|requester| human(requester) == human(person)));
                assert!(matches!(before.stage, Stage::Stalled { until } if now < until), "too late to try again");
                assert!(in_time(before, now), "tried again outside windows");
                for (at, run) in after.runs.iter().enumerate() {
                    self.begun[at] &= matches!(run.phase, Phase::Done(_));
                }
            }
            Event::Postponed(at, until) => self.postponed[*at] = Some(*until),
            Event::Update(at) => {
                assert!(self.supplied && !self.called_off, "leave that nobody gave");
                assert!(self.begun[*at] || in_time(before, now), "begun outside windows");
                self.begun[*at] = true;
                self.sent = true;
                self.doubt[*at] |= self.open[*at];
                self.open[*at] = true;
            }
            Event::TakenOver(..) => {
                for (at, (before, after)) in before.runs.iter().zip(&after.runs).enumerate() {
                    self.begun[at] |= before != after && after.taken_over;
                }
            }
            Event::Unsent(at, _) => self.doubt[*at] |= std::mem::take(&mut self.open[*at]),
            Event::Updated(at, result) => {
                assert!(std::mem::take(&mut self.open[*at]), "an answer to nothing");
                self.doubt[*at] |= result.as_ref().is_err_and(Trouble::uncertain);
            }
            _ => {}
        }
        // What was sent to a place that is another one now.
        for (at, (before, after)) in before.runs.iter().zip(&after.runs).enumerate() {
            if before.place != after.place {
                self.doubt[at] |= std::mem::take(&mut self.open[at]);
            }
        }
    }

    /// Whether as many people approved as have to, in the emergency none.
    fn enough(&self, rotation: &Rotation) -> bool {
        let policy = &rotation.target.policy;
        let mut counted = self.approved.clone();
        if let Some(requester) = rotation.requester.person().filter(|_| !policy.allow_self) {
            counted.remove(&human(requester));
        }
        rotation.break_glass || counted.len() >= usize::from(policy.approvals)
    }

    /// The login that is to be set.
    pub fn login(&self, rotation: &Rotation) -> Login {
        match (&self.account, &rotation.target.login) {
            (Some(account), Login::Basic { .. }) => Login::Basic { username: account.clone() },
            (_, login) => login.clone(),
        }
    }

    /// What holds after everything that happens.
    pub fn holds(&self, rotation: &Rotation, before: &Rotation) {
        assert_eq!(read(&write(rotation)).as_ref(), Ok(rotation), "kept, and read back");
        if before.stage.ended() {
            assert_eq!(rotation, before, "an end is an end");
        }
        assert_eq!(rotation.due().is_none(), rotation.stage.ended(), "{rotation:#?}");
        assert_eq!(rotation.decisions[..before.decisions.len()], before.decisions, "nothing decided is forgotten");
        let asked = |now: &Rotation| (now.id.clone(), now.target.clone(), now.requester.clone(), now.reason.clone());
        assert_eq!(asked(rotation), asked(before), "the plan it began with");
        assert_eq!((rotation.opened_at, rotation.break_glass), (before.opened_at, before.break_glass));
        if let Stage::AwaitingCredential { from, until } = rotation.stage
            && !rotation.break_glass
        {
            let last = Timestamp(until.0 - 1) + rotation.target.policy.stop;
            assert!(in_time(rotation, from) && in_time(rotation, last), "outside windows");
        }
        if let Stage::Fetching { from, until } = rotation.stage
            && !rotation.break_glass
        {
            let last = Timestamp(until.0 - 1) + rotation.target.policy.stop;
            assert!(in_time(rotation, from) && in_time(rotation, last), "outside windows");
            assert!(until <= from + BUDGET && self.enough(rotation));
        }
        if let Some(supply) = &rotation.supply {
            assert!(supply.taken.is_some() == self.supplied, "read, or not");
            assert!(!matches!(rotation.stage, Stage::AwaitingCredential { .. }), "nobody is asked to enter it");
        }
        if let Stage::Stalled { until } = rotation.stage {
            assert_eq!(rotation.retry_until, before.retry_until.or(rotation.retry_until), "given once");
            assert!(until <= rotation.retry_until.unwrap());
            assert!(in_time(rotation, Timestamp(until.0 - 1)), "outside windows");
        }
        let latest = self.latest.unwrap();
        let most = if rotation.stage == Stage::Checking { CHECK_TIME } else { BUDGET };
        for (at, run) in rotation.open_runs() {
            let give_up = run.since.map_or(latest, |since| since + most);
            assert!(run.due <= give_up.max(latest).max(self.postponed[at].unwrap_or(latest)), "{run:#?}");
        }
        if rotation.stage == Stage::Applying {
            for (at, model) in rotation.open_models() {
                let behind: Vec<_> = rotation.runs.iter().filter(|run| run.models.contains(&at)).collect();
                let good = behind.iter().all(|run| run.receipt().is_some_and(|receipt| receipt.outcome.good()));
                let wanted = rotation.target.models[at].refresh;
                assert!(wanted && good && !behind.is_empty(), "a refresh for nothing: {model:#?}");
            }
        }
        for (at, run) in rotation.runs.iter().enumerate() {
            if let Phase::Done(Receipt { outcome, .. }) = &run.phase {
                assert!(!(self.doubt[at] && outcome.unchanged()), "called unchanged: {outcome:?}");
                assert!(self.doubt[at] || !matches!(outcome, Outcome::Unknown(_)), "called unknown");
                assert!(self.sent || outcome.unchanged(), "nothing was sent: {outcome:?}");
            }
        }
    }

    /// What holds of an end.
    pub fn ended(&self, rotation: &Rotation) {
        let all = rotation.runs.len();
        let good = rotation.receipts().filter(|(_, receipt)| receipt.is_some_and(|r| r.outcome.good())).count();
        let found = rotation.models.iter().all(|model| model.found == Check::Passed);
        let last = rotation.decisions.last().map(|decision| &decision.verdict);
        match rotation.stage {
            Stage::Applied => assert!(good == all && found && good > 0),
            Stage::PartlyApplied => assert!(0 < good && !(good == all && found)),
            Stage::Failed => assert_eq!(good, 0),
            Stage::Denied => assert!(matches!(last, Some(Verdict::Denied(_))) && !self.sent),
            Stage::Cancelled => {
                assert!(matches!(last, Some(Verdict::Cancelled | Verdict::Stopped | Verdict::GaveWay)) && !self.sent)
            }
            Stage::Expired | Stage::Superseded => assert!(!self.sent && !self.supplied && !self.called_off),
            _ => panic!("it has not ended: {rotation:#?}"),
        }
    }
}

/// Whether something may be begun then.
fn in_time(rotation: &Rotation, now: Timestamp) -> bool {
    let windows = &rotation.target.policy.windows;
    rotation.break_glass || windows.is_empty() || windows.iter().any(|window| open(window, now))
}

/// Whether a window is open, by minutes of the day.
fn open(window: &Window, now: Timestamp) -> bool {
    let Some(offset) = Ahead.offset(&window.zone, now) else { return false };
    let local = now.as_secs() / 60 + i64::from(offset);
    // 1970-01-01 was a Thursday.
    let on = |day: i64| window.days.contains(&Day::ALL[usize::try_from((day + 3) % 7).unwrap()]);
    let (day, minute) = (local / 1440, u16::try_from(local % 1440).unwrap());
    match window.from < window.to {
        true => on(day) && window.from <= minute && minute < window.to,
        false => (on(day) && window.from <= minute) || (on(day - 1) && minute < window.to),
    }
}
