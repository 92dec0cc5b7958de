//! The way out: the platform's `fetch`, with redirects kept and patience bounded.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{HeaderValue, Request, Response};
use worker::js_sys::Uint8Array;
use worker::{AbortController, AbortSignal, Delay, Fetch, Headers, Method, RequestInit, RequestRedirect};

use crate::clients::HEADERS;
use crate::ports::{Lost, Patience};

/// How long an answer is waited for unless the request says otherwise. Testing a slow data source takes the services
/// tens of seconds.
const PATIENCE: Patience = Patience(Duration::from_secs(60));

/// Sends the request and reads the whole answer.
///
/// # Errors
/// When there is none, whole and in time.
pub(super) async fn send(request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
    let abort = AbortController::default();
    let signal = abort.signal();
    let Patience(patience) = request.extensions().get().copied().unwrap_or(PATIENCE);
    match select(Box::pin(exchange(&request, &signal)), Box::pin(Delay::from(patience))).await {
        Either::Left((Ok(Some(response)), _)) => Ok(response),
        Either::Left(_) => Err(Lost),
        Either::Right(_) => {
            abort.abort();
            Err(Lost)
        }
    }
}

async fn exchange(request: &Request<Bytes>, signal: &AbortSignal) -> worker::Result<Option<Response<Bytes>>> {
    let mut response = Fetch::Request(outgoing(request)?).send_with_signal(signal).await?;
    let body = response.bytes().await?;
    Ok(incoming(response.status_code(), response.headers(), body))
}

fn outgoing(request: &Request<Bytes>) -> worker::Result<worker::Request> {
    let headers = Headers::new();
    for (name, value) in request.headers() {
        headers.set(name.as_str(), value.to_str().map_err(|error| worker::Error::from(error.to_string()))?)?;
    }
    let mut init = RequestInit::new();
    init.with_method(Method::from(request.method().as_str().to_owned()))
        .with_headers(headers)
        .with_redirect(RequestRedirect::Manual);
    if !request.body().is_empty() {
        init.with_body(Some(Uint8Array::from(request.body().as_ref()).into()));
    }
    worker::Request::new_with_init(&request.uri().to_string(), &init)
}

fn incoming(status: u16, headers: &Headers, body: Vec<u8>) -> Option<Response<Bytes>> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = http::StatusCode::from_u16(status).ok()?;
    for name in HEADERS {
        if let Some(value) =
            headers.get(name.as_str()).ok().flatten().and_then(|value| HeaderValue::try_from(value).ok())
        {
            response.headers_mut().insert(name, value);
        }
    }
    Some(response)
}
