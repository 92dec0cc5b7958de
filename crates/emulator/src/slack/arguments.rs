//! The arguments of a Web API call, from a form, a query or a JSON body.

use serde_json::{Map, Value};

use super::Failure;
use crate::answer::{self, Call};

/// Arguments by name; those of a form are text.
pub(crate) struct Arguments(Map<String, Value>);

impl Arguments {
    /// Reads a call's arguments. A method that takes no JSON sees none of a JSON body's.
    pub(crate) fn read(call: &Call, takes_json: bool) -> Result<Arguments, Failure> {
        let media_type = call.header("content-type").split(';').next().unwrap_or_default().trim();
        let mut arguments: Map<String, Value> = texts(call.query.clone());
        match media_type {
            "application/json" if takes_json => match serde_json::from_slice(&call.body) {
                Ok(Value::Object(body)) => arguments.extend(body),
                _ => return Err(Failure::code("invalid_json")),
            },
            "application/x-www-form-urlencoded" => arguments.extend(texts(answer::form(&call.body))),
            _ => {}
        }
        Ok(Arguments(arguments))
    }

    /// A text; empty when absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A text that has to be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Failure> {
        match self.text(name) {
            "" => Err(Failure::missing(name)),
            text => Ok(text),
        }
    }

    /// A structure, which a form carries as text.
    pub(crate) fn json(&self, name: &str) -> Result<Value, Failure> {
        self.optional_json(name)?.ok_or_else(|| Failure::missing(name))
    }

    pub(crate) fn optional_json(&self, name: &str) -> Result<Option<Value>, Failure> {
        match self.0.get(name) {
            Some(Value::String(text)) => {
                serde_json::from_str(text).map(Some).map_err(|_| Failure::code("invalid_arguments"))
            }
            other => Ok(other.filter(|value| !value.is_null()).cloned()),
        }
    }
}

fn texts(pairs: std::collections::BTreeMap<String, String>) -> Map<String, Value> {
    pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect()
}
