//! The rules for a view: its fields, its lengths, its size.

use serde_json::{Map, Value};

use super::text::{self, Findings, Markup};
use super::{Failure, blocks};

/// Largest view, in bytes of JSON.
const VIEW_BYTES: usize = 250_000;
/// Checks a view against every rule, home tab or modal as asked.
pub(crate) fn check(view: &Value, kind: &str) -> Result<(), Failure> {
    if view.to_string().len() > VIEW_BYTES {
        return Err(Failure::code("view_too_large"));
    }
    let mut found = Findings::default();
    let mut known = vec!["type", "blocks", "private_metadata", "callback_id", "external_id"];
    if kind == "modal" {
        known.extend(["title", "submit", "close", "clear_on_close", "notify_on_close", "submit_disabled"]);
    }
    let at = "/view";
    if let Some(object) = found.object(at, view, &known) {
        if object.get("type").is_none_or(|found| found != kind) {
            found.add("/view/type", &format!("must be {kind}"));
        }
        if kind == "modal" {
            modal(&mut found, at, object);
        }
        for (field, max) in [("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)] {
            if object.get(field).is_some_and(|value| value != "") {
                found.length(at, object, field, max);
            }
        }
        blocks::check(&mut found, "/view/blocks", object.get("blocks").unwrap_or(&Value::Null), blocks::VIEW_BLOCKS);
    }
    if found.0.is_empty() { Ok(()) } else { Err(Failure::found("invalid_arguments", found)) }
}

fn modal(found: &mut Findings, at: &str, object: &Map<String, Value>) {
    text::text(found, at, object, "title", Markup::Plain, 24);
    text::optional(found, at, object, "submit", 24);
    text::optional(found, at, object, "close", 24);
    for flag in ["clear_on_close", "notify_on_close", "submit_disabled"] {
        found.flag(at, object, flag);
    }
    let blocks = object.get("blocks").and_then(Value::as_array).into_iter().flatten();
    let asks = blocks.filter_map(|block| block.get("type")).any(|kind| kind == "input");
    if asks && !object.contains_key("submit") {
        found.add(at, "missing required field: submit");
    }
}
