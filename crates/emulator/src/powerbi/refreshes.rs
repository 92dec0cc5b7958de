//! Refreshes of semantic models: begun, and ended by what their data sources say or by a script.

use bytes::Bytes;
use http::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::PowerBi;
use super::error::{self, Refusal};
use super::items::{self, Item};
use crate::answer::{self, Call};
use crate::estate::Estate;
use crate::world::{State, World};

/// Refreshes of a semantic model on shared capacity in 24 hours (Power BI REST, Datasets: Refresh Dataset In Group).
const SHARED_A_DAY: usize = 8;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// When a refresh ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum RefreshEnd {
    /// After so many looks that found it running.
    AfterLooks(u32),
    /// At this time, in milliseconds since 1970.
    At(u64),
}

/// One refresh.
pub(crate) struct Refresh {
    pub(crate) id: String,
    pub(crate) enhanced: bool,
    pub(crate) start_ms: u64,
    end: RefreshEnd,
    /// The code it is to fail with whatever the data sources say.
    error: Option<String>,
    pub(crate) outcome: Option<Outcome>,
}

/// How a refresh ended.
pub(crate) struct Outcome {
    pub(crate) at_ms: u64,
    /// `serviceExceptionJson`, when it failed.
    pub(crate) exception: Option<Value>,
}

impl World {
    /// Says when the refreshes of a semantic model end that begin from now on, and the `errorCode` they fail with. Without a
    /// code they succeed or fail as the data sources would have it.
    pub fn script_refreshes(&self, model: &str, end: RefreshEnd, error: Option<&str>) {
        self.on_item(model, |item| {
            item.refresh_end = end;
            item.refresh_error = error.map(str::to_owned);
        });
    }
}

/// Power BI REST, Datasets: Refresh Dataset In Group. A body with anything but `notifyOption` makes it an enhanced refresh.
pub(crate) fn begin(
    state: &mut State,
    call: &Call,
    workspace: &str,
    id: &str,
    request_id: &str,
) -> Result<Response<Bytes>, Refusal> {
    let enhanced = is_enhanced(&call.body)?;
    settle(state, workspace, id, false)?;
    let now_ms = state.now_ms();
    let item = items::find(state, workspace, "datasets", id)?;
    if item.refreshes.iter().any(|refresh| refresh.outcome.is_none()) {
        let message = "Invalid dataset refresh request. Another refresh request is already executing";
        return Err(Refusal::invalid_request(message));
    }
    if item.shared_capacity {
        let today = item.refreshes.iter().filter(|refresh| refresh.start_ms + DAY_MS > now_ms).count();
        if today >= SHARED_A_DAY {
            let message = "Invalid dataset refresh request. Number of refresh requests in last 24 hours exceeded limit";
            return Err(Refusal::invalid_request(message));
        }
        if enhanced {
            return Err(Refusal::bad_request("Only notifyOption can be given on shared capacity.", "refreshRequest"));
        }
    }
    let (end, error) = (item.refresh_end, item.refresh_error.clone());
    let refresh = Refresh { id: request_id.to_owned(), enhanced, start_ms: now_ms, end, error, outcome: None };
    item.refreshes.push(refresh);
    let accepted = answer::empty(202);
    if !enhanced {
        return Ok(accepted);
    }
    let location = format!("{}/powerbi/{}/{request_id}", call.base, call.path);
    Ok(answer::with(answer::with(accepted, "x-ms-request-id", request_id), "Location", &location))
}

/// Whether the request is one for an enhanced refresh; what it may say is checked.
fn is_enhanced(body: &[u8]) -> Result<bool, Refusal> {
    const OPTIONS: [&str; 3] = ["NoNotification", "MailOnFailure", "MailOnCompletion"];
    if body.is_empty() {
        return Ok(false);
    }
    let refused = |message: &str| Refusal::bad_request(message, "refreshRequest");
    let body: Value = serde_json::from_slice(body).map_err(|_| refused("The body is not JSON."))?;
    let body = body.as_object().ok_or_else(|| refused("The body is not an object."))?;
    let notify = body.get("notifyOption");
    if notify.is_some_and(|option| !option.as_str().is_some_and(|option| OPTIONS.contains(&option))) {
        return Err(refused("notifyOption has a value that is not allowed."));
    }
    Ok(body.keys().any(|field| field != "notifyOption"))
}

/// The item with its refreshes as they stand now. `is_look` when the caller looks at them: [`RefreshEnd::AfterLooks`] counts that.
pub(crate) fn settle<'a>(state: &'a mut State, workspace: &str, id: &str, is_look: bool) -> Result<&'a Item, Refusal> {
    let now_ms = state.now_ms();
    items::find(state, workspace, "datasets", id)?;
    let verdict = state
        .powerbi
        .items
        .iter()
        .find(|item| item.id == id)
        .and_then(|item| exception(&state.powerbi, &state.estate, item));
    let item = items::find(state, workspace, "datasets", id)?;
    for refresh in item.refreshes.iter_mut().filter(|refresh| refresh.outcome.is_none()) {
        let at_ms = match refresh.end {
            RefreshEnd::At(at_ms) if at_ms <= now_ms => at_ms,
            RefreshEnd::AfterLooks(0) => now_ms,
            RefreshEnd::At(_) => continue,
            RefreshEnd::AfterLooks(left) => {
                refresh.end = RefreshEnd::AfterLooks(left - u32::from(is_look));
                continue;
            }
        };
        let scripted = refresh.error.as_ref().map(|code| json!({"errorCode": code}));
        refresh.outcome = Some(Outcome { at_ms, exception: scripted.or_else(|| verdict.clone()) });
    }
    Ok(item)
}

/// What keeps the data sources of an item from being read, as `serviceExceptionJson` says it.
fn exception(powerbi: &PowerBi, estate: &Estate, item: &Item) -> Option<Value> {
    if !item.bound {
        return Some(json!({"errorCode": error::UNBOUND}));
    }
    powerbi.sources_of(item).find_map(|source| {
        if estate.gateway(&source.gateway).is_some_and(|gateway| !gateway.online) {
            return Some(json!({"errorCode": error::UNREACHABLE}));
        }
        let words = estate.refusal(&source.database, &source.login)?;
        Some(json!({"errorCode": error::REFUSED_LOGIN, "errorDescription": words}))
    })
}
