//! What a rotation object is asked, and what it answers.

use super::shape::choice;
use crate::codec::vault::Vaulted;
use crate::domain::names::{PersonId, RotationId};
use crate::domain::rotation::{Person, Rotation};
use crate::domain::target::Target;

/// Asked of a rotation object.
#[derive(Debug, PartialEq, Eq)]
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

choice!(RotationOrder {
    Open { id, target, requester, reason },
    Supply { person, credential },
    Cancel { person },
    View,
});

/// Answered by a rotation object.
#[derive(Debug, PartialEq, Eq)]
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

choice!(RotationReply { State(rotation), Occupied(rotation), TooLate, NotRequester, Unknown });
