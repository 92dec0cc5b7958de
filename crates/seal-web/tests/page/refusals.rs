//! The server refuses: the page says what that means, keeps what was typed where another try makes sense, and nothing else.

use serde_json::json;

use crate::server::said;
use crate::stage::{HURRY, PASSWORD, Stage, TICKET, opened, place, plan, plan_with};

/// Every code after which there is nothing more to do, and a part of what the page says to it.
const FINAL: [(&str, &str); 8] = [
    ("ticket-expired", "This link has expired"),
    ("ticket-invalid", "This link is not valid"),
    ("ticket-spent", "This link has been used"),
    ("too-early", "too early"),
    ("too-late", "too late"),
    ("not-requester", "Only the person who asked"),
    ("not-allowed", "You may not enter"),
    ("unknown-rotation", "not known any more"),
];

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn what_cannot_be_done_is_said_before_anything_is_typed() {
    let stage = Stage::open(plan());
    for (code, words) in FINAL.into_iter().chain([("something-new", "This did not work")]) {
        stage.server.refuse_plan(403, code, "");
        let page = stage.tab();
        page.open(&stage.url(&format!("/enter#{TICKET}"))).unwrap();
        page.wait_for_text(words).unwrap();
        assert!(page.text().unwrap().contains(&said(code)), "{code}");
        assert_eq!(page.text_of("#form").unwrap(), None, "{code}");
        assert_eq!(page.evaluate("document.activeElement.id").unwrap(), "notice", "{code}");
    }
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn a_final_refusal_takes_the_form_away_and_what_was_typed_with_it() {
    let stage = Stage::open(plan());
    for (code, words) in FINAL {
        stage.server.refuse(409, code, "");
        let page = stage.enter();
        page.evaluate("globalThis.field = document.querySelector('#field-password')").unwrap_or_default();
        stage.send_password(&page);
        page.wait_for_text(words).unwrap();
        assert!(page.text().unwrap().contains(&said(code)), "{code}");
        assert_eq!(
            page.evaluate("[document.querySelector('#form'), field.value]").unwrap(),
            json!([null, ""]),
            "{code}"
        );
    }
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn what_may_be_sent_again_is_sent_again_as_it_was() {
    let stage = Stage::open(plan());
    stage.server.refuse(503, "unavailable", "");
    let page = stage.enter();
    stage.send_password(&page);
    page.wait_for_text("never taken twice").unwrap();
    assert_eq!(page.text_of("#send").unwrap().unwrap(), "Send again");
    assert_eq!(page.evaluate("document.querySelector('#field-password').readOnly").unwrap(), true, "it may be taken");
    page.click("#send").unwrap();
    stage.taken(&page);
    let sent = stage.server.submissions();
    assert_eq!((sent.len(), &sent[0]), (2, &sent[1]));
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn a_busy_server_is_left_alone_for_as_long_as_it_asks_for() {
    let stage = Stage::open(plan());
    let page = stage.tab();
    page.before_load(HURRY).unwrap();
    page.before_load(
        "globalThis.shown = [];
         addEventListener('DOMContentLoaded', () => {
           const next = document.querySelector('#notice-next');
           new MutationObserver(() => shown.push(next.checkVisibility() && next.textContent)).observe(next, { childList: true });
         });",
    )
    .unwrap();
    let counted = |from: u32| {
        let told = page.evaluate("shown.splice(0)").unwrap();
        let said =
            |n: u32| told.as_array().unwrap().contains(&json!(format!("This page goes on by itself in {n} seconds.")));
        assert!(said(from) && said(0), "{told}");
        // On a busy machine one or the other is skipped.
        assert!((2..from).filter(|n| said(*n)).count() >= 2, "{told}");
    };
    stage.server.refuse_plan(429, "busy", "retry-after: 7\r\n");
    stage.follow(&page);
    counted(7);
    // One that does not say for how long.
    stage.server.refuse(429, "busy", "");
    stage.send_password(&page);
    page.wait_for_text("The server is busy. This page waits for 10 seconds").unwrap();
    assert_eq!(page.evaluate("document.activeElement.id").unwrap(), "send", "the focus stays");
    stage.taken(&page);
    counted(10);
    let sent = stage.server.submissions();
    assert_eq!((sent.len(), &sent[0]), (2, &sent[1]));
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn in_a_second_tab_it_is_said_that_the_first_was_taken() {
    let stage = Stage::open(plan());
    let (first, second) = (stage.enter(), stage.enter());
    stage.send_password(&first);
    stage.taken(&first);
    stage.server.refuse(409, "ticket-spent", "");
    stage.send_password(&second);
    second.wait_for_text("This link has been used").unwrap();
    assert!(second.text().unwrap().contains("The card shows what came of it"));
    assert_eq!(second.text_of("#form").unwrap(), None);
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn what_can_be_corrected_is_sealed_anew() {
    let stage = Stage::open(plan());
    for (status, code, words) in [(400, "malformed", "did not accept"), (413, "too-large", "too large")] {
        // What was not known for a while is known then.
        stage.server.refuse(503, "unavailable", "");
        stage.server.refuse(status, code, "");
        let page = stage.enter();
        stage.send_password(&page);
        page.wait_for_text("never taken twice").unwrap();
        page.click("#send").unwrap();
        page.wait_for_text(words).unwrap();
        assert!(page.text().unwrap().contains(&said(code)), "{code}");
        assert_eq!(page.text_of("#send").unwrap().unwrap(), "Encrypt and send", "{code}");
        page.fill("#field-password", "another").unwrap();
        page.fill("#field-again", "another").unwrap();
        page.click("#send").unwrap();
        let submission = stage.taken(&page);
        assert_eq!(opened(&plan(), &submission)[0][1][1], "another", "{code}");
    }
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn a_key_that_changed_is_followed_once_by_itself() {
    let stage = Stage::open(plan());
    let page = stage.enter();
    let changed = plan_with(json!({ "places": [place(0, "Power BI data source 252b9de8", &[4096])] }));
    stage.server.set_plan(changed.clone());
    stage.server.refuse(409, "keys-changed", "");
    stage.send_password(&page);
    let submission = stage.taken(&page);
    assert_eq!(opened(&changed, &submission)[0][1][1], PASSWORD);
    assert_eq!(stage.server.submissions().len(), 2);
    assert!(page.text().unwrap().contains("1 place will be changed"), "the new plan is shown");

    stage.server.refuse(409, "keys-changed", "");
    stage.server.refuse(409, "keys-changed", "");
    let page = stage.enter();
    stage.send_password(&page);
    page.wait_for_text("changed again").unwrap();
    page.click("#send").unwrap();
    stage.taken(&page);
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn a_key_that_is_not_what_the_server_says_is_not_used() {
    let mut forged = plan();
    forged["places"][0]["members"][1]["fingerprint"] = json!("0000 0000 0000 0000 0000 0000 0000 0000");
    let weak = plan_with(json!({ "places": [place(0, "Power BI data source 252b9de8", &[1024])] }));
    let stage = Stage::open(forged);
    for (expected, plan) in [("≠", None), ("only 1024 bits", Some(weak.clone()))] {
        if let Some(plan) = plan {
            stage.server.set_plan(plan);
        }
        let page = stage.tab();
        page.open(&stage.url(&format!("/enter#{TICKET}"))).unwrap();
        page.wait_for_text("A gateway's key cannot be used").unwrap();
        assert!(page.text().unwrap().contains(expected));
        assert_eq!(page.text_of("#form").unwrap(), None);
    }
    assert!(stage.server.submissions().is_empty());

    let mut allowed = weak;
    allowed["legacy"] = json!(true);
    stage.server.set_plan(allowed.clone());
    let page = stage.enter();
    stage.send_password(&page);
    assert_eq!(opened(&allowed, &stage.taken(&page)).len(), 1);
}
