//! The Worker's entry: one request in, one answer out, what is left after that in the background.
//!
//! Every crossing between JavaScript and Wasm costs more than hashing the body. So a request comes in with one call, and
//! only what its door looks at comes with it: `xtask/src/entry.js` reads that, by the table that it is given once.

use std::mem;
use std::pin::Pin;
use std::task::{Context as Waiting, Poll, Waker};

use bytes::Bytes;
use http::{Method, Request, Response};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::js_sys::futures::future_to_promise;
use worker::{Context, Env, worker_sys};
use zeroize::Zeroizing;

use super::outside;
use super::platform::Platform;
use crate::doors::{self, Closed, Door};
use crate::flows::daily;
use crate::ports::Log as _;
use crate::trail::Line;

#[wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

/// The doors, one a line: method, path, the most bytes it takes, the headers it looks at.
#[wasm_bindgen]
pub fn doors() -> String {
    let mut table = String::new();
    for (door, method, path) in Door::all() {
        let headers = door.headers().iter().map(|name| format!(" {name}")).collect::<String>();
        table += &format!("{method} {path} {}{headers}\n", door.largest_body());
    }
    table
}

/// Answers a request: with a response, or with the promise of one where something has to be waited for.
///
/// `target` is its path and query; `headers` are those that its door looks at, as [`outside::put`] takes them; without a
/// `body`, it was larger than its door takes.
#[wasm_bindgen]
pub fn handle(
    env: Env,
    context: worker_sys::Context,
    method: &str,
    target: &str,
    headers: &str,
    body: Option<Vec<u8>>,
) -> JsValue {
    // Somebody may have typed a credential into it, whatever becomes of the request.
    let body = body.map(Zeroizing::new);
    let platform = Platform::new(env);
    let path = target.split('?').next().unwrap_or_default();
    let door = Method::from_bytes(method.as_bytes()).map_err(|_| Closed::NotFound);
    let door = match door.and_then(|method| Door::find(&method, path)) {
        Ok(door) => door,
        Err(closed) => return outgoing(&doors::refused(&platform, None, closed)),
    };
    if let Err(problems) = platform.house() {
        return outgoing(&doors::unconfigured(&platform, door, problems));
    }
    match incoming(door, target, headers, body) {
        Ok(request) => now_or_later(handled(platform, Context::new(context), door, request)),
        Err(closed) => outgoing(&doors::refused(&platform, Some(door), closed)),
    }
}

/// Does what is done once a day.
#[wasm_bindgen(wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
pub async fn scheduled(env: Env) {
    let platform = Platform::new(env);
    match platform.house() {
        Ok(house) => daily::run(&house).await,
        Err(_) => platform.line(&Line::new("daily", "unconfigured")),
    }
}

async fn handled(platform: Platform, context: Context, door: Door, request: Request<Bytes>) -> JsValue {
    let Ok(house) = platform.house() else { return JsValue::UNDEFINED };
    let handled = doors::handle(&house, door, request).await;
    if !handled.after.is_empty() {
        context.wait_until(async move {
            if let Ok(house) = platform.house() {
                for after in handled.after {
                    doors::after(&house, after).await;
                }
            }
        });
    }
    outgoing(&handled.response)
}

/// Most answers need nothing but the request; those come without the detour of a promise.
fn now_or_later(answer: impl Future<Output = JsValue> + 'static) -> JsValue {
    let mut answer: Pin<Box<dyn Future<Output = JsValue>>> = Box::pin(answer);
    match answer.as_mut().poll(&mut Waiting::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        // The promise polls once more before anything can have come in between, and leaves a waker that wakes.
        Poll::Pending => future_to_promise(async move { Ok(answer.await) }).into(),
    }
}

fn incoming(
    door: Door,
    target: &str,
    headers: &str,
    body: Option<Zeroizing<Vec<u8>>>,
) -> Result<Request<Bytes>, Closed> {
    let (mut body, uri) = (body.ok_or(Closed::TooLarge)?, target.parse().map_err(|_| Closed::Malformed)?);
    let mut request = Request::new(Bytes::from(mem::take(&mut *body)));
    *request.uri_mut() = uri;
    outside::put(request.headers_mut(), door.headers(), headers);
    Ok(request)
}

fn outgoing(response: &Response<Bytes>) -> JsValue {
    let headers = outside::lines(response.headers()).unwrap_or_default();
    outside::respond(response.status().as_u16(), &headers, response.body())
}
