//! JSON in and out, through one reader and one writer.
//!
//! Each further kind of reader or writer is another copy of every type's code in the Worker: some 60 kB.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a value; `None` when the bytes are not what the type describes.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}

/// Writes a value.
///
/// # Errors
/// When the value cannot be JSON, or the writer fails.
pub fn write(out: &mut dyn io::Write, value: &impl Serialize) -> Result<(), serde_json::Error> {
    serde_json::to_writer(out, value)
}

/// A value as text; `None` when it cannot be JSON.
pub fn text(value: &impl Serialize) -> Option<String> {
    let mut out = Vec::with_capacity(128);
    write(&mut out, value).ok()?;
    String::from_utf8(out).ok()
}
