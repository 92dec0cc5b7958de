//! Adaptive Cards as plain lines: what a person reads, buttons in brackets, fields with a line to write on.

use serde_json::Value;

/// What follows an input's label.
const BLANK: &str = ": ____________";

/// What stands on a card.
pub(crate) fn lines(card: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let buttons = list(card, "actions").iter().filter_map(button).collect::<Vec<_>>().join("  ");
    for element in list(card, "body") {
        match text(element, "type") {
            "RichTextBlock" => lines.push(plain(&list(element, "inlines").iter().map(run).collect::<String>())),
            "ActionSet" => {
                lines.push(list(element, "actions").iter().filter_map(button).collect::<Vec<_>>().join("  "))
            }
            _ => lines.extend(element.get("label").and_then(Value::as_str).map(|label| format!("{label}{BLANK}"))),
        }
    }
    lines.extend(Some(buttons).filter(|buttons| !buttons.is_empty()));
    lines
}

/// The inputs of a dialog: the name that a value goes by, and the label above it.
pub(crate) fn inputs(card: &Value) -> Vec<(String, String)> {
    let input = |element: &Value| Some((own(element, "id")?, own(element, "label")?));
    list(card, "body").iter().filter_map(input).collect()
}

fn run(inline: &Value) -> String {
    inline.as_str().unwrap_or(text(inline, "text")).to_owned()
}

fn button(action: &Value) -> Option<String> {
    Some(format!("[{}]", own(action, "title")?))
}

/// Dates and times as the service would show them in UTC: `{{DATE(2026-11-21T18:30:00Z, SHORT)}}`. What only parts two
/// characters is not there.
fn plain(text: &str) -> String {
    let mut drawn = String::new();
    let mut rest = text;
    while let Some((before, (inside, after))) =
        rest.split_once("{{").and_then(|(before, tail)| Some((before, tail.split_once("}}")?)))
    {
        let moment = inside.split_once('(').map_or("", |(_, moment)| moment);
        let (day, time) = moment.split_once('T').unwrap_or((moment, ""));
        drawn.push_str(before);
        drawn.push_str(if inside.starts_with("TIME") { time.get(..5).unwrap_or(time) } else { day });
        rest = after;
    }
    drawn.push_str(rest);
    drawn.replace('\u{200b}', "")
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn own(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{inputs, lines};
    use serde_json::json;

    #[test]
    fn a_card_reads_as_lines_with_buttons_in_brackets() {
        let card = json!({
            "body": [
                {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "Asked by "}, {"type": "TextRun", "text": "Ana"}]},
                {"type": "RichTextBlock", "inlines": [
                    {"type": "TextRun", "text": "until {{DATE(2026-11-21T18:30:00Z, SHORT)}} {{TIME(2026-11-21T18:30:00Z)}} [a]\u{200b}(b)"},
                ]},
                {"type": "Input.Text", "id": "reason", "label": "Reason"},
                {"type": "ActionSet", "actions": [{"title": "Approve"}, {"title": "Reject"}]},
            ],
            "actions": [{"title": "Send"}],
        });
        let drawn =
            ["Asked by Ana", "until 2026-11-21 18:30 [a](b)", "Reason: ____________", "[Approve]  [Reject]", "[Send]"];
        assert_eq!(lines(&card), drawn);
        assert_eq!(inputs(&card), [("reason".to_owned(), "Reason".to_owned())]);
    }
}
