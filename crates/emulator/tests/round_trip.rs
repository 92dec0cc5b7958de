//! What the Worker seals, the gateway reads: any credential, any text.

#![cfg(test)]

use emulator::opener::PrivateKey;
use proptest::prelude::*;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use seal::{Credential, GatewayKey, Legacy, Sealed, Secret};
use serde_json::{Value, json};

/// The private keys of the corpus with at most this many bits.
fn private_keys(max_bits: u64) -> Vec<PrivateKey> {
    let corpus: Value = serde_json::from_str(include_str!("../../seal/tests/gateway-credentials.json")).unwrap();
    let keys = corpus["keys"].as_array().unwrap().iter().filter(|key| key["bits"].as_u64().unwrap() <= max_bits);
    keys.map(|key| PrivateKey::from_pkcs8_pem(key["private_key_pem"].as_str().unwrap()).unwrap()).collect()
}

fn gateway_key(private_key: &PrivateKey) -> GatewayKey {
    let (exponent, modulus) = private_key.public_parts();
    GatewayKey::parse(&exponent, &modulus, Legacy::Allow).unwrap()
}

fn basic(username: &str, password: &str) -> Credential {
    Credential::Basic { username: username.to_owned(), password: Secret::new(password.to_owned()) }
}

#[test]
fn passwords_that_break_other_encryptors_arrive_whole() {
    let long = "ü🔐\"\\".repeat(3_000);
    for private_key in private_keys(4096) {
        let key = gateway_key(&private_key);
        for password in ["it's \"quoted\"", r"back\slash", "🔐𝄞é", "line\nbreak\0", long.as_str()] {
            let mut rng = ChaCha20Rng::from_seed([1; 32]);
            let sealed = key.seal(&basic(r"DOMAIN\user", password), &mut rng);
            let opened: Value = serde_json::from_str(&private_key.open(sealed.as_str()).unwrap()).unwrap();
            let expected = json!({ "credentialData": [
                { "name": "username", "value": r"DOMAIN\user" },
                { "name": "password", "value": password },
            ] });
            assert_eq!(opened, expected, "{} bits", key.bits());
        }
    }
}

#[test]
fn sealing_twice_gives_two_texts() {
    let key = gateway_key(&private_keys(2048).pop().unwrap());
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    let credential = basic("john", "hunter2");
    let [first, second] = [(); 2].map(|()| key.seal(&credential, &mut rng));
    // The wrapped keys differ, and so does what they encrypt.
    assert_ne!(first.as_str()[..344], second.as_str()[..344]);
    assert_ne!(first.as_str()[344..], second.as_str()[344..]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_arrives(text in "(?s).{1,400}", seed in any::<[u8; 32]>()) {
        for private_key in private_keys(2048) {
            let key = gateway_key(&private_key);
            let sealed = key.seal_text(&Secret::new(text.clone()), &mut ChaCha20Rng::from_seed(seed)).unwrap();
            prop_assert_eq!(Sealed::parse_for(sealed.as_str(), &key), Ok(sealed.clone()));
            prop_assert_eq!(private_key.open(sealed.as_str()), Ok(text.clone()));
        }
    }
}
