//! The steps that lead to leave: looking at the plan, approvals, the credential, and what people stop or repeat.

use super::{
    CHECK_TIME, Check, Decision, ENTRY_TIME, LEAST_ENTRY_TIME, Moment, Person, Phase, RENEWAL_TIME, RETRY_TIME,
    Refused, Requester, Rotation, Run, Stage, Verdict, WINDOW_ENTRY_TIME,
};
use crate::domain::policy::Policy;
use crate::domain::receipt::{Outcome, Receipt};
use crate::domain::retry::{self, BUDGET};
use crate::domain::target::Destination;
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Trouble};
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
        let referenced = trouble.is_some_and(|trouble| self.referenced(trouble));
        let foreign = trouble.zip(self.runs.get(at)).is_some_and(|(trouble, run)| self.take_over(run, trouble));
        let run = self.runs.get_mut(at).filter(|run| checking && run.check == Check::Pending);
        let run = run.ok_or(Refused::Destination)?;
        match result {
            Ok(()) => run.check = Check::Passed,
            Err(_) if referenced => run.check = Check::Referenced,
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

    /// The credential may be supplied: a secret manager is asked for it, or a person may enter it. Now, or when the next
    /// maintenance window opens that leaves time for it. What comes last can still be stopped for as long as the policy
    /// says, and begins before the window closes.
    fn await_credential(&mut self, moment: Moment<'_>) {
        let now = moment.now;
        let Policy { windows, stop, .. } = &self.target.policy;
        let opening = if self.break_glass || windows.is_empty() {
            Some(Opening { from: now, until: now + ENTRY_TIME })
        } else {
            opening(windows, now, LEAST_ENTRY_TIME + *stop, moment.zones).map(|Opening { from, until }| {
                let most = if from > now { WINDOW_ENTRY_TIME } else { ENTRY_TIME };
                within(Opening { from, until: until - *stop }, now, most)
            })
        };
        self.stage = match opening {
            Some(Opening { from, .. }) if from <= now && self.only_referenced() => {
                return self.begin_without_value(moment);
            }
            Some(Opening { from, until }) if self.supply.is_some() => {
                Stage::Fetching { from, until: until.min(from + BUDGET) }
            }
            Some(Opening { from, until }) => Stage::AwaitingCredential { from, until },
            // A window in a zone that is not known opens never.
            None => Stage::Expired,
        };
    }

    pub(super) fn approve(&mut self, person: Person, moment: Moment<'_>) -> Result<(), Refused> {
        self.decidable(moment.now)?;
        if self.requester.is(&person) && !self.target.policy.allow_self {
            return Err(Refused::OwnRequest);
        }
        if self.approvals().any(|decision| decision.by.is(&person)) {
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

    /// Until when the credential could be entered if its time were renewed now; `None` when there is enough of it, or no more to
    /// be had: what is entered last can still be stopped, and begins before the maintenance window closes.
    pub fn renewal(&self, moment: Moment<'_>) -> Option<Timestamp> {
        let Stage::AwaitingCredential { from, until } = self.stage else { return None };
        let closing = self.closing(Moment { now: from, ..moment })?;
        let latest = (from + RENEWAL_TIME).min(closing - self.target.policy.stop);
        let renewed = latest.min(moment.now + ENTRY_TIME);
        (moment.now >= from && moment.now < until && until < moment.now + ENTRY_TIME / 2 && renewed > until)
            .then_some(renewed)
    }

    pub(super) fn renewed(&mut self, person: &Person, moment: Moment<'_>) -> Result<(), Refused> {
        self.requested_by(person)?;
        let renewed = self.renewal(moment).ok_or(Refused::Stage)?;
        if let Stage::AwaitingCredential { until, .. } = &mut self.stage {
            *until = renewed;
        }
        Ok(())
    }

    pub(super) fn supplied(&mut self, person: &Person, moment: Moment<'_>) -> Result<(), Refused> {
        let now = moment.now;
        match self.stage {
            Stage::AwaitingCredential { until, .. } if now >= until => return Err(Refused::Stage),
            Stage::AwaitingCredential { from, .. } if now < from => return Err(Refused::Early),
            Stage::AwaitingCredential { .. } => {}
            _ => return Err(Refused::Stage),
        }
        self.requested_by(person)?;
        self.supplied_now(moment);
        Ok(())
    }

    /// The credential is there: it is put in place, at once or when it can no longer be stopped.
    pub(super) fn supplied_now(&mut self, moment: Moment<'_>) {
        let stop = self.target.policy.stop;
        if stop.is_zero() || self.break_glass {
            self.begin(moment);
        } else {
            self.stage = Stage::Holding { until: moment.now + stop };
        }
    }

    /// A place was left out when the credential was encrypted: it is done before anything was sent there.
    pub(super) fn left_out(&mut self, at: usize, trouble: Trouble, moment: Moment<'_>) -> Result<(), Refused> {
        if !matches!(self.stage, Stage::Holding { .. } | Stage::Applying) {
            return Err(Refused::Stage);
        }
        let run = self.runs.get_mut(at).filter(|run| run.phase == Phase::Preparing && !run.repeated());
        let run = run.ok_or(Refused::Destination)?;
        let request_id = trouble.request_id.clone();
        run.phase = Phase::Done(Receipt { outcome: Outcome::Unchanged(trouble), request_id });
        if self.stage == Stage::Applying {
            self.go_on(moment);
        }
        Ok(())
    }

    /// Begins to put the credential in place.
    pub(super) fn begin(&mut self, moment: Moment<'_>) {
        self.stage = Stage::Applying;
        for run in &mut self.runs {
            run.due = moment.now;
            if run.check == Check::Referenced && run.phase == Phase::Preparing {
                run.phase = Phase::Testing { operation: None };
            }
        }
        for model in &mut self.models {
            model.due = moment.now;
        }
        self.go_on(moment);
    }

    pub(super) fn cancel(&mut self, person: Person, now: Timestamp) -> Result<(), Refused> {
        match self.stage {
            Stage::Checking
            | Stage::AwaitingApproval { .. }
            | Stage::AwaitingCredential { .. }
            | Stage::Fetching { .. } => {}
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

    pub(super) fn give_way(&mut self, person: Person, now: Timestamp) -> Result<(), Refused> {
        if !self.gives_way() {
            return Err(Refused::Stage);
        }
        self.decided(person, now, Verdict::GaveWay);
        self.stage = Stage::Cancelled;
        Ok(())
    }

    pub(super) fn retry(&mut self, person: Person, moment: Moment<'_>) -> Result<(), Refused> {
        let now = moment.now;
        match self.stage {
            // What was offered until then ends with the window, and whoever comes late is told why.
            Stage::Stalled { .. } | Stage::PartlyApplied if self.closing(moment).is_none() => {
                return Err(Refused::Closed);
            }
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
        self.retry_until = Some(now);
        self.wind_up();
        Ok(())
    }

    /// What comes when every place is done: an end, or the time in which what failed can be repeated. That is given once, ends
    /// with the maintenance window, and does not wait for refreshes of what is good.
    pub(super) fn settle(&mut self, moment: Moment<'_>) {
        let good = |run: &Run| run.receipt().is_some_and(|receipt| receipt.outcome.good());
        if self.runs.iter().any(good)
            && self.runs.iter().any(Run::repeatable)
            && let Some(closing) = self.closing(moment)
        {
            let until = closing.min(*self.retry_until.get_or_insert(moment.now + RETRY_TIME));
            if moment.now < until {
                self.stage = Stage::Stalled { until };
                return;
            }
        }
        self.wind_up();
    }

    /// Nothing is tried again: what is left is to follow the refreshes that run, and then the end.
    pub(super) fn wind_up(&mut self) {
        if self.open_models().next().is_some() {
            self.stage = Stage::Applying;
        } else {
            self.end();
        }
    }

    /// Leaves every place as it is to which nothing was sent: the maintenance window has closed.
    pub(super) fn leave_unbegun(&mut self, moment: Moment<'_>) {
        for run in self.runs.iter_mut().filter(|run| run.unbegun()) {
            let trouble = Trouble::of(run.place.service(), Cause::WindowClosed);
            // Something may have been sent before it was tried again.
            let outcome = if run.uncertain { Outcome::Unknown(trouble) } else { Outcome::Unchanged(trouble) };
            run.phase = Phase::Done(Receipt { outcome, request_id: run.request_id.clone() });
        }
        self.go_on(moment);
    }

    /// The end that the receipts amount to.
    fn end(&mut self) {
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

    /// What only whoever asked may do; of what a secret manager asked for, anybody whom the policy names.
    fn requested_by(&self, person: &Person) -> Result<(), Refused> {
        match &self.requester {
            Requester::Person(requester) if !requester.is(person) => Err(Refused::NotRequester),
            Requester::Person(_) | Requester::Source(_) => Ok(()),
        }
    }
}
