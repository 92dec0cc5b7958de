//! Sealing with recorded randomness gives the recorded ciphertext, byte for byte.

use seal::{SealError, Sealed, Secret};

use crate::corpus::{Replay, corpus, key, text, vectors};

#[test]
fn every_deterministic_vector_is_reproduced() {
    let corpus = corpus();
    // The other dialect for 1024-bit keys is one that is never written, only opened.
    let ours = vectors(&corpus, "deterministic").iter().filter(|vector| vector["oaep_hash"] != "sha256");
    let mut count = 0;
    for vector in ours {
        let (key_name, case) = (text(vector, "key"), text(vector, "case"));
        let mut randomness = Replay::of(vector);
        let plaintext = Secret::new(text(vector, "plaintext").to_owned());
        let sealed = key(&corpus, key_name).seal_text(&plaintext, &mut randomness).unwrap();
        assert_eq!(sealed.as_str(), text(vector, "ciphertext_b64"), "{key_name} {case}");
        assert!(randomness.is_used_up(), "{key_name} {case}");
        count += 1;
    }
    assert_eq!(count, 60, "15 texts under 4 keys");
}

#[test]
fn every_ciphertext_in_the_corpus_has_the_right_shape() {
    let corpus = corpus();
    for list in ["vectors", "deterministic"] {
        for vector in vectors(&corpus, list) {
            let ciphertext = text(vector, "ciphertext_b64");
            let key_name = text(vector, "key");
            let sealed = Sealed::parse_for(ciphertext, &key(&corpus, key_name));
            assert_eq!(sealed, Ok(Sealed::from_stored(ciphertext.to_owned())), "{key_name} {}", text(vector, "case"));
        }
    }
}

#[test]
fn nothing_is_not_sealed() {
    let corpus = corpus();
    for name in ["rsa1024", "rsa2048"] {
        let mut randomness = Replay::of(&vectors(&corpus, "deterministic")[0]);
        let refused = key(&corpus, name).seal_text(&Secret::new(String::new()), &mut randomness);
        assert_eq!(refused, Err(SealError::Empty));
    }
}
