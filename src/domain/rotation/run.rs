//! How far one place, and one semantic model, has come.

use crate::domain::names::Code;
use crate::domain::receipt::Receipt;
use crate::domain::target::Destination;
use crate::domain::time::Timestamp;
use crate::domain::trouble::Trouble;

/// How far one place has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The place.
    pub place: Destination,
    /// The semantic models it was found behind.
    pub models: Vec<usize>,
    /// What looking at it beforehand came to.
    pub check: Check,
    /// What is next.
    pub phase: Phase,
    /// Failures of the present phase so far.
    pub failures: u32,
    /// When the next try is due.
    pub due: Timestamp,
    /// When it was first tried; its retry budget counts from there.
    pub since: Option<Timestamp>,
    /// The service's id for the update, once sent.
    pub request_id: Option<Code>,
    /// Whether it was prepared: what a gateway's place is sent is sealed and kept.
    pub prepared: bool,
    /// Whether it is tried again after it had failed for good.
    pub again: bool,
    /// Whether leave was given to send an update, or a model was taken over for it, since it was last tried again.
    pub begun: bool,
    /// Whether an update is being sent; found so after a crash, it may have been.
    pub sending: bool,
    /// Whether an update was sent whose effect is unknown.
    pub uncertain: bool,
    /// Whether a model was taken over for it.
    pub taken_over: bool,
}

/// What looking at something beforehand came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// Nothing yet.
    Pending,
    /// It is what the catalog says, and ready.
    Passed,
    /// It belongs to somebody else, and is taken over when its turn comes.
    Foreign,
    /// It reads the vault itself, so it is only tested.
    Referenced,
    /// It is not.
    Troubled(Trouble),
}

/// What is next for one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Read it and its gateway's keys, and seal.
    Preparing,
    /// Send the update.
    Updating,
    /// Take over the model that it is behind.
    TakingOver,
    /// Run the service's test, or follow the one that runs.
    Testing {
        /// The long-running operation to follow, when the test is one.
        operation: Option<String>,
    },
    /// Nothing.
    Done(Receipt),
}

/// How far one semantic model has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelRun {
    /// What looking for its data sources came to.
    pub found: Check,
    /// Its refresh.
    pub refresh: Refreshing,
    /// Failures of the present step so far.
    pub failures: u32,
    /// When the next try is due.
    pub due: Timestamp,
    /// When the present step was first tried.
    pub since: Option<Timestamp>,
}

/// How a refresh at the end stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refreshing {
    /// Not begun: none is wanted, or not all places of the model are good.
    Waiting,
    /// It runs, under that id if the service named one.
    Running(Option<Code>),
    /// It completed.
    Completed,
    /// It failed, or could not be started or followed.
    Failed(Trouble),
}

impl Check {
    /// Whether the place can be set.
    pub const fn ready(&self) -> bool {
        matches!(self, Self::Passed | Self::Foreign | Self::Referenced)
    }
}

impl Run {
    /// A run of that place, with nothing done.
    pub const fn of(place: Destination, models: Vec<usize>, due: Timestamp) -> Self {
        Self {
            place,
            models,
            check: Check::Pending,
            phase: Phase::Preparing,
            failures: 0,
            due,
            since: None,
            request_id: None,
            prepared: false,
            again: false,
            begun: false,
            sending: false,
            uncertain: false,
            taken_over: false,
        }
    }

    /// Whether what is sent next is the second try, or may be: time has passed since the keys were read.
    pub const fn repeated(&self) -> bool {
        self.failures > 0 || self.sending || self.again
    }

    /// Whether nothing was changed for it yet, so that it can be left as it is.
    pub const fn unbegun(&self) -> bool {
        match self.phase {
            Phase::Preparing | Phase::Updating => !self.begun,
            Phase::TakingOver => true,
            Phase::Testing { .. } | Phase::Done(_) => false,
        }
    }

    /// Whether what was entered is still needed for it: not for what is sealed already, nor for what is done and past mending.
    pub fn needs_entered(&self) -> bool {
        let coming = matches!(self.phase, Phase::Preparing | Phase::Updating | Phase::TakingOver) || self.repeatable();
        coming && !(self.prepared && self.place.sealed())
    }

    /// Whether its ciphertexts are still needed.
    pub fn needs_sealed(&self) -> bool {
        matches!(self.phase, Phase::Preparing | Phase::Updating) || self.repeatable()
    }

    /// Its receipt, once done.
    pub const fn receipt(&self) -> Option<&Receipt> {
        match &self.phase {
            Phase::Done(receipt) => Some(receipt),
            _ => None,
        }
    }

    /// What went wrong with it, once done.
    pub fn trouble(&self) -> Option<&Trouble> {
        self.receipt().and_then(|receipt| receipt.outcome.trouble())
    }
}

impl ModelRun {
    /// A run of a model, with nothing done.
    pub const fn new(due: Timestamp) -> Self {
        Self { found: Check::Pending, refresh: Refreshing::Waiting, failures: 0, due, since: None }
    }

    /// Whether a refresh is still to be started or followed.
    pub const fn refreshing(&self) -> bool {
        matches!(self.refresh, Refreshing::Waiting | Refreshing::Running(_))
    }

    /// What went wrong with its refresh.
    pub const fn trouble(&self) -> Option<&Trouble> {
        match &self.refresh {
            Refreshing::Failed(trouble) => Some(trouble),
            _ => None,
        }
    }
}
