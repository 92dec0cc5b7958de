//! The rules for Block Kit's blocks: which there are, their fields, their lengths and counts.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::elements::{self, Place};
use super::text::{self, Findings, Markup};

/// Most blocks of a message (Block Kit; modals and home tabs take 100).
pub(crate) const MESSAGE_BLOCKS: usize = 50;
/// Most blocks of a modal or a home tab.
pub(crate) const VIEW_BLOCKS: usize = 100;

/// Checks a list of blocks.
pub(crate) fn check(found: &mut Findings, at: &str, blocks: &Value, max: usize) {
    let Some(blocks) = blocks.as_array() else { return found.add(at, "must provide an array") };
    if blocks.len() > max {
        found.add(at, &format!("no more than {max} items allowed"));
    }
    let mut ids = BTreeSet::new();
    for (index, value) in blocks.iter().enumerate() {
        let at = format!("{at}/{index}");
        block(found, &at, value);
        let id = value.get("block_id").and_then(Value::as_str);
        if id.is_some_and(|id| !ids.insert(id)) {
            found.add(&format!("{at}/block_id"), "block_id already exists");
        }
    }
}

fn block(found: &mut Findings, at: &str, value: &Value) {
    let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
    let fields: &[&str] = match kind {
        "section" => &["text", "fields", "accessory", "expand"],
        "header" => &["text"],
        "divider" => &[],
        "context" | "actions" | "rich_text" => &["elements"],
        "input" => &["label", "element", "dispatch_action", "hint", "optional"],
        "image" => &["image_url", "alt_text", "title"],
        _ => return found.add(&format!("{at}/type"), &format!("unsupported type: {kind}")),
    };
    let known: Vec<&str> = ["type", "block_id"].iter().chain(fields).copied().collect();
    let Some(object) = found.object(at, value, &known) else { return };
    found.length(at, object, "block_id", 255);
    match kind {
        "section" => section(found, at, object),
        "header" => text::text(found, at, object, "text", Markup::Plain, 150),
        "context" => context(found, at, object),
        "actions" => actions(found, at, object),
        "input" => input(found, at, object),
        "image" => {
            found.required(at, object, "image_url", 3000);
            found.required(at, object, "alt_text", 2000);
            text::optional(found, at, object, "title", 2000);
        }
        "rich_text" => rich_text(found, at, object),
        _ => {}
    }
}

fn section(found: &mut Findings, at: &str, object: &Map<String, Value>) {
    if let Some(value) = object.get("text") {
        text::text_object(found, &format!("{at}/text"), value, Markup::Any, 3000);
    }
    if object.contains_key("fields") {
        for (index, value) in found.list(at, object, "fields", 10).iter().enumerate() {
            text::text_object(found, &format!("{at}/fields/{index}"), value, Markup::Any, 2000);
        }
    } else if !object.contains_key("text") {
        found.add(at, "missing required field: text or fields");
    }
    if let Some(accessory) = object.get("accessory") {
        elements::check(found, &format!("{at}/accessory"), accessory, Place::Accessory);
    }
    found.flag(at, object, "expand");
}

fn context(found: &mut Findings, at: &str, object: &Map<String, Value>) {
    for (index, value) in found.list(at, object, "elements", 10).iter().enumerate() {
        let at = format!("{at}/elements/{index}");
        if value.get("type").is_some_and(|kind| kind == "image") {
            elements::image(found, &at, value);
        } else {
            text::text_object(found, &at, value, Markup::Any, 3000);
        }
    }
}

fn actions(found: &mut Findings, at: &str, object: &Map<String, Value>) {
    let mut ids = BTreeSet::new();
    for (index, value) in found.list(at, object, "elements", 25).iter().enumerate() {
        let at = format!("{at}/elements/{index}");
        let id = elements::check(found, &at, value, Place::Actions);
        if id.is_some_and(|id| !ids.insert(id)) {
            found.add(&format!("{at}/action_id"), "action_id already exists");
        }
    }
}

fn input(found: &mut Findings, at: &str, object: &Map<String, Value>) {
    text::text(found, at, object, "label", Markup::Plain, 2000);
    text::optional(found, at, object, "hint", 2000);
    found.flag(at, object, "dispatch_action");
    found.flag(at, object, "optional");
    match object.get("element") {
        Some(element) => {
            elements::check(found, &format!("{at}/element"), element, Place::Input);
        }
        None => found.add(at, "missing required field: element"),
    }
}

fn rich_text(found: &mut Findings, at: &str, object: &Map<String, Value>) {
    const PARTS: [&str; 4] = ["rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"];
    let elements = object.get("elements").and_then(Value::as_array);
    for (index, value) in elements.into_iter().flatten().enumerate() {
        let at = format!("{at}/elements/{index}");
        if !value.get("type").and_then(Value::as_str).is_some_and(|kind| PARTS.contains(&kind)) {
            found.add(&format!("{at}/type"), "unsupported type");
        }
        if let Some(object) = value.as_object()
            && !object.get("elements").is_some_and(Value::is_array)
        {
            found.add(&at, "missing required field: elements");
        }
    }
    if elements.is_none() {
        found.add(at, "missing required field: elements");
    }
}
