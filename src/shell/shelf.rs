//! An object's rows, in its own SQLite database, and its alarm.

use worker::js_sys::Date;
use worker::{ScheduledTime, SqlStorage, SqlStorageValue, State};

use crate::domain::time::Timestamp;
use crate::ports::{Alarm, Shelf, Unanswered};

/// The rows of one object.
pub(super) struct Rows<'a> {
    state: &'a State,
    sql: SqlStorage,
}

impl<'a> Rows<'a> {
    /// The rows of this object.
    pub(super) fn of(state: &'a State) -> Self {
        Self { state, sql: state.storage().sql() }
    }

    /// Makes the table, once in each life of the object. Should that fail, so does every use of the table.
    pub(super) fn found(state: &State) {
        let table = "CREATE TABLE IF NOT EXISTS shelf (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID";
        let _ = state.storage().sql().exec(table, None);
    }
}

impl Shelf for Rows<'_> {
    fn get(&self, key: &str) -> Result<Option<String>, Unanswered> {
        let rows = self.sql.exec("SELECT value FROM shelf WHERE key = ?", vec![key.into()]).map_err(|_| Unanswered)?;
        match rows.raw().next().transpose().map_err(|_| Unanswered)?.as_deref() {
            None => Ok(None),
            Some([SqlStorageValue::String(value)]) => Ok(Some(value.clone())),
            Some(_) => Err(Unanswered),
        }
    }

    fn put(&self, key: &str, value: &str) -> Result<(), Unanswered> {
        let write =
            "INSERT INTO shelf (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.sql.exec(write, vec![key.into(), value.into()]).map(|_| ()).map_err(|_| Unanswered)
    }

    fn delete(&self, key: &str) -> Result<(), Unanswered> {
        self.sql.exec("DELETE FROM shelf WHERE key = ?", vec![key.into()]).map(|_| ()).map_err(|_| Unanswered)
    }
}

impl Alarm for Rows<'_> {
    async fn wake_at(&self, at: Option<Timestamp>) -> Result<(), Unanswered> {
        let storage = self.state.storage();
        let set = match at {
            // Milliseconds are far below 2^53, so they are exact as a JavaScript number.
            Some(Timestamp(at)) => storage.set_alarm(ScheduledTime::new(Date::new(&(at as f64).into()))).await,
            None => storage.delete_alarm().await,
        };
        set.map_err(|_| Unanswered)
    }
}
