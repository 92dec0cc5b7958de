//! What Key Vault says through Event Grid and Secret Manager through Pub/Sub, in every form that was seen.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pbi_rotate::codec::webhook::{Malformed, Message};
use pbi_rotate::domain::source::News;
use serde_json::{Value, json};

use crate::scene::{TOPIC, Tokened, hint, nothing};

const VERSION: &str = "ee059b2bb5bc48398a53b168c6cdcb10";

fn full_id(host: &str) -> String {
    format!("https://{host}/secrets/sales-db/{VERSION}")
}

fn data() -> Value {
    json!({
        "Id": full_id("contoso-kv.vault.azure.net"), "VaultName": "contoso-kv", "ObjectType": "Secret",
        "ObjectName": "sales-db", "Version": VERSION, "NBF": 1_795_280_000, "EXP": null,
    })
}

/// An event in the Event Grid schema, with these fields set.
fn grid(changes: &[(&str, Value)]) -> Value {
    with(
        json!({
            "id": "00eccf70-95a7-4e7c-8299-2eb17ee9ad64", "topic": TOPIC, "subject": "sales-db",
            "eventType": "Microsoft.KeyVault.SecretNewVersionCreated", "eventTime": "2026-11-21T18:29:00Z",
            "data": data(), "dataVersion": "1", "metadataVersion": "1",
        }),
        changes,
    )
}

/// The same as a CloudEvent.
fn cloud(changes: &[(&str, Value)]) -> Value {
    with(
        json!({
            "id": "00eccf70-95a7-4e7c-8299-2eb17ee9ad64", "source": TOPIC, "subject": "sales-db",
            "type": "Microsoft.KeyVault.SecretNewVersionCreated", "time": "2026-11-21T18:29:00Z", "specversion": "1.0",
            "data": data(),
        }),
        changes,
    )
}

fn with(mut event: Value, changes: &[(&str, Value)]) -> Value {
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        crate::scene::change(event.pointer_mut(parent).expect("a parent"), name, value.clone());
    }
    event
}

fn read(body: &Value) -> Result<Message, Malformed> {
    let sent = Tokened { body: body.to_string().into_bytes(), ..Tokened::event_grid() };
    sent.at_event_grid().expect("proven")
}

const ID: &str = "00eccf70-95a7-4e7c-8299-2eb17ee9ad64";

fn changed() -> Result<Message, Malformed> {
    Ok(Message::Hints(vec![hint(ID, "sales-db", Some(VERSION), News::Changed)]))
}

#[test]
fn an_event_is_read_in_both_schemas_alone_and_in_a_list() {
    for event in [grid(&[]), cloud(&[])] {
        assert_eq!(read(&event), changed());
        assert_eq!(read(&json!([event])), changed());
    }
    for (kind, news) in [("SecretNearExpiry", News::Expiring), ("SecretExpired", News::Expired)] {
        let kind = json!(format!("Microsoft.KeyVault.{kind}"));
        let told = Ok(Message::Hints(vec![hint(ID, "sales-db", Some(VERSION), news)]));
        assert_eq!(read(&json!([grid(&[("/eventType", kind.clone())])])), told);
        assert_eq!(read(&cloud(&[("/type", kind)])), told);
    }
}

#[test]
fn what_microsofts_samples_write_is_read() {
    let padded = json!({
        "Id ": format!(" {} ", full_id("contoso-kv.vault.azure.net")), "ObjectName ": " sales-db", "Version\t": " x",
        "NBF": "1559081980", "EXP": 1_559_082_102.5,
    });
    let named = json!({"ObjectName ": "sales-db ", " Version": format!(" {VERSION}"), "NBF": null});
    for data in [padded, named] {
        assert_eq!(read(&grid(&[("/data", data.clone())])), changed(), "{data}");
        assert_eq!(read(&cloud(&[("/data", data.clone())])), changed(), "{data}");
    }
    let topic = TOPIC.to_uppercase();
    assert_eq!(read(&grid(&[("/topic", json!(topic))])), changed(), "the topic in another case");
    assert_eq!(read(&grid(&[("/data/Id", json!(full_id("CONTOSO-KV.vault.azure.net")))])), changed());
}

#[test]
fn an_id_of_another_host_is_not_looked_at() {
    for host in [
        "attacker.example",
        "attacker.vault.azure.net",
        "contoso-kv.vault.azure.net.attacker.example",
        "contoso-kv.attacker.example",
        "contoso-kv.vault.azure.net@attacker.example",
        "contoso-kv.vault.azure.net:8443",
    ] {
        let id = json!(format!("https://{host}/secrets/admin/0"));
        assert_eq!(read(&grid(&[("/data/Id", id)])), changed(), "{host}: by its name and version");
    }
    for id in [
        "http://contoso-kv.vault.azure.net/secrets/admin/0",
        "https://contoso-kv.vault.azure.net/keys/admin/0",
        "https://contoso-kv.vault.azure.net/secrets/admin",
        "https://contoso-kv.vault.azure.net/secrets/admin/",
        "https://contoso-kv.vault.azure.net/secrets//0",
        "https://contoso-kv.vault.azure.net/secrets/admin/0/x",
        "https://contoso-kv.vault.azure.net/secrets/admin/0?x",
        "",
    ] {
        assert_eq!(read(&grid(&[("/data/Id", json!(id))])), changed(), "{id}");
    }
    for host in ["contoso-kv.vault.usgovcloudapi.net", "contoso-kv.vault.azure.cn"] {
        let only = json!({"Id": full_id(host)});
        assert_eq!(read(&grid(&[("/data", only)])), changed(), "{host}: another cloud's");
    }
}

#[test]
fn what_is_of_another_vault_or_kind_is_nothing() {
    let nothing = || Ok(Message::Hints(vec![nothing(ID)]));
    for (pointer, value) in [
        ("/topic", json!(TOPIC.replace("contoso-kv", "attacker-kv"))),
        ("/topic", json!(format!("{TOPIC}2"))),
        ("/eventType", json!("Microsoft.KeyVault.KeyNewVersionCreated")),
        ("/eventType", json!("Microsoft.KeyVault.VaultAccessPolicyChanged")),
        ("/eventType", json!("Microsoft.EventGrid.SubscriptionDeletedEvent")),
        ("/eventType", json!("Microsoft.EventGrid.SubscriptionValidationEvent")),
        ("/eventType", json!("microsoft.keyvault.secretnewversioncreated")),
    ] {
        assert_eq!(read(&json!([grid(&[(pointer, value.clone())])])), nothing(), "{pointer} {value}");
    }
    assert_eq!(read(&cloud(&[("/source", json!("/subscriptions/x"))])), nothing());
}

#[test]
fn what_the_documents_do_not_describe_is_malformed() {
    for event in [
        json!(7),
        json!("x"),
        json!([[]]),
        json!([grid(&[]), 7]),
        json!({}),
        grid(&[("/id", Value::Null)]),
        grid(&[("/id", json!(" "))]),
        grid(&[("/id", json!(7))]),
        grid(&[("/id", json!("7".repeat(513)))]),
        grid(&[("/id", json!("a\nb"))]),
        grid(&[("/topic", Value::Null)]),
        grid(&[("/eventType", Value::Null)]),
        grid(&[("/eventType", json!(["x"]))]),
        grid(&[("/data", Value::Null)]),
        grid(&[("/data", json!("x"))]),
        grid(&[("/data", json!({}))]),
        grid(&[("/data", json!({"Id": 7, "ObjectName": 7}))]),
        cloud(&[("/source", Value::Null)]),
    ] {
        assert_eq!(read(&event), Err(Malformed), "{event}");
    }
    for body in [&b"[{]"[..], b"", b"\xff", &[b'['; 10_000]] {
        let sent = Tokened { body: body.to_vec(), ..Tokened::event_grid() };
        assert_eq!(sent.at_event_grid(), Ok(Err(Malformed)));
    }
}

#[test]
fn a_batch_has_five_thousand_events_at_most_and_keeps_their_order() {
    let batch = |count: usize| Value::Array((0..count).map(|at| grid(&[("/id", json!(at.to_string()))])).collect());
    let Ok(Message::Hints(hints)) = read(&batch(5000)) else { panic!("hints") };
    assert_eq!(hints.len(), 5000);
    assert!(hints.iter().enumerate().all(|(at, told)| told.event == at.to_string()));
    assert_eq!(read(&batch(5001)), Err(Malformed));
    assert_eq!(read(&json!([])), Ok(Message::Hints(vec![])));
}

/// A message of Pub/Sub with these fields set.
fn pushed(changes: &[(&str, Value)]) -> Result<Message, Malformed> {
    let secret = "projects/123456/secrets/sales-db";
    let body = json!({
        "message": {
            "attributes": {
                "eventType": "SECRET_VERSION_ADD", "dataFormat": "JSON_API_V1", "secretId": secret,
                "versionId": format!("{secret}/versions/7"), "timestamp": "2026-11-21T18:29:00.123456-08:00",
            },
            "data": STANDARD.encode(r#"{"name":"projects/123456/secrets/sales-db/versions/7","state":"ENABLED"}"#),
            "messageId": "2070443601311540", "message_id": "2070443601311540", "publishTime": "2026-11-21T18:29:01Z",
        },
        "subscription": "projects/contoso-data/subscriptions/pbi-rotate",
    });
    let sent = Tokened { body: with(body, changes).to_string().into_bytes(), ..Tokened::pub_sub() };
    sent.at_pub_sub().expect("proven")
}

const MESSAGE: &str = "2070443601311540";
const KIND: &str = "/message/attributes/eventType";
const SECRET: &str = "/message/attributes/secretId";
const NUMBER: &str = "/message/attributes/versionId";

#[test]
fn secret_manager_says_what_happened_in_attributes() {
    let told = |version, news| Ok(Message::Hints(vec![hint(MESSAGE, "sales-db", version, news)]));
    assert_eq!(pushed(&[]), told(Some("7"), News::Changed));
    assert_eq!(pushed(&[(KIND, json!("SECRET_VERSION_ENABLE"))]), told(Some("7"), News::Changed));
    assert_eq!(pushed(&[(NUMBER, Value::Null)]), told(None, News::Changed));
    assert_eq!(pushed(&[(KIND, json!("SECRET_ROTATE")), (NUMBER, Value::Null)]), told(None, News::Due));
    let named = [(SECRET, json!("projects/contoso-data/secrets/sales-db")), (NUMBER, Value::Null)];
    assert_eq!(pushed(&named), told(None, News::Changed), "an id where a number is configured");
}

#[test]
fn what_is_of_another_project_or_kind_is_nothing_too() {
    let nothing = || Ok(Message::Hints(vec![nothing(MESSAGE)]));
    for kind in ["SECRET_CREATE", "SECRET_UPDATE", "SECRET_DELETE", "SECRET_VERSION_DISABLE", "TOPIC_CONFIGURED", ""] {
        assert_eq!(pushed(&[(KIND, json!(kind))]), nothing(), "{kind}");
    }
    assert_eq!(pushed(&[("/message/attributes", Value::Null)]), nothing(), "somebody else's topic");
    for secret in ["projects/654321/secrets/sales-db", "projects/123456/locations/europe-west3/secrets/sales-db"] {
        let version = format!("{secret}/versions/7");
        assert_eq!(pushed(&[(SECRET, json!(secret)), (NUMBER, json!(version))]), nothing(), "{secret}");
    }
}

#[test]
fn a_message_of_another_form_is_malformed() {
    for (pointer, value) in [
        ("/message", Value::Null),
        ("/message/messageId", Value::Null),
        ("/message/messageId", json!("")),
        ("/message/messageId", json!(7)),
        ("/message/messageId", json!("7".repeat(513))),
        (SECRET, json!(format!("projects/123456/secrets/{}", "a".repeat(513)))),
        ("/message/attributes", json!(["x"])),
        (KIND, json!(7)),
        (SECRET, Value::Null),
        (SECRET, json!("sales-db")),
        (SECRET, json!("projects//secrets/sales-db")),
        (SECRET, json!("projects/123456/secrets/")),
        (SECRET, json!("projects/123456/secrets/sales-db/versions/7")),
        (SECRET, json!("projects/123456/locations/x/secrets/sales-db/x")),
        (NUMBER, json!("7")),
        (NUMBER, json!("projects/123456/secrets/sales-db/versions/")),
        (NUMBER, json!("projects/123456/secrets/sales-db/versions/latest")),
        (NUMBER, json!("projects/123456/secrets/other/versions/7")),
    ] {
        assert_eq!(pushed(&[(pointer, value.clone())]), Err(Malformed), "{pointer} {value}");
    }
    let sent = Tokened { body: b"text".to_vec(), ..Tokened::pub_sub() };
    assert_eq!(sent.at_pub_sub(), Ok(Err(Malformed)));
}
