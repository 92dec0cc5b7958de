//! Proof that bytes came from who they claim: only verifiers make it, decoders take nothing else.

/// Something whose sender was verified. Cannot be made outside `codec`.
#[derive(Clone, Copy, Debug)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// Called by verifiers, after they verified.
    pub(in crate::codec) const fn vouch(inner: T) -> Self {
        Self(inner)
    }

    /// What was verified.
    pub const fn get(&self) -> &T {
        &self.0
    }

    /// What was verified, to keep.
    pub fn into_inner(self) -> T {
        self.0
    }
}
