//! An object's rows, in its own SQLite database, and its alarm.

use std::time::Duration;

use wasm_bindgen::JsValue;
use worker::js_sys::{Date, Reflect};
use worker::{ScheduledTime, SqlCursor, SqlStorage, State};

use super::platform::Platform;
use crate::domain::time::Timestamp;
use crate::ports::{self, Alarm, Clock as _, Log as _, Range, Unanswered};
use crate::trail::Line;

/// How long after a waking that came to nothing the next one is tried.
const PAUSE: Duration = Duration::from_secs(60);

/// The rows of one object.
pub(super) struct Shelf<'a> {
    state: &'a State,
    sql: SqlStorage,
}

impl<'a> Shelf<'a> {
    /// The rows of this object.
    pub(super) fn of(state: &'a State) -> Self {
        Self { state, sql: state.storage().sql() }
    }

    /// Makes the table, once in each life of the object. Should that fail, so does every use of the table.
    pub(super) fn found(state: &State) {
        let table = "CREATE TABLE IF NOT EXISTS shelf (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID";
        let _ = state.storage().sql().exec_raw(table, None);
    }

    /// Wakes the object again after a waking that came to nothing: a setting that is being mended, or a row of another
    /// version. Failing instead would be forgotten by the platform after a few tries, and the work with it.
    ///
    /// # Errors
    /// When the alarm cannot be set.
    pub(super) async fn again(&self, platform: &Platform) -> Result<(), JsValue> {
        platform.line(&Line::new("alarm", "retry"));
        let again = self.wake_at(Some(platform.now() + PAUSE)).await;
        again.map_err(|Unanswered| JsValue::from_str("the alarm cannot be set"))
    }

    // Raw: what is bound and read are texts and nothing else, so there is no need to tell apart what it could be.
    fn run(&self, query: &str, bound: Vec<JsValue>) -> Result<SqlCursor, Unanswered> {
        self.sql.exec_raw(query, bound).map_err(|_| Unanswered)
    }
}

impl ports::Shelf for Shelf<'_> {
    fn get(&self, key: &str) -> Result<Option<String>, Unanswered> {
        let mut rows = self.run("SELECT value FROM shelf WHERE key = ?", vec![key.into()])?;
        let Some(row) = Iterator::next(&mut rows) else { return Ok(None) };
        column(&row.map_err(|_| Unanswered)?, "value").map(Some)
    }

    fn put(&self, key: &str, value: &str) -> Result<(), Unanswered> {
        let write =
            "INSERT INTO shelf (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.run(write, vec![key.into(), value.into()]).map(|_| ())
    }

    fn delete(&self, key: &str) -> Result<(), Unanswered> {
        self.run("DELETE FROM shelf WHERE key = ?", vec![key.into()]).map(|_| ())
    }

    fn range(&self, range: Range<'_>) -> Result<Vec<(String, String)>, Unanswered> {
        let order = if range.backwards { "DESC" } else { "ASC" };
        let query = format!("SELECT key, value FROM shelf WHERE key >= ? AND key < ? ORDER BY key {order} LIMIT ?");
        // As a JavaScript number: below 2^53, and more rows than any object has.
        let most = range.most.min(1 << 30) as f64;
        let mut pairs = Vec::new();
        for row in self.run(&query, vec![range.from.into(), range.to.into(), most.into()])? {
            let row = row.map_err(|_| Unanswered)?;
            pairs.push((column(&row, "key")?, column(&row, "value")?));
        }
        Ok(pairs)
    }
}

/// A text of a row.
fn column(row: &JsValue, name: &str) -> Result<String, Unanswered> {
    Reflect::get(row, &name.into()).ok().and_then(|value| value.as_string()).ok_or(Unanswered)
}

impl Alarm for Shelf<'_> {
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
