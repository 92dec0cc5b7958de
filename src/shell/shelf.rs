//! An object's rows, in its own SQLite database, and its alarm.

use std::time::Duration;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::js_sys::Promise;
use worker::js_sys::futures::JsFuture;
use worker::worker_sys::DurableObjectState;

use super::platform::Platform;
use crate::domain::time::Timestamp;
use crate::ports::{Alarm, Clock as _, Log as _, Range, Shelf, Unanswered};
use crate::trail::Line;

/// How long after a waking that came to nothing the next one is tried.
const PAUSE: Duration = Duration::from_secs(60);

#[wasm_bindgen(module = "/src/shell/shelf.js")]
extern "C" {
    /// A row, if it is there.
    #[wasm_bindgen(catch)]
    fn get(state: &DurableObjectState, key: &str) -> Result<Option<String>, JsValue>;

    /// Writes a row.
    #[wasm_bindgen(catch)]
    fn put(state: &DurableObjectState, key: &str, value: &str) -> Result<(), JsValue>;

    /// Deletes a row, if it is there.
    #[wasm_bindgen(catch)]
    fn remove(state: &DurableObjectState, key: &str) -> Result<(), JsValue>;

    /// The rows of a range: keys and values in turns.
    #[wasm_bindgen(catch)]
    fn range(
        state: &DurableObjectState,
        from: &str,
        to: &str,
        most: u32,
        backwards: bool,
    ) -> Result<Vec<String>, JsValue>;

    /// Deletes everything.
    #[wasm_bindgen(catch)]
    fn clear(state: &DurableObjectState) -> Result<Promise, JsValue>;

    /// Sets the alarm to that time, in milliseconds, or off.
    #[wasm_bindgen(catch)]
    fn wake(state: &DurableObjectState, at: Option<f64>) -> Result<Promise, JsValue>;
}

/// The rows of one object, and its alarm.
pub(super) struct Kept(DurableObjectState);

impl Kept {
    /// What the object with this state keeps.
    pub(super) const fn by(state: DurableObjectState) -> Self {
        Self(state)
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
}

impl Shelf for Kept {
    fn get(&self, key: &str) -> Result<Option<String>, Unanswered> {
        get(&self.0, key).map_err(|_| Unanswered)
    }

    fn put(&self, key: &str, value: &str) -> Result<(), Unanswered> {
        put(&self.0, key, value).map_err(|_| Unanswered)
    }

    fn delete(&self, key: &str) -> Result<(), Unanswered> {
        remove(&self.0, key).map_err(|_| Unanswered)
    }

    fn range(&self, of: Range<'_>) -> Result<Vec<(String, String)>, Unanswered> {
        // More rows than any object has.
        let most = u32::try_from(of.most).unwrap_or(u32::MAX);
        let mut texts = range(&self.0, of.from, of.to, most, of.backwards).map_err(|_| Unanswered)?.into_iter();
        let mut pairs = Vec::new();
        while let (Some(key), Some(value)) = (texts.next(), texts.next()) {
            pairs.push((key, value));
        }
        Ok(pairs)
    }

    async fn clear(&self) -> Result<(), Unanswered> {
        let cleared = clear(&self.0).map_err(|_| Unanswered)?;
        JsFuture::from(cleared).await.map(|_| ()).map_err(|_| Unanswered)
    }
}

impl Alarm for Kept {
    async fn wake_at(&self, at: Option<Timestamp>) -> Result<(), Unanswered> {
        // Milliseconds are far below 2^53, so they are exact as a JavaScript number.
        let set = wake(&self.0, at.map(|Timestamp(at)| at as f64)).map_err(|_| Unanswered)?;
        JsFuture::from(set).await.map(|_| ()).map_err(|_| Unanswered)
    }
}
