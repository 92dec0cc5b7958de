//! Every public key that must not be used is refused, with the reason.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use seal::{GatewayKey, KeyError, Legacy};

use crate::corpus::{corpus, key, public_parts};

/// An odd number of exactly this many bits, big-endian.
fn odd_number(bits: usize) -> Vec<u8> {
    let mut bytes = vec![0x55; bits.div_ceil(8)];
    let top = (bits - 1) % 8;
    bytes[0] = 1 << top;
    *bytes.last_mut().unwrap() |= 1;
    bytes
}

fn parse(exponent: &[u8], modulus: &[u8], legacy: Legacy) -> Result<usize, KeyError> {
    GatewayKey::parse(&STANDARD.encode(exponent), &STANDARD.encode(modulus), legacy).map(|key| key.bits())
}

const F4: &[u8] = &[1, 0, 1];

#[test]
fn the_keys_of_the_corpus_are_read() {
    let corpus = corpus();
    for (name, bits) in [("rsa1024", 1024), ("rsa2048", 2048), ("rsa3072", 3072), ("rsa4096", 4096)] {
        assert_eq!(key(&corpus, name).bits(), bits);
    }
}

#[test]
fn keys_of_the_wrong_size_are_refused() {
    for bits in [8, 1016, 1023, 1025, 1312, 2040, 2047] {
        for legacy in [Legacy::Refuse, Legacy::Allow] {
            assert_eq!(parse(F4, &odd_number(bits), legacy), Err(KeyError::ModulusTooShort { bits }));
        }
    }
    for bits in [2048, 2049, 4097, 8192] {
        assert_eq!(parse(F4, &odd_number(bits), Legacy::Refuse), Ok(bits));
    }
    for bits in [8193, 8200, 1 << 20] {
        assert_eq!(parse(F4, &odd_number(bits), Legacy::Allow), Err(KeyError::ModulusTooLong));
    }
    for zero in [&[][..], &[0], &[0; 256]] {
        assert_eq!(parse(F4, zero, Legacy::Allow), Err(KeyError::ModulusTooShort { bits: 0 }));
    }
}

#[test]
fn old_keys_are_refused_unless_allowed() {
    assert_eq!(parse(F4, &odd_number(1024), Legacy::Refuse), Err(KeyError::LegacyRefused));
    assert_eq!(parse(F4, &odd_number(1024), Legacy::Allow), Ok(1024));
}

#[test]
fn an_even_modulus_is_refused() {
    let mut modulus = odd_number(2048);
    *modulus.last_mut().unwrap() &= !1;
    assert_eq!(parse(F4, &modulus, Legacy::Refuse), Err(KeyError::ModulusEven));
}

#[test]
fn unusable_exponents_are_refused() {
    for exponent in [&[][..], &[0], &[0, 0], &[1], &[2], &[1, 0, 0]] {
        assert_eq!(parse(exponent, &odd_number(2048), Legacy::Refuse), Err(KeyError::ExponentUnusable), "{exponent:?}");
    }
    for exponent in [&[1, 0, 0, 0, 1][..], &[1; 8], &[1; 9], &[1; 256]] {
        assert_eq!(parse(exponent, &odd_number(2048), Legacy::Refuse), Err(KeyError::ExponentTooLong), "{exponent:?}");
    }
    for exponent in [&[3][..], &[1, 0, 1], &[255, 255, 255, 255], &[0, 255, 255, 255, 255]] {
        assert_eq!(parse(exponent, &odd_number(2048), Legacy::Refuse), Ok(2048), "{exponent:?}");
    }
}

#[test]
fn only_padded_standard_base64_is_read() {
    let modulus = STANDARD.encode(odd_number(2048));
    let unpadded = modulus.trim_end_matches('=');
    let url_safe = format!("-{}", &modulus[1..]);
    let spaced = format!("{modulus}\n");
    for modulus in [unpadded, &url_safe, &spaced, "&", "мир"] {
        assert_eq!(GatewayKey::parse("AQAB", modulus, Legacy::Refuse), Err(KeyError::ModulusBase64));
    }
    for exponent in ["AQA", "AQAB=", "AQ B", "&"] {
        assert_eq!(GatewayKey::parse(exponent, &modulus, Legacy::Refuse), Err(KeyError::ExponentBase64));
    }
}

#[test]
fn what_is_far_too_long_is_not_even_decoded() {
    let modulus = STANDARD.encode(odd_number(2048));
    assert_eq!(GatewayKey::parse("AQAB", &"&".repeat(1369), Legacy::Refuse), Err(KeyError::ModulusTooLong));
    assert_eq!(GatewayKey::parse(&"&".repeat(9), &modulus, Legacy::Refuse), Err(KeyError::ExponentTooLong));
}

#[test]
fn leading_zero_bytes_change_nothing() {
    for bits in [1024, 2048, 8192] {
        let modulus = odd_number(bits);
        let signed = [&[0], modulus.as_slice()].concat();
        assert_eq!(parse(&[0, 1, 0, 1], &signed, Legacy::Allow), Ok(bits));
        let plain = GatewayKey::parse("AQAB", &STANDARD.encode(modulus), Legacy::Allow).unwrap();
        let padded = GatewayKey::parse("AAEAAQ==", &STANDARD.encode(signed), Legacy::Allow).unwrap();
        assert_eq!(plain.fingerprint(), padded.fingerprint());
    }
}

#[test]
fn a_fingerprint_is_the_beginning_of_the_jwk_thumbprint() {
    // The key and the thumbprint NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs of RFC 7638, section 3.1.
    let modulus = concat!(
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc/BJECPebWKRXjBZCiFV4n3oknjhMst",
        "n64tZ/2W+5JsGY4Hc5n9yBXArwl93lqt7/RN5w6Cf0h4QyQ5v+65YGjQR0/FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajr",
        "n1n91CbOpbISD08qNLyrdkt+bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ+G/xBniIqbw0Ls1jF44+csFCur+kEgU8awapJzKnqDKgw==",
    );
    let key = GatewayKey::parse("AQAB", modulus, Legacy::Refuse).unwrap();
    assert_eq!(key.fingerprint().to_string(), "3736 cbb1 787c b830 9c77 ee8c 3705 c5e1");
}

#[test]
fn keys_that_differ_have_fingerprints_that_differ() {
    let corpus = corpus();
    let (exponent, modulus) = public_parts(&corpus, "rsa2048");
    let key = |exponent, modulus| GatewayKey::parse(exponent, modulus, Legacy::Allow).unwrap().fingerprint();
    assert_ne!(key(exponent, modulus), key("Aw==", modulus));
    assert_ne!(key(exponent, modulus), key(exponent, public_parts(&corpus, "rsa4096").1));
}

#[test]
fn the_reasons_are_words_an_operator_can_use() {
    for (reason, words) in [
        (KeyError::ModulusTooShort { bits: 512 }, "has 512 bits; gateways have keys of 2048"),
        (KeyError::LegacyRefused, "upgrade the gateway"),
        (KeyError::ModulusTooLong, "more than 8192 bits"),
        (KeyError::ModulusBase64, "modulus of the gateway's public key is not valid base64"),
        (KeyError::ModulusEven, "even number"),
        (KeyError::ExponentBase64, "exponent of the gateway's public key is not valid base64"),
        (KeyError::ExponentUnusable, "0, 1 or even"),
        (KeyError::ExponentTooLong, "too large"),
    ] {
        assert!(reason.to_string().contains(words), "{reason}");
    }
}
