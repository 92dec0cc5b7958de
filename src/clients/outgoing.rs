//! Requests put together in one place, from parts that need no parsing, and sent by those who wait so long and no longer.

use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{Method, Request, Response, Uri};
use zeroize::Zeroizing;

use super::secret_bytes::SecretBytes;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::{Patience, Wire};

/// For what somebody in a chat waits for, or other work: a service that is well answers within a second.
pub(super) const SOON: Patience = Patience(Duration::from_secs(10));

/// A request that cannot be written: an address or a token with characters that do not belong there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unwritable;

/// A request to `url`.
pub(super) fn request(
    method: Method,
    url: &str,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
) -> Result<Request<Bytes>, Unwritable> {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = Uri::try_from(url).map_err(|_| Unwritable)?;
    for (name, value) in headers {
        request.headers_mut().insert(name, value);
    }
    Ok(request)
}

/// Asks `service` that, and waits for its answer so long.
///
/// # Errors
/// [`Cause::Rejected`] for what cannot be written, [`Cause::Unreachable`] without a whole answer.
pub(super) async fn ask(
    wire: &impl Wire,
    service: Service,
    request: Result<Request<Bytes>, Unwritable>,
    patience: Patience,
) -> Result<Response<Bytes>, Trouble> {
    let mut request = request.map_err(|Unwritable| Trouble::of(service, Cause::Rejected))?;
    request.extensions_mut().insert(patience);
    wire.send(request).await.map_err(|_| Trouble::of(service, Cause::Unreachable))
}

/// The value of an `Authorization` header, marked so that nobody prints it.
pub(super) fn bearer(token: &seal::Secret) -> Result<HeaderValue, Unwritable> {
    sensitive(SecretBytes::bearer(token))
}

/// The value of a header that holds a secret, marked so that nobody prints it.
pub(super) fn hidden(secret: &str) -> Result<HeaderValue, Unwritable> {
    sensitive(SecretBytes::new(Zeroizing::new(secret.as_bytes().to_vec())))
}

fn sensitive(bytes: SecretBytes) -> Result<HeaderValue, Unwritable> {
    let mut value = HeaderValue::from_maybe_shared(bytes.into_bytes()).map_err(|_| Unwritable)?;
    value.set_sensitive(true);
    Ok(value)
}
