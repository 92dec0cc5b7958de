//! Vault and OpenBao: the key-value store, static roles, the end of a token.

use std::time::Duration;

use http::Method;
use pbi_rotate::clients::secrets::vault::Vault;
use pbi_rotate::clients::secrets::{Fetched, Seen, Which};
use pbi_rotate::domain::trouble::{Cause, Trouble};
use pbi_rotate::ports::Patience;
use serde_json::{Value, json};

use crate::scene::{LEAK, NOW, headers, odd_values, secret, trouble, unusable, values, why};
use crate::wire::{Answer, Script, answer, run};

const BASE: &str = "https://vault.test:8200";
const ROTATED: &str = "2026-11-21T18:00:00.123456789Z";

fn vault<T>(wire: &Script, ask: impl AsyncFnOnce(Vault<'_, Script>) -> T) -> T {
    run(ask(Vault { wire, base: BASE, namespace: Some("team/bi"), token: &secret("hvs.t0ken"), now: NOW }))
}

fn kv_seen(wire: &Script) -> Result<Seen, Trouble> {
    vault(wire, async |vault| vault.kv_seen("kv", "sales/db").await)
}

fn kv_fetch(wire: &Script, which: Which) -> Result<Fetched, Trouble> {
    vault(wire, async |vault| vault.kv_fetch("kv", "sales/db", which).await)
}

fn role_seen(wire: &Script) -> Result<Seen, Trouble> {
    vault(wire, async |vault| vault.role_seen("database", "sales").await)
}

fn role_fetch(wire: &Script, which: Which) -> Result<Fetched, Trouble> {
    vault(wire, async |vault| vault.role_fetch("database", "sales", which).await)
}

fn json(body: &Value) -> Answer {
    answer(200, &[], &body.to_string())
}

fn metadata(current: u64, versions: Value) -> Answer {
    json(&json!({ "request_id": "r", "data": { "current_version": current, "versions": versions } }))
}

fn data(version: u64, values: Value) -> Answer {
    let metadata = json!({ "version": version, "created_time": ROTATED, "deletion_time": "", "destroyed": false });
    json(&json!({ "request_id": "r", "data": { "data": values, "metadata": metadata } }))
}

fn credentials(others: Value) -> Answer {
    let mut data = json!({
        "username": "svc_sales", "password": "pw", "last_vault_rotation": ROTATED, "rotation_period": 3600, "ttl": 1800,
    });
    data.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
    json(&json!({ "data": data }))
}

#[test]
fn each_call_is_one_request_under_its_own_path() {
    type Call = fn(&Script);
    let rows: [(Call, &str); 7] = [
        (|wire| drop(kv_seen(wire)), "GET https://vault.test:8200/v1/kv/metadata/sales/db"),
        (|wire| drop(kv_fetch(wire, Which::Current)), "GET https://vault.test:8200/v1/kv/data/sales/db"),
        (|wire| drop(kv_fetch(wire, Which::Previous)), "GET https://vault.test:8200/v1/kv/metadata/sales/db"),
        (|wire| drop(role_seen(wire)), "GET https://vault.test:8200/v1/database/static-creds/sales"),
        (|wire| drop(role_fetch(wire, Which::Current)), "GET https://vault.test:8200/v1/database/static-creds/sales"),
        (
            |wire| drop(vault(wire, async |vault| vault.rotate_role("a/b", "s/ä?").await)),
            "POST https://vault.test:8200/v1/a/b/rotate-role/s%2F%C3%A4%3F",
        ),
        (
            |wire| drop(vault(wire, async |vault| vault.revoke_self().await)),
            "POST https://vault.test:8200/v1/auth/token/revoke-self",
        ),
    ];
    for (call, line) in rows {
        let wire = Script::new([answer(500, &[], "")]);
        call(&wire);
        assert_eq!(wire.lines(), [line]);
        let request = wire.only();
        let sent = ["x-vault-namespace: team/bi", "x-vault-request: true", "x-vault-token: hvs.t0ken"];
        assert_eq!(headers(&request), sent);
        assert!(request.headers()["x-vault-token"].is_sensitive());
        assert!(request.body().is_empty());
    }
}

#[test]
fn without_a_namespace_none_is_named() {
    let wire = Script::new([answer(204, &[], "")]);
    let vault = Vault { wire: &wire, base: BASE, namespace: None, token: &secret("hvs.t0ken"), now: NOW };
    assert_eq!(run(vault.revoke_self()), Ok(()));
    let request = wire.only();
    assert_eq!(request.method(), Method::POST);
    assert_eq!(headers(&request), ["x-vault-request: true", "x-vault-token: hvs.t0ken"]);
}

#[test]
fn a_version_that_is_gone_or_will_not_be_read_is_told_as_such() {
    let kept = json!({ "created_time": ROTATED, "deletion_time": "", "destroyed": false });
    let dying = json!({ "deletion_time": "2026-11-21T18:30:01.5Z", "destroyed": false });
    for version in [&kept, &dying, &json!({})] {
        let wire = Script::new([metadata(2, json!({ "2": version }))]);
        assert_eq!(kv_seen(&wire), Ok(Seen { version: "2".into(), expires: None, next: None }));
    }
    let gone = [
        json!({ "deletion_time": "2026-11-21T18:30:00.5Z", "destroyed": false }),
        json!({ "deletion_time": "2025-01-01T00:00:00Z" }),
        json!({ "deletion_time": "", "destroyed": true }),
        Value::Null,
    ];
    for version in gone {
        let wire = Script::new([metadata(2, json!({ "1": kept, "2": version }))]);
        assert_eq!(why(kv_seen(&wire)), unusable("its current version is deleted or destroyed"), "{version}");
        let wire = Script::new([metadata(3, json!({ "2": version, "3": kept }))]);
        let none = unusable("it keeps no previous version that may be used");
        assert_eq!(why(kv_fetch(&wire, Which::Previous)), none, "{version}");
        assert_eq!(wire.lines().len(), 1, "nothing is fetched");
    }
    for odd in [json!({ "deletion_time": "soon" }), json!({ "destroyed": "no" }), json!(7)] {
        assert_eq!(trouble(kv_seen(&Script::new([metadata(2, json!({ "2": odd }))]))).cause, Cause::Unintelligible);
    }
    let body = json!({ "data": { "data": null, "metadata": { "version": 2, "destroyed": true, "x": LEAK } } });
    let wire = Script::new([answer(404, &[], &body.to_string())]);
    assert_eq!(why(kv_fetch(&wire, Which::Current)), unusable("that version is deleted or destroyed"));
}

#[test]
fn the_values_are_read_as_they_are() {
    for value in odd_values() {
        let values_then = json!({ "username": "svc", "password": value, "port": 1433 });
        let wire = Script::new([data(2, values_then.clone())]);
        let fetched = kv_fetch(&wire, Which::Current).unwrap_or_else(|trouble| panic!("{trouble:?}"));
        assert_eq!((fetched.version.as_str(), values(&fetched)), ("2", &values_then));
    }
    for odd in [Value::Null, json!([]), json!(LEAK)] {
        assert_eq!(trouble(kv_fetch(&Script::new([data(2, odd)]), Which::Current)).cause, Cause::Unintelligible);
    }
}

#[test]
fn the_previous_version_is_asked_for_by_its_number() {
    let wire = Script::new([metadata(7, json!({ "6": {}, "7": {} })), data(6, json!({ "password": "old" }))]);
    let fetched = kv_fetch(&wire, Which::Previous).unwrap_or_else(|trouble| panic!("{trouble:?}"));
    assert_eq!((fetched.version.as_str(), values(&fetched)), ("6", &json!({ "password": "old" })));
    assert_eq!(wire.lines()[1], "GET https://vault.test:8200/v1/kv/data/sales/db?version=6");
    let wire = Script::new([metadata(7, json!({ "6": {} })), data(7, json!({ "password": "new" }))]);
    assert_eq!(trouble(kv_fetch(&wire, Which::Previous)).cause, Cause::Unintelligible, "another version came");
    for current in [0, 1] {
        let wire = Script::new([metadata(current, json!({ "1": {} }))]);
        assert_eq!(why(kv_fetch(&wire, Which::Previous)), unusable("it keeps no previous version that may be used"));
    }
}

#[test]
fn a_static_role_is_as_old_as_its_last_rotation() {
    let next = Some(NOW + Duration::from_secs(1800));
    let wire = Script::new([credentials(json!({}))]);
    assert_eq!(role_seen(&wire), Ok(Seen { version: ROTATED.into(), expires: None, next }));
    for value in odd_values() {
        let wire = Script::new([credentials(json!({ "password": value }))]);
        let fetched = role_fetch(&wire, Which::Current).unwrap_or_else(|trouble| panic!("{trouble:?}"));
        assert_eq!(fetched.version, ROTATED);
        assert_eq!(values(&fetched), &json!({ "username": "svc_sales", "password": value }));
    }
    let wire = Script::default();
    assert_eq!(why(role_fetch(&wire, Which::Previous)), unusable("a static role keeps no previous version"));
    assert!(wire.lines().is_empty());
    for field in ["username", "password", "last_vault_rotation"] {
        for odd in [Value::Null, json!(7), json!({ "x": LEAK })] {
            let wire = Script::new([credentials(json!({ field: odd }))]);
            assert_eq!(trouble(role_fetch(&wire, Which::Current)).cause, Cause::Unintelligible, "{field}");
        }
    }
    for odd in [Value::Null, json!("1h"), json!(-1)] {
        assert_eq!(trouble(role_seen(&Script::new([credentials(json!({ "ttl": odd }))]))).cause, Cause::Unintelligible);
    }
}

#[test]
fn a_role_is_rotated_whatever_the_answer_holds() {
    for reply in [answer(204, &[], ""), answer(200, &[], "{}")] {
        let wire = Script::new([reply]);
        assert_eq!(vault(&wire, async |vault| vault.rotate_role("database", "sales").await), Ok(()));
    }
}

#[test]
fn others_wait_no_longer_than_need_be() {
    let patience = |wire: &Script| wire.only().extensions().get().copied();
    let wire = Script::new([metadata(1, json!({ "1": {} }))]);
    drop(kv_seen(&wire));
    assert_eq!(patience(&wire), Some(Patience(Duration::from_secs(10))));
    let wire = Script::new([answer(204, &[], "")]);
    drop(vault(&wire, async |vault| vault.rotate_role("database", "sales").await));
    assert_eq!(patience(&wire), Some(Patience(Duration::from_secs(60))), "a database does something meanwhile");
}

#[test]
fn a_node_that_does_not_answer_for_others_is_passing() {
    for status in [412, 472, 473] {
        let refused = || Script::new([answer(status, &[], &json!({ "errors": [LEAK] }).to_string())]);
        assert_eq!(trouble(kv_seen(&refused())).cause, Cause::Unavailable);
        assert_eq!(trouble(kv_fetch(&refused(), Which::Current)).cause, Cause::Unavailable);
    }
}
