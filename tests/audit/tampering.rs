//! Whatever is done to the rows behind the program's back, the walk along the chain stops at it.

use std::collections::BTreeMap;

use pbi_rotate::codec::record;
use pbi_rotate::domain::audit::Link;
use serde_json::{Value, json};

use crate::installation::{Installation, entries};

const COUNT: u32 = 7;

fn key(number: u32) -> String {
    format!("audit/{number:012}")
}

/// What a verification says after something was done to a good audit.
fn after(act: impl FnOnce(&mut BTreeMap<String, String>)) -> (u16, Value, Value) {
    let installation = Installation::with_entries(COUNT);
    assert_eq!(installation.verified().0, 200, "it was good");
    installation.behind_its_back(act);
    let (status, body) = installation.verified();
    assert_eq!(body["ok"], json!(status == 200), "{body}");
    assert_eq!(installation.log().contains(r#""outcome":"broken""#), status == 409, "{}", installation.log());
    (status, body["problem"].clone(), body["number"].clone())
}

fn found(problem: &str, number: u32) -> (u16, Value, Value) {
    (409, json!(problem), json!(number))
}

#[test]
fn a_good_audit_is_whole() {
    let installation = Installation::with_entries(COUNT);
    let (status, body) = installation.verified();
    let head = installation.behind_its_back(|rows| rows[&key(COUNT)][..64].to_owned());
    assert_eq!((status, body), (200, json!({ "ok": true, "entries": COUNT, "first": 1, "last": COUNT, "head": head })));
}

#[test]
fn an_empty_audit_is_whole() {
    let (status, body) = Installation::new(&[]).verified();
    assert_eq!(
        (status, body),
        (200, json!({ "ok": true, "entries": 0, "first": 1, "last": 0, "head": "0".repeat(64) }))
    );
}

#[test]
fn a_changed_row_is_found() {
    for number in 1..=COUNT {
        let change = |rows: &mut BTreeMap<String, String>| {
            let row = rows.get_mut(&key(number)).unwrap();
            *row = row.replace("U0ANA", "U0EVE");
        };
        assert_eq!(after(change), found("tampered", number));
    }
}

#[test]
fn a_row_changed_together_with_its_hash_is_found_at_the_next_or_at_the_head() {
    for number in 1..=COUNT {
        let change = |rows: &mut BTreeMap<String, String>| {
            use sha2::{Digest, Sha256};
            let before = if number == 1 { "0".repeat(64) } else { rows[&key(number - 1)][..64].to_owned() };
            let text = rows[&key(number)][65..].replace("U0ANA", "U0EVE");
            let digest = Sha256::digest(before + &text);
            let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            rows.insert(key(number), format!("{hash} {text}"));
        };
        let expected = if number == COUNT { found("head", number) } else { found("tampered", number + 1) };
        assert_eq!(after(change), expected);
    }
}

#[test]
fn a_missing_row_is_found() {
    for number in 1..COUNT {
        assert_eq!(after(|rows| drop(rows.remove(&key(number)))), found("missing", number));
    }
}

#[test]
fn a_cut_tail_is_found() {
    for kept in 0..COUNT {
        let cut = |rows: &mut BTreeMap<String, String>| {
            for number in kept + 1..=COUNT {
                rows.remove(&key(number));
            }
        };
        assert_eq!(after(cut), found("cut-off", kept + 1));
    }
}

#[test]
fn a_pair_that_was_exchanged_is_found() {
    for number in 1..COUNT {
        let exchange = |rows: &mut BTreeMap<String, String>| {
            let (one, other) = (rows[&key(number)].clone(), rows[&key(number + 1)].clone());
            rows.insert(key(number), other);
            rows.insert(key(number + 1), one);
        };
        assert_eq!(after(exchange), found("tampered", number));
    }
}

#[test]
fn rows_that_moved_up_into_a_gap_are_found() {
    let close_up = |rows: &mut BTreeMap<String, String>| {
        for number in 3..COUNT {
            let next = rows[&key(number + 1)].clone();
            rows.insert(key(number), next);
        }
        rows.remove(&key(COUNT));
    };
    assert_eq!(after(close_up), found("tampered", 3));
}

#[test]
fn a_row_that_was_added_is_found() {
    let add = |rows: &mut BTreeMap<String, String>| {
        let row = rows[&key(COUNT)].clone();
        rows.insert(key(COUNT + 1), row);
    };
    assert_eq!(after(add), found("surplus", COUNT + 1));
}

#[test]
fn an_end_that_was_put_back_with_its_tail_is_against_the_log() {
    let installation = Installation::with_entries(COUNT - 1);
    let earlier = installation.behind_its_back(|rows| rows.clone());
    installation.told("another", 0, &entries(9..10));
    installation.next_run_after(std::time::Duration::ZERO);
    let (_, whole) = installation.verified();
    installation.behind_its_back(|rows| *rows = earlier);
    let (status, shorter) = installation.verified();
    assert_eq!((status, &shorter["last"]), (200, &json!(COUNT - 1)), "it contradicts nothing within");
    let logged = format!(r#""entries":{COUNT},"hash":{}"#, whole["head"]);
    assert!(installation.log().contains(&logged), "{}", installation.log());
}

#[test]
fn an_end_or_a_beginning_that_was_changed_is_found() {
    assert_eq!(after(|rows| drop(rows.remove("audit-head"))), found("surplus", 1));
    let other = |number: u32, row: u32| {
        move |rows: &mut BTreeMap<String, String>| {
            let hash = rows[&key(row)][..64].to_owned();
            rows.insert("audit-head".to_owned(), json!({ "number": number, "hash": hash }).to_string());
        }
    };
    assert_eq!(after(other(COUNT, 1)), found("head", COUNT));
    assert_eq!(after(other(COUNT - 1, COUNT - 1)), found("surplus", COUNT));
    assert_eq!(after(other(COUNT + 1, COUNT)), found("cut-off", COUNT + 1));
    let anchor = |rows: &mut BTreeMap<String, String>| {
        rows.insert("audit-anchor".to_owned(), json!({ "number": 2, "hash": "0".repeat(64) }).to_string());
    };
    assert_eq!(after(anchor), found("tampered", 3));
}

#[test]
fn a_long_audit_is_walked_in_slices() {
    for count in [1_999, 2_000, 2_001, 4_500] {
        let installation = Installation::with_entries(count);
        assert_eq!(installation.verified().1["entries"], count);
        installation.behind_its_back(|rows| drop(rows.remove(&key(count - 1))));
        assert_eq!(installation.verified().1["number"], count - 1);
    }
}

#[test]
fn what_one_request_may_not_walk_over_is_gone_on_with() {
    let installation = Installation::new(&[]);
    // As it would be told, without taking as long.
    installation.behind_its_back(|rows| {
        let mut head = Link::beginning();
        while head.number < 100_001 {
            head = head.then("{}");
            rows.insert(format!("audit/{:012}", head.number), format!("{} {{}}", head.hash.as_str()));
        }
        rows.insert("audit-head".to_owned(), record::write(&head));
    });
    let response = installation.get("/admin/audit/verify");
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!((response.status().as_u16(), &body["whole_to"]), (202, &json!(100_000)));
    assert_eq!(body.get("ok"), None, "nothing is claimed yet");
    let response = installation.get(body["next"].as_str().unwrap());
    let whole: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!((response.status().as_u16(), &whole["entries"]), (200, &json!(100_001)));
}
