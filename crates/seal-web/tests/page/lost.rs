//! Connections break, time runs out, clocks are wrong, pages are reloaded: nothing is sent twice, lost in silence, or kept.

use browser::{Network, Page};
use serde_json::{Value, json};

use crate::stage::{HURRY, Stage, TICKET, plan, plan_with};

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
fn an_impatient_finger_sends_once() {
    let stage = Stage::open(plan());
    let page = stage.enter();
    for field in ["#field-password", "#field-again"] {
        page.fill(field, "one").unwrap();
    }
    page.evaluate("for (let taps = 0; taps < 3; taps++) document.querySelector('#send').click()").unwrap();
    stage.taken(&page);
    assert_eq!(stage.server.submissions().len(), 1);
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn an_answer_that_never_comes_is_not_waited_for() {
    let stage = Stage::open(plan());
    stage.server.ignore_plan();
    let page = stage.tab();
    page.before_load(HURRY).unwrap();
    page.open(&stage.url(&format!("/enter#{TICKET}"))).unwrap();
    page.wait_for_text("Nothing was sent. Try again in a moment.").unwrap();
    page.click("#again").unwrap();
    page.wait_for("document.querySelector('#form').checkVisibility()").unwrap();
    stage.server.ignore();
    stage.send_password(&page);
    page.wait_for_text("It may have been taken nevertheless.").unwrap();
    page.click("#send").unwrap();
    stage.taken(&page);
    let sent = stage.server.submissions();
    assert_eq!((sent.len(), &sent[0]), (2, &sent[1]));
}

/// A page whose time is over soon, and whose time flies.
fn hurried(stage: &Stage) -> Page {
    let page = stage.tab();
    page.before_load(HURRY).unwrap();
    page.before_load("globalThis.said = ''; setInterval(() => (said += document.body?.innerText ?? ''), 10);").unwrap();
    stage.follow(&page);
    page.evaluate("globalThis.field = document.querySelector('#field-password'); 1").unwrap();
    page
}

fn ends_soon() -> Value {
    plan_with(json!({ "until": plan()["now"].as_u64().unwrap() + 60_000 }))
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn what_was_on_its_way_when_the_time_ran_out_is_asked_for_until_it_is_known() {
    let stage = Stage::open(ends_soon());
    // No answer at all; or one that was lost before the time ran out.
    for lost in [false, true] {
        let page = hurried(&stage);
        let before = stage.server.submissions().len();
        if lost {
            page.lose_answers("*/enter/submit").unwrap()
        } else {
            stage.server.ignore()
        }
        stage.send_password(&page);
        if !lost {
            page.wait_for_text("Whether it was taken is known when the server answers.").unwrap();
        }
        page.wait_for_text("It is not known yet whether the server took it").unwrap();
        assert_eq!(page.evaluate("[document.querySelector('#form'), field.value]").unwrap(), json!([null, ""]));
        assert_eq!(page.evaluate("document.activeElement.id").unwrap(), "notice");
        page.keep_answers().unwrap();
        stage.taken(&page);
        let said = page.evaluate("said").unwrap();
        assert!(!said.as_str().unwrap().contains("Nothing was changed"), "{said}");
        let sent = &stage.server.submissions()[before..];
        assert!(sent.len() > 1 && sent.iter().all(|one| one == &sent[0]), "{sent:?}");
    }
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn what_is_not_known_is_not_called_unchanged() {
    let stage = Stage::open(plan());
    let unknown = "It is not known whether the server took it";
    for late in [false, true] {
        stage.server.set_plan(if late { ends_soon() } else { plan() });
        let page = hurried(&stage);
        stage.server.ignore();
        stage.server.refuse(403, "ticket-expired", "");
        stage.send_password(&page);
        if !late {
            page.wait_for_text("It may have been taken nevertheless.").unwrap();
            page.click("#send").unwrap();
        }
        page.wait_for_text(unknown).unwrap();
        let said = page.evaluate("said + document.body.innerText").unwrap();
        assert!(said.as_str().unwrap().contains("Look at the card in the chat"), "{said}");
        assert!(!said.as_str().unwrap().contains("Nothing was changed"), "{said}");
    }
    // The same when the page is left.
    stage.server.set_plan(plan());
    let page = hurried(&stage);
    stage.server.ignore();
    stage.send_password(&page);
    page.wait_for_text("It may have been taken nevertheless.").unwrap();
    page.evaluate("dispatchEvent(new Event('pagehide')); 1").unwrap();
    page.wait_for_text(unknown).unwrap();
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn who_leaves_while_it_is_sent_and_comes_back_may_send_it_again() {
    let stage = Stage::open(plan());
    let page = hurried(&stage);
    stage.server.ignore();
    stage.send_password(&page);
    page.wait_for("document.querySelector('#status').textContent === 'Sending'").unwrap();
    page.evaluate("dispatchEvent(new Event('pagehide')); 1").unwrap();
    assert_eq!(page.evaluate("field.value").unwrap(), "");
    page.wait_for_text("It may have been taken nevertheless.").unwrap();
    page.click("#send").unwrap();
    stage.taken(&page);
    let sent = stage.server.submissions();
    assert_eq!((sent.len(), &sent[0]), (2, &sent[1]));
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn a_fleet_that_cannot_be_read_again_just_now_is_still_there() {
    let stage = Stage::open(plan());
    let page = stage.enter();
    stage.server.refuse(409, "keys-changed", "");
    stage.server.tell_instead(json!({ "reading": { "done": 20, "of": 60, "wait": 0 } }));
    stage.server.refuse_plan(503, "unavailable", "");
    stage.send_password(&page);
    page.wait_for_text("The server could not take it just now").unwrap();
    page.click("#send").unwrap();
    stage.taken(&page);
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn what_the_server_refused_too_late_has_changed_nothing() {
    let stage = Stage::open(ends_soon());
    let page = hurried(&stage);
    stage.server.ignore();
    stage.server.refuse(400, "malformed", "");
    stage.send_password(&page);
    page.wait_for_text("It is not known yet whether the server took it").unwrap();
    page.wait_for_text("The time for this is over").unwrap();
    assert!(page.text().unwrap().contains("Nothing was changed."));
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn the_plan_can_be_asked_for_again() {
    let stage = Stage::open(plan());
    stage.server.refuse_plan(503, "unavailable", "");
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
    assert_eq!(stage.server.calls()[1].ticket, format!("{TICKET}-2"));
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
