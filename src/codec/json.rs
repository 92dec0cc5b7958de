//! JSON in and out, through one reader and one writer.
//!
//! Each further kind of reader or writer is another copy of every type's code in the Worker: some 60 kB.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a value; `None` when the bytes are not what the type describes.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}

/// A value as text; `None` when it cannot be JSON.
pub fn text(value: &impl Serialize) -> Option<String> {
    serde_json::to_string(value).ok()
}
