//! RSA signatures, which the platform checks: the question, and the trait that answers it.
//!
//! The trait stands here rather than among the ports, so that a verifier can ask and vouch in one place: nobody hands
//! it an answer.

/// The public part of an RSA key, as in a JSON Web Key: both numbers in base64url without padding (RFC 7518, 6.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaKey {
    /// `n`
    pub modulus: String,
    /// `e`
    pub exponent: String,
}

/// The platform could not check a signature: it does not take the key, or failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unchecked;

/// Checks signatures.
pub trait Signatures {
    /// Whether `signature` is the key's for `message`: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, 3.3).
    ///
    /// # Errors
    /// When that cannot be told.
    fn verify_rs256(
        &self,
        key: &RsaKey,
        message: &[u8],
        signature: &[u8],
    ) -> impl Future<Output = Result<bool, Unchecked>>;
}
