//! The scheme for keys of 2048 bits and more: RSA-OAEP wraps the keys of AES-256-CBC and HMAC-SHA-256.
//!
//! After Microsoft's published encryptors (microsoft/PowerBI-CSharp, `AsymmetricHigherKeyEncryptionHelper`). The result
//! is two base64 texts, each padded on its own, one behind the other: `base64(EK) base64(00 00 || TAG || IV || CT)`.

use aes::Aes256;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use cbc::cipher::{BlockEncryptMut as _, KeyIvInit as _, block_padding::Pkcs7};
use hmac::{Hmac, Mac as _};
use rand_core::CryptoRngCore;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{GatewayKey, oaep};

/// 00: AES-256-CBC with PKCS#7. 00: HMAC-SHA-256.
pub(crate) const ALGORITHMS: [u8; 2] = [0, 0];
/// Bytes in the authentication tag, an HMAC-SHA-256.
pub(crate) const TAG_LEN: usize = 32;
/// Bytes in a block of AES, and so in the initialization vector.
pub(crate) const BLOCK_LEN: usize = 16;
/// What stands before the wrapped keys. 00: the encryption key has 32 bytes. 01: the MAC key has 64.
const KEY_LENGTHS: [u8; 2] = [0, 1];

/// Draws, in this order, the encryption key, the MAC key, the initialization vector and the seed of the OAEP padding.
pub(crate) fn seal(key: &GatewayKey, plaintext: &[u8], rng: &mut impl CryptoRngCore) -> String {
    let mut encryption_key = Zeroizing::new([0; 32]);
    let mut mac_key = Zeroizing::new([0; 64]);
    let mut iv = [0; BLOCK_LEN];
    rng.fill_bytes(encryption_key.as_mut_slice());
    rng.fill_bytes(mac_key.as_mut_slice());
    rng.fill_bytes(&mut iv);

    let blocks = cbc::Encryptor::<Aes256>::new((&*encryption_key).into(), (&iv).into())
        .encrypt_padded_vec_mut::<Pkcs7>(plaintext);
    // The tag stands before the vector, yet authenticates the vector and the blocks behind it.
    let tag = Hmac::<Sha256>::new((&*mac_key).into())
        .chain_update(ALGORITHMS)
        .chain_update(iv)
        .chain_update(&blocks)
        .finalize()
        .into_bytes();

    let keys = Zeroizing::new([&KEY_LENGTHS[..], &*encryption_key, &*mac_key].concat());
    let mut text = STANDARD.encode(oaep::encrypt::<Sha256>(key, &keys, rng));
    STANDARD.encode_string([&ALGORITHMS[..], &tag, &iv, &blocks].concat(), &mut text);
    text
}
