//! Requests put together in one place, from parts that need no parsing.

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{Method, Request, Uri};

use super::secret_bytes::SecretBytes;

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

/// The value of an `Authorization` header, marked so that nobody prints it.
pub(super) fn bearer(token: &seal::Secret) -> Result<HeaderValue, Unwritable> {
    let bytes = SecretBytes::bearer(token).into_bytes();
    let mut bearer = HeaderValue::from_maybe_shared(bytes).map_err(|_| Unwritable)?;
    bearer.set_sensitive(true);
    Ok(bearer)
}
