//! A target as lists show it: its names, what is live, what happened last.

use super::names::{RotationId, TargetName};
use super::rotation::Stage;
use super::time::Timestamp;

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What people type.
    pub name: TargetName,
    /// What people read.
    pub title: String,
    /// Its live rotation.
    pub live: Option<RotationId>,
    /// The last rotation that touched it.
    pub last: Option<Last>,
}

/// The end of the last rotation that sent anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    /// Which one.
    pub rotation: RotationId,
    /// How it ended.
    pub how: Ending,
    /// When.
    pub at: Timestamp,
}

/// How a rotation that sent anything ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every destination is good.
    Applied,
    /// Some are.
    PartlyApplied,
    /// None is.
    Failed,
}

impl Ending {
    /// The ending that a stage is; `None` for stages that are no end, and for ends that changed nothing.
    pub const fn of(stage: &Stage) -> Option<Self> {
        match stage {
            Stage::Applied => Some(Self::Applied),
            Stage::PartlyApplied => Some(Self::PartlyApplied),
            Stage::Failed => Some(Self::Failed),
            _ => None,
        }
    }

    /// In words, before a date.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Applied => "rotated",
            Self::PartlyApplied => "partly rotated",
            Self::Failed => "ended without success",
        }
    }
}
