//! Public-key cryptography, which the platform does: the questions, and the trait that answers them.
//!
//! The trait stands here rather than among the ports, so that a verifier can ask and vouch in one place: nobody hands
//! it an answer. No private key ever meets an implementation in Wasm.

use zeroize::Zeroizing;

/// The public part of an RSA key, as in a JSON Web Key: both numbers in base64url without padding (RFC 7518, 6.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaKey {
    /// `n`
    pub modulus: String,
    /// `e`
    pub exponent: String,
}

/// What a signature covers a message with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// Broken for strangers' messages; Amazon SNS still uses it unless a topic is told otherwise.
    Sha1,
    /// What everybody else uses.
    Sha256,
}

/// A private RSA key of ours: PKCS#8, DER (RFC 5958). Not printable.
pub struct PrivateKey(pub Zeroizing<Vec<u8>>);

/// The platform could not do it: it does not take the key, or failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unchecked;

/// Checks and makes signatures, and opens what was sealed for us.
pub trait Signatures {
    /// Whether `signature` is the key's for `message`: RSASSA-PKCS1-v1_5 (RFC 8017, 8.2).
    ///
    /// # Errors
    /// When that cannot be told.
    fn verify_rsa(
        &self,
        key: &RsaKey,
        hash: Hash,
        message: &[u8],
        signature: &[u8],
    ) -> impl Future<Output = Result<bool, Unchecked>>;

    /// Whether `signature` is the key's for `message`: Ed25519 (RFC 8032).
    ///
    /// # Errors
    /// When that cannot be told.
    fn verify_ed25519(
        &self,
        key: &[u8; 32],
        message: &[u8],
        signature: &[u8],
    ) -> impl Future<Output = Result<bool, Unchecked>>;

    /// Our signature of `message`: RSASSA-PKCS1-v1_5 with SHA-256, which is RS256 (RFC 7518, 3.3).
    ///
    /// # Errors
    /// When the key is none.
    fn sign_rs256(&self, key: &PrivateKey, message: &[u8]) -> impl Future<Output = Result<Vec<u8>, Unchecked>>;

    /// What was encrypted to our key: RSAES-OAEP with SHA-256, which is RSA-OAEP-256 (RFC 7518, 4.3).
    ///
    /// # Errors
    /// When it was encrypted to another key, was altered, or the key is none.
    fn open_oaep(&self, key: &PrivateKey, sealed: &[u8])
    -> impl Future<Output = Result<Zeroizing<Vec<u8>>, Unchecked>>;

    /// The public part of our key.
    ///
    /// # Errors
    /// When the key is none.
    fn public_rsa(&self, key: &PrivateKey) -> impl Future<Output = Result<RsaKey, Unchecked>>;
}
