//! One row of an object, as the record that it holds.

use crate::codec::record::{Record, read, write};
use crate::ports::{Shelf, Unanswered};

/// Reads a row, if it is there.
///
/// # Errors
/// When the shelf fails, or the row cannot be read.
pub(super) fn get<T: Record>(shelf: &impl Shelf, key: &str) -> Result<Option<T>, Unanswered> {
    shelf.get(key)?.map(|text| read(&text).map_err(|_| Unanswered)).transpose()
}

/// Writes a row.
///
/// # Errors
/// When the shelf fails.
pub(super) fn put(shelf: &impl Shelf, key: &str, value: &dyn Record) -> Result<(), Unanswered> {
    shelf.put(key, &write(value))
}
