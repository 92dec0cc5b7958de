//! The rows and the alarm of one object in this process.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Bound;

use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::ports::{Alarm, Range, Shelf, Unanswered};

/// The rows and alarm of one object; they survive a restart.
#[derive(Default)]
pub struct Object {
    /// The rows.
    pub rows: RefCell<BTreeMap<String, String>>,
    /// When it is to be woken.
    pub alarm: Cell<Option<Timestamp>>,
    /// The row that cannot be read once, and how often before that it can.
    pub unreadable: Cell<Option<(&'static str, usize)>>,
}

impl Shelf for Object {
    fn get(&self, key: &str) -> Result<Option<String>, Unanswered> {
        if let Some((row, before)) = self.unreadable.get().filter(|(row, _)| *row == key) {
            self.unreadable.set(before.checked_sub(1).map(|before| (row, before)));
            if before == 0 {
                return Err(Unanswered);
            }
        }
        Ok(self.rows.borrow().get(key).cloned())
    }

    fn put(&self, key: &str, value: &str) -> Result<(), Unanswered> {
        self.rows.borrow_mut().insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<(), Unanswered> {
        self.rows.borrow_mut().remove(key);
        Ok(())
    }

    fn range(&self, range: Range<'_>) -> Result<Vec<(String, String)>, Unanswered> {
        let rows = self.rows.borrow();
        let pairs = rows.range::<str, _>((Bound::Included(range.from), Bound::Excluded(range.to)));
        let owned = pairs.map(|(key, value)| (key.clone(), value.clone()));
        Ok(if range.backwards { owned.rev().take(range.most).collect() } else { owned.take(range.most).collect() })
    }

    async fn clear(&self) -> Result<(), Unanswered> {
        self.rows.borrow_mut().clear();
        self.alarm.set(None);
        Ok(())
    }
}

impl Alarm for Object {
    async fn wake_at(&self, at: Option<Timestamp>) -> Result<(), Unanswered> {
        self.alarm.set(at);
        Ok(())
    }
}
