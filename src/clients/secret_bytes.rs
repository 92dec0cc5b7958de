//! Bytes that hold a secret on their way out: written without stray copies, wiped when the wire lets go of them.

use bytes::Bytes;
use seal::Secret;
use serde_json::Value;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::codec::json;

/// A request's body or header that holds a secret. Not printable. What the platform copies to put it on the network is
/// beyond our reach.
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Bytes that were written elsewhere.
    pub(super) const fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// A value as JSON.
    pub(super) fn json(value: &Value) -> Self {
        Self(Zeroizing::new(json::text(value).into_bytes()))
    }

    /// The pairs as `application/x-www-form-urlencoded`.
    pub fn form(pairs: &[(&str, &str)]) -> Self {
        /// `%XX` is the most one byte becomes; `&` and `=` stand around each pair.
        const LONGEST_ESCAPE: usize = 3;
        let room = pairs.iter().map(|(name, value)| 2 + LONGEST_ESCAPE * (name.len() + value.len())).sum();
        let mut form = form_urlencoded::Serializer::new(String::with_capacity(room));
        form.extend_pairs(pairs);
        Self(Zeroizing::new(form.finish().into_bytes()))
    }

    /// The value of an `Authorization` header.
    pub fn bearer(token: &Secret) -> Self {
        // Exposed to be sent: this is what the token is for.
        Self(Zeroizing::new(["Bearer ", token.expose()].concat().into_bytes()))
    }

    /// The bytes, to be signed.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Hands the bytes to the wire; they are wiped when their last holder drops them.
    pub fn into_bytes(self) -> Bytes {
        Bytes::from_owner(self.0)
    }
}
