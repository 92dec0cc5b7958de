//! The way out: the platform's `fetch`, with redirects kept and patience bounded.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{HeaderValue, Request, Response, StatusCode};
use worker::Delay;
use worker::js_sys::futures::JsFuture;
use worker::js_sys::{Uint8Array, global};
use worker::wasm_bindgen::{JsCast as _, JsValue};
use worker::worker_sys::web_sys::{
    self, AbortController, AbortSignal, Headers, RequestInit, RequestRedirect, WorkerGlobalScope,
};

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
    let abort = AbortController::new().map_err(|_| Lost)?;
    let Patience(patience) = request.extensions().get().copied().unwrap_or(PATIENCE);
    match select(Box::pin(exchange(&request, abort.signal())), Box::pin(Delay::from(patience))).await {
        Either::Left((Ok(Some(response)), _)) => Ok(response),
        Either::Left(_) => Err(Lost),
        Either::Right(_) => {
            abort.abort();
            Err(Lost)
        }
    }
}

async fn exchange(request: &Request<Bytes>, signal: AbortSignal) -> Result<Option<Response<Bytes>>, JsValue> {
    let scope: WorkerGlobalScope = global().unchecked_into();
    let answer = JsFuture::from(scope.fetch_with_request(&outgoing(request, &signal)?)).await?;
    let answer: web_sys::Response = answer.unchecked_into();
    let body = Uint8Array::new(&JsFuture::from(answer.array_buffer()?).await?);
    Ok(incoming(&answer, body.to_vec()))
}

fn outgoing(request: &Request<Bytes>, signal: &AbortSignal) -> Result<web_sys::Request, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in request.headers() {
        headers.set(name.as_str(), value.to_str().map_err(|_| JsValue::NULL)?)?;
    }
    let init = RequestInit::new();
    init.set_method(request.method().as_str());
    init.set_headers(&headers);
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(signal));
    if !request.body().is_empty() {
        init.set_body(&Uint8Array::from(request.body().as_ref()));
    }
    web_sys::Request::new_with_str_and_init(&request.uri().to_string(), &init)
}

fn incoming(answer: &web_sys::Response, body: Vec<u8>) -> Option<Response<Bytes>> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status()).ok()?;
    let headers = answer.headers();
    for name in HEADERS {
        let value = headers.get(name.as_str()).ok().flatten();
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    Some(response)
}
