//! OpenBao's audit device: the secret header, and which lines of the audit are news.

use pbi_rotate::codec::webhook::Unproven::{self, Form, Missing, Signature};
use pbi_rotate::codec::webhook::{Malformed, Message, openbao};
use pbi_rotate::domain::source::{News, SecretId};
use serde_json::{Value, json};

use crate::post::{KEYS, Said, Sent, each, hint, nested, said};

const HEADER: &str = "x-pbi-rotate-key";

fn sent(body: &str) -> Sent {
    Sent::new(vec![(HEADER, KEYS[0].to_owned())], body, &KEYS)
}

/// The response's line of a secret that was written.
fn line() -> Value {
    json!({
        "time": "2026-11-21T18:30:00.000000000Z", "type": "response",
        "auth": { "client_token": "hmac-sha256:00", "policies": ["default"] },
        "request": {
            "id": "0d0f1e6a-7c1d-4b8e-a1f2-3b4c5d6e7f80", "operation": "update", "mount_point": "secret/",
            "mount_type": "kv", "path": "secret/data/sales/db",
            "data": { "data": { "password": "hmac-sha256:11" } },
        },
        "response": { "mount_type": "kv", "data": { "version": 3 } },
    })
}

fn read(body: &str) -> Result<Message, Malformed> {
    let sent = sent(body);
    openbao::read(openbao::verify(sent.post(&sent.head()), &sent.keys()).expect("proven"))
}

fn with(change: impl Fn(&mut Value)) -> Result<Message, Malformed> {
    let mut line = line();
    change(&mut line);
    read(&line.to_string())
}

fn kv(mount: &str, path: &str) -> Said {
    (Some(SecretId::Kv { mount: mount.to_owned(), path: path.to_owned() }), None, News::Changed)
}

fn role(mount: &str, role: &str) -> Said {
    (Some(SecretId::StaticRole { mount: mount.to_owned(), role: role.to_owned() }), None, News::Changed)
}

const OTHER: Said = (None, None, News::Other);

#[test]
fn only_an_active_key_proves_a_post() {
    let refusal = |sent: &Sent| openbao::verify(sent.post(&sent.head()), &sent.keys()).err();
    each::<Unproven>(
        || sent(&line().to_string()),
        refusal,
        &[
            ("as it comes", |_| {}, None),
            ("the key before", |sent| *sent.header(HEADER) = KEYS[1].to_owned(), None),
            ("another key", |sent| *sent.header(HEADER) = "k3y-long-ago".to_owned(), Some(Signature)),
            ("no header", |sent| sent.without(HEADER), Some(Missing)),
            ("two headers", |sent| sent.twice(HEADER), Some(Form)),
        ],
    );
}

#[test]
fn only_a_done_write_is_news() {
    type Change = fn(&mut Value);
    let written = kv("secret", "sales/db");
    let cases: [(&str, Change, Said); 15] = [
        ("as it comes", |_| {}, written.clone()),
        ("created", |line| line["request"]["operation"] = json!("create"), written.clone()),
        ("patched", |line| line["request"]["operation"] = json!("patch"), written.clone()),
        ("an empty error", |line| line["error"] = json!(""), written.clone()),
        ("before it was done", |line| line["type"] = json!("request"), OTHER),
        ("no type", |line| line["type"] = Value::Null, OTHER),
        ("refused", |line| line["error"] = json!("permission denied"), OTHER),
        ("read", |line| line["request"]["operation"] = json!("read"), OTHER),
        ("deleted", |line| line["request"]["operation"] = json!("delete"), OTHER),
        ("another engine", |line| line["request"]["mount_type"] = json!("pki"), OTHER),
        ("no engine", |line| line["request"]["mount_type"] = Value::Null, OTHER),
        ("no path", |line| line["request"]["path"] = Value::Null, OTHER),
        ("its metadata", |line| line["request"]["path"] = json!("secret/metadata/sales/db"), OTHER),
        ("nothing under data", |line| line["request"]["path"] = json!("secret/data/"), OTHER),
        ("too long", |line| line["request"]["path"] = json!(format!("secret/data/{}", "x".repeat(513))), OTHER),
    ];
    for (name, change, expected) in cases {
        assert_eq!(said(with(change).expect("a line")), expected, "{name}");
    }
}

#[test]
fn a_path_is_taken_apart_at_its_mount() {
    for (kind, mount, path, expected) in [
        ("kv", Some("secret/"), "secret/data/a", kv("secret", "a")),
        ("kv", None, "secret/data/a/data/b", kv("secret", "a/data/b")),
        ("kv", Some("team/data/kv/"), "team/data/kv/data/a", kv("team/data/kv", "a")),
        ("kv", Some("other/"), "secret/data/a", OTHER),
        ("kv", Some("sec/"), "secret/data/a", OTHER),
        ("kv", Some("database/"), "database/rotate-role/sales", OTHER),
        ("database", Some("database/"), "database/rotate-role/sales", role("database", "sales")),
        ("database", Some("database/"), "database/static-roles/sales", role("database", "sales")),
        ("database", None, "db/prod/rotate-role/sales", role("db/prod", "sales")),
        ("database", Some("database/"), "database/rotate-root/sales", OTHER),
        ("database", Some("database/"), "database/data/sales", OTHER),
    ] {
        let message = with(|line| {
            line["request"]["mount_type"] = json!(kind);
            line["request"]["mount_point"] = json!(mount);
            line["request"]["path"] = json!(path);
        });
        assert_eq!(said(message.expect("a line")), expected, "{kind} {mount:?} {path}");
    }
}

#[test]
fn a_request_does_not_take_its_responses_event() {
    let event = |message: Result<Message, Malformed>| hint(message.expect("a line")).event;
    let response = event(with(|_| {}));
    assert_eq!(response, "0d0f1e6a-7c1d-4b8e-a1f2-3b4c5d6e7f80");
    let request = event(with(|line| line["type"] = json!("request")));
    assert_ne!(request, response);
    let (one, other) = (
        event(with(|line| line["request"]["id"] = Value::Null)),
        event(with(|line| {
            line["request"]["id"] = Value::Null;
            line["request"]["path"] = json!("secret/data/hr");
        })),
    );
    assert_ne!(one, other, "without an id");
}

#[test]
fn the_test_when_the_device_is_enabled_is_taken() {
    let test = json!({ "type": "request", "request": { "id": "t", "operation": "update", "path": "sys/audit/test" } });
    assert_eq!(said(read(&test.to_string()).expect("a line")), OTHER);
}

#[test]
fn what_is_no_line_is_malformed() {
    for body in ["", "{", "[]", "\"x\"", &format!("{}\n{}", line(), line()), &nested(200)] {
        assert_eq!(read(body), Err(Malformed), "{body:.20}");
    }
    assert_eq!(with(|line| line["request"] = json!("x")), Err(Malformed), "request is a text");
    assert_eq!(with(|line| line["request"]["path"] = json!(vec![0; 5000])), Err(Malformed), "a list for a path");
}
