//! JSON bytes to a value.
//!
//! A value is all that is read, and nearly all that is written is `Value`'s own text: a type that reads or writes itself
//! is more code in the Worker than what it does, so only what other people's programs rely on is one.

use serde_json::Value;

/// Reads a value; `None` when the bytes are not JSON.
pub fn read(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok()
}
