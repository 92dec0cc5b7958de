//! What is stored and passed between objects has the shape that the fixtures pin, and no other is read.

#![cfg(test)]

mod parts;
mod register;
mod rotations;
mod rows;
mod sources;
mod targets;

use std::fmt::Debug;

use pbi_rotate::codec::record::{
    CardCopy, Notice, Record, RegisterReply, RotationReply, SealedRow, Unreadable, read, write,
};
use pbi_rotate::codec::vault::Vaulted;
use pbi_rotate::domain::listing::Last;
use pbi_rotate::domain::rotation::Rotation;
use pbi_rotate::domain::trouble::Trouble;
use serde_json::{Value, json};

/// Holds samples against the fixture that has their names. Only the `optional` fields, told by the ends of their paths,
/// may be missing.
fn hold<T: Record + PartialEq + Debug>(fixture: &str, optional: &[&str], samples: Vec<(&str, T)>) {
    let pinned: Value = serde_json::from_str(fixture).unwrap();
    let written: Value = samples.iter().map(|(name, sample)| ((*name).to_owned(), sample.to_value())).collect();
    assert_eq!(written, pinned, "\n{written:#}\n");
    for (name, sample) in &samples {
        assert_eq!(read(&write(sample)).as_ref(), Ok(sample), "{name}");
        spoil(name, sample, optional, &pinned[name]);
    }
}

/// Adds to, takes from and alters every part of a record.
fn spoil<T: Record + PartialEq + Debug>(name: &str, sample: &T, optional: &[&str], pinned: &Value) {
    for part in parts(pinned) {
        let altered = |alter: &dyn Fn(&mut Value)| {
            let mut whole = pinned.clone();
            alter(whole.pointer_mut(&part).unwrap());
            T::from_value(&whole)
        };
        let refused = Err(Unreadable);
        assert_eq!(altered(&|value| *value = json!({})), refused, "{name}{part} is something else");
        for key in pinned.pointer(&part).unwrap().as_object().into_iter().flat_map(serde_json::Map::keys) {
            let without = altered(&|value| drop(value.as_object_mut().unwrap().remove(key)));
            let path = format!("{name}{part}/{key}");
            let may_be_missing =
                optional.iter().any(|optional| path.ends_with(&format!("/{optional}")) || path == *optional);
            assert_eq!(without.is_ok(), may_be_missing, "{path} is missing");
            let added = altered(&|value| drop(value.as_object_mut().unwrap().insert("of_tomorrow".into(), json!([7]))));
            assert_eq!(added.as_ref(), Ok(sample), "{name}{part} with something unknown");
        }
    }
}

/// JSON pointers to a value and everything in it.
fn parts(value: &Value) -> Vec<String> {
    let within: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(key, field)| (key.clone(), field)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    let deeper = within.iter().flat_map(|(key, part)| parts(part).into_iter().map(move |rest| format!("/{key}{rest}")));
    std::iter::once(String::new()).chain(deeper).collect()
}

#[test]
fn rotations_and_what_they_are_made_of() {
    hold(
        include_str!("../fixtures/records/rotations.json"),
        &[
            "owner",
            "rotate_every",
            "retry_until",
            "binding",
            "binding/place",
            "binding/username",
            "supply",
            "supply/seen",
        ],
        rotations::rotations(),
    );
    hold(include_str!("../fixtures/records/stages.json"), &[], rotations::stages());
    hold(include_str!("../fixtures/records/decisions.json"), &[], rotations::decisions());
    let optional = ["since", "request_id", "operation"];
    hold(include_str!("../fixtures/records/runs.json"), &optional, rotations::runs());
    hold(include_str!("../fixtures/records/models-of-runs.json"), &["since", "refresh/id"], rotations::models());
}

#[test]
fn what_rotation_objects_are_asked_and_answer() {
    let optional = ["credential", "submission", "supply", "pushed", "seen"];
    hold(include_str!("../fixtures/records/rotation-orders.json"), &optional, rotations::orders());
    hold(include_str!("../fixtures/records/rotation-replies.json"), &["0/gateway"], rotations::replies());
    hold(include_str!("../fixtures/records/refusals.json"), &[], rotations::refusals());
}

#[test]
fn what_the_register_is_asked_and_answers() {
    let optional = [
        "how",
        "instead_of",
        "roles in one/target",
        "read one/target",
        "history/target",
        "verify/from",
        "version",
        "pushed",
        "secret",
        "turned",
    ];
    hold(include_str!("../fixtures/records/register-orders.json"), &optional, register::orders());
    for (name, order) in register::bare_orders() {
        assert_eq!(read(&write(&order)), Ok(order), "{name}");
    }
    let known = ["bound/0/1/at", "bound/0/1/opened_at", "heard", "settled", "told", "trouble", "version", "why"];
    let optional = ["last", "entry/live", "0/live", "owner", "rotate_every", "page/next", "source/source", "events"];
    let optional = [&optional[..], &known].concat();
    hold(include_str!("../fixtures/records/register-replies.json"), &optional, register::replies());
}

#[test]
fn the_rows_beside_a_rotation() {
    hold(include_str!("../fixtures/records/cards.json"), &["posted", "shown_at"], rows::cards());
    hold(include_str!("../fixtures/records/sealed.json"), &[], rows::sealed());
    hold(include_str!("../fixtures/records/gateways.json"), &[], rows::gateways());
    hold(include_str!("../fixtures/records/notices.json"), &[], rows::notices());
    hold(include_str!("../fixtures/records/journals.json"), &[], rows::journals());
}

#[test]
fn the_rows_beside_a_catalog() {
    let told =
        ["stage", "who", "name", "target", "rotation", "place", "code", "status", "request_id", "reason", "note"];
    hold(include_str!("../fixtures/records/entries.json"), &told, rows::entries());
    hold(include_str!("../fixtures/records/links.json"), &[], rows::links());
    hold(include_str!("../fixtures/records/lasts.json"), &[], rows::lasts());
    hold(include_str!("../fixtures/records/ages.json"), &["reminded"], rows::ages());
}

#[test]
fn secret_managers_and_what_is_bound_to_them() {
    let optional = ["account", "current", "done_at", "due", "seen", "taken", "trouble", "turned_at", "turning_at"];
    hold(include_str!("../fixtures/records/supplies.json"), &optional, sources::supplies());
    hold(include_str!("../fixtures/records/requesters.json"), &[], sources::requesters());
    hold(include_str!("../fixtures/records/bindings.json"), &["place", "username"], sources::bindings());
    let optional = ["entra", "events", "location", "namespace", "9/manager/url"];
    hold(include_str!("../fixtures/records/sources.json"), &optional, sources::sources());
}

#[test]
fn the_rows_beside_a_bound_secret() {
    hold(include_str!("../fixtures/records/looks.json"), &[], sources::looks());
    let optional = ["at", "heard", "opened_at", "settled", "told", "trouble", "version"];
    hold(include_str!("../fixtures/records/bounds.json"), &optional, sources::bounds());
    hold(include_str!("../fixtures/records/notifies.json"), &[], sources::notifies());
    hold(include_str!("../fixtures/records/pushed.json"), &[], sources::pushed());
    hold(include_str!("../fixtures/records/settled.json"), &["version"], sources::settled());
}

#[test]
fn targets_and_what_they_are_made_of() {
    hold(
        include_str!("../fixtures/records/targets.json"),
        &["owner", "rotate_every", "binding", "binding/place", "binding/username"],
        targets::targets(),
    );
    hold(include_str!("../fixtures/records/policies.json"), &[], targets::policies());
    hold(include_str!("../fixtures/records/models.json"), &["only", "profile"], targets::models());
    hold(include_str!("../fixtures/records/logins.json"), &[], targets::logins());
    let optional = ["display_name", "encryption", "key_vault", "profile", "single_sign_on", "usage_in_gateway"];
    hold(include_str!("../fixtures/records/destinations.json"), &optional, targets::destinations());
    let optional = ["code", "note", "request_id", "retry_after_ms", "status"];
    hold(include_str!("../fixtures/records/troubles.json"), &optional, targets::troubles());
}

#[test]
fn what_no_version_wrote_is_unreadable() {
    fn reads<T: Record>(value: Value) -> bool {
        read::<T>(&value.to_string()).is_ok()
    }
    let trouble = |cause: &str, status: i64| json!({ "service": "Entra", "cause": cause, "status": status });
    assert!(reads::<Trouble>(trouble("Token", 401)));
    assert!(!reads::<Trouble>(trouble("token", 401)), "no such cause");
    assert!(!reads::<Trouble>(trouble("Token", 65_536)) && !reads::<Trouble>(trouble("Token", -1)), "no 16 bits");
    let named = |name: &str, code: &str| json!({ "service": "Entra", "cause": "Token", name: code });
    for name in ["code", "request_id"] {
        assert!(reads::<Trouble>(named(name, "AADSTS7000215")));
        assert!(!reads::<Trouble>(named(name, "Login failed")) && !reads::<Trouble>(named(name, "")), "no code");
    }
    let copy = |place: &str, posted: &[&str]| {
        let place = json!({ "is": "Room", "room": place });
        json!({ "face": "Card", "place": place, "posted": posted, "shown": "", "failures": 0, "due": 0, "gone": false })
    };
    assert!(reads::<CardCopy>(copy("slack:C0DATAOPS", &["C0DATAOPS", "1795285800.000100"])));
    assert!(!reads::<CardCopy>(copy("slack:U0ANA", &["C0DATAOPS", "1795285800.000100"])), "no room");
    assert!(!reads::<CardCopy>(copy("slack:C0DATAOPS", &["C0DATAOPS"])), "half a message");
    assert!(!reads::<CardCopy>(copy("slack:C0DATAOPS", &["C0DATAOPS", "1795285800.000100", ""])), "a message and more");
    assert!(!reads::<RotationReply>(json!({ "is": "State" })) && !reads::<RotationReply>(json!("State")));
    assert!(!reads::<RegisterReply>(json!({ "is": ["Claimed"] })));
    for text in ["", "{", "null", "[]", "\"\"", "{}"] {
        assert!(read::<Rotation>(text).is_err() && read::<SealedRow>(text).is_err() && read::<Last>(text).is_err());
        assert!(read::<Notice>(text).is_err(), "{text}");
    }
    assert!(read::<Vaulted>("7").is_err());
}
