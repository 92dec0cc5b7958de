//! The answer to whoami: who somebody is here, what they may do, and what the policies want.

use std::time::Duration;

use serde_json::Value;

use super::blocks::{self, escape};
use super::message::Message;
use crate::codec::words;
use crate::domain::names::{GroupId, PersonId, TargetName};
use crate::domain::policy::{Policy, Role, Subject};
use crate::domain::roles::{Held, Memberships};
use crate::domain::rotation::Person;
use crate::domain::trouble::Trouble;
use crate::domain::window::{Day, Window};

/// What was found out about somebody.
pub struct Known<'a> {
    /// Who they are.
    pub person: &'a Person,
    /// Every id of theirs.
    pub ids: &'a [PersonId],
    /// The workspace or organisation.
    pub place: &'a str,
    /// Which groups they are in.
    pub memberships: &'a Memberships,
    /// Why a group could not be asked.
    pub why: Option<&'a Trouble>,
    /// Who may look into everything.
    pub operators: &'a [Subject],
}

/// Everything about one target.
pub fn of_target(known: &Known<'_>, name: &TargetName, policy: &Policy) -> Message {
    let may = |(what, role)| format!("{what}: {}", known.answer(policy.holders(role)));
    let roles = [("Ask", Role::Asker), ("Approve", Role::Approver), ("Break glass", Role::BreakGlass)].map(may);
    let mut body = vec![known.person(), blocks::section(&format!("*{name}*\n{}", roles.join("\n")))];
    body.push(blocks::section(&rule(policy)));
    if !policy.windows.is_empty() {
        let windows: Vec<_> = policy.windows.iter().map(window).collect();
        body.push(blocks::section(&format!("Maintenance windows:\n{}", windows.join("\n"))));
    }
    body.extend(known.doubt());
    Message { text: format!("What you may do with {name}"), blocks: body }
}

/// The targets in which they have a role, in short.
pub fn of_all(known: &Known<'_>, found: &[(TargetName, Policy)], more: usize) -> Message {
    let mut body = vec![known.person()];
    for (name, policy) in found {
        let roles = [("ask", Role::Asker), ("approve", Role::Approver), ("break glass", Role::BreakGlass)];
        let may: Vec<_> = roles.into_iter().filter_map(|(what, role)| known.may(what, policy.holders(role))).collect();
        body.push(blocks::section(&format!("*{name}*\nYou may {}\n{}", may.join(", "), short(policy))));
    }
    if found.is_empty() {
        body.push(blocks::section("You have no role in any target."));
    }
    if more > 0 {
        body.push(blocks::context(&format!("and {more} more: name a target to see it")));
    }
    body.extend(known.doubt());
    Message { text: "What you may do here".to_owned(), blocks: body }
}

impl Known<'_> {
    fn person(&self) -> Value {
        let ids: Vec<_> = self.ids.iter().map(PersonId::as_str).collect();
        let (name, ids) = (escape(&self.person.name), ids.join(", "));
        let operator = self.answer(self.operators);
        blocks::section(&format!("*{name}*\n{ids}\nFull member of {}\nOperator: {operator}", self.place))
    }

    /// Whether they are one of those, and through what.
    fn answer(&self, subjects: &[Subject]) -> String {
        match self.memberships.held(subjects, self.ids) {
            Held::ByName => "yes, by name".to_owned(),
            Held::Through(group) => format!("yes, through {}", mention(group)),
            Held::Unknown(group) => format!("not known, because {} could not be asked", mention(group)),
            Held::No => "no".to_owned(),
        }
    }

    /// The same in a list of what they may do.
    fn may(&self, what: &str, subjects: &[Subject]) -> Option<String> {
        match self.memberships.held(subjects, self.ids) {
            Held::ByName => Some(format!("{what} (by name)")),
            Held::Through(group) => Some(format!("{what} (through {})", mention(group))),
            Held::Unknown(_) | Held::No => None,
        }
    }

    /// What could not be found out.
    fn doubt(&self) -> Option<Value> {
        let unasked: Vec<_> = self.memberships.unasked.iter().take(MENTIONED).map(mention).collect();
        let why = self.why.map_or_else(|| "There are more groups than are asked at once.".to_owned(), words::trouble);
        (!unasked.is_empty()).then(|| {
            blocks::section(&format!(
                "*Not asked:* {}. Until they can be, they let you do nothing. {}",
                unasked.join(", "),
                escape(&why)
            ))
        })
    }
}

/// Groups and people named in one sentence.
const MENTIONED: usize = 20;

/// What a policy wants, in sentences.
fn rule(policy: &Policy) -> String {
    let mut rule = vec![match policy.approvals {
        0 => "No approval is needed.".to_owned(),
        1 => format!("An approval is needed within {}.", span(policy.expires)),
        n => format!("{n} approvals are needed within {}.", span(policy.expires)),
    }];
    if policy.approvals > 0 {
        rule.push(match policy.allow_self {
            true => "Your own counts, if you may approve.".to_owned(),
            false => "Your own does not count for what you asked for.".to_owned(),
        });
        rule.push(format!("Those who approve: {}.", listed(&policy.approvers)));
    }
    if !policy.break_glass.is_empty() {
        rule.push(format!("In an emergency, past all that: {}.", listed(&policy.break_glass)));
    }
    if policy.windows.is_empty() {
        rule.push("It may be done at any time.".to_owned());
    }
    if !policy.stop.is_zero() {
        rule.push(format!("It can be stopped for {} after the credential was entered.", span(policy.stop)));
    }
    rule.join("\n")
}

fn short(policy: &Policy) -> String {
    let approvals = match policy.approvals {
        0 => "Needs no approval".to_owned(),
        1 => "Needs an approval".to_owned(),
        n => format!("Needs {n} approvals"),
    };
    if policy.windows.is_empty() { approvals } else { approvals + ", and a maintenance window" }
}

fn listed(subjects: &[Subject]) -> String {
    let mut named: Vec<_> = subjects.iter().take(MENTIONED).map(name).collect();
    if subjects.len() > MENTIONED {
        named.push(format!("and {} more", subjects.len() - MENTIONED));
    }
    named.join(", ")
}

fn name(subject: &Subject) -> String {
    match subject {
        Subject::Person(person) if person.is_slack() => format!("<@{}>", person.slack_id()),
        Subject::Group(group) => mention(group),
        Subject::Person(person) => person.to_string(),
    }
}

/// A group by its name. Nobody is notified: only one person sees it.
fn mention(group: &GroupId) -> String {
    if group.is_slack() { format!("<!subteam^{}>", group.slack_id()) } else { group.to_string() }
}

/// `Sat, Sun from 22:00 to 04:00 (Europe/Vienna)`.
fn window(window: &Window) -> String {
    let named = |day: &Day| Day::ALL.iter().position(|other| other == day).and_then(|at| Day::NAMES.get(at));
    let days: Vec<_> = window.days.iter().filter_map(named).copied().collect();
    let time = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let hours = match window.from == window.to {
        true => format!("24 hours from {}", time(window.from)),
        false => format!("from {} to {}", time(window.from), time(window.to)),
    };
    format!("{} {hours} ({})", days.join(", "), window.zone)
}

/// `4 hours`, in the largest unit that makes it a whole number.
fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let whole = units.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    let (number, unit) = whole.map_or((seconds, "second"), |(unit, name)| (seconds / unit, name));
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::names::Zone;

    #[test]
    fn spans_are_whole_numbers_of_the_largest_unit() {
        for (seconds, words) in
            [(45, "45 seconds"), (60, "1 minute"), (90, "90 seconds"), (14_400, "4 hours"), (604_800, "7 days")]
        {
            assert_eq!(span(Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn windows_read_as_they_are_written() {
        let zone = || Zone::parse("Europe/Vienna").unwrap();
        let night = Window { days: vec![Day::Sat, Day::Sun], from: 22 * 60, to: 4 * 60 + 5, zone: zone() };
        assert_eq!(window(&night), "Sat, Sun from 22:00 to 04:05 (Europe/Vienna)");
        let day = Window { days: vec![Day::Wed], from: 0, to: 0, zone: zone() };
        assert_eq!(window(&day), "Wed 24 hours from 00:00 (Europe/Vienna)");
    }
}
