//! What a rotation object keeps beside the rotation itself.

use super::shape::{choice, record};
use crate::domain::names::{Guid, PersonId, Room};
use crate::domain::time::Timestamp;

/// A copy of a rotation's card, as far as it is known to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
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

record!(CardCopy { place, posted, shown, failures, due, gone });

/// Where a card goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A room of the catalog.
    Room(Room),
    /// A direct message.
    Person(PersonId),
}

choice!(Place { Room(room), Person(person) });

/// A credential sealed for one destination: what is sent, and to whose keys it was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRow {
    /// One for each gateway member.
    pub members: Vec<SealedMember>,
}

record!(SealedRow { members });

/// The ciphertext for one gateway member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedMember {
    /// The member.
    pub member: Guid,
    /// The fingerprint of the key it was sealed to.
    pub fingerprint: String,
    /// The ciphertext.
    pub sealed: String,
}

record!(SealedMember { member, fingerprint, sealed });

/// How far telling the register of the end has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// It knows.
    pub told: bool,
    /// Tries that failed.
    pub failures: u32,
    /// When the next is due.
    pub due: Timestamp,
}

record!(Notice { told, failures, due });
