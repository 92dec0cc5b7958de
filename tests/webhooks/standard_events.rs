//! Standard Webhooks: what our events say once they are proven.

use pbi_rotate::codec::webhook::{Malformed, Message, sealed, standard};
use pbi_rotate::domain::source::{News, SecretId};
use pbi_rotate::domain::time::Timestamp;
use serde_json::{Value, json};

use crate::cryptography::Native;
use crate::post::{NOW, Sent, base64, hint, hmac, named, run, said};

fn read(body: &Value) -> Result<Message, Malformed> {
    let body = body.to_string();
    let key = [1; 32];
    let code = hmac(&key, &[format!("msg_1.{NOW}.{body}").as_bytes()]);
    let headers = vec![
        ("webhook-id", "msg_1".to_owned()),
        ("webhook-timestamp", NOW.to_string()),
        ("webhook-signature", format!("v1,{}", base64(&code))),
    ];
    let sent = Sent::new(headers, &body, &[&format!("whsec_{}", base64(&key))]);
    let proven = run(standard::verify(sent.post(&sent.head()), &sent.keys(), Timestamp(sent.now), &Native));
    standard::read(proven.expect("a good signature"))
}

#[test]
fn each_type_is_its_news_and_any_other_none() {
    for (kind, news) in [
        ("secret.changed", News::Changed),
        ("secret.expiring", News::Expiring),
        ("secret.expired", News::Expired),
        ("secret.rotation-failed", News::RotationFailed),
        ("secret.due", News::Due),
    ] {
        let message =
            read(&json!({ "type": kind, "data": { "secret": "sales-db", "version": "v7" } })).expect("an event");
        assert_eq!(said(message), (named("sales-db"), Some("v7".to_owned()), news), "{kind}");
    }
    for kind in ["", "test", "Secret.Changed", "secret.changed ", "secret.deleted"] {
        let message = read(&json!({ "type": kind, "data": { "secret": "sales-db" } })).expect("an event");
        assert_eq!(said(message), (None, None, News::Other), "{kind}");
    }
    assert_eq!(said(read(&json!({ "type": "ping" })).expect("an event")), (None, None, News::Other), "no data");
}

#[test]
fn the_event_is_the_webhooks_id() {
    let message = read(&json!({ "type": "secret.due", "data": { "secret": "sales-db" } })).expect("an event");
    assert_eq!(hint(message).event, "msg_1");
}

#[test]
fn a_secret_is_named_in_one_of_three_ways() {
    let text = str::to_owned;
    let kv = SecretId::Kv { mount: text("secret"), path: text("sales/db") };
    let role = SecretId::StaticRole { mount: text("database"), role: text("sales") };
    for (data, expected) in [
        (json!({ "secret": "sales-db" }), named("sales-db")),
        (json!({ "mount": "secret", "path": "sales/db" }), Some(kv)),
        (json!({ "mount": "database", "role": "sales" }), Some(role)),
        (json!({ "secret": "x".repeat(512) }), named(&"x".repeat(512))),
        (json!({ "secret": "sales-db", "version": null, "role": null }), named("sales-db")),
        (json!({ "secret": "sales-db", "url": "https://attacker.example" }), named("sales-db")),
    ] {
        let message = read(&json!({ "type": "secret.changed", "data": data })).expect("an event");
        assert_eq!(said(message), (expected, None, News::Changed), "{data}");
    }
}

#[test]
fn an_event_of_ours_that_cannot_be_read_is_malformed() {
    for (name, data) in [
        ("no data", Value::Null),
        ("data is a text", json!("sales-db")),
        ("data is a list", json!(["sales-db"])),
        ("a huge list", json!(vec!["sales-db"; 5000])),
        ("nothing named", json!({})),
        ("a mount alone", json!({ "mount": "secret" })),
        ("a path alone", json!({ "path": "sales/db" })),
        ("a role alone", json!({ "role": "sales" })),
        ("a name and a path", json!({ "secret": "sales-db", "mount": "secret", "path": "sales/db" })),
        ("a path and a role", json!({ "mount": "m", "path": "p", "role": "r" })),
        ("a name that is a number", json!({ "secret": 7 })),
        ("a list of names", json!({ "secret": ["sales-db"] })),
        ("an empty name", json!({ "secret": "" })),
        ("a name too long", json!({ "secret": "x".repeat(513) })),
        ("a name of two lines", json!({ "secret": "sales\ndb" })),
        ("a version that is a number", json!({ "secret": "sales-db", "version": 7 })),
        ("an empty version", json!({ "secret": "sales-db", "version": "" })),
    ] {
        assert_eq!(read(&json!({ "type": "secret.changed", "data": data })), Err(Malformed), "{name}");
    }
    for body in [json!([]), json!("secret.changed"), json!({}), json!({ "type": 7 }), json!({ "type": null })] {
        assert_eq!(read(&body), Err(Malformed), "{body}");
    }
}

#[test]
fn a_pushed_value_is_handed_on_as_it_is() {
    let pushed = |data: Value| read(&json!({ "type": "secret.pushed", "data": data }));
    let Ok(Message::Sealed { hint, jwe }) = pushed(json!({ "secret": "sales-db", "version": "v7", "sealed": "a.b" }))
    else {
        panic!("not sealed")
    };
    assert_eq!((hint.event.as_str(), hint.secret, hint.version.as_deref()), ("msg_1", named("sales-db"), Some("v7")));
    assert_eq!((hint.news, jwe.as_str()), (News::Changed, "a.b"));
    let version = "v7";
    for (name, data) in [
        ("no value", json!({ "secret": "sales-db", "version": version })),
        ("a value that is an object", json!({ "secret": "sales-db", "version": version, "sealed": { "a": "x" } })),
        ("no secret", json!({ "version": version, "sealed": "a.b" })),
        ("no version", json!({ "secret": "sales-db", "sealed": "a.b" })),
        ("too long", json!({ "secret": "sales-db", "version": version, "sealed": "x".repeat(sealed::LONGEST + 1) })),
    ] {
        assert_eq!(pushed(data), Err(Malformed), "{name}");
    }
    assert!(pushed(json!({ "secret": "sales-db", "version": "v7", "sealed": "x".repeat(sealed::LONGEST) })).is_ok());
}
