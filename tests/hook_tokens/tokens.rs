//! Forged and odd tokens and secret headers, each named for what is wrong with it, and the few oddities that are taken.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use emulator::teams::SigningKey;
use hmac::{Hmac, Mac as _};
use pbi_rotate::codec::webhook::{Post, Unproven, event_grid};
use seal::Secret;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::scene::{
    ACCOUNT, AUDIENCE, EVENT_GRID, LOGIN, NOW, PUSH, ROLE, STS, TENANT, Tokened, change, headers, known,
};

/// A case: its name, how the good delivery is changed, and the refusal; none when it is taken all the same.
type Case = (&'static str, fn(&mut Tokened), Option<Unproven>);

const OTHER_TENANT: &str = "7a1c2d3e-4a5b-4c6d-8e7f-102938475602";

fn refused(sent: &Tokened, at: fn(&Tokened) -> Result<(), Unproven>) -> Option<Unproven> {
    at(sent).err()
}

fn at_event_grid(sent: &Tokened) -> Result<(), Unproven> {
    sent.at_event_grid().map(drop)
}

fn at_pub_sub(sent: &Tokened) -> Result<(), Unproven> {
    sent.at_pub_sub().map(drop)
}

fn each(good: fn() -> Tokened, at: fn(&Tokened) -> Result<(), Unproven>, cases: &[Case]) {
    assert_eq!(refused(&good(), at), None, "good as it comes");
    for (name, spoil, expected) in cases {
        let mut sent = good();
        spoil(&mut sent);
        assert_eq!(refused(&sent, at), *expected, "{name}");
    }
}

fn claim(sent: &mut Tokened, name: &str, value: Value) {
    change(&mut sent.claims, name, value);
}

fn header(sent: &mut Tokened, name: &str, value: Value) {
    change(&mut sent.header, name, value);
}

/// One part of a token changed.
fn part(token: &str, at: usize, with: impl Fn(&str) -> String) -> String {
    let parts = token.split('.').enumerate();
    parts.map(|(here, part)| if here == at { with(part) } else { part.to_owned() }).collect::<Vec<_>>().join(".")
}

/// A token signed with the public key, as if it were a secret that both sides know.
fn by_public_key(token: String) -> String {
    let key = known().get(SigningKey::First.kid()).expect("a key").rsa.modulus.clone();
    let (signed, _) = token.rsplit_once('.').expect("parts");
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any length");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[test]
fn whoever_issued_it_a_token_is_one_signed_by_a_known_key_and_of_now() {
    use Unproven::{Algorithm, Expired, Form, Future, Key, Missing, Signature, Unchecked};
    let cases: &[Case] = &[
        ("no header", |sent| sent.times = 0, Some(Missing)),
        ("two headers", |sent| sent.times = 2, Some(Form)),
        ("another scheme", |sent| sent.value = |value| value.replace("Bearer", "Basic"), Some(Form)),
        ("longer than any real one", |sent| sent.value = |value| value + &"A".repeat(8 * 1024), Some(Form)),
        ("not a token", |sent| sent.token = |_| "opaque".to_owned(), Some(Form)),
        ("an extension demanded", |sent| header(sent, "crit", json!(["exp"])), Some(Form)),
        ("no algorithm, with a signature", |sent| header(sent, "alg", json!("none")), Some(Algorithm)),
        (
            "no algorithm, no signature",
            |sent| {
                header(sent, "alg", json!("none"));
                sent.token = |token| part(&token, 2, |_| String::new());
            },
            Some(Algorithm),
        ),
        (
            "HS256 with the public key",
            |sent| {
                header(sent, "alg", json!("HS256"));
                sent.token = by_public_key;
            },
            Some(Algorithm),
        ),
        ("RS512", |sent| header(sent, "alg", json!("RS512")), Some(Algorithm)),
        ("no key named", |sent| header(sent, "kid", Value::Null), Some(Key)),
        ("a key that is not in the set", |sent| header(sent, "kid", json!("connector-9")), Some(Key)),
        ("a stranger's key under a known name", |sent| sent.key = SigningKey::Stranger, Some(Signature)),
        ("another known key than it names", |sent| sent.key = SigningKey::Second, Some(Signature)),
        (
            "a stranger's key, and where to fetch it",
            |sent| {
                sent.key = SigningKey::Stranger;
                header(sent, "jku", json!("https://attacker.example/keys"));
            },
            Some(Signature),
        ),
        (
            "claims changed after signing",
            |sent| sent.token = |token| part(&token, 1, |claims| claims.replace('a', "b")),
            Some(Signature),
        ),
        ("half a signature", |sent| sent.token = |token| part(&token, 2, |part| part[..172].into()), Some(Signature)),
        ("the platform cannot check", |sent| sent.broken = true, Some(Unchecked)),
        ("claims are a text", |sent| sent.claims = json!("claims"), Some(Form)),
        ("no end", |sent| claim(sent, "exp", Value::Null), Some(Expired)),
        ("end is a text", |sent| claim(sent, "exp", json!((NOW + 60).to_string())), Some(Form)),
        ("ended 301 seconds ago", |sent| claim(sent, "exp", json!(NOW - 301)), Some(Expired)),
        ("ended 300 seconds ago", |sent| claim(sent, "exp", json!(NOW - 300)), None),
        ("begins in 301 seconds", |sent| claim(sent, "nbf", json!(NOW + 301)), Some(Future)),
        ("begins in 300 seconds", |sent| claim(sent, "nbf", json!(NOW + 300)), None),
        ("issued in 301 seconds", |sent| claim(sent, "iat", json!(NOW + 301)), Some(Future)),
        (
            "signed by the next key, under its name",
            |sent| {
                sent.key = SigningKey::Second;
                header(sent, "kid", json!(SigningKey::Second.kid()));
            },
            None,
        ),
    ];
    each(Tokened::event_grid, at_event_grid, cases);
    each(Tokened::pub_sub, at_pub_sub, cases);
}

#[test]
fn event_grids_token_is_of_the_tenant_for_this_worker_and_in_that_role() {
    use Unproven::{Foreign, Party};
    each(
        Tokened::event_grid,
        at_event_grid,
        &[
            ("no issuer", |sent| claim(sent, "iss", Value::Null), Some(Foreign)),
            ("another issuer", |sent| claim(sent, "iss", json!("https://attacker.example")), Some(Foreign)),
            ("Google's issuer", |sent| claim(sent, "iss", json!("https://accounts.google.com")), Some(Foreign)),
            (
                "another tenant's issuer",
                |sent| claim(sent, "iss", json!(format!("{STS}/{OTHER_TENANT}/"))),
                Some(Foreign),
            ),
            ("issuer without its slash", |sent| claim(sent, "iss", json!(format!("{STS}/{TENANT}"))), Some(Foreign)),
            (
                "another tenant, by its issuer and its claim",
                |sent| {
                    claim(sent, "iss", json!(format!("{STS}/{OTHER_TENANT}/")));
                    claim(sent, "tid", json!(OTHER_TENANT));
                },
                Some(Foreign),
            ),
            ("another tenant's claim", |sent| claim(sent, "tid", json!(OTHER_TENANT)), Some(Foreign)),
            ("no tenant's claim", |sent| claim(sent, "tid", Value::Null), Some(Foreign)),
            ("another audience", |sent| claim(sent, "aud", json!("https://vault.azure.net")), Some(Party)),
            ("no audience", |sent| claim(sent, "aud", Value::Null), Some(Party)),
            ("audience in a list", |sent| claim(sent, "aud", json!([AUDIENCE])), Some(Party)),
            ("another application", |sent| claim(sent, "appid", json!(OTHER_TENANT)), Some(Party)),
            ("no application", |sent| claim(sent, "appid", Value::Null), Some(Party)),
            (
                "the application of tokens of version 2",
                |sent| {
                    claim(sent, "appid", Value::Null);
                    claim(sent, "azp", json!(EVENT_GRID));
                },
                Some(Party),
            ),
            (
                "another application, and Event Grid as that of version 2",
                |sent| {
                    claim(sent, "appid", json!(OTHER_TENANT));
                    claim(sent, "azp", json!(EVENT_GRID));
                },
                Some(Party),
            ),
            (
                "Event Grid of another cloud",
                |sent| claim(sent, "appid", json!("54316b56-3481-47f9-8f30-0300f5542a7b")),
                Some(Party),
            ),
            ("no roles", |sent| claim(sent, "roles", Value::Null), Some(Party)),
            ("an empty list of roles", |sent| claim(sent, "roles", json!([])), Some(Party)),
            ("another role", |sent| claim(sent, "roles", json!(["Reader"])), Some(Party)),
            ("the role as a text", |sent| claim(sent, "roles", json!(ROLE)), Some(Party)),
            (
                "the role as a scope",
                |sent| {
                    claim(sent, "roles", Value::Null);
                    claim(sent, "scp", json!(ROLE));
                },
                Some(Party),
            ),
            ("the role among others", |sent| claim(sent, "roles", json!(["Reader", ROLE])), None),
        ],
    );
    each(
        Tokened::event_grid_v2,
        at_event_grid,
        &[
            (
                "issuer of version 2 of another tenant",
                |sent| claim(sent, "iss", json!(format!("{LOGIN}/{OTHER_TENANT}/v2.0"))),
                Some(Foreign),
            ),
            (
                "issuer of version 2 of another cloud",
                |sent| claim(sent, "iss", json!(format!("https://login.microsoftonline.us/{TENANT}/v2.0"))),
                Some(Foreign),
            ),
            ("issuer for everybody", |sent| claim(sent, "iss", json!(format!("{LOGIN}/common/v2.0"))), Some(Foreign)),
            ("another application", |sent| claim(sent, "azp", json!(OTHER_TENANT)), Some(Party)),
            (
                "the application of tokens of version 1",
                |sent| {
                    claim(sent, "azp", Value::Null);
                    claim(sent, "appid", json!(EVENT_GRID));
                },
                Some(Party),
            ),
        ],
    );
}

#[test]
fn googles_token_is_of_the_service_account_and_for_this_address() {
    use Unproven::{Foreign, Party};
    each(
        Tokened::pub_sub,
        at_pub_sub,
        &[
            ("another issuer", |sent| claim(sent, "iss", json!(format!("{STS}/{TENANT}/"))), Some(Foreign)),
            ("no issuer", |sent| claim(sent, "iss", Value::Null), Some(Foreign)),
            ("issuer without its scheme", |sent| claim(sent, "iss", json!("accounts.google.com")), Some(Foreign)),
            ("another audience", |sent| claim(sent, "aud", json!(format!("{PUSH}/x"))), Some(Party)),
            ("audience in a list", |sent| claim(sent, "aud", json!([PUSH])), Some(Party)),
            (
                "another customer's account",
                |sent| claim(sent, "email", json!("push@attacker.iam.gserviceaccount.com")),
                Some(Party),
            ),
            ("no account", |sent| claim(sent, "email", Value::Null), Some(Party)),
            ("the account in upper case", |sent| claim(sent, "email", json!(ACCOUNT.to_uppercase())), Some(Party)),
            ("not verified", |sent| claim(sent, "email_verified", json!(false)), Some(Party)),
            ("verified as a text", |sent| claim(sent, "email_verified", json!("true")), Some(Party)),
            ("nothing about verification", |sent| claim(sent, "email_verified", Value::Null), Some(Party)),
        ],
    );
}

#[test]
fn a_token_of_one_service_opens_no_other() {
    assert_eq!(Tokened::pub_sub().at_event_grid().err(), Some(Unproven::Foreign));
    assert_eq!(Tokened::event_grid().at_pub_sub().err(), Some(Unproven::Foreign));
}

#[test]
fn a_secret_header_is_one_of_the_active_ones() {
    const KEY: &str = "x-pbi-rotate-key";
    let keys = ["k9Zq3vT1xW7bN5mR8cY2pL6sD4fG0hJa", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6"];
    let [new, old] = keys;
    let short = &new[..31];
    let secrets = keys.map(|key| Secret::new(key.to_owned()));
    for (name, fields, expected) in [
        ("the new one", vec![(KEY, new)], None),
        ("the old one, while both are active", vec![(KEY, old)], None),
        ("none", vec![], Some(Unproven::Missing)),
        ("an empty one", vec![(KEY, "")], Some(Unproven::Signature)),
        ("another", vec![(KEY, "k9Zq3vT1xW7bN5mR8cY2pL6sD4fG0hJb")], Some(Unproven::Signature)),
        ("in another case", vec![(KEY, "K9ZQ3VT1XW7BN5MR8CY2PL6SD4FG0HJA")], Some(Unproven::Signature)),
        ("cut off", vec![(KEY, short)], Some(Unproven::Signature)),
        ("twice", vec![(KEY, new), (KEY, new)], Some(Unproven::Form)),
        ("in another header", vec![("authorization", new)], Some(Unproven::Missing)),
    ] {
        let headers = headers(&fields);
        let verified = event_grid::verify_key(Post { headers: &headers, body: b"[]" }, &secrets);
        assert_eq!(verified.err(), expected, "{name}");
    }
    let headers = headers(&[(KEY, "")]);
    let verified = event_grid::verify_key(Post { headers: &headers, body: b"[]" }, &[]);
    assert_eq!(verified.err(), Some(Unproven::Unchecked), "no key is active");
}
