//! One rotation, from the request to its end.

mod event;
mod step;

use std::time::Duration;

use super::names::{PersonId, RotationId};
use super::receipt::Receipt;
use super::target::{Destination, Target};
use super::time::Timestamp;
pub use event::{Event, Refused, Test};
pub use step::Approved;

/// How long the requester has to enter the credential.
pub const ENTRY_TIME: Duration = Duration::from_secs(10 * 60);
/// How long opening may take before it counts as abandoned.
pub const OPENING_TIME: Duration = Duration::from_secs(30);

/// One run of rotating one target.
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The id that stays.
    pub id: PersonId,
    /// The name people saw.
    pub name: String,
}

/// Where a rotation stands. Everything from `Applied` on is an end.
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What is next.
    pub phase: Phase,
    /// Failures of the present phase so far.
    pub failures: u32,
    /// When the next try is due.
    pub due: Timestamp,
    /// The service's id for the update, once sent.
    pub request_id: Option<String>,
    /// Whether an update is being sent; found so after a crash, it may have been.
    pub sending: bool,
    /// Whether an update was sent whose effect is unknown.
    pub uncertain: bool,
}

/// What is next for one destination.
#[derive(Clone, Debug, PartialEq, Eq)]
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

impl Rotation {
    /// A new rotation of `target`, not yet claimed.
    pub fn new(id: RotationId, target: Target, requester: Person, reason: String, now: Timestamp) -> Self {
        let run =
            Run { phase: Phase::Preparing, failures: 0, due: now, request_id: None, sending: false, uncertain: false };
        let runs = vec![run; target.destinations.len()];
        Self { id, target, requester, reason, opened_at: now, stage: Stage::Requested, runs }
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
}
