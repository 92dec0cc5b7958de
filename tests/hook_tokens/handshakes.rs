//! Event Grid's two handshakes: what is consented to, and what is passed over.

use pbi_rotate::codec::webhook::event_grid::{consent, read, verify_key};
use pbi_rotate::codec::webhook::{Malformed, Message, Post};
use pbi_rotate::domain::source::Manager;
use seal::Secret;
use serde_json::{Value, json};

use crate::scene::{TOPIC, headers, key_vault, nothing};

const KEY: &str = "k9Zq3vT1xW7bN5mR8cY2pL6sD4fG0hJa";
const CODE: &str = "512d38b6-c7b8-40c8-89fe-f46f9e9622b6";

fn validation() -> Value {
    json!({
        "id": "2d1781af-3a4c-4d7c-bd0c-e34b19da4e66", "topic": "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590",
        "subject": "", "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "eventTime": "2026-11-21T18:29:00Z",
        "data": {"validationCode": CODE, "validationUrl": "https://attacker.example:553/eventsubscriptions/validate?id=1"},
        "metadataVersion": "1", "dataVersion": "1",
    })
}

fn posted(kind: &str, body: &Value) -> Result<Message, Malformed> {
    let headers = headers(&[("x-pbi-rotate-key", KEY), ("aeg-event-type", kind)]);
    let body = body.to_string();
    let post = Post { headers: &headers, body: body.as_bytes() };
    let verified = verify_key(post, &[Secret::new(KEY.to_owned())]).expect("proven");
    read(&verified, &key_vault(), TOPIC)
}

#[test]
fn a_validation_alone_is_answered_with_its_code_and_never_by_its_address() {
    let answered = || Ok(Message::Validation(CODE.to_owned()));
    assert_eq!(posted("SubscriptionValidation", &json!([validation()])), answered());
    assert_eq!(posted("SUBSCRIPTIONVALIDATION", &json!([validation()])), answered());
    assert_eq!(posted("SubscriptionValidation", &validation()), answered(), "without its list");
    let mut without_address = validation();
    without_address["data"] = json!({"validationCode": CODE});
    assert_eq!(posted("SubscriptionValidation", &without_address), answered());
}

#[test]
fn a_validation_of_another_form_is_not_answered() {
    let with = |name: &str, value: Value| {
        let mut event = validation();
        event[name] = value;
        json!([event])
    };
    for (why, body) in [
        ("two of them", json!([validation(), validation()])),
        ("none", json!([])),
        ("another event", with("eventType", json!("Microsoft.KeyVault.SecretNewVersionCreated"))),
        ("no data", with("data", Value::Null)),
        ("no code", with("data", json!({"validationUrl": "https://attacker.example"}))),
        ("an empty code", with("data", json!({"validationCode": ""}))),
        ("a code that is a number", with("data", json!({"validationCode": 7}))),
        ("a code that is a book", with("data", json!({"validationCode": "7".repeat(513)}))),
    ] {
        assert_eq!(posted("SubscriptionValidation", &body), Err(Malformed), "{why}");
    }
    let event = "2d1781af-3a4c-4d7c-bd0c-e34b19da4e66";
    for kind in ["Notification", "SubscriptionDeletion", ""] {
        let told = posted(kind, &json!([validation()]));
        assert_eq!(told, Ok(Message::Hints(vec![nothing(event)])), "the header says {kind}");
    }
}

#[test]
fn only_event_grid_is_allowed_to_send_and_as_often_as_it_asks() {
    const ORIGIN: (&str, &str) = ("webhook-request-origin", "eventgrid.azure.net");
    let callback = ("webhook-request-callback", "https://attacker.example/");
    for (asked, rate) in [
        (vec![ORIGIN], None),
        (vec![ORIGIN, ("webhook-request-rate", "120")], Some("120")),
        (vec![ORIGIN, callback, ("origin", "https://attacker.example")], None),
    ] {
        let answer = consent(&headers(&asked)).expect("consent");
        let field = |name: &str| answer.get(name).map(|value| value.to_str().expect("a text"));
        assert_eq!(field("webhook-allowed-origin"), Some("eventgrid.azure.net"));
        assert_eq!((field("webhook-allowed-rate"), field("allow")), (rate, Some("POST")));
        assert_eq!(answer.len(), 2 + usize::from(rate.is_some()), "nothing else");
    }
    for (why, asked) in [
        ("no origin", vec![]),
        ("a browser's", vec![("origin", "eventgrid.azure.net")]),
        ("another", vec![("webhook-request-origin", "attacker.example")]),
        ("everybody", vec![("webhook-request-origin", "*")]),
        ("one below it", vec![("webhook-request-origin", "attacker.eventgrid.azure.net")]),
        ("one that begins like it", vec![("webhook-request-origin", "eventgrid.azure.net.attacker.example")]),
        ("with a scheme", vec![("webhook-request-origin", "https://eventgrid.azure.net")]),
        ("two", vec![ORIGIN, ("webhook-request-origin", "attacker.example")]),
        ("any rate", vec![ORIGIN, ("webhook-request-rate", "*")]),
        ("a rate below none", vec![ORIGIN, ("webhook-request-rate", "-1")]),
        ("no rate", vec![ORIGIN, ("webhook-request-rate", "")]),
        ("two rates", vec![ORIGIN, ("webhook-request-rate", "1"), ("webhook-request-rate", "2")]),
    ] {
        assert_eq!(consent(&headers(&asked)), None, "{why}");
    }
}

#[test]
fn a_source_that_is_no_key_vault_hears_nothing() {
    let headers = headers(&[("x-pbi-rotate-key", KEY)]);
    let event = json!({
        "id": "1", "topic": TOPIC, "eventType": "Microsoft.KeyVault.SecretExpired", "data": {"ObjectName": "a"},
    });
    let body = event.to_string();
    let post = Post { headers: &headers, body: body.as_bytes() };
    let verified = verify_key(post, &[Secret::new(KEY.to_owned())]).expect("proven");
    assert_eq!(read(&verified, &Manager::Pushed, TOPIC), Ok(Message::Hints(vec![nothing("1")])));
}
