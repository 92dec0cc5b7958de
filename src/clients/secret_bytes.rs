//! Bytes that hold a secret on their way out: written without stray copies, wiped when the wire lets go of them.

use std::io;

use bytes::Bytes;
use seal::Secret;
use serde::Serialize;
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::codec::json;

/// A request's body or header that holds a secret. Not printable. What the platform copies to put it on the network is
/// beyond our reach.
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// The value as JSON.
    ///
    /// # Errors
    /// When the value cannot be JSON.
    pub fn json(value: &impl Serialize) -> Result<Self, serde_json::Error> {
        // Measured first: a buffer that grew would leave copies of the secret behind it.
        let mut measure = Measure(0);
        json::write(&mut measure, value)?;
        let mut text = Zeroizing::new(Vec::with_capacity(measure.0));
        json::write(&mut *text, value)?;
        Ok(Self(text))
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

    /// Hands the bytes to the wire; they are wiped when their last holder drops them.
    pub fn into_bytes(self) -> Bytes {
        Bytes::from_owner(self.0)
    }
}

/// Counts what is written.
struct Measure(usize);

impl io::Write for Measure {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
