//! The answer to whoami: who somebody is here, what they may do, and what the policies want.

use std::time::Duration;

use crate::codec::sheet::{Part, Sheet, Text};
use crate::codec::words;
use crate::domain::names::{PersonId, TargetName};
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
pub fn of_target(known: &Known<'_>, name: &TargetName, policy: &Policy) -> Sheet {
    let may = |(what, role)| Text::from(format!("{what}: ")).join(known.answer(policy.holders(role)));
    let roles = [("Ask", Role::Asker), ("Approve", Role::Approver), ("Break glass", Role::BreakGlass)].map(may);
    let named = [Text::bold(name.to_string())];
    let mut body = vec![known.person(), Part::Paragraph(Text::lines(named.into_iter().chain(roles)))];
    body.push(Part::Paragraph(rule(policy)));
    if !policy.windows.is_empty() {
        let windows = policy.windows.iter().map(|it| window(it).into());
        body.push(Part::Paragraph(Text::lines([Text::from("Maintenance windows:")].into_iter().chain(windows))));
    }
    body.extend(known.doubt());
    Sheet { text: format!("What you may do with {name}").into(), body }
}

/// The targets in which they have a role, in short.
pub fn of_all(known: &Known<'_>, found: &[(TargetName, Policy)], more: usize) -> Sheet {
    let mut body = vec![known.person()];
    for (name, policy) in found {
        let roles = [("ask", Role::Asker), ("approve", Role::Approver), ("break glass", Role::BreakGlass)];
        let may = roles.into_iter().filter_map(|(what, role)| known.may(what, policy.holders(role)));
        let may = Text::from("You may ").join(Text::listed(may));
        body.push(Part::Paragraph(Text::lines([Text::bold(name.to_string()), may, short(policy).into()])));
    }
    if found.is_empty() {
        body.push(Part::paragraph("You have no role in any target."));
    }
    if more > 0 {
        body.push(Part::small(format!("and {more} more: name a target to see it")));
    }
    body.extend(known.doubt());
    Sheet { text: "What you may do here".into(), body }
}

impl Known<'_> {
    fn person(&self) -> Part {
        let ids: Vec<_> = self.ids.iter().map(PersonId::as_str).collect();
        Part::Paragraph(Text::lines([
            Text::bold(self.person.name.clone()),
            ids.join(", ").into(),
            format!("Full member of {}", self.place).into(),
            Text::from("Operator: ").join(self.answer(self.operators)),
        ]))
    }

    /// Whether they are one of those, and through what.
    fn answer(&self, subjects: &[Subject]) -> Text {
        match self.memberships.held(subjects, self.ids) {
            Held::ByName => "yes, by name".into(),
            Held::Through(group) => Text::from("yes, through ").and(group),
            Held::Unknown(group) => Text::from("not known, because ").and(group).and(" could not be asked"),
            Held::No => "no".into(),
        }
    }

    /// The same in a list of what they may do.
    fn may(&self, what: &str, subjects: &[Subject]) -> Option<Text> {
        match self.memberships.held(subjects, self.ids) {
            Held::ByName => Some(format!("{what} (by name)").into()),
            Held::Through(group) => Some(Text::from(format!("{what} (through ")).and(group).and(")")),
            Held::Unknown(_) | Held::No => None,
        }
    }

    /// What could not be found out.
    fn doubt(&self) -> Option<Part> {
        let unasked = &self.memberships.unasked;
        let why = self.why.map_or_else(|| "There are more groups than are asked at once.".to_owned(), words::trouble);
        (!unasked.is_empty()).then(|| {
            let named = Text::listed(unasked.iter().take(MENTIONED).map(Text::from));
            let text = Text::bold("Not asked:").and(" ").join(named);
            Part::Paragraph(text.and(format!(". Until they can be, they let you do nothing. {why}")))
        })
    }
}

/// Groups and people named in one sentence.
const MENTIONED: usize = 20;

/// What a policy wants, in sentences.
fn rule(policy: &Policy) -> Text {
    let mut rule: Vec<Text> = vec![match policy.approvals {
        0 => "No approval is needed.".into(),
        1 => format!("An approval is needed within {}.", span(policy.expires)).into(),
        n => format!("{n} approvals are needed within {}.", span(policy.expires)).into(),
    }];
    if policy.approvals > 0 {
        rule.push(match policy.allow_self {
            true => "Your own counts, if you may approve.".into(),
            false => "Your own does not count for what you asked for.".into(),
        });
        rule.push(Text::from("Those who approve: ").join(listed(&policy.approvers)).and("."));
    }
    if !policy.break_glass.is_empty() {
        rule.push(
            Text::from("In an emergency, past all that by break-glass: ").join(listed(&policy.break_glass)).and("."),
        );
    }
    if policy.windows.is_empty() {
        rule.push("It may be done at any time.".into());
    }
    if !policy.stop.is_zero() {
        rule.push(format!("It can be stopped for {} after the credential was entered.", span(policy.stop)).into());
    }
    Text::lines(rule)
}

fn short(policy: &Policy) -> String {
    let approvals = match policy.approvals {
        0 => "Needs no approval".to_owned(),
        1 => "Needs an approval".to_owned(),
        n => format!("Needs {n} approvals"),
    };
    if policy.windows.is_empty() { approvals } else { approvals + ", and a maintenance window" }
}

fn listed(subjects: &[Subject]) -> Text {
    let more = subjects.len().checked_sub(MENTIONED).filter(|more| *more > 0);
    let more = more.map(|more| format!("and {more} more").into());
    Text::listed(subjects.iter().take(MENTIONED).map(name).chain(more))
}

/// The catalog knows people by their ids alone.
fn name(subject: &Subject) -> Text {
    match subject {
        Subject::Person(id) => (&Person { id: id.clone(), name: id.to_string(), also: Vec::new() }).into(),
        Subject::Group(group) => group.into(),
    }
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
