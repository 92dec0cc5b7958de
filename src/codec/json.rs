//! JSON bytes to a value.
//!
//! A value is all that is read, and `Value`'s own text all that is written: a type that reads or writes itself, or one
//! more kind of reader or writer, is more code in the Worker than what it does.

use serde_json::Value;

/// Reads a value; `None` when the bytes are not JSON.
pub fn read(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok()
}
