//! Draws what is said in Teams' way: sheets as Adaptive Cards of version 1.5, forms and notices as dialogs.

use serde_json::{Value, json};

use super::actions;
use super::text::{Look, lines, plain, put};
use crate::codec::json::{self, object};
use crate::codec::sheet::{Form, Input, Item, Notice, Part, Sheet, Suggestion, Text, clip};
use crate::domain::names::RotationId;

/// What a card is announced as.
pub const ADAPTIVE: &str = "application/vnd.microsoft.card.adaptive";
/// The newest version that Teams shows (Teams, Cards reference).
const VERSION: &str = "1.5";
/// Bytes of a card, in whichever encoding it has more: with what goes around it, less than the 80 KB that are safe for a
/// message (Teams, Format your bot messages).
pub const CARD: usize = 76_000;
/// UTF-16 units of what notifications show.
const SUMMARY: usize = 300;
/// Targets that a list offers.
pub const CHOICES: usize = 100;
/// UTF-16 units of one of them.
const CHOICE: usize = 100;

/// A message, as the connector takes it.
pub fn message(sheet: &Sheet) -> Value {
    object! { "type": "message", "summary": plain(&sheet.text, SUMMARY), "attachments": [attached(card(sheet))] }
}

/// A card. What does not fit into a message is left out and counted; the buttons and the lines below them always fit.
pub fn card(sheet: &Sheet) -> Value {
    let parts: Vec<_> = sheet.body.iter().map(part).collect();
    let ends = |part: &Part| matches!(part, Part::Buttons(_) | Part::Small(_));
    let tail = sheet.body.iter().rev().take_while(|part| ends(part)).count();
    let (said, tail) = parts.split_at(parts.len() - tail);
    let mut left = CARD.saturating_sub(tail.iter().map(|part| size(part)).sum());
    // Some is kept for saying so.
    left = left.saturating_sub(1000);
    let fits = |part: &&Vec<Value>| left.checked_sub(size(part)).map(|rest| left = rest).is_some();
    let kept = said.iter().take_while(fits).count();
    let folded = (kept < said.len()).then(|| {
        let more = format!("and {} more, for which a message has no room", said.len() - kept);
        lines(&Text::from(more), Look::Small)
    });
    let mut card = bare(said.iter().take(kept).chain(&folded).chain(tail).flatten().cloned().collect());
    // While there is something to tap, a client that has not looked for a minute fetches the card anew: it may have missed its
    // being rewritten (Teams, Up to date cards).
    if let Some(id) = rotation(sheet) {
        let data = object! { "action": "refresh", "value": id };
        let action = object! { "type": "Action.Execute", "title": "Refresh", "verb": "refresh", "data": data };
        put(&mut card, "refresh", object! { "action": action });
    }
    card
}

/// The rotation that a card's buttons are about.
fn rotation(sheet: &Sheet) -> Option<&str> {
    let rows = sheet.body.iter().filter_map(|part| if let Part::Buttons(row) = part { Some(row) } else { None });
    rows.flatten().map(|button| button.value.as_str()).find(|value| RotationId::parse(value).is_ok())
}

/// A form, in a dialog. `occurrence` comes back with it and tells this one from another on another screen; `choices` are the
/// targets it can choose from.
pub fn form(form: &Form, occurrence: &str, choices: &[Suggestion]) -> Value {
    let draw = |item: &Item| match item {
        Item::Says(says) => part(says),
        Item::Asks(asks) => input(*asks, choices),
    };
    let mut card = bare(form.body.iter().flat_map(draw).collect());
    // At the card's own level: elsewhere in a dialog, phones have let a button do nothing.
    put(&mut card, "actions", json!([actions::send(form, occurrence)]));
    dialog(form.title, object! { "card": attached(card) })
}

/// A dialog that says one thing, in place of a form or of what was asked for.
pub fn notice(notice: &Notice) -> Value {
    let card = bare(lines(&Text::from(notice.text.clone()), Look::Plain));
    dialog(notice.title, object! { "card": attached(card) })
}

/// A dialog that shows a page of ours; where dialogs show no pages, Teams opens it in a browser.
pub fn page(title: &str, url: &str) -> Value {
    dialog(title, object! { "url": url, "fallbackUrl": url })
}

/// A card of those elements.
pub(super) fn bare(body: Vec<Value>) -> Value {
    // What is shown in its place where 1.5 is not known may be read as Markdown, so it repeats nothing that anybody wrote.
    let fallback = "This version of Teams is too old to show this. Update it, or look from another device.";
    object! { "type": "AdaptiveCard", "version": VERSION, "fallbackText": fallback, "body": body }
}

fn attached(card: Value) -> Value {
    object! { "contentType": ADAPTIVE, "content": card }
}

/// The answer that opens a dialog, or puts another in its place: to `task/fetch`, `task/submit`, and both of a message
/// extension (Teams, Dialogs: Responding to submit messages).
fn dialog(title: &str, mut value: Value) -> Value {
    put(&mut value, "title", title);
    put(&mut value, "height", "large");
    put(&mut value, "width", "medium");
    object! { "task": object! { "type": "continue", "value": value } }
}

/// What elements take of a message. Teams counts in UTF-16; what is sent is UTF-8.
fn size(elements: &[Value]) -> usize {
    let one = |element: &Value| {
        let text = json::text(element);
        1 + text.len().max(2 * text.encode_utf16().count())
    };
    elements.iter().map(one).sum()
}

fn part(part: &Part) -> Vec<Value> {
    match part {
        Part::Heading(words) => lines(&Text::from(words.clone()), Look::Heading),
        Part::Paragraph(text) => lines(text, Look::Plain),
        Part::Small(text) => lines(text, Look::Small),
        Part::Offer(text, button) => {
            let mut drawn = lines(text, Look::Plain);
            drawn.extend(actions::rows(std::slice::from_ref(button)));
            drawn
        }
        Part::Buttons(buttons) => actions::rows(buttons),
    }
}

fn input(input: Input, choices: &[Suggestion]) -> Vec<Value> {
    match input {
        Input::Text { id, label, hint, multiline, optional, secret, longest } => {
            let mut asked = object! {
                "type": "Input.Text",
                "id": id,
                "label": label,
                "isMultiline": multiline,
                "isRequired": !optional,
                "errorMessage": "This is needed.",
                "maxLength": longest,
            };
            // Clients mask a single line only.
            if secret && !multiline {
                put(&mut asked, "style", "password");
            }
            let seen = if secret { "It passes through Teams, and is kept in no message." } else { "" };
            let hints = [hint, seen].into_iter().flat_map(|words| lines(&Text::from(words), Look::Small));
            let mut drawn = vec![asked];
            drawn.extend(hints);
            drawn
        }
        Input::Target { id, label, placeholder } => {
            let choice =
                |choice: &Suggestion| object! { "title": clip(&choice.words, CHOICE), "value": choice.value.as_str() };
            let mut drawn = vec![object! {
                "type": "Input.ChoiceSet",
                "id": id,
                "label": label,
                "placeholder": placeholder,
                "style": "filtered",
                "isRequired": true,
                "errorMessage": "Choose a target.",
                "choices": choices.iter().take(CHOICES).map(choice).collect::<Vec<_>>(),
            }];
            if choices.len() > CHOICES {
                let more = "There are more, which are not in this list. Type rotate and the name.";
                drawn.extend(lines(&Text::from(more), Look::Small));
            }
            drawn
        }
    }
}
