//! The history of a target, or of everything, as people read it: who did what, and where it led.

use super::blocks::{self, clip, escape};
use super::message::{Message, moment};
use crate::codec::audit::words::{did, plain};
use crate::domain::audit::{Entry, Origin};
use crate::domain::names::TargetName;

/// Characters of a reason that are shown: the whole is in the export.
const REASON: usize = 80;

/// Lines of a section: at most about 700 characters each, as every character of a reason can become five.
const LINES: usize = 4;

/// What happened last, the latest first; of that target, or of all.
pub fn history(entries: &[Entry], target: Option<&TargetName>) -> Message {
    let of = target.map_or_else(|| "all targets".to_owned(), ToString::to_string);
    if entries.is_empty() {
        return Message::plain(&format!("The audit knows of nothing that was done with {of}."));
    }
    let title = format!("What happened last: {of}");
    let lines: Vec<_> = entries.iter().map(|entry| line(entry, target.is_none())).collect();
    let mut body = vec![blocks::section(&format!("*{title}*"))];
    body.extend(lines.chunks(LINES).map(|part| blocks::section(&part.join("\n"))));
    Message { text: title, blocks: body }
}

fn line(entry: &Entry, with_target: bool) -> String {
    let who = match (&entry.who, entry.from) {
        (Some(id), _) if id.is_slack() => format!("<@{}> ", id.slack_id()),
        (Some(_), _) => format!("{} ", escape(entry.name.as_deref().unwrap_or("somebody"))),
        (None, Origin::Admin) => "the operator ".to_owned(),
        (None, Origin::Slack | Origin::Clock) => String::new(),
    };
    let glass = if entry.break_glass { "*break-glass* " } else { "" };
    let did = did(entry);
    let led = entry.stage.as_deref().map(|stage| format!("→ *{}*", plain(stage))).unwrap_or_default();
    let space = if did.is_empty() || led.is_empty() { "" } else { " " };
    let more = entry.reason.as_deref().or(entry.note.as_deref());
    let more = more.map(|more| format!(": {}", escape(&clip(more, REASON)))).unwrap_or_default();
    let target = entry.target.as_ref().filter(|_| with_target).map(|name| format!(" · {name}")).unwrap_or_default();
    let reference = entry.rotation.as_ref().map(|id| format!(" · {}", id.reference())).unwrap_or_default();
    format!("{}  {glass}{who}{did}{space}{led}{more}{target}{reference}", moment(entry.at))
}
