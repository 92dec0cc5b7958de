//! The audit: what happened, who did it, when, from where, and how it came out.

mod chain;

use super::names::{Code, Guid, PersonId, Platform, RotationId, TargetName};
use super::time::Timestamp;
pub use chain::{Fault, Hash, Kept, Link};

/// One thing that happened. It holds no secret, and nothing a service wrote freely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What: the name of an event or of a command.
    pub what: String,
    /// `ok`, or the name of what was wrong.
    pub outcome: String,
    /// Where the rotation stood afterwards.
    pub stage: Option<String>,
    /// Who, by the id that stays; nobody when it was due.
    pub who: Option<PersonId>,
    /// Their name that day, when they were looked up.
    pub name: Option<String>,
    /// From where.
    pub from: Origin,
    /// Which target.
    pub target: Option<TargetName>,
    /// Which rotation.
    pub rotation: Option<RotationId>,
    /// Which place, or which semantic model or report.
    pub place: Option<Guid>,
    /// A service's own code.
    pub code: Option<Code>,
    /// The HTTP status it answered with.
    pub status: Option<u16>,
    /// A service's id for the call.
    pub request_id: Option<Code>,
    /// The reason somebody gave.
    pub reason: Option<String>,
    /// What else there is to know, in our own words.
    pub note: Option<String>,
    /// Whether it was done past approvals and windows, or was to be.
    pub break_glass: bool,
}

/// Where something came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Somebody in Slack.
    Slack,
    /// Somebody in Teams.
    Teams,
    /// Somebody on the sealing page.
    Page,
    /// Whoever holds the operator's token.
    Admin,
    /// Time: an alarm or a schedule.
    Clock,
    /// A secret manager.
    Source,
}

impl From<Platform> for Origin {
    fn from(platform: Platform) -> Self {
        match platform {
            Platform::Slack => Self::Slack,
            Platform::Teams => Self::Teams,
        }
    }
}

impl Origin {
    /// The name in exports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slack => "Slack",
            Self::Teams => "Teams",
            Self::Page => "Page",
            Self::Admin => "Admin",
            Self::Clock => "Clock",
            Self::Source => "Source",
        }
    }
}

impl Entry {
    /// An entry with nothing but what happened, how, when and from where.
    pub fn new(what: &str, outcome: &str, from: Origin, at: Timestamp) -> Self {
        Self {
            at,
            what: what.to_owned(),
            outcome: outcome.to_owned(),
            stage: None,
            who: None,
            name: None,
            from,
            target: None,
            rotation: None,
            place: None,
            code: None,
            status: None,
            request_id: None,
            reason: None,
            note: None,
            break_glass: false,
        }
    }

    /// Whether somebody was refused it.
    pub fn refused(&self) -> bool {
        self.outcome != "ok" && !matches!(self.from, Origin::Clock)
    }

    /// Whether people look for it in a history: what somebody did, and where it led. What was sent to which of two
    /// hundred places is read in the export.
    pub const fn telling(&self) -> bool {
        self.stage.is_some() || !matches!(self.from, Origin::Clock)
    }
}
