//! A text that cannot have been sealed for a key is recognized without the private key.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use seal::{Sealed, ShapeError};
use serde_json::Value;

use crate::corpus::{corpus, key, public_parts, text, vectors};

fn ciphertext<'a>(corpus: &'a Value, key_name: &str) -> &'a str {
    let vector = vectors(corpus, "deterministic").iter().find(|vector| vector["key"] == key_name).unwrap();
    text(vector, "ciphertext_b64")
}

/// The two texts a hybrid ciphertext for a 2048-bit key consists of, the second one decoded.
fn parts(ciphertext: &str) -> (&str, Vec<u8>) {
    let (wrapped, body) = ciphertext.split_at(344);
    (wrapped, STANDARD.decode(body).unwrap())
}

fn refusal(text: &str, corpus: &Value, key_name: &str) -> Option<ShapeError> {
    Sealed::parse_for(text, &key(corpus, key_name)).err()
}

#[test]
fn a_text_that_is_cut_short_is_refused() {
    let corpus = corpus();
    let whole = ciphertext(&corpus, "rsa2048");
    let (wrapped, body) = parts(whole);
    for end in [0, 1, 343] {
        assert_eq!(refusal(&whole[..end], &corpus, "rsa2048"), Some(ShapeError::Length), "{end}");
    }
    // No header, no tag, no vector, no block, half a block.
    for end in [0, 1, 2, 34, 49, 50, 58, body.len() - 1] {
        let cut = format!("{wrapped}{}", STANDARD.encode(&body[..end]));
        assert_eq!(refusal(&cut, &corpus, "rsa2048"), Some(ShapeError::Length), "{end}");
    }
    let one_block = format!("{wrapped}{}", STANDARD.encode(&body[..66]));
    assert_eq!(refusal(&one_block, &corpus, "rsa2048"), None);
}

#[test]
fn a_text_with_other_characters_is_refused() {
    let corpus = corpus();
    let whole = ciphertext(&corpus, "rsa2048");
    for spoilt in [whole.replacen(&whole[10..11], "-", 1), format!("{whole}\n"), format!("{whole}AAAA")] {
        assert_eq!(refusal(&spoilt, &corpus, "rsa2048"), Some(ShapeError::Base64), "{spoilt}");
    }
    assert_eq!(refusal("&", &corpus, "rsa1024"), Some(ShapeError::Base64));
}

#[test]
fn a_text_for_another_key_is_refused() {
    let corpus = corpus();
    let (wrapped, body) = parts(ciphertext(&corpus, "rsa2048"));
    let wrapped = STANDARD.decode(wrapped).unwrap();
    // Whatever is encrypted under a modulus is a smaller number, with as many bytes.
    let modulus = STANDARD.decode(public_parts(&corpus, "rsa2048").1).unwrap();
    let longer = [&[0], wrapped.as_slice()].concat();
    for foreign in [modulus, longer] {
        let text = [STANDARD.encode(foreign), STANDARD.encode(&body)].concat();
        assert_eq!(refusal(&text, &corpus, "rsa2048"), Some(ShapeError::OtherKey));
    }
    let encoded_as_one = STANDARD.encode([wrapped, body].concat());
    assert_eq!(refusal(&encoded_as_one, &corpus, "rsa2048"), Some(ShapeError::OtherKey));
}

#[test]
fn other_algorithms_are_refused() {
    let corpus = corpus();
    let (wrapped, body) = parts(ciphertext(&corpus, "rsa2048"));
    for header in [[0, 1], [1, 0], [255, 255]] {
        let text = format!("{wrapped}{}", STANDARD.encode([&header, &body[2..]].concat()));
        assert_eq!(refusal(&text, &corpus, "rsa2048"), Some(ShapeError::Algorithms));
    }
}

#[test]
fn segments_are_whole_and_fit_the_key() {
    let corpus = corpus();
    let segments = STANDARD.decode(ciphertext(&corpus, "rsa1024")).unwrap();
    for end in [0, 1, 127, 129, segments.len() - 1] {
        let cut = STANDARD.encode(&segments[..end]);
        assert_eq!(refusal(&cut, &corpus, "rsa1024"), Some(ShapeError::Length), "{end}");
    }
    let foreign = STANDARD.encode([&segments[..128], &[0xff; 128]].concat());
    assert_eq!(refusal(&foreign, &corpus, "rsa1024"), Some(ShapeError::OtherKey));
}

#[test]
fn the_reasons_differ() {
    let reasons = [ShapeError::Length, ShapeError::Base64, ShapeError::OtherKey, ShapeError::Algorithms];
    let mut words: Vec<String> = reasons.iter().map(ShapeError::to_string).collect();
    words.sort();
    words.dedup();
    assert_eq!(words.len(), reasons.len());
}
