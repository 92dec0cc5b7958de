//! Reads a target's policy, and refuses rules that cannot work or would not be kept.

use super::reader::{Node, Table};
use super::target::Named;
use super::window;
use crate::domain::names::{GroupId, PersonId};
use crate::domain::policy::{self, EXPIRES, Policy, Subject};
use crate::domain::rotation::LEAST_ENTRY_TIME;
use crate::domain::window::Window;

/// People and groups in one list.
const MAX_SUBJECTS: usize = 50;

/// Approvals one rotation can need.
const MAX_APPROVALS: u8 = 20;

/// Maintenance windows of one target.
const MAX_WINDOWS: usize = 20;

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// Reads `policy`, and notes the time zones it names.
pub(super) fn read(node: &Node<'_>, named: &mut Named) -> Option<Policy> {
    let table = node.table()?;
    let known = ["askers", "approvers", "approvals", "allow_self", "expires", "windows", "break_glass", "stop"];
    table.refuse_others(&known);
    let askers = table.required("askers").and_then(|node| subjects(&node, "nobody could ask"));
    let approvers = subjects_or_none(&table, "approvers");
    let approvals = table.find("approvals").map_or(Some(0), |node| approvals(&node));
    let allow_self = table.flag("allow_self");
    let expires = table.find("expires");
    let expires = expires.map_or(Some(EXPIRES), |node| node.duration(5 * MINUTE, 7 * DAY, "from 5m to 7d"));
    let windows = table.find("windows").map_or(Some(Vec::new()), |node| windows(&node, named));
    let break_glass = subjects_or_none(&table, "break_glass");
    let stop =
        table.find("stop").map_or(Some(Default::default()), |node| node.duration(5, 5 * MINUTE, "from 5s to 5m"));
    let policy = Policy {
        askers: askers?,
        approvers: approvers?,
        approvals: approvals?,
        allow_self: allow_self?,
        expires: expires?,
        windows: windows?,
        break_glass: break_glass?,
        stop: stop?,
    };
    effective(&table, &policy)?;
    usable(&table, &policy)?;
    reachable(&table, &policy, &named.people)?;
    Some(policy)
}

/// Reads a list of people and groups with somebody in it.
pub(super) fn subjects(node: &Node<'_>, otherwise: &str) -> Option<Vec<Subject>> {
    let nodes = node.list(MAX_SUBJECTS)?;
    if nodes.is_empty() {
        node.problem(&format_args!("has to name at least one: {otherwise}"));
        return None;
    }
    let mut subjects = Vec::new();
    for node in &nodes {
        if let Some(subject) = subject(node) {
            node.join(subject, &mut subjects);
        }
    }
    (subjects.len() == nodes.len()).then_some(subjects)
}

fn subjects_or_none(table: &Table<'_>, key: &'static str) -> Option<Vec<Subject>> {
    table.find(key).map_or(Some(Vec::new()), |node| subjects(&node, "leave it out if it is nobody"))
}

fn subject(node: &Node<'_>) -> Option<Subject> {
    let text = node.string()?;
    let group = || GroupId::parse(text).map(Subject::Group);
    let subject = PersonId::parse(text).map(Subject::Person).or_else(|_| group());
    subject.map_err(|rule| node.problem(&rule)).ok()
}

fn approvals(node: &Node<'_>) -> Option<u8> {
    let number = node.whole_number()?;
    let number = u8::try_from(number).ok().filter(|number| *number <= MAX_APPROVALS);
    if number.is_none() {
        node.problem(&format_args!("can be at most {MAX_APPROVALS}"));
    }
    number
}

fn windows(node: &Node<'_>, named: &mut Named) -> Option<Vec<Window>> {
    let nodes = node.list(MAX_WINDOWS)?;
    node.demand(!nodes.is_empty(), "has to hold at least one: leave it out for any time")?;
    let mut windows = Vec::new();
    for node in &nodes {
        if let Some(window) = window::read(node, named) {
            node.join(window, &mut windows);
        }
    }
    (windows.len() == nodes.len()).then_some(windows)
}

/// Refuses what would have no effect: whoever wrote it believes in a rule that nobody keeps.
fn effective(table: &Table<'_>, policy: &Policy) -> Option<()> {
    let mut all = Some(());
    if policy.approvals == 0 {
        for key in ["approvers", "allow_self", "expires"] {
            if let Some(node) = table.find(key) {
                node.problem(&"has no effect without approvals: say how many there have to be, or leave this out");
                all = None;
            }
        }
        if let (Some(node), []) = (table.find("break_glass"), policy.windows.as_slice()) {
            node.problem(&"has no effect: there are neither approvals nor windows to pass over");
            all = None;
        }
    }
    all
}

/// Refuses windows that are too short for a credential to be entered, and stopped, in them.
fn usable(table: &Table<'_>, policy: &Policy) -> Option<()> {
    let least = LEAST_ENTRY_TIME + policy.stop;
    if let Some(node) = table.find("windows").filter(|_| policy.windows.iter().any(|window| window.length() < least)) {
        node.problem(&"each has to be open for the time to stop and three minutes more, or nothing could be entered");
        return None;
    }
    Some(())
}

/// Refuses more approvals than those who are named can give. How many people a group has is not known here.
fn reachable(table: &Table<'_>, policy: &Policy, people: &[Vec<PersonId>]) -> Option<()> {
    let needed = usize::from(policy.approvals);
    if needed > 0 && policy.approvers.is_empty() {
        table.absence("approvers", &format_args!("is missing: nobody could give the approvals"));
        return None;
    }
    if policy::groups(&policy.approvers).next().is_some() {
        return Some(());
    }
    let node = table.find("approvals").filter(|_| needed > 0);
    let same = |one: &Subject, other: &Subject| match (one, other) {
        (Subject::Person(one), Subject::Person(other)) => {
            one == other || people.iter().any(|ids| ids.contains(one) && ids.contains(other))
        }
        _ => false,
    };
    let mut approvers: Vec<&Subject> = Vec::new();
    for subject in &policy.approvers {
        if !approvers.iter().any(|other| same(subject, other)) {
            approvers.push(subject);
        }
    }
    let many = approvers.len();
    if let Some(node) = node.filter(|_| needed > many) {
        node.problem(&format_args!("is more than the number of approvers, {many}"));
        return None;
    }
    let approves = |asker: &Subject| approvers.iter().any(|approver| same(asker, approver));
    let stuck = needed == many && !policy.allow_self && policy.askers.iter().all(approves);
    if let Some(node) = node.filter(|_| stuck) {
        node.problem(
            &"can never be reached: whoever asks is one of the approvers, and their own approval does not count",
        );
        return None;
    }
    Some(())
}
