//! The Web API: tokens and scopes, messages, channels, people.

use bytes::Bytes;
use emulator::{World, scene};
use http::Request;
use serde_json::{Value, json};

use crate::bot;

pub fn call(world: &World, method: &str, body: &Value) -> Value {
    let answer = bot::send(world, bot::request("POST", &format!("/slack/api/{method}"), scene::BOT_TOKEN, body));
    assert_eq!(answer.status, 200);
    answer.body
}

fn form(world: &World, method: &str, fields: &[(&str, &str)]) -> Value {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post(format!("/slack/api/{method}"))
        .header("authorization", format!("Bearer {}", scene::BOT_TOKEN))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(body))
        .unwrap();
    bot::send(world, request).body
}

pub fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text})
}

pub fn button(action_id: &str, text: &str) -> Value {
    json!({"type": "button", "action_id": action_id, "text": plain(text)})
}

pub fn actions(elements: &[Value]) -> Value {
    json!({"type": "actions", "block_id": "actions", "elements": elements})
}

pub fn modal(blocks: &[Value]) -> Value {
    json!({"type": "modal", "title": plain("Rotate"), "submit": plain("Ask"), "blocks": blocks})
}

/// A card in #data-ops with these blocks; returns its timestamp.
pub fn card(world: &World, blocks: &[Value]) -> String {
    let answer = call(
        world,
        "chat.postMessage",
        &json!({"channel": scene::CHANNEL_DATA_OPS, "text": "Rotation asked", "blocks": blocks}),
    );
    assert_eq!(answer["ok"], true, "{answer}");
    answer["ts"].as_str().unwrap().to_owned()
}

#[test]
fn a_call_needs_the_token_and_the_scope() {
    let world = bot::contoso();
    let body = json!({"channel": scene::CHANNEL_DATA_OPS, "text": "hello"});
    let with = |token: &str| bot::send(&world, bot::request("POST", "/slack/api/chat.postMessage", token, &body)).body;
    assert_eq!(with("xoxb-guess")["error"], "invalid_auth");
    world.set_scope("chat:write", false);
    assert_eq!(with(scene::BOT_TOKEN), json!({"ok": false, "error": "missing_scope", "needed": "chat:write"}));
    world.set_scope("chat:write", true);
    assert_eq!(with(scene::BOT_TOKEN)["ok"], true);
    assert_eq!(call(&world, "chat.scream", &body)["error"], "unknown_method");
    let anonymous = Request::post("/slack/api/auth.test").body(Bytes::new()).unwrap();
    assert_eq!(bot::send(&world, anonymous).body["error"], "not_authed");
}

pub fn with(mut value: Value, field: &str, to: Value) -> Value {
    value[field] = to;
    value
}

pub fn long(length: usize) -> String {
    "ü".repeat(length)
}

pub fn input(element: Value, label: &str) -> Value {
    json!({"type": "input", "block_id": "field", "label": plain(label), "element": element})
}

#[test]
fn a_message_has_text_at_most_fifty_blocks_and_unique_ids() {
    let world = bot::contoso();
    let post = |text: &str, blocks: &[Value]| {
        let body = json!({"channel": scene::CHANNEL_DATA_OPS, "text": text, "blocks": blocks});
        call(&world, "chat.postMessage", &body)["error"].as_str().unwrap_or("ok").to_owned()
    };
    let divider = json!({"type": "divider"});
    assert_eq!(post("", std::slice::from_ref(&divider)), "no_text");
    assert_eq!(post(&long(40_001), &[]), "msg_too_long");
    assert_eq!(post("x", &vec![divider.clone(); 50]), "ok");
    assert_eq!(post("x", &vec![divider; 51]), "invalid_blocks");
    let named = json!({"type": "divider", "block_id": "same"});
    assert_eq!(post("x", &[named.clone(), named]), "invalid_blocks");
}

#[test]
fn channels_take_messages_only_where_the_bot_may_write() {
    let world = bot::contoso();
    let post = |channel: &str| call(&world, "chat.postMessage", &json!({"channel": channel, "text": "x"}));
    assert_eq!(post(scene::CHANNEL_SALES)["ok"], true);
    assert_eq!(post(scene::CHANNEL_PRIVATE)["error"], "not_in_channel");
    assert_eq!(post(scene::CHANNEL_OLD)["error"], "is_archived");
    assert_eq!(post("C0NOWHERE")["error"], "channel_not_found");
    let reply = json!({"channel": scene::CHANNEL_SALES, "text": "x", "thread_ts": "1.000001"});
    assert_eq!(call(&world, "chat.postMessage", &reply)["error"], "thread_not_found");
}

#[test]
fn only_the_bots_own_messages_can_be_updated_and_blocks_left_out_are_gone() {
    let world = bot::contoso();
    let ts = card(&world, &[actions(&[button("approve", "Approve")])]);
    let update =
        |ts: &str| call(&world, "chat.update", &json!({"channel": scene::CHANNEL_DATA_OPS, "ts": ts, "text": "Done"}));
    assert_eq!(update(&ts)["ok"], true);
    let message = world.messages().pop().unwrap();
    assert_eq!((message.text.as_str(), message.edits, message.blocks().len()), ("Done", 1, 0));
    assert_eq!(update("1.000001")["error"], "message_not_found");
    let words = world.person(scene::BEN).says(scene::CHANNEL_DATA_OPS, "hello");
    assert_eq!(update(&words)["error"], "cant_update_message");
    let secret = call(
        &world,
        "chat.postEphemeral",
        &json!({"channel": scene::CHANNEL_DATA_OPS, "user": scene::ANA, "text": "psst"}),
    );
    assert_eq!(update(secret["message_ts"].as_str().unwrap())["error"], "message_not_found");
    assert_eq!(world.person(scene::ANA).sees().len(), world.person(scene::BEN).sees().len() + 1);
}

/// The `trigger_id` of a slash command.
pub fn trigger(gesture: &emulator::slack::Gesture) -> String {
    let fields = url::form_urlencoded::parse(gesture.request.body());
    fields.into_owned().find(|(name, _)| name == "trigger_id").unwrap().1
}

#[test]
fn people_are_told_apart() {
    let world = bot::contoso();
    let user = |id: &str| form(&world, "users.info", &[("user", id)])["user"].clone();
    assert_eq!(user(scene::ANA)["enterprise_user"]["id"], scene::ANA_ENTERPRISE);
    assert_eq!(user(scene::ANA_ENTERPRISE)["id"], scene::ANA);
    assert_eq!(user(scene::ANA)["profile"]["display_name"], "ana");
    assert_eq!(user(scene::CYD)["is_restricted"], true);
    assert_eq!(user(scene::DAN)["deleted"], true);
    assert_eq!(
        (&user(scene::EVE)["is_stranger"], &user(scene::EVE)["team_id"]),
        (&json!(true), &json!(scene::FOREIGN_TEAM))
    );
    assert_eq!(user(scene::BOT_USER)["is_bot"], true);
    assert_eq!(form(&world, "users.info", &[("user", "U0X")])["error"], "user_not_found");
    assert_eq!(call(&world, "users.info", &json!({"user": scene::ANA}))["ok"], false, "it takes no JSON");

    let group = || form(&world, "usergroups.users.list", &[("usergroup", scene::GROUP_LEADS)]);
    assert_eq!(group()["users"], json!([scene::BEN, scene::GIL, scene::HANA]));
    world.set_group_member(scene::GROUP_LEADS, scene::BEN, false);
    assert_eq!(group()["users"], json!([scene::GIL, scene::HANA]));
    assert_eq!(form(&world, "usergroups.users.list", &[("usergroup", "S0X")])["error"], "no_such_subteam");
    world.set_org_install(true);
    assert_eq!(group()["error"], "invalid_arguments");
    let named = [("usergroup", scene::GROUP_LEADS), ("team_id", scene::TEAM)];
    assert_eq!(form(&world, "usergroups.users.list", &named)["ok"], true);
    assert_eq!(call(&world, "auth.test", &json!({}))["team_id"], Value::Null);
}

#[test]
fn people_and_groups_change_while_a_story_runs() {
    let world = bot::contoso();
    let user = || form(&world, "users.info", &[("user", scene::GIL)])["user"].clone();
    world.set_user_guest(scene::GIL, true);
    world.set_user_deleted(scene::GIL, true);
    assert_eq!((&user()["is_restricted"], &user()["deleted"]), (&json!(true), &json!(true)));
    world.set_user_guest(scene::GIL, false);
    world.set_user_deleted(scene::GIL, false);
    assert_eq!((&user()["is_restricted"], &user()["deleted"]), (&json!(false), &json!(false)));

    let group = |more: &[(&str, &str)]| {
        form(&world, "usergroups.users.list", &[&[("usergroup", scene::GROUP_LEADS)], more].concat())
    };
    world.set_group_disabled(scene::GROUP_LEADS, true);
    assert_eq!(group(&[])["error"], "no_such_subteam");
    assert_eq!(group(&[("include_disabled", "true")])["users"].as_array().unwrap().len(), 3);
    world.set_group_disabled(scene::GROUP_LEADS, false);
    assert_eq!(group(&[])["ok"], true);
}

#[test]
fn the_token_is_told_who_it_is_and_what_it_may_do() {
    let world = bot::contoso();
    let ask = |token: &str| bot::send(&world, bot::request("POST", "/slack/api/auth.test", token, &json!({})));
    let answer = ask(scene::BOT_TOKEN);
    let told = ["team_id", "enterprise_id", "bot_id", "user_id"].map(|field| answer.body[field].clone());
    assert_eq!(told, [scene::TEAM, scene::ENTERPRISE, scene::BOT, scene::BOT_USER].map(Value::from));
    assert_eq!(answer.headers["x-oauth-scopes"], "chat:write,commands,im:write,usergroups:read,users:read");
    world.set_scope("im:write", false);
    assert_eq!(ask(scene::BOT_TOKEN).headers["x-oauth-scopes"], "chat:write,commands,usergroups:read,users:read");
    assert!(!ask("xoxb-guess").headers.contains_key("x-oauth-scopes"));
}
