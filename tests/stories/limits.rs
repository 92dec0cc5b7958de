//! Whoever knocks too often: how they are turned away, and who is not.

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{Method, Request, Response, StatusCode};
use serde_json::Value;

use crate::bot::Bot;
use crate::page::{OFF, ask, plan, ticket};
use crate::scene::{ADMIN_TOKEN, sales_db};

crate::stories![
    whoever_has_no_ticket_is_counted_by_their_address,
    whoever_has_one_is_counted_as_themselves,
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

fn whoever_has_one_is_counted_as_themselves(bot: &mut Bot) {
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
    bot.remove_limits();
    assert_eq!(too_often(bot, "203.0.113.7").status(), StatusCode::FORBIDDEN);
    assert!(bot.log().contains(r#""event":"limits","outcome":"missing""#), "{}", bot.log());
}
