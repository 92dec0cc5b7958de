//! Reading the audit: in pages for whoever keeps it elsewhere, and what happened last for people.

use super::{after, key};
use crate::codec::record::{RegisterReply, read, write};
use crate::domain::audit::{Entry, Kept};
use crate::domain::names::TargetName;
use crate::ports::{Shelf, Unanswered};

/// Entries that a history shows.
const LATEST: usize = 15;
/// Refusals among them, so that nobody can hide what was done by being refused often.
const REFUSALS: usize = 5;

/// The entries after that number, or those of a target among them; so many are looked at.
///
/// # Errors
/// When the shelf fails.
pub(in crate::flows) fn page(
    shelf: &impl Shelf,
    number: u64,
    most: usize,
    target: Option<&TargetName>,
) -> Result<RegisterReply, Unanswered> {
    let rows = after(shelf, number, most)?;
    let full = rows.len() == most;
    let (mut entries, mut last) = (Vec::new(), number);
    for (key, row) in rows {
        let Some(number) = key.strip_prefix("audit/").and_then(|digits| digits.parse().ok()) else { continue };
        last = number;
        let (hash, text) = row.split_once(' ').unwrap_or_default();
        let wanted =
            target.is_none_or(|target| read::<Entry>(text).is_ok_and(|entry| entry.target.as_ref() == Some(target)));
        if wanted {
            entries.push(Kept { number, hash: hash.to_owned(), text: text.to_owned() });
        }
    }
    Ok(RegisterReply::Page(entries, (full && last > number).then_some(last)))
}

/// What people look for among the last entries, of one target or of all, the latest first.
///
/// # Errors
/// When the shelf fails.
pub(in crate::flows) fn history(shelf: &impl Shelf, target: Option<&TargetName>) -> Result<RegisterReply, Unanswered> {
    let mut entries = Vec::new();
    for (number, _) in latest(shelf, &latest_key(target))? {
        // Those that were removed for their age, or cannot be read, are no history any more.
        let row = shelf.get(&key(number))?;
        let text = row.as_deref().and_then(|row| row.split_once(' ')).map(|(_, text)| text);
        entries.extend(text.and_then(|text| read::<Entry>(text).ok()));
    }
    Ok(RegisterReply::Happened(entries))
}

/// Remembers that entry as the latest of its target and of all.
pub(super) fn remember(shelf: &impl Shelf, entry: &Entry, number: u64) -> Result<(), Unanswered> {
    let of_target = entry.target.as_ref().map(|target| latest_key(Some(target)));
    for key in of_target.into_iter().chain([latest_key(None)]) {
        let mut latest = latest(shelf, &key)?;
        latest.insert(0, (number, entry.refused()));
        let mut refusals = 0;
        latest.retain(|(_, refused)| {
            refusals += usize::from(*refused);
            !refused || refusals <= REFUSALS
        });
        latest.truncate(LATEST);
        shelf.put(&key, &write(&latest))?;
    }
    Ok(())
}

/// Numbers of entries, and whether each is a refusal.
fn latest(shelf: &impl Shelf, key: &str) -> Result<Vec<(u64, bool)>, Unanswered> {
    shelf.get(key)?.map_or(Ok(Vec::new()), |text| read(&text).map_err(|_| Unanswered))
}

fn latest_key(target: Option<&TargetName>) -> String {
    target.map_or_else(|| "audit-latest".to_owned(), |target| format!("audit-latest/{target}"))
}
