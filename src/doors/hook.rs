//! The secret managers' door: a message to an address that nobody can guess; proven, and kept before it is answered.

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::Closed;
use super::response::json_response;
use crate::codec::json::object;
use crate::codec::webhook::{Post, Unproven};
use crate::flows::hooks::{self, NotHeard, Reply};
use crate::flows::house::House;
use crate::ports::Ports;
use crate::trail::Line;

/// Where the addresses of secret managers begin.
pub(super) const PREFIX: &str = "/hooks/";

/// `POST /hooks/…`.
pub(super) async fn post<P: Ports>(
    house: House<'_, P>,
    request: &Request<Bytes>,
    line: &mut Line,
) -> Result<Response<Bytes>, Closed> {
    let secrets = hooks::sender(house, path(request)).map_err(closed)?;
    line.source = Some(secrets.name.clone());
    let post = Post { headers: request.headers(), body: request.body() };
    match hooks::receive(house, secrets, post).await.map_err(closed)? {
        Reply::Taken => Ok(taken()),
        Reply::Nothing => {
            line.outcome = "nothing-new";
            Ok(taken())
        }
        Reply::Validation(code) => {
            line.outcome = "validated";
            Ok(json_response(StatusCode::OK, &object! { "validationResponse": code }))
        }
    }
}

/// `OPTIONS /hooks/…`: Event Grid asks whether it may send.
pub(super) async fn consent<P: Ports>(
    house: House<'_, P>,
    request: &Request<Bytes>,
    line: &mut Line,
) -> Result<Response<Bytes>, Closed> {
    let secrets = hooks::sender(house, path(request)).map_err(closed)?;
    line.source = Some(secrets.name.clone());
    let mut response = Response::new(Bytes::new());
    response.headers_mut().extend(hooks::consent(house, secrets, request.headers()).await.map_err(closed)?);
    Ok(response)
}

/// `GET /hooks/…`: the key to which a sender seals values.
pub(super) async fn key<P: Ports>(
    house: House<'_, P>,
    request: &Request<Bytes>,
    line: &mut Line,
) -> Result<Response<Bytes>, Closed> {
    let secrets = hooks::sender(house, path(request)).map_err(closed)?;
    line.source = Some(secrets.name.clone());
    let key = hooks::sealing_key(house, secrets).await.map_err(closed)?;
    Ok(json_response(StatusCode::OK, &key))
}

/// The same for every message that was taken, whatever became of it.
fn taken() -> Response<Bytes> {
    json_response(StatusCode::OK, &object! { "ok": true })
}

fn path(request: &Request<Bytes>) -> &str {
    request.uri().path().strip_prefix(PREFIX).unwrap_or_default()
}

/// What a message is refused with. Senders drop for good what is refused with 400, 401 or 413, so our own trouble is never
/// one of these.
const fn closed(why: NotHeard) -> Closed {
    match why {
        NotHeard::Nobody => Closed::NotFound,
        NotHeard::Gone => Closed::Gone,
        NotHeard::Unproven(Unproven::Unchecked) => Closed::Unchecked,
        NotHeard::Unproven(why) => Closed::Forged(why.name()),
        NotHeard::Malformed => Closed::Malformed,
        NotHeard::TooLarge => Closed::TooLarge,
        NotHeard::Storage => Closed::Storage,
    }
}
