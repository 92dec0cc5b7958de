//! What is old is removed from the beginning, what is left is still whole, and what was tampered with stays.

use std::time::Duration;

use serde_json::json;

use crate::installation::{BEGINNING, Installation, entries};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn rows(installation: &Installation) -> Vec<String> {
    let keys = installation.behind_its_back(|rows| rows.keys().cloned().collect::<Vec<_>>());
    keys.into_iter().filter_map(|key| key.strip_prefix("audit/")?.trim_start_matches('0').to_owned().into()).collect()
}

#[test]
fn what_is_older_than_the_setting_is_removed() {
    let installation = Installation::new(&[("AUDIT_RETENTION_DAYS", "10")]);
    let mut told = entries(0..5);
    for (entry, days) in told.iter_mut().zip(0..) {
        entry.at = BEGINNING + DAY * days;
    }
    installation.told("7f3k9qxm2b4c6d8e", 0, &told);
    installation.next_run_after(DAY * 10 - Duration::from_secs(1));
    assert_eq!(rows(&installation), ["1", "2", "3", "4", "5"], "not a second too early");
    installation.next_run_after(DAY * 2);
    assert_eq!(rows(&installation), ["3", "4", "5", "6"]);
    let (status, body) = installation.verified();
    assert_eq!((status, &body["entries"], &body["first"], &body["last"]), (200, &json!(4), &json!(3), &json!(6)));
    let page = installation.get("/admin/audit?after=5");
    let said = String::from_utf8(page.body().to_vec()).unwrap();
    assert!(said.contains(r#""note":"entries 1 to 2 removed for their age""#), "{said}");
    installation.next_run_after(Duration::ZERO);
    assert_eq!(rows(&installation), ["3", "4", "5", "6"], "a second run does nothing");
}

#[test]
fn nothing_is_removed_when_it_is_kept_for_ever() {
    let installation = Installation::new(&[("AUDIT_RETENTION_DAYS", "0")]);
    installation.told("7f3k9qxm2b4c6d8e", 0, &entries(0..3));
    installation.next_run_after(DAY * 10_000);
    assert_eq!(rows(&installation).len(), 3);
}

#[test]
fn without_the_setting_it_is_400_days() {
    let installation = Installation::with_entries(3);
    installation.next_run_after(DAY * 400 - Duration::from_secs(1));
    assert_eq!(rows(&installation).len(), 3);
    installation.next_run_after(Duration::from_secs(1));
    assert_eq!(rows(&installation), ["2", "3", "4"]);
}

#[test]
fn much_is_removed_in_one_run() {
    let installation = Installation::with_entries(4_100);
    installation.next_run_after(DAY * 500);
    assert_eq!(rows(&installation), ["4101", "4102", "4103"], "one entry for each slice");
    assert_eq!(installation.verified().0, 200);
    assert!(installation.log().contains(r#"{"event":"audit-head","outcome":"ok","entries":4103,"#));
}

#[test]
fn what_was_tampered_with_is_not_removed() {
    let installation = Installation::with_entries(5);
    installation.behind_its_back(|rows| {
        let row = rows.get_mut("audit/000000000003").unwrap();
        *row = row.replace("U0ANA", "U0EVE");
    });
    installation.next_run_after(DAY * 500);
    assert_eq!(rows(&installation), ["3", "4", "5", "6"]);
    assert_eq!(installation.verified().1["problem"], "tampered");
    assert!(installation.log().contains(r#"{"event":"audit-head","outcome":"broken"}"#), "{}", installation.log());
}

#[test]
fn a_verification_goes_on_though_its_place_was_removed_meanwhile() {
    let installation = Installation::with_entries(5);
    let row = installation.behind_its_back(|rows| rows["audit/000000000001"].clone());
    installation.next_run_after(DAY * 400 + Duration::from_secs(1));
    let response = installation.get(&format!("/admin/audit/verify?after=1&hash={}", &row[..64]));
    assert_eq!(response.status(), 200, "{response:?}");
}

#[test]
fn a_beginning_that_was_cut_is_not_taken_for_old() {
    let installation = Installation::with_entries(5);
    installation.next_run_after(DAY * 400 + Duration::from_secs(1));
    assert_eq!(installation.verified().1["first"], 3);
    installation.behind_its_back(|rows| rows.remove("audit/000000000003"));
    assert_eq!(installation.verified().1["number"], 3);
    installation.behind_its_back(|rows| rows.remove("audit-anchor"));
    assert_eq!(
        installation.verified().1,
        json!({
            "ok": false,
            "problem": "missing",
            "number": 1,
            "message": "entry 1 is not there, but something after it is",
        })
    );
}
