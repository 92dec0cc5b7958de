//! How old each target's credential is, as the register keeps it, and who has to be reminded of that.

use super::row;
use crate::domain::listing::{Age, Listed};
use crate::domain::names::TargetName;
use crate::domain::time::Timestamp;
use crate::ports::{Shelf, Unanswered};

/// The age of a target's credential; it begins now for one that is not known yet.
///
/// # Errors
/// When the shelf fails.
pub(super) fn age(shelf: &impl Shelf, target: &TargetName, now: Timestamp) -> Result<Age, Unanswered> {
    Ok(row::get(shelf, &key(target))?.unwrap_or(Age { since: now, reminded: None }))
}

/// Keeps since when a target is known. One that comes back keeps its age: taking it out for a while renews nothing.
///
/// # Errors
/// When the shelf fails.
pub(super) fn seen(shelf: &impl Shelf, target: &TargetName, now: Timestamp) -> Result<(), Unanswered> {
    put(shelf, target, age(shelf, target, now)?)
}

/// The credential was renewed at that time.
///
/// # Errors
/// When the shelf fails.
pub(super) fn renewed(shelf: &impl Shelf, target: &TargetName, at: Timestamp) -> Result<(), Unanswered> {
    put(shelf, target, Age { since: at, reminded: None })
}

/// People were reminded.
///
/// # Errors
/// When the shelf fails.
pub(super) fn reminded(shelf: &impl Shelf, target: &TargetName, now: Timestamp) -> Result<(), Unanswered> {
    put(shelf, target, Age { reminded: Some(now), ..age(shelf, target, now)? })
}

/// Whether people are to be reminded of that target now. Not while it is being rotated.
///
/// # Errors
/// When the shelf fails.
pub(super) fn wants_reminder(shelf: &impl Shelf, target: &Listed, now: Timestamp) -> Result<bool, Unanswered> {
    match target.due() {
        Some(due) if target.live.is_none() => Ok(age(shelf, &target.name, now)?.wants_reminder(due, now)),
        _ => Ok(false),
    }
}

fn put(shelf: &impl Shelf, target: &TargetName, age: Age) -> Result<(), Unanswered> {
    row::put(shelf, &key(target), &age)
}

fn key(target: &TargetName) -> String {
    format!("age/{target}")
}
