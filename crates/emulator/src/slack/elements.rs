//! The rules for Block Kit's elements: which stand where, their fields, their lengths and counts.

use serde_json::{Map, Value};

use super::text::{self, Findings, Markup};

/// The kind of place an element stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Accessory,
    Actions,
    Input,
}

const MENUS: [&str; 10] = [
    "static_select",
    "external_select",
    "users_select",
    "conversations_select",
    "channels_select",
    "multi_static_select",
    "multi_external_select",
    "multi_users_select",
    "multi_conversations_select",
    "multi_channels_select",
];

/// Checks one element and returns its `action_id`.
pub(crate) fn check<'a>(found: &mut Findings, at: &str, value: &'a Value, place: Place) -> Option<&'a str> {
    let kind = value.get("type").and_then(Value::as_str).unwrap_or_default();
    if !stands(kind, place) {
        found.add(&format!("{at}/type"), &format!("unsupported type: {kind}"));
        return None;
    }
    if kind == "image" {
        image(found, at, value);
        return None;
    }
    let mut known = vec!["type", "action_id"];
    known.extend(fields(kind));
    let object = found.object(at, value, &known)?;
    // Slack makes one up when it is missing; a bot that leaves that to Slack cannot know which element was used.
    found.required(at, object, "action_id", 255);
    for flag in ["focus_on_load", "multiline", "is_decimal_allowed"] {
        found.flag(at, object, flag);
    }
    text::optional(found, at, object, "placeholder", 150);
    text::confirm(found, at, object);
    match kind {
        "button" => button(found, at, object),
        "overflow" => options(found, at, object, 5, Markup::Plain),
        "checkboxes" | "radio_buttons" => options(found, at, object, 10, Markup::Any),
        "static_select" | "multi_static_select" => menu(found, at, object),
        "plain_text_input" => plain_text_input(found, at, object),
        _ => {}
    }
    object.get("action_id").and_then(Value::as_str)
}

fn stands(kind: &str, place: Place) -> bool {
    let chooser = MENUS.contains(&kind)
        || matches!(kind, "checkboxes" | "radio_buttons" | "datepicker" | "timepicker" | "datetimepicker");
    match place {
        Place::Accessory => (chooser && kind != "datetimepicker") || matches!(kind, "button" | "overflow" | "image"),
        Place::Actions => chooser || matches!(kind, "button" | "overflow"),
        Place::Input => {
            chooser || matches!(kind, "plain_text_input" | "email_text_input" | "url_text_input" | "number_input")
        }
    }
}

/// The fields of an element besides `type` and `action_id`.
fn fields(kind: &str) -> &'static [&'static str] {
    match kind {
        "button" => &["text", "url", "value", "style", "confirm", "accessibility_label"],
        "overflow" => &["options", "confirm"],
        "checkboxes" => &["options", "initial_options", "confirm", "focus_on_load"],
        "radio_buttons" => &["options", "initial_option", "confirm", "focus_on_load"],
        "static_select" => &["placeholder", "options", "option_groups", "initial_option", "confirm", "focus_on_load"],
        "external_select" => &["placeholder", "initial_option", "min_query_length", "confirm", "focus_on_load"],
        "users_select" => &["placeholder", "initial_user", "confirm", "focus_on_load"],
        "conversations_select" => &[
            "placeholder",
            "initial_conversation",
            "default_to_current_conversation",
            "response_url_enabled",
            "filter",
            "confirm",
            "focus_on_load",
        ],
        "channels_select" => &["placeholder", "initial_channel", "response_url_enabled", "confirm", "focus_on_load"],
        "multi_static_select" => &[
            "placeholder",
            "options",
            "option_groups",
            "initial_options",
            "max_selected_items",
            "confirm",
            "focus_on_load",
        ],
        "multi_external_select" => {
            &["placeholder", "initial_options", "min_query_length", "max_selected_items", "confirm", "focus_on_load"]
        }
        "multi_users_select" => &["placeholder", "initial_users", "max_selected_items", "confirm", "focus_on_load"],
        "multi_conversations_select" => &[
            "placeholder",
            "initial_conversations",
            "default_to_current_conversation",
            "filter",
            "max_selected_items",
            "confirm",
            "focus_on_load",
        ],
        "multi_channels_select" => {
            &["placeholder", "initial_channels", "max_selected_items", "confirm", "focus_on_load"]
        }
        "datepicker" => &["placeholder", "initial_date", "confirm", "focus_on_load"],
        "timepicker" => &["placeholder", "initial_time", "timezone", "confirm", "focus_on_load"],
        "datetimepicker" => &["initial_date_time", "confirm", "focus_on_load"],
        "plain_text_input" => &[
            "placeholder",
            "initial_value",
            "multiline",
            "min_length",
            "max_length",
            "dispatch_action_config",
            "focus_on_load",
        ],
        "number_input" => &[
            "placeholder",
            "initial_value",
            "is_decimal_allowed",
            "min_value",
            "max_value",
            "dispatch_action_config",
            "focus_on_load",
        ],
        _ => &["placeholder", "initial_value", "dispatch_action_config", "focus_on_load"],
    }
}

fn button(found: &mut Findings, at: &str, object: &Map<String, Value>) {
    text::text(found, at, object, "text", Markup::Plain, 75);
    found.length(at, object, "value", 2000);
    found.length(at, object, "url", 3000);
    found.length(at, object, "accessibility_label", 75);
    text::style(found, at, object);
}

fn options(found: &mut Findings, at: &str, object: &Map<String, Value>, max: usize, markup: Markup) {
    for (index, value) in found.list(at, object, "options", max).iter().enumerate() {
        text::option(found, &format!("{at}/options/{index}"), value, markup);
    }
}

fn menu(found: &mut Findings, at: &str, object: &Map<String, Value>) {
    if !object.contains_key("option_groups") {
        return options(found, at, object, 100, Markup::Plain);
    }
    for (index, value) in found.list(at, object, "option_groups", 100).iter().enumerate() {
        let at = format!("{at}/option_groups/{index}");
        if let Some(group) = found.object(&at, value, &["label", "options"]) {
            text::text(found, &at, group, "label", Markup::Plain, 75);
            options(found, &at, group, 100, Markup::Plain);
        }
    }
}

fn plain_text_input(found: &mut Findings, at: &str, object: &Map<String, Value>) {
    for (field, least) in [("min_length", 0), ("max_length", 1)] {
        let within = |value: &Value| value.as_u64().is_some_and(|length| (least..=3000).contains(&length));
        if object.get(field).is_some_and(|value| !within(value)) {
            found.add(&format!("{at}/{field}"), &format!("must be from {least} to 3000"));
        }
    }
    found.length(at, object, "initial_value", 3000);
}

/// An image as an element of a section or a context.
pub(crate) fn image(found: &mut Findings, at: &str, value: &Value) {
    if let Some(object) = found.object(at, value, &["type", "image_url", "alt_text"]) {
        found.required(at, object, "image_url", 3000);
        found.required(at, object, "alt_text", 2000);
    }
}
