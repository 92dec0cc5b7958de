//! What a rotation object is asked, and what it answers.

use super::rows::{Gateway, SealedPlace};
use super::shape::choice;
use crate::codec::vault::Vaulted;
use crate::domain::names::RotationId;
use crate::domain::rotation::{Person, Refused, Rotation};
use crate::domain::target::Target;
use crate::domain::trouble::Trouble;

/// Asked of a rotation object. Who a person is, and whether the policy names them, was asked of their platform just before.
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
        /// Whether approvals and windows are passed over.
        break_glass: bool,
    },
    /// Take the credential and begin. The same submission taken twice, the second time answers what the first did.
    Supply {
        /// Who entered it.
        person: Person,
        /// The credential, encrypted under our own key; not for what the page sealed for every place.
        credential: Option<Vaulted>,
        /// What the page sealed, place by place.
        sealed: Vec<SealedPlace>,
        /// The random id that the page gave its submission.
        submission: Option<String>,
    },
    /// Say to which keys each place is sealed now.
    Keys,
    /// Do what a person decided.
    Decide {
        /// Who.
        person: Person,
        /// What.
        choice: Choice,
    },
    /// The catalog says something else of the target now.
    Outdated,
    /// Say where it stands.
    View,
}

choice!(RotationOrder {
    Open { id, target, requester, reason, break_glass },
    Supply { person, credential, sealed, submission },
    Keys,
    Decide { person, choice },
    Outdated,
    View,
});

/// What a person can decide about a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It may be done.
    Approve,
    /// It may not, and why.
    Deny(String),
    /// It is not wanted any more.
    Cancel,
    /// It must not begin.
    Stop,
    /// What failed is to be tried again.
    Retry,
    /// What failed is to be left as it is.
    Close,
}

choice!(Choice { Approve, Deny(why), Cancel, Stop, Retry, Close });

/// Answered by a rotation object.
#[derive(Debug, PartialEq, Eq)]
pub enum RotationReply {
    /// Where it stands.
    State(Box<Rotation>),
    /// The target has another live rotation.
    Occupied(RotationId),
    /// The keys of the gateway of each place that is ready, by its number; none for one in the cloud.
    Keys(Box<Rotation>, Vec<(usize, Option<Gateway>)>),
    /// What was sealed is not for the keys there are now.
    KeysChanged,
    /// A gateway could not be read.
    Unread(Trouble),
    /// It cannot be done, and where it stands.
    Refused(Refused, Box<Rotation>),
    /// There is no such rotation.
    Unknown,
}

choice!(RotationReply {
    State(rotation),
    Occupied(rotation),
    Keys(rotation, gateways),
    KeysChanged,
    Unread(trouble),
    Refused(why, rotation),
    Unknown,
});
