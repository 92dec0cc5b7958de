//! What Teams knows of Adaptive Cards, and what it lets one message hold.

use serde_json::Value;

/// Elements, inputs and actions that are drawn; all are in version 1.5 (Adaptive Cards, Schema explorer).
const KNOWN: [&str; 9] = [
    "AdaptiveCard",
    "RichTextBlock",
    "TextRun",
    "ActionSet",
    "Input.Text",
    "Input.ChoiceSet",
    "Action.Execute",
    "Action.Submit",
    "Action.OpenUrl",
];
/// Bytes of a message that are safe (Teams, Format your bot messages).
const MESSAGE: usize = 80_000;
/// Buttons that are shown in a row.
const ROW: usize = 6;

/// Every object within a value, itself included.
pub fn objects(value: &Value) -> Vec<&Value> {
    let within = match value {
        Value::Array(items) => items.iter().flat_map(objects).collect(),
        Value::Object(fields) => fields.values().flat_map(objects).collect(),
        _ => Vec::new(),
    };
    value.is_object().then_some(value).into_iter().chain(within).collect()
}

/// Those of one kind.
pub fn of<'v>(value: &'v Value, kind: &str) -> Vec<&'v Value> {
    objects(value).into_iter().filter(|object| object["type"] == kind).collect()
}

/// Whether a message, or what opens a dialog, is what Teams takes.
pub fn taken(message: &Value) {
    let text = message.to_string();
    let size = text.len().max(2 * text.encode_utf16().count());
    assert!(size <= MESSAGE, "{size} bytes: {}", text.chars().take(300).collect::<String>());
    for attached in objects(message).into_iter().filter(|object| object.get("contentType").is_some()) {
        assert_eq!(attached["contentType"], "application/vnd.microsoft.card.adaptive");
        card(&attached["content"]);
    }
}

fn card(card: &Value) {
    for object in objects(card) {
        match object["type"].as_str() {
            Some("AdaptiveCard") => assert_eq!(object["version"], "1.5"),
            Some("TextRun") => assert!(!object["text"].as_str().unwrap().is_empty()),
            Some("task/fetch") => {}
            Some("Action.ShowCard") => assert_eq!(object["card"]["type"], "AdaptiveCard"),
            Some(kind) => assert!(KNOWN.contains(&kind), "{kind}"),
            // Choices, what a button carries, and how the card is fetched anew.
            None => {
                let known = ["title", "value", "form", "action"];
                assert!(known.iter().any(|name| object.get(name).is_some()), "{object:?}");
            }
        }
        if let Some(row) = object["actions"].as_array() {
            assert!((1..=ROW).contains(&row.len()), "{row:?}");
        }
    }
}
