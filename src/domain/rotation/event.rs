//! What can happen to a rotation, and why it may not happen now.

use std::time::Duration;

use crate::domain::names::PersonId;
use crate::domain::trouble::Trouble;

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
