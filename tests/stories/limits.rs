//! Whoever knocks too often: how they are turned away, and who is not.

use bytes::Bytes;
use emulator::scene;
use http::header::RETRY_AFTER;
use http::{Method, Request, Response, StatusCode};
use pbi_rotate::codec::ticket::Ticket;
use pbi_rotate::domain::time::Timestamp;
use serde_json::Value;

use crate::bot::{Bot, WAITING};
use crate::page::{ID, OFF, ask, link_of, plan, sealed, submission, submit, ticket};
use crate::scene::{ADMIN_TOKEN, sales_db};
use crate::tickets::{ours, store_key};

crate::stories![
    whoever_has_no_ticket_is_counted_by_their_address,
    whoever_has_one_is_counted_by_it,
    an_old_link_neither_locks_its_person_out_nor_fills_the_audit,
    a_link_that_was_used_neither_locks_its_person_out_nor_fills_the_audit,
    mistyped_commands_do_not_fill_the_audit,
    whoever_guesses_at_the_operators_token_is_turned_away;
    here only because "a minute goes by, or a binding is missing":
    after_a_minute_they_may_again,
    without_a_counter_nobody_is_turned_away,
];

fn knock(bot: &Bot, method: &Method, path: &str, token: &str, address: &str) -> Response<Bytes> {
    let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
    bot.deliver(request.header("cf-connecting-ip", address).body(Bytes::new()).unwrap())
}

/// Knocks with a ticket of no worth as often as one may, and then once more.
fn too_often(bot: &Bot, address: &str) -> Response<Bytes> {
    for _ in 0..100 {
        let told = knock(bot, &Method::POST, "/enter/plan", "forged", address);
        assert_eq!(told.status(), StatusCode::FORBIDDEN);
    }
    knock(bot, &Method::POST, "/enter/submit", "forged", address)
}

fn whoever_has_no_ticket_is_counted_by_their_address(bot: &mut Bot) {
    let told = too_often(bot, "203.0.113.7");
    assert_eq!((told.status(), &told.headers()[RETRY_AFTER]), (StatusCode::TOO_MANY_REQUESTS, &"60".parse().unwrap()));
    let body: Value = serde_json::from_slice(told.body()).unwrap();
    assert_eq!(body["error"], "busy");
    assert!(bot.log().contains(r#""event":"page-submit","outcome":"busy","status":429"#), "{}", bot.log());
    let elsewhere = knock(bot, &Method::POST, "/enter/plan", "forged", "203.0.113.8");
    assert_eq!(elsewhere.status(), StatusCode::FORBIDDEN);
}

fn whoever_has_one_is_counted_by_it(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let ticket = ticket(bot, "sales-db");
    too_often(bot, "203.0.113.7");
    let there = |token: &str| knock(bot, &Method::POST, "/enter/plan", token, "203.0.113.7").status();
    assert_eq!((there("forged"), there(&ticket)), (StatusCode::TOO_MANY_REQUESTS, StatusCode::OK));
    for _ in 1..100 {
        plan(bot, &ticket);
    }
    let (status, told) = ask(bot, &ticket);
    assert_eq!((status, told["error"].as_str()), (StatusCode::TOO_MANY_REQUESTS, Some("busy")));
}

/// How many entries of the audit came out like that.
fn written(bot: &Bot, outcome: &str) -> usize {
    // From no address, so that looking again and again is not counted.
    let request = Request::get("/admin/audit").header("authorization", format!("Bearer {ADMIN_TOKEN}"));
    let response = bot.deliver(request.body(Bytes::new()).unwrap());
    assert_eq!(response.status(), StatusCode::OK);
    let lines = std::str::from_utf8(response.body()).unwrap();
    lines.matches(&format!(r#""outcome":"{outcome}""#)).count()
}

fn an_old_link_neither_locks_its_person_out_nor_fills_the_audit(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let fresh = ticket(bot, "sales-db");
    let over = Timestamp(i64::try_from(bot.world.now_ms()).unwrap() - 60_000);
    let old = Ticket { until: over, ..ours(&fresh) }.write(&store_key(), [9; 24]).unwrap();
    let there = |token: &str| knock(bot, &Method::POST, "/enter/plan", token, "203.0.113.7").status();
    for _ in 0..100 {
        assert_eq!(there(&old), StatusCode::FORBIDDEN);
    }
    assert_eq!((there(&old), there(&fresh)), (StatusCode::TOO_MANY_REQUESTS, StatusCode::OK));
    assert_eq!(written(bot, "ticket-expired"), 1);
    // As old as a link in somebody's history can be.
    let day = 24 * 60 * 60 * 1000;
    let older = Ticket { until: Timestamp(over.0 - day), ..ours(&fresh) }.write(&store_key(), [9; 24]).unwrap();
    let told = knock(bot, &Method::POST, "/enter/plan", &older, "203.0.113.8");
    let body: Value = serde_json::from_slice(told.body()).unwrap();
    assert_eq!((told.status(), body["error"].as_str()), (StatusCode::FORBIDDEN, Some("ticket-invalid")));
}

fn a_link_that_was_used_neither_locks_its_person_out_nor_fills_the_audit(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let used = ticket(bot, "sales-db");
    let sealed = sealed(&plan(bot, &used), "CONTOSO\\svc_sales", &bot.secret("entered-by-the-first-link"));
    assert_eq!(submit(bot, &used, &submission(ID, &sealed)).0, StatusCode::OK);
    bot.until_card("Rotated and verified, 2 of 2");
    while ask(bot, &used).0 != StatusCode::TOO_MANY_REQUESTS {}
    assert_eq!(written(bot, "ticket-spent"), 1);
    bot.ana_requests("sales-db");
    bot.until_her_card(WAITING);
    assert_eq!(ask(bot, &link_of(bot)).0, StatusCode::OK);
}

fn mistyped_commands_do_not_fill_the_audit(bot: &mut Bot) {
    bot.knows(&sales_db());
    for _ in 0..30 {
        bot.types(scene::ANA, "rotat sales-db");
    }
    bot.rest();
    bot.until("the last that is written", |_| written(bot, "unknown-command") == 21);
    assert_eq!(bot.happened("command", "unknown-command"), 30, "the log has them all");
}

fn whoever_guesses_at_the_operators_token_is_turned_away(bot: &mut Bot) {
    for _ in 0..100 {
        assert_eq!(
            knock(bot, &Method::GET, "/admin/audit", "a guess", "2001:db8::1").status(),
            StatusCode::UNAUTHORIZED
        );
    }
    // The same network.
    let told = knock(bot, &Method::GET, "/admin/catalog", ADMIN_TOKEN, "2001:db8::2");
    assert_eq!((told.status(), &told.headers()[RETRY_AFTER]), (StatusCode::TOO_MANY_REQUESTS, &"60".parse().unwrap()));
    assert_ne!(knock(bot, &Method::GET, "/admin/catalog", ADMIN_TOKEN, "203.0.113.9").status(), told.status());
}

fn after_a_minute_they_may_again(bot: &mut Bot) {
    assert_eq!(too_often(bot, "203.0.113.7").status(), StatusCode::TOO_MANY_REQUESTS);
    bot.wait(std::time::Duration::from_secs(60));
    let told = knock(bot, &Method::POST, "/enter/plan", "forged", "203.0.113.7");
    assert_eq!(told.status(), StatusCode::FORBIDDEN);
}

fn without_a_counter_nobody_is_turned_away(bot: &mut Bot) {
    bot.here().remove_limits();
    assert_eq!(too_often(bot, "203.0.113.7").status(), StatusCode::FORBIDDEN);
    assert!(bot.log().contains(r#""event":"limits","outcome":"missing""#), "{}", bot.log());
}
