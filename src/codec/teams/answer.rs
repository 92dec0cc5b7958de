//! Answers to a tap on `Action.Execute`.
//!
//! The HTTP status is 200 whatever came of it, the outcome is in the body (Teams, Universal Actions: Response format).

use serde_json::{Value, json};

use super::draw::{self, ADAPTIVE};
use crate::codec::sheet::Sheet;

/// The card as it is now, in place of the one that was tapped; for whoever tapped it, on the device where they did.
pub fn card(sheet: &Sheet) -> Value {
    answer(200, ADAPTIVE, draw::card(sheet))
}

/// A sentence.
pub fn said(words: &str) -> Value {
    answer(200, "application/vnd.microsoft.activity.message", words.into())
}

/// Why it was not done: it lies with what was asked.
pub fn refused(words: &str) -> Value {
    error(400, "BadRequest", words)
}

/// Why it was not done: it lies with us, or with a service that we need.
pub fn failed(words: &str) -> Value {
    error(500, "InternalError", words)
}

fn error(status: u16, code: &str, words: &str) -> Value {
    answer(status, "application/vnd.microsoft.error", json!({ "code": code, "message": words }))
}

fn answer(status: u16, kind: &str, value: Value) -> Value {
    json!({ "statusCode": status, "type": kind, "value": value })
}
