//! Which number each source of entries comes to next, so that what is told twice is written once.
//!
//! The numbers are kept by months and forgotten with them: a rotation is told to be over long before, and whoever is not
//! known any more is taken at their word.

use std::time::Duration;

use super::SLICE;
use crate::codec::record::{read, write};
use crate::domain::time::Timestamp;
use crate::ports::{Range, Shelf, Unanswered};

const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The number that source comes to next; `None` when nothing is known of it.
pub(super) fn expected(shelf: &impl Shelf, source: &str, now: Timestamp) -> Result<Option<u32>, Unanswered> {
    for month in [month(now), month(now) - 1] {
        if let Some(text) = shelf.get(&key(month, source))? {
            return read(&text).map(Some).map_err(|_| Unanswered);
        }
    }
    Ok(None)
}

/// Keeps the number that source comes to next.
pub(super) fn expect(shelf: &impl Shelf, source: &str, next: u32, now: Timestamp) -> Result<(), Unanswered> {
    shelf.put(&key(month(now), source), &write(&next))
}

/// Forgets some of the months before the last; `true` when there may be more.
pub(super) fn forget(shelf: &impl Shelf, now: Timestamp) -> Result<bool, Unanswered> {
    let to = key(month(now) - 1, "");
    let old = shelf.range(Range { from: "audit-source/", to: &to, most: SLICE, backwards: false })?;
    for (key, _) in &old {
        shelf.delete(key)?;
    }
    Ok(old.len() == SLICE)
}

fn month(at: Timestamp) -> i64 {
    at.as_secs() / MONTH.as_secs() as i64
}

fn key(month: i64, source: &str) -> String {
    format!("audit-source/{month:06}/{source}")
}
