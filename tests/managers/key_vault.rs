//! Azure Key Vault: which version is meant, and what is read of it.

use http::{Method, header};
use pbi_rotate::clients::secrets::key_vault::KeyVault;
use pbi_rotate::clients::secrets::{Fetched, Seen, Which};
use pbi_rotate::domain::names::Code;
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::trouble::{Cause, Trouble};
use serde_json::{Value, json};

use crate::scene::{LEAK, NOW, headers, odd_values, text, token, trouble, unusable, why};
use crate::wire::{Answer, Script, answer, run};

const BASE: &str = "https://sales.vault.azure.net";

/// A version: how many seconds ago it was created, and what is different about it.
fn item(version: &str, ago: i64, others: Value) -> Value {
    let mut attributes = json!({ "enabled": true, "created": NOW.as_secs() - ago, "updated": 1, "recoveryLevel": "x" });
    attributes.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
    json!({ "id": format!("{BASE}/secrets/sales-db/{version}"), "attributes": attributes, "contentType": null })
}

fn page(items: &[Value], next: Option<&str>) -> Answer {
    answer(200, &[], &json!({ "value": items, "nextLink": next }).to_string())
}

fn bundle(mut item: Value, value: &str, tags: Value) -> Answer {
    item["value"] = value.into();
    item["tags"] = tags;
    answer(200, &[], &item.to_string())
}

fn seen(wire: &Script) -> Result<Seen, Trouble> {
    run(KeyVault { wire, base: BASE, token: &token(), now: NOW }.seen("sales-db"))
}

fn fetch(wire: &Script, which: Which) -> Result<Fetched, Trouble> {
    both(wire, which).map(|(fetched, _)| fetched)
}

/// What is fetched, and the version that is current.
fn both(wire: &Script, which: Which) -> Result<(Fetched, String), Trouble> {
    run(KeyVault { wire, base: BASE, token: &token(), now: NOW }.fetch("sales-db", which))
}

#[test]
fn the_versions_are_listed_with_our_token_and_no_value_is_read() {
    let wire = Script::new([page(&[item("a1", 9, json!({ "exp": 1_800_000_000 }))], None)]);
    let expires = Some(Timestamp::from_secs(1_800_000_000));
    assert_eq!(seen(&wire), Ok(Seen { version: "a1".into(), expires, next: None }));
    let request = wire.only();
    assert_eq!(request.method(), Method::GET);
    assert_eq!(request.uri().to_string(), format!("{BASE}/secrets/sales-db/versions?api-version=7.4"));
    assert_eq!(headers(&request), ["authorization: Bearer t0ken"]);
    assert!(request.headers()[header::AUTHORIZATION].is_sensitive());
    assert!(request.body().is_empty());
}

#[test]
fn the_current_version_is_the_newest_that_is_enabled_and_valid_by_now() {
    let now = NOW.as_secs();
    let rows = [
        (json!({}), json!({}), "new", Ok("old")),
        (json!({ "enabled": false }), json!({}), "old", Err(())),
        (json!({ "enabled": null }), json!({}), "", Err(())),
        (json!({ "nbf": now + 1 }), json!({}), "old", Err(())),
        (json!({ "nbf": now }), json!({}), "new", Ok("old")),
        (json!({}), json!({ "enabled": false }), "new", Err(())),
        (json!({ "exp": now - 1 }), json!({}), "new", Ok("old")),
    ];
    for (newest, older, current, previous) in rows {
        let items = [item("old", 60, older), item("new", 5, newest)];
        for items in [items.clone(), {
            let [old, new] = items.clone();
            [new, old]
        }] {
            let version = seen(&Script::new([page(&items, None)])).map(|seen| seen.version);
            if current.is_empty() {
                assert_eq!(version.map_err(|trouble| trouble.cause), Err(Cause::Unintelligible));
                continue;
            }
            assert_eq!(version.as_deref(), Ok(current), "{items:?}");
            let wire = Script::new([page(&items, None), bundle(item("old", 60, json!({})), "v", Value::Null)]);
            let fetched = both(&wire, Which::Previous).map(|(fetched, current)| (fetched.version, current));
            match previous {
                Ok(before) => assert_eq!(fetched, Ok((before.to_owned(), current.to_owned())), "{items:?}"),
                Err(()) => assert_eq!(why(fetched), unusable("it keeps no previous version that may be used")),
            }
        }
    }
}

#[test]
fn of_two_that_were_created_in_the_same_second_the_vault_says_which_is_the_newer() {
    let (one, other) = (|| item("one", 5, json!({})), || item("other", 5, json!({})));
    let oldest = || item("oldest", 60, json!({}));
    for items in [[oldest(), one(), other()], [oldest(), other(), one()]] {
        for last in [one, other] {
            let version = last()["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
            let listed = || page(&items, None);
            let asked = || bundle(last(), "v", Value::Null);
            let wire = Script::new([listed(), asked()]);
            assert_eq!(seen(&wire).map(|seen| seen.version), Ok(version.clone()));
            assert_eq!(wire.lines()[1], format!("GET {BASE}/secrets/sales-db?api-version=7.4"));
            let fetched = both(&Script::new([listed(), asked(), asked()]), Which::Current);
            assert_eq!(
                fetched.map(|(fetched, current)| (fetched.version, current)),
                Ok((version.clone(), version.clone()))
            );
            // Neither comes before the other.
            let wire = Script::new([listed(), asked(), bundle(oldest(), "v", Value::Null)]);
            let before = both(&wire, Which::Previous).map(|(fetched, current)| (fetched.version, current));
            assert_eq!(before, Ok(("oldest".to_owned(), version)));
        }
    }
    // The last of all is another one: a version that is yet to come, or that is disabled.
    let unsaid = unusable(
        "two of its versions were created in the same second, and the vault does not say which is the newer: make another",
    );
    let disabled =
        json!({ "error": { "code": "Forbidden", "innererror": { "code": "SecretDisabled" }, "message": LEAK } });
    let to_come = item("later", 1, json!({ "nbf": NOW.as_secs() + 60 }));
    for last in
        [answer(403, &[], &disabled.to_string()), bundle(to_come, "v", Value::Null), bundle(oldest(), "v", Value::Null)]
    {
        assert_eq!(why(seen(&Script::new([page(&[one(), other()], None), last]))), unsaid);
    }
    let down = Script::new([page(&[one(), other()], None), answer(503, &[], "")]);
    assert_eq!(trouble(seen(&down)).cause, Cause::Unavailable);
}

#[test]
fn nothing_is_fetched_when_no_version_may_be_used() {
    for which in [Which::Current, Which::Previous] {
        let disabled = [item("a", 9, json!({ "enabled": false })), item("b", 5, json!({ "nbf": NOW.as_secs() + 60 }))];
        let wire = Script::new([page(&disabled, None)]);
        assert_eq!(why(fetch(&wire, which)), unusable("none of its versions is enabled and valid by now"));
        let wire = Script::new([page(&[], None)]);
        assert_eq!(why(fetch(&wire, which)), (Cause::NotFound, None));
    }
}

#[test]
fn every_page_is_read_from_our_own_address() {
    let elsewhere = "https://elsewhere.test/?api-version=1&%24skiptoken=a%26b%3D&maxresults=25";
    let wire = Script::new([
        page(&[item("a", 30, json!({}))], Some(elsewhere)),
        page(&[item("b", 5, json!({}))], Some("https://elsewhere.test/x?$skiptoken=c")),
        page(&[item("c", 20, json!({}))], Some("")),
    ]);
    assert_eq!(seen(&wire).map(|seen| seen.version).as_deref(), Ok("b"));
    let first = format!("GET {BASE}/secrets/sales-db/versions?api-version=7.4");
    let others = [format!("{first}&$skiptoken=a%26b%3D"), format!("{first}&$skiptoken=c")];
    assert_eq!(wire.lines(), [&[first][..], &others].concat());
}

/// A secret with a version a day for longer than all of them are looked through.
fn endless() -> Vec<Answer> {
    let page = || page(&[item("a", 30, json!({}))], Some("https://x.test/?$skiptoken=c"));
    (0..20).map(|_| page()).collect()
}

#[test]
fn of_more_versions_than_are_looked_through_the_newest_is_read() {
    let newest = || bundle(item("z", 5, json!({ "exp": 1_800_000_000 })), "v4lue", json!({ "username": "svc" }));
    let wire = Script::new(endless().into_iter().chain([newest()]));
    let expires = Some(Timestamp::from_secs(1_800_000_000));
    assert_eq!(seen(&wire), Ok(Seen { version: "z".into(), expires, next: None }));
    assert_eq!(
        (wire.lines().len(), wire.lines()[20].as_str()),
        (21, format!("GET {BASE}/secrets/sales-db?api-version=7.4").as_str())
    );
    let wire = Script::new(endless().into_iter().chain([newest()]));
    let (fetched, current) = both(&wire, Which::Current).unwrap_or_else(|trouble| panic!("{trouble:?}"));
    assert_eq!((fetched.version.as_str(), text(&fetched), current.as_str()), ("z", "v4lue", "z"));
    assert_eq!(fetched.tags, [("username".into(), "svc".into())]);
    assert_eq!(wire.lines().len(), 21);
}

#[test]
fn of_more_versions_than_are_looked_through_none_but_the_newest_is_used() {
    for others in [json!({ "enabled": false }), json!({ "nbf": NOW.as_secs() + 1 })] {
        for which in [None, Some(Which::Current)] {
            let wire =
                Script::new(endless().into_iter().chain([bundle(item("z", 5, others.clone()), "v", Value::Null)]));
            let why = which.map_or_else(|| why(seen(&wire)), |which| why(fetch(&wire, which)));
            assert_eq!(why, unusable("that version is disabled, or not valid yet"));
        }
    }
    let wire = Script::new(endless());
    let words = "it has more than 500 versions: which of them was before the newest is not looked for";
    assert_eq!(why(fetch(&wire, Which::Previous)), unusable(words));
    assert_eq!(wire.lines().len(), 20);
}

#[test]
fn a_page_without_the_way_to_the_next_is_not_understood() {
    let wire = Script::new([page(&[], Some("https://x.test/?other=c"))]);
    assert_eq!(trouble(seen(&wire)).cause, Cause::Unintelligible);
}

#[test]
fn a_value_is_read_as_it_is_with_its_tags() {
    for value in odd_values() {
        let tags = json!({ "username": "svc\"ä", "a": "" });
        let wire =
            Script::new([page(&[item("a1", 9, json!({}))], None), bundle(item("a1", 9, json!({})), &value, tags)]);
        let fetched = fetch(&wire, Which::Current).unwrap_or_else(|trouble| panic!("{trouble:?}"));
        assert_eq!((fetched.version.as_str(), text(&fetched)), ("a1", value.as_str()));
        let mut tags = fetched.tags;
        tags.sort();
        assert_eq!(tags, [("a".into(), "".into()), ("username".into(), "svc\"ä".into())]);
        assert_eq!(wire.lines()[1], format!("GET {BASE}/secrets/sales-db/a1?api-version=7.4"));
    }
}

#[test]
fn what_changed_between_the_two_calls_is_not_used() {
    let rows = [
        (item("a1", 9, json!({ "enabled": false })), Cause::SecretUnfit),
        (item("a1", 9, json!({ "nbf": NOW.as_secs() + 1 })), Cause::SecretUnfit),
        (item("b2", 9, json!({})), Cause::Unintelligible),
    ];
    for (item_then, cause) in rows {
        let wire = Script::new([page(&[item("a1", 9, json!({}))], None), bundle(item_then, "v", Value::Null)]);
        assert_eq!(trouble(fetch(&wire, Which::Current)).cause, cause);
    }
}

#[test]
fn answers_of_another_shape_are_not_understood() {
    let listed = |one: Value| trouble(seen(&Script::new([page(&[one], None)]))).cause;
    let rows = [
        json!({}),
        json!({ "id": format!("{BASE}/secrets/s/a1") }),
        json!({ "id": format!("{BASE}/secrets/s/"), "attributes": { "enabled": true, "created": 1 } }),
        json!({ "id": format!("{BASE}/secrets/s/a?b"), "attributes": { "enabled": true, "created": 1 } }),
        json!({ "id": "a", "attributes": { "enabled": true } }),
        item("a", 1, json!({ "nbf": "soon" })),
        item("a", 1, json!({ "exp": "soon" })),
    ];
    for one in rows {
        assert_eq!(listed(one.clone()), Cause::Unintelligible, "{one}");
    }
    let mut without = item("a1", 9, json!({}));
    for value in [Value::Null, json!(7), json!({ "a": LEAK })] {
        without["value"] = value;
        let wire = Script::new([page(&[item("a1", 9, json!({}))], None), answer(200, &[], &without.to_string())]);
        assert_eq!(trouble(fetch(&wire, Which::Current)).cause, Cause::Unintelligible);
    }
    for tags in [json!([]), json!({ "a": 7 })] {
        let wire = Script::new([page(&[item("a1", 9, json!({}))], None), bundle(item("a1", 9, json!({})), "v", tags)]);
        assert_eq!(trouble(fetch(&wire, Which::Current)).cause, Cause::Unintelligible);
    }
}

#[test]
fn the_inner_code_of_a_refusal_says_why() {
    let rows = [
        (
            "Forbidden",
            json!({ "code": "SecretDisabled" }),
            "SecretDisabled",
            Cause::SecretUnfit,
            Some("that version is disabled"),
        ),
        (
            "Forbidden",
            json!({ "code": "ForbiddenByFirewall" }),
            "ForbiddenByFirewall",
            Cause::NotAllowed,
            Some("the vault's firewall keeps us out"),
        ),
        ("Forbidden", json!({ "code": "ForbiddenByRbac" }), "ForbiddenByRbac", Cause::NotAllowed, None),
        ("Forbidden", Value::Null, "Forbidden", Cause::NotAllowed, None),
        ("Forbidden", json!({ "code": "Access denied for ana" }), "Forbidden", Cause::NotAllowed, None),
    ];
    for (outer, inner, code, cause, note) in rows {
        for name in ["innererror", "innerError"] {
            let body = json!({ "error": { "code": outer, "message": LEAK, name: inner } }).to_string();
            let trouble = trouble(seen(&Script::new([answer(403, &[("x-ms-request-id", "r1")], &body)])));
            assert_eq!(
                (trouble.code.as_ref().map(Code::as_str), trouble.cause, trouble.note.as_deref()),
                (Some(code), cause, note)
            );
            assert_eq!((trouble.status, trouble.request_id.as_ref().map(Code::as_str)), (Some(403), Some("r1")));
        }
    }
}
