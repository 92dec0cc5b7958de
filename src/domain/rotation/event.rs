//! What can happen to a rotation, and why it may not happen now.

use std::time::Duration;

use super::{Person, Taken};
use crate::domain::names::Code;
use crate::domain::target::Destination;
use crate::domain::time::Timestamp;
use crate::domain::trouble::Trouble;

/// What can happen to a rotation.
#[derive(Clone, Debug)]
pub enum Event {
    /// The register made it the target's live rotation.
    Claimed,
    /// The register has another live rotation for the target.
    Occupied,
    /// Model `.0` was read: the places behind it, or why there are none.
    Found(usize, Result<Vec<Destination>, Trouble>),
    /// Place `.0` was looked at.
    Checked(usize, Result<(), Trouble>),
    /// This person, who may, approves it.
    Approve(Person),
    /// This person, who may, says no, and why.
    Deny(Person, String),
    /// This person is about to enter the credential, and gets time for that.
    Renewed(Person),
    /// The credential was entered by this person.
    Supplied(Person),
    /// The secret manager is about to be made to change the value in the data source.
    Turning,
    /// The secret manager has changed it.
    Turned,
    /// The secret manager has said that it did not.
    Unturned,
    /// The secret manager gave the value, or did not.
    Fetched(Result<Taken, Trouble>),
    /// Place `.0` was left out when it was encrypted, for that reason.
    LeftOut(usize, Trouble),
    /// This person wants it ended before anything is changed.
    Cancel(Person),
    /// This person, who may, stops it before the first update.
    Stop(Person),
    /// This person wants what failed tried again.
    Retry(Person),
    /// This person wants what failed left as it is.
    Close(Person),
    /// The catalog says something else of the target now.
    Outdated,
    /// The catalog said something else of the target already when it was claimed.
    Stale,
    /// This person, who may, breaks glass with another rotation of the target.
    GiveWay(Person),
    /// Time went by.
    Tick,
    /// What is due of place `.0` has to wait until then, for the service's sake.
    Postponed(usize, Timestamp),
    /// The same of model `.0`.
    ModelPostponed(usize, Timestamp),
    /// Place `.0` was read and is ready, or not.
    Prepared(usize, Result<(), Trouble>),
    /// The update of place `.0` is about to be sent.
    Update(usize),
    /// The update of place `.0` could not be sent.
    Unsent(usize, Trouble),
    /// The update of place `.0` was answered with the service's id, or not answered.
    Updated(usize, Result<Option<Code>, Trouble>),
    /// A model was taken over because of place `.0`, and these are the places behind it now; or it could not be.
    TakenOver(usize, Result<Vec<Destination>, Trouble>),
    /// The test of place `.0` came to something.
    Tested(usize, Result<Test, Trouble>),
    /// The refresh of model `.0` came to something.
    Refreshed(usize, Result<Refresh, Trouble>),
}

impl Event {
    /// The name in the log and in the audit.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Claimed => "claim",
            Self::Occupied => "occupied",
            Self::Found(..) => "find",
            Self::Checked(..) => "check",
            Self::Approve(_) => "approve",
            Self::Deny(..) => "deny",
            Self::Renewed(_) => "renew",
            Self::Supplied(_) => "supply",
            Self::Turning => "turning",
            Self::Turned => "turn",
            Self::Unturned => "unturned",
            Self::Fetched(_) => "fetch",
            Self::LeftOut(..) => "leave-out",
            Self::Cancel(_) => "cancel",
            Self::Stop(_) => "stop",
            Self::Retry(_) => "retry",
            Self::Close(_) => "close",
            Self::Outdated => "outdated",
            Self::Stale => "stale",
            Self::GiveWay(_) => "give-way",
            Self::Tick => "tick",
            Self::Postponed(..) | Self::ModelPostponed(..) => "postpone",
            Self::Prepared(..) => "prepare",
            Self::Update(_) => "send",
            Self::Unsent(..) => "unsent",
            Self::Updated(..) => "update",
            Self::TakenOver(..) => "take-over",
            Self::Tested(..) => "test",
            Self::Refreshed(..) => "refresh",
        }
    }

    /// The name in the log and in the audit of what came of it: of a call that was answered, what the answer says, and else
    /// what was wrong.
    pub fn outcome(&self) -> &'static str {
        match self {
            Self::Tested(_, Ok(Test::Running { .. })) | Self::Refreshed(_, Ok(Refresh::Running(_))) => "running",
            Self::Refreshed(_, Ok(Refresh::Blocked)) => "blocked",
            Self::Tested(_, Ok(Test::NotOffered)) => "not-offered",
            _ => self.trouble().map_or("ok", |trouble| trouble.cause.name()),
        }
    }

    /// Who does it, when a person does.
    pub const fn person(&self) -> Option<&Person> {
        match self {
            Self::Approve(person)
            | Self::Deny(person, _)
            | Self::Renewed(person)
            | Self::Supplied(person)
            | Self::Cancel(person)
            | Self::Stop(person)
            | Self::Retry(person)
            | Self::Close(person)
            | Self::GiveWay(person) => Some(person),
            _ => None,
        }
    }

    /// The place it is about, when it is about one.
    pub const fn place(&self) -> Option<usize> {
        match self {
            Self::Postponed(at, _)
            | Self::LeftOut(at, _)
            | Self::Checked(at, _)
            | Self::Prepared(at, _)
            | Self::Update(at)
            | Self::Unsent(at, _)
            | Self::Updated(at, _)
            | Self::TakenOver(at, _)
            | Self::Tested(at, _) => Some(*at),
            _ => None,
        }
    }

    /// The model it is about, when it is about one.
    pub const fn model(&self) -> Option<usize> {
        match self {
            Self::Found(at, _) | Self::ModelPostponed(at, _) | Self::Refreshed(at, _) => Some(*at),
            _ => None,
        }
    }

    /// The trouble it brings, if it does.
    pub const fn trouble(&self) -> Option<&Trouble> {
        match self {
            Self::Found(_, Err(trouble))
            | Self::Fetched(Err(trouble))
            | Self::Checked(_, Err(trouble))
            | Self::Prepared(_, Err(trouble))
            | Self::LeftOut(_, trouble)
            | Self::Unsent(_, trouble)
            | Self::Updated(_, Err(trouble))
            | Self::TakenOver(_, Err(trouble))
            | Self::Tested(_, Err(trouble))
            | Self::Refreshed(_, Err(trouble)) => Some(trouble),
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

/// What a refresh came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// It completed.
    Completed,
    /// It runs, under that id if the service named one.
    Running(Option<Code>),
    /// Another one runs, and ours can begin when that has ended.
    Blocked,
}

/// Why an event cannot happen now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The rotation is at another stage: too early, too late, or a second time.
    Stage,
    /// The maintenance window has not opened yet.
    Early,
    /// No maintenance window is open any more.
    Closed,
    /// Only the requester may.
    NotRequester,
    /// The requester may not.
    OwnRequest,
    /// This person has approved it already.
    Twice,
    /// There is no such destination, or it is not due for that.
    Destination,
}
