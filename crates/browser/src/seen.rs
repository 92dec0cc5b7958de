//! What a page did, read from the browser's events: its requests, and what it complained of.

use serde_json::Value;

/// A request that a page sent, or tried to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The whole address; a fragment is not part of it.
    pub url: String,
    /// The body, as text; empty when there is none.
    pub body: String,
    /// Every header the page gave it, a line each.
    pub headers: String,
}

/// Every request among the events, in order.
pub(crate) fn requests(events: &[Value]) -> Vec<Request> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let sent = events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
    sent.map(|event| {
        let request = &event["params"]["request"];
        let headers = request["headers"].as_object().into_iter().flatten();
        Request {
            method: text(&request["method"]),
            url: text(&request["url"]),
            body: text(&request["postData"]),
            headers: headers.map(|(name, value)| format!("{name}: {}\n", text(value))).collect(),
        }
    })
    .collect()
}

/// Errors and warnings: of the console, of the browser (a refused script, a failed request), and exceptions.
pub(crate) fn complaints(events: &[Value]) -> Vec<String> {
    let complaint = |event: &Value| {
        let params = &event["params"];
        match event["method"].as_str()? {
            "Runtime.consoleAPICalled" if matches!(params["type"].as_str(), Some("error" | "warning" | "assert")) => {
                Some(params["args"].to_string())
            }
            "Runtime.exceptionThrown" => Some(params["exceptionDetails"].to_string()),
            "Log.entryAdded" if matches!(params["entry"]["level"].as_str(), Some("error" | "warning")) => {
                let entry = &params["entry"];
                Some(format!("{} {}", entry["text"].as_str()?, entry["url"].as_str().unwrap_or_default()))
            }
            _ => None,
        }
    };
    events.iter().filter_map(complaint).collect()
}
