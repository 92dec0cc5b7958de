//! Removing what is older than the settings say, from the beginning of the chain, and saying so at its end.

use std::time::Duration;

use super::verifying::follow;
use super::{ANCHOR, HEAD, SLICE, after, append, link, sources};
use crate::codec::record::{RegisterReply, read, write};
use crate::domain::audit::{Entry, Fault, Origin};
use crate::domain::time::Timestamp;
use crate::flows::house::House;
use crate::ports::{Ports, Shelf, Unanswered};

/// Removes a slice of what is old.
///
/// # Errors
/// When the shelf fails.
pub(in crate::flows) fn tidy(house: House<'_, impl Ports>, shelf: &impl Shelf) -> Result<RegisterReply, Unanswered> {
    let now = house.ports.now();
    let mut more = sources::forget(shelf, now)?;
    if let Some(kept) = house.config.audit_retention {
        match prune(shelf, now, kept)? {
            Ok(removed) => more |= removed == SLICE,
            Err(fault) => return Ok(RegisterReply::Broken(fault)),
        }
    }
    Ok(RegisterReply::Tidied { head: link(shelf, HEAD)?, more })
}

/// Removes entries from the first on, as long as they are old; how many. What does not follow is not removed: it is the
/// evidence.
fn prune(shelf: &impl Shelf, now: Timestamp, kept: Duration) -> Result<Result<usize, Fault>, Unanswered> {
    let anchor = link(shelf, ANCHOR)?;
    let (mut last, mut removed) = (anchor.clone(), 0);
    let mut fault = None;
    for (key, row) in after(shelf, anchor.number, SLICE)? {
        let next = match follow(&last, &key, &row) {
            Ok((next, text)) if read::<Entry>(text).is_ok_and(|entry| entry.at + kept <= now) => next,
            Ok(_) => break,
            Err(broken) => {
                fault = Some(broken);
                break;
            }
        };
        shelf.delete(&key)?;
        (last, removed) = (next, removed + 1);
    }
    if removed > 0 {
        shelf.put(ANCHOR, &write(&last))?;
        let mut entry = Entry::new("tidy", "ok", Origin::Clock, now);
        entry.note = Some(format!("entries {} to {} removed for their age", anchor.number + 1, last.number));
        append(shelf, &[entry])?;
    }
    Ok(fault.map_or(Ok(removed), Err))
}
