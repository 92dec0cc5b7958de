//! The functions of `outside.js`, as Rust sees them.

use http::{HeaderMap, HeaderName, HeaderValue};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::js_sys::{Boolean, JsString, Promise, Uint8Array};

#[wasm_bindgen(module = "/src/shell/outside.js")]
extern "C" {
    /// What [`send`] resolves to.
    pub(super) type Received;

    /// The status.
    #[wasm_bindgen(method, getter)]
    pub(super) fn status(this: &Received) -> u16;

    /// The wanted headers, as [`put`] takes them.
    #[wasm_bindgen(method, getter)]
    pub(super) fn headers(this: &Received) -> String;

    /// The body, in a copy.
    #[wasm_bindgen(method, getter)]
    pub(super) fn body(this: &Received) -> Vec<u8>;

    /// Overwrites what the body was copied from.
    #[wasm_bindgen(method)]
    pub(super) fn wipe(this: &Received);

    /// Sends a request. `headers` are a name and a value in turns, one a line; `wanted` are the names of those that are
    /// read from the answer, one a line; `patience` is in milliseconds.
    pub(super) fn send(
        method: &str,
        url: &str,
        headers: &str,
        body: &[u8],
        wanted: &str,
        patience: u32,
    ) -> Promise<Received>;

    /// A response. `headers` are a name and a value in turns, one a line.
    pub(super) fn respond(status: u16, headers: &str, body: &[u8]) -> JsValue;

    /// Writes a line of the log.
    pub(super) fn log(line: &str);

    /// Whether `signature` is the key's for the message; the key's numbers are in base64url, `hash` is `SHA-1` or `SHA-256`.
    pub(super) fn verify(
        modulus: &str,
        exponent: &str,
        hash: &str,
        message: &[u8],
        signature: &[u8],
    ) -> Promise<Boolean>;

    /// The same by Ed25519.
    #[wasm_bindgen(js_name = verifyEd25519)]
    pub(super) fn verify_ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> Promise<Boolean>;

    /// Our signature of the message, by RS256.
    pub(super) fn sign(pkcs8: &[u8], message: &[u8]) -> Promise<Uint8Array>;

    /// What was encrypted to our key, by RSA-OAEP-256.
    pub(super) fn open(pkcs8: &[u8], sealed: &[u8]) -> Promise<Uint8Array>;

    /// The two numbers of our public key, in base64url, one a line.
    #[wasm_bindgen(js_name = publicPart)]
    pub(super) fn public_part(pkcs8: &[u8]) -> Promise<JsString>;

    /// How far the clocks of a time zone are ahead of UTC then, in minutes; NaN for a zone that is not known.
    pub(super) fn offset(zone: &str, at: f64) -> f64;

    /// Counts one more under that key; resolves to whether that is still within the limit. Fails without a counter.
    pub(super) fn count(limits: &JsValue, key: &str) -> Promise;

    /// Gives an order to the object of that name.
    #[wasm_bindgen(catch)]
    pub(super) fn order(namespace: &JsValue, name: &str, text: &str) -> Result<Promise, JsValue>;
}

/// Headers as those functions take them; `None` when one is not ASCII.
pub(super) fn lines(headers: &HeaderMap) -> Option<String> {
    let mut lines = Vec::with_capacity(2 * headers.len());
    for (name, value) in headers {
        lines.extend([name.as_str(), value.to_str().ok()?]);
    }
    Some(lines.join("\n"))
}

/// Puts values under their names. They come one a line, behind a colon; the line of what is not there is empty.
pub(super) fn put(headers: &mut HeaderMap, names: &[HeaderName], values: &str) {
    for (name, value) in names.iter().zip(values.split('\n')) {
        if let Some(value) = value.strip_prefix(':').and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    }
}
