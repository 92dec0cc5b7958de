//! The tokens, keys and values the tests speak of.

use std::rc::Rc;
use std::sync::OnceLock;

use bytes::Bytes;
use http::Request;
use pbi_rotate::clients::entra::{AccessToken, Tokens};
use pbi_rotate::clients::secrets::{AwsKey, Content, Fetched};
use pbi_rotate::codec::signatures::PrivateKey;
use pbi_rotate::config::EntraConfig;
use pbi_rotate::domain::names::Guid;
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::trouble::{Cause, Trouble};
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::{RsaPrivateKey, RsaPublicKey};
use seal::Secret;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::wire::{Script, answer, run};

/// 2026-11-21T18:30:00Z
pub const NOW: Timestamp = Timestamp(1_795_285_800_000);
/// What every answer's error text contains, and no trouble may.
pub const LEAK: &str = "ana.leak";

pub fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// A token `t0ken`.
pub fn token() -> Rc<AccessToken> {
    let guid = || Guid::parse("00000000-0000-0000-0000-00000000000a").unwrap();
    let login_url = "https://login.test".to_owned();
    let entra = EntraConfig { tenant: guid(), client: guid(), secret: secret("s"), login_url };
    let wire = Script::new([answer(200, &[], r#"{"access_token":"t0ken","expires_in":3599}"#)]);
    run(Tokens::new().get(&wire, &entra, "scope", NOW)).unwrap_or_else(|trouble| panic!("{trouble:?}"))
}

pub fn aws_key(session: Option<&str>) -> AwsKey {
    AwsKey {
        id: "AKIDEXAMPLE".into(),
        secret: secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        session: session.map(secret),
    }
}

/// A key of ours: the private part for us, the public part for whoever checks.
pub fn key_pair() -> (PrivateKey, RsaPublicKey) {
    static KEY: OnceLock<RsaPrivateKey> = OnceLock::new();
    let key = KEY.get_or_init(|| RsaPrivateKey::new(&mut rand_core::OsRng, 1024).unwrap());
    let der = key.to_pkcs8_der().unwrap();
    (PrivateKey(Zeroizing::new(der.as_bytes().to_vec())), key.to_public_key())
}

/// Values that have broken programs.
pub fn odd_values() -> [String; 4] {
    let odd = "p\"ä\\🔐\n\u{1}\u{2028}'${x}%41+&=";
    [String::new(), "plain".into(), odd.into(), "🔐\"".repeat(12_000)]
}

/// The one text that was fetched.
pub fn text(fetched: &Fetched) -> &str {
    match &fetched.content {
        Content::Text(text) => text.expose(),
        Content::Fields(_) => panic!("one text"),
    }
}

/// The values by name that were fetched.
pub fn values(fetched: &Fetched) -> &Value {
    match &fetched.content {
        Content::Fields(values) => &values.0,
        Content::Text(_) => panic!("values by name"),
    }
}

/// The headers that were sent, by name, but for what every request says.
pub fn headers(request: &Request<Bytes>) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, value) in request.headers() {
        let text = value.to_str().unwrap();
        match name.as_str() {
            "accept" => assert_eq!(text, "application/json"),
            "user-agent" => assert!(text.starts_with("pbi-rotate/")),
            name => lines.push(format!("{name}: {text}")),
        }
    }
    lines.sort();
    lines
}

/// The trouble there was.
pub fn trouble<T>(result: Result<T, Trouble>) -> Trouble {
    let trouble = result.err().expect("trouble");
    assert!(!format!("{trouble:?}").contains(LEAK), "{trouble:?}");
    trouble
}

/// The cause and our own words.
pub fn why<T>(result: Result<T, Trouble>) -> (Cause, Option<String>) {
    let trouble = trouble(result);
    (trouble.cause, trouble.note.clone())
}

/// That, for a version that must not be used.
pub fn unusable(words: &str) -> (Cause, Option<String>) {
    (Cause::SecretUnfit, Some(words.to_owned()))
}
