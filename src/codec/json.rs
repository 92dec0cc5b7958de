//! JSON bytes to a value, and values of fields.
//!
//! A value is all that is read, and nearly all that is written is `Value`'s own text: a type that reads or writes itself
//! is more code in the Worker than what it does, so only what other people's programs rely on is one.

use serde_json::{Map, Value};

/// Reads a value; `None` when the bytes are not JSON.
pub fn read(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok()
}

/// Writes a value: the only writer there is, as a value's own `Display` would be a second.
pub fn text(value: &Value) -> String {
    // Writing a value to memory does not fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// `object! { "key": value, … }`: an object. Each value is moved into it, or made by `Value`'s `From`; to write it out with
/// serde_json's own macro is several times the code.
macro_rules! object {
    ($($key:literal: $value:expr),+ $(,)?) => {
        $crate::codec::json::object_of(&mut [$(($key, ::serde_json::Value::from($value))),+])
    };
}
pub(crate) use object;

/// What [`object!`] comes to: the values are taken out of `fields`.
pub fn object_of(fields: &mut [(&str, Value)]) -> Value {
    let mut object = Map::new();
    for (key, value) in fields {
        object.insert((*key).to_owned(), value.take());
    }
    Value::Object(object)
}
