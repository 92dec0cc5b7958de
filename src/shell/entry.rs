//! The Worker's entry: one request in, one answer out, what is left after that in the background.
//!
//! Every crossing between JavaScript and Wasm costs more than hashing the body, so only what a door looks at is
//! carried in: path, method, two headers and the body.

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderValue, Request, Response};
use worker::worker_sys::web_sys;
use worker::{Context, Env, Result, event};

use super::platform::Platform;
use crate::doors::{self, Closed, Door};

#[wasm_bindgen::prelude::wasm_bindgen(start)]
fn start() {
    console_error_panic_hook::set_once();
}

#[event(fetch)]
async fn fetch(request: web_sys::Request, env: Env, context: Context) -> Result<web_sys::Response> {
    let platform = Platform::new(env);
    let url = request.url();
    let target = path_and_query(&url);
    let path = target.split('?').next().unwrap_or_default();
    let door = http::Method::from_bytes(request.method().as_bytes()).map_err(|_| Closed::NotFound);
    let door = match door.and_then(|method| Door::find(&method, path)) {
        Ok(door) => door,
        Err(closed) => return outgoing(&doors::refused(&platform, None, closed)),
    };
    let house = match platform.house() {
        Ok(house) => house,
        Err(problems) => return outgoing(&doors::unconfigured(&platform, door, problems)),
    };
    let handled = match incoming(request, door, target).await {
        Ok(request) => doors::handle(house, door, request).await,
        Err(closed) => return outgoing(&doors::refused(&platform, Some(door), closed)),
    };
    let response = outgoing(&handled.response);
    if let Some(after) = handled.after {
        context.wait_until(async move {
            if let Ok(house) = platform.house() {
                doors::after(house, after).await;
            }
        });
    }
    response
}

async fn incoming(request: web_sys::Request, door: Door, target: &str) -> std::result::Result<Request<Bytes>, Closed> {
    let headers = request.headers();
    let mut carried = Request::new(Bytes::new());
    *carried.uri_mut() = target.parse().map_err(|_| Closed::Malformed)?;
    for name in door.headers() {
        let value = headers.get(name.as_str()).ok().flatten();
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            carried.headers_mut().insert(name, value);
        }
    }
    let length = headers.get("content-length").ok().flatten().and_then(|length| length.parse::<usize>().ok());
    let most = door.largest_body();
    let mut request = worker::Request::from(request);
    let body = match length {
        Some(length) if length > most => return Err(Closed::TooLarge),
        _ if most == 0 => Vec::new(),
        Some(_) => request.bytes().await.map_err(|_| Closed::Malformed)?,
        // A body that does not say how long it is, is read no further than the door takes.
        None => {
            let mut body = Vec::new();
            let mut stream = request.stream().map_err(|_| Closed::Malformed)?;
            while let Some(chunk) = stream.next().await {
                body.extend_from_slice(&chunk.map_err(|_| Closed::Malformed)?);
                if body.len() > most {
                    return Err(Closed::TooLarge);
                }
            }
            body
        }
    };
    *carried.body_mut() = Bytes::from(body);
    Ok(carried)
}

fn outgoing(response: &Response<Bytes>) -> Result<web_sys::Response> {
    let headers = web_sys::Headers::new()?;
    for (name, value) in response.headers() {
        headers.set(name.as_str(), value.to_str().unwrap_or_default())?;
    }
    let init = web_sys::ResponseInit::new();
    init.set_status(response.status().as_u16());
    init.set_headers(&headers);
    let text = std::str::from_utf8(response.body()).unwrap_or_default();
    let body = (!text.is_empty()).then_some(text);
    Ok(web_sys::Response::new_with_opt_str_and_init(body, &init)?)
}

/// `/path?query` of an absolute URL.
fn path_and_query(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
}
