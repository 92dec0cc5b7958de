//! What the register is asked, what it answers, and what it keeps of a target.

use std::time::Duration;

use super::bindings::{Settled, SourceSeen};
use super::shape::{choice, record};
use crate::domain::audit::{Entry, Fault, Kept, Link};
use crate::domain::listing::{Age, Ending, Last, Listed};
use crate::domain::names::{GroupId, PersonId, Room, RotationId, SourceName, TargetName};
use crate::domain::policy::{Policy, Subject};
use crate::domain::source::{Hint, SecretId, Source};
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
use crate::domain::trouble::Service;

/// Asked of the register.
#[derive(Debug, PartialEq, Eq)]
pub enum RegisterOrder {
    /// Replace the catalog.
    PutCatalog {
        /// The TOML.
        text: String,
        /// Only say what would change.
        dry_run: bool,
    },
    /// The catalog's text.
    Catalog,
    /// One target, or the nearest names.
    Find(TargetName),
    /// The targets that match words.
    Search {
        /// Every one has to match.
        words: String,
        /// How many at most.
        most: usize,
    },
    /// The rotations that are live.
    Live {
        /// How many at most.
        most: usize,
    },
    /// The targets in which one of these people or groups has a role, or one target whoever has.
    Roles {
        /// The one target.
        target: Option<TargetName>,
        /// Ids of one person.
        people: Vec<PersonId>,
        /// Groups they are in.
        groups: Vec<GroupId>,
    },
    /// The targets of whose age people are to be reminded now.
    Due,
    /// People were reminded of these.
    Reminded(Vec<TargetName>),
    /// Make this the target's one live rotation. Asked twice, it is still the one.
    Claim {
        /// The target.
        target: TargetName,
        /// The rotation.
        rotation: RotationId,
        /// A digest of the target that its plan was made from.
        plan: String,
        /// The rotation that gave way to it.
        instead_of: Option<RotationId>,
    },
    /// Say whether the target still is what a plan was made from.
    Compare {
        /// The target.
        target: TargetName,
        /// A digest of the target as it was.
        plan: String,
    },
    /// The rotation has ended. Asked twice, nothing more happens.
    Finish {
        /// The target.
        target: TargetName,
        /// The rotation.
        rotation: RotationId,
        /// How, unless it was ended before it began.
        how: Option<Ending>,
        /// When.
        at: Timestamp,
        /// Which version of its secret it has put in place, or nobody wanted there.
        version: Option<Settled>,
        /// Whether its secret is to be looked at at once.
        again: bool,
        /// The secret whose value the manager was made to change for it, in the data source as well: whatever else is bound to
        /// that is on a dead value.
        turned: Option<(SourceName, SecretId)>,
    },
    /// Leave to say something in that conversation of Teams.
    Speak(String),
    /// Calls to a service that are about to be made: so many, if its quota has room for them.
    Pace {
        /// The service.
        service: Service,
        /// How many are wanted.
        wanted: usize,
    },
    /// Put entries into the audit. Given twice, they are put once.
    Record {
        /// Whose they are: a rotation's id.
        source: String,
        /// The number of the first of them among all of that source, from 0.
        first: u32,
        /// The entries.
        entries: Vec<Entry>,
    },
    /// Put a refusal into the audit, unless its person was refused too often lately. Given twice, it is put once.
    Refused {
        /// An id of its own.
        source: String,
        /// The entry.
        entry: Box<Entry>,
    },
    /// Entries of the audit, in the order of their numbers.
    Read {
        /// The number before the first of them.
        after: u64,
        /// How many are looked at at most.
        most: usize,
        /// Only those of this target.
        target: Option<TargetName>,
    },
    /// What happened last, of one target or of everything.
    History(Option<TargetName>),
    /// Check a part of the audit: from there on, or from its beginning.
    Verify(Option<Link>),
    /// Forget, in part, what is older than the settings say.
    Tidy,
    /// Who may look into everything.
    Operators,
    /// Under which other ids somebody acts.
    Also(Vec<PersonId>),
    /// Whether this delivery is the first of its kind; it is remembered for a day at least.
    Once(String),
    /// A secret manager.
    Source(SourceName),
    /// Every secret manager, with what is known of it.
    Sources,
    /// A secret manager said this, and proved itself. Said twice, it is heard once.
    Heard {
        /// Which.
        source: SourceName,
        /// What.
        hints: Vec<Hint>,
        /// The value that it sealed to our key, of the one secret it spoke about.
        pushed: Option<String>,
    },
    /// A message for a secret manager's address was not proven.
    Unproven {
        /// Whose address.
        source: SourceName,
        /// What was wrong, by its name in the log.
        why: String,
    },
    /// From now on, what a secret manager says waits; or waits no longer.
    Pause {
        /// Which.
        source: SourceName,
        /// Whether it waits.
        paused: bool,
        /// What the audit says of that: it is written with the change.
        entry: Box<Entry>,
    },
    /// Look at everything that is bound to a secret manager.
    Reconcile,
}

choice!(RegisterOrder {
    PutCatalog { text, dry_run },
    Catalog,
    Find(name),
    Search { words, most },
    Live { most },
    Roles { target, people, groups },
    Due,
    Reminded(targets),
    Claim { target, rotation, plan, instead_of },
    Compare { target, plan },
    Finish { target, rotation, how, at, version, again, turned },
    Speak(conversation),
    Pace { service, wanted },
    Record { source, first, entries },
    Refused { source, entry },
    Read { after, most, target },
    History(target),
    Verify(from),
    Tidy,
    Operators,
    Also(ids),
    Once(delivery),
    Source(source),
    Sources,
    Heard { source, hints, pushed },
    Unproven { source, why },
    Pause { source, paused, entry },
    Reconcile,
});

/// Answered by the register.
#[derive(Debug, PartialEq, Eq)]
pub enum RegisterReply {
    /// The catalog was, or would be, replaced.
    Replaced {
        /// New names.
        added: Vec<TargetName>,
        /// Names that are gone.
        removed: Vec<TargetName>,
        /// Names whose target differs, and in which parts.
        changed: Vec<(TargetName, Vec<String>)>,
        /// Targets in all.
        targets: usize,
        /// What the operator should know of targets that are accepted all the same.
        notes: Vec<String>,
        /// Live rotations of targets that are changed or gone; they keep the plan they began with.
        live: Vec<RotationId>,
    },
    /// The text is not a catalog; every problem.
    Problems(Vec<String>),
    /// The catalog's text; empty before the first.
    Catalog(String),
    /// The target.
    Found {
        /// The whole of it.
        target: Box<Target>,
        /// How lists show it.
        entry: Listed,
    },
    /// No such target; the nearest names.
    NotFound(Vec<TargetName>),
    /// The targets that match, and how many more there are.
    Listed(Vec<Listed>, usize),
    /// The rotations that are live, and how many more there are.
    Live(Vec<RotationId>, usize),
    /// Who may do what.
    Roles {
        /// Who may look into everything.
        operators: Vec<Subject>,
        /// Every group that was looked at and could give a role.
        groups: Vec<GroupId>,
        /// The targets, with their policies.
        found: Vec<(TargetName, Policy)>,
        /// How many more there are.
        more: usize,
    },
    /// The targets that are due, and their rooms.
    Due(Vec<(Listed, Vec<Room>)>),
    /// The rotation is the target's live one.
    Claimed,
    /// Another one is.
    Occupied(RotationId),
    /// The target is not what the plan was made from.
    Stale,
    /// It is.
    Same,
    /// Done.
    Finished,
    /// So many calls may be made within the next seconds, and more after that time.
    Paced {
        /// How many.
        granted: usize,
        /// When there is room for more.
        after: Duration,
    },
    /// The audit has everything of that source before this number.
    Recorded(u32),
    /// Entries of the audit, and the number to go on after when there may be more.
    Page(Vec<Kept>, Option<u64>),
    /// What happened, the latest first.
    Happened(Vec<Entry>),
    /// The audit is whole up to there; it goes on.
    WholeTo(Link),
    /// The audit is whole.
    Whole {
        /// The number of its first entry, when it has one.
        first: u64,
        /// Its end.
        head: Link,
    },
    /// The audit is not what was written.
    Broken(Fault),
    /// What was old is forgotten.
    Tidied {
        /// The end of the audit.
        head: Link,
        /// Whether there may be more to forget.
        more: bool,
    },
    /// Who may look into everything.
    Operators(Vec<Subject>),
    /// The other ids of a person.
    Also(Vec<PersonId>),
    /// Whether a delivery is the first.
    Once(bool),
    /// A secret manager, if the catalog has it.
    Source(Option<Source>),
    /// Every secret manager, and what is bound to it.
    Sources(Vec<SourceSeen>),
    /// So many of what was said are new and concern a target.
    Heard(usize),
}

choice!(RegisterReply {
    Replaced { added, removed, changed, targets, notes, live },
    Problems(problems),
    Catalog(text),
    Found { target, entry },
    NotFound(nearest),
    Listed(entries, more),
    Live(rotations, more),
    Roles { operators, groups, found, more },
    Due(entries),
    Claimed,
    Occupied(rotation),
    Stale,
    Same,
    Finished,
    Paced { granted, after },
    Recorded(next),
    Page(entries, next),
    Happened(entries),
    WholeTo(link),
    Whole { first, head },
    Broken(fault),
    Tidied { head, more },
    Operators(subjects),
    Also(ids),
    Once(first),
    Source(source),
    Sources(sources),
    Heard(fresh),
});

record!(Listed { name, title, owner, askers, approvers, rotate_every, since, live, last });
record!(Age { since, reminded });
record!(Last { rotation, how, at });
choice!(Ending { Applied, PartlyApplied, Failed, Unsent });
