//! What became of one destination.

use super::names::Code;
use super::trouble::Trouble;

/// The end of one destination's run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What was done, and what is known of it.
    pub outcome: Outcome,
    /// The service's id for the update, when it gave one.
    pub request_id: Option<Code>,
}

/// What is known of a destination, from best to worst.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The new credential is stored and the service's own test passed.
    Verified,
    /// The new credential is stored; this kind of destination has no test.
    Stored,
    /// It reads the vault itself: nothing was sent there, and the service's own test passed, if there is one.
    Referenced,
    /// The new credential is stored, but the test did not pass or could not be run.
    Untested(Trouble),
    /// It reads the vault itself: nothing was sent there, and the service's own test did not pass.
    ReferenceFailed(Trouble),
    /// The update was never sent, or was refused: the old credential is still in force.
    Unchanged(Trouble),
    /// The update was sent and no answer came: the old or the new credential is in force.
    Unknown(Trouble),
}

impl Outcome {
    /// Whether people can rely on the new credential here.
    pub const fn good(&self) -> bool {
        matches!(self, Self::Verified | Self::Stored | Self::Referenced)
    }

    /// Whether the old credential is surely still in force.
    pub const fn unchanged(&self) -> bool {
        matches!(self, Self::Unchanged(_) | Self::ReferenceFailed(_))
    }

    /// What went wrong, if something did.
    pub const fn trouble(&self) -> Option<&Trouble> {
        match self {
            Self::Verified | Self::Stored | Self::Referenced => None,
            Self::Untested(trouble)
            | Self::ReferenceFailed(trouble)
            | Self::Unchanged(trouble)
            | Self::Unknown(trouble) => Some(trouble),
        }
    }
}
