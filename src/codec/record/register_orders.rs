//! What the register is asked, what it answers, and what it keeps of a target.

use super::shape::{choice, record};
use crate::domain::listing::{Ending, Entry, Last};
use crate::domain::names::{RotationId, TargetName};
use crate::domain::target::Target;
use crate::domain::time::Timestamp;

/// Asked of the register.
#[derive(Debug, PartialEq, Eq)]
pub enum RegisterOrder {
    /// Replace the catalog.
    PutCatalog {
        /// The TOML.
        text: String,
        /// Only say what would change.
        dry_run: bool,
    },
    /// The catalog's text.
    Catalog,
    /// One target, or the nearest names.
    Find(TargetName),
    /// The targets that match words.
    Search {
        /// Every one has to match.
        words: String,
        /// How many at most.
        most: usize,
    },
    /// Make this the target's one live rotation. Asked twice, it is still the one.
    Claim {
        /// The target.
        target: TargetName,
        /// The rotation.
        rotation: RotationId,
    },
    /// The rotation has ended. Asked twice, nothing more happens.
    Finish {
        /// The target.
        target: TargetName,
        /// The rotation.
        rotation: RotationId,
        /// How, when it sent anything.
        how: Option<Ending>,
        /// When.
        at: Timestamp,
    },
}

choice!(RegisterOrder {
    PutCatalog { text, dry_run },
    Catalog,
    Find(name),
    Search { words, most },
    Claim { target, rotation },
    Finish { target, rotation, how, at },
});

/// Answered by the register.
#[derive(Debug, PartialEq, Eq)]
pub enum RegisterReply {
    /// The catalog was, or would be, replaced.
    Replaced {
        /// New names.
        added: Vec<TargetName>,
        /// Names that are gone.
        removed: Vec<TargetName>,
        /// Names whose target differs, and in which parts.
        changed: Vec<(TargetName, Vec<String>)>,
        /// Targets in all.
        targets: usize,
        /// What the operator should know of targets that are accepted all the same.
        notes: Vec<String>,
    },
    /// The text is not a catalog; every problem.
    Problems(Vec<String>),
    /// The catalog's text; empty before the first.
    Catalog(String),
    /// The target.
    Found {
        /// The whole of it.
        target: Box<Target>,
        /// How lists show it.
        entry: Entry,
    },
    /// No such target; the nearest names.
    NotFound(Vec<TargetName>),
    /// The targets that match, and how many more there are.
    Listed(Vec<Entry>, usize),
    /// The rotation is the target's live one.
    Claimed,
    /// Another one is.
    Occupied(RotationId),
    /// Done.
    Finished,
}

choice!(RegisterReply {
    Replaced { added, removed, changed, targets, notes },
    Problems(problems),
    Catalog(text),
    Found { target, entry },
    NotFound(nearest),
    Listed(entries, more),
    Claimed,
    Occupied(rotation),
    Finished,
});

record!(Entry { name, title, live, last });
record!(Last { rotation, how, at });
choice!(Ending { Applied, PartlyApplied, Failed });
