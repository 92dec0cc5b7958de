//! The sealing page's doors: JSON from a page of our own, let in by the ticket it shows.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::Value;

use super::received::Received;
use super::recorded::log;
use super::response::json_response;
use super::{Closed, knock};
use crate::codec::bearer::bearer;
use crate::codec::json::object;
use crate::codec::{page, words};
use crate::domain::names::Platform;
use crate::domain::refusal::Refusal;
use crate::flows::house::House;
use crate::flows::page::{self as flow, NotTaken, Shown};
use crate::ports::Ports;
use crate::trail::Line;

/// `POST /enter/plan`.
pub(super) async fn plan<P: Ports>(house: House<'_, P>, request: &Request<Bytes>, line: &mut Line) -> Response<Bytes> {
    match admit(house, request, line).await {
        Ok(ticket) => answer(house, flow::show(house, &ticket).await, ticket.platform(), line),
        Err(why) => answer(house, Err(why), NOBODYS, line),
    }
}

/// `POST /enter/submit`.
pub(super) async fn submit<P: Ports>(house: House<'_, P>, request: &mut Received, line: &mut Line) -> Response<Bytes> {
    // Before the body, which is large, is looked at.
    let ticket = admit(house, request, line).await;
    let submission = ticket.map(|ticket| (page::submission(request.body()), ticket));
    // It may hold what was entered in clear, and what follows takes its time.
    request.wipe();
    match submission {
        Ok((submission, ticket)) => {
            answer(house, flow::submit(house, &ticket, submission).await, ticket.platform(), line)
        }
        Err(why) => answer(house, Err(why), NOBODYS, line),
    }
}

/// Lets in whoever shows a ticket, and puts into the line of the request whom that was made for, and of which rotation. It comes
/// as a bearer token: no page from elsewhere can send that header without asking first.
async fn admit<P: Ports>(house: House<'_, P>, request: &Request<Bytes>, line: &mut Line) -> Result<Shown, NotTaken> {
    let ticket = bearer(request.headers()).unwrap_or_default();
    let shown = flow::admit(house, ticket, knock::address(request)).await?;
    line.person = Some(shown.person().clone());
    line.rotation = Some(shown.rotation().clone());
    Ok(shown)
}

const MALFORMED: &str = "The page sent something that is not understood. Load it again.";

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
        _ => refusal(StatusCode::BAD_REQUEST, "malformed", MALFORMED),
    }
}

/// Whose command to name to whoever has no ticket: none is named to them.
const NOBODYS: Platform = Platform::Slack;

fn answer<P: Ports>(
    house: House<'_, P>,
    result: Result<Value, NotTaken>,
    platform: Platform,
    line: &mut Line,
) -> Response<Bytes> {
    let why = match result {
        Ok(value) => return json_response(StatusCode::OK, &value),
        Err(why) => why,
    };
    let code = why.name();
    line.outcome = why.logged();
    let (status, message) = match &why {
        NotTaken::Ticket => {
            (StatusCode::FORBIDDEN, "This link is not valid. Open the link on the rotation's card again.".to_owned())
        }
        NotTaken::Expired => {
            (StatusCode::FORBIDDEN, "This link has expired. Open the link on the rotation's card again.".to_owned())
        }
        NotTaken::Busy => {
            let message = "That was too often. Nothing was taken; wait a minute.";
            return knock::later(refusal(StatusCode::TOO_MANY_REQUESTS, code, message));
        }
        NotTaken::Malformed => (StatusCode::BAD_REQUEST, MALFORMED.to_owned()),
        NotTaken::Spent => (
            StatusCode::CONFLICT,
            "A credential was entered already, or the rotation has ended. Its card says where it stands.".to_owned(),
        ),
        NotTaken::KeysChanged => (
            StatusCode::CONFLICT,
            "What can be encrypted for has changed since the page was loaded. Nothing was taken.".to_owned(),
        ),
        NotTaken::Unfitting => (
            StatusCode::BAD_REQUEST,
            "What was sent is not what this rotation needs. If it was a password or key in clear, treat it as exposed."
                .to_owned(),
        ),
        NotTaken::Refused(refusal) => {
            let status = match refusal {
                Refusal::TooEarly(..) | Refusal::Unapproved(_) | Refusal::TooLate(..) => StatusCode::CONFLICT,
                Refusal::Service(_) | Refusal::Storage | Refusal::Unclear(_) => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::FORBIDDEN,
            };
            log(refusal, line);
            (status, words::refusal(refusal, house.command(platform)))
        }
    };
    refusal(status, code, &message)
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response<Bytes> {
    json_response(status, &object! { "error": code, "message": message })
}
