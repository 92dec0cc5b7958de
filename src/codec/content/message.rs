//! Messages: what a person is told outside a rotation's card. Help, lists, what is due, what to tap next.

use crate::codec::sheet::{Action, Button, Part, Sheet, Span, Style, Text, clip};
use crate::codec::words;
use crate::domain::listing::Listed;
use crate::domain::names::TargetName;
use crate::domain::policy::Manner;
use crate::domain::rotation::Rotation;
use crate::domain::source::{Binding, News};
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
use crate::domain::trouble::Trouble;

/// What everybody has to know before they type.
pub(super) const WARNING: &str = "Never type a password or key after a command. A form asks for it.";

/// Help, for `command` as it is called here.
pub fn help(command: &str) -> Sheet {
    let line = |verb: &'static str, blank: Option<&'static str>, does: &'static str| {
        let text = Text::bold([command, " ", verb].concat());
        let text = blank.map(Span::Blank).into_iter().fold(text, |text, blank| text.and(" ").and(blank));
        text.and("   ").and(does)
    };
    let lines = [
        line("rotate", Some("target"), "change its credential everywhere it is kept"),
        line("rotate", None, "the same, choosing from a list"),
        line("list", Some("words"), "the targets there are"),
        line("status", Some("target"), "what is going on, or what happened last"),
        line("whoami", Some("target"), "what you may do, and why"),
        line("history", Some("target"), "who did what with it"),
        line("rollback", Some("target"), "put the secret manager's previous value back"),
        line("break-glass", Some("target"), "in an emergency: no approval, at any time, and everybody is told"),
        line("doctor", Some("target"), "for operators: what is missing, and what to do"),
        line("pause", Some("secret manager"), "for operators: let what it says wait, until resume"),
        line("help", None, "this text"),
    ];
    Sheet {
        text: format!(
            "{command} rotate, list, status, whoami, history, rollback, break-glass, doctor, pause, resume, help. {WARNING}"
        )
        .into(),
        body: vec![Part::Paragraph(Text::lines(lines)), Part::small(WARNING)],
    }
}

/// Targets one list shows: each has a block of its own, and a message holds fifty.
pub const LISTED: usize = 40;

/// The targets found by a search, at most [`LISTED`]: whose they are, what happened last, what is due.
pub fn list(found: &[Listed], more: usize, command: &str, now: Timestamp) -> Sheet {
    if found.is_empty() {
        return Sheet::plain(format!(
            "No target matches. {command} list without words shows all; an empty list means that the catalog has none yet."
        ));
    }
    let mut body: Vec<_> = found.iter().map(|entry| Part::Paragraph(lines(entry, now))).collect();
    if more > 0 {
        body.push(Part::small(format!("and {more} more: add words to narrow the list")));
    }
    Sheet { text: format!("Targets: {}", names(found.iter())).into(), body }
}

/// A target in short lines, one below the other, as they fit on a phone.
fn lines(entry: &Listed, now: Timestamp) -> Text {
    let mut lines = vec![Text::bold(entry.name.to_string()).and(format!("   {}", entry.title))];
    if let Some(owner) = &entry.owner {
        lines.push(format!("Owner: {owner}").into());
    }
    if let Some(last) = &entry.last {
        lines.push(Text::from(format!("Last: {} ", last.how.words())).and(Span::Moment(last.at)));
    }
    if let Some(due) = entry.due() {
        let words = if due < now { Text::bold("Overdue").and(" since ") } else { Text::from("Due ") };
        lines.push(words.and(Span::Day(due)));
    }
    if let Some(live) = &entry.live {
        lines.push(format!("Under way: reference {}", live.reference()).into());
    }
    Text::lines(lines)
}

/// Targets one reminder tells of: each has two blocks, and a message holds fifty.
pub const REMINDED: usize = 20;

/// The targets that are due, at most [`REMINDED`], each with a button that opens the form for it.
pub fn due(targets: &[&Listed], now: Timestamp) -> Sheet {
    let mut body = vec![Part::Heading("Due for rotation".to_owned())];
    for target in targets {
        let name = target.name.as_str();
        let words = format!("Rotate {name}");
        let open = Button::new(&words, &format!("{words}: opens the form"), Action::Open, name);
        body.push(Part::Paragraph(lines(target, now)));
        body.push(Part::Buttons(vec![open]));
    }
    body.push(Part::small("You will hear of them once a week until they are rotated."));
    Sheet { text: format!("Due for rotation: {}", names(targets.iter().copied())).into(), body }
}

/// Characters of names where nothing is drawn.
const NAMES: usize = 3000;

fn names<'a>(targets: impl Iterator<Item = &'a Listed>) -> String {
    let names: Vec<_> = targets.map(|target| target.name.as_str()).collect();
    clip(&names.join(", "), NAMES)
}

/// One target with nothing live: what happened last.
pub fn resting(entry: &Listed) -> Sheet {
    let text = match entry.last {
        None => "Nothing is going on. It was never rotated from here.",
        Some(_) => "Nothing is going on.",
    };
    let drawn = Text::bold(entry.title.clone()).and(format!(": {text}"));
    let drawn = match &entry.last {
        None => drawn,
        Some(last) => drawn.and(format!("   {} ", last.how.words())).and(Span::Moment(last.at)),
    };
    Sheet { text: format!("{}: {text}", entry.title).into(), body: vec![Part::Paragraph(drawn)] }
}

/// The link to the page on which the credential is entered; for the requester's eyes only.
pub fn link(rotation: &Rotation, link: &str) -> Sheet {
    let text = format!(
        "Enter the credential of {} on a page that encrypts it on your own device. The link works for you, for ten minutes, once.",
        rotation.target.title
    );
    let open = Button::new("Open the page", "Open the page that takes the credential", Action::Page, "");
    offering(text, Button { url: Some(link.to_owned()), ..open })
}

/// The way to the request form where it cannot be opened at once; `late` when the time for it is over.
pub fn open_form(target: Option<&TargetName>, manner: Manner, late: bool) -> Sheet {
    let action = match manner {
        Manner::Usual => Action::Open,
        Manner::BreakGlass => Action::OpenBreakGlass,
        Manner::Rollback => Action::OpenRollback,
    };
    let name = target.map_or("", TargetName::as_str);
    let open = Button::new("Open form", "Open the rotation form", action, name);
    match (late, manner) {
        (true, _) => offering("The form could not be opened in time. Nothing was changed.", open),
        (false, Manner::Usual | Manner::Rollback) => {
            offering("A short form asks why. Nothing is changed before.", open)
        }
        (false, Manner::BreakGlass) => {
            offering("A short form asks why, for everybody to see. Nothing is changed before.", open)
        }
    }
}

/// What is said when the form behind a card's button could not be opened in time; the button is still there.
pub fn tap_again(button: &str) -> Sheet {
    Sheet::plain(format!("The form could not be opened in time. Tap {button} once more; nothing was changed."))
}

/// A sentence, and the button for it.
fn offering(text: impl Into<Text>, button: Button) -> Sheet {
    let text = text.into();
    let body = vec![Part::Paragraph(text.clone()), Part::Buttons(vec![button.styled(Style::Primary)])];
    Sheet { text, body }
}

/// What mends a secret that ends.
const RENEW: &str = "Make a new version there, and a rotation begins here.";

/// To a target's rooms: what happened to its secret, with a button that rotates.
pub fn secret(target: &Target, binding: &Binding, news: News, trouble: Option<&Trouble>) -> Sheet {
    let (name, secret, source) = (&target.title, binding.secret.name(), &binding.source);
    let text = match (news, trouble) {
        (News::Expiring, _) => format!("{name}: {secret} in {source} expires soon. {RENEW}"),
        (News::Expired, _) => format!("{name}: {secret} in {source} has expired. {RENEW}"),
        (News::Due, _) => format!("{name}: {source} says that it is time to rotate {secret}."),
        (_, Some(trouble)) => {
            format!(
                "{name}: {secret} in {source} may have a new version, and cannot be looked at. {}",
                words::trouble(trouble)
            )
        }
        (_, None) => format!("{name}: {source} could not rotate {secret}. What is in place stays."),
    };
    let target = target.name.as_str();
    let words = format!("Rotate {target}");
    let open = Button::new(&words, &format!("{words}: opens the form"), Action::Open, target);
    let body = vec![Part::paragraph(text.clone()), Part::Buttons(vec![open])];
    Sheet { text: text.into(), body }
}
