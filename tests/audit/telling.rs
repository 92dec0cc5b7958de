//! What a source tells is written once, in its order, whatever is repeated or comes too early.

use std::time::Duration;

use pbi_rotate::codec::record::{RegisterOrder, RegisterReply};
use pbi_rotate::domain::names::TargetName;

use crate::installation::{Installation, entries};

const SOURCE: &str = "7f3k9qxm2b4c6d8e";

/// The reasons in the audit, in order.
fn written(installation: &Installation) -> Vec<u32> {
    let rows = installation.behind_its_back(|rows| rows.clone());
    let rows = rows.iter().filter(|(key, _)| key.starts_with("audit/"));
    let number = |row: &str| row.split("reason ").nth(1)?.split('"').next()?.parse().ok();
    rows.filter_map(|(_, row)| number(row)).collect()
}

#[test]
fn what_is_told_twice_is_written_once() {
    let installation = Installation::new(&[]);
    assert_eq!(installation.told(SOURCE, 0, &entries(0..3)), 3);
    assert_eq!(installation.told(SOURCE, 0, &entries(0..3)), 3, "all of it again");
    assert_eq!(installation.told(SOURCE, 1, &entries(1..5)), 5, "some of it again");
    assert_eq!(installation.told(SOURCE, 0, &entries(0..1)), 5, "a late one");
    assert_eq!(installation.told(SOURCE, 5, &[]), 5, "nothing");
    assert_eq!(written(&installation), [0, 1, 2, 3, 4]);
    assert_eq!(installation.verified().1["entries"], 5);
}

#[test]
fn what_comes_too_early_waits_for_what_is_missing() {
    let installation = Installation::new(&[]);
    assert_eq!(installation.told(SOURCE, 0, &entries(0..2)), 2);
    assert_eq!(installation.told(SOURCE, 3, &entries(3..5)), 2, "number 2 is missing");
    assert_eq!(written(&installation), [0, 1]);
    assert_eq!(installation.told(SOURCE, 2, &entries(2..5)), 5);
    assert_eq!(written(&installation), [0, 1, 2, 3, 4]);
}

#[test]
fn sources_are_counted_apart() {
    let installation = Installation::new(&[]);
    assert_eq!(installation.told(SOURCE, 0, &entries(0..2)), 2);
    assert_eq!(installation.told("another", 0, &entries(7..8)), 1);
    assert_eq!(installation.told(SOURCE, 2, &entries(2..3)), 3);
    assert_eq!(written(&installation), [0, 1, 7, 2]);
}

#[test]
fn counters_are_forgotten_after_two_months_and_whoever_goes_on_is_believed() {
    let day = Duration::from_secs(24 * 60 * 60);
    let installation = Installation::new(&[]);
    installation.told(SOURCE, 0, &entries(0..2));
    let counters = || installation.behind_its_back(|rows| rows.keys().filter(|key| key.contains("source/")).count());
    installation.next_run_after(day * 29);
    assert_eq!(counters(), 1);
    assert_eq!(installation.told(SOURCE, 0, &entries(0..3)), 3, "known over the end of a month");
    installation.next_run_after(day * 61);
    assert_eq!(counters(), 0);
    assert_eq!(installation.told(SOURCE, 3, &entries(3..4)), 4);
    assert_eq!(written(&installation), [0, 1, 2, 3]);
}

#[test]
fn a_history_has_the_latest_first_and_only_what_people_look_for() {
    let installation = Installation::new(&[]);
    let mut told = entries(0..20);
    for entry in told.iter_mut().filter(|entry| entry.reason.as_deref() == Some("reason 18")) {
        entry.from = pbi_rotate::domain::audit::Origin::Clock;
    }
    for entry in told.iter_mut().take(1) {
        entry.target = TargetName::parse("hr").ok();
    }
    installation.told(SOURCE, 0, &told);
    let history = |target: Option<&str>| -> Vec<String> {
        let target = target.map(|name| TargetName::parse(name).unwrap());
        match installation.ordered(RegisterOrder::History(target)) {
            RegisterReply::Happened(entries) => entries.into_iter().filter_map(|entry| entry.reason).collect(),
            other => panic!("{other:?}"),
        }
    };
    let latest: Vec<_> =
        (4..20).rev().filter(|number| *number != 18).map(|number| format!("reason {number}")).collect();
    assert_eq!(history(Some("sales-db")), latest);
    assert_eq!(history(None), latest);
    assert_eq!(history(Some("hr")), ["reason 0"], "however much happens elsewhere");
    assert_eq!(history(Some("crm")), [""; 0]);
}

#[test]
fn nobody_can_hide_what_was_done_by_being_refused() {
    let installation = Installation::new(&[]);
    let mut told = entries(0..100);
    told.iter_mut().skip(3).for_each(|entry| entry.outcome = "not-concerned".to_owned());
    installation.told(SOURCE, 0, &told);
    let reply = installation.ordered(RegisterOrder::History(TargetName::parse("sales-db").ok()));
    let RegisterReply::Happened(history) = reply else { panic!("{reply:?}") };
    let reasons: Vec<_> = history.into_iter().filter_map(|entry| entry.reason).collect();
    let numbers = [99, 98, 97, 96, 95, 2, 1, 0];
    assert_eq!(reasons, numbers.map(|number| format!("reason {number}")));
}
