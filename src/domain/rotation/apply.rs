//! The steps of putting the credential in place, one place at a time, and of refreshing models at the end.

use std::time::Duration;

use super::{Approved, Check, Moment, Phase, Refresh, Refreshing, Refused, Rotation, Run, Stage, Test};
use crate::domain::names::Code;
use crate::domain::receipt::{Outcome, Receipt};
use crate::domain::retry;
use crate::domain::target::Destination;
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Service, Trouble};

/// Between two looks at a refresh.
const REFRESH_PAUSE: Duration = Duration::from_secs(15);
/// How long a refresh is followed.
const REFRESH_TIME: Duration = Duration::from_secs(30 * 60);

const ENDLESS: &str = "it was still running after half an hour, and may yet complete";
const BLOCKED: &str = "another refresh was still running after half an hour: start one when that has ended";

impl Rotation {
    pub(super) fn prepared(
        &mut self,
        at: usize,
        result: Result<(), Trouble>,
        moment: Moment<'_>,
    ) -> Result<(), Refused> {
        match result {
            Ok(()) => {
                self.advance(at, &Phase::Preparing, Phase::Updating, moment.now)?;
                if let Some(run) = self.runs.get_mut(at) {
                    run.prepared = true;
                }
                Ok(())
            }
            Err(trouble) if self.referenced(&trouble) => {
                self.advance(at, &Phase::Preparing, Phase::Testing { operation: None }, moment.now)?;
                if let Some(run) = self.runs.get_mut(at) {
                    run.check = Check::Referenced;
                }
                Ok(())
            }
            // After an update whose effect is unknown the run can be back here, with other keys.
            Err(trouble) => self.unconfirmed(at, &Phase::Preparing, trouble, moment),
        }
    }

    pub(super) fn leave_to_send(&mut self, at: usize, moment: Moment<'_>) -> Result<Approved, Refused> {
        let login = self.login();
        // What was begun in a window is brought to its end, rather than left in doubt.
        if self.runs.get(at).is_some_and(Run::unbegun) && self.closing(moment).is_none() {
            return Err(Refused::Closed);
        }
        let run = self.run_in(at, &Phase::Updating, moment.now)?;
        run.begun = true;
        // Nothing came of the last one: we died over it, and it may have taken effect.
        run.uncertain |= run.sending;
        run.sending = true;
        Ok(Approved { destination: run.place.clone(), login })
    }

    pub(super) fn unsent(&mut self, at: usize, trouble: Trouble, moment: Moment<'_>) -> Result<(), Refused> {
        let cut_off = self.runs.get(at).is_some_and(|run| run.sending);
        self.not_updated(at, trouble, cut_off, moment)
    }

    pub(super) fn updated(
        &mut self,
        at: usize,
        result: Result<Option<Code>, Trouble>,
        moment: Moment<'_>,
    ) -> Result<(), Refused> {
        let run = self.sending(at, moment.now)?;
        match result {
            Ok(request_id) => {
                run.sending = false;
                run.request_id = request_id;
                self.advance(at, &Phase::Updating, Phase::Testing { operation: None }, moment.now)
            }
            Err(trouble) => {
                let uncertain = trouble.uncertain();
                self.not_updated(at, trouble, uncertain, moment)
            }
        }
    }

    /// A model was taken over, and what it reads in the cloud has other ids now. Where a place was behind another model too,
    /// that one still reads it under the old id, so both are set.
    pub(super) fn taken_over(
        &mut self,
        at: usize,
        result: Result<Vec<Destination>, Trouble>,
        moment: Moment<'_>,
    ) -> Result<(), Refused> {
        let now = moment.now;
        let run = self.run_in(at, &Phase::TakingOver, now)?.clone();
        let model = self.ownable(&run).ok_or(Refused::Destination)?;
        let found = match result {
            Ok(found) => found,
            Err(trouble) => return self.unconfirmed(at, &Phase::TakingOver, trouble, moment),
        };
        let known = |place: &Destination| self.runs.iter().any(|run| run.place.id() == place.id());
        let mut fresh: Vec<_> = found.iter().filter(|place| !place.sealed() && !known(place)).cloned().rev().collect();
        let mut split = Vec::new();
        for (other, run) in self.runs.iter_mut().enumerate() {
            let open = matches!(run.phase, Phase::Preparing | Phase::Updating | Phase::TakingOver);
            let there = found.iter().any(|place| place.id() == run.place.id());
            if !open || !run.models.contains(&model) || (there && other != at) {
                continue;
            }
            if !there {
                // All of them are given the same login, so it does not matter which is which.
                let Some(place) = fresh.pop() else { continue };
                let old = std::mem::replace(&mut run.place, place);
                let others: Vec<_> = run.models.iter().copied().filter(|other| *other != model).collect();
                if !others.is_empty() {
                    split.push(Run { check: run.check.clone(), ..Run::of(old, others, now) });
                }
                run.models = vec![model];
            }
            run.uncertain |= run.sending;
            (run.sending, run.prepared, run.taken_over, run.begun) = (false, false, true, true);
            (run.phase, run.failures, run.due) = (Phase::Preparing, 0, now);
        }
        self.runs.extend(split);
        if self.runs.get(at).is_some_and(|run| run.phase == Phase::TakingOver) {
            let trouble = Trouble::noted(Service::PowerBi, Cause::Mismatch, "its data sources changed meanwhile");
            return self.unconfirmed(at, &Phase::TakingOver, trouble, moment);
        }
        Ok(())
    }

    /// What is known when no update was confirmed: the old credential is in force, unless one may have taken effect.
    fn not_updated(&mut self, at: usize, trouble: Trouble, uncertain: bool, moment: Moment<'_>) -> Result<(), Refused> {
        let run = self.run_in(at, &Phase::Updating, moment.now)?;
        run.sending = false;
        run.uncertain |= uncertain;
        self.unconfirmed(at, &Phase::Updating, trouble, moment)
    }

    /// What a failure before anything was confirmed leads to.
    fn unconfirmed(&mut self, at: usize, phase: &Phase, trouble: Trouble, moment: Moment<'_>) -> Result<(), Refused> {
        let uncertain = self.run_in(at, phase, moment.now)?.uncertain;
        let outcome = if uncertain { Outcome::Unknown } else { Outcome::Unchanged };
        self.failed(at, phase, trouble, outcome, moment)
    }

    pub(super) fn tested(
        &mut self,
        at: usize,
        result: Result<Test, Trouble>,
        moment: Moment<'_>,
    ) -> Result<(), Refused> {
        let now = moment.now;
        let phase = self.runs.get(at).map(|run| run.phase.clone()).ok_or(Refused::Destination)?;
        if !matches!(phase, Phase::Testing { .. }) {
            return Err(Refused::Destination);
        }
        let run = self.run_in(at, &phase, now)?;
        let referenced = run.check == Check::Referenced;
        let failed = if referenced { Outcome::ReferenceFailed } else { Outcome::Untested };
        match result {
            Ok(Test::Passed | Test::NotOffered) if referenced => self.finish(at, Outcome::Referenced, moment),
            Ok(Test::Passed) => self.finish(at, Outcome::Verified, moment),
            Ok(Test::NotOffered) => self.finish(at, Outcome::Stored, moment),
            Ok(Test::Running { operation, after }) => {
                if now + after <= run.first_tried(now) + retry::BUDGET {
                    run.phase = Phase::Testing { operation: Some(operation) };
                    run.due = now + after;
                    return Ok(());
                }
                let service = run.place.service();
                self.finish(at, failed(Trouble::endless(service)), moment)
            }
            Err(trouble) => self.failed(at, &phase, trouble, failed, moment),
        }
    }

    pub(super) fn refreshed(
        &mut self,
        at: usize,
        result: Result<Refresh, Trouble>,
        moment: Moment<'_>,
    ) -> Result<(), Refused> {
        if self.open_models().all(|(open, _)| open != at) || self.stage == Stage::Checking {
            return Err(Refused::Destination);
        }
        let model = self.models.get_mut(at).ok_or(Refused::Destination)?;
        let since = *model.since.get_or_insert(moment.now);
        match result {
            Ok(Refresh::Completed) => model.refresh = Refreshing::Completed,
            Ok(going_on) => {
                // What was waited for another one does not count.
                let since = if model.refresh == Refreshing::Waiting && going_on != Refresh::Blocked {
                    *model.since.insert(moment.now)
                } else {
                    since
                };
                model.failures = 0;
                model.due = moment.now + REFRESH_PAUSE;
                let in_time = model.due <= since + REFRESH_TIME;
                model.refresh = match going_on {
                    Refresh::Running(id) if in_time => Refreshing::Running(id),
                    _ if in_time => Refreshing::Waiting,
                    Refresh::Blocked => Refreshing::Failed(unrefreshed(BLOCKED)),
                    _ => Refreshing::Failed(unrefreshed(ENDLESS)),
                };
            }
            Err(trouble) => {
                model.failures += 1;
                match retry::next(&trouble, model.failures, moment.now, since + REFRESH_TIME, moment.chance) {
                    Some(due) => model.due = due,
                    None => model.refresh = Refreshing::Failed(trouble),
                }
            }
        }
        self.go_on(moment);
        Ok(())
    }

    /// Moves one run from the phase it must be in to the next, due at once.
    fn advance(&mut self, at: usize, from: &Phase, to: Phase, now: Timestamp) -> Result<(), Refused> {
        let run = self.run_in(at, from, now)?;
        run.phase = to;
        run.failures = 0;
        run.due = now;
        Ok(())
    }

    /// Plans the next try of a phase that failed, or a taking over where that can help, or ends the run with what is known.
    fn failed(
        &mut self,
        at: usize,
        phase: &Phase,
        trouble: Trouble,
        outcome: fn(Trouble) -> Outcome,
        moment: Moment<'_>,
    ) -> Result<(), Refused> {
        let run = self.run_in(at, phase, moment.now)?;
        run.failures += 1;
        let give_up = run.first_tried(moment.now) + retry::BUDGET;
        if let Some(due) = retry::next(&trouble, run.failures, moment.now, give_up, moment.chance) {
            run.due = due;
            return Ok(());
        }
        let before = matches!(phase, Phase::Preparing | Phase::Updating);
        if before && self.runs.get(at).is_some_and(|run| self.take_over(run, &trouble)) {
            return self.advance(at, phase, Phase::TakingOver, moment.now);
        }
        self.finish(at, outcome(trouble), moment)
    }

    fn run_in(&mut self, at: usize, phase: &Phase, now: Timestamp) -> Result<&mut Run, Refused> {
        if self.stage != Stage::Applying {
            return Err(Refused::Stage);
        }
        let run = self.runs.get_mut(at).filter(|run| run.phase == *phase).ok_or(Refused::Destination)?;
        run.first_tried(now);
        Ok(run)
    }

    /// The run whose update was sent: only what was sent can be answered.
    fn sending(&mut self, at: usize, now: Timestamp) -> Result<&mut Run, Refused> {
        if self.runs.get(at).is_none_or(|run| !run.sending) {
            return Err(Refused::Destination);
        }
        self.run_in(at, &Phase::Updating, now)
    }

    fn finish(&mut self, at: usize, outcome: Outcome, moment: Moment<'_>) -> Result<(), Refused> {
        let run = self.runs.get_mut(at).ok_or(Refused::Destination)?;
        // Support asks for the id of the call that went wrong.
        let request_id = outcome.trouble().and_then(|trouble| trouble.request_id.clone());
        run.phase = Phase::Done(Receipt { outcome, request_id: request_id.or_else(|| run.request_id.clone()) });
        self.go_on(moment);
        Ok(())
    }

    /// What follows when a place or a model is done: nothing, while there are other places.
    pub(super) fn go_on(&mut self, moment: Moment<'_>) {
        if self.open_runs().next().is_none() {
            if let Some(supply) = &mut self.supply {
                supply.done_at.get_or_insert(moment.now);
            }
            self.settle(moment);
        }
    }
}

fn unrefreshed(note: &str) -> Trouble {
    Trouble::noted(Service::PowerBi, Cause::NotRefreshed, note)
}

impl Run {
    /// When it was first tried, which is now if it never was.
    fn first_tried(&mut self, now: Timestamp) -> Timestamp {
        *self.since.get_or_insert(now)
    }

    /// Whether somebody can mend what was wrong, so that the same credential is worth another try. What is sealed to a key that
    /// has changed is not: what was entered is gone by then.
    pub(super) fn repeatable(&self) -> bool {
        let outcome = self.receipt().map(|receipt| &receipt.outcome).filter(|outcome| !outcome.good());
        outcome.and_then(Outcome::trouble).is_some_and(|trouble| {
            let lost = self.prepared && self.place.sealed() && trouble.cause == Cause::EncryptionRefused;
            trouble.cause.mendable() && !lost
        })
    }

    /// Puts a run that failed back to where it can be tried again.
    pub(super) fn reopen(&mut self, now: Timestamp) {
        if !self.repeatable() {
            return;
        }
        let stored = matches!(
            &self.phase,
            Phase::Done(Receipt { outcome: Outcome::Untested(_) | Outcome::ReferenceFailed(_), .. })
        );
        self.phase = if stored {
            Phase::Testing { operation: None }
        } else if self.prepared && self.place.sealed() {
            Phase::Updating
        } else {
            Phase::Preparing
        };
        (self.failures, self.since, self.due, self.again, self.begun) = (0, None, now, true, false);
    }
}
