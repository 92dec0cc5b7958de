//! The history of a target, or of everything, as people read it: who did what, and where it led.

use crate::codec::audit::words::{did, plain};
use crate::codec::sheet::{Part, Sheet, Span, Text, clip};
use crate::domain::audit::{Entry, Origin};
use crate::domain::names::TargetName;
use crate::domain::rotation::Person;

/// Characters of a reason that are shown: the whole is in the export.
const REASON: usize = 80;

/// Lines of a paragraph: in Slack at most about 700 characters each, as every character of a reason can become five.
const LINES: usize = 4;

/// What happened last, the latest first; of that target, or of all.
pub fn history(entries: &[Entry], target: Option<&TargetName>) -> Sheet {
    let of = target.map_or_else(|| "all targets".to_owned(), ToString::to_string);
    if entries.is_empty() {
        return Sheet::plain(format!("The audit knows of nothing that was done with {of}."));
    }
    let title = format!("What happened last: {of}");
    let mut body = vec![Part::Paragraph(Text::bold(title.clone()))];
    let lines = |part: &[Entry]| Text::lines(part.iter().map(|entry| line(entry, target.is_none())));
    body.extend(entries.chunks(LINES).map(|part| Part::Paragraph(lines(part))));
    Sheet { text: title.into(), body }
}

fn line(entry: &Entry, with_target: bool) -> Text {
    let mut text = Text::from(Span::Moment(entry.at)).and("  ");
    if entry.break_glass {
        text = text.join(Text::bold("break-glass").and(" "));
    }
    text = match (&entry.who, entry.from) {
        (Some(id), _) => {
            let name = entry.name.clone().unwrap_or_else(|| "somebody".to_owned());
            text.and(&Person { id: id.clone(), name, also: Vec::new() }).and(" ")
        }
        (None, Origin::Admin) => text.and("the operator "),
        (None, Origin::Source) => text.and(format!("{} ", entry.name.as_deref().unwrap_or("a secret manager"))),
        (None, Origin::Slack | Origin::Teams | Origin::Page | Origin::Clock) => text,
    };
    let did = did(entry);
    let space = if did.is_empty() || entry.stage.is_none() { "" } else { " " };
    text = text.and(did + space);
    if let Some(stage) = &entry.stage {
        text = text.and("→ ").join(Text::bold(plain(stage)));
    }
    let more = entry.reason.as_deref().or(entry.note.as_deref());
    let more = more.map(|more| format!(": {}", clip(more, REASON))).unwrap_or_default();
    let target = entry.target.as_ref().filter(|_| with_target).map(|name| format!(" · {name}")).unwrap_or_default();
    let reference = entry.rotation.as_ref().map(|id| format!(" · {}", id.reference())).unwrap_or_default();
    text.and(format!("{more}{target}{reference}"))
}
