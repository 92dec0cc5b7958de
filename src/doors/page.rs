//! The sealing page's doors: JSON from a page of our own, let in by the ticket it shows.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::{Closed, json_response};
use crate::codec::{page, words};
use crate::domain::refusal::Refusal;
use crate::flows::house::House;
use crate::flows::page::{NotTaken, show, submit as take};
use crate::ports::Ports;
use crate::trail::Line;

/// `POST /enter/plan`.
pub(super) async fn plan<P: Ports>(house: House<'_, P>, request: &Request<Bytes>, line: &mut Line) -> Response<Bytes> {
    match page::ticket(request.body()).ok().filter(|_| is_json(request)) {
        Some(ticket) => answer(house, show(house, &ticket).await, line),
        None => malformed(line),
    }
}

/// `POST /enter/submit`.
pub(super) async fn submit<P: Ports>(
    house: House<'_, P>,
    request: &Request<Bytes>,
    line: &mut Line,
) -> Response<Bytes> {
    match page::submission(request.body()).ok().filter(|_| is_json(request)) {
        Some(submission) => answer(house, take(house, submission).await, line),
        None => malformed(line),
    }
}

/// A form of somebody else's page cannot send this type without asking first.
fn is_json(request: &Request<Bytes>) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// The answer to a request that is refused before its body is looked at.
pub(super) fn closed(closed: Closed) -> Response<Bytes> {
    match closed {
        Closed::TooLarge => refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "What was encrypted for all places together is more than can be taken at once. Nothing was taken.",
        ),
        Closed::Unconfigured | Closed::Storage => refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The server cannot take it at the moment. Nothing was taken; try again in a minute.",
        ),
        _ => refusal(StatusCode::BAD_REQUEST, "malformed", "The page sent something that is not understood."),
    }
}

fn malformed(line: &mut Line) -> Response<Bytes> {
    line.outcome = "malformed";
    refusal(StatusCode::BAD_REQUEST, "malformed", "The page sent something that is not understood. Load it again.")
}

fn answer<P: Ports>(house: House<'_, P>, result: Result<Value, NotTaken>, line: &mut Line) -> Response<Bytes> {
    let why = match result {
        Ok(value) => return json_response(StatusCode::OK, &value),
        Err(why) => why,
    };
    let again = "Open the link on the rotation's card again.";
    let (status, code, message) = match &why {
        NotTaken::Ticket => (StatusCode::FORBIDDEN, "ticket-invalid", format!("This link is not valid. {again}")),
        NotTaken::Expired => (StatusCode::FORBIDDEN, "ticket-expired", format!("This link has expired. {again}")),
        NotTaken::Spent => (
            StatusCode::CONFLICT,
            "ticket-spent",
            "A credential was entered already, or the rotation has ended. Its card says where it stands.".to_owned(),
        ),
        NotTaken::KeysChanged => (
            StatusCode::CONFLICT,
            "keys-changed",
            "A gateway's key has changed since the page was loaded. Nothing was taken.".to_owned(),
        ),
        NotTaken::Unfitting => (
            StatusCode::BAD_REQUEST,
            "malformed",
            "What was sent is not what this rotation needs. If it was a password or key in clear, treat it as exposed."
                .to_owned(),
        ),
        NotTaken::Refused(refusal) => {
            let (status, code) = match refusal {
                Refusal::TooEarly(..) => (StatusCode::CONFLICT, "too-early"),
                Refusal::TooLate(..) => (StatusCode::CONFLICT, "too-late"),
                Refusal::Service(_) | Refusal::Storage | Refusal::Unclear(_) => {
                    (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
                }
                _ => (StatusCode::FORBIDDEN, "not-requester"),
            };
            line.code = match refusal {
                Refusal::Service(trouble) => trouble.code.clone(),
                _ => None,
            };
            (status, code, words::refusal(refusal, &house.config.slack.command))
        }
    };
    line.outcome = code;
    refusal(status, code, &message)
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response<Bytes> {
    json_response(status, &json!({ "error": code, "message": message }))
}
