//! What Power BI tells of refreshes: the history, and the details of an enhanced one.

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

use super::error::Refusal;
use super::not_found;
use super::refreshes::{Outcome, Refresh, settle};
use crate::answer::{self, Call};
use crate::fields;
use crate::world::State;

/// Entries of the history without `$top` (Power BI REST, Datasets: Get Refresh History In Group).
const HISTORY: usize = 60;

/// Power BI REST, Datasets: Get Refresh History In Group, the latest first.
pub(crate) fn history(state: &mut State, call: &Call, workspace: &str, id: &str) -> Result<Value, Refusal> {
    let top = match call.query.get("$top").map(|top| top.parse()) {
        None => HISTORY,
        Some(Ok(top)) if top > 0 => top,
        Some(_) => return Err(Refusal::bad_request("$top is not a number from 1 on.", "$top")),
    };
    let item = settle(state, workspace, id, true)?;
    Ok(json!({"value": item.refreshes.iter().rev().take(top).map(entry).collect::<Vec<_>>()}))
}

/// Power BI REST, Datasets: Get Refresh Execution Details In Group, for enhanced refreshes alone: 202 while one runs.
pub(crate) fn details(state: &mut State, workspace: &str, id: &str, refresh: &str) -> Result<Response<Bytes>, Refusal> {
    let item = settle(state, workspace, id, true)?;
    let found = item.refreshes.iter().find(|known| known.enhanced && known.id == refresh).ok_or_else(not_found)?;
    let mut body = json!({
        "startTime": local(found.start_ms),
        "type": "Full",
        "commitMode": "Transactional",
        "status": status(found),
        "extendedStatus": if found.outcome.is_some() { status(found) } else { "InProgress" },
        "currentRefreshType": "Full",
        "numberOfAttempts": 0,
    });
    let Some(Outcome { at_ms, .. }) = &found.outcome else { return Ok(answer::json(202, &body)) };
    fields::put(&mut body, "endTime", local(*at_ms));
    fields::put(&mut body, "refreshAttempts", attempts(found, &local(found.start_ms), &local(*at_ms)));
    Ok(answer::json(200, &body))
}

/// `Unknown` is what the service calls a refresh that still runs.
fn status(refresh: &Refresh) -> &'static str {
    match &refresh.outcome {
        None => "Unknown",
        Some(Outcome { exception: None, .. }) => "Completed",
        Some(_) => "Failed",
    }
}

/// The `Refresh` object of Power BI REST.
fn entry(refresh: &Refresh) -> Value {
    let start = answer::timestamp(refresh.start_ms);
    let mut body = json!({
        "refreshType": if refresh.enhanced { "ViaEnhancedApi" } else { "ViaApi" },
        "startTime": start,
        "status": status(refresh),
        "requestId": refresh.id,
    });
    if let Some(Outcome { at_ms, exception }) = &refresh.outcome {
        let end = answer::timestamp(*at_ms);
        fields::put(&mut body, "refreshAttempts", attempts(refresh, &start, &end));
        fields::put(&mut body, "endTime", end);
        if let Some(exception) = exception {
            fields::put(&mut body, "serviceExceptionJson", exception.to_string());
        }
    }
    body
}

/// The one attempt of a refresh that ended.
fn attempts(refresh: &Refresh, start: &str, end: &str) -> Value {
    let mut attempt = json!({"attemptId": 1, "startTime": start, "endTime": end, "type": "Data"});
    if let Some(exception) = refresh.outcome.as_ref().and_then(|outcome| outcome.exception.as_ref()) {
        fields::put(&mut attempt, "serviceExceptionJson", exception.to_string());
    }
    json!([attempt])
}

/// A time as the execution details write it: without a zone.
fn local(ms: u64) -> String {
    answer::timestamp(ms).trim_end_matches('Z').to_owned()
}
