//! Events: the App Home opened, delivered again, and the address verified.

use bytes::Bytes;
use emulator::scene;
use emulator::slack::{Forge, Gesture, sign};
use http::Response;
use serde_json::{Value, json};

use crate::bot;
use crate::slack::{actions, button, call};

fn body(gesture: &Gesture) -> Value {
    serde_json::from_slice(gesture.request.body()).unwrap()
}

fn answer(status: u16, body: &str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

#[test]
fn opening_the_home_tab_is_told_with_the_view_that_was_published() {
    let world = bot::contoso();
    let ana = world.person(scene::ANA);
    let first = ana.opens_home();
    assert_eq!(first.request.uri(), scene::EVENTS_PATH);
    let told = body(&first);
    assert_eq!((&told["type"], &told["api_app_id"]), (&json!("event_callback"), &json!(scene::APP)));
    assert_eq!((&told["event"]["type"], &told["event"]["tab"]), (&json!("app_home_opened"), &json!("home")));
    assert_eq!((&told["event"]["user"], told["event"].get("view")), (&json!(scene::ANA), None));
    let opened = call(&world, "conversations.open", &json!({"users": scene::ANA}));
    assert_eq!(told["event"]["channel"], opened["channel"]["id"]);

    let home = json!({"type": "home", "blocks": [actions(&[button("rotate", "Rotate")])]});
    call(&world, "views.publish", &json!({"user_id": scene::ANA, "view": home}));
    assert_eq!(body(&ana.opens_home())["event"]["view"]["id"], json!(world.home(scene::ANA).unwrap().id));
    let messages = body(&ana.opens_messages());
    assert_eq!((&messages["event"]["tab"], messages["event"].get("view")), (&json!("messages"), None));
    assert_ne!(messages["event_id"], told["event_id"]);
    world.set_org_install(true);
    assert_eq!(body(&ana.opens_home())["authorizations"][0]["team_id"], Value::Null);
}

#[test]
fn an_event_is_signed_and_can_be_forged() {
    let world = bot::contoso();
    let event = world.person(scene::ANA).opens_home().request;
    let timestamp = event.headers()["x-slack-request-timestamp"].to_str().unwrap();
    assert_eq!(event.headers()["x-slack-signature"], sign(scene::SIGNING_SECRET, timestamp, event.body()).as_str());
    assert_eq!(event.headers()["content-type"], "application/json");
    let forge = Forge { app_id: Some("A0X".into()), team: Some("T0X".into()), ..Forge::default() };
    let forged = body(&world.person(scene::ANA).forging(forge).opens_home());
    assert_eq!((&forged["api_app_id"], &forged["team_id"]), (&json!("A0X"), &json!("T0X")));
}

#[test]
fn an_event_that_was_not_taken_comes_again_with_its_own_id() {
    let world = bot::contoso();
    let event = world.person(scene::ANA).opens_home();
    world.slack_answered(&event, &answer(202, "")).unwrap();
    assert!(world.slack_answered(&event, &answer(500, "")).is_err());
    world.advance(60_000);
    let again = world.slack_retries(&event, 2, "http_timeout").unwrap();
    assert_eq!(again.request.body(), event.request.body());
    assert_ne!(again.request.headers()["x-slack-signature"], event.request.headers()["x-slack-signature"]);
    assert_eq!(again.request.headers()["x-slack-retry-num"], "2");
    assert_eq!(again.request.headers()["x-slack-retry-reason"], "http_timeout");
    world.slack_answered(&again, &answer(200, "")).unwrap();
    assert!(world.slack_retries(&event, 4, "http_timeout").is_err());
    assert!(world.slack_retries(&event, 0, "http_timeout").is_err());
    let command = world.person(scene::ANA).slash(scene::CHANNEL_SALES, "help");
    assert!(world.slack_retries(&command, 1, "http_timeout").is_err(), "commands come once");
}

#[test]
fn the_address_for_events_has_to_give_the_challenge_back() {
    let world = bot::contoso();
    let gesture = world.slack_verifies_url();
    let sent = body(&gesture);
    assert_eq!(sent["type"], "url_verification");
    let challenge = sent["challenge"].as_str().unwrap();
    let json = json!({"challenge": challenge}).to_string();
    for taken in [challenge, &json, &format!("challenge={challenge}")] {
        world.slack_answered(&gesture, &answer(200, taken)).unwrap();
    }
    for refused in ["", "challenge", &sent.to_string().replace(challenge, "another")] {
        assert!(world.slack_answered(&gesture, &answer(200, refused)).is_err(), "{refused}");
    }
    assert!(world.slack_answered(&gesture, &answer(202, challenge)).is_err());
}
