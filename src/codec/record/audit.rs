//! The shape of the audit: its entries, the chain they are kept in, and what is asked of it.

use serde_json::Value;

use super::shape::{Record, Unreadable, choice, record};
use crate::domain::audit::{Entry, Fault, Hash, Kept, Link, Origin};

record!(Entry {
    at,
    what,
    outcome,
    stage,
    who,
    name,
    from,
    target,
    rotation,
    place,
    code,
    status,
    request_id,
    reason,
    note,
    break_glass,
});
choice!(Origin { Slack, Teams, Page, Admin, Clock, Source });
record!(Link { number, hash });
record!(Kept { number, hash, text });
choice!(Fault { Tampered(number), Missing(number), CutOff(number), Surplus(number), Head(number) });

impl Record for Hash {
    fn to_value(&self) -> Value {
        Value::from(self.as_str())
    }

    fn from_value(value: &Value) -> Result<Self, Unreadable> {
        value.as_str().and_then(Self::parse).ok_or(Unreadable)
    }
}
