//! The server refuses: the page says what that means, keeps what was typed where another try makes sense, and nothing else.

use serde_json::json;

use crate::server::said;
use crate::stage::{PASSWORD, Stage, TICKET, opened, place, plan, plan_with};

/// Every code after which there is nothing more to do, and a part of what the page says to it.
const FINAL: [(&str, &str); 6] = [
    ("ticket-expired", "This link has expired"),
    ("ticket-invalid", "This link is not valid"),
    ("ticket-spent", "This link has been used"),
    ("too-early", "not approved yet"),
    ("too-late", "too late"),
    ("not-requester", "Only the person who asked"),
];

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn what_cannot_be_done_is_said_before_anything_is_typed() {
    let stage = Stage::open(plan());
    for (code, words) in FINAL.into_iter().chain([("something-new", "This did not work")]) {
        stage.server.refuse_plan(403, code);
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
    for (status, code, words) in [(429, "busy", "in 7 seconds"), (503, "unavailable", "never taken twice")] {
        stage.server.refuse(status, code, "retry-after: 7\r\n");
        let page = stage.enter();
        stage.send_password(&page);
        page.wait_for_text(words).unwrap();
        assert_eq!(page.text_of("#send").unwrap().unwrap(), "Send again", "{code}");
        page.click("#send").unwrap();
        stage.taken(&page);
        let sent = stage.server.submissions();
        assert_eq!(sent[sent.len() - 1], sent[sent.len() - 2], "{code}");
    }
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn what_can_be_corrected_is_sealed_anew() {
    let stage = Stage::open(plan());
    for (status, code, words) in [(400, "malformed", "did not accept"), (413, "too-large", "too large")] {
        stage.server.refuse(status, code, "");
        let page = stage.enter();
        stage.send_password(&page);
        page.wait_for_text(words).unwrap();
        assert!(page.text().unwrap().contains(&said(code)), "{code}");
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
