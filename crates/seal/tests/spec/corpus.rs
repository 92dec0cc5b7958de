//! The file of vectors, and randomness that is read from it.

use rand_core::{CryptoRng, RngCore, impls};
use seal::{GatewayKey, Legacy};
use serde_json::Value;

/// The whole file: `keys`, `vectors` (made by Microsoft's encryptors) and `deterministic` (with every random input
/// fixed).
pub fn corpus() -> Value {
    serde_json::from_str(include_str!("../gateway-credentials.json")).unwrap()
}

/// The vectors of one of the two lists.
pub fn vectors<'a>(corpus: &'a Value, list: &str) -> &'a [Value] {
    corpus[list].as_array().unwrap()
}

/// Exponent and modulus of the key with this name, in base64.
pub fn public_parts<'a>(corpus: &'a Value, name: &str) -> (&'a str, &'a str) {
    let key = corpus["keys"].as_array().unwrap().iter().find(|key| key["name"] == name).unwrap();
    (text(key, "exponent_b64"), text(key, "modulus_b64"))
}

/// The key with this name.
pub fn key(corpus: &Value, name: &str) -> GatewayKey {
    let (exponent, modulus) = public_parts(corpus, name);
    GatewayKey::parse(exponent, modulus, Legacy::Allow).unwrap()
}

/// A text field.
pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}

/// Gives out the bytes it was made of, in order, and no more.
pub struct Replay(Vec<u8>);

impl Replay {
    /// The randomness that a deterministic vector records, in the order of its use.
    pub fn of(vector: &Value) -> Replay {
        let fields = match vector["oaep_seeds_hex"].as_array() {
            Some(seeds) => seeds.iter().map(|seed| seed.as_str().unwrap()).collect(),
            None => ["kenc_hex", "kmac_hex", "iv_hex", "oaep_seed_hex"].map(|field| text(vector, field)).to_vec(),
        };
        let hex = fields.concat();
        Replay((0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect())
    }

    /// Whether every byte was used.
    pub fn is_used_up(&self) -> bool {
        self.0.is_empty()
    }
}

impl RngCore for Replay {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        let rest = self.0.split_off(dest.len());
        dest.copy_from_slice(&std::mem::replace(&mut self.0, rest));
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(dest);
        Ok(())
    }
}

impl CryptoRng for Replay {}
