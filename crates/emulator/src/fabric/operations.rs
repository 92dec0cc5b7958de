//! Long-running operations: begun with 202, polled, then their result fetched.

use serde_json::{Value, json};

use super::Success;
use super::error::Refusal;
use crate::answer;
use crate::world::State;

/// An operation whose result is known but not yet told.
pub(crate) struct Operation {
    polls_left: u32,
    created_ms: u64,
    result: Value,
}

/// The result at once, or an operation when the thing asked about is set to be slow.
pub(crate) fn begin(state: &mut State, about: &str, result: Value) -> Success {
    let Some(polls_left) = state.fabric.polls.get(about).copied() else { return Success::Body(result) };
    let id = state.guid();
    let operation = Operation { polls_left, created_ms: state.now_ms(), result };
    state.fabric.operations.insert(id.clone(), operation);
    Success::Begun(id)
}

/// Fabric REST, Long Running Operations: Get Operation State.
pub(crate) fn poll(state: &mut State, id: &str) -> Result<Success, Refusal> {
    let now = answer::timestamp(state.now_ms());
    let operation = state.fabric.operations.get_mut(id).ok_or_else(Refusal::not_found)?;
    let running = operation.polls_left > 0;
    operation.polls_left = operation.polls_left.saturating_sub(1);
    let body = json!({
        "status": if running { "Running" } else { "Succeeded" },
        "createdTimeUtc": answer::timestamp(operation.created_ms),
        "lastUpdatedTimeUtc": now,
        "percentComplete": if running { Value::Null } else { json!(100) },
        "error": null,
    });
    Ok(if running { Success::Running(body, id.to_owned()) } else { Success::Finished(body, id.to_owned()) })
}

/// Fabric REST, Long Running Operations: Get Operation Result.
pub(crate) fn result(state: &State, id: &str) -> Result<Value, Refusal> {
    let operation = state.fabric.operations.get(id).ok_or_else(Refusal::not_found)?;
    if operation.polls_left > 0 {
        return Err(Refusal::new(400, "OperationHasNoResult", "The operation has no result"));
    }
    Ok(operation.result.clone())
}
