//! One rotation, from the request to its end; `step` is the only way it changes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::credential::Login;
use super::names::{PersonId, RotationId};
use super::receipt::{Outcome, Receipt};
use super::retry;
use super::target::{Destination, Target};
use super::time::Timestamp;
use super::trouble::Trouble;

/// How long the requester has to enter the credential.
pub const ENTRY_TIME: Duration = Duration::from_secs(10 * 60);
/// How long opening may take before it counts as abandoned.
pub const OPENING_TIME: Duration = Duration::from_secs(30);

/// One run of rotating one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// Its id.
    pub id: RotationId,
    /// The plan, as it was when the rotation opened.
    pub target: Target,
    /// Who asked.
    pub requester: Person,
    /// Why, in the requester's words.
    pub reason: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Where it stands.
    pub stage: Stage,
    /// One for each destination of the target, in the same order.
    pub runs: Vec<Run>,
}

/// A person, as known when they acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The id that stays.
    pub id: PersonId,
    /// The name people saw.
    pub name: String,
}

/// Where a rotation stands. Everything from `Applied` on is an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Recorded; not yet the target's one live rotation.
    Requested,
    /// The requester may enter the credential until then.
    AwaitingCredential {
        /// The deadline.
        until: Timestamp,
    },
    /// The credential is being put in place.
    Applying {
        /// Since when; the retry budget of every step counts from here.
        since: Timestamp,
    },
    /// Every destination is good.
    Applied,
    /// Some destinations are good.
    PartlyApplied,
    /// No destination is good.
    Failed,
    /// Ended by the requester before anything was changed.
    Cancelled,
    /// The credential was not entered in time; nothing was changed.
    Expired,
    /// Another rotation of the target was live.
    Superseded,
}

impl Stage {
    /// Whether nothing can happen any more.
    pub const fn ended(&self) -> bool {
        !matches!(self, Self::Requested | Self::AwaitingCredential { .. } | Self::Applying { .. })
    }
}

/// How far one destination has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// What is next.
    pub phase: Phase,
    /// Failures of the present phase so far.
    pub failures: u32,
    /// When the next try is due.
    pub due: Timestamp,
    /// The service's id for the update, once sent.
    pub request_id: Option<String>,
    /// Whether an update was sent whose effect is unknown.
    pub uncertain: bool,
}

/// What is next for one destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Read it and its gateway's keys, and seal.
    Preparing,
    /// Send the update.
    Updating,
    /// Run the service's test, or follow the one that runs.
    Testing {
        /// The long-running operation to follow, when the test is one.
        operation: Option<String>,
    },
    /// Nothing.
    Done(Receipt),
}

/// Leave to send one update, for one destination, once. Only [`Rotation::step`] makes it; sending consumes it.
#[derive(Debug)]
pub struct Approved {
    destination: Destination,
    login: Login,
}

impl Approved {
    /// The only destination it is good for.
    pub const fn destination(&self) -> &Destination {
        &self.destination
    }

    /// The login to set there.
    pub const fn login(&self) -> &Login {
        &self.login
    }
}

/// What can happen to a rotation.
#[derive(Debug)]
pub enum Event {
    /// The register made it the target's live rotation.
    Claimed,
    /// The register has another live rotation for the target.
    Occupied,
    /// The credential was entered by this person.
    Supplied(PersonId),
    /// This person wants it ended.
    Cancel(PersonId),
    /// Time went by.
    Tick,
    /// Destination `.0` was read and is ready, or not.
    Prepared(usize, Result<(), Trouble>),
    /// The update of destination `.0` is about to be sent.
    Update(usize),
    /// The update of destination `.0` could not be sent.
    Unsent(usize, Trouble),
    /// The update of destination `.0` was answered with the service's id, or not answered.
    Updated(usize, Result<Option<String>, Trouble>),
    /// The test of destination `.0` came to something.
    Tested(usize, Result<Test, Trouble>),
}

impl Event {
    /// The name in the log.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Claimed => "claim",
            Self::Occupied => "occupied",
            Self::Supplied(_) => "supply",
            Self::Cancel(_) => "cancel",
            Self::Tick => "tick",
            Self::Prepared(..) => "prepare",
            Self::Update(_) => "approve",
            Self::Unsent(..) => "unsent",
            Self::Updated(..) => "update",
            Self::Tested(..) => "test",
        }
    }

    /// The trouble it brings, if it does.
    pub const fn trouble(&self) -> Option<&Trouble> {
        match self {
            Self::Prepared(_, Err(trouble))
            | Self::Unsent(_, trouble)
            | Self::Updated(_, Err(trouble))
            | Self::Tested(_, Err(trouble)) => Some(trouble),
            _ => None,
        }
    }
}

/// What a test came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// It passed.
    Passed,
    /// There is none for this kind of destination.
    NotOffered,
    /// It runs; look again at that operation, then.
    Running {
        /// The operation's id.
        operation: String,
        /// When to look.
        after: Duration,
    },
}

/// Why an event cannot happen now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The rotation is at another stage: too early, too late, or a second time.
    Stage,
    /// Only the requester may.
    NotRequester,
    /// There is no such destination, or it is not due for that.
    Destination,
}

impl Rotation {
    /// A new rotation of `target`, not yet claimed.
    pub fn new(id: RotationId, target: Target, requester: Person, reason: String, now: Timestamp) -> Self {
        let run = Run { phase: Phase::Preparing, failures: 0, due: now, request_id: None, uncertain: false };
        let runs = vec![run; target.destinations.len()];
        Self { id, target, requester, reason, opened_at: now, stage: Stage::Requested, runs }
    }

    /// Changes the rotation by one event, or refuses and leaves it as it is. `chance` is random, for jitter.
    ///
    /// # Errors
    /// When the event does not fit the stage or the person; nothing has changed then.
    pub fn step(&mut self, event: Event, now: Timestamp, chance: u16) -> Result<Option<Approved>, Refused> {
        match event {
            Event::Claimed => self.leave_requested(Stage::AwaitingCredential { until: now + ENTRY_TIME })?,
            Event::Occupied => self.leave_requested(Stage::Superseded)?,
            Event::Supplied(person) => self.supplied(&person, now)?,
            Event::Cancel(person) => self.cancel(&person)?,
            Event::Tick => self.tick(now),
            Event::Update(at) => return self.approve(at).map(Some),
            Event::Prepared(at, Ok(())) => self.advance(at, &Phase::Preparing, Phase::Updating, now)?,
            Event::Prepared(at, Err(trouble)) => {
                self.failed(at, &Phase::Preparing, trouble, Outcome::Unchanged, now, chance)?;
            }
            Event::Unsent(at, trouble) => self.not_updated(at, trouble, false, now, chance)?,
            Event::Updated(at, result) => self.updated(at, result, now, chance)?,
            Event::Tested(at, result) => self.tested(at, result, now, chance)?,
        }
        Ok(None)
    }

    /// When something is due next; `None` when nothing is.
    pub fn due(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Requested => Some(self.opened_at + OPENING_TIME),
            Stage::AwaitingCredential { until } => Some(until),
            Stage::Applying { .. } => self.open_runs().map(|(_, run)| run.due).min(),
            _ => None,
        }
    }

    /// Whether the credential is being put in place.
    pub const fn applying(&self) -> bool {
        matches!(self.stage, Stage::Applying { .. })
    }

    /// The runs not yet done, with their place.
    pub fn open_runs(&self) -> impl Iterator<Item = (usize, &Run)> {
        self.runs.iter().enumerate().filter(|(_, run)| !matches!(run.phase, Phase::Done(_)))
    }

    /// The receipts so far, by destination.
    pub fn receipts(&self) -> impl Iterator<Item = (&Destination, Option<&Receipt>)> {
        self.target.destinations.iter().zip(&self.runs).map(|(destination, run)| match &run.phase {
            Phase::Done(receipt) => (destination, Some(receipt)),
            _ => (destination, None),
        })
    }

    fn leave_requested(&mut self, next: Stage) -> Result<(), Refused> {
        if self.stage != Stage::Requested {
            return Err(Refused::Stage);
        }
        self.stage = next;
        Ok(())
    }

    fn supplied(&mut self, person: &PersonId, now: Timestamp) -> Result<(), Refused> {
        match self.stage {
            Stage::AwaitingCredential { until } if now <= until => {}
            _ => return Err(Refused::Stage),
        }
        if *person != self.requester.id {
            return Err(Refused::NotRequester);
        }
        self.stage = Stage::Applying { since: now };
        for run in &mut self.runs {
            run.due = now;
        }
        Ok(())
    }

    fn cancel(&mut self, person: &PersonId) -> Result<(), Refused> {
        if !matches!(self.stage, Stage::AwaitingCredential { .. }) {
            return Err(Refused::Stage);
        }
        if *person != self.requester.id {
            return Err(Refused::NotRequester);
        }
        self.stage = Stage::Cancelled;
        Ok(())
    }

    fn tick(&mut self, now: Timestamp) {
        let late = match self.stage {
            Stage::Requested => now >= self.opened_at + OPENING_TIME,
            Stage::AwaitingCredential { until } => now >= until,
            _ => false,
        };
        if late {
            self.stage = Stage::Expired;
        }
    }

    fn approve(&self, at: usize) -> Result<Approved, Refused> {
        if !matches!(self.stage, Stage::Applying { .. }) {
            return Err(Refused::Stage);
        }
        match (self.runs.get(at), self.target.destinations.get(at)) {
            (Some(Run { phase: Phase::Updating, .. }), Some(destination)) => {
                Ok(Approved { destination: destination.clone(), login: self.target.login.clone() })
            }
            _ => Err(Refused::Destination),
        }
    }

    fn updated(
        &mut self,
        at: usize,
        result: Result<Option<String>, Trouble>,
        now: Timestamp,
        chance: u16,
    ) -> Result<(), Refused> {
        match result {
            Ok(request_id) => {
                self.advance(at, &Phase::Updating, Phase::Testing { operation: None }, now)?;
                if let Some(run) = self.runs.get_mut(at) {
                    run.request_id = request_id;
                }
                Ok(())
            }
            Err(trouble) => {
                let uncertain = trouble.cause.uncertain();
                self.not_updated(at, trouble, uncertain, now, chance)
            }
        }
    }

    /// What is known when no update was confirmed: the old credential is in force, unless one may have taken effect.
    fn not_updated(
        &mut self,
        at: usize,
        trouble: Trouble,
        uncertain: bool,
        now: Timestamp,
        chance: u16,
    ) -> Result<(), Refused> {
        let run = self.run_in(at, &Phase::Updating)?;
        run.uncertain |= uncertain;
        let outcome = if run.uncertain { Outcome::Unknown } else { Outcome::Unchanged };
        self.failed(at, &Phase::Updating, trouble, outcome, now, chance)
    }

    fn tested(&mut self, at: usize, result: Result<Test, Trouble>, now: Timestamp, chance: u16) -> Result<(), Refused> {
        let phase = self.runs.get(at).map(|run| run.phase.clone()).ok_or(Refused::Destination)?;
        if !matches!(phase, Phase::Testing { .. }) {
            return Err(Refused::Destination);
        }
        match result {
            Ok(Test::Passed) => self.finish(at, Outcome::Verified),
            Ok(Test::NotOffered) => self.finish(at, Outcome::Stored),
            Ok(Test::Running { operation, after }) => {
                let Stage::Applying { since } = self.stage else { return Err(Refused::Stage) };
                if let Some(run) = self.runs.get_mut(at).filter(|_| now + after <= since + retry::BUDGET) {
                    run.phase = Phase::Testing { operation: Some(operation) };
                    run.due = now + after;
                    return Ok(());
                }
                let service = self.target.destinations.get(at).ok_or(Refused::Destination)?.service();
                self.finish(at, Outcome::Untested(Trouble::endless(service)))
            }
            Err(trouble) => self.failed(at, &phase, trouble, Outcome::Untested, now, chance),
        }
    }

    /// Moves one run from the phase it must be in to the next, due at once.
    fn advance(&mut self, at: usize, from: &Phase, to: Phase, now: Timestamp) -> Result<(), Refused> {
        let run = self.run_in(at, from)?;
        run.phase = to;
        run.failures = 0;
        run.due = now;
        Ok(())
    }

    /// Plans the next try of a phase that failed, or ends the run with what is known then.
    fn failed(
        &mut self,
        at: usize,
        phase: &Phase,
        trouble: Trouble,
        outcome: fn(Trouble) -> Outcome,
        now: Timestamp,
        chance: u16,
    ) -> Result<(), Refused> {
        let Stage::Applying { since } = self.stage else { return Err(Refused::Stage) };
        let run = self.run_in(at, phase)?;
        run.failures += 1;
        match retry::next(&trouble, run.failures, now, since + retry::BUDGET, chance) {
            Some(due) => run.due = due,
            None => self.finish(at, outcome(trouble))?,
        }
        Ok(())
    }

    fn run_in(&mut self, at: usize, phase: &Phase) -> Result<&mut Run, Refused> {
        if !matches!(self.stage, Stage::Applying { .. }) {
            return Err(Refused::Stage);
        }
        self.runs.get_mut(at).filter(|run| run.phase == *phase).ok_or(Refused::Destination)
    }

    fn finish(&mut self, at: usize, outcome: Outcome) -> Result<(), Refused> {
        let run = self.runs.get_mut(at).ok_or(Refused::Destination)?;
        run.phase = Phase::Done(Receipt { outcome, request_id: run.request_id.clone() });
        if self.open_runs().next().is_none() {
            let good = self.receipts().filter(|(_, receipt)| receipt.is_some_and(|r| r.outcome.good())).count();
            self.stage = match good {
                0 => Stage::Failed,
                n if n == self.runs.len() => Stage::Applied,
                _ => Stage::PartlyApplied,
            };
        }
        Ok(())
    }
}
