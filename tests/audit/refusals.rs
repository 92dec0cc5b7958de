//! What people are refused is written once, and nobody fills the audit with it.

use std::time::Duration;

use pbi_rotate::codec::record::{RegisterOrder, RegisterReply};
use pbi_rotate::domain::audit::{Entry, Origin};
use pbi_rotate::domain::names::PersonId;
use serde_json::Value;

use crate::installation::{BEGINNING, Installation};

/// Tells of a refusal of somebody.
fn refused(installation: &Installation, who: &str, source: &str) {
    let entry = Entry { who: PersonId::slack(who).ok(), ..Entry::new("rotate", "guest", Origin::Slack, BEGINNING) };
    let order = RegisterOrder::Refused { source: source.to_owned(), entry: Box::new(entry) };
    assert_eq!(installation.ordered(order), RegisterReply::Finished);
}

/// Who was refused, and what is noted of it, in order.
fn written(installation: &Installation) -> Vec<(String, Value)> {
    assert_eq!(installation.verified().0, 200);
    let lines = String::from_utf8(installation.get("/admin/audit").body().to_vec()).unwrap();
    let entries = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["entry"].take());
    entries.map(|entry| (entry["who"].as_str().unwrap().to_owned(), entry["note"].clone())).collect()
}

#[test]
fn a_refusal_that_is_told_twice_is_written_once() {
    let installation = Installation::new(&[]);
    for source in ["one", "one", "another", "one"] {
        refused(&installation, "U0ANA", source);
    }
    assert_eq!(written(&installation).len(), 2);
}

#[test]
fn nobody_fills_the_audit_with_what_they_are_refused() {
    let installation = Installation::new(&[]);
    let often = |from: u32, who| (from..from + 100).for_each(|at| refused(&installation, who, &format!("{who} {at}")));
    often(0, "U0ANA");
    let all = written(&installation);
    assert_eq!(all.len(), 21);
    assert!(all[..20].iter().all(|(_, note)| note.is_null()), "{all:?}");
    assert_eq!(all[20].1, "more than 20 refusals within the hour; those that follow are in the log only");
    refused(&installation, "U0BEN", "ben");
    assert_eq!(written(&installation).last().unwrap().0, "slack:U0BEN", "somebody else's are not left out for it");
    let rows = installation.behind_its_back(|rows| rows.len());
    often(100, "U0ANA");
    assert_eq!(installation.behind_its_back(|rows| rows.len()), rows, "what is left out leaves nothing behind");

    // It was half past six.
    installation.wait(Duration::from_secs(30 * 60));
    often(200, "U0ANA");
    assert_eq!(written(&installation).len(), 22 + 21);
    let counts = |rows: &mut std::collections::BTreeMap<String, String>| {
        rows.keys().filter(|key| key.starts_with("refused/")).count()
    };
    assert_eq!(installation.behind_its_back(counts), 1, "the counts of the hour before are forgotten");
}
