//! The App Home: what waits for a person, what they have under way, and what they may rotate.

use super::{card, message};
use crate::codec::sheet::{Action, Button, Part, Span, Text};
use crate::domain::listing::Listed;
use crate::domain::rotation::Rotation;
use crate::domain::time::Timestamp;

/// Rotations that wait for an approval, told one by one, at two blocks each. With everything else a home stays below Slack's
/// hundred blocks.
const MOST_WAITING: usize = 15;
/// Rotations of one's own, at two blocks each.
const MOST_OWN: usize = 10;
/// Targets, at one block each.
const MOST_TARGETS: usize = 35;

/// What a person finds in their App Home.
pub struct Home {
    /// Rotations they may approve, the most urgent first.
    pub waiting: Vec<Rotation>,
    /// Live rotations that they asked for.
    pub own: Vec<Rotation>,
    /// Targets they may rotate, the most urgent first.
    pub targets: Vec<Listed>,
    /// How many live rotations were not looked at.
    pub unseen: usize,
    /// How many groups could not be asked for.
    pub unasked: usize,
}

/// The home of somebody who may look in; `command` is what this installation's command is called.
pub fn home(home: &Home, now: Timestamp, command: &str) -> Vec<Part> {
    let mut body = Vec::new();
    if home.waiting.is_empty() && home.own.is_empty() && home.targets.is_empty() {
        body.push(Part::paragraph(
            "This app changes the credentials that Power BI data sources and Fabric connections keep, everywhere at once. \
             What waits for your approval, what you have under way and what you may rotate is shown here.",
        ));
    }
    let waiting = home.waiting.iter().flat_map(waiting);
    section(&mut body, "Waiting for your approval", home.waiting.len(), MOST_WAITING, waiting.take(2 * MOST_WAITING));
    if home.waiting.is_empty() {
        body.push(Part::paragraph("Nothing waits for you."));
    }
    let own = home.own.iter().flat_map(own);
    section(&mut body, "Your rotations", home.own.len(), MOST_OWN, own.take(2 * MOST_OWN));
    if home.own.is_empty() {
        body.push(Part::paragraph("You have none under way."));
    }
    let targets = home.targets.iter().map(|entry| target(entry, now));
    section(&mut body, "Targets", home.targets.len(), MOST_TARGETS, targets.take(MOST_TARGETS));
    if home.targets.is_empty() {
        body.push(Part::paragraph(format!(
            "There is none that you may rotate. {command} list shows whom to ask: a target's owner can add you, or your group, to its askers."
        )));
    }
    if home.unseen > 0 {
        body.push(Part::small(format!(
            "{} more rotations are under way that are not shown here. {command} status and a target's name shows one.",
            home.unseen
        )));
    }
    if home.unasked > 0 {
        body.push(Part::small(
            "It could not be found out whether you are in some of the groups. What depends on those is missing here; open this page again in a minute.",
        ));
    }
    body.push(Part::small(format!("{command} help shows what can be typed. {}", message::WARNING)));
    body
}

/// The home of somebody who may not look in, or when nothing can be known: why, in words.
pub fn closed(words: impl Into<Text>) -> Vec<Part> {
    vec![Part::paragraph(words)]
}

fn section(body: &mut Vec<Part>, title: &str, all: usize, most: usize, shown: impl Iterator<Item = Part>) {
    body.push(Part::Heading(title.to_owned()));
    body.extend(shown);
    if all > most {
        body.push(Part::small(format!("and {} more", all - most)));
    }
}

fn waiting(rotation: &Rotation) -> [Part; 2] {
    let text = Text::lines([
        Text::bold(rotation.target.title.clone()),
        card::asked(rotation),
        Text::from(card::status(rotation)).join(card::deadline(rotation)),
        card::plan(rotation).into(),
    ]);
    [Part::Paragraph(text), Part::Buttons(card::deciding(rotation))]
}

fn own(rotation: &Rotation) -> [Part; 2] {
    let text = Text::lines([
        Text::bold(rotation.target.title.clone()),
        Text::from(card::status(rotation)).join(card::deadline(rotation)),
        format!("Reference {}", rotation.id.reference()).into(),
    ]);
    let buttons = card::going_on(rotation);
    // While it is being applied there is nothing to tap.
    let below = if buttons.is_empty() { Part::small("Its card shows every place.") } else { Part::Buttons(buttons) };
    [Part::Paragraph(text), below]
}

fn target(entry: &Listed, now: Timestamp) -> Part {
    let last = match &entry.last {
        Some(last) => Text::from(format!("Last {} ", last.how.words())).and(Span::Moment(last.at)),
        None => "Never rotated from here".into(),
    };
    let due = entry.due().map(|due| {
        let words = if due <= now { Text::bold("Overdue").and(" since ") } else { Text::from("Due ") };
        words.and(Span::Moment(due))
    });
    let live = entry.live.as_ref().map(|_| "A rotation is under way".into());
    let lines = [Text::bold(entry.title.clone()), entry.name.to_string().into(), last];
    let text = Text::lines(lines.into_iter().chain(due).chain(live));
    if entry.live.is_some() {
        return Part::Paragraph(text);
    }
    let spoken = format!("Rotate {}", entry.title);
    Part::Offer(text, Button::new("Rotate", &spoken, Action::Open, entry.name.as_str()))
}
