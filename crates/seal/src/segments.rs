//! The scheme for 1024-bit keys: RSA-OAEP with SHA-1 over segments of 85 bytes, as Microsoft's .NET SDK writes them.
//!
//! Microsoft's samples disagree here; `docs/divergences.md` says why this dialect.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rand_core::CryptoRngCore;
use sha1::Sha1;

use crate::{GatewayKey, oaep};

/// Bytes of plaintext in a segment; the last one may be shorter (microsoft/PowerBI-CSharp,
/// `Asymmetric1024KeyEncryptionHelper`).
const SEGMENT_LEN: usize = 85;

/// Draws the seed of the OAEP padding once for every segment.
pub(crate) fn seal(key: &GatewayKey, plaintext: &[u8], rng: &mut impl CryptoRngCore) -> String {
    let segments = plaintext.chunks(SEGMENT_LEN).flat_map(|segment| oaep::encrypt::<Sha1>(key, segment, rng));
    STANDARD.encode(segments.collect::<Vec<u8>>())
}
