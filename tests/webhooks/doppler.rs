//! Doppler's webhooks: forged and odd posts, each named for what is wrong with it, and what a good one says.

use pbi_rotate::codec::webhook::Unproven::{self, Form, Missing, Signature, Unchecked};
use pbi_rotate::codec::webhook::{Malformed, Message, doppler};
use pbi_rotate::domain::source::{Manager, News};
use pbi_rotate::domain::time::Timestamp;
use serde_json::{Value, json};

use crate::post::{NOW, Sent, each, hex, hint, hmac, nested, said};

const KEYS: [&str; 2] = ["doppler-secret-of-today", "doppler-secret-before"];
const HEADER: &str = "x-doppler-signature";

fn sign(sent: &mut Sent, key: &str) {
    *sent.header(HEADER) = format!("sha256={}", hex(&hmac(key.as_bytes(), &[&sent.body])));
}

fn sent(body: &str) -> Sent {
    let mut sent = Sent::new(vec![(HEADER, String::new())], body, &KEYS);
    sign(&mut sent, KEYS[0]);
    sent
}

/// As Doppler's documentation shows it.
fn body() -> Value {
    json!({
        "type": "config.secrets.update",
        "config": { "name": "prd", "environment": "prd", "project": "sales", "created_at": "2026-01-01T00:00:00.000Z" },
        "project": { "id": "sales", "name": "Sales", "description": "" },
        "workplace": { "id": "w", "name": "Contoso" },
        "diff": { "added": [], "removed": [], "updated": ["DB_PASSWORD"] },
    })
}

fn good() -> Sent {
    sent(&body().to_string())
}

fn refusal(sent: &Sent) -> Option<Unproven> {
    doppler::verify(sent.post(&sent.head()), &sent.keys(), Timestamp(sent.now)).err()
}

fn ours() -> Manager {
    Manager::Doppler { project: "sales".to_owned(), config: "prd".to_owned() }
}

fn read_at(body: &str, now: i64) -> Result<Message, Malformed> {
    let sent = sent(body);
    let proven = doppler::verify(sent.post(&sent.head()), &sent.keys(), Timestamp(now));
    doppler::read(proven.expect("a good signature"), &ours())
}

fn read(body: &str) -> Result<Message, Malformed> {
    read_at(body, NOW * 1000)
}

#[test]
fn only_an_active_key_proves_the_raw_body() {
    each(
        good,
        refusal,
        &[
            ("as it comes", |_| {}, None),
            ("by the key before", |sent| sign(sent, KEYS[1]), None),
            ("by a key that is gone", |sent| sign(sent, "doppler-secret-long-ago"), Some(Signature)),
            ("by no key", |sent| sign(sent, ""), Some(Signature)),
            ("a byte of the body altered", |sent| sent.body[5] ^= 1, Some(Signature)),
            ("a truncated body", |sent| sent.body.truncate(30), Some(Signature)),
            ("no body", |sent| sent.body.clear(), Some(Signature)),
            ("a line end more", |sent| sent.body.push(b'\n'), Some(Signature)),
            ("no header", |sent| sent.without(HEADER), Some(Missing)),
            ("two headers", |sent| sent.twice(HEADER), Some(Form)),
            ("an empty header", |sent| sent.header(HEADER).clear(), Some(Form)),
            ("no algorithm", |sent| *sent.header(HEADER) = sent.header(HEADER)[7..].to_owned(), Some(Form)),
            (
                "another algorithm",
                |sent| *sent.header(HEADER) = sent.header(HEADER).replace("sha256", "sha1"),
                Some(Form),
            ),
            ("a truncated signature", |sent| sent.header(HEADER).truncate(60), Some(Form)),
            ("a digit more", |sent| sent.header(HEADER).push('0'), Some(Form)),
            ("upper-case digits", |sent| *sent.header(HEADER) = format!("sha256={}", "AB".repeat(32)), Some(Form)),
            (
                "64 characters, not 64 digits",
                |sent| *sent.header(HEADER) = format!("sha256={}", "xy".repeat(32)),
                Some(Form),
            ),
            ("all zeros", |sent| *sent.header(HEADER) = format!("sha256={}", "0".repeat(64)), Some(Signature)),
            ("nobody's key", |sent| sent.keys.clear(), Some(Unchecked)),
            (
                "an empty key, and signed by it",
                |sent| {
                    sent.keys = vec![String::new()];
                    sign(sent, "");
                },
                Some(Unchecked),
            ),
        ],
    );
}

#[test]
fn upper_case_digits_of_the_right_signature_are_refused() {
    let mut sent = good();
    let upper = sent.header(HEADER)[7..].to_ascii_uppercase();
    *sent.header(HEADER) = format!("sha256={upper}");
    assert_eq!(refusal(&sent), Some(Form));
}

#[test]
fn a_change_of_our_config_may_be_any_secret() {
    let with = |change: fn(&mut Value)| {
        let mut body = body();
        change(&mut body);
        body.to_string()
    };
    for (name, body, news) in [
        ("as documented", with(|_| {}), News::Changed),
        ("without diff", with(|body| body["diff"] = Value::Null), News::Changed),
        ("named by its name", with(|body| body["project"] = json!({ "name": "sales" })), News::Changed),
        ("named by the config", with(|body| body["project"] = Value::Null), News::Changed),
        ("the operator's own JSON", json!({ "event_type": "doppler" }).to_string(), News::Changed),
        ("the operator's own list", "[1]".to_owned(), News::Changed),
        ("the operator's own texts", json!({ "project": "x", "config": 7 }).to_string(), News::Changed),
        ("another type", with(|body| body["type"] = json!("config.deleted")), News::Other),
        ("another config", with(|body| body["config"]["name"] = json!("stg")), News::Other),
        ("our config in capitals", with(|body| body["config"]["name"] = json!("PRD")), News::Other),
        (
            "another project",
            with(|body| {
                body["project"] = json!({ "id": "hr", "name": "hr" });
                body["config"]["project"] = json!("hr");
            }),
            News::Other,
        ),
    ] {
        assert_eq!(said(read(&body).expect("JSON")), (None, None, news), "{name}");
    }
}

#[test]
fn a_secret_that_changes_twice_is_two_events() {
    let event = |body: &Value, now| hint(read_at(&body.to_string(), now).expect("JSON")).event;
    let (body, mut other, now) = (body(), body(), NOW * 1000);
    other["config"]["name"] = json!("stg");
    assert_eq!(event(&body, now), event(&body, now + 999), "a storm within a second");
    assert_ne!(event(&body, now), event(&body, now + 1000), "the same said a second later");
    assert_ne!(event(&body, now), event(&other, now), "something else said");
}

#[test]
fn what_is_signed_and_no_json_is_malformed() {
    for body in ["", "{", "config.secrets.update", &nested(200)] {
        assert_eq!(read(body), Err(Malformed), "{body:.20}");
    }
}

#[test]
fn a_source_of_another_kind_hears_nothing() {
    let sent = good();
    let proven = doppler::verify(sent.post(&sent.head()), &sent.keys(), Timestamp(sent.now)).expect("proven");
    assert_eq!(said(doppler::read(proven, &Manager::Pushed).expect("JSON")), (None, None, News::Other));
}
