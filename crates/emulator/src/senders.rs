//! What secret managers and their relays post to a webhook: each message as its sender makes it.
//!
//! A struct for each sender. Its `honest` (or another maker) fills in what the standard scene's sender would; a story changes
//! a field to forge exactly one thing, and `post` makes the request, whose URI is only the path. What is to be altered after
//! signing is altered in the request itself.

mod doppler;
mod event_bridge;
mod event_grid;
mod infisical;
mod openbao;
mod pub_sub;
mod sealed;
mod sns;
mod standard_webhook;

use bytes::Bytes;
use hmac::{Hmac, Mac as _};
use http::{HeaderName, HeaderValue, Method, Request};
use sha2::Sha256;

pub use doppler::Doppler;
pub use event_bridge::{EventBridge, cloud_trail_event, label_updated};
pub use event_grid::{
    EntraToken, EventGrid, EventGridProof, EventGridSchema, SecretEvent, TokenVersion, handshake_options,
};
pub use infisical::Infisical;
pub use openbao::OpenBaoAudit;
pub use pub_sub::PubSub;
pub use sealed::SealedValue;
pub use sns::{Sns, SnsKey, SnsMessage};
pub use standard_webhook::StandardWebhook;

/// A POST with these headers; one whose value no header can have is left out.
fn post(path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Request<Bytes> {
    let mut request = Request::new(body.into());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = path.parse().unwrap_or_default();
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(*name), HeaderValue::from_str(value)) {
            request.headers_mut().append(name, value);
        }
    }
    request
}

/// HMAC-SHA256.
fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    // HMAC takes keys of any length: there is no other outcome.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}
