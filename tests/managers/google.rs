//! Google Secret Manager: the assertion and its token, versions by number, the checksum.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Method;
use pbi_rotate::clients::secrets::google::{SecretManager, ServiceAccount};
use pbi_rotate::clients::secrets::{Fetched, Seen, Which};
use pbi_rotate::codec::signatures::PrivateKey;
use pbi_rotate::domain::names::Code;
use pbi_rotate::domain::trouble::{Cause, Trouble};
use rsa::Pkcs1v15Sign;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::cryptography::Native;
use crate::scene::{LEAK, NOW, headers, key_pair, odd_values, text, token, trouble, unusable, why};
use crate::wire::{Answer, Script, answer, run};

const BASE: &str = "https://secretmanager.googleapis.com";
const TOKEN_URL: &str = "https://oauth2.googleapis.com/token";
const EMAIL: &str = "bot@p.iam.gserviceaccount.com";
const WITHIN: &str = "GET https://secretmanager.googleapis.com/v1/projects/shop/secrets/sales-db/versions";

fn seen(wire: &Script) -> Result<Seen, Trouble> {
    run(SecretManager { wire, base: BASE, project: "shop", location: None, token: &token() }.seen("sales-db"))
}

fn fetch(wire: &Script, which: Which) -> Result<Fetched, Trouble> {
    run(SecretManager { wire, base: BASE, project: "shop", location: None, token: &token() }.fetch("sales-db", which))
}

fn version(number: u64, state: &str) -> Value {
    json!({ "name": format!("projects/123/secrets/sales-db/versions/{number}"), "state": state, "etag": "x" })
}

fn json(body: &Value) -> Answer {
    answer(200, &[], &body.to_string())
}

fn accessed(number: u64, data: &[u8], sum: Value) -> Answer {
    let payload = json!({ "data": STANDARD.encode(data), "dataCrc32c": sum });
    json(&json!({ "name": format!("projects/123/secrets/sales-db/versions/{number}"), "payload": payload }))
}

/// CRC-32C by its definition: the remainder of the message, as a polynomial, with bits reflected.
fn checksum(data: &[u8]) -> String {
    let mut crc = u32::MAX;
    for bit in data.iter().flat_map(|byte| (0..8).map(move |at| u32::from(byte >> at & 1))) {
        crc = if crc & 1 == bit { crc >> 1 } else { crc >> 1 ^ 0x82f6_3b78 };
    }
    (!crc).to_string()
}

#[test]
fn a_token_is_asked_for_with_our_own_assertion() {
    let (key, public) = key_pair();
    let account = |key_id: Option<&str>| ServiceAccount {
        email: EMAIL.into(),
        key: PrivateKey(Zeroizing::new(key.0.to_vec())),
        key_id: key_id.map(Into::into),
    };
    for key_id in [None, Some("k1")] {
        let wire =
            Script::new([answer(200, &[], r#"{"access_token":"ya29","expires_in":3599,"token_type":"Bearer"}"#)]);
        assert!(run(account(key_id).token(&wire, &Native, TOKEN_URL, NOW)).is_ok());
        let request = wire.only();
        assert_eq!((request.method(), request.uri().to_string()), (&Method::POST, TOKEN_URL.to_owned()));
        assert_eq!(headers(&request), ["content-type: application/x-www-form-urlencoded"]);
        let form: Vec<_> = form_urlencoded::parse(request.body()).into_owned().collect();
        assert_eq!(form[0], ("grant_type".into(), "urn:ietf:params:oauth:grant-type:jwt-bearer".into()));
        let (name, assertion) = &form[1];
        assert_eq!((name.as_str(), form.len()), ("assertion", 2));

        let (signed, signature) = assertion.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let digest = Sha256::digest(signed);
        assert!(public.verify(Pkcs1v15Sign::new::<Sha256>(), &digest, &signature).is_ok());
        let parts: Vec<Value> = signed
            .split('.')
            .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
            .collect();
        let mut header = json!({ "alg": "RS256", "typ": "JWT" });
        if let Some(id) = key_id {
            header["kid"] = id.into();
        }
        let now = NOW.as_secs();
        let claims = json!({
            "iss": EMAIL, "scope": "https://www.googleapis.com/auth/cloud-platform", "aud": TOKEN_URL,
            "iat": now, "exp": now + 3600,
        });
        assert_eq!(parts, [header, claims]);
    }
}

#[test]
fn an_account_that_is_refused_is_told_as_such() {
    let (key, _) = key_pair();
    let account = ServiceAccount { email: EMAIL.into(), key, key_id: None };
    let refused = |reply: Answer| trouble(run(account.token(&Script::new([reply]), &Native, TOKEN_URL, NOW)));
    for (status, error) in [(400, "invalid_grant"), (401, "invalid_client"), (403, "access_denied")] {
        let body = json!({ "error": error, "error_description": LEAK }).to_string();
        let trouble = refused(answer(status, &[], &body));
        assert_eq!((trouble.cause, trouble.code.as_ref().map(Code::as_str)), (Cause::Identity, Some(error)));
    }
    let odd =
        [json!({ "access_token": "x" }), json!({ "expires_in": 1 }), json!({ "access_token": "x", "expires_in": -1 })];
    for body in odd {
        assert_eq!(refused(json(&body)).cause, Cause::Unintelligible);
    }
    let broken = ServiceAccount { email: EMAIL.into(), key: PrivateKey(Zeroizing::new(vec![1])), key_id: None };
    let wire = Script::default();
    let told = why(run(broken.token(&wire, &Native, TOKEN_URL, NOW)));
    assert_eq!(told, (Cause::Identity, Some("our private key for it cannot sign".into())));
    assert!(wire.lines().is_empty());
}

#[test]
fn the_latest_version_is_seen_when_it_is_enabled() {
    let wire = Script::new([json(&version(7, "ENABLED"))]);
    assert_eq!(seen(&wire), Ok(Seen { version: "7".into(), expires: None, next: None }));
    assert_eq!(wire.lines(), [format!("{WITHIN}/latest")]);
    assert_eq!(headers(&wire.only()), ["authorization: Bearer t0ken"]);
    for state in ["DISABLED", "DESTROYED", "STATE_UNSPECIFIED"] {
        let wire = Script::new([json(&version(7, state))]);
        assert_eq!(why(seen(&wire)), unusable("its latest version is disabled or destroyed"));
    }
    for body in [json!({ "state": "ENABLED" }), json!({ "name": "a/x", "state": "ENABLED" }), json!({ "name": "a/7" })]
    {
        assert_eq!(trouble(seen(&Script::new([json(&body)]))).cause, Cause::Unintelligible, "{body}");
    }
}

#[test]
fn a_regional_secret_is_under_its_location() {
    let (wire, base) =
        (Script::new([json(&version(7, "ENABLED"))]), "https://secretmanager.europe-west3.rep.googleapis.com");
    let location = Some("europe-west3");
    assert!(run(SecretManager { wire: &wire, base, project: "12", location, token: &token() }.seen("a b")).is_ok());
    let url = format!("GET {base}/v1/projects/12/locations/europe-west3/secrets/a%20b/versions/latest");
    assert_eq!(wire.lines(), [url]);
}

#[test]
fn a_value_is_read_as_it_is_when_its_checksum_fits() {
    assert_eq!(checksum(b"123456789"), 0xe306_9283_u32.to_string(), "the catalogued check value");
    for value in odd_values() {
        let sum = checksum(value.as_bytes());
        for sum in [json!(sum), json!(sum.parse::<u32>().unwrap()), Value::Null] {
            let wire = Script::new([accessed(7, value.as_bytes(), sum)]);
            let fetched = fetch(&wire, Which::Current).unwrap_or_else(|trouble| panic!("{trouble:?}"));
            assert_eq!((fetched.version.as_str(), text(&fetched)), ("7", value.as_str()));
            assert_eq!(wire.lines(), [format!("{WITHIN}/latest:access")]);
        }
    }
    for sum in [json!("1"), json!("-1"), json!("x"), json!(1.5), json!([])] {
        assert_eq!(trouble(fetch(&Script::new([accessed(7, b"v", sum)]), Which::Current)).cause, Cause::Unintelligible);
    }
}

#[test]
fn a_value_that_is_no_text_is_told_as_such() {
    let data = [0xff, 0xfe];
    let wire = Script::new([accessed(7, &data, json!(checksum(&data)))]);
    assert_eq!(why(fetch(&wire, Which::Current)), unusable("its value is not text"));
    for payload in [json!({}), json!({ "data": "*" }), json!({ "data": 7 }), Value::Null] {
        let body = json!({ "name": "projects/1/secrets/s/versions/7", "payload": payload });
        assert_eq!(trouble(fetch(&Script::new([json(&body)]), Which::Current)).cause, Cause::Unintelligible, "{body}");
    }
}

#[test]
fn the_previous_version_is_the_newest_enabled_one_before_the_latest() {
    let listed = |versions: &[Value], next: &str| json(&json!({ "versions": versions, "nextPageToken": next }));
    let wire = Script::new([
        json(&version(9, "DISABLED")),
        listed(&[version(10, "ENABLED"), version(9, "ENABLED"), version(3, "ENABLED"), version(8, "DESTROYED")], "a&b"),
        listed(&[version(5, "ENABLED"), version(4, "ENABLED")], ""),
        accessed(5, b"old", json!(checksum(b"old"))),
    ]);
    let fetched = fetch(&wire, Which::Previous).unwrap_or_else(|trouble| panic!("{trouble:?}"));
    assert_eq!((fetched.version.as_str(), text(&fetched)), ("5", "old"));
    let list = format!("{WITHIN}?filter=state%3AENABLED&pageSize=500");
    let lines =
        [format!("{WITHIN}/latest"), list.clone(), format!("{list}&pageToken=a%26b"), format!("{WITHIN}/5:access")];
    assert_eq!(wire.lines(), lines);

    let none = unusable("it keeps no previous version that may be used");
    for answer in [json(&json!({})), listed(&[version(9, "ENABLED")], "")] {
        assert_eq!(why(fetch(&Script::new([json(&version(9, "ENABLED")), answer]), Which::Previous)), none);
    }
    let endless = (0..11).map(|_| listed(&[version(3, "ENABLED")], "more"));
    let wire = Script::new([json(&version(9, "ENABLED"))].into_iter().chain(endless));
    assert_eq!(why(fetch(&wire, Which::Previous)), unusable("it has more versions than are looked through"));
    let other = [json(&version(9, "ENABLED")), listed(&[version(3, "ENABLED")], ""), accessed(9, b"new", Value::Null)];
    assert_eq!(trouble(fetch(&Script::new(other), Which::Previous)).cause, Cause::Unintelligible);
}

#[test]
fn each_status_word_means_something() {
    let gone = Some("that version is disabled or destroyed");
    let rows = [
        (400, "FAILED_PRECONDITION", Cause::SecretUnfit, gone),
        (400, "INVALID_ARGUMENT", Cause::Rejected, None),
        (401, "UNAUTHENTICATED", Cause::Token, None),
        (403, "PERMISSION_DENIED", Cause::NotAllowed, None),
        (404, "NOT_FOUND", Cause::NotFound, None),
        (429, "RESOURCE_EXHAUSTED", Cause::Throttled, None),
        (503, "UNAVAILABLE", Cause::Unavailable, None),
    ];
    for (status, word, cause, note) in rows {
        let body = json!({ "error": { "code": status, "message": LEAK, "status": word } }).to_string();
        let trouble = trouble(fetch(&Script::new([answer(status, &[], &body)]), Which::Current));
        assert_eq!(
            (trouble.cause, trouble.code.as_ref().map(Code::as_str), trouble.note.as_deref()),
            (cause, Some(word), note)
        );
    }
}
