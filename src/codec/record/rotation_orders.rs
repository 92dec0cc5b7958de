//! What a rotation object is asked, and what it answers.

use super::rows::{Offer, SealedGateway};
use super::shape::choice;
use crate::codec::vault::Vaulted;
use crate::domain::names::RotationId;
use crate::domain::rotation::{Person, Refused, Requester, Rotation, Supply};
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
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
        requester: Requester,
        /// Why.
        reason: String,
        /// Whether approvals and windows are passed over.
        break_glass: bool,
        /// Which value of its secret manager is wanted, where that is not simply the current one.
        supply: Option<Supply>,
        /// The value itself, sealed to our key by a sender.
        pushed: Option<String>,
    },
    /// Take the credential and begin. The same submission taken twice, the second time answers what the first did.
    Supply {
        /// Who entered it.
        person: Person,
        /// The credential, encrypted under our own key; not for what the page sealed for every place.
        credential: Option<Vaulted>,
        /// What the page sealed, gateway by gateway.
        sealed: Vec<SealedGateway>,
        /// The random id that the page gave its submission.
        submission: Option<String>,
    },
    /// Give the person who is about to enter the credential time for that, and look again at what could not be read.
    Renew {
        /// Who.
        person: Person,
    },
    /// Read the gateways that were not read yet, as many as one invocation may, and say what is offered.
    Offer,
    /// Do what a person decided.
    Decide {
        /// Who.
        person: Person,
        /// What.
        choice: Choice,
    },
    /// The catalog says something else of the target now.
    Outdated,
    /// End before anything is changed, because this person breaks glass.
    GiveWay(Person),
    /// Say where it stands if the submission with that id was taken; else it is not known.
    Submitted(String),
    /// Say where it stands.
    View,
    /// The same, and be woken when something is due, though the platform forgot.
    Wake,
}

choice!(RotationOrder {
    Open { id, target, requester, reason, break_glass, supply, pushed },
    Supply { person, credential, sealed, submission },
    Renew { person },
    Offer,
    Decide { person, choice },
    Outdated,
    GiveWay(person),
    Submitted(id),
    View,
    Wake,
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
    /// The catalog was changed after the plan was taken from it.
    Stale,
    /// What the sealing page is offered.
    Offered(Box<Rotation>, Box<Offer>),
    /// Gateways are still to be read.
    Reading {
        /// How many were.
        done: usize,
        /// Of how many.
        of: usize,
        /// When to ask again.
        next: Timestamp,
    },
    /// What was sealed is not for what is offered now.
    KeysChanged,
    /// None of the gateways could be read.
    Unread(Trouble),
    /// It cannot be done, and where it stands.
    Refused(Refused, Box<Rotation>),
    /// There is no such rotation.
    Unknown,
}

choice!(RotationReply {
    State(rotation),
    Occupied(rotation),
    Stale,
    Offered(rotation, offer),
    Reading { done, of, next },
    KeysChanged,
    Unread(trouble),
    Refused(why, rotation),
    Unknown,
});
