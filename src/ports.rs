//! What the program needs of the world around it: traits only.

use bytes::Bytes;
use http::{Request, Response};

use crate::domain::time::Timestamp;

/// The one way out: an HTTP request to somebody else. Redirects are not followed.
pub trait Wire {
    /// Sends the request and reads the whole answer.
    ///
    /// # Errors
    /// [`Lost`] when there is no whole answer; the request may or may not have arrived.
    fn send(&self, request: Request<Bytes>) -> impl Future<Output = Result<Response<Bytes>, Lost>>;
}

/// No answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

/// The time.
pub trait Clock {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// Randomness fit for keys.
pub trait Entropy {
    /// Fills `out` with random bytes.
    fn fill(&self, out: &mut [u8]);
}
