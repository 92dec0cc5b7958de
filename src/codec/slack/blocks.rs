//! Block Kit pieces that keep Slack's limits whatever is put into them (Slack API, Reference: Blocks).

use serde_json::{Value, json};

use crate::codec::json::object;
use crate::codec::sheet::{Button, Input, Style, Suggestion, clip};

/// Blocks a message may have.
pub const MESSAGE_BLOCKS: usize = 50;
/// Blocks a form or an App Home may have.
pub const VIEW_BLOCKS: usize = 100;
/// Characters of a section's text.
const SECTION_TEXT: usize = 3000;
const HEADER_TEXT: usize = 150;
const BUTTON_TEXT: usize = 75;
const BUTTON_VALUE: usize = 2000;
const ACCESSIBILITY_LABEL: usize = 75;
const CONFIRM_TITLE: usize = 100;
const CONFIRM_TEXT: usize = 300;
const CONFIRM_BUTTON: usize = 30;
const LABEL_TEXT: usize = 2000;
const HINT_TEXT: usize = 2000;
const PLACEHOLDER_TEXT: usize = 150;
const OPTION_TEXT: usize = 75;
/// Characters a text input takes.
const INPUT_TEXT: usize = 3000;
/// Options a typeahead answers with.
pub const OPTIONS: usize = 100;

/// Writes what somebody else wrote, so that it cannot mention, link or forge a line (Slack API, Formatting text).
pub fn escape(out: &mut String, text: &str) {
    let begun = out.len();
    let mut rest = text;
    while let Some(at) = rest.bytes().position(may_mean_something) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let mut after = from.chars();
        match after.next() {
            Some('&') => out.push_str("&amp;"),
            Some('<') => out.push_str("&lt;"),
            Some('>') => out.push_str("&gt;"),
            // A line of its own could look like one of ours.
            Some('\n' | '\r' | '\u{2028}' | '\u{2029}') => out.push(' '),
            // Within a word it marks nothing, and codes that are full of it can be copied.
            Some('_') if out.get(begun..).is_some_and(ends_in_word) && begins_with_word(after.as_str()) => {
                out.push('_')
            }
            // Marks of emphasis; a zero-width space in front makes them plain.
            Some(mark @ ('*' | '_' | '~' | '`')) => {
                out.push('\u{200b}');
                out.push(mark);
            }
            Some(other) => out.push(other),
            None => {}
        }
        rest = after.as_str();
    }
    out.push_str(rest);
}

/// Whether a character that begins with this byte may have to be escaped; others are copied by the run. The two that
/// separate lines and are not ASCII begin with E2.
#[expect(clippy::indexing_slicing, reason = "a table of 256 has a place for every byte")]
fn may_mean_something(byte: u8) -> bool {
    static TABLE: [bool; 256] = {
        let mut table = [false; 256];
        let mut marks: &[u8] = b"&<>\n\r*_~`\xE2";
        while let [mark, rest @ ..] = marks {
            table[*mark as usize] = true;
            marks = rest;
        }
        table
    };
    TABLE[usize::from(byte)]
}

fn begins_with_word(text: &str) -> bool {
    text.chars().next().is_some_and(char::is_alphanumeric)
}

fn ends_in_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_alphanumeric)
}

fn plain(text: &str, most: usize) -> Value {
    object! { "type": "plain_text", "text": clip(text, most), "emoji": false }
}

/// A heading.
pub fn header(text: &str) -> Value {
    object! { "type": "header", "text": plain(text, HEADER_TEXT) }
}

/// Text that Slack does not look for names and links in: `@here` in a reason stays a word.
fn verbatim(mrkdwn: &str) -> Value {
    object! { "type": "mrkdwn", "text": clip(mrkdwn, SECTION_TEXT), "verbatim": true }
}

/// A paragraph of mrkdwn; whatever is not ours must be escaped already.
pub fn section(mrkdwn: &str) -> Value {
    object! { "type": "section", "text": verbatim(mrkdwn) }
}

/// A paragraph of mrkdwn with a button beside it.
pub fn offer(mrkdwn: &str, button: Value) -> Value {
    object! { "type": "section", "text": verbatim(mrkdwn), "accessory": button }
}

/// A small line of mrkdwn below.
pub fn context(mrkdwn: &str) -> Value {
    object! { "type": "context", "elements": [verbatim(mrkdwn)] }
}

/// A button.
pub fn button(of: &Button) -> Value {
    let mut button = object! {
        "type": "button",
        "text": plain(&of.words, BUTTON_TEXT),
        "accessibility_label": clip(&of.spoken, ACCESSIBILITY_LABEL),
        "action_id": of.action.name(),
    };
    add(&mut button, "value", (!of.value.is_empty()).then(|| json!(clip(&of.value, BUTTON_VALUE))));
    let style = match of.style {
        Style::Primary => Some("primary"),
        Style::Danger => Some("danger"),
        Style::Plain => None,
    };
    add(&mut button, "style", style.map(Value::from));
    add(&mut button, "url", of.url.as_deref().map(Value::from));
    let confirm = of.confirm.as_ref().map(|confirm| {
        object! {
            "title": plain(confirm.title, CONFIRM_TITLE),
            "text": plain(&confirm.text, CONFIRM_TEXT),
            "confirm": plain(confirm.yes, CONFIRM_BUTTON),
            "deny": plain(confirm.no, CONFIRM_BUTTON),
        }
    });
    add(&mut button, "confirm", confirm);
    button
}

/// A row of buttons.
pub fn actions(buttons: Vec<Value>) -> Value {
    object! { "type": "actions", "elements": buttons }
}

/// An input with a label. It never has an initial value.
pub fn input(input: Input) -> Value {
    match input {
        Input::Text { id, label, hint, multiline, optional, secret, longest } => {
            let seen = if secret { "Visible as you type; not stored in Slack messages." } else { "" };
            let hint = [hint, seen].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" ");
            let element = object! {
                "type": "plain_text_input",
                "action_id": "value",
                "multiline": multiline,
                "max_length": longest.min(INPUT_TEXT),
            };
            labelled(id, label, Some(&hint), optional, element)
        }
        Input::Target { id, label, placeholder } => {
            let element = object! {
                "type": "external_select",
                "action_id": id,
                "placeholder": plain(placeholder, PLACEHOLDER_TEXT),
                "min_query_length": 0,
            };
            labelled(id, label, None, false, element)
        }
    }
}

fn labelled(block: &str, label: &str, hint: Option<&str>, optional: bool, element: Value) -> Value {
    let mut input = object! {
        "type": "input",
        "block_id": block,
        "label": plain(label, LABEL_TEXT),
        "optional": optional,
        "element": element,
    };
    add(&mut input, "hint", hint.map(|hint| plain(hint, HINT_TEXT)));
    input
}

/// Adds a field that Slack wants absent rather than empty.
fn add(object: &mut Value, name: &str, value: Option<Value>) {
    if let (Some(fields), Some(value)) = (object.as_object_mut(), value) {
        fields.insert(name.to_owned(), value);
    }
}

/// One option of a choice.
pub fn option(of: &Suggestion) -> Value {
    object! { "text": plain(&of.words, OPTION_TEXT), "value": of.value.as_str() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_mention_link_or_forge() {
        let escape = |text: &str| {
            let mut out = String::new();
            escape(&mut out, text);
            out
        };
        let evil = "<!channel> *Approved* by\n<@U0BEN> & `x`";
        let tame = escape(evil);
        assert!(!tame.contains('<') && !tame.contains('\n'), "{tame}");
        assert_eq!(tame, "&lt;!channel&gt; \u{200b}*Approved\u{200b}* by &lt;@U0BEN&gt; &amp; \u{200b}`x\u{200b}`");
        assert_eq!(
            escape("DM_GWPipeline _x_ y_"),
            "DM_GWPipeline \u{200b}_x\u{200b}_ y\u{200b}_",
            "codes stay as they are"
        );
        assert_eq!(escape("a\u{2028}b\u{2029}c\r\nd… €"), "a b c  d… €", "lines end in many ways");
        let mut out = String::from("a");
        super::escape(&mut out, "_b");
        assert_eq!(out, "a\u{200b}_b", "what stands before is another's");
        assert_eq!(escape("é_ü *_a_"), "é_ü \u{200b}*\u{200b}_a\u{200b}_", "letters are not ASCII alone");
    }
}
