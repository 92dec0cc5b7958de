//! Block Kit's composition objects: text, option, confirmation dialog; and the list of what is wrong with them.

use serde_json::{Map, Value};

/// What is wrong with blocks or a view, each with a JSON pointer, as Slack lists it in `response_metadata.messages`.
#[derive(Default)]
pub(crate) struct Findings(pub(crate) Vec<String>);

impl Findings {
    pub(crate) fn add(&mut self, pointer: &str, words: &str) {
        self.0.push(format!("[ERROR] {words} [json-pointer:{pointer}]"));
    }

    /// The object at a pointer, its fields held against the known ones.
    pub(crate) fn object<'a>(&mut self, at: &str, value: &'a Value, known: &[&str]) -> Option<&'a Map<String, Value>> {
        let Some(object) = value.as_object() else {
            self.add(at, "must provide an object");
            return None;
        };
        for field in object.keys().filter(|field| !known.contains(&field.as_str())) {
            self.add(at, &format!("invalid additional property: {field}"));
        }
        Some(object)
    }

    /// A text field, when it is there: not empty, not longer than `max` characters.
    pub(crate) fn length(&mut self, at: &str, object: &Map<String, Value>, field: &str, max: usize) {
        let Some(value) = object.get(field) else { return };
        let at = format!("{at}/{field}");
        match value.as_str().map(|text| text.chars().count()) {
            None => self.add(&at, "must be a string"),
            Some(0) => self.add(&at, "must be more than 0 characters"),
            Some(length) if length > max => self.add(&at, &format!("must be less than {} characters", max + 1)),
            Some(_) => {}
        }
    }

    /// A text field that has to be there.
    pub(crate) fn required(&mut self, at: &str, object: &Map<String, Value>, field: &str, max: usize) {
        if object.contains_key(field) {
            self.length(at, object, field, max);
        } else {
            self.add(at, &format!("missing required field: {field}"));
        }
    }

    /// A boolean field, when it is there.
    pub(crate) fn flag(&mut self, at: &str, object: &Map<String, Value>, field: &str) {
        if object.get(field).is_some_and(|value| !value.is_boolean()) {
            self.add(&format!("{at}/{field}"), "must be a boolean");
        }
    }

    /// A list field that has to be there, with so many items.
    pub(crate) fn list<'a>(
        &mut self,
        at: &str,
        object: &'a Map<String, Value>,
        field: &str,
        max: usize,
    ) -> &'a [Value] {
        let Some(items) = object.get(field).and_then(Value::as_array) else {
            self.add(at, &format!("missing required field: {field}"));
            return &[];
        };
        if items.is_empty() || items.len() > max {
            self.add(&format!("{at}/{field}"), &format!("must have from 1 to {max} items"));
        }
        items
    }
}

/// Which kinds of text object a place takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Markup {
    Plain,
    Any,
}

/// A text object in a field that has to be there.
pub(crate) fn text(
    found: &mut Findings,
    at: &str,
    parent: &Map<String, Value>,
    field: &str,
    markup: Markup,
    max: usize,
) {
    match parent.get(field) {
        Some(value) => text_object(found, &format!("{at}/{field}"), value, markup, max),
        None => found.add(at, &format!("missing required field: {field}")),
    }
}

/// A text object in a field that may be there.
pub(crate) fn optional(found: &mut Findings, at: &str, parent: &Map<String, Value>, field: &str, max: usize) {
    if let Some(value) = parent.get(field) {
        text_object(found, &format!("{at}/{field}"), value, Markup::Plain, max);
    }
}

/// A text object (Block Kit, composition objects: text).
pub(crate) fn text_object(found: &mut Findings, at: &str, value: &Value, markup: Markup, max: usize) {
    let Some(object) = found.object(at, value, &["type", "text", "emoji", "verbatim"]) else { return };
    let foreign = match object.get("type").and_then(Value::as_str) {
        Some("plain_text") => "verbatim",
        Some("mrkdwn") if markup == Markup::Any => "emoji",
        _ => return found.add(&format!("{at}/type"), "unsupported text type"),
    };
    if object.contains_key(foreign) {
        found.add(at, &format!("invalid additional property: {foreign}"));
    }
    found.required(at, object, "text", max);
}

/// An option (limits of the option object: text 75, value 150, description 75, url 3000).
pub(crate) fn option(found: &mut Findings, at: &str, value: &Value, markup: Markup) {
    let Some(object) = found.object(at, value, &["text", "value", "description", "url"]) else { return };
    text(found, at, object, "text", markup, 75);
    found.required(at, object, "value", 150);
    found.length(at, object, "url", 3000);
    if let Some(description) = object.get("description") {
        text_object(found, &format!("{at}/description"), description, markup, 75);
    }
}

/// A confirmation dialog (limits: title 100, text 300, buttons 30).
pub(crate) fn confirm(found: &mut Findings, at: &str, parent: &Map<String, Value>) {
    let Some(value) = parent.get("confirm") else { return };
    let at = format!("{at}/confirm");
    let Some(object) = found.object(&at, value, &["title", "text", "confirm", "deny", "style"]) else { return };
    text(found, &at, object, "title", Markup::Plain, 100);
    text(found, &at, object, "text", Markup::Any, 300);
    text(found, &at, object, "confirm", Markup::Plain, 30);
    text(found, &at, object, "deny", Markup::Plain, 30);
    style(found, &at, object);
}

/// `style`, when it is there.
pub(crate) fn style(found: &mut Findings, at: &str, object: &Map<String, Value>) {
    if object.get("style").is_some_and(|style| style != "primary" && style != "danger") {
        found.add(&format!("{at}/style"), "must be primary or danger");
    }
}
