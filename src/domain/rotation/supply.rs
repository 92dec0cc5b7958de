//! The steps by which a secret manager supplies the new value: read once it may be, at the version that it has then.

use super::{Check, Moment, Person, Phase, Refused, Rotation, Stage};
use crate::domain::credential::Login;
use crate::domain::names::SourceName;
use crate::domain::receipt::{Outcome, Receipt};
use crate::domain::retry;
use crate::domain::source::Version;
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Trouble};

/// Who asked for a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requester {
    /// Somebody.
    Person(Person),
    /// A secret manager that has a new value.
    Source(SourceName),
}

impl From<Person> for Requester {
    fn from(person: Person) -> Self {
        Self::Person(person)
    }
}

impl Requester {
    /// The person, if it is one.
    pub const fn person(&self) -> Option<&Person> {
        match self {
            Self::Person(person) => Some(person),
            Self::Source(_) => None,
        }
    }

    /// Whether it is that person.
    pub fn is(&self, person: &Person) -> bool {
        self.person().is_some_and(|requester| requester.is(person))
    }

    /// The name people see.
    pub fn name(&self) -> &str {
        match self {
            Self::Person(person) => &person.name,
            Self::Source(source) => source.as_str(),
        }
    }
}

/// How far a secret manager's supplying has come. Absent where a person enters the credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Supply {
    /// Whether the value before the current one is wanted.
    pub previous: bool,
    /// The version that was current when this was asked for, or when it was last approved; if that is known.
    pub seen: Option<Version>,
    /// The version that was read.
    pub taken: Option<Version>,
    /// The version that was current when that was read: another one, where the one before was wanted.
    pub current: Option<Version>,
    /// The account that came with it, where that can change.
    pub account: Option<String>,
    /// How many decisions do not count any more: they were about another version.
    pub passed: usize,
    /// When the manager was first asked to change the value in the data source as well, unless it is known that it did not.
    pub turning_at: Option<Timestamp>,
    /// When it had changed it: the old one is dead since then.
    pub turned_at: Option<Timestamp>,
    /// When every place had the new one, or had failed.
    pub done_at: Option<Timestamp>,
    /// Failures to read it so far.
    pub failures: u32,
    /// When the next try is due.
    pub due: Option<Timestamp>,
    /// Why it could not be read the last time, when that is so.
    pub trouble: Option<Trouble>,
}

/// What was read, without the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Its version.
    pub version: Version,
    /// The version that is current.
    pub current: Version,
    /// The account that came with it.
    pub account: Option<String>,
}

impl Supply {
    /// Whether the manager has changed the value in the data source as well, or may have.
    pub const fn turned(&self) -> bool {
        self.turning_at.is_some() || self.turned_at.is_some()
    }
}

impl Rotation {
    /// The login to set, with the account that came with the value.
    pub fn login(&self) -> Login {
        let account = self.supply.as_ref().and_then(|supply| supply.account.as_deref());
        self.target.login.with_account(account)
    }

    /// When the manager is asked next.
    pub fn fetching(&self) -> Option<Timestamp> {
        match self.stage {
            Stage::Fetching { from, .. } => {
                let due = self.supply.as_ref().and_then(|supply| supply.due);
                Some(due.map_or(from, |due| due.max(from)))
            }
            _ => None,
        }
    }

    /// The manager is asked to change the value. What comes of that may never be known.
    pub(super) fn turning(&mut self, now: Timestamp) -> Result<(), Refused> {
        let Stage::Fetching { from, .. } = self.stage else { return Err(Refused::Stage) };
        if now < from {
            return Err(Refused::Early);
        }
        self.supply
            .as_mut()
            .filter(|supply| supply.turned_at.is_none())
            .ok_or(Refused::Stage)?
            .turning_at
            .get_or_insert(now);
        Ok(())
    }

    /// The manager has changed the value.
    pub(super) fn turned(&mut self, now: Timestamp) -> Result<(), Refused> {
        self.asked_to_turn()?.turned_at = Some(now);
        Ok(())
    }

    /// The manager has refused to change the value.
    pub(super) fn unturned(&mut self) -> Result<(), Refused> {
        self.asked_to_turn()?.turning_at = None;
        Ok(())
    }

    /// The supply whose manager was asked to change the value, and has not said what came of it.
    fn asked_to_turn(&mut self) -> Result<&mut Supply, Refused> {
        let fetching = matches!(self.stage, Stage::Fetching { .. });
        let asked = |supply: &&mut Supply| fetching && supply.turning_at.is_some() && supply.turned_at.is_none();
        self.supply.as_mut().filter(asked).ok_or(Refused::Stage)
    }

    /// The manager was asked for the value.
    pub(super) fn fetched(&mut self, result: Result<Taken, Trouble>, moment: Moment<'_>) -> Result<(), Refused> {
        let now = moment.now;
        let Stage::Fetching { from, until } = self.stage else { return Err(Refused::Stage) };
        if now < from {
            return Err(Refused::Early);
        }
        let asked_again = self.approvals_needed() > 0 && self.target.binding.as_ref().is_some_and(|b| b.ask_again);
        let all = self.decisions.len();
        let supply = self.supply.as_mut().ok_or(Refused::Stage)?;
        match result {
            Err(trouble) => {
                supply.failures += 1;
                supply.trouble = Some(trouble.clone());
                match retry::next(&trouble, supply.failures, now, until, moment.chance) {
                    Some(due) => supply.due = Some(due),
                    None => self.unsupplied(trouble),
                }
                return Ok(());
            }
            Ok(taken) if asked_again && supply.seen.as_ref().is_some_and(|seen| *seen != taken.current) => {
                // What was approved was another version.
                (supply.seen, supply.passed) = (Some(taken.current), all);
                (supply.failures, supply.due, supply.trouble) = (0, None, None);
                self.reminded = false;
                self.stage = Stage::AwaitingApproval { since: now, until: now + self.target.policy.expires };
                return Ok(());
            }
            Ok(Taken { version, current, account }) => {
                (supply.taken, supply.current, supply.account) = (Some(version), Some(current), account);
                (supply.failures, supply.due, supply.trouble) = (0, None, None);
            }
        }
        self.supplied_now(moment);
        Ok(())
    }

    /// Time ran out before the manager gave the value.
    pub(super) fn unfetched(&mut self) {
        match self.supply.as_mut().and_then(|supply| supply.trouble.take()) {
            Some(trouble) => self.unsupplied(trouble),
            None => self.stage = Stage::Expired,
        }
    }

    /// Whether that trouble says that a place reads the vault itself, in a rotation of what a secret manager supplies: then it
    /// has the new value already.
    pub(super) fn referenced(&self, trouble: &Trouble) -> bool {
        trouble.cause == Cause::KeyVaultReference && self.supply.is_some()
    }

    /// Whether there is no place that has to be sent anything.
    pub(super) fn only_referenced(&self) -> bool {
        self.supply.is_some()
            && self.runs.iter().filter(|run| run.check.ready()).all(|run| run.check == Check::Referenced)
    }

    /// Begins without reading the value, which nobody needs.
    pub(super) fn begin_without_value(&mut self, moment: Moment<'_>) {
        if let Some(supply) = &mut self.supply {
            (supply.taken, supply.current) = (supply.seen.clone(), supply.seen.clone());
        }
        self.begin(moment);
    }

    /// Ends it before anything was changed: the value cannot be had.
    pub(super) fn unsupplied(&mut self, trouble: Trouble) {
        for run in &mut self.runs {
            let request_id = trouble.request_id.clone();
            run.phase = Phase::Done(Receipt { outcome: Outcome::Unchanged(trouble.clone()), request_id });
        }
        if let Some(supply) = &mut self.supply {
            supply.trouble = Some(trouble);
        }
        self.stage = Stage::Failed;
    }
}
