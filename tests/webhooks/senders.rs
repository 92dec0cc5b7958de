//! The senders that the documents offer: what they really send is proven, read and opened.

use std::env;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;

use http::{HeaderMap, HeaderName, HeaderValue};
use pbi_rotate::codec::pem::private_key;
use pbi_rotate::codec::proof::Verified;
use pbi_rotate::codec::signatures::Signatures as _;
use pbi_rotate::codec::webhook::delivery::Delivery;
use pbi_rotate::codec::webhook::{Message, Post, sealed, standard};
use pbi_rotate::domain::source::{News, SecretId};
use pbi_rotate::domain::time::Timestamp;
use seal::Secret;

use crate::cryptography::Native;
use crate::pem::KEY;
use crate::post::{hint, named, run};

const SIGNING: &str = "whsec_SLl07YyiWMQiYMPglElZWl5KfFnr0C/Fm/rBLpzqtpI=";
const VALUE: &str = "correct horse \u{1f50b} \"battery\"";
const ADDRESS: &str = "/hooks/k7Qm2xV9bT4hR8wZ3nL6pD1sF5gJ0yCa";

/// What somebody sent.
struct Request {
    line: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Request {
    fn read(stream: &TcpStream) -> Self {
        let mut reader = BufReader::new(stream);
        let mut next = || {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a line");
            line.trim_end().to_owned()
        };
        let line = next();
        let mut headers = HeaderMap::new();
        while let Some((name, value)) = next().split_once(": ") {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
            headers.append(name, HeaderValue::from_str(value).expect("a header's value"));
        }
        let length = headers.get("content-length").map_or(0, |length| length.to_str().unwrap().parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("the body");
        Self { line, headers, body }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).expect("the header").to_str().expect("ASCII")
    }

    fn proven(&self) -> Verified<Delivery> {
        let sent = Timestamp::from_secs(self.header("webhook-timestamp").parse().expect("seconds"));
        let post = Post { headers: &self.headers, body: &self.body };
        run(standard::verify(post, &[Secret::new(SIGNING.to_owned())], sent, &Native)).expect("proven")
    }

    fn message(&self) -> Message {
        standard::read(self.proven()).expect("understood")
    }
}

/// Runs a sender against somebody who gives these answers, one for each request, as long as it asks; what was sent, and
/// whether the sender is content.
fn sends(program: &str, script: &str, given: &[&str], input: &str, answers: &[(u16, String)]) -> (Vec<Request>, bool) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let url = format!("http://{address}{ADDRESS}");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/senders/");
    let mut sender = Command::new(program)
        .arg(format!("{folder}{script}"))
        .args(given)
        .envs([("PBI_ROTATE_URL", url.as_str()), ("PBI_ROTATE_KEY", SIGNING)])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|why| panic!("{program} is needed for this test: {why}"));
    let mut stdin = sender.stdin.take().expect("its input");
    let input = input.to_owned();
    let writer = thread::spawn(move || stdin.write_all(input.as_bytes()));
    let ended = thread::spawn(move || {
        let status = sender.wait();
        // Whoever waits for one more request gets an empty one.
        drop(TcpStream::connect(address));
        status
    });
    let mut requests = Vec::new();
    for (status, body) in answers {
        let (mut stream, _) = listener.accept().expect("a connection");
        let request = Request::read(&stream);
        if request.line.is_empty() {
            break;
        }
        requests.push(request);
        let length = body.len();
        let head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\nretry-after: 0\r\ncontent-length: {length}");
        stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).expect("answered");
    }
    let content = ended.join().expect("an end").expect("a status").success();
    writer.join().expect("written").expect("written");
    (requests, content)
}

fn answer(status: u16) -> (u16, String) {
    (status, r#"{"ok":true}"#.to_owned())
}

#[test]
fn the_thin_sender_is_proven_and_tries_again_under_the_same_id() {
    let given = ["secret=sales-db-password", "version=v7=a"];
    let (requests, content) = sends("node", "thin.mjs", &given, "", &[answer(503), answer(429), answer(200)]);
    assert!(content);
    for request in &requests {
        assert_eq!(request.line, format!("POST {ADDRESS} HTTP/1.1"));
        assert_eq!(request.header("webhook-id"), requests[0].header("webhook-id"));
        let hint = hint(request.message());
        assert_eq!(hint.event, request.header("webhook-id"));
        let said = (hint.secret, hint.version, hint.news);
        assert_eq!(said, (named("sales-db-password"), Some("v7=a".to_owned()), News::Changed));
    }
}

#[test]
fn the_thin_sender_names_what_is_in_a_vault() {
    let given = ["type=secret.expiring", "mount=secret", "path=reporting/warehouse"];
    let (requests, _) = sends("node", "thin.mjs", &given, "", &[answer(200)]);
    let hint = hint(requests[0].message());
    let secret = SecretId::Kv { mount: "secret".to_owned(), path: "reporting/warehouse".to_owned() };
    assert_eq!((hint.secret, hint.version, hint.news), (Some(secret), None, News::Expiring));
}

#[test]
fn the_thin_sender_gives_up_on_a_refusal_that_stays() {
    for status in [400, 401, 404, 410, 413] {
        let answers = [answer(status), answer(200)];
        let (requests, content) = sends("node", "thin.mjs", &["secret=sales-db"], "", &answers);
        assert_eq!((requests.len(), content), (1, false), "{status}");
    }
}

/// Runs a sender that seals, and opens what it sent with our key.
fn seals(program: &str, script: &str) {
    let key = private_key(KEY).expect("a key");
    let jwk = sealed::public_jwk(&run(Native.public_rsa(&key)).expect("its public part")).to_string();
    let given = ["secret=sales-db-password", "version=v7"];
    for input in [format!("{VALUE}\n"), format!("{VALUE}\r\n"), VALUE.to_owned()] {
        let (requests, content) = sends(program, script, &given, &input, &[(200, jwk.clone()), answer(200)]);
        assert!(content);
        assert_eq!(requests[0].line, format!("GET {ADDRESS} HTTP/1.1"));
        let Message::Sealed { hint, jwe } = requests[1].message() else { panic!("not sealed") };
        assert_eq!((hint.secret, hint.version), (named("sales-db-password"), Some("v7".to_owned())));
        let opened = run(sealed::open(&jwe, &key, &Native)).expect("sealed to our key");
        assert!(opened.expose() == VALUE);
    }
    let (_, content) = sends(program, script, &given, VALUE, &[(200, jwk), answer(401)]);
    assert!(!content, "a refusal is an error");
}

#[test]
fn what_the_sealing_sender_brings_is_opened() {
    seals("node", "sealed.mjs");
}

#[test]
#[ignore = "needs Python with its package cryptography"]
fn what_the_sealing_sender_in_python_brings_is_opened() {
    seals(&env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned()), "sealed.py");
}
