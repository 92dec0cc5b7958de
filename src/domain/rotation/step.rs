//! The one way a rotation changes: an event, a step, and leave to send an update.

use super::{Event, OPENING_TIME, Refused, Rotation, Stage};
use crate::domain::credential::Login;
use crate::domain::target::Destination;
use crate::domain::time::Timestamp;
use crate::domain::window::Zones;

/// Leave to send one update, for one destination, once. Only [`Rotation::step`] makes it; sending consumes it.
#[derive(Debug)]
pub struct Approved {
    pub(super) destination: Destination,
    pub(super) login: Login,
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

/// What a step is given of the world.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// The time.
    pub now: Timestamp,
    /// Random, for jitter.
    pub chance: u16,
    /// Where local times are looked up.
    pub zones: &'a dyn Zones,
}

impl Rotation {
    /// Changes the rotation by one event, or refuses and leaves it as it is.
    ///
    /// Whether a person may approve at all is for the caller to have asked; whether this one may, of this rotation, is
    /// decided here.
    ///
    /// # Errors
    /// When the event does not fit the stage or the person; nothing has changed then.
    pub fn step(&mut self, event: Event, moment: Moment<'_>) -> Result<Option<Approved>, Refused> {
        let now = moment.now;
        match event {
            Event::Claimed => self.claimed(moment)?,
            Event::Occupied | Event::Stale => self.leave_requested(Stage::Superseded)?,
            Event::GiveWay(person) => self.give_way(person, now)?,
            Event::Found(at, result) => self.found(at, result, moment)?,
            Event::Checked(at, result) => self.checked(at, result, moment)?,
            Event::Approve(person) => self.approve(person, moment)?,
            Event::Deny(person, why) => self.deny(person, why, now)?,
            Event::Renewed(person) => self.renewed(&person, moment)?,
            Event::Supplied(person) => self.supplied(&person, moment)?,
            Event::Turning => self.turning(now)?,
            Event::Turned => self.turned(now)?,
            Event::Unturned => self.unturned()?,
            Event::Fetched(result) => self.fetched(result, moment)?,
            Event::LeftOut(at, trouble) => self.left_out(at, trouble, moment)?,
            Event::Cancel(person) => self.cancel(person, now)?,
            Event::Stop(person) => self.stop(person, now)?,
            Event::Retry(person) => self.retry(person, moment)?,
            Event::Close(person) => self.close(person, now)?,
            Event::Outdated => self.outdate()?,
            Event::Tick => self.tick(moment),
            Event::Postponed(at, until) => self.postpone(at, until)?,
            Event::ModelPostponed(at, until) => self.postpone_model(at, until)?,
            Event::Update(at) => return self.leave_to_send(at, moment).map(Some),
            Event::Prepared(at, result) => self.prepared(at, result, moment)?,
            Event::Unsent(at, trouble) => self.unsent(at, trouble, moment)?,
            Event::Updated(at, result) => self.updated(at, result, moment)?,
            Event::TakenOver(at, result) => self.taken_over(at, result, moment)?,
            Event::Tested(at, result) => self.tested(at, result, moment)?,
            Event::Refreshed(at, result) => self.refreshed(at, result, moment)?,
        }
        Ok(None)
    }

    pub(super) fn leave_requested(&mut self, next: Stage) -> Result<(), Refused> {
        if self.stage != Stage::Requested {
            return Err(Refused::Stage);
        }
        self.stage = next;
        Ok(())
    }

    fn claimed(&mut self, moment: Moment<'_>) -> Result<(), Refused> {
        self.leave_requested(Stage::Checking)?;
        for run in &mut self.runs {
            run.due = moment.now;
        }
        for model in &mut self.models {
            model.due = moment.now;
        }
        self.leave_checking(moment);
        Ok(())
    }

    fn postpone(&mut self, at: usize, until: Timestamp) -> Result<(), Refused> {
        let open = self.open_runs().any(|(open, _)| open == at);
        let run = self.runs.get_mut(at).filter(|_| open).ok_or(Refused::Destination)?;
        run.due = until;
        Ok(())
    }

    fn postpone_model(&mut self, at: usize, until: Timestamp) -> Result<(), Refused> {
        let open = self.open_models().any(|(open, _)| open == at);
        let model = self.models.get_mut(at).filter(|_| open).ok_or(Refused::Destination)?;
        model.due = until;
        Ok(())
    }

    fn outdate(&mut self) -> Result<(), Refused> {
        if self.stage.ended() || self.outdated {
            return Err(Refused::Stage);
        }
        self.outdated = true;
        Ok(())
    }

    /// What time alone brings: ends, a reminder, a beginning, a window that closes.
    fn tick(&mut self, moment: Moment<'_>) {
        let now = moment.now;
        match self.stage {
            Stage::Requested if now >= self.opened_at + OPENING_TIME => self.stage = Stage::Expired,
            Stage::AwaitingApproval { until, .. } => {
                if now >= until {
                    self.stage = Stage::Expired;
                } else if self.reminder().is_some_and(|reminder| now >= reminder) {
                    self.reminded = true;
                }
            }
            Stage::AwaitingCredential { until, .. } if now >= until => self.stage = Stage::Expired,
            Stage::Fetching { until, .. } if now >= until => self.unfetched(),
            Stage::Holding { until } if now >= until => self.begin(moment),
            Stage::Stalled { until } if now >= until => self.wind_up(),
            Stage::Applying if self.shut(moment) => self.leave_unbegun(moment),
            _ => {}
        }
    }
}
