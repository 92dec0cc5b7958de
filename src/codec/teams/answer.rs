//! Answers to a tap on `Action.Execute`.
//!
//! The HTTP status is 200 whatever came of it, the outcome is in the body (Teams, Universal Actions: Response format).

use serde_json::Value;

use super::draw::{self, ADAPTIVE};
use crate::codec::json::object;
use crate::codec::sheet::Sheet;

/// The card as it is now, in place of the one that was tapped; for whoever tapped it, on the device where they did.
pub fn card(sheet: &Sheet) -> Value {
    answer(ADAPTIVE, draw::card(sheet))
}

/// A sentence.
pub fn said(words: &str) -> Value {
    answer("application/vnd.microsoft.activity.message", words.into())
}

fn answer(kind: &str, value: Value) -> Value {
    object! { "statusCode": 200, "type": kind, "value": value }
}
