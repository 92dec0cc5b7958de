//! The steps that lead to leave: looking at the plan, approvals, the credential, and what people stop or repeat.

use super::{
    CHECK_TIME, Check, Decision, ENTRY_TIME, Moment, Person, Phase, RETRY_TIME, Refused, Rotation, Run, Stage, Verdict,
    WINDOW_ENTRY_TIME,
};
use crate::domain::receipt::{Outcome, Receipt};
use crate::domain::retry;
use crate::domain::target::Destination;
use crate::domain::time::Timestamp;
use crate::domain::trouble::Trouble;
use crate::domain::window::{Opening, opening, within};

impl Rotation {
    pub(super) fn found(
        &mut self,
        at: usize,
        result: Result<Vec<Destination>, Trouble>,
        moment: Moment<'_>,
    ) -> Result<(), Refused> {
        let checking = self.stage == Stage::Checking;
        let model = self.models.get_mut(at).filter(|model| checking && model.found == Check::Pending);
        let model = model.ok_or(Refused::Destination)?;
        match result {
            Ok(places) => {
                model.found = Check::Passed;
                (model.failures, model.since) = (0, None);
                for place in places {
                    // A place that the catalog names as well, or another model has, is set once.
                    match self.runs.iter_mut().find(|run| run.place.id() == place.id()) {
                        Some(run) => run.models.push(at),
                        None => self.runs.push(Run::of(place, vec![at], moment.now)),
                    }
                }
            }
            Err(trouble) => {
                let since = *model.since.get_or_insert(moment.now);
                model.failures += 1;
                match retry::next(&trouble, model.failures, moment.now, since + CHECK_TIME, moment.chance) {
                    Some(due) => model.due = due,
                    None => model.found = Check::Troubled(trouble),
                }
            }
        }
        self.leave_checking(moment);
        Ok(())
    }

    pub(super) fn checked(
        &mut self,
        at: usize,
        result: Result<(), Trouble>,
        moment: Moment<'_>,
    ) -> Result<(), Refused> {
        let checking = self.stage == Stage::Checking;
        let trouble = result.as_ref().err();
        let foreign = trouble.zip(self.runs.get(at)).is_some_and(|(trouble, run)| self.take_over(run, trouble));
        let run = self.runs.get_mut(at).filter(|run| checking && run.check == Check::Pending);
        let run = run.ok_or(Refused::Destination)?;
        match result {
            Ok(()) => run.check = Check::Passed,
            Err(trouble) => {
                let since = *run.since.get_or_insert(moment.now);
                run.failures += 1;
                match retry::next(&trouble, run.failures, moment.now, since + CHECK_TIME, moment.chance) {
                    Some(due) => run.due = due,
                    None if foreign => run.check = Check::Foreign,
                    None => run.check = Check::Troubled(trouble),
                }
            }
        }
        self.leave_checking(moment);
        Ok(())
    }

    /// Goes on to approval when every place was looked at; to the end when none could be changed.
    pub(super) fn leave_checking(&mut self, moment: Moment<'_>) {
        if self.open_runs().next().is_some() || self.open_models().next().is_some() {
            return;
        }
        for run in &mut self.runs {
            (run.failures, run.since) = (0, None);
        }
        if self.runs.iter().any(|run| run.check.ready()) {
            match self.approvals_needed() {
                0 => self.await_credential(moment),
                _ => {
                    let until = moment.now + self.target.policy.expires;
                    self.stage = Stage::AwaitingApproval { since: moment.now, until };
                }
            }
            return;
        }
        for run in &mut self.runs {
            if let Check::Troubled(trouble) = &run.check {
                let request_id = trouble.request_id.clone();
                run.phase = Phase::Done(Receipt { outcome: Outcome::Unchanged(trouble.clone()), request_id });
            }
        }
        self.stage = Stage::Failed;
    }

    /// The requester may enter the credential: now, or when the next maintenance window opens.
    fn await_credential(&mut self, moment: Moment<'_>) {
        let now = moment.now;
        let windows = &self.target.policy.windows;
        let opening = if self.break_glass || windows.is_empty() {
            Some(Opening { from: now, until: now + ENTRY_TIME })
        } else {
            opening(windows, now, moment.zones).map(|opening| {
                let waited = opening.from > now;
                within(opening, now, if waited { WINDOW_ENTRY_TIME } else { ENTRY_TIME })
            })
        };
        self.stage = match opening {
            Some(Opening { from, until }) => Stage::AwaitingCredential { from, until },
            // A window in a zone that is not known opens never.
            None => Stage::Expired,
        };
    }

    pub(super) fn approve(&mut self, person: Person, moment: Moment<'_>) -> Result<(), Refused> {
        self.decidable(moment.now)?;
        if person.id == self.requester.id && !self.target.policy.allow_self {
            return Err(Refused::OwnRequest);
        }
        if self.approvals().any(|decision| decision.by.id == person.id) {
            return Err(Refused::Twice);
        }
        self.decided(person, moment.now, Verdict::Approved);
        if self.approvals().count() >= self.approvals_needed() {
            self.await_credential(moment);
        }
        Ok(())
    }

    pub(super) fn deny(&mut self, person: Person, why: String, now: Timestamp) -> Result<(), Refused> {
        self.decidable(now)?;
        self.decided(person, now, Verdict::Denied(why));
        self.stage = Stage::Denied;
        Ok(())
    }

    fn decidable(&self, now: Timestamp) -> Result<(), Refused> {
        match self.stage {
            Stage::AwaitingApproval { until, .. } if now < until => Ok(()),
            _ => Err(Refused::Stage),
        }
    }

    pub(super) fn supplied(&mut self, person: &Person, now: Timestamp) -> Result<(), Refused> {
        match self.stage {
            Stage::AwaitingCredential { until, .. } if now >= until => return Err(Refused::Stage),
            Stage::AwaitingCredential { from, .. } if now < from => return Err(Refused::Early),
            Stage::AwaitingCredential { .. } => {}
            _ => return Err(Refused::Stage),
        }
        self.requested_by(person)?;
        let stop = self.target.policy.stop;
        if stop.is_zero() || self.break_glass {
            self.begin(now);
        } else {
            self.stage = Stage::Holding { until: now + stop };
        }
        Ok(())
    }

    /// Begins to put the credential in place.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.stage = Stage::Applying;
        for run in &mut self.runs {
            run.due = now;
        }
        for model in &mut self.models {
            model.due = now;
        }
    }

    pub(super) fn cancel(&mut self, person: Person, now: Timestamp) -> Result<(), Refused> {
        match self.stage {
            Stage::Checking | Stage::AwaitingApproval { .. } | Stage::AwaitingCredential { .. } => {}
            _ => return Err(Refused::Stage),
        }
        self.requested_by(&person)?;
        self.decided(person, now, Verdict::Cancelled);
        self.stage = Stage::Cancelled;
        Ok(())
    }

    pub(super) fn stop(&mut self, person: Person, now: Timestamp) -> Result<(), Refused> {
        let Stage::Holding { .. } = self.stage else { return Err(Refused::Stage) };
        self.decided(person, now, Verdict::Stopped);
        self.stage = Stage::Cancelled;
        Ok(())
    }

    pub(super) fn retry(&mut self, person: Person, now: Timestamp) -> Result<(), Refused> {
        match self.stage {
            Stage::Stalled { until } if now < until => {}
            _ => return Err(Refused::Stage),
        }
        self.requested_by(&person)?;
        self.decided(person, now, Verdict::Retried);
        self.stage = Stage::Applying;
        for run in &mut self.runs {
            run.reopen(now);
        }
        Ok(())
    }

    pub(super) fn close(&mut self, person: Person, now: Timestamp) -> Result<(), Refused> {
        let Stage::Stalled { .. } = self.stage else { return Err(Refused::Stage) };
        self.requested_by(&person)?;
        self.decided(person, now, Verdict::Closed);
        self.end();
        Ok(())
    }

    /// What comes when every place is done: an end, or the time in which what failed can be repeated.
    pub(super) fn settle(&mut self, now: Timestamp) {
        if self.runs.iter().any(|run| run.receipt().is_some_and(|receipt| receipt.outcome.good()))
            && self.runs.iter().any(Run::repeatable)
        {
            self.stage = Stage::Stalled { until: now + RETRY_TIME };
        } else {
            self.end();
        }
    }

    /// The end that the receipts amount to.
    pub(super) fn end(&mut self) {
        let good = self.receipts().filter(|(_, receipt)| receipt.is_some_and(|r| r.outcome.good())).count();
        let whole = good == self.runs.len() && self.models.iter().all(|model| model.found == Check::Passed);
        self.stage = match good {
            0 => Stage::Failed,
            _ if whole => Stage::Applied,
            _ => Stage::PartlyApplied,
        };
    }

    fn decided(&mut self, by: Person, at: Timestamp, verdict: Verdict) {
        self.decisions.push(Decision { by, at, verdict });
    }

    fn requested_by(&self, person: &Person) -> Result<(), Refused> {
        if person.id == self.requester.id { Ok(()) } else { Err(Refused::NotRequester) }
    }
}
