//! The JSON that Slack sends when a person uses something, and the values they chose.

use serde_json::{Map, Value, json};

use super::signature::Forge;
use super::{Slack, people};
use crate::fields::{self, at, list, text};
use crate::scene;

/// What every interaction payload begins with.
pub(crate) fn common(slack: &Slack, kind: &str, user: &str, forge: &Forge) -> Map<String, Value> {
    let known = slack.user(user);
    let name = known.map(people::handle).unwrap_or_default();
    let team = json!({"id": forge.team.as_deref().unwrap_or(scene::TEAM), "domain": "contoso"});
    let enterprise = forge.enterprise.as_deref().unwrap_or(scene::ENTERPRISE);
    let body = json!({
        "type": kind,
        "user": {
            "id": user,
            "username": name,
            "name": name,
            "team_id": known.map_or(scene::TEAM, |user| user.team.as_str()),
        },
        "api_app_id": forge.app_id.as_deref().unwrap_or(scene::APP),
        "token": "deprecated-verification-token",
        "team": if slack.org_install { Value::Null } else { team },
        "enterprise": {"id": enterprise, "name": "Contoso"},
        "is_enterprise_install": slack.org_install,
    });
    match body {
        Value::Object(body) => body,
        _ => Map::new(),
    }
}

/// The field in which an element keeps its value, and where it starts from.
fn fields(kind: &str) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        "plain_text_input" | "email_text_input" | "url_text_input" | "number_input" => ("value", "initial_value"),
        "static_select" | "external_select" | "radio_buttons" | "overflow" => ("selected_option", "initial_option"),
        "multi_static_select" | "multi_external_select" | "checkboxes" => ("selected_options", "initial_options"),
        "users_select" => ("selected_user", "initial_user"),
        "multi_users_select" => ("selected_users", "initial_users"),
        "conversations_select" => ("selected_conversation", "initial_conversation"),
        "multi_conversations_select" => ("selected_conversations", "initial_conversations"),
        "channels_select" => ("selected_channel", "initial_channel"),
        "multi_channels_select" => ("selected_channels", "initial_channels"),
        "datepicker" => ("selected_date", "initial_date"),
        "timepicker" => ("selected_time", "initial_time"),
        "datetimepicker" => ("selected_date_time", "initial_date_time"),
        _ => return None,
    })
}

/// An element's entry in `state.values`, untouched: the value is null, or what the bot put in. An overflow menu keeps none.
pub(crate) fn untouched(element: &Value) -> Option<Value> {
    let kind = text(element, "type");
    let (field, initial) = fields(kind).filter(|_| kind != "overflow")?;
    let empty = if field.ends_with('s') { json!([]) } else { Value::Null };
    let value = element.get(initial).cloned().unwrap_or(empty);
    Some(json!({"type": at(element, "type"), field: value}))
}

/// An element's entry in `state.values` after the person gave it a value: text, an option's value or words, an id; or a list.
pub(crate) fn touched(element: &Value, given: &Value, offered: &[Value]) -> Result<Value, String> {
    let kind = text(element, "type");
    let (field, _) = fields(kind).ok_or_else(|| format!("a {kind} takes no value"))?;
    let chosen = match field {
        "selected_option" => option(element, given, offered)?,
        "selected_options" => {
            let given = given.as_array().ok_or("a list of values is needed")?;
            Value::Array(given.iter().map(|value| option(element, value, offered)).collect::<Result<_, _>>()?)
        }
        "value" => {
            within(element, given)?;
            given.clone()
        }
        _ => given.clone(),
    };
    Ok(json!({"type": kind, field: chosen}))
}

/// Whether an entry of `state.values` says nothing.
pub(crate) fn is_blank(entry: &Value) -> bool {
    let value =
        entry.as_object().and_then(|entry| entry.iter().find(|(field, _)| *field != "type")).map(|(_, value)| value);
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(_) => false,
    }
}

/// The elements of a block in which a person can do something.
pub(crate) fn elements(block: &Value) -> Vec<&Value> {
    let single = [block.get("element"), block.get("accessory")].into_iter().flatten();
    list(block, "elements").iter().chain(single).filter(|element| element.get("action_id").is_some()).collect()
}

/// `state.values` for blocks in which nobody chose anything.
pub(crate) fn values(blocks: &[Value]) -> Value {
    let mut values = Map::new();
    for block in blocks {
        let entries: Map<String, Value> = elements(block)
            .into_iter()
            .filter_map(|element| Some((text(element, "action_id").to_owned(), untouched(element)?)))
            .collect();
        if !entries.is_empty() {
            values.insert(text(block, "block_id").to_owned(), Value::Object(entries));
        }
    }
    Value::Object(values)
}

/// An entry of `actions` for a button or menu that was used.
pub(crate) fn action(
    block: &Value,
    element: &Value,
    given: Option<&Value>,
    offered: &[Value],
    now_ms: u64,
) -> Result<Value, String> {
    let mut action = match given {
        Some(given) => touched(element, given, offered)?,
        None => json!({"type": at(element, "type")}),
    };
    for field in ["text", "value", "style"] {
        if let (None, Some(value)) = (given, element.get(field)) {
            fields::put(&mut action, field, value.clone());
        }
    }
    fields::put(&mut action, "action_id", at(element, "action_id").clone());
    fields::put(&mut action, "block_id", at(block, "block_id").clone());
    fields::put(&mut action, "action_ts", json!(format!("{}.{:06}", now_ms / 1000, now_ms % 1000 * 1000)));
    Ok(action)
}

fn option(element: &Value, given: &Value, offered: &[Value]) -> Result<Value, String> {
    let grouped = list(element, "option_groups").iter().flat_map(|group| list(group, "options"));
    let mut all = list(element, "options").iter().chain(grouped).chain(offered);
    let chosen = all.find(|option| at(option, "value") == given || at(at(option, "text"), "text") == given);
    chosen.cloned().ok_or_else(|| format!("there is no option {given}"))
}

fn within(element: &Value, given: &Value) -> Result<(), String> {
    let length = given.as_str().ok_or("text is needed")?.chars().count() as u64;
    let limit = |field: &str, default: u64| element.get(field).and_then(Value::as_u64).unwrap_or(default);
    if length < limit("min_length", 0) || length > limit("max_length", 3000) {
        return Err(format!("Slack does not take {length} characters in this field"));
    }
    Ok(())
}
