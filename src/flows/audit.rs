//! The audit that the register keeps: entries one after another, each chained to the one before, none ever changed.
//!
//! Nothing here is awaited, so what one order writes is kept together or not at all.

mod reading;
mod refusals;
mod sources;
mod tidying;
mod verifying;

use super::house::House;
use crate::codec::record::{RegisterReply, read, write};
use crate::domain::audit::{Entry, Link};
use crate::ports::{Ports, Range, Shelf, Unanswered};
pub(super) use reading::{history, page};
pub(super) use refusals::refused;
pub(super) use tidying::tidy;
pub(super) use verifying::verify;

/// Where the chain ends.
const HEAD: &str = "audit-head";
/// Where it begins: at the last entry that was old enough to be removed.
const ANCHOR: &str = "audit-anchor";
/// Rows that one order walks over at most, so that no other order waits long.
const SLICE: usize = 2_000;

/// Puts entries into the audit: those of them that are not in it yet, none when others have to come before.
///
/// # Errors
/// When the shelf fails.
pub(super) fn record(
    house: House<'_, impl Ports>,
    shelf: &impl Shelf,
    source: &str,
    first: u32,
    entries: &[Entry],
) -> Result<RegisterReply, Unanswered> {
    let now = house.ports.now();
    let expected = sources::expected(shelf, source, now)?.unwrap_or(first);
    let known = expected.checked_sub(first).map(|known| known as usize);
    let new = known.and_then(|known| entries.get(known..)).unwrap_or_default();
    if new.is_empty() {
        return Ok(RegisterReply::Recorded(expected));
    }
    append(shelf, new)?;
    let next = expected + new.len() as u32;
    sources::expect(shelf, source, next, now)?;
    Ok(RegisterReply::Recorded(next))
}

/// Puts entries at the end of the chain.
///
/// # Errors
/// When the shelf fails.
pub(super) fn append(shelf: &impl Shelf, entries: &[Entry]) -> Result<(), Unanswered> {
    let mut head = link(shelf, HEAD)?;
    for entry in entries {
        let text = write(entry);
        head = head.then(&text);
        shelf.put(&key(head.number), &format!("{} {text}", head.hash.as_str()))?;
        if entry.telling() {
            reading::remember(shelf, entry, head.number)?;
        }
    }
    shelf.put(HEAD, &write(&head))
}

/// One of the two ends of the chain; the beginning of all when there is none yet.
fn link(shelf: &impl Shelf, end: &str) -> Result<Link, Unanswered> {
    match shelf.get(end)? {
        Some(text) => read(&text).map_err(|_| Unanswered),
        None => Ok(Link::beginning()),
    }
}

/// The row of the entry with that number. What is kept there is its hash, a blank, and its text.
fn key(number: u64) -> String {
    format!("audit/{number:012}")
}

/// The entries after that number.
fn after(shelf: &impl Shelf, number: u64, most: usize) -> Result<Vec<(String, String)>, Unanswered> {
    shelf.range(Range { from: &key(number.saturating_add(1)), to: "audit0", most, backwards: false })
}
