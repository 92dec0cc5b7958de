//! What a rotation object keeps beside the rotation itself.

use super::shape::{choice, record};
use crate::domain::names::{GroupId, Guid, PersonId, Platform, Room};
use crate::domain::time::Timestamp;
use crate::domain::trouble::Trouble;

/// A message about a rotation in one place, as far as it is known to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardCopy {
    /// What it says.
    pub face: Face,
    /// Where it was to go.
    pub place: Place,
    /// Slack's channel and timestamp, once posted.
    pub posted: Option<(String, String)>,
    /// A digest of what was last shown there.
    pub shown: String,
    /// When that was.
    pub shown_at: Option<Timestamp>,
    /// Failures since it last worked.
    pub failures: u32,
    /// When the next try is due.
    pub due: Timestamp,
    /// Given up for good: no such channel, or not our message any more.
    pub gone: bool,
}

record!(CardCopy { face, place, posted, shown, shown_at, failures, due, gone });

/// What a message about a rotation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// The card: where the rotation stands.
    Card,
    /// To the requester: the credential can be entered now.
    Turn,
    /// To those who may approve: half the time is over.
    Reminder,
    /// To the requester: how it ended.
    Result,
}

choice!(Face { Card, Turn, Reminder, Result });

/// Where a card goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A room of the catalog.
    Room(Room),
    /// A direct message.
    Person(PersonId),
    /// Direct messages to those who are in the group when it is sent.
    Group(GroupId),
}

impl Place {
    /// Whose it is.
    pub fn platform(&self) -> Platform {
        match self {
            Self::Room(room) => room.platform(),
            Self::Person(person) => person.platform(),
            Self::Group(group) => group.platform(),
        }
    }
}

choice!(Place { Room(room), Person(person), Group(group) });

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

/// What the sealing page brought for one gateway, and so for every place behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedGateway {
    /// Which gateway of the offer.
    pub gateway: usize,
    /// One for each gateway member.
    pub members: Vec<SealedMember>,
}

record!(SealedGateway { gateway, members });

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

/// A gateway as it was read for this run: its members and their keys, which are public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// Each member with the exponent and the modulus of its key, as the service gives them.
    pub members: Vec<GatewayMember>,
}

record!(Gateway { members });

/// What reading a gateway came to, and when that was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayRow {
    /// What it came to.
    pub seen: Seen,
    /// When.
    pub at: Timestamp,
}

record!(GatewayRow { seen, at });

/// What reading a gateway came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Its keys.
    Keys(Gateway),
    /// It cannot be read now.
    Troubled(Trouble),
}

choice!(Seen { Keys(gateway), Troubled(trouble) });

/// What the sealing page is offered: the places for which a credential can be encrypted now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The gateways behind them, each once, though many places are behind it.
    pub gateways: Vec<Gateway>,
    /// The places.
    pub places: Vec<OfferedPlace>,
    /// Places behind gateways of which nothing can be encrypted for now.
    pub left_out: Vec<LeftOut>,
}

record!(Offer { gateways, places, left_out });

/// A place that is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferedPlace {
    /// Which place of the plan.
    pub at: usize,
    /// Which gateway of the offer it is behind; none for one in the cloud.
    pub gateway: Option<usize>,
}

record!(OfferedPlace { at, gateway });

/// A place that is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Which place of the plan.
    pub at: usize,
    /// Why.
    pub trouble: Trouble,
}

record!(LeftOut { at, trouble });

/// A member of a gateway and its public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayMember {
    /// The member; a lone gateway is its own.
    pub member: Guid,
    /// Base64 of the exponent.
    pub exponent: String,
    /// Base64 of the modulus.
    pub modulus: String,
}

record!(GatewayMember { member, exponent, modulus });

/// How far writing the audit has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Journal {
    /// The number of the next entry.
    pub next: u32,
    /// The number of the first entry that the audit may not have.
    pub told: u32,
    /// Tries that failed.
    pub failures: u32,
    /// When the next is due.
    pub due: Timestamp,
}

record!(Journal { next, told, failures, due });
