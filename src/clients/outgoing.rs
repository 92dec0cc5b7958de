//! Requests put together in one place, from parts that need no parsing.

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue};
use http::{Method, Request, Uri};
use zeroize::Zeroizing;

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
