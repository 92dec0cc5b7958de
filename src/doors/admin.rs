//! The operator's doors: the catalog, behind a bearer token compared in constant time.

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{Request, Response, StatusCode};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Closed, json_response, respond};
use crate::flows::catalog::{self, Operated};
use crate::flows::house::House;
use crate::ports::{Ports, Unanswered};

/// `PUT /admin/catalog`, and with `?dry-run` only what it would change.
pub(super) async fn put_catalog<P: Ports>(
    house: House<'_, P>,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, Closed> {
    authorise(house, request)?;
    let text = std::str::from_utf8(request.body()).map_err(|_| Closed::Malformed)?.to_owned();
    let dry_run = match request.uri().query() {
        None | Some("") => false,
        Some("dry-run") => true,
        // A misspelt dry run must not become a real one.
        Some(_) => return Err(Closed::Malformed),
    };
    answer(catalog::put(house, text, dry_run).await)
}

/// `GET /admin/catalog`.
pub(super) async fn get_catalog<P: Ports>(
    house: House<'_, P>,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, Closed> {
    authorise(house, request)?;
    answer(catalog::get(house).await)
}

fn answer(operated: Result<Operated, Unanswered>) -> Result<Response<Bytes>, Closed> {
    Ok(match operated.map_err(|Unanswered| Closed::Storage)? {
        Operated::Difference(difference) => json_response(StatusCode::OK, &difference),
        Operated::Problems(problems) => json_response(StatusCode::UNPROCESSABLE_ENTITY, &problems),
        Operated::Text(text) => respond(StatusCode::OK, "application/toml; charset=utf-8", text),
    })
}

/// Compares digests, so that neither content nor length of the token shows in the time it takes.
fn authorise<P: Ports>(house: House<'_, P>, request: &Request<Bytes>) -> Result<(), Closed> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown = header.and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token)
    });
    let shown = shown.ok_or(Closed::Forged("admin-token-missing"))?;
    // Exposed to be compared by digest.
    let expected = Sha256::digest(house.config.admin_token.expose().as_bytes());
    let same: bool = Sha256::digest(shown.as_bytes()).ct_eq(&expected).into();
    if same { Ok(()) } else { Err(Closed::Forged("admin-token-wrong")) }
}
