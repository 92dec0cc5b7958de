//! Connections break, time runs out, clocks are wrong, pages are reloaded: nothing is sent twice, lost in silence, or kept.

use browser::Network;
use serde_json::{Value, json};

use crate::stage::{Stage, TICKET, plan, plan_with};

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn a_lost_connection_keeps_what_was_sealed() {
    let stage = Stage::open(plan());
    let page = stage.enter();
    page.connect(Network::NONE).unwrap();
    stage.send_password(&page);
    page.wait_for_text("There is no answer from the server").unwrap();
    assert!(stage.server.submissions().is_empty());
    page.connect(Network::FULL).unwrap();
    page.click("#send").unwrap();
    stage.taken(&page);
    assert_eq!(stage.server.submissions().len(), 1);
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn a_lost_answer_is_asked_for_with_the_same_words() {
    let stage = Stage::open(plan());
    let page = stage.enter();
    page.lose_answers("*/enter/submit").unwrap();
    stage.send_password(&page);
    page.wait_for_text("There is no answer from the server").unwrap();
    page.keep_answers().unwrap();
    page.click("#send").unwrap();
    stage.taken(&page);
    let sent = stage.server.submissions();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1]);
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn the_plan_can_be_asked_for_again() {
    let stage = Stage::open(plan());
    stage.server.refuse_plan(503, "unavailable");
    let page = stage.tab();
    page.open(&stage.url(&format!("/enter#{TICKET}"))).unwrap();
    page.wait_for_text("Nothing was sent. Try again in a moment.").unwrap();
    page.click("#again").unwrap();
    page.wait_for("document.querySelector('#form').checkVisibility()").unwrap();
    stage.send_password(&page);
    stage.taken(&page);
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn without_its_ticket_the_page_does_nothing() {
    let stage = Stage::open(plan());
    // What a link preview sees: the fragment never reaches a server.
    let page = stage.tab();
    page.open(&stage.url("/enter")).unwrap();
    page.wait_for_text("Open the link again from the card").unwrap();
    assert!(stage.server.calls().is_empty());

    let page = stage.enter();
    page.fill("#field-password", "half a passw").unwrap();
    page.reload().unwrap();
    page.wait_for_text("Open the link again from the card").unwrap();
    assert_eq!(stage.server.calls().len(), 1);

    // Another link in the same tab is a new start.
    page.open(&stage.url(&format!("/enter#{TICKET}-2"))).unwrap();
    page.wait_for("document.querySelector('#form')?.checkVisibility()").unwrap();
    let asked: Value = serde_json::from_str(&stage.server.calls()[1].body).unwrap();
    assert_eq!(asked, json!({ "ticket": format!("{TICKET}-2") }));
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn the_back_button_sends_nothing() {
    let stage = Stage::open(plan());
    let page = stage.enter();
    stage.send_password(&page);
    stage.taken(&page);
    page.open(&stage.url("/enter.html")).unwrap();
    page.evaluate("history.back()").unwrap();
    page.wait_for("document.readyState === 'complete' && /card/.test(document.body.innerText)").unwrap();
    assert_eq!(page.evaluate("document.querySelectorAll('input').length").unwrap(), 0);
    assert_eq!(stage.server.submissions().len(), 1);
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn when_the_time_is_over_what_was_typed_is_gone() {
    let now = plan()["now"].as_u64().unwrap();
    let stage = Stage::open(plan_with(json!({ "until": now + 3_000 })));
    let page = stage.enter();
    page.evaluate("globalThis.field = document.querySelector('#field-password'); field.value = 'half'; 1").unwrap();
    page.wait_for_text("The time for this is over").unwrap();
    assert_eq!(page.evaluate("[document.querySelector('#form'), field.value]").unwrap(), json!([null, ""]));
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn a_wrong_clock_on_the_device_changes_nothing() {
    let stage = Stage::open(plan());
    for hours in [-26, 26] {
        let page = stage.tab();
        page.skew_clock(hours * 3_600_000).unwrap();
        stage.follow(&page);
        let left = page.text_of("#time-left").unwrap().unwrap();
        assert!(left == "10 minutes" || left == "9 minutes", "{left}");
        stage.send_password(&page);
        stage.taken(&page);
    }
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn without_wasm_or_scripts_the_page_says_so() {
    let stage = Stage::open(plan());
    for blocked in ["*.wasm", "delete globalThis.WebAssembly"] {
        let page = stage.tab();
        if blocked.starts_with('*') { page.block(blocked) } else { page.before_load(blocked) }.unwrap();
        page.open(&stage.url(&format!("/enter#{TICKET}"))).unwrap();
        page.wait_for_text("This browser does not run the page's encryption").unwrap();
        assert_eq!(page.text_of("#form").unwrap(), None);
    }
    let page = stage.tab();
    page.block("*.js").unwrap();
    page.open(&stage.url(&format!("/enter#{TICKET}"))).unwrap();
    page.wait_for_text("the page's program was blocked").unwrap();
    let page = stage.tab();
    page.allow_scripts(false).unwrap();
    page.open(&stage.url(&format!("/enter#{TICKET}"))).unwrap();
    assert!(page.text().unwrap().contains("needs JavaScript"));
}
