//! Who may ask for a rotation.

use super::names::{GroupId, PersonId};

/// The rule of one target. There is no default: a target without a policy is refused with the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Who may ask, never empty.
    pub askers: Vec<Asker>,
}

/// A person, or a group whose members count as of the moment they ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker {
    /// One person.
    Person(PersonId),
    /// A user group of Slack.
    Group(GroupId),
}

impl Policy {
    /// Whether one of these ids, all of the same person, is named.
    pub fn names(&self, ids: &[PersonId]) -> bool {
        self.askers.iter().any(|asker| matches!(asker, Asker::Person(person) if ids.contains(person)))
    }

    /// The groups whose members may ask.
    pub fn groups(&self) -> impl Iterator<Item = &GroupId> {
        self.askers.iter().filter_map(|asker| match asker {
            Asker::Group(group) => Some(group),
            Asker::Person(_) => None,
        })
    }
}
