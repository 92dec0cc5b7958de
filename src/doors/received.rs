//! A request whose body is overwritten when it is let go of: somebody may have typed a credential into it.

use std::ops::Deref;

use bytes::{Bytes, BytesMut};
use http::Request;
use zeroize::Zeroize as _;

/// A request at its door. However it leaves, answered, refused or dropped in the middle, nothing is left of its body.
pub(super) struct Received(Request<Bytes>);

impl Received {
    pub(super) const fn new(request: Request<Bytes>) -> Self {
        Self(request)
    }

    /// Overwrites the body before that, when it is not needed any more; `None` when somebody else holds it too.
    pub(super) fn wipe(&mut self) -> Option<BytesMut> {
        let mut body = std::mem::take(self.0.body_mut()).try_into_mut().ok()?;
        body.as_mut().zeroize();
        Some(body)
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl Deref for Received {
    type Target = Request<Bytes>;

    fn deref(&self) -> &Request<Bytes> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_a_body_that_nobody_else_holds() {
        let mut alone = Received::new(Request::new(Bytes::from(b"hunter2".to_vec())));
        assert_eq!(alone.wipe().as_deref(), Some(&[0; 7][..]));
        assert!(alone.body().is_empty());
        let body = Bytes::from(b"hunter2".to_vec());
        let mut shared = Received::new(Request::new(body.clone()));
        assert_eq!((shared.wipe(), &body[..]), (None, &b"hunter2"[..]));
    }
}
