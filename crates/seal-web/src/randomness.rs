//! The browser's randomness.

use rand_core::{CryptoRng, Error, RngCore, impls};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// Web Cryptography API, 10.1.1. At most 65,536 bytes a call: the most that is asked for is a key of 64.
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(buffer: &mut [u8]);
}

/// `crypto.getRandomValues`. It never fails where there is a `crypto`; elsewhere the call throws, and nothing is sealed.
pub(crate) struct Platform;

impl RngCore for Platform {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        get_random_values(dest);
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(dest);
        Ok(())
    }
}

impl CryptoRng for Platform {}
