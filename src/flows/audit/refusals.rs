//! Refusals in the audit: each once, and of one person no more within an hour than an honest one gets.

use std::time::Duration;

use super::{append, sources};
use crate::codec::record::RegisterReply;
use crate::domain::audit::Entry;
use crate::domain::names::PersonId;
use crate::flows::house::{House, digest};
use crate::flows::row;
use crate::ports::{Ports, Range, Shelf, Unanswered};

const HOUR: Duration = Duration::from_secs(60 * 60);
/// Refusals of one person within an hour. The audit is kept for a year and more, and nothing in it is removed before its
/// time, so nobody may fill it by mistyping; the log has the others.
const MOST: u32 = 20;
/// What the entry after those says.
const NO_MORE: &str = "more than 20 refusals within the hour; those that follow are in the log only";
/// Old counts forgotten at once.
const AT_ONCE: usize = 50;

/// Puts a refusal into the audit, unless it is there or its person was refused too often within the hour.
///
/// # Errors
/// When the shelf fails.
pub(in crate::flows) fn refused(
    house: House<'_, impl Ports>,
    shelf: &impl Shelf,
    source: &str,
    mut entry: Entry,
) -> Result<RegisterReply, Unanswered> {
    let now = house.ports.now();
    if sources::expected(shelf, source, now)?.is_some() {
        return Ok(RegisterReply::Finished);
    }
    let hour = now.as_secs() / HOUR.as_secs() as i64;
    let who = digest(entry.who.as_ref().map_or("", PersonId::as_str));
    let count = format!("refused/{hour:08}/{who}");
    let before = row::get::<u32>(shelf, &count)?.unwrap_or_default();
    if before > MOST {
        return Ok(RegisterReply::Finished);
    }
    if before == MOST {
        entry.note = Some(NO_MORE.to_owned());
    }
    append(shelf, &[entry])?;
    sources::expect(shelf, source, 1, now)?;
    row::put(shelf, &count, &(before + 1))?;
    forget(shelf, hour).map(|()| RegisterReply::Finished)
}

fn forget(shelf: &impl Shelf, hour: i64) -> Result<(), Unanswered> {
    let to = format!("refused/{hour:08}/");
    for (old, _) in shelf.range(Range { from: "refused/", to: &to, most: AT_ONCE, backwards: false })? {
        shelf.delete(&old)?;
    }
    Ok(())
}
