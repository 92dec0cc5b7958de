//! One rotation, from the request to its end.

mod apply;
mod decide;
mod event;
mod run;
mod step;
mod supply;

use std::time::Duration;

use super::names::{PersonId, RotationId};
use super::receipt::Receipt;
use super::target::{Destination, Reach, Target};
use super::time::Timestamp;
use super::trouble::{Cause, Trouble};
use super::window::closing;
pub use event::{Event, Refresh, Refused, Test};
pub use run::{Check, ModelRun, Phase, Refreshing, Run};
pub use step::{Approved, Moment};
pub use supply::{Requester, Supply, Taken};

/// How long opening may take before it counts as abandoned.
pub const OPENING_TIME: Duration = Duration::from_secs(30);
/// How long looking at one place before anything is asked may take, with its repetitions.
pub const CHECK_TIME: Duration = Duration::from_secs(3 * 60);
/// How long the requester has to enter the credential.
pub const ENTRY_TIME: Duration = Duration::from_secs(10 * 60);
/// How long after it could first be entered the time for that can be renewed.
pub const RENEWAL_TIME: Duration = Duration::from_secs(60 * 60);
/// How long the requester has from the opening of a maintenance window that had to be waited for.
pub const WINDOW_ENTRY_TIME: Duration = Duration::from_secs(60 * 60);
/// How much of a maintenance window has to be left, beside the time to stop, for the credential to be entered in it.
pub const LEAST_ENTRY_TIME: Duration = Duration::from_secs(3 * 60);
/// How long what failed can be tried again with the credential that was entered, from when that is first offered.
pub const RETRY_TIME: Duration = Duration::from_secs(30 * 60);

/// One run of rotating one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Its id.
    pub id: RotationId,
    /// The plan, as it was when the rotation opened.
    pub target: Target,
    /// Who asked.
    pub requester: Requester,
    /// Why, in the requester's words.
    pub reason: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Whether approvals and windows are passed over in an emergency.
    pub break_glass: bool,
    /// Where it stands.
    pub stage: Stage,
    /// Who decided what, in order.
    pub decisions: Vec<Decision>,
    /// Whether those who may approve were reminded.
    pub reminded: bool,
    /// Whether the catalog says something else of the target by now.
    pub outdated: bool,
    /// Until when what fails can be tried again; set when that is first offered.
    pub retry_until: Option<Timestamp>,
    /// How far the target's secret manager has come with supplying the value; absent where a person enters it.
    pub supply: Option<Supply>,
    /// The semantic models of the target, in the same order.
    pub models: Vec<ModelRun>,
    /// One for each place: the target's destinations in the same order, then those found behind its models.
    pub runs: Vec<Run>,
}

/// A person, as known when they acted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The id that stays.
    pub id: PersonId,
    /// The name people saw.
    pub name: String,
    /// The other ids under which they act: in a workspace of an organisation, on another platform.
    pub also: Vec<PersonId>,
}

impl Person {
    /// Whether they act under that id.
    pub fn acts_as(&self, id: &PersonId) -> bool {
        self.id == *id || self.also.contains(id)
    }

    /// Whether both are one person, as far as is known: they have an id in common.
    pub fn is(&self, other: &Self) -> bool {
        other.acts_as(&self.id) || self.also.iter().any(|id| other.acts_as(id))
    }

    /// Every id of theirs.
    pub fn ids(&self) -> Vec<PersonId> {
        std::iter::once(&self.id).chain(&self.also).cloned().collect()
    }
}

/// What somebody decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Who.
    pub by: Person,
    /// When.
    pub at: Timestamp,
    /// What.
    pub verdict: Verdict,
}

/// What can be decided of a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may be done.
    Approved,
    /// It may not, and why.
    Denied(String),
    /// It is not wanted any more.
    Cancelled,
    /// It was stopped after the credential was entered, before anything was changed.
    Stopped,
    /// What failed is tried again.
    Retried,
    /// What failed is left as it is.
    Closed,
    /// It gave way to a rotation that broke glass, before anything was changed.
    GaveWay,
}

/// Where a rotation stands. Everything from `Applied` on is an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Recorded; not yet the target's one live rotation.
    Requested,
    /// The plan is looked at, place by place.
    Checking,
    /// As many people as the policy wants may approve until then.
    AwaitingApproval {
        /// Since when.
        since: Timestamp,
        /// The deadline.
        until: Timestamp,
    },
    /// The requester may enter the credential.
    AwaitingCredential {
        /// Not before: when a maintenance window opens.
        from: Timestamp,
        /// The deadline.
        until: Timestamp,
    },
    /// The value is being read from the target's secret manager.
    Fetching {
        /// Not before: when a maintenance window opens.
        from: Timestamp,
        /// It is given up then.
        until: Timestamp,
    },
    /// The credential is there, and anybody concerned may still stop it.
    Holding {
        /// When it begins.
        until: Timestamp,
    },
    /// The credential is being put in place.
    Applying,
    /// Some places are good and some could be with another try, for which the credential is still there, encrypted.
    Stalled {
        /// Until then.
        until: Timestamp,
    },
    /// Every destination is good.
    Applied,
    /// Some destinations are good.
    PartlyApplied,
    /// No destination is good.
    Failed,
    /// Somebody who may approve it said no.
    Denied,
    /// Ended by a person before anything was changed.
    Cancelled,
    /// Nobody approved or entered the credential in time; nothing was changed.
    Expired,
    /// Another rotation of the target was live, or the catalog had been changed.
    Superseded,
}

impl Stage {
    /// Whether nothing can happen any more.
    pub const fn ended(&self) -> bool {
        match self {
            Self::Requested
            | Self::Checking
            | Self::AwaitingApproval { .. }
            | Self::AwaitingCredential { .. }
            | Self::Fetching { .. }
            | Self::Holding { .. }
            | Self::Applying
            | Self::Stalled { .. } => false,
            Self::Applied
            | Self::PartlyApplied
            | Self::Failed
            | Self::Denied
            | Self::Cancelled
            | Self::Expired
            | Self::Superseded => true,
        }
    }

    /// The name in the log and in the audit.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Checking => "checking",
            Self::AwaitingApproval { .. } => "awaiting-approval",
            Self::AwaitingCredential { .. } => "awaiting-credential",
            Self::Fetching { .. } => "fetching",
            Self::Holding { .. } => "holding",
            Self::Applying => "applying",
            Self::Stalled { .. } => "stalled",
            Self::Applied => "applied",
            Self::PartlyApplied => "partly-applied",
            Self::Failed => "failed",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Superseded => "superseded",
        }
    }
}

impl Rotation {
    /// A new rotation of `target`, not yet claimed.
    pub fn new(
        id: RotationId,
        target: Target,
        requester: Requester,
        reason: String,
        break_glass: bool,
        now: Timestamp,
    ) -> Self {
        let supply = target.binding.as_ref().map(|_| Supply::default());
        let runs = target.destinations.iter().cloned().map(|place| Run::of(place, Vec::new(), now)).collect();
        let models = target.models.iter().map(|_| ModelRun::new(now)).collect();
        Self {
            id,
            target,
            requester,
            reason,
            opened_at: now,
            break_glass,
            stage: Stage::Requested,
            decisions: Vec::new(),
            reminded: false,
            outdated: false,
            retry_until: None,
            supply,
            models,
            runs,
        }
    }

    /// When something is due next; `None` when nothing is.
    pub fn due(&self) -> Option<Timestamp> {
        let places = self.open_runs().map(|(_, run)| run.due);
        let models = self.open_models().map(|(_, model)| model.due);
        places.chain(models).chain(self.deadline()).min()
    }

    /// When time alone brings something next: an end, a reminder, a beginning.
    pub fn deadline(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Requested => Some(self.opened_at + OPENING_TIME),
            Stage::AwaitingApproval { until, .. } => match self.reminder() {
                Some(reminder) if !self.reminded => Some(reminder),
                _ => Some(until),
            },
            Stage::AwaitingCredential { until, .. } | Stage::Holding { until } | Stage::Stalled { until } => {
                Some(until)
            }
            Stage::Fetching { until, .. } => self.fetching().map(|due| due.min(until)),
            _ => None,
        }
    }

    /// Until when something may be begun, if it may be now: until the maintenance window closes; without windows, or past them
    /// in an emergency, for ever.
    fn closing(&self, moment: Moment<'_>) -> Option<Timestamp> {
        let windows = &self.target.policy.windows;
        match self.break_glass || windows.is_empty() {
            true => Some(Timestamp(i64::MAX)),
            false => closing(windows, moment.now, moment.zones),
        }
    }

    /// Whether there are places that cannot be begun any more, because no maintenance window is open.
    pub fn shut(&self, moment: Moment<'_>) -> bool {
        self.open_runs().any(|(_, run)| run.unbegun())
            && self.stage == Stage::Applying
            && self.closing(moment).is_none()
    }

    /// Whether it makes way for one that breaks glass: nothing was changed yet, and it is not such a one itself.
    pub const fn gives_way(&self) -> bool {
        let before = matches!(
            self.stage,
            Stage::Checking
                | Stage::AwaitingApproval { .. }
                | Stage::AwaitingCredential { .. }
                | Stage::Fetching { .. }
                | Stage::Holding { .. }
        );
        before && !self.break_glass
    }

    /// Whether it waits for somebody, who should know if the catalog was changed.
    pub const fn waits(&self) -> bool {
        matches!(
            self.stage,
            Stage::AwaitingApproval { .. }
                | Stage::AwaitingCredential { .. }
                | Stage::Fetching { .. }
                | Stage::Holding { .. }
                | Stage::Stalled { .. }
        )
    }

    /// When those who may approve are reminded: half-way.
    pub fn reminder(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::AwaitingApproval { since, until } => Some(since + until.since(since) / 2),
            _ => None,
        }
    }

    /// How many people have to approve.
    pub fn approvals_needed(&self) -> usize {
        if self.break_glass { 0 } else { usize::from(self.target.policy.approvals) }
    }

    /// Who approved so far what is to be done now.
    pub fn approvals(&self) -> impl Iterator<Item = &Decision> {
        let passed = self.supply.as_ref().map_or(0, |supply| supply.passed);
        self.decisions.iter().skip(passed).filter(|decision| decision.verdict == Verdict::Approved)
    }

    /// The runs in which something is to be done at this stage, with their place in the list.
    pub fn open_runs(&self) -> impl Iterator<Item = (usize, &Run)> {
        let checking = self.stage == Stage::Checking;
        let applying = self.stage == Stage::Applying;
        self.runs.iter().enumerate().filter(move |(_, run)| {
            (checking && run.check == Check::Pending) || (applying && !matches!(run.phase, Phase::Done(_)))
        })
    }

    /// The models with which something is to be done at this stage, with their place in the list.
    pub fn open_models(&self) -> impl Iterator<Item = (usize, &ModelRun)> {
        let checking = self.stage == Stage::Checking;
        // A refresh is followed also while what failed elsewhere waits to be tried again.
        let applying = matches!(self.stage, Stage::Applying | Stage::Stalled { .. });
        self.models.iter().enumerate().filter(move |(at, model)| {
            (checking && model.found == Check::Pending) || (applying && model.refreshing() && self.refreshable(*at))
        })
    }

    /// Whether a refresh of that model is wanted and makes sense: there are places behind it, and all are good.
    fn refreshable(&self, model: usize) -> bool {
        let mut places = self.runs.iter().filter(|run| run.models.contains(&model)).peekable();
        self.target.models.get(model).is_some_and(|model| model.refresh)
            && places.peek().is_some()
            && places.all(|run| run.receipt().is_some_and(|receipt| receipt.outcome.good()))
    }

    /// Whether a model is to be taken over because of that trouble: a place that is somebody else's is not shown to us, or may
    /// not be changed by us. Only what is in the cloud has an owner; a gateway has administrators.
    fn take_over(&self, run: &Run, trouble: &Trouble) -> bool {
        let foreign = matches!(trouble.cause, Cause::NotAllowed | Cause::NotFound);
        let cloud = matches!(&run.place, Destination::DataSource(source) if source.reach == Reach::Cloud);
        foreign && cloud && !run.taken_over && self.ownable(run).is_some()
    }

    /// The model that may be taken over for a place: the first of those that it is behind.
    pub fn ownable(&self, run: &Run) -> Option<usize> {
        let may = |at: &usize| self.target.models.get(*at).is_some_and(|model| model.take_over);
        run.models.iter().copied().find(may)
    }

    /// The runs of places for which the credential was entered: not those that were left out.
    pub fn entered(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(|run| {
            let trouble = run.receipt().and_then(|receipt| receipt.outcome.trouble());
            trouble.is_none_or(|trouble| trouble.cause != Cause::LeftOut)
        })
    }

    /// The receipts so far, by place.
    pub fn receipts(&self) -> impl Iterator<Item = (&Destination, Option<&Receipt>)> {
        self.runs.iter().map(|run| (&run.place, run.receipt()))
    }
}
