//! What the browser's binding seals, the gateway opens: every kind, and every key of the corpus.

#![cfg(test)]

use emulator::opener::PrivateKey;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use seal::{GatewayKey, Legacy};
use seal_web::{Credential, Key};
use serde_json::{Value, json};

const PASSWORD: &str = "ü\u{1f512}\"\\\nhunter2";

/// The private keys of `seal`'s vectors: 1024, 2048, 3072 and 4096 bits.
fn private_keys() -> Vec<PrivateKey> {
    let corpus: Value = serde_json::from_str(include_str!("../../seal/tests/gateway-credentials.json")).unwrap();
    let keys = corpus["keys"].as_array().unwrap();
    keys.iter().map(|key| PrivateKey::from_pkcs8_pem(key["private_key_pem"].as_str().unwrap()).unwrap()).collect()
}

fn key(private_key: &PrivateKey) -> Key {
    let (exponent, modulus) = private_key.public_parts();
    Key::new(&exponent, &modulus, true).map_err(drop).unwrap()
}

fn opened(private_key: &PrivateKey, credential: &Credential) -> Value {
    let sealed = key(private_key).seal_with(credential, &mut ChaCha20Rng::from_seed([7; 32]));
    serde_json::from_str(&private_key.open(&sealed).unwrap()).unwrap()
}

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

#[test]
fn every_kind_is_opened_with_its_own_names() {
    let pem = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";
    let credentials = [
        (Credential::anonymous(), json!([])),
        (
            Credential::password(r"CONTOSO\svc".into(), bytes(PASSWORD)).map_err(drop).unwrap(),
            json!([["username", r"CONTOSO\svc"], ["password", PASSWORD]]),
        ),
        (Credential::key(bytes(PASSWORD)).map_err(drop).unwrap(), json!([["key", PASSWORD]])),
        (Credential::access_token(bytes(PASSWORD)).map_err(drop).unwrap(), json!([["accessToken", PASSWORD]])),
        (Credential::token(bytes(PASSWORD)).map_err(drop).unwrap(), json!([["token", PASSWORD]])),
        (
            Credential::service_principal("tenant".into(), "client".into(), bytes(PASSWORD)).map_err(drop).unwrap(),
            json!([
                ["tenantId", "tenant"],
                ["servicePrincipalClientId", "client"],
                ["servicePrincipalSecret", PASSWORD],
            ]),
        ),
        (
            Credential::key_pair("SVC".into(), bytes(pem), None).map_err(drop).unwrap(),
            json!([["identifier", "SVC"], ["privateKey", pem]]),
        ),
        (
            Credential::key_pair("SVC".into(), bytes(pem), Some(bytes(PASSWORD))).map_err(drop).unwrap(),
            json!([["identifier", "SVC"], ["privateKey", pem], ["passphrase", PASSWORD]]),
        ),
    ];
    let private_key = &private_keys()[1];
    for (credential, pairs) in credentials {
        let data: Vec<Value> =
            pairs.as_array().unwrap().iter().map(|pair| json!({"name": pair[0], "value": pair[1]})).collect();
        assert_eq!(opened(private_key, &credential), json!({ "credentialData": data }));
    }
}

#[test]
fn keys_of_every_size_open_it_and_show_seals_fingerprint() {
    let credential = Credential::password("john".into(), bytes(PASSWORD)).map_err(drop).unwrap();
    let mut sizes = Vec::new();
    for private_key in private_keys() {
        let (exponent, modulus) = private_key.public_parts();
        let known = GatewayKey::parse(&exponent, &modulus, Legacy::Allow).unwrap();
        let key = key(&private_key);
        assert_eq!((key.bits(), key.fingerprint()), (known.bits(), known.fingerprint().to_string()));
        assert_eq!(opened(&private_key, &credential)["credentialData"][1]["value"], PASSWORD);
        sizes.push(key.bits());
    }
    assert_eq!(sizes, [1024, 2048, 3072, 4096]);
}
