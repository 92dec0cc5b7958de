//! The one way a rotation changes: an event, a step, and leave to send an update.

use super::{ENTRY_TIME, Event, OPENING_TIME, Phase, Refused, Rotation, Run, Stage, Test};
use crate::domain::credential::Login;
use crate::domain::names::PersonId;
use crate::domain::receipt::{Outcome, Receipt};
use crate::domain::retry;
use crate::domain::target::Destination;
use crate::domain::time::Timestamp;
use crate::domain::trouble::Trouble;

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

impl Rotation {
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
            Event::Unsent(at, trouble) => {
                let cut_off = self.runs.get(at).is_some_and(|run| run.sending);
                self.not_updated(at, trouble, cut_off, now, chance)?;
            }
            Event::Updated(at, result) => self.updated(at, result, now, chance)?,
            Event::Tested(at, result) => self.tested(at, result, now, chance)?,
        }
        Ok(None)
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

    fn approve(&mut self, at: usize) -> Result<Approved, Refused> {
        let destination = self.target.destinations.get(at).cloned().ok_or(Refused::Destination)?;
        let login = self.target.login.clone();
        let run = self.run_in(at, &Phase::Updating)?;
        // Nothing came of the last one: we died over it, and it may have taken effect.
        run.uncertain |= run.sending;
        run.sending = true;
        Ok(Approved { destination, login })
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
                    run.sending = false;
                    run.request_id = request_id;
                }
                Ok(())
            }
            Err(trouble) => {
                let uncertain = trouble.uncertain();
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
        run.sending = false;
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
        // Support asks for the id of the call that went wrong.
        let request_id = outcome.trouble().and_then(|trouble| trouble.request_id.clone());
        run.phase = Phase::Done(Receipt { outcome, request_id: request_id.or_else(|| run.request_id.clone()) });
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
