//! Messages: what a person is told outside a rotation's card. Help, lists, what is due, what to tap next.

use serde_json::{Value, json};

use super::blocks::{self, Style, escape};
use crate::domain::listing::Listed;
use crate::domain::rotation::Rotation;
use crate::domain::time::Timestamp;

/// The button that leads to the page; Slack tells of its taps as of any other's.
pub const PAGE_BUTTON: &str = "open_page";

/// The button that opens the request form when Slack's first chance was missed.
pub const OPEN_BUTTON: &str = "open_form";

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

    /// A message of one paragraph that is ours; whatever is not must be escaped already.
    pub fn pointing(mrkdwn: &str) -> Self {
        Self { text: mrkdwn.to_owned(), blocks: vec![blocks::section(mrkdwn)] }
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

/// What everybody has to know before they type.
pub(super) const WARNING: &str = "Never type a password or key after a command. A form asks for it.";

/// Help, for `command` as it is called here.
pub fn help(command: &str) -> Message {
    let lines = [
        format!("*{command} rotate* _target_   change its credential everywhere it is kept"),
        format!("*{command} rotate*   the same, choosing from a list"),
        format!("*{command} list* _words_   the targets there are"),
        format!("*{command} status* _target_   what is going on, or what happened last"),
        format!("*{command} whoami* _target_   what you may do, and why"),
        format!("*{command} history* _target_   who did what with it"),
        format!("*{command} doctor* _target_   for operators: what is missing, and what to do"),
        format!("*{command} help*   this text"),
    ];
    Message {
        text: format!("{command} rotate, list, status, whoami, history, doctor, help. {WARNING}"),
        blocks: vec![blocks::section(&lines.join("\n")), blocks::context(WARNING)],
    }
}

/// Targets one list shows: each has a block of its own, and a message holds fifty.
pub const LISTED: usize = 40;

/// The targets found by a search, at most [`LISTED`]: whose they are, what happened last, what is due.
pub fn list(found: &[Listed], more: usize, command: &str, now: Timestamp) -> Message {
    if found.is_empty() {
        return Message::plain(&format!(
            "No target matches. {command} list without words shows all; an empty list means that the catalog has none yet."
        ));
    }
    let mut body: Vec<_> = found.iter().map(|entry| blocks::section(&lines(entry, now))).collect();
    if more > 0 {
        body.push(blocks::context(&format!("and {more} more: add words to narrow the list")));
    }
    Message { text: format!("Targets: {}", names(found.iter())), blocks: body }
}

/// A target in short lines, one below the other, as they fit on a phone.
fn lines(entry: &Listed, now: Timestamp) -> String {
    let mut lines = vec![format!("*{}*   {}", entry.name, escape(&entry.title))];
    if let Some(owner) = &entry.owner {
        lines.push(format!("Owner: {}", escape(owner)));
    }
    if let Some(last) = &entry.last {
        lines.push(format!("Last: {} {}", last.how.words(), moment(last.at)));
    }
    if let Some(due) = entry.due() {
        let words = if due < now { "*Overdue* since" } else { "Due" };
        lines.push(format!("{words} {}", day(due)));
    }
    if let Some(live) = &entry.live {
        lines.push(format!("Under way: reference {}", live.reference()));
    }
    lines.join("\n")
}

/// Targets one reminder tells of: each has two blocks, and a message holds fifty.
pub const REMINDED: usize = 20;

/// The targets that are due, at most [`REMINDED`], each with a button that opens the form for it.
pub fn due(targets: &[&Listed], now: Timestamp) -> Message {
    let mut body = vec![blocks::header("Due for rotation")];
    for target in targets {
        let name = target.name.as_str();
        let text = format!("Rotate {name}");
        let open = blocks::button(&text, &format!("{text}: opens the form"), OPEN_BUTTON, name, Style::Plain);
        body.push(blocks::section(&lines(target, now)));
        body.push(blocks::actions(&[open]));
    }
    body.push(blocks::context("You will hear of them once a week until they are rotated."));
    Message { text: format!("Due for rotation: {}", names(targets.iter().copied())), blocks: body }
}

fn names<'a>(targets: impl Iterator<Item = &'a Listed>) -> String {
    let names: Vec<_> = targets.map(|target| target.name.as_str()).collect();
    blocks::clip(&names.join(", "), blocks::SECTION_TEXT)
}

/// One target with nothing live: what happened last.
pub fn resting(entry: &Listed) -> Message {
    let text = match entry.last {
        None => "Nothing is going on. It was never rotated from here.".to_owned(),
        Some(_) => "Nothing is going on.".to_owned(),
    };
    let body = blocks::section(&format!("*{}*: {text}{}", escape(&entry.title), last(entry)));
    Message { text: format!("{}: {text}", escape(&entry.title)), blocks: vec![body] }
}

/// The link to the page on which the credential is entered; for the requester's eyes only.
pub fn link(rotation: &Rotation, link: &str) -> Message {
    let name = escape(&rotation.target.title);
    let text = format!(
        "Enter the credential of {name} on a page that encrypts it on your own device. The link works for you, for ten minutes, once."
    );
    let open = blocks::link_button("Open the page", "Open the page that takes the credential", PAGE_BUTTON, link);
    Message { blocks: vec![blocks::section(&text), blocks::actions(&[open])], text }
}

/// What is said when a form could not be opened in Slack's three seconds.
pub fn open_form_again(target: &str) -> Message {
    let text = "Slack's time for opening the form ran out. Nothing was changed.";
    let open = blocks::button("Open form", "Open the rotation form", OPEN_BUTTON, target, Style::Primary);
    Message { text: text.to_owned(), blocks: vec![blocks::section(text), blocks::actions(&[open])] }
}

/// What is said when the form behind a card's button could not be opened in time; the button is still there.
pub fn tap_again(button: &str) -> Message {
    Message::plain(&format!("Slack's time for opening the form ran out. Tap {button} once more; nothing was changed."))
}

fn last(entry: &Listed) -> String {
    entry.last.as_ref().map_or_else(String::new, |last| format!("   {} {}", last.how.words(), moment(last.at)))
}

/// A day in the reader's own time zone, as an ISO date where that is not shown.
fn day(at: Timestamp) -> String {
    let iso = at.iso();
    format!("<!date^{}^{{date_short_pretty}}|{}>", at.as_secs(), iso.get(..10).unwrap_or(&iso))
}

/// A moment in the reader's own time zone, with ISO time where that is not shown.
pub(super) fn moment(at: Timestamp) -> String {
    format!("<!date^{}^{{date_short_pretty}} {{time}}|{}>", at.as_secs(), at.iso())
}
