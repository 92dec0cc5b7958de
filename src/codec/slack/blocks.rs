//! Block Kit pieces that keep Slack's limits whatever is put into them (Slack API, Reference: Blocks).

use serde_json::{Value, json};

/// Blocks a message may have.
pub const MESSAGE_BLOCKS: usize = 50;
/// Blocks a form or an App Home may have.
pub const VIEW_BLOCKS: usize = 100;
/// Characters of a section's text.
pub const SECTION_TEXT: usize = 3000;
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
pub const INPUT_TEXT: usize = 3000;
/// Options a typeahead answers with.
pub const OPTIONS: usize = 100;

/// Escapes what somebody else wrote, so that it cannot mention, link or forge a line (Slack API, Formatting text).
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A line of its own could look like one of ours.
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => out.push(' '),
            // Within a word it marks nothing, and codes that are full of it can be copied.
            '_' if before.is_some_and(char::is_alphanumeric) && rest.peek().is_some_and(|c| c.is_alphanumeric()) => {
                out.push('_');
            }
            // Marks of emphasis; a zero-width space in front makes them plain.
            '*' | '_' | '~' | '`' => {
                out.push('\u{200b}');
                out.push(character);
            }
            other => out.push(other),
        }
        before = Some(character);
    }
    out
}

/// Cuts to `most` UTF-16 units, which is never more than Slack counts, and marks the cut.
pub fn clip(text: &str, most: usize) -> String {
    if text.encode_utf16().count() <= most {
        return text.to_owned();
    }
    let mut used = 1;
    let kept = text.chars().take_while(|character| {
        used += character.len_utf16();
        used <= most
    });
    kept.chain(['…']).collect()
}

fn plain(text: &str, most: usize) -> Value {
    json!({ "type": "plain_text", "text": clip(text, most), "emoji": false })
}

/// A heading.
pub fn header(text: &str) -> Value {
    json!({ "type": "header", "text": plain(text, HEADER_TEXT) })
}

/// Text that Slack does not look for names and links in: `@here` in a reason stays a word.
fn verbatim(mrkdwn: &str) -> Value {
    json!({ "type": "mrkdwn", "text": clip(mrkdwn, SECTION_TEXT), "verbatim": true })
}

/// A paragraph of mrkdwn; whatever is not ours must be escaped already.
pub fn section(mrkdwn: &str) -> Value {
    json!({ "type": "section", "text": verbatim(mrkdwn) })
}

/// A paragraph of mrkdwn with a button beside it.
pub fn offer(mrkdwn: &str, button: Value) -> Value {
    json!({ "type": "section", "text": verbatim(mrkdwn), "accessory": button })
}

/// A small line of mrkdwn below.
pub fn context(mrkdwn: &str) -> Value {
    json!({ "type": "context", "elements": [verbatim(mrkdwn)] })
}

/// How a button looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// The expected one; at most one in a row.
    Primary,
    /// An ordinary one.
    Plain,
    /// One that ends something.
    Danger,
}

/// A button: its words, what a screen reader says, our name for it, and the opaque id it carries, if it has one.
pub fn button(text: &str, spoken: &str, action: &str, value: &str, style: Style) -> Value {
    let mut button = json!({
        "type": "button",
        "text": plain(text, BUTTON_TEXT),
        "accessibility_label": clip(spoken, ACCESSIBILITY_LABEL),
        "action_id": action,
    });
    add(&mut button, "value", (!value.is_empty()).then(|| json!(clip(value, BUTTON_VALUE))));
    let style = match style {
        Style::Primary => Some("primary"),
        Style::Danger => Some("danger"),
        Style::Plain => None,
    };
    add(&mut button, "style", style.map(Value::from));
    button
}

/// A button that opens an address.
pub fn link_button(text: &str, spoken: &str, action: &str, url: &str) -> Value {
    let mut button = button(text, spoken, action, "", Style::Primary);
    add(&mut button, "url", Some(json!(url)));
    button
}

/// What is asked before a tap counts.
pub struct Confirm<'a> {
    /// The question.
    pub title: &'a str,
    /// What it means; plain text.
    pub text: &'a str,
    /// The words for yes.
    pub yes: &'a str,
    /// The words for no.
    pub no: &'a str,
}

/// A button that asks before its tap counts.
pub fn confirmed(mut button: Value, confirm: &Confirm<'_>) -> Value {
    let dialog = json!({
        "title": plain(confirm.title, CONFIRM_TITLE),
        "text": plain(confirm.text, CONFIRM_TEXT),
        "confirm": plain(confirm.yes, CONFIRM_BUTTON),
        "deny": plain(confirm.no, CONFIRM_BUTTON),
    });
    add(&mut button, "confirm", Some(dialog));
    button
}

/// A row of buttons.
pub fn actions(buttons: &[Value]) -> Value {
    json!({ "type": "actions", "elements": buttons })
}

/// What can be typed into an input.
pub struct TextInput<'a> {
    /// Our name for the block.
    pub block: &'a str,
    /// What it is.
    pub label: &'a str,
    /// What to know before typing.
    pub hint: Option<&'a str>,
    /// Several lines.
    pub multiline: bool,
    /// May stay empty.
    pub optional: bool,
    /// Longest text.
    pub longest: usize,
}

/// A text input with a label. It never has an initial value.
pub fn text_input(input: &TextInput<'_>) -> Value {
    let element = json!({
        "type": "plain_text_input",
        "action_id": "value",
        "multiline": input.multiline,
        "max_length": input.longest.min(INPUT_TEXT),
    });
    labelled(input.block, input.label, input.hint, input.optional, element)
}

/// A choice that looks its options up while typing.
pub fn typeahead(block: &str, label: &str, placeholder: &str, action: &str) -> Value {
    let element = json!({
        "type": "external_select",
        "action_id": action,
        "placeholder": plain(placeholder, PLACEHOLDER_TEXT),
        "min_query_length": 0,
    });
    labelled(block, label, None, false, element)
}

fn labelled(block: &str, label: &str, hint: Option<&str>, optional: bool, element: Value) -> Value {
    let mut input = json!({
        "type": "input",
        "block_id": block,
        "label": plain(label, LABEL_TEXT),
        "optional": optional,
        "element": element,
    });
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
pub fn option(text: &str, value: &str) -> Value {
    json!({ "text": plain(text, OPTION_TEXT), "value": value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_mention_link_or_forge() {
        let evil = "<!channel> *Approved* by\n<@U0BEN> & `x`";
        let tame = escape(evil);
        assert!(!tame.contains('<') && !tame.contains('\n'), "{tame}");
        assert_eq!(tame, "&lt;!channel&gt; \u{200b}*Approved\u{200b}* by &lt;@U0BEN&gt; &amp; \u{200b}`x\u{200b}`");
        assert_eq!(
            escape("DM_GWPipeline _x_ y_"),
            "DM_GWPipeline \u{200b}_x\u{200b}_ y\u{200b}_",
            "codes stay as they are"
        );
    }

    #[test]
    fn clipping_counts_as_utf16_and_marks_the_cut() {
        assert_eq!(clip("abc", 3), "abc");
        assert_eq!(clip("abcd", 3), "ab…");
        assert_eq!(clip("🔐🔐🔐", 5), "🔐🔐…");
        assert_eq!(clip(&"x".repeat(4000), SECTION_TEXT).encode_utf16().count(), SECTION_TEXT);
    }
}
