//! Forged and odd tokens, each named for what is wrong with it, and the few oddities that are taken.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use emulator::teams::SigningKey;
use hmac::{Hmac, Mac as _};
use pbi_rotate::codec::jwt::JwtError;
use pbi_rotate::codec::teams::token::TokenError;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::scene::{APP, ISSUER, NOW, SERVICE, Sent, TENANT, known};

/// A case: its name, how the good request is changed, and the refusal; none when it is taken all the same.
type Case = (&'static str, fn(&mut Sent), Option<TokenError>);

fn each(cases: &[Case]) {
    for (name, change, expected) in cases {
        let mut sent = Sent::default();
        change(&mut sent);
        assert_eq!(sent.judged().err(), *expected, "{name}");
    }
}

/// Changes one claim; `null` takes it away.
fn claim(sent: &mut Sent, name: &str, value: Value) {
    change(&mut sent.claims, name, value);
}

fn header(sent: &mut Sent, name: &str, value: Value) {
    change(&mut sent.header, name, value);
}

fn change(object: &mut Value, name: &str, value: Value) {
    let object = object.as_object_mut().expect("an object");
    match value {
        Value::Null => object.remove(name),
        value => object.insert(name.to_owned(), value),
    };
}

fn body(sent: &mut Sent, name: &str, value: Value) {
    let mut body = serde_json::from_str(&sent.body).expect("JSON");
    change(&mut body, name, value);
    sent.body = body.to_string();
}

/// One part of a token changed.
fn part(token: &str, at: usize, with: impl Fn(&str) -> String) -> String {
    let parts = token.split('.').enumerate();
    parts.map(|(here, part)| if here == at { with(part) } else { part.to_owned() }).collect::<Vec<_>>().join(".")
}

/// The claims of a token changed after it was signed.
fn tampered(token: &str, from: &str, to: &str) -> String {
    part(token, 1, |claims| {
        let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).expect("base64url")).expect("a text");
        assert!(claims.contains(from), "{claims}");
        URL_SAFE_NO_PAD.encode(claims.replace(from, to))
    })
}

#[test]
fn what_teams_sends_is_taken_and_its_body_handed_on() {
    let verified = Sent::default().judged().expect("a good request");
    assert_eq!(verified.get().0["serviceUrl"], SERVICE);
}

#[test]
fn the_header_is_bearer_and_one_token() {
    use JwtError::{Header, Missing, TooLong};
    use TokenError::Jwt;
    each(&[
        ("no header", |sent| sent.times = 0, Some(Jwt(Missing))),
        ("two headers", |sent| sent.times = 2, Some(Jwt(Header))),
        ("two tokens in one header", |sent| sent.value = |value| format!("{value}, {value}"), Some(Jwt(Header))),
        ("two tokens after one scheme", |sent| sent.value = |value| format!("{value} x"), Some(Jwt(Header))),
        ("no scheme", |sent| sent.value = |value| value["Bearer ".len()..].to_owned(), Some(Jwt(Header))),
        ("scheme without token", |sent| sent.value = |_| "Bearer ".to_owned(), Some(Jwt(Header))),
        ("scheme alone", |sent| sent.value = |_| "Bearer".to_owned(), Some(Jwt(Header))),
        ("another scheme", |sent| sent.value = |value| value.replace("Bearer", "Basic"), Some(Jwt(Header))),
        ("scheme and token joined", |sent| sent.value = |value| value.replace(' ', "="), Some(Jwt(Header))),
        ("a tab for a space", |sent| sent.value = |value| value.replace(' ', "\t"), Some(Jwt(Header))),
        ("a quoted token", |sent| sent.value = |value| format!("{}\"", value.replace(' ', " \"")), Some(Jwt(Header))),
        ("padding", |sent| sent.value = |value| format!("{value}="), Some(Jwt(Header))),
        ("longer than any real one", |sent| sent.value = |value| value + &"A".repeat(8 * 1024), Some(Jwt(TooLong))),
        ("scheme in lower case", |sent| sent.value = |value| value.replace("Bearer", "bearer"), None),
        ("two spaces", |sent| sent.value = |value| value.replace(' ', "  "), None),
    ]);
}

#[test]
fn a_token_has_three_parts_that_can_be_read() {
    use JwtError::{Critical, Form, NoKey};
    use TokenError::Jwt;
    each(&[
        ("not a token", |sent| sent.token = |_| "opaque".to_owned(), Some(Jwt(Form))),
        (
            "without its signature",
            |sent| sent.token = |token| token.rsplit_once('.').expect("parts").0.into(),
            Some(Jwt(Form)),
        ),
        ("four parts", |sent| sent.token = |token| format!("{token}.e30"), Some(Jwt(Form))),
        ("five parts, as if encrypted", |sent| sent.token = |token| format!("{token}.e30.e30"), Some(Jwt(Form))),
        ("header is no JSON", |sent| sent.header_text = Some("RS256".into()), Some(Jwt(Form))),
        ("header is a list", |sent| sent.header_text = Some("[]".into()), Some(Jwt(Form))),
        ("two algorithms", |sent| sent.header_text = Some(TWO_ALGORITHMS.into()), Some(Jwt(Form))),
        ("two keys named", |sent| sent.header_text = Some(TWO_KEYS.into()), Some(Jwt(Form))),
        ("a token in a token", |sent| header(sent, "cty", json!("JWT")), Some(Jwt(Form))),
        ("a part that is no base64", |sent| sent.token = |token| part(&token, 1, |_| "A".into()), Some(Jwt(Form))),
        ("no algorithm", |sent| header(sent, "alg", Value::Null), Some(Jwt(Form))),
        ("key's name is a number", |sent| header(sent, "kid", json!(1)), Some(Jwt(Form))),
        ("no key named", |sent| header(sent, "kid", Value::Null), Some(Jwt(NoKey))),
        ("an extension demanded", |sent| header(sent, "crit", json!(["exp"])), Some(Jwt(Critical))),
        ("an empty list of extensions", |sent| header(sent, "crit", json!([])), Some(Jwt(Critical))),
        ("extensions are null", |sent| sent.header_text = Some(NULL_CRIT.into()), Some(Jwt(Critical))),
        ("unencoded payload", |sent| sent.header_text = Some(UNENCODED.into()), Some(Jwt(Critical))),
        ("no type", |sent| header(sent, "typ", Value::Null), None),
        ("a field nobody knows", |sent| header(sent, "future", json!({"a": 1})), None),
    ]);
}

const TWO_ALGORITHMS: &str = r#"{"alg":"none","alg":"RS256","kid":"connector-1"}"#;
const TWO_KEYS: &str = r#"{"alg":"RS256","kid":"stranger-1","kid":"connector-1"}"#;
const NULL_CRIT: &str = r#"{"alg":"RS256","kid":"connector-1","crit":null}"#;
const UNENCODED: &str = r#"{"alg":"RS256","kid":"connector-1","b64":false,"crit":["b64"]}"#;

/// A token signed with the public key, as if it were a secret that both sides know.
fn by_public_key(token: String) -> String {
    let key = known().get("connector-1").expect("a key").rsa.modulus.clone();
    let (signed, _) = token.rsplit_once('.').expect("parts");
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any length");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[test]
fn only_rs256_by_an_endorsed_key_is_believed() {
    use JwtError::{Algorithm, Form, Signature, Unchecked, UnknownKey};
    use TokenError::{Jwt, Unendorsed};
    each(&[
        ("no algorithm, with a signature", |sent| header(sent, "alg", json!("none")), Some(Jwt(Algorithm))),
        (
            "no algorithm, no signature",
            |sent| {
                header(sent, "alg", json!("none"));
                sent.token = |token| part(&token, 2, |_| String::new());
            },
            Some(Jwt(Algorithm)),
        ),
        (
            "HS256 with the public key",
            |sent| {
                header(sent, "alg", json!("HS256"));
                sent.token = by_public_key;
            },
            Some(Jwt(Algorithm)),
        ),
        ("RS384", |sent| header(sent, "alg", json!("RS384")), Some(Jwt(Algorithm))),
        ("RS512", |sent| header(sent, "alg", json!("RS512")), Some(Jwt(Algorithm))),
        ("PS256", |sent| header(sent, "alg", json!("PS256")), Some(Jwt(Algorithm))),
        ("ES256", |sent| header(sent, "alg", json!("ES256")), Some(Jwt(Algorithm))),
        ("rs256 in lower case", |sent| header(sent, "alg", json!("rs256")), Some(Jwt(Algorithm))),
        ("algorithm is a number", |sent| header(sent, "alg", json!(256)), Some(Jwt(Form))),
        ("a key that is not in the set", |sent| header(sent, "kid", json!("connector-9")), Some(Jwt(UnknownKey))),
        ("the key's name in another case", |sent| header(sent, "kid", json!("Connector-1")), Some(Jwt(UnknownKey))),
        ("an empty key's name", |sent| header(sent, "kid", json!("")), Some(Jwt(UnknownKey))),
        (
            "a stranger's key under its own name",
            |sent| {
                sent.key = SigningKey::Stranger;
                header(sent, "kid", json!(SigningKey::Stranger.kid()));
            },
            Some(Jwt(UnknownKey)),
        ),
        ("a stranger's key under the service's name", |sent| sent.key = SigningKey::Stranger, Some(Jwt(Signature))),
        (
            "a stranger's key, and where to fetch it",
            |sent| {
                sent.key = SigningKey::Stranger;
                header(sent, "jku", json!("https://attacker.example/keys"));
            },
            Some(Jwt(Signature)),
        ),
        (
            "a key endorsed for another channel",
            |sent| {
                sent.key = SigningKey::WebChat;
                header(sent, "kid", json!(SigningKey::WebChat.kid()));
            },
            Some(Unendorsed),
        ),
        (
            "a key without endorsements",
            |sent| {
                sent.key = SigningKey::Unendorsed;
                header(sent, "kid", json!(SigningKey::Unendorsed.kid()));
            },
            Some(Unendorsed),
        ),
        ("an empty signature", |sent| sent.token = |token| part(&token, 2, |_| String::new()), Some(Jwt(Signature))),
        (
            "half a signature",
            |sent| sent.token = |token| part(&token, 2, |part| part[..172].into()),
            Some(Jwt(Signature)),
        ),
        (
            "another token's signature",
            |sent| sent.token = |token| part(&token, 0, |_| OTHER_HEADER.into()),
            Some(Jwt(Signature)),
        ),
        (
            "audience changed after signing",
            |sent| sent.token = |token| tampered(&token, APP, TENANT),
            Some(Jwt(Signature)),
        ),
        (
            "address changed after signing",
            |sent| sent.token = |token| tampered(&token, SERVICE, "https://attacker.example/"),
            Some(Jwt(Signature)),
        ),
        ("the platform cannot check", |sent| sent.broken = true, Some(Jwt(Unchecked))),
    ]);
}

/// `{"alg":"RS256","kid":"connector-1"}`
const OTHER_HEADER: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImNvbm5lY3Rvci0xIn0";

#[test]
fn the_claims_are_for_this_bot_and_this_hour() {
    use JwtError::{Claims, Early, Endless, Expired};
    use TokenError::{Audience, Issuer, Jwt};
    each(&[
        ("claims are no JSON", |sent| sent.claims_text = Some("iss".into()), Some(Jwt(Claims))),
        ("claims are a list", |sent| sent.claims_text = Some("[]".into()), Some(Jwt(Claims))),
        ("no issuer", |sent| claim(sent, "iss", Value::Null), Some(Issuer)),
        ("another issuer", |sent| claim(sent, "iss", json!("https://attacker.example")), Some(Issuer)),
        ("issuer with a slash", |sent| claim(sent, "iss", json!(format!("{ISSUER}/"))), Some(Issuer)),
        ("issuer in upper case", |sent| claim(sent, "iss", json!(ISSUER.to_uppercase())), Some(Issuer)),
        ("issuer of another cloud", |sent| claim(sent, "iss", json!("https://api.botframework.us")), Some(Issuer)),
        (
            "a tenant's issuer, version 1",
            |sent| claim(sent, "iss", json!(format!("https://sts.windows.net/{TENANT}/"))),
            Some(Issuer),
        ),
        (
            "a tenant's issuer, version 2",
            |sent| claim(sent, "iss", json!(format!("https://login.microsoftonline.com/{TENANT}/v2.0"))),
            Some(Issuer),
        ),
        ("issuer in a list", |sent| claim(sent, "iss", json!([ISSUER])), Some(Issuer)),
        (
            "two issuers",
            |sent| {
                sent.claims_text =
                    Some(sent.claims.to_string().replacen('{', "{\"iss\":\"https://attacker.example\",", 1))
            },
            Some(Jwt(Claims)),
        ),
        ("no audience", |sent| claim(sent, "aud", Value::Null), Some(Audience)),
        ("another bot", |sent| claim(sent, "aud", json!(TENANT)), Some(Audience)),
        ("audience in a list", |sent| claim(sent, "aud", json!([APP])), Some(Audience)),
        ("audience among others", |sent| claim(sent, "aud", json!([APP, TENANT])), Some(Audience)),
        ("audience as an API", |sent| claim(sent, "aud", json!(format!("api://{APP}"))), Some(Audience)),
        ("audience as a bot's API", |sent| claim(sent, "aud", json!(format!("api://botid-{APP}"))), Some(Audience)),
        ("audience is the service", |sent| claim(sent, "aud", json!(ISSUER)), Some(Audience)),
        (
            "two audiences",
            |sent| sent.claims_text = Some(sent.claims.to_string().replacen('{', "{\"aud\":\"x\",", 1)),
            Some(Jwt(Claims)),
        ),
        (
            "a claim nobody knows, twice",
            |sent| sent.claims_text = Some(sent.claims.to_string().replacen('{', "{\"x\":1,\"x\":1,", 1)),
            Some(Jwt(Claims)),
        ),
        ("no end", |sent| claim(sent, "exp", Value::Null), Some(Jwt(Endless))),
        (
            "end is null",
            |sent| sent.claims_text = Some(sent.claims.to_string().replace(&(NOW + 3540).to_string(), "null")),
            Some(Jwt(Claims)),
        ),
        ("end is a text", |sent| claim(sent, "exp", json!((NOW + 3540).to_string())), Some(Jwt(Claims))),
        ("end is beyond all time", |sent| claim(sent, "exp", json!(i64::MAX)), Some(Jwt(Claims))),
        (
            "two ends",
            |sent| sent.claims_text = Some(sent.claims.to_string().replacen('{', "{\"exp\":1,", 1)),
            Some(Jwt(Claims)),
        ),
        ("ended 301 seconds ago", |sent| claim(sent, "exp", json!(NOW - 301)), Some(Jwt(Expired))),
        ("ended in 1970", |sent| claim(sent, "exp", json!(0)), Some(Jwt(Expired))),
        ("ended before 1970", |sent| claim(sent, "exp", json!(-1)), Some(Jwt(Expired))),
        ("begins in 301 seconds", |sent| claim(sent, "nbf", json!(NOW + 301)), Some(Jwt(Early))),
        ("issued in 301 seconds", |sent| claim(sent, "iat", json!(NOW + 301)), Some(Jwt(Early))),
        ("issued in 300 seconds", |sent| claim(sent, "iat", json!(NOW + 300)), None),
        ("time of issue is a text", |sent| claim(sent, "iat", json!("now")), Some(Jwt(Claims))),
        ("beginning is a text", |sent| claim(sent, "nbf", json!("now")), Some(Jwt(Claims))),
        ("ended 300 seconds ago", |sent| claim(sent, "exp", json!(NOW - 300)), None),
        ("begins in 300 seconds", |sent| claim(sent, "nbf", json!(NOW + 300)), None),
        ("no beginning", |sent| claim(sent, "nbf", Value::Null), None),
        ("lives for five minutes", |sent| claim(sent, "exp", json!(NOW + 240)), None),
        ("a claim nobody knows", |sent| claim(sent, "future", json!([{"a": 1}])), None),
    ]);
}

#[test]
fn the_token_is_for_the_activity_that_came_with_it() {
    use JwtError::Claims;
    use TokenError::{Body, Channel, Jwt, NoService, Service};
    each(&[
        ("body is empty", |sent| sent.body.clear(), Some(Body)),
        ("body is no JSON", |sent| sent.body = "text=x".into(), Some(Body)),
        ("body is a list", |sent| sent.body = format!("[{}]", sent.body), Some(Body)),
        ("body is cut off", |sent| sent.body.truncate(20), Some(Body)),
        ("no channel", |sent| body(sent, "channelId", Value::Null), Some(Body)),
        ("another channel", |sent| body(sent, "channelId", json!("webchat")), Some(Channel)),
        ("the emulator's channel", |sent| body(sent, "channelId", json!("emulator")), Some(Channel)),
        ("the channel in a list", |sent| body(sent, "channelId", json!(["msteams"])), Some(Body)),
        ("no address in the activity", |sent| body(sent, "serviceUrl", Value::Null), Some(Body)),
        ("an attacker's address", |sent| body(sent, "serviceUrl", json!("https://attacker.example/")), Some(Service)),
        (
            "the address with an attacker's behind it",
            |sent| body(sent, "serviceUrl", json!(format!("{SERVICE}@attacker.example"))),
            Some(Service),
        ),
        (
            "a part of the address",
            |sent| body(sent, "serviceUrl", json!("https://smba.trafficmanager.net/")),
            Some(Service),
        ),
        ("no address in the token", |sent| claim(sent, "serviceurl", Value::Null), Some(NoService)),
        ("an empty address in the token", |sent| claim(sent, "serviceurl", json!("")), Some(NoService)),
        ("a list of addresses in the token", |sent| claim(sent, "serviceurl", json!([SERVICE])), Some(NoService)),
        ("the address under both names", |sent| claim(sent, "serviceUrl", json!(SERVICE)), Some(Jwt(Claims))),
        (
            "the address under its documented name",
            |sent| {
                claim(sent, "serviceurl", Value::Null);
                claim(sent, "serviceUrl", json!(SERVICE));
            },
            None,
        ),
        ("the address without its slash", |sent| claim(sent, "serviceurl", json!(SERVICE.trim_end_matches('/'))), None),
        ("the address in another case", |sent| claim(sent, "serviceurl", json!(SERVICE.to_uppercase())), None),
    ]);
}
