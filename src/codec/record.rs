//! What the two kinds of object are asked, what they answer, and the rows they keep, as JSON.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::json;
use super::vault::Vaulted;
use crate::domain::listing::{Ending, Entry};
use crate::domain::names::{PersonId, Room, RotationId, TargetName};
use crate::domain::rotation::{Person, Rotation};
use crate::domain::target::Target;
use crate::domain::time::Timestamp;

/// Asked of a rotation object.
#[derive(Debug, Serialize, Deserialize)]
pub enum RotationOrder {
    /// Open it. Asked twice, the second time answers what the first did.
    Open {
        /// Its id, which is also the object's name.
        id: RotationId,
        /// The plan.
        target: Box<Target>,
        /// Who asks.
        requester: Person,
        /// Why.
        reason: String,
    },
    /// Take the credential and begin.
    Supply {
        /// Who entered it.
        person: PersonId,
        /// The credential, encrypted under our own key.
        credential: Vaulted,
    },
    /// End it before anything is changed.
    Cancel {
        /// Who asks.
        person: PersonId,
    },
    /// Say where it stands.
    View,
}

/// Answered by a rotation object.
#[derive(Debug, Serialize, Deserialize)]
pub enum RotationReply {
    /// Where it stands.
    State(Box<Rotation>),
    /// The target has another live rotation.
    Occupied(RotationId),
    /// Too late, or a second time.
    TooLate,
    /// Only the requester may.
    NotRequester,
    /// There is no such rotation.
    Unknown,
}

/// Asked of the register.
#[derive(Debug, Serialize, Deserialize)]
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

/// Answered by the register.
#[derive(Debug, Serialize, Deserialize)]
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

/// A copy of a rotation's card, as far as it is known to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardCopy {
    /// Where it was to go.
    pub place: Place,
    /// Slack's channel and timestamp, once posted.
    pub posted: Option<(String, String)>,
    /// A digest of the card last shown there.
    pub shown: String,
    /// Failures since it last worked.
    pub failures: u32,
    /// When the next try is due.
    pub due: Timestamp,
    /// Given up for good: no such channel, or not our message any more.
    pub gone: bool,
}

/// Where a card goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// A room of the catalog.
    Room(Room),
    /// A direct message.
    Person(PersonId),
}

/// Writes a value as a row or message.
///
/// # Errors
/// Never for the types of this file; the error is kept so that no caller has to believe that.
pub fn write<T: Serialize>(value: &T) -> Result<String, Unreadable> {
    json::text(value).ok_or(Unreadable)
}

/// Reads a row or message.
///
/// # Errors
/// When it was written by a version that this one does not understand.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    json::read(text.as_bytes()).ok_or(Unreadable)
}

/// A row or message that does not fit this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;
