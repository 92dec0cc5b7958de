//! The `trigger_id`: three seconds, one use.

use super::{Failure, Slack};

/// How long a `trigger_id` lives, in milliseconds.
const TRIGGER_LIFE_MS: u64 = 3000;

/// A `trigger_id`.
pub(crate) struct Trigger {
    pub(crate) user: String,
    pub(crate) born_ms: u64,
    pub(crate) used: bool,
}

impl Slack {
    /// A fresh `trigger_id` for a person.
    pub(crate) fn trigger(&mut self, user: &str, now_ms: u64) -> String {
        let id = format!("{}.trigger", self.next());
        self.triggers.insert(id.clone(), Trigger { user: user.to_owned(), born_ms: now_ms, used: false });
        id
    }

    /// Spends a `trigger_id`; says whose it was.
    pub(crate) fn exchange(&mut self, id: &str, now_ms: u64) -> Result<String, Failure> {
        let trigger = self.triggers.get_mut(id).ok_or_else(|| Failure::code("invalid_trigger_id"))?;
        if now_ms > trigger.born_ms + TRIGGER_LIFE_MS {
            return Err(Failure::code("expired_trigger_id"));
        }
        if std::mem::replace(&mut trigger.used, true) {
            return Err(Failure::code("exchanged_trigger_id"));
        }
        Ok(trigger.user.clone())
    }
}
