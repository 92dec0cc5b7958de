//! The pretend gateways open what Microsoft's encryptors wrote, and nothing that was tampered with.

#![cfg(test)]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use emulator::opener::{Dialect, OpenError, PrivateKey};
use hmac::{Hmac, Mac as _};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use rsa::{Oaep, RsaPrivateKey, RsaPublicKey, pkcs8::DecodePrivateKey as _};
use serde_json::Value;
use sha1::Sha1;
use sha2::Sha256;

fn corpus() -> Value {
    serde_json::from_str(include_str!("../../seal/tests/gateway-credentials.json")).unwrap()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}

fn pem<'a>(corpus: &'a Value, name: &str) -> &'a str {
    let key = corpus["keys"].as_array().unwrap().iter().find(|key| key["name"] == name).unwrap();
    text(key, "private_key_pem")
}

fn private_key(corpus: &Value, name: &str) -> PrivateKey {
    PrivateKey::from_pkcs8_pem(pem(corpus, name)).unwrap()
}

fn public_key(corpus: &Value, name: &str) -> RsaPublicKey {
    RsaPublicKey::from(RsaPrivateKey::from_pkcs8_pem(pem(corpus, name)).unwrap())
}

#[test]
fn every_vector_opens_to_its_plaintext() {
    let corpus = corpus();
    for (list, count) in [("vectors", 27), ("deterministic", 75)] {
        let vectors = corpus[list].as_array().unwrap();
        assert_eq!(vectors.len(), count);
        for vector in vectors {
            let (key, ciphertext) = (private_key(&corpus, text(vector, "key")), text(vector, "ciphertext_b64"));
            let opened = match (text(vector, "scheme"), vector["oaep_hash"].as_str()) {
                ("rsa1024-segments", Some("sha256")) => key.open_segments(ciphertext, Dialect::Sha256),
                _ => key.open(ciphertext),
            };
            assert_eq!(opened.as_deref(), Ok(text(vector, "plaintext")), "{list} {} {}", vector["key"], vector["case"]);
        }
    }
}

#[test]
fn the_public_half_is_published_as_the_corpus_has_it() {
    let corpus = corpus();
    for key in corpus["keys"].as_array().unwrap() {
        let parts = PrivateKey::from_pkcs8_pem(text(key, "private_key_pem")).unwrap().public_parts();
        assert_eq!(parts, (text(key, "exponent_b64").to_owned(), text(key, "modulus_b64").to_owned()));
    }
}

#[test]
fn a_document_that_holds_no_key_is_refused() {
    assert_eq!(PrivateKey::from_pkcs8_pem("-----BEGIN PRIVATE KEY-----").err(), Some(OpenError::Key));
}

/// The first ciphertext of the corpus for the 2048-bit key: the wrapped keys as text, the body as bytes.
fn hybrid_parts(corpus: &Value) -> (&str, Vec<u8>) {
    let vectors = corpus["vectors"].as_array().unwrap();
    let vector = vectors.iter().find(|vector| vector["key"] == "rsa2048").unwrap();
    let (wrapped, body) = text(vector, "ciphertext_b64").split_at(344);
    (wrapped, STANDARD.decode(body).unwrap())
}

#[test]
fn a_body_with_one_bit_changed_does_not_open() {
    let corpus = corpus();
    let key = private_key(&corpus, "rsa2048");
    let (wrapped, body) = hybrid_parts(&corpus);
    // The algorithms; the first and the last byte of tag, vector and blocks.
    let places = [(0, OpenError::Algorithm), (1, OpenError::Algorithm)]
        .into_iter()
        .chain([2, 33, 34, 49, 50, body.len() - 1].map(|place| (place, OpenError::Mac)));
    for (place, error) in places {
        let mut spoilt = body.clone();
        spoilt[place] ^= 1;
        let ciphertext = format!("{wrapped}{}", STANDARD.encode(spoilt));
        assert_eq!(key.open(&ciphertext), Err(error), "byte {place}");
    }
}

#[test]
fn a_ciphertext_of_impossible_length_does_not_open() {
    let corpus = corpus();
    let key = private_key(&corpus, "rsa2048");
    let (wrapped, body) = hybrid_parts(&corpus);
    for end in [0, 1, 2, 33] {
        let ciphertext = format!("{wrapped}{}", STANDARD.encode(&body[..end]));
        assert_eq!(key.open(&ciphertext), Err(OpenError::Length), "{end}");
    }
    assert_eq!(key.open(&wrapped[..343]), Err(OpenError::Length));
    let old_key = private_key(&corpus, "rsa1024");
    for length in [0, 127, 129] {
        assert_eq!(old_key.open(&STANDARD.encode(vec![0; length])), Err(OpenError::Length), "{length}");
    }
}

#[test]
fn the_two_parts_are_two_base64_texts() {
    let corpus = corpus();
    let (wrapped, body) = hybrid_parts(&corpus);
    let encoded = STANDARD.encode(&body);
    let key = private_key(&corpus, "rsa2048");
    assert_eq!(key.open(&format!("{wrapped}{encoded}\n")), Err(OpenError::Base64));
    assert_eq!(key.open(&format!("-{}{encoded}", &wrapped[1..])), Err(OpenError::Base64));
    let encoded_as_one = STANDARD.encode([STANDARD.decode(wrapped).unwrap(), body].concat());
    assert_eq!(key.open(&encoded_as_one), Err(OpenError::Oaep));
}

#[test]
fn what_was_sealed_for_another_key_does_not_open() {
    let corpus = corpus();
    let sealed = public_key(&corpus, "rsa4096");
    let wrapped = sealed.encrypt(&mut ChaCha20Rng::from_seed([7; 32]), Oaep::new::<Sha256>(), &[0; 98]).unwrap();
    assert_eq!(private_key(&corpus, "rsa3072").open(&STANDARD.encode(wrapped)), Err(OpenError::Oaep));
}

#[test]
fn the_two_dialects_do_not_open_each_other() {
    let corpus = corpus();
    let key = private_key(&corpus, "rsa1024");
    for vector in corpus["vectors"].as_array().unwrap().iter().filter(|vector| vector["key"] == "rsa1024") {
        let other = if vector["oaep_hash"] == "sha256" { Dialect::Sha1 } else { Dialect::Sha256 };
        assert_eq!(key.open_segments(text(vector, "ciphertext_b64"), other), Err(OpenError::Oaep));
    }
}

/// Wraps `keys` for the 2048-bit key, and authenticates `iv_and_blocks` with whatever stands in `keys` from byte 34 on.
fn authentic(corpus: &Value, keys: &[u8], iv_and_blocks: &[u8]) -> String {
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let wrapped = public_key(corpus, "rsa2048").encrypt(&mut rng, Oaep::new::<Sha256>(), keys).unwrap();
    let mac = Hmac::<Sha256>::new_from_slice(&keys[34..]).unwrap();
    let tag = mac.chain_update([0, 0]).chain_update(iv_and_blocks).finalize().into_bytes();
    STANDARD.encode(wrapped) + &STANDARD.encode([&[0, 0], tag.as_slice(), iv_and_blocks].concat())
}

#[test]
fn an_authentic_body_must_still_be_well_formed() {
    let corpus = corpus();
    let key = private_key(&corpus, "rsa2048");
    let keys = [&[0, 1][..], &[3; 96]].concat();
    for (length, error) in [(32, OpenError::Padding), (31, OpenError::Padding), (15, OpenError::Length)] {
        assert_eq!(key.open(&authentic(&corpus, &keys, &vec![9; length])), Err(error), "{length}");
    }
    let other_lengths = [&[1, 0][..], &[3; 96]].concat();
    let too_long = [&keys[..], &[3]].concat();
    for keys in [&other_lengths, &keys[..97], &too_long] {
        assert_eq!(key.open(&authentic(&corpus, keys, &[9; 32])), Err(OpenError::Keys));
    }
}

#[test]
fn the_plaintext_is_text_and_not_empty() {
    let corpus = corpus();
    for (plaintext, error) in [(&b"\xff"[..], OpenError::Utf8), (b"", OpenError::Empty)] {
        let mut rng = ChaCha20Rng::from_seed([7; 32]);
        let segment = public_key(&corpus, "rsa1024").encrypt(&mut rng, Oaep::new::<Sha1>(), plaintext).unwrap();
        assert_eq!(private_key(&corpus, "rsa1024").open(&STANDARD.encode(segment)), Err(error));
    }
}
