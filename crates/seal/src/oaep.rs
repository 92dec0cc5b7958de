//! RSA-OAEP encryption with an empty label (RFC 8017, section 7.1.1).

use rand_core::CryptoRngCore;
use sha2::Digest;
use zeroize::Zeroizing;

use crate::{GatewayKey, rsaep};

/// Encrypts at most `modulus - 2 * hash - 2` bytes, with the same hash in the padding and in its mask.
/// [`GatewayKey::parse`] lets no modulus pass in which the schemes of this crate would not fit.
pub(crate) fn encrypt<H: Digest>(key: &GatewayKey, message: &[u8], rng: &mut impl CryptoRngCore) -> Vec<u8> {
    let hash_len = <H as Digest>::output_size();
    let mut seed = Zeroizing::new(vec![0; hash_len]);
    rng.fill_bytes(&mut seed);

    let zeros = vec![0; key.modulus_len() - message.len() - 2 * hash_len - 2];
    let mut block = Zeroizing::new([&H::digest([]), zeros.as_slice(), &[1], message].concat());
    mask::<H>(&mut block, &seed);
    mask::<H>(&mut seed, &block);

    rsaep::encrypt(&key.0, &Zeroizing::new([seed.as_slice(), &block].concat()))
}

/// Lays MGF1 of `seed` over `bytes` (RFC 8017, appendix B.2.1).
fn mask<H: Digest>(bytes: &mut [u8], seed: &[u8]) {
    for (counter, chunk) in (0_u32..).zip(bytes.chunks_mut(<H as Digest>::output_size())) {
        let mask = H::new().chain_update(seed).chain_update(counter.to_be_bytes()).finalize();
        chunk.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
}
