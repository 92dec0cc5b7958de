//! Walking the chain: does every entry follow from the one before, from the first that is kept to the recorded end?

use super::{ANCHOR, HEAD, SLICE, after, key, link};
use crate::codec::record::RegisterReply;
use crate::domain::audit::{Fault, Link};
use crate::ports::{Shelf, Unanswered};

/// Checks a slice, from there on or from the beginning.
///
/// # Errors
/// When the shelf fails.
pub(in crate::flows) fn verify(shelf: &impl Shelf, from: Option<Link>) -> Result<RegisterReply, Unanswered> {
    let (anchor, head) = (link(shelf, ANCHOR)?, link(shelf, HEAD)?);
    // What is old may have been removed since the slice before.
    let mut at = from.filter(|from| from.number >= anchor.number).unwrap_or_else(|| anchor.clone());
    let rows = after(shelf, at.number, SLICE)?;
    for (key, row) in &rows {
        if at.number >= head.number {
            return Ok(RegisterReply::Broken(Fault::Surplus(at.number + 1)));
        }
        match follow(&at, key, row) {
            Ok((next, _)) => at = next,
            Err(fault) => return Ok(RegisterReply::Broken(fault)),
        }
    }
    Ok(match rows.len() {
        SLICE => RegisterReply::WholeTo(at),
        _ if at.number < head.number => RegisterReply::Broken(Fault::CutOff(at.number + 1)),
        _ if at != head => RegisterReply::Broken(Fault::Head(at.number)),
        _ => RegisterReply::Whole { first: anchor.number + 1, head },
    })
}

/// The link of the row that should follow, and its entry's text.
///
/// # Errors
/// When it is another row, or its hash is not that of its text and all before.
pub(super) fn follow<'r>(at: &Link, key: &str, row: &'r str) -> Result<(Link, &'r str), Fault> {
    let number = at.number + 1;
    if key != self::key(number) {
        return Err(Fault::Missing(number));
    }
    let (hash, text) = row.split_once(' ').unwrap_or_default();
    let next = at.then(text);
    if next.hash.as_str() == hash { Ok((next, text)) } else { Err(Fault::Tampered(number)) }
}
