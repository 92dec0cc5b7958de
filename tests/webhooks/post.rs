//! A post as a sender makes it, to be spoiled in one place, and what becomes of it.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use http::{HeaderMap, HeaderName};
use pbi_rotate::codec::webhook::{Message, Post};
use pbi_rotate::domain::source::{Hint, News, SecretId};
use seal::Secret;
use sha2::Sha256;

/// 2026-11-21 18:30 UTC.
pub const NOW: i64 = 1_795_285_800;
/// The secret header's keys: the new one, and the one before it.
pub const KEYS: [&str; 2] = ["k3y-of-today-kZ0nq5V2m8c1T7xW4bJ6", "k3y-before-it-Qe9sD3fG5hJ7kL1zX0cV"];

/// A post, good as it comes.
#[derive(Clone)]
pub struct Sent {
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// The keys that the receiver holds.
    pub keys: Vec<String>,
    /// When it arrives, in milliseconds.
    pub now: i64,
}

impl Sent {
    pub fn new(headers: Vec<(&'static str, String)>, body: &str, keys: &[&str]) -> Self {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        Self { headers, body: body.into(), keys, now: NOW * 1000 }
    }

    /// The one value of a header.
    pub fn header(&mut self, name: &str) -> &mut String {
        let found = self.headers.iter_mut().find(|(known, _)| *known == name);
        &mut found.expect("the header").1
    }

    pub fn without(&mut self, name: &str) {
        self.headers.retain(|(known, _)| *known != name);
    }

    pub fn twice(&mut self, name: &'static str) {
        let value = self.header(name).clone();
        self.headers.push((name, value));
    }

    pub fn keys(&self) -> Vec<Secret> {
        self.keys.iter().cloned().map(Secret::new).collect()
    }

    pub fn head(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let value = http::HeaderValue::from_bytes(value.as_bytes()).expect("a header");
            headers.append(HeaderName::from_static(name), value);
        }
        headers
    }

    pub fn post<'a>(&'a self, headers: &'a HeaderMap) -> Post<'a> {
        Post { headers, body: &self.body }
    }
}

/// A case: its name, how the good post is changed, and the refusal; none when it is taken all the same.
pub type Case<E> = (&'static str, fn(&mut Sent), Option<E>);

/// Tries each change of the good post on its own.
pub fn each<E: PartialEq + Copy + std::fmt::Debug>(
    good: impl Fn() -> Sent,
    refusal: impl Fn(&Sent) -> Option<E>,
    cases: &[Case<E>],
) {
    for (name, change, expected) in cases {
        let mut sent = good();
        change(&mut sent);
        assert_eq!(refusal(&sent), *expected, "{name}");
    }
}

/// The one hint of a message, without its event: which secret, which version, what happened.
pub type Said = (Option<SecretId>, Option<String>, News);

pub fn said(message: Message) -> Said {
    let Hint { secret, version, news, .. } = hint(message);
    (secret, version, news)
}

pub fn hint(message: Message) -> Hint {
    let Message::Hints(mut hints) = message else { panic!("not hints: {message:?}") };
    assert_eq!(hints.len(), 1, "{hints:?}");
    hints.remove(0)
}

pub fn named(name: &str) -> Option<SecretId> {
    Some(SecretId::Named(name.to_owned()))
}

pub fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A JSON that is nested this deep.
pub fn nested(levels: usize) -> String {
    format!("{}{}", "[".repeat(levels), "]".repeat(levels))
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here keeps anybody waiting"),
    }
}
