//! Standard Webhooks: the document's own example, forged and odd posts, each named for what is wrong with it.

use ed25519_dalek::{Signer as _, SigningKey};
use pbi_rotate::codec::signatures::{Hash, PrivateKey, RsaKey, Signatures, Unchecked};
use pbi_rotate::codec::webhook::Unproven::{self, Algorithm, Form, Future, Missing, Signature, Stale};
use pbi_rotate::codec::webhook::{Malformed, standard};
use pbi_rotate::domain::time::Timestamp;
use zeroize::Zeroizing;

use crate::cryptography::Native;
use crate::post::{Case, NOW, Sent, base64, each, hmac, nested, run};

const ID: &str = "msg_1";
const BODY: &str = r#"{"type":"secret.changed","data":{"secret":"sales-db"}}"#;

fn shared(byte: u8) -> String {
    format!("whsec_{}", base64(&[byte; 32]))
}

fn signing(byte: u8) -> SigningKey {
    SigningKey::from_bytes(&[byte; 32])
}

fn public(byte: u8) -> String {
    format!("whpk_{}", base64(signing(byte).verifying_key().as_bytes()))
}

fn content(sent: &Sent) -> Vec<u8> {
    let value = |name: &str| sent.headers.iter().find(|(known, _)| *known == name).expect("a header").1.clone();
    [value("webhook-id").as_bytes(), b".", value("webhook-timestamp").as_bytes(), b".", &sent.body].concat()
}

/// `v1` by the secret of that byte.
fn v1(sent: &Sent, byte: u8) -> String {
    format!("v1,{}", base64(&hmac(&[byte; 32], &[&content(sent)])))
}

/// `v1a` by the key of that byte.
fn v1a(sent: &Sent, byte: u8) -> String {
    format!("v1a,{}", base64(&signing(byte).sign(&content(sent)).to_bytes()))
}

fn unsigned(id: &str, at: i64, body: &str, keys: &[&str]) -> Sent {
    let headers =
        [("webhook-id", id.to_owned()), ("webhook-timestamp", at.to_string()), ("webhook-signature", "".into())];
    Sent::new(headers.into(), body, keys)
}

/// Signed by both algorithms' keys 1, taken by keys 1 and 2 of both.
fn good() -> Sent {
    let mut sent = unsigned(ID, NOW, BODY, &[&shared(1), &shared(2), &public(1), &public(2)]);
    *sent.header("webhook-signature") = v1(&sent, 1);
    sent
}

fn by_ed25519() -> Sent {
    let mut sent = good();
    *sent.header("webhook-signature") = v1a(&sent, 1);
    sent
}

fn refusal(sent: &Sent) -> Option<Unproven> {
    refusal_by(&Native, sent)
}

fn refusal_by(platform: &impl Signatures, sent: &Sent) -> Option<Unproven> {
    run(standard::verify(sent.post(&sent.head()), &sent.keys(), Timestamp(sent.now), platform)).err()
}

/// Signs anew, after something was changed.
fn resign(sent: &mut Sent) {
    *sent.header("webhook-signature") = v1(sent, 1);
}

#[test]
fn the_documents_own_example_is_taken() {
    let mut sent = unsigned(
        "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        1_649_367_553,
        r#"{"email":"test@example.com","username":"test_user"}"#,
        &["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
    );
    *sent.header("webhook-signature") = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=".into();
    sent.now = 1_649_367_553_000;
    assert_eq!(refusal(&sent), None);
    sent.body[2] = b'E';
    assert_eq!(refusal(&sent), Some(Signature), "altered");
}

#[test]
fn one_good_signature_of_an_active_key_is_enough() {
    each(
        good,
        refusal,
        &[
            ("as it comes", |_| {}, None),
            ("by the key before", |sent| *sent.header("webhook-signature") = v1(sent, 2), None),
            ("by a key that is gone", |sent| *sent.header("webhook-signature") = v1(sent, 3), Some(Signature)),
            ("by Ed25519", |sent| *sent.header("webhook-signature") = v1a(sent, 1), None),
            ("by Ed25519, the key before", |sent| *sent.header("webhook-signature") = v1a(sent, 2), None),
            (
                "by Ed25519, a key that is gone",
                |sent| *sent.header("webhook-signature") = v1a(sent, 3),
                Some(Signature),
            ),
            (
                "the good one last",
                |sent| *sent.header("webhook-signature") = format!("{} {}", v1(sent, 3), v1(sent, 1)),
                None,
            ),
            (
                "the good one first",
                |sent| *sent.header("webhook-signature") = format!("{} {}", v1(sent, 1), v1(sent, 3)),
                None,
            ),
            (
                "both algorithms, one of them good",
                |sent| *sent.header("webhook-signature") = format!("{} {}", v1(sent, 3), v1a(sent, 1)),
                None,
            ),
            (
                "after one of a version to come",
                |sent| *sent.header("webhook-signature") = format!("v2,x {}", v1(sent, 1)),
                None,
            ),
            ("eight", |sent| *sent.header("webhook-signature") = format!("{}{}", "v2,x ".repeat(7), v1(sent, 1)), None),
            (
                "nine",
                |sent| *sent.header("webhook-signature") = format!("{}{}", "v2,x ".repeat(8), v1(sent, 1)),
                Some(Form),
            ),
            ("a huge list", |sent| *sent.header("webhook-signature") = vec![v1(sent, 1); 5000].join(" "), Some(Form)),
        ],
    );
}

#[test]
fn whatever_was_not_signed_is_refused() {
    let cases: &[Case<Unproven>] = &[
        ("another id", |sent| *sent.header("webhook-id") = "msg_2".into(), Some(Signature)),
        ("a second later", |sent| *sent.header("webhook-timestamp") = (NOW + 1).to_string(), Some(Signature)),
        ("a byte of the body altered", |sent| sent.body[10] ^= 1, Some(Signature)),
        ("a byte more", |sent| sent.body.push(b' '), Some(Signature)),
        ("a truncated body", |sent| sent.body.truncate(20), Some(Signature)),
        ("no body", |sent| sent.body.clear(), Some(Signature)),
        ("a zero in front of the time", |sent| sent.header("webhook-timestamp").insert(0, '0'), Some(Signature)),
    ];
    each(good, refusal, cases);
    each(by_ed25519, refusal, cases);
}

#[test]
fn an_algorithm_is_not_swapped() {
    each(
        good,
        refusal,
        &[
            (
                "v1 sent as v1a",
                |sent| *sent.header("webhook-signature") = v1(sent, 1).replace("v1,", "v1a,"),
                Some(Form),
            ),
            (
                "v1a sent as v1",
                |sent| *sent.header("webhook-signature") = v1a(sent, 1).replace("v1a,", "v1,"),
                Some(Form),
            ),
            (
                "v1 by the public key's bytes",
                |sent| {
                    let key = signing(1).verifying_key();
                    let code = hmac(key.as_bytes(), &[&content(sent)]);
                    *sent.header("webhook-signature") = format!("v1,{}", base64(&code));
                },
                Some(Signature),
            ),
            ("v1 where only public keys are held", |sent| sent.keys = vec![public(1)], Some(Algorithm)),
            (
                "v1a where only secrets are held",
                |sent| {
                    sent.keys = vec![shared(1)];
                    *sent.header("webhook-signature") = v1a(sent, 1);
                },
                Some(Algorithm),
            ),
            ("a version to come alone", |sent| *sent.header("webhook-signature") = "v2,x".into(), Some(Algorithm)),
            (
                "the version in capitals",
                |sent| *sent.header("webhook-signature") = v1(sent, 1).replace("v1", "V1"),
                Some(Algorithm),
            ),
        ],
    );
}

#[test]
fn the_headers_are_there_once_and_in_their_form() {
    each(
        good,
        refusal,
        &[
            ("no id", |sent| sent.without("webhook-id"), Some(Missing)),
            ("no time", |sent| sent.without("webhook-timestamp"), Some(Missing)),
            ("no signature", |sent| sent.without("webhook-signature"), Some(Missing)),
            ("two ids", |sent| sent.twice("webhook-id"), Some(Form)),
            ("two times", |sent| sent.twice("webhook-timestamp"), Some(Form)),
            ("two signature headers", |sent| sent.twice("webhook-signature"), Some(Form)),
            ("an empty list", |sent| sent.header("webhook-signature").clear(), Some(Form)),
            ("no version", |sent| *sent.header("webhook-signature") = v1(sent, 1)[3..].into(), Some(Form)),
            ("commas between", |sent| *sent.header("webhook-signature") = vec![v1(sent, 1); 2].join(","), Some(Form)),
            ("a truncated signature", |sent| sent.header("webhook-signature").truncate(20), Some(Form)),
            ("31 bytes", |sent| *sent.header("webhook-signature") = format!("v1,{}", base64(&[0; 31])), Some(Form)),
            ("hexadecimal", |sent| *sent.header("webhook-signature") = format!("v1,{}", "0".repeat(64)), Some(Form)),
            ("an empty signature", |sent| *sent.header("webhook-signature") = "v1,".into(), Some(Form)),
            ("not ASCII", |sent| sent.header("webhook-signature").push('ä'), Some(Form)),
        ],
    );
}

#[test]
fn an_id_is_short_and_without_a_point() {
    let of = |id: &str| {
        let mut sent = good();
        *sent.header("webhook-id") = id.to_owned();
        resign(&mut sent);
        refusal(&sent)
    };
    assert_eq!((of(&"x".repeat(256)), of(&"x".repeat(257))), (None, Some(Form)));
    for id in ["", "msg.1", "msg 1", "msg_\t1"] {
        assert_eq!(of(id), Some(Form), "{id:?}");
    }
}

#[test]
fn a_point_does_not_move_between_id_and_time() {
    // The same bytes are signed: `msg_1.<time>.<body>` is also `msg_1.<time>` and the rest.
    let mut sent = good();
    let whole = format!("{ID}.{NOW}");
    sent.body = [NOW.to_string().as_bytes(), b".", BODY.as_bytes()].concat();
    *sent.header("webhook-id") = whole;
    assert_eq!(refusal(&sent), Some(Form));
}

#[test]
fn five_minutes_either_way_and_not_a_second_more() {
    for (after_ms, expected) in [
        (299_000, None),
        (300_000, None),
        (300_999, None),
        (301_000, Some(Stale)),
        (86_400_000, Some(Stale)),
        (-299_000, None),
        (-300_000, None),
        (-300_001, Some(Future)),
        (-301_000, Some(Future)),
    ] {
        for mut sent in [good(), by_ed25519()] {
            sent.now += after_ms;
            assert_eq!(refusal(&sent), expected, "{after_ms} ms");
        }
    }
}

#[test]
fn a_time_is_a_plain_number_of_seconds() {
    for time in
        ["", "soon", "+1795285800", "-1795285800", " 1795285800", "1795285800.0", "1e9", "0x6b0f", "9999999999999999"]
    {
        let mut sent = good();
        *sent.header("webhook-timestamp") = time.to_owned();
        resign(&mut sent);
        assert_eq!(refusal(&sent), Some(Form), "{time:?}");
    }
    let mut sent = good();
    *sent.header("webhook-timestamp") = (NOW * 1000).to_string();
    resign(&mut sent);
    assert_eq!(refusal(&sent), Some(Future), "milliseconds");
}

#[test]
fn without_a_key_that_can_be_read_nothing_is_proven_and_nobody_is_called_a_forger() {
    let url_safe = base64(&[0xfb; 32]).replace('+', "-").replace('/', "_");
    for (name, key) in [
        ("no prefix", base64(&[1; 32])),
        ("another prefix", shared(1).replace("whsec", "whsk")),
        ("23 bytes", format!("whsec_{}", base64(&[1; 23]))),
        ("65 bytes", format!("whsec_{}", base64(&[1; 65]))),
        ("base64url", format!("whsec_{url_safe}")),
        ("a public key of 31 bytes", format!("whpk_{}", base64(&[1; 31]))),
        ("empty", String::new()),
    ] {
        let mut sent = good();
        sent.keys = vec![key.clone()];
        assert_eq!(refusal(&sent), Some(Unproven::Unchecked), "{name}");
        // Beside a good one as well, since nobody would notice that it is not in force.
        sent.keys = vec![shared(1), key];
        assert_eq!(refusal(&sent), Some(Unproven::Unchecked), "{name}, beside a good one");
    }
    let mut sent = good();
    sent.keys.clear();
    assert_eq!(refusal(&sent), Some(Unproven::Unchecked), "no keys");
    for length in [24, 64] {
        let mut sent = good();
        sent.keys = vec![format!("whsec_{}", base64(&vec![7; length]))];
        *sent.header("webhook-signature") = format!("v1,{}", base64(&hmac(&vec![7; length], &[&content(&sent)])));
        assert_eq!(refusal(&sent), None, "{length} bytes");
    }
}

#[test]
fn when_the_platform_fails_only_a_shared_secret_proves_anything() {
    let mut sent = by_ed25519();
    assert_eq!(refusal_by(&Broken, &sent), Some(Unproven::Unchecked));
    let both = format!("{} {}", v1a(&sent, 1), v1(&sent, 1));
    *sent.header("webhook-signature") = both;
    assert_eq!(refusal_by(&Broken, &sent), None);
}

#[test]
fn what_is_signed_and_no_json_is_malformed() {
    for body in
        ["", "{", "secret.changed", "{\"type\":\"secret.changed\",}", "\u{feff}{}", &nested(200), &nested(100_000)]
    {
        let mut sent = unsigned(ID, NOW, body, &[&shared(1)]);
        resign(&mut sent);
        let proven = run(standard::verify(sent.post(&sent.head()), &sent.keys(), Timestamp(sent.now), &Native));
        assert_eq!(standard::read(proven.expect("a good signature")), Err(Malformed), "{:.20}", body);
    }
    let mut sent = unsigned(ID, NOW, "", &[&shared(1)]);
    sent.body = vec![b'"', 0xff, b'"'];
    resign(&mut sent);
    let proven = run(standard::verify(sent.post(&sent.head()), &sent.keys(), Timestamp(sent.now), &Native));
    assert_eq!(standard::read(proven.expect("a good signature")), Err(Malformed), "not UTF-8");
}

/// A platform that cannot do anything.
struct Broken;

impl Signatures for Broken {
    async fn verify_rsa(&self, _: &RsaKey, _: Hash, _: &[u8], _: &[u8]) -> Result<bool, Unchecked> {
        Err(Unchecked)
    }

    async fn verify_ed25519(&self, _: &[u8; 32], _: &[u8], _: &[u8]) -> Result<bool, Unchecked> {
        Err(Unchecked)
    }

    async fn sign_rs256(&self, _: &PrivateKey, _: &[u8]) -> Result<Vec<u8>, Unchecked> {
        Err(Unchecked)
    }

    async fn open_oaep(&self, _: &PrivateKey, _: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unchecked> {
        Err(Unchecked)
    }

    async fn public_rsa(&self, _: &PrivateKey) -> Result<RsaKey, Unchecked> {
        Err(Unchecked)
    }
}
