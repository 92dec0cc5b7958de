//! Buttons in Teams' cards: an opaque id in each, a way round for clients on which `Action.Execute` does nothing.

use serde_json::{Value, json};

use super::draw::bare;
use super::text::{Look, lines, plain, put};
use crate::codec::json::object;
use crate::codec::sheet::{Action, Button, Confirm, Form, Text, clip};

/// UTF-16 units on a button, and of what is said about it.
const WORDS: usize = 75;
/// Buttons that are shown in a row, rather than behind a menu (Teams, Cards reference).
const SHOWN: usize = 6;

/// Buttons, in rows.
pub fn rows(buttons: &[Button]) -> Vec<Value> {
    let row = |row: &[Button]| object! { "type": "ActionSet", "actions": row.iter().map(button).collect::<Vec<_>>() };
    buttons.chunks(SHOWN).map(row).collect()
}

/// The button that sends a form. `occurrence` comes back with it and tells this one from another on another screen.
pub fn send(form: &Form, occurrence: &str) -> Value {
    let data = object! { "form": form.kind.name(), "about": form.about.as_str(), "occurrence": occurrence };
    object! { "type": "Action.Submit", "title": clip(form.submit, WORDS), "data": data }
}

fn button(button: &Button) -> Value {
    let words = |words: &str| plain(&Text::from(words.to_owned()), WORDS);
    let mut drawn = object! { "title": words(&button.words), "tooltip": words(&button.spoken) };
    let data = object! { "action": button.action.name(), "value": button.value.as_str() };
    match (&button.url, &button.confirm) {
        (Some(url), _) => {
            put(&mut drawn, "type", "Action.OpenUrl");
            put(&mut drawn, "url", url.as_str());
        }
        (None, _) if opens(button.action) => submit(&mut drawn, opening(data)),
        (None, None) => execute(&mut drawn, button.action, data),
        (None, Some(confirm)) => {
            let mut yes = object! { "title": confirm.yes, "tooltip": words(&button.spoken) };
            execute(&mut yes, button.action, data);
            put(&mut drawn, "type", "Action.ShowCard");
            put(&mut drawn, "card", asked(confirm, yes));
        }
    }
    drawn
}

/// Whether a tap shows a dialog.
const fn opens(action: Action) -> bool {
    matches!(action, Action::Enter | Action::Reject | Action::Open | Action::OpenBreakGlass | Action::OpenRollback)
}

/// The same data, and what makes Teams ask for a dialog (Teams, Dialogs: Invoke a dialog from a card).
fn opening(mut data: Value) -> Value {
    put(&mut data, "msteams", object! { "type": "task/fetch" });
    data
}

fn submit(drawn: &mut Value, data: Value) {
    put(drawn, "type", "Action.Submit");
    put(drawn, "data", data);
}

/// A tap that is answered with the card as it is then; where clients do not know it, the tap arrives as a message.
fn execute(drawn: &mut Value, action: Action, data: Value) {
    let mut fallback = drawn.clone();
    submit(&mut fallback, data.clone());
    put(drawn, "type", "Action.Execute");
    put(drawn, "verb", action.name());
    put(drawn, "data", data);
    put(drawn, "fallback", fallback);
}

/// What is asked before a tap counts: it unfolds below the button, and a second tap on that folds it again.
fn asked(confirm: &Confirm, yes: Value) -> Value {
    let texts = [Text::bold(confirm.title), Text::from(confirm.text.clone())];
    let mut card = bare(texts.iter().flat_map(|text| lines(text, Look::Plain)).collect());
    put(&mut card, "actions", json!([yes]));
    card
}
