//! The job that is timed: read a gateway's public key and seal one credential for it, many times.

// An export that JavaScript can call by name needs an unsafe attribute; nothing else here is unsafe.
#![allow(unsafe_code)]

use rand_core::{CryptoRng, CryptoRngCore, RngCore, impls};
use seal::{Credential, GatewayKey, Legacy, Secret};

/// The sizes of the throw-away keys in `keys/`, in bits.
pub const BITS: [u32; 3] = [2048, 3072, 4096];

/// Does the job `count` times and returns the characters of ciphertext made, so that none of it can be optimised
/// away; 0 if there is no key of this size or it would not do.
#[unsafe(no_mangle)]
pub extern "C" fn seal_many(bits: u32, count: u32) -> u32 {
    let modulus = match bits {
        2048 => include_str!("../keys/2048.b64"),
        3072 => include_str!("../keys/3072.b64"),
        4096 => include_str!("../keys/4096.b64"),
        _ => return 0,
    };
    let mut rng = Counter(0);
    (0..count).filter_map(|_| seal_one(modulus.trim_end(), &mut rng)).sum()
}

fn seal_one(modulus: &str, rng: &mut impl CryptoRngCore) -> Option<u32> {
    let key = GatewayKey::parse("AQAB", modulus, Legacy::Refuse).ok()?;
    let credential = Credential::Basic { username: "john".to_owned(), password: Secret::new("hunter2".to_owned()) };
    u32::try_from(key.seal(&credential, rng).as_str().len()).ok()
}

/// Bytes that count up: the platform's randomness costs the same whoever asks for it, so it is left out.
struct Counter(u8);

impl RngCore for Counter {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        for byte in dest {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(dest);
        Ok(())
    }
}

impl CryptoRng for Counter {}
