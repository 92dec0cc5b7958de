//! Why a person does not get what they asked for, and whose fault that is.

use super::names::{RotationId, SourceName, TargetName};
use super::rotation::Decision;
use super::time::Timestamp;
use super::trouble::{Cause, Trouble};

/// A refusal of something asked by a verified caller. Nothing has changed when one is given, but for [`Refusal::Unclear`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not a full, active member of the installation.
    Standing(Standing),
    /// The target's policy does not name them.
    NotAsker(TargetName),
    /// The target's policy does not name them among those who approve.
    NotApprover(TargetName),
    /// The target's policy does not name them among those who may break glass.
    NotBreakGlass(TargetName),
    /// The target's policy does not name them at all, nor the catalog among the operators.
    NotConcerned(TargetName),
    /// They asked for it themselves, so their approval does not count.
    OwnRequest(RotationId),
    /// They have approved it already.
    ApprovedAlready(RotationId),
    /// It is still looked at, or waits for approvals.
    Unapproved(RotationId),
    /// The maintenance window opens at that time.
    TooEarly(RotationId, Timestamp),
    /// The maintenance window has closed.
    WindowClosed(RotationId),
    /// The catalog does not name them among the operators.
    NotOperator,
    /// No such target; the nearest names.
    UnknownTarget(Vec<TargetName>),
    /// No secret manager supplies the target's value.
    NotBound(TargetName),
    /// The target's secret manager keeps no value before the current one.
    NoPrevious(TargetName),
    /// No such secret manager; the names there are.
    UnknownSource(Vec<SourceName>),
    /// No target was named, or what was typed cannot be a name.
    Unnamed,
    /// Something was typed after the name: if it was a credential, it is exposed now.
    Exposed,
    /// The catalog was changed after the target was looked up.
    CatalogChanged,
    /// Another rotation of the target is live.
    Occupied(RotationId),
    /// The rotation has moved on: entered twice, too late, or already ended; and what was decided last.
    TooLate(RotationId, Option<Box<Decision>>),
    /// Only the person who asked may do that.
    NotRequester(RotationId),
    /// The rotation is not known any more.
    UnknownRotation,
    /// No command of ours; the nearest one.
    UnknownCommand(Option<&'static str>),
    /// A form or button of another version.
    UnknownForm,
    /// Credentials are not taken in chat here.
    ChatEntryOff,
    /// A service did not do its part.
    Service(Trouble),
    /// Our own storage did not answer, and nothing can have changed.
    Storage,
    /// Our own storage did not answer, and what was asked may have been done.
    Unclear(RotationId),
}

/// Why an account is not one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Deactivated.
    Deactivated,
    /// A guest, of one channel or several.
    Guest,
    /// Somebody from another organisation in a shared channel.
    Stranger,
    /// A bot.
    Bot,
}

/// Who has to do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The person who asked.
    Caller,
    /// Whoever runs this installation.
    Configuration,
    /// A service we use.
    Service,
    /// This program.
    Us,
}

impl Fault {
    /// The name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Configuration => "configuration",
            Self::Service => "service",
            Self::Us => "us",
        }
    }
}

impl Refusal {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::ChatEntryOff => Fault::Configuration,
            Self::Service(trouble) => match trouble.cause {
                Cause::Identity | Cause::Token | Cause::NotAllowed => Fault::Configuration,
                _ => Fault::Service,
            },
            Self::Storage | Self::Unclear(_) => Fault::Us,
            _ => Fault::Caller,
        }
    }

    /// The name in the log: never anything that was typed.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Standing(Standing::Deactivated) => "deactivated",
            Self::Standing(Standing::Guest) => "guest",
            Self::Standing(Standing::Stranger) => "stranger",
            Self::Standing(Standing::Bot) => "bot",
            Self::NotAsker(_) => "not-asker",
            Self::NotApprover(_) => "not-approver",
            Self::NotBreakGlass(_) => "not-break-glass",
            Self::NotConcerned(_) => "not-concerned",
            Self::OwnRequest(_) => "own-request",
            Self::ApprovedAlready(_) => "approved-already",
            Self::Unapproved(_) => "unapproved",
            Self::TooEarly(..) => "too-early",
            Self::WindowClosed(_) => "window-closed",
            Self::NotOperator => "not-operator",
            Self::UnknownTarget(_) => "unknown-target",
            Self::NotBound(_) => "not-bound",
            Self::NoPrevious(_) => "no-previous",
            Self::UnknownSource(_) => "unknown-source",
            Self::Unnamed => "unnamed-target",
            Self::Exposed => "exposed-value",
            Self::CatalogChanged => "catalog-changed",
            Self::Occupied(_) => "occupied",
            Self::TooLate(..) => "too-late",
            Self::NotRequester(_) => "not-requester",
            Self::UnknownRotation => "unknown-rotation",
            Self::UnknownCommand(_) => "unknown-command",
            Self::UnknownForm => "unknown-form",
            Self::ChatEntryOff => "chat-entry-off",
            Self::Service(_) => "service",
            Self::Storage => "storage",
            Self::Unclear(_) => "unclear",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::trouble::Service;

    #[test]
    fn somebody_has_to_do_something_about_each() {
        let service = |cause| Refusal::Service(Trouble::of(Service::Slack, cause)).fault().name();
        assert_eq!([Cause::Identity, Cause::Token, Cause::NotAllowed].map(service), ["configuration"; 3]);
        assert_eq!([Cause::Unavailable, Cause::Unreachable, Cause::Unintelligible].map(service), ["service"; 3]);
        let others = [Refusal::ChatEntryOff, Refusal::Storage, Refusal::NotOperator, Refusal::Exposed];
        assert_eq!(others.map(|refusal| refusal.fault().name()), ["configuration", "us", "caller", "caller"]);
    }
}
