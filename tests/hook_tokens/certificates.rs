//! Certificates: which are read, which are not, and how they are fetched and kept.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, Response};
use pbi_rotate::clients::certificates::Certificates;
use pbi_rotate::codec::certificate::read;
use pbi_rotate::codec::fields::Unexpected;
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::trouble::Cause;
use pbi_rotate::ports::{Lost, Wire};
use rsa::RsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::traits::PublicKeyParts as _;

use crate::scene::{NOW, run};

const GOOD: &str = include_str!("../fixtures/certificates/rsa.pem");
const LARGE: &str = include_str!("../fixtures/certificates/rsa-4096.pem");
const LONG: &str = include_str!("../fixtures/certificates/rsa-1999-to-2055.pem");
const SHORT: &str = include_str!("../fixtures/certificates/rsa-1024.pem");
const ELLIPTIC: &str = include_str!("../fixtures/certificates/elliptic.pem");

fn der() -> Vec<u8> {
    let body: String = GOOD.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(body).expect("base64")
}

fn pem(der: &[u8]) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(der))
}

#[test]
fn a_certificate_gives_its_key_and_its_times() {
    for (text, key, begins, ends) in [
        (GOOD, include_str!("../../crates/emulator/src/keys/sales-2048.pem"), "2026-03-01", "2027-04-01T23:59:59Z"),
        (LARGE, include_str!("../../crates/emulator/src/keys/plant-4096.pem"), "2026-03-01", "2027-04-01T23:59:59Z"),
        (LONG, include_str!("../../crates/emulator/src/keys/sales-2048.pem"), "1999-01-01", "2055-12-31T23:59:59Z"),
    ] {
        let key = RsaPrivateKey::from_pkcs8_pem(key).expect("a key");
        let read = read(text.as_bytes()).expect("a certificate");
        assert_eq!(read.key.modulus, URL_SAFE_NO_PAD.encode(key.n().to_bytes_be()));
        assert_eq!(read.key.exponent, URL_SAFE_NO_PAD.encode(key.e().to_bytes_be()));
        assert_eq!((read.not_before.iso(), read.not_after.iso()), (format!("{begins}T00:00:00Z"), ends.to_owned()));
    }
}

#[test]
fn lines_may_end_in_any_way_and_a_chain_may_follow() {
    let expected = read(GOOD.as_bytes());
    assert!(expected.is_ok());
    for text in [GOOD.replace('\n', "\r\n"), format!("\n{GOOD}"), format!("{GOOD}{LARGE}"), pem(&der())] {
        assert_eq!(read(text.as_bytes()), expected);
    }
}

#[test]
fn nothing_else_is_a_certificate() {
    let with = |at: usize, bytes: &[u8]| {
        let mut der = der();
        der.splice(at..at + bytes.len(), bytes.iter().copied());
        pem(&der)
    };
    let place = |what: &[u8]| der().windows(what.len()).position(|window| window == what).expect("it is there");
    let (algorithm, begins) = (place(&RSA_ENCRYPTION), place(b"260301000000Z"));
    let trailing = [der(), vec![0]].concat();
    // The outer length once more, in a form that is longer than needed.
    let overlong = [&[0x30, 0x83, 0x00][..], &der()[2..]].concat();
    let indefinite = [&[0x30, 0x80][..], &der()[4..]].concat();
    for (why, text) in [
        ("nothing", String::new()),
        ("a page", "<html>".to_owned()),
        ("a key", include_str!("../../crates/emulator/src/keys/sales-2048.pem").to_owned()),
        ("no end", GOOD.replace("END", "BEGIN")),
        ("no base64", GOOD.replacen('M', "*", 2)),
        ("a book", format!("{GOOD}{}", "\n".repeat(16 * 1024))),
        ("an elliptic curve", ELLIPTIC.to_owned()),
        ("1024 bits", SHORT.to_owned()),
        ("something behind it", pem(&trailing)),
        ("a length that is longer than needed", pem(&overlong)),
        ("an indefinite length", pem(&indefinite)),
        ("another algorithm", with(algorithm + 10, &[0x0a])),
        ("a month 13", with(begins, b"261301000000Z")),
        ("a time with an offset", with(begins, b"2603010000+02")),
        ("a time that is no text", with(begins, &[0xff])),
    ] {
        assert_eq!(read(text.as_bytes()), Err(Unexpected), "{why}");
    }
    assert_eq!(read(&[0xff]), Err(Unexpected), "no text");
}

/// `rsaEncryption`, as an identifier.
const RSA_ENCRYPTION: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

#[test]
fn what_is_cut_off_is_refused_and_what_is_altered_does_no_harm() {
    let whole = der();
    for length in 0..whole.len() {
        assert_eq!(read(pem(&whole[..length]).as_bytes()), Err(Unexpected), "{length} bytes");
    }
    for at in 0..whole.len() {
        for change in [1, 0x20, 0x80, 0xff] {
            let mut altered = whole.clone();
            altered[at] ^= change;
            // Whatever it says now: nothing here is proof, and nothing panics.
            let _ = read(pem(&altered).as_bytes());
        }
    }
}

/// A wire that answers from a script.
struct Script {
    answers: RefCell<VecDeque<Result<Response<Bytes>, Lost>>>,
    asked: RefCell<Vec<String>>,
}

impl Script {
    fn new(answers: impl IntoIterator<Item = (u16, String)>) -> Self {
        let response = |(status, body): (u16, String)| match status {
            0 => Err(Lost),
            status => {
                let away = Response::builder().status(status).header("location", "https://attacker.example/x.pem");
                Ok(away.body(Bytes::from(body)).expect("a response"))
            }
        };
        Self { answers: RefCell::new(answers.into_iter().map(response).collect()), asked: RefCell::default() }
    }
}

impl Wire for Script {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        assert!(request.headers().get("authorization").is_none() && request.method() == "GET");
        self.asked.borrow_mut().push(request.uri().to_string());
        self.answers.borrow_mut().pop_front().expect("an answer for every request")
    }

    fn sent(&self) -> usize {
        self.asked.borrow().len()
    }

    fn wait_until(&self, _: Timestamp) {}
}

const BASE: &str = "https://sns.eu-central-1.amazonaws.com";

fn get(certificates: &Certificates, wire: &Script, path: &str, after: u64) -> Result<(), Cause> {
    let now = Timestamp::from_secs(NOW) + Duration::from_secs(after);
    run(certificates.get(wire, BASE, path, now)).map(drop).map_err(|trouble| trouble.cause)
}

#[test]
fn a_certificate_is_fetched_once_for_each_path() {
    let (certificates, wire) =
        (Certificates::default(), Script::new([(200, GOOD.to_owned()), (200, LARGE.to_owned())]));
    for (path, after) in [("/a.pem", 0), ("/a.pem", 100_000), ("/b.pem", 1), ("/a.pem", 2), ("/b.pem", 2)] {
        assert_eq!(get(&certificates, &wire, path, after), Ok(()));
    }
    assert_eq!(*wire.asked.borrow(), [format!("{BASE}/a.pem"), format!("{BASE}/b.pem")]);
}

#[test]
fn one_that_cannot_be_had_is_our_trouble_and_soon_looked_for_again() {
    let good = || (200, GOOD.to_owned());
    for (answer, cause) in [
        ((0, String::new()), Cause::Unreachable),
        ((503, String::new()), Cause::Unavailable),
        ((404, String::new()), Cause::NotFound),
        ((302, String::new()), Cause::Unintelligible),
        ((200, "<html>".to_owned()), Cause::Unintelligible),
        ((200, SHORT.to_owned()), Cause::Unintelligible),
    ] {
        let (certificates, wire) = (Certificates::default(), Script::new([good(), answer, good()]));
        assert_eq!(get(&certificates, &wire, "/known.pem", 0), Ok(()));
        assert_eq!(get(&certificates, &wire, "/a.pem", 0), Err(cause));
        assert_eq!(get(&certificates, &wire, "/a.pem", 9), Err(Cause::Unavailable));
        assert_eq!(get(&certificates, &wire, "/known.pem", 9), Ok(()), "what is known is not held up");
        assert_eq!(wire.sent(), 2);
        assert_eq!(get(&certificates, &wire, "/a.pem", 10), Ok(()));
    }
}

#[test]
fn one_that_is_none_holds_up_no_other() {
    let none = || (404, String::new());
    let answers = [none(), (200, GOOD.to_owned()), none(), (503, String::new())];
    let (certificates, wire) = (Certificates::default(), Script::new(answers));
    assert_eq!(get(&certificates, &wire, "/made-up.pem", 0), Err(Cause::NotFound));
    assert_eq!(get(&certificates, &wire, "/real.pem", 0), Ok(()));
    assert_eq!(get(&certificates, &wire, "/made-up.pem", 9), Err(Cause::Unavailable));
    assert_eq!(get(&certificates, &wire, "/made-up.pem", 10), Err(Cause::NotFound));
    assert_eq!(get(&certificates, &wire, "/b.pem", 10), Err(Cause::Unavailable));
    assert_eq!(get(&certificates, &wire, "/c.pem", 10), Err(Cause::Unavailable), "Amazon is in trouble");
    assert_eq!(wire.sent(), 4);
}

#[test]
fn addresses_without_one_are_remembered_eight_at_a_time() {
    let (certificates, wire) = (Certificates::default(), Script::new((0..10).map(|_| (404, String::new()))));
    for at in 0..9 {
        assert_eq!(get(&certificates, &wire, &format!("/{at}.pem"), 0), Err(Cause::NotFound));
    }
    assert_eq!(get(&certificates, &wire, "/8.pem", 0), Err(Cause::Unavailable));
    assert_eq!(get(&certificates, &wire, "/0.pem", 0), Err(Cause::NotFound), "the first made room");
}

#[test]
fn eight_are_remembered() {
    let (certificates, wire) = (Certificates::default(), Script::new((0..10).map(|_| (200, GOOD.to_owned()))));
    for at in (0..9).chain(1..9) {
        assert_eq!(get(&certificates, &wire, &format!("/{at}.pem"), 0), Ok(()));
    }
    assert_eq!(wire.sent(), 9, "the last eight are there");
    assert_eq!(get(&certificates, &wire, "/0.pem", 0), Ok(()));
    assert_eq!(wire.sent(), 10, "the first made room");
}
