//! The way out: the platform's `fetch`, with redirects kept and patience bounded.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, Request, Response, StatusCode};
use worker::js_sys::futures::JsFuture;
use zeroize::Zeroizing;

use super::outside::{self, Received};
use crate::clients::HEADERS;
use crate::ports::{Lost, Patience};

/// Sends the request and reads the whole answer; `left` is how long any may take now.
///
/// # Errors
/// When there is none, whole and in time.
pub(super) async fn send(request: Request<Bytes>, left: Option<Duration>) -> Result<Response<Bytes>, Lost> {
    let Patience(patience) = request.extensions().get().copied().unwrap_or_default();
    let patience = left.map_or(patience, |left| patience.min(left));
    let headers = outside::lines(request.headers()).ok_or(Lost)?;
    let sent = outside::send(
        request.method().as_str(),
        &request.uri().to_string(),
        &headers,
        request.body(),
        &HEADERS.each_ref().map(HeaderName::as_str).join("\n"),
        u32::try_from(patience.as_millis()).map_err(|_| Lost)?,
    );
    received(&JsFuture::from(sent).await.map_err(|_| Lost)?).ok_or(Lost)
}

fn received(answer: &Received) -> Option<Response<Bytes>> {
    // A token or a secret manager's value may be in it: wiped when whoever reads it lets go of it, as the platform's own copy.
    let mut response = Response::new(Bytes::from_owner(Zeroizing::new(answer.body())));
    answer.wipe();
    *response.status_mut() = StatusCode::from_u16(answer.status()).ok()?;
    outside::put(response.headers_mut(), &HEADERS, &answer.headers());
    Some(response)
}
