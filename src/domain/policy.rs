//! Who may ask for a rotation, who has to agree, and when it may be done.

use std::time::Duration;

use super::names::{GroupId, PersonId};
use super::window::Window;

/// The rule of one target. There is no default: a target without a policy is refused with the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Who may ask, never empty.
    pub askers: Vec<Subject>,
    /// Who may approve; never empty when approvals are needed.
    pub approvers: Vec<Subject>,
    /// How many different people have to approve.
    pub approvals: u8,
    /// Whether the requester's own approval counts.
    pub allow_self: bool,
    /// How long an approval is waited for.
    pub expires: Duration,
    /// The maintenance windows; none means any time.
    pub windows: Vec<Window>,
    /// Who may rotate without approvals and outside windows, with a reason and for everybody to see.
    pub break_glass: Vec<Subject>,
    /// How long the rotation can be stopped after the credential was entered; zero for not at all.
    pub stop: Duration,
}

/// A person, or a group whose members count as of the moment they act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One person.
    Person(PersonId),
    /// A user group of Slack, or a group of Entra.
    Group(GroupId),
}

impl Subject {
    /// The id as the catalog writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Person(person) => person.as_str(),
            Self::Group(group) => group.as_str(),
        }
    }
}

/// Something a policy can let somebody do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Ask for a rotation.
    Asker,
    /// Approve one.
    Approver,
    /// Rotate at once.
    BreakGlass,
}

/// How a rotation is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// As the policy wants it.
    Usual,
    /// Past approvals and windows.
    BreakGlass,
    /// As the policy wants it, with the value before the current one.
    Rollback,
}

impl Manner {
    /// Its name in the audit, which is that of its command.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usual => "rotate",
            Self::BreakGlass => "break-glass",
            Self::Rollback => "rollback",
        }
    }

    /// Whether approvals and windows are passed over.
    pub fn breaks_glass(self) -> bool {
        self == Self::BreakGlass
    }
}

impl Role {
    /// What whoever asks for a rotation has to be.
    pub const fn to_ask(break_glass: bool) -> Self {
        if break_glass { Self::BreakGlass } else { Self::Asker }
    }
}

/// How long an approval is waited for unless the catalog says otherwise: a working day's reach across time zones.
pub const EXPIRES: Duration = Duration::from_secs(4 * 60 * 60);

impl Policy {
    /// The rule that only says who may ask: no approvals, any time.
    pub const fn open_to(askers: Vec<Subject>) -> Self {
        Self {
            askers,
            approvers: Vec::new(),
            approvals: 0,
            allow_self: false,
            expires: EXPIRES,
            windows: Vec::new(),
            break_glass: Vec::new(),
            stop: Duration::ZERO,
        }
    }

    /// Those who have the role.
    pub fn holders(&self, role: Role) -> &[Subject] {
        match role {
            Role::Asker => &self.askers,
            Role::Approver => &self.approvers,
            Role::BreakGlass => &self.break_glass,
        }
    }
}

/// Whether one of these ids, all of the same person, is named.
pub fn names(subjects: &[Subject], ids: &[PersonId]) -> bool {
    subjects.iter().any(|subject| matches!(subject, Subject::Person(person) if ids.contains(person)))
}

/// The groups among them.
pub fn groups(subjects: &[Subject]) -> impl Iterator<Item = &GroupId> {
    subjects.iter().filter_map(|subject| match subject {
        Subject::Group(group) => Some(group),
        Subject::Person(_) => None,
    })
}
