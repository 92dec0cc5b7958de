//! Infisical's webhooks: forged and odd posts, each named for what is wrong with it, and what a good one says.

use pbi_rotate::codec::webhook::Unproven::{self, Form, Future, Missing, Signature, Stale, Unchecked};
use pbi_rotate::codec::webhook::{Malformed, Message, infisical};
use pbi_rotate::domain::source::{Manager, News};
use pbi_rotate::domain::time::Timestamp;
use serde_json::{Value, json};

use crate::post::{NOW, Sent, each, hex, hint, hmac, nested, said};

const KEYS: [&str; 2] = ["infisical-secret-of-today", "infisical-secret-before"];
const HEADER: &str = "x-infisical-signature";
const SENT: i64 = NOW * 1000;

fn sign(sent: &mut Sent, key: &str, time: &str) {
    *sent.header(HEADER) = format!("t={time};{}", hex(&hmac(key.as_bytes(), &[&sent.body])));
}

fn sent(body: &str) -> Sent {
    let mut sent = Sent::new(vec![(HEADER, String::new())], body, &KEYS);
    sign(&mut sent, KEYS[0], &SENT.to_string());
    sent
}

fn body() -> Value {
    json!({
        "event": "secrets.modified",
        "project": {
            "workspaceId": "p-1", "projectId": "p-1", "projectName": "Sales", "environment": "prod",
            "environmentName": "Production", "secretPath": "/sales/db", "changedBy": "Ana", "changedByActorType": "user",
        },
        "timestamp": SENT,
    })
}

fn good() -> Sent {
    sent(&body().to_string())
}

/// Another body, signed.
fn with(change: impl Fn(&mut Value)) -> Sent {
    let mut body = body();
    change(&mut body);
    sent(&body.to_string())
}

fn refusal(sent: &Sent) -> Option<Unproven> {
    infisical::verify(sent.post(&sent.head()), &sent.keys(), Timestamp(sent.now)).err()
}

fn ours() -> Manager {
    let text = str::to_owned;
    Manager::Infisical { url: None, project: text("p-1"), environment: text("prod"), folder: text("/sales/db") }
}

fn read(sent: &Sent) -> Result<Message, Malformed> {
    let proven = infisical::verify(sent.post(&sent.head()), &sent.keys(), Timestamp(sent.now));
    infisical::read(proven.expect("a good signature"), &ours())
}

#[test]
fn only_an_active_key_proves_the_raw_body() {
    each(
        good,
        refusal,
        &[
            ("as it comes", |_| {}, None),
            ("by the key before", |sent| sign(sent, KEYS[1], &SENT.to_string()), None),
            ("by a key that is gone", |sent| sign(sent, "infisical-long-ago", &SENT.to_string()), Some(Signature)),
            ("a byte of the body altered", |sent| sent.body[5] ^= 1, Some(Signature)),
            ("a truncated body", |sent| sent.body.truncate(30), Some(Signature)),
            ("no body", |sent| sent.body.clear(), Some(Signature)),
            ("no header", |sent| sent.without(HEADER), Some(Missing)),
            ("two headers", |sent| sent.twice(HEADER), Some(Form)),
            ("an empty header", |sent| sent.header(HEADER).clear(), Some(Form)),
            ("no time", |sent| *sent.header(HEADER) = hex(&hmac(b"x", &[])), Some(Form)),
            ("an empty time", |sent| sign(sent, KEYS[0], ""), Some(Form)),
            ("a time with a sign", |sent| sign(sent, KEYS[0], &format!("+{SENT}")), Some(Form)),
            ("a comma between", |sent| *sent.header(HEADER) = sent.header(HEADER).replace(';', ","), Some(Form)),
            ("a truncated signature", |sent| sent.header(HEADER).truncate(60), Some(Form)),
            (
                "upper-case digits",
                |sent| {
                    let upper = sent.header(HEADER).to_ascii_uppercase();
                    *sent.header(HEADER) = upper.replace("T=", "t=");
                },
                Some(Form),
            ),
            ("a version before it", |sent| *sent.header(HEADER) = sent.header(HEADER).replace(';', ";v1="), Some(Form)),
            ("nobody's key", |sent| sent.keys.clear(), Some(Unchecked)),
            (
                "an empty key, and signed by it",
                |sent| {
                    sent.keys = vec![String::new()];
                    sign(sent, "", &SENT.to_string());
                },
                Some(Unchecked),
            ),
        ],
    );
}

#[test]
fn the_time_that_counts_is_the_one_that_is_signed() {
    // Replayed with a fresh time in the header, which nobody signs.
    let mut sent = good();
    sent.now = SENT + 3_600_000;
    sign(&mut sent, KEYS[0], &(SENT + 3_600_000).to_string());
    assert_eq!(refusal(&sent), Some(Form));
    for (name, time, expected) in [
        ("absent", Value::Null, Some(Form)),
        ("in seconds", json!(NOW), Some(Form)),
        ("a text", json!(SENT.to_string()), Some(Form)),
        ("a fraction", json!(SENT as f64 + 0.5), Some(Form)),
        ("a millisecond more", json!(SENT + 1), Some(Form)),
        ("the same", json!(SENT), None),
    ] {
        assert_eq!(refusal(&with(|body| body["timestamp"] = time.clone())), expected, "{name}");
    }
    let without = |body: &mut Value| drop(body.as_object_mut().expect("an object").remove("timestamp"));
    assert_eq!(refusal(&with(without)), Some(Missing), "not there");
    assert_eq!(refusal(&self::sent("[]")), Some(Missing), "no object");
}

#[test]
fn five_minutes_either_way_and_not_a_millisecond_more() {
    for (after_ms, expected) in [
        (299_000, None),
        (300_000, None),
        (300_001, Some(Stale)),
        (301_000, Some(Stale)),
        (-299_000, None),
        (-300_000, None),
        (-300_001, Some(Future)),
        (-301_000, Some(Future)),
    ] {
        let mut sent = good();
        sent.now += after_ms;
        assert_eq!(refusal(&sent), expected, "{after_ms} ms");
    }
}

#[test]
fn a_change_of_our_folder_may_be_any_secret() {
    type Change = fn(&mut Value);
    let cases: [(&str, Change, News); 11] = [
        ("as documented", |_| {}, News::Changed),
        ("a rotation that failed", |body| body["event"] = json!("secrets.rotation-failed"), News::RotationFailed),
        ("a test", |body| body["event"] = json!("test"), News::Other),
        ("a kind nobody knows", |body| body["event"] = json!("honey-token.triggered"), News::Other),
        ("by the older name", |body| body["project"]["projectId"] = Value::Null, News::Changed),
        ("a slash at the end", |body| body["project"]["secretPath"] = json!("/sales/db/"), News::Changed),
        ("another project", |body| body["project"]["projectId"] = json!("p-2"), News::Other),
        ("another environment", |body| body["project"]["environment"] = json!("dev"), News::Other),
        ("the folder above", |body| body["project"]["secretPath"] = json!("/sales"), News::Other),
        ("a folder below", |body| body["project"]["secretPath"] = json!("/sales/db/x"), News::Other),
        (
            "a rotation that failed elsewhere",
            |body| {
                body["event"] = json!("secrets.rotation-failed");
                body["project"]["secretPath"] = json!("/hr");
            },
            News::Other,
        ),
    ];
    for (name, change, news) in cases {
        assert_eq!(said(read(&with(change)).expect("an event")), (None, None, news), "{name}");
    }
    let test = json!({ "event": "test", "timestamp": SENT }).to_string();
    assert_eq!(said(read(&sent(&test)).expect("an event")), (None, None, News::Other), "without a project");
}

#[test]
fn what_is_sent_again_is_the_same_event() {
    let event = |sent: &Sent| hint(read(sent).expect("an event")).event;
    let mut again = good();
    again.now += 60_000;
    assert_eq!(event(&good()), event(&again));
    assert_ne!(event(&good()), event(&with(|body| body["project"]["changedBy"] = json!("Ben"))));
}

#[test]
fn what_is_signed_and_cannot_be_read_is_malformed() {
    for body in ["", "{", "secrets.modified", &nested(200)] {
        assert_eq!(read(&sent(body)), Err(Malformed), "{body:.20}");
    }
    type Change = fn(&mut Value);
    let cases: [(&str, Change); 5] = [
        ("no event", |body| body["event"] = Value::Null),
        ("an event that is a number", |body| body["event"] = json!(7)),
        ("no project", |body| body["project"] = Value::Null),
        ("a project that is a text", |body| body["project"] = json!("p-1")),
        ("no folder", |body| body["project"]["secretPath"] = Value::Null),
    ];
    for (name, change) in cases {
        assert_eq!(read(&with(change)), Err(Malformed), "{name}");
    }
}

#[test]
fn a_source_of_another_kind_hears_nothing() {
    let sent = good();
    let proven = infisical::verify(sent.post(&sent.head()), &sent.keys(), Timestamp(sent.now)).expect("proven");
    assert_eq!(said(infisical::read(proven, &Manager::Pushed).expect("an event")), (None, None, News::Other));
}
