//! The operator's doors: the catalog and the audit, behind a bearer token compared in constant time.

use bytes::Bytes;
use http::header::{HeaderValue, LINK};
use http::{Request, Response, StatusCode};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::response::{json_response, respond};
use super::{Closed, Door, knock};
use crate::codec::audit::{self, Query, words};
use crate::codec::bearer::bearer;
use crate::codec::json::object;
use crate::flows::catalog::{self, Operated};
use crate::flows::export::{self, Verified};
use crate::flows::house::House;
use crate::ports::{Ports, Unanswered};
use crate::trail::Line;

/// `PUT /admin/catalog`, and with `?dry-run` only what it would change.
pub(super) async fn put_catalog<P: Ports>(
    house: House<'_, P>,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, Closed> {
    authorise(house, request).await?;
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
    authorise(house, request).await?;
    answer(catalog::get(house).await)
}

/// `GET /admin/audit?after=…&limit=…&format=ndjson|csv&target=…`: a page, and in `Link` where it goes on.
pub(super) async fn read_audit<P: Ports>(
    house: House<'_, P>,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, Closed> {
    authorise(house, request).await?;
    let query = Query::parse(request.uri().query().unwrap_or_default()).ok_or(Closed::Malformed)?;
    let (entries, next) = export::page(house, &query).await.map_err(|Unanswered| Closed::Storage)?;
    let mut response = respond(StatusCode::OK, query.format.media_type(), query.format.page(&entries));
    let link = next.map(|number| format!("<{}?{}>; rel=\"next\"", Door::ReadAudit.path(), query.following(number)));
    if let Some(link) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
        response.headers_mut().insert(LINK, link);
    }
    Ok(response)
}

/// `GET /admin/audit/verify`: 200 when the audit is whole, 409 when it is not; 202 when there is more of it than one
/// request may walk over, with the address that goes on.
pub(super) async fn verify_audit<P: Ports>(
    house: House<'_, P>,
    request: &Request<Bytes>,
    line: &mut Line,
) -> Result<Response<Bytes>, Closed> {
    authorise(house, request).await?;
    let from = match request.uri().query() {
        None | Some("") => None,
        Some(query) => Some(audit::parse_link(query).ok_or(Closed::Malformed)?),
    };
    Ok(match export::verify(house, from).await.map_err(|Unanswered| Closed::Storage)? {
        Verified::Whole { first, head } => {
            let entries = (head.number + 1).saturating_sub(first);
            let hash = head.hash.as_str();
            json_response(
                StatusCode::OK,
                &object! { "ok": true, "entries": entries, "first": first, "last": head.number, "head": hash },
            )
        }
        Verified::Broken(fault) => {
            line.outcome = "broken";
            let (problem, number, message) = words::fault(fault);
            json_response(
                StatusCode::CONFLICT,
                &object! { "ok": false, "problem": problem, "number": number, "message": message },
            )
        }
        Verified::Unfinished(link) => {
            let next = format!("{}?{}", Door::VerifyAudit.path(), audit::link_query(&link));
            json_response(StatusCode::ACCEPTED, &object! { "whole_to": link.number, "next": next })
        }
    })
}

fn answer(operated: Result<Operated, Unanswered>) -> Result<Response<Bytes>, Closed> {
    Ok(match operated.map_err(|Unanswered| Closed::Storage)? {
        Operated::Difference(difference) => json_response(StatusCode::OK, &difference),
        Operated::Problems(problems) => json_response(StatusCode::UNPROCESSABLE_ENTITY, &problems),
        Operated::Text(text) => respond(StatusCode::OK, "application/toml; charset=utf-8", text),
    })
}

/// Compares digests, so that neither content nor length of the token shows in the time it takes.
async fn authorise<P: Ports>(house: House<'_, P>, request: &Request<Bytes>) -> Result<(), Closed> {
    if let Some(address) = knock::address(request)
        && !house.counts(&format!("admin/{address}")).await
    {
        return Err(Closed::Busy);
    }
    let shown = bearer(request.headers()).map_err(|_| Closed::Forged("admin-token-missing"))?;
    // Exposed to be compared by digest.
    let expected = Sha256::digest(house.config.admin_token.expose().as_bytes());
    let same: bool = Sha256::digest(shown.as_bytes()).ct_eq(&expected).into();
    if same { Ok(()) } else { Err(Closed::Forged("admin-token-wrong")) }
}
