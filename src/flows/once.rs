//! Deliveries that the register has seen: each is acted on once, however often it comes.

use std::time::Duration;

use super::house::digest;
use crate::domain::time::Timestamp;
use crate::ports::{Range, Shelf, Unanswered};

/// A drawer of deliveries is thrown away when the one after the next is begun.
const DRAWER: Duration = Duration::from_secs(24 * 60 * 60);
/// Old deliveries forgotten at once.
const AT_ONCE: usize = 50;

/// Whether this is the first time; from then on it is not.
pub(super) fn first(shelf: &impl Shelf, delivery: &str, now: Timestamp) -> Result<bool, Unanswered> {
    let drawer = now.as_secs() / DRAWER.as_secs() as i64;
    let row = |drawer: i64| format!("once/{drawer:08}/{}", digest(delivery));
    if shelf.get(&row(drawer))?.is_some() || shelf.get(&row(drawer - 1))?.is_some() {
        return Ok(false);
    }
    shelf.put(&row(drawer), "")?;
    let oldest = format!("once/{:08}/", drawer - 1);
    let range = Range { from: "once/", to: &oldest, most: AT_ONCE, backwards: false };
    for (old, _) in shelf.range(range)? {
        shelf.delete(&old)?;
    }
    Ok(true)
}
