//! Block Kit: every length and count at its limit and one beyond, and blocks that are no blocks.

use emulator::scene;
use serde_json::{Value, json};

use crate::bot;
use crate::slack::{actions, button, call, input, long, plain, with};

/// What Slack says about one block in a message: nothing, or its complaints.
fn complaint(block: Value) -> String {
    let body = json!({"channel": scene::CHANNEL_DATA_OPS, "text": "x", "blocks": [block]});
    let answer = call(&bot::contoso(), "chat.postMessage", &body);
    if answer["ok"] == true {
        return String::new();
    }
    assert_eq!(answer["error"], "invalid_blocks");
    answer["response_metadata"]["messages"][0].as_str().unwrap().to_owned()
}

#[test]
fn texts_may_be_as_long_as_the_documents_say_and_no_longer() {
    let option = |text: usize, value: usize| json!({"text": plain(&long(text)), "value": long(value)});
    let menu = |options: Vec<Value>| actions(&[json!({"type": "static_select", "action_id": "a", "options": options})]);
    type Block = Box<dyn Fn(usize) -> Value>;
    let limits: Vec<(usize, Block)> = vec![
        (150, Box::new(|n| json!({"type": "header", "text": plain(&long(n))}))),
        (3000, Box::new(|n| json!({"type": "section", "text": {"type": "mrkdwn", "text": long(n)}}))),
        (2000, Box::new(|n| json!({"type": "section", "fields": [plain(&long(n))]}))),
        (10, Box::new(|n| json!({"type": "section", "fields": vec![plain("x"); n]}))),
        (10, Box::new(|n| json!({"type": "context", "elements": vec![plain("x"); n]}))),
        (255, Box::new(|n| json!({"type": "divider", "block_id": long(n)}))),
        (75, Box::new(|n| actions(&[button("a", &long(n))]))),
        (255, Box::new(|n| actions(&[button(&long(n), "x")]))),
        (25, Box::new(|n| actions(&(0..n).map(|i| button(&format!("a{i}"), "x")).collect::<Vec<_>>()))),
        (2000, Box::new(|n| actions(&[with(button("a", "x"), "value", json!(long(n)))]))),
        (3000, Box::new(|n| actions(&[with(button("a", "x"), "url", json!(long(n)))]))),
        (75, Box::new(|n| actions(&[with(button("a", "x"), "accessibility_label", json!(long(n)))]))),
        (100, Box::new(|n| actions(&[with(button("a", "x"), "confirm", dialog(n, 1, 1))]))),
        (300, Box::new(|n| actions(&[with(button("a", "x"), "confirm", dialog(1, n, 1))]))),
        (30, Box::new(|n| actions(&[with(button("a", "x"), "confirm", dialog(1, 1, n))]))),
        (75, Box::new(move |n| menu(vec![option(n, 1)]))),
        (150, Box::new(move |n| menu(vec![option(1, n)]))),
        (100, Box::new(move |n| menu(vec![option(1, 1); n]))),
        (
            10,
            Box::new(move |n| {
                actions(&[json!({"type": "radio_buttons", "action_id": "a", "options": vec![option(1, 1); n]})])
            }),
        ),
        (
            5,
            Box::new(move |n| {
                actions(&[json!({"type": "overflow", "action_id": "a", "options": vec![option(1, 1); n]})])
            }),
        ),
        (3000, Box::new(move |n| menu(vec![with(option(1, 1), "url", json!(long(n)))]))),
        (
            150,
            Box::new(|n| actions(&[json!({"type": "users_select", "action_id": "a", "placeholder": plain(&long(n))})])),
        ),
        (2000, Box::new(|n| input(json!({"type": "plain_text_input", "action_id": "a"}), &long(n)))),
    ];
    for (number, (limit, block)) in limits.iter().enumerate() {
        assert_eq!(complaint(block(*limit)), "", "limit {number} at {limit}");
        assert_ne!(complaint(block(limit + 1)), "", "limit {number} beyond {limit}");
    }
}

fn dialog(title: usize, text: usize, button: usize) -> Value {
    let words = |length: usize| plain(&long(length));
    json!({"title": words(title), "text": words(text), "confirm": words(button), "deny": words(1)})
}

#[test]
fn blocks_that_slack_does_not_know_or_that_lack_something_are_refused() {
    let faulty = [
        (json!({"type": "marquee"}), "unsupported type: marquee"),
        (json!({"type": "section"}), "missing required field: text or fields"),
        (json!({"type": "section", "text": plain("")}), "must be more than 0 characters"),
        (json!({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}), "unsupported text type"),
        (json!({"type": "divider", "colour": "red"}), "invalid additional property: colour"),
        (actions(&[]), "must have from 1 to 25 items"),
        (actions(&[button("a", "x"), button("a", "y")]), "action_id already exists"),
        (actions(&[with(button("a", "x"), "style", json!("loud"))]), "must be primary or danger"),
        (actions(&[with(button("a", "x"), "disabled", json!(true))]), "invalid additional property: disabled"),
        (actions(&[json!({"type": "plain_text_input", "action_id": "a"})]), "unsupported type: plain_text_input"),
        (json!({"type": "image", "image_url": "https://example.com/x.png"}), "missing required field: alt_text"),
        (
            input(json!({"type": "plain_text_input", "action_id": "a", "max_length": 3001}), "x"),
            "must be from 1 to 3000",
        ),
        (
            input(json!({"type": "plain_text_input", "action_id": "a", "mask": true}), "x"),
            "invalid additional property: mask",
        ),
        (input(json!({"type": "button", "action_id": "a", "text": plain("x")}), "x"), "unsupported type: button"),
        (
            json!({"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": true}}),
            "additional property: emoji",
        ),
    ];
    for (block, words) in faulty {
        assert!(complaint(block.clone()).contains(words), "{block} gave {}", complaint(block.clone()));
    }
}
