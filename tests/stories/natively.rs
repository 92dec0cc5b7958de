//! The bot in this process has its cryptography done by this process.

use pbi_rotate::codec::signatures::{Hash, PrivateKey, RsaKey, Signatures, Unchecked};
use zeroize::Zeroizing;

use crate::cryptography::Native;
use crate::in_process::InProcess;

impl Signatures for InProcess {
    async fn verify_rsa(&self, key: &RsaKey, hash: Hash, message: &[u8], signature: &[u8]) -> Result<bool, Unchecked> {
        Native.verify_rsa(key, hash, message, signature).await
    }

    async fn verify_ed25519(&self, key: &[u8; 32], message: &[u8], signature: &[u8]) -> Result<bool, Unchecked> {
        Native.verify_ed25519(key, message, signature).await
    }

    async fn sign_rs256(&self, key: &PrivateKey, message: &[u8]) -> Result<Vec<u8>, Unchecked> {
        Native.sign_rs256(key, message).await
    }

    async fn open_oaep(&self, key: &PrivateKey, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unchecked> {
        Native.open_oaep(key, sealed).await
    }

    async fn public_rsa(&self, key: &PrivateKey) -> Result<RsaKey, Unchecked> {
        Native.public_rsa(key).await
    }
}
