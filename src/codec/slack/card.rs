//! The card of a rotation: one message that is rewritten until the rotation ends.

use serde_json::{Value, json};

use super::blocks::{self, Style, escape};
use crate::codec::words;
use crate::domain::listing::Entry;
use crate::domain::receipt::Outcome;
use crate::domain::rotation::{Rotation, Stage};
use crate::domain::target::Destination;
use crate::domain::time::Timestamp;

/// The button that opens the credential form.
pub const ENTER_BUTTON: &str = "enter_credential";
/// The button that ends a rotation before anything was changed.
pub const CANCEL_BUTTON: &str = "cancel_rotation";
/// The button that opens the request form when Slack's first chance was missed.
pub const OPEN_BUTTON: &str = "open_form";

/// Destinations told one by one; the rest is counted.
const MOST_LINES: usize = 20;

/// A message: what notifications and screen readers get, and what is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The fallback text.
    pub text: String,
    /// The blocks.
    pub blocks: Vec<Value>,
}

impl Message {
    /// A message of one escaped paragraph.
    pub fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), blocks: vec![blocks::section(&escape(text))] }
    }

    /// The same without buttons: a copy that will not be rewritten must not offer what may be over.
    pub fn without_actions(mut self) -> Self {
        self.blocks.retain(|block| block["type"] != "actions");
        self
    }

    /// As the answer to a slash command, or to a `response_url`: seen by nobody else, never repeating what was typed.
    pub fn ephemeral(&self) -> Value {
        json!({ "response_type": "ephemeral", "replace_original": false, "text": self.text, "blocks": self.blocks })
    }
}

/// The card as it has to look now.
pub fn card(rotation: &Rotation) -> Message {
    let title = format!("Rotate {}", rotation.target.title);
    let status = status(rotation);
    let asker = rotation.requester.id.slack_id();
    let mut body = vec![
        blocks::header(&title),
        blocks::section(&format!("*{status}*{}", deadline(&rotation.stage))),
        blocks::section(&format!("Asked by <@{asker}>: {}", escape(&rotation.reason))),
    ];
    if !matches!(rotation.stage, Stage::Requested | Stage::AwaitingCredential { .. }) {
        body.extend(destinations(rotation));
    }
    if matches!(rotation.stage, Stage::AwaitingCredential { .. }) {
        let id = rotation.id.as_str();
        let name = &rotation.target.title;
        body.push(blocks::actions(&[
            blocks::button(
                "Enter credential",
                &format!("Enter the credential of {name}"),
                ENTER_BUTTON,
                id,
                Style::Primary,
            ),
            blocks::button(
                "Cancel rotation",
                &format!("Cancel the rotation of {name}"),
                CANCEL_BUTTON,
                id,
                Style::Plain,
            ),
        ]));
    }
    body.push(blocks::context(&format!("{} · Reference {}", rotation.target.name, rotation.id.reference())));
    body.truncate(blocks::MESSAGE_BLOCKS);
    let text = format!("{}: {status}. Reference {}.", escape(&title), rotation.id.reference());
    Message { text, blocks: body }
}

/// Help, for `command` as it is called here.
pub fn help(command: &str) -> Message {
    let lines = [
        format!("*{command} rotate* _target_   change its credential everywhere it is kept"),
        format!("*{command} rotate*   the same, choosing from a list"),
        format!("*{command} list* _words_   the targets there are"),
        format!("*{command} status* _target_   what is going on, or what happened last"),
        format!("*{command} help*   this text"),
    ];
    let warning = "Never type a password or key after a command. A form asks for it.";
    Message {
        text: format!("{command} rotate, list, status, help. {warning}"),
        blocks: vec![blocks::section(&lines.join("\n")), blocks::context(warning)],
    }
}

/// The targets found by a search, with what happened to each last.
pub fn list(found: &[Entry], more: usize, command: &str) -> Message {
    if found.is_empty() {
        return Message::plain(&format!(
            "No target matches. {command} list without words shows all; an empty list means that the catalog has none yet."
        ));
    }
    let line = |entry: &Entry| format!("*{}*   {}{}", entry.name, escape(&entry.title), last(entry));
    let mut lines: Vec<_> = found.iter().map(line).collect();
    if more > 0 {
        lines.push(format!("and {more} more: add words to narrow the list"));
    }
    // A section holds 3,000 characters. A line has at most 570: a title's 80 can become 400 when they are escaped.
    let body = lines.chunks(5).map(|part| blocks::section(&part.join("\n"))).take(blocks::MESSAGE_BLOCKS).collect();
    let names: Vec<_> = found.iter().map(|entry| entry.name.as_str()).collect();
    Message { text: blocks::clip(&format!("Targets: {}", names.join(", ")), blocks::SECTION_TEXT), blocks: body }
}

/// One target with nothing live: what happened last.
pub fn resting(entry: &Entry) -> Message {
    let text = match entry.last {
        None => "Nothing is going on. It was never rotated from here.".to_owned(),
        Some(_) => "Nothing is going on.".to_owned(),
    };
    let body = blocks::section(&format!("*{}*: {text}{}", escape(&entry.title), last(entry)));
    Message { text: format!("{}: {text}", escape(&entry.title)), blocks: vec![body] }
}

/// What is said when a form could not be opened in Slack's three seconds.
pub fn open_form_again(target: &str) -> Message {
    let text = "Slack's time for opening the form ran out. Nothing was changed.";
    let open = blocks::button("Open form", "Open the rotation form", OPEN_BUTTON, target, Style::Primary);
    Message { text: text.to_owned(), blocks: vec![blocks::section(text), blocks::actions(&[open])] }
}

/// What is said when the credential form could not be opened in time; the card's button is still there.
pub fn tap_again() -> Message {
    Message::plain("Slack's time for opening the form ran out. Tap Enter credential once more; nothing was changed.")
}

fn last(entry: &Entry) -> String {
    entry.last.as_ref().map_or_else(String::new, |last| format!("   {} {}", last.how.words(), moment(last.at)))
}

/// A moment in the reader's own time zone, with ISO time where that is not shown.
fn moment(at: Timestamp) -> String {
    format!("<!date^{}^{{date_short_pretty}} {{time}}|{}>", at.as_secs(), at.iso())
}

fn deadline(stage: &Stage) -> String {
    match stage {
        Stage::AwaitingCredential { until } => format!(" until {}", moment(*until)),
        _ => String::new(),
    }
}

fn status(rotation: &Rotation) -> String {
    let all = rotation.runs.len();
    let done = rotation.receipts().filter(|(_, receipt)| receipt.is_some()).count();
    let good = rotation.receipts().filter(|(_, receipt)| receipt.is_some_and(|r| r.outcome.good())).count();
    match &rotation.stage {
        Stage::Requested => "Opening".to_owned(),
        Stage::AwaitingCredential { .. } => "Waiting for the new credential".to_owned(),
        Stage::Applying { .. } => format!("Rotating, {done} of {all} done"),
        Stage::Applied => match rotation.receipts().all(|(_, r)| r.is_some_and(|r| r.outcome == Outcome::Verified)) {
            true => format!("Rotated and verified, {good} of {all}"),
            false => format!("Rotated, {good} of {all}"),
        },
        Stage::PartlyApplied => format!("Partly rotated, {good} of {all} are good"),
        Stage::Failed => match rotation.receipts().all(|(_, r)| r.is_some_and(|r| r.outcome.unchanged())) {
            true => "Not rotated".to_owned(),
            false => format!("Not confirmed, {good} of {all} are good"),
        },
        Stage::Cancelled => "Cancelled, nothing was changed".to_owned(),
        Stage::Expired => "Expired without a credential, nothing was changed".to_owned(),
        Stage::Superseded => "Another rotation was under way, nothing was changed".to_owned(),
    }
}

/// Destinations with their receipts, the ones that need somebody first.
fn destinations(rotation: &Rotation) -> Vec<Value> {
    if matches!(rotation.stage, Stage::Cancelled | Stage::Expired | Stage::Superseded) {
        return Vec::new();
    }
    let (good, mut told): (Vec<_>, Vec<_>) =
        rotation.receipts().partition(|(_, receipt)| receipt.is_none_or(|receipt| receipt.outcome.good()));
    told.extend(good);
    let line = |(at, receipt): &(&Destination, Option<&crate::domain::receipt::Receipt>)| {
        let words = receipt.map_or_else(|| "Not done yet.".to_owned(), |receipt| words::outcome(&receipt.outcome));
        let id = receipt.and_then(|receipt| receipt.request_id.as_deref());
        let id = id.map(|id| format!(" Request {}.", escape(id))).unwrap_or_default();
        format!("*{}*\n{}{id}", name(at), escape(&words))
    };
    let mut body: Vec<_> = told.iter().take(MOST_LINES).map(line).map(|text| blocks::section(&text)).collect();
    if told.len() > MOST_LINES {
        body.push(blocks::section(&format!("and {} more", told.len() - MOST_LINES)));
    }
    body
}

fn name(destination: &Destination) -> String {
    let short = destination.id().as_str().split('-').next().unwrap_or_default();
    match destination {
        Destination::DataSource(_) => format!("Power BI data source {short}"),
        Destination::Connection(_) => format!("Fabric connection {short}"),
    }
}
