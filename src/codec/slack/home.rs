//! The App Home: what waits for a person, what they have under way, and what they may rotate.

use serde_json::{Value, json};

use super::blocks::{self, Style, escape};
use super::message::{OPEN_BUTTON, moment};
use super::{card, message};
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
    /// How many groups Slack could not be asked for.
    pub unasked: usize,
}

/// The home of somebody who may look in; `command` is what this installation's command is called.
pub fn home(home: &Home, now: Timestamp, command: &str) -> Value {
    let mut body = Vec::new();
    if home.waiting.is_empty() && home.own.is_empty() && home.targets.is_empty() {
        body.push(blocks::section(
            "This app changes the credentials that Power BI data sources and Fabric connections keep, everywhere at once. \
             What waits for your approval, what you have under way and what you may rotate is shown here.",
        ));
    }
    let waiting = home.waiting.iter().flat_map(waiting);
    section(&mut body, "Waiting for your approval", home.waiting.len(), MOST_WAITING, waiting.take(2 * MOST_WAITING));
    if home.waiting.is_empty() {
        body.push(blocks::section("Nothing waits for you."));
    }
    let own = home.own.iter().flat_map(own);
    section(&mut body, "Your rotations", home.own.len(), MOST_OWN, own.take(2 * MOST_OWN));
    if home.own.is_empty() {
        body.push(blocks::section("You have none under way."));
    }
    let targets = home.targets.iter().map(|entry| target(entry, now));
    section(&mut body, "Targets", home.targets.len(), MOST_TARGETS, targets.take(MOST_TARGETS));
    if home.targets.is_empty() {
        body.push(blocks::section(&format!(
            "There is none that you may rotate. {command} list shows whom to ask: a target's owner can add you, or your group, to its askers."
        )));
    }
    if home.unseen > 0 {
        body.push(blocks::context(&format!(
            "{} more rotations are under way that are not shown here. {command} status and a target's name shows one.",
            home.unseen
        )));
    }
    if home.unasked > 0 {
        body.push(blocks::context(
            "Slack did not say whether you are in some of the groups. What depends on those is missing here; open this page again in a minute.",
        ));
    }
    body.push(blocks::context(&format!("{command} help shows what can be typed. {}", message::WARNING)));
    view(&body)
}

/// The home of somebody who may not look in, or when nothing can be known: why, in words.
pub fn closed(words: &str) -> Value {
    view(&[blocks::section(&escape(words))])
}

fn view(body: &[Value]) -> Value {
    json!({ "type": "home", "blocks": body })
}

fn section(body: &mut Vec<Value>, title: &str, all: usize, most: usize, shown: impl Iterator<Item = Value>) {
    body.push(blocks::header(title));
    body.extend(shown);
    if all > most {
        body.push(blocks::context(&format!("and {} more", all - most)));
    }
}

fn waiting(rotation: &Rotation) -> [Value; 2] {
    let text = format!(
        "*{}*\nAsked by <@{}>: {}\n{}{}\n{}",
        escape(&rotation.target.title),
        rotation.requester.id.slack_id(),
        escape(&rotation.reason),
        card::status(rotation),
        card::deadline(rotation),
        card::plan(rotation),
    );
    [blocks::section(&text), blocks::actions(&card::deciding(rotation))]
}

fn own(rotation: &Rotation) -> [Value; 2] {
    let text = format!(
        "*{}*\n{}{}\nReference {}",
        escape(&rotation.target.title),
        card::status(rotation),
        card::deadline(rotation),
        rotation.id.reference(),
    );
    let buttons = card::going_on(rotation);
    // Slack takes no empty row; while it is being applied there is nothing to tap.
    let below =
        if buttons.is_empty() { blocks::context("Its card shows every place.") } else { blocks::actions(&buttons) };
    [blocks::section(&text), below]
}

fn target(entry: &Listed, now: Timestamp) -> Value {
    let last = match &entry.last {
        Some(last) => format!("Last {} {}", last.how.words(), moment(last.at)),
        None => "Never rotated from here".to_owned(),
    };
    let due = match entry.due() {
        Some(due) if due <= now => format!("\n*Overdue* since {}", moment(due)),
        Some(due) => format!("\nDue {}", moment(due)),
        None => String::new(),
    };
    let text = format!("*{}*\n{}\n{last}{due}", escape(&entry.title), entry.name);
    if entry.live.is_some() {
        return blocks::section(&format!("{text}\nA rotation is under way"));
    }
    let spoken = format!("Rotate {}", entry.title);
    blocks::offer(&text, blocks::button("Rotate", &spoken, OPEN_BUTTON, entry.name.as_str(), Style::Plain))
}
