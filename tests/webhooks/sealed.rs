//! Pushed values: what is opened, and every other text, which is not ours.

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pbi_rotate::codec::pem::private_key;
use pbi_rotate::codec::signatures::{RsaKey, Signatures as _};
use pbi_rotate::codec::webhook::sealed::{NotOurs, open, public_jwk};
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::{Oaep, Pkcs1v15Encrypt, RsaPrivateKey, RsaPublicKey};
use serde_json::json;
use sha1::Sha1;
use sha2::Sha256;

use crate::cryptography::Native;
use crate::pem::KEY;
use crate::post::run;

const OTHER: &str = include_str!("../../crates/emulator/src/keys/personal-2048.pem");
const VALUE: &str = "correct horse \u{1f50b} \"battery\"";

/// What a sender does, to be spoiled in one place.
struct Sender {
    key: &'static str,
    header: String,
    /// What stands under the tag instead, if not the header.
    authenticated: Option<String>,
    content_key: Vec<u8>,
    nonce: Vec<u8>,
    value: Vec<u8>,
    wrap: fn(&RsaPublicKey, &[u8]) -> Vec<u8>,
    /// What becomes of the five parts.
    parts: fn(&mut Vec<String>),
}

impl Default for Sender {
    fn default() -> Self {
        Self {
            key: KEY,
            header: json!({ "alg": "RSA-OAEP-256", "enc": "A256GCM" }).to_string(),
            authenticated: None,
            content_key: vec![7; 32],
            nonce: vec![9; 12],
            value: VALUE.into(),
            wrap: |key, content_key| {
                key.encrypt(&mut rand_core::OsRng, Oaep::new::<Sha256>(), content_key).expect("encrypted")
            },
            parts: |_| {},
        }
    }
}

impl Sender {
    fn jwe(&self) -> String {
        let key = RsaPrivateKey::from_pkcs8_pem(self.key).expect("a key").to_public_key();
        let header = URL_SAFE_NO_PAD.encode(&self.header);
        let aad = self.authenticated.as_ref().map_or(header.clone(), |other| URL_SAFE_NO_PAD.encode(other));
        // With a key or nonce of another length nothing can be encrypted, so what is sent then only has the form.
        let sealed = match (Aes256Gcm::new_from_slice(&self.content_key), self.nonce.len()) {
            (Ok(cipher), 12) => cipher
                .encrypt(Nonce::from_slice(&self.nonce), Payload { msg: &self.value, aad: aad.as_bytes() })
                .expect("encrypted"),
            _ => vec![0; 40],
        };
        let (value, tag) = sealed.split_at(sealed.len() - 16);
        let wrapped = (self.wrap)(&key, &self.content_key);
        let bytes = [&wrapped, &self.nonce[..], value, tag];
        let mut parts: Vec<_> = [header].into_iter().chain(bytes.map(|part| URL_SAFE_NO_PAD.encode(part))).collect();
        (self.parts)(&mut parts);
        parts.join(".")
    }
}

fn opened(jwe: &str) -> Result<String, NotOurs> {
    let key = private_key(KEY).expect("a key");
    run(open(jwe, &key, &Native)).map(|value| value.expose().to_owned())
}

#[test]
fn what_is_sealed_to_our_key_is_opened() {
    let full = "x".repeat(64 * 1024);
    for (name, sender, expected) in [
        ("as it comes", Sender::default(), VALUE),
        ("as long as can be", Sender { value: full.clone().into(), ..Sender::default() }, full.as_str()),
        (
            "with the key's name, and one that nobody knows",
            Sender {
                header: json!({ "alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "x", "future": [1] }).to_string(),
                ..Sender::default()
            },
            VALUE,
        ),
    ] {
        assert!(opened(&sender.jwe()).as_deref() == Ok(expected), "{name}");
    }
}

#[test]
fn another_header_is_not_ours() {
    for (name, header) in [
        ("RSA-OAEP with SHA-1", r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#),
        ("RSA1_5", r#"{"alg":"RSA1_5","enc":"A256GCM"}"#),
        ("dir", r#"{"alg":"dir","enc":"A256GCM"}"#),
        ("none", r#"{"alg":"none","enc":"A256GCM"}"#),
        ("in lower case", r#"{"alg":"rsa-oaep-256","enc":"A256GCM"}"#),
        ("no algorithm", r#"{"enc":"A256GCM"}"#),
        ("A128GCM", r#"{"alg":"RSA-OAEP-256","enc":"A128GCM"}"#),
        ("A256CBC-HS512", r#"{"alg":"RSA-OAEP-256","enc":"A256CBC-HS512"}"#),
        ("no encryption", r#"{"alg":"RSA-OAEP-256"}"#),
        ("compressed", r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","zip":"DEF"}"#),
        ("an extension demanded", r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","crit":["exp"],"exp":1}"#),
        ("no extension demanded", r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","crit":[]}"#),
        ("extensions are null", r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","crit":null}"#),
        ("algorithms in a list", r#"{"alg":["RSA-OAEP-256"],"enc":"A256GCM"}"#),
        ("a list", r#"["RSA-OAEP-256","A256GCM"]"#),
        ("no JSON", "RSA-OAEP-256"),
        ("empty", ""),
    ] {
        assert!(opened(&Sender { header: header.to_owned(), ..Sender::default() }.jwe()) == Err(NotOurs), "{name}");
    }
    let long = json!({ "alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "x".repeat(1024) }).to_string();
    assert!(opened(&Sender { header: long, ..Sender::default() }.jwe()) == Err(NotOurs), "too long");
}

#[test]
fn what_was_not_sealed_like_that_is_not_ours() {
    let authenticated = r#"{"enc":"A256GCM","alg":"RSA-OAEP-256"}"#.to_owned();
    let of = Sender::default;
    for (name, sender) in [
        ("to another key", Sender { key: OTHER, ..of() }),
        ("the header altered", Sender { authenticated: Some(authenticated), ..of() }),
        ("the value altered", Sender { parts: |parts| flip(&mut parts[3]), ..of() }),
        ("the tag altered", Sender { parts: |parts| flip(&mut parts[4]), ..of() }),
        ("the nonce altered", Sender { parts: |parts| flip(&mut parts[2]), ..of() }),
        ("the wrapped key altered", Sender { parts: |parts| flip(&mut parts[1]), ..of() }),
        ("the tag truncated", Sender { parts: |parts| parts[4].truncate(16), ..of() }),
        ("no tag", Sender { parts: |parts| parts[4].clear(), ..of() }),
        ("no wrapped key", Sender { parts: |parts| parts[1].clear(), ..of() }),
        ("a huge wrapped key", Sender { parts: |parts| parts[1] = "A".repeat(60_000), ..of() }),
        ("padded", Sender { parts: |parts| parts[4].push_str("=="), ..of() }),
        ("four parts", Sender { parts: |parts| drop(parts.pop()), ..of() }),
        ("six parts", Sender { parts: |parts| parts.push(String::new()), ..of() }),
        ("a nonce of 16 bytes", Sender { nonce: vec![9; 16], ..of() }),
        ("a key of 16 bytes", Sender { content_key: vec![7; 16], ..of() }),
        ("a key of 33 bytes", Sender { content_key: vec![7; 33], ..of() }),
        ("wrapped with SHA-1", Sender { wrap: by_sha1, ..of() }),
        ("wrapped by RSA1_5", Sender { wrap: by_rsa1_5, ..of() }),
        ("not UTF-8", Sender { value: vec![0xff, 0xfe], ..of() }),
        ("a byte too long", Sender { value: vec![b'x'; 64 * 1024 + 1], ..of() }),
    ] {
        assert!(opened(&sender.jwe()) == Err(NotOurs), "{name}");
    }
    for text in ["", ".", "....", "a.b.c.d.e", "{}", "ä....", &"A".repeat(1 << 20), &".".repeat(5000)] {
        assert!(opened(text) == Err(NotOurs), "{text:.20}");
    }
}

fn by_sha1(key: &RsaPublicKey, content_key: &[u8]) -> Vec<u8> {
    key.encrypt(&mut rand_core::OsRng, Oaep::new::<Sha1>(), content_key).expect("encrypted")
}

fn by_rsa1_5(key: &RsaPublicKey, content_key: &[u8]) -> Vec<u8> {
    key.encrypt(&mut rand_core::OsRng, Pkcs1v15Encrypt, content_key).expect("encrypted")
}

/// Changes the first character, all of whose bits count.
fn flip(part: &mut String) {
    let other = if part.starts_with('A') { "B" } else { "A" };
    part.replace_range(..1, other);
}

/// RFC 7638, 3.1: the example.
const EXAMPLE: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

#[test]
fn the_key_that_is_handed_out_is_named_by_its_thumbprint() {
    let jwk = public_jwk(&RsaKey { modulus: EXAMPLE.to_owned(), exponent: "AQAB".to_owned() });
    let expected = json!({
        "kty": "RSA", "n": EXAMPLE, "e": "AQAB", "alg": "RSA-OAEP-256", "use": "enc",
        "kid": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
    });
    assert_eq!(jwk, expected);
}

#[test]
fn the_public_part_of_our_key_is_what_senders_seal_to() {
    let key = private_key(KEY).expect("a key");
    let public = run(Native.public_rsa(&key)).expect("a key");
    assert_eq!((public.modulus.len(), public.exponent.as_str()), (342, "AQAB"));
}
