//! The Web API: tokens and scopes, the limits of Block Kit, messages, views, people.

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

fn long(length: usize) -> String {
    "ü".repeat(length)
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

fn with(mut value: Value, field: &str, to: Value) -> Value {
    value[field] = to;
    value
}

fn dialog(title: usize, text: usize, button: usize) -> Value {
    let words = |length: usize| plain(&long(length));
    json!({"title": words(title), "text": words(text), "confirm": words(button), "deny": words(1)})
}

pub fn input(element: Value, label: &str) -> Value {
    json!({"type": "input", "block_id": "field", "label": plain(label), "element": element})
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
    assert_eq!(post(scene::ANA)["error"], "channel_not_found", "a user is no channel");
    let direct = call(&world, "conversations.open", &json!({"users": scene::ANA}));
    assert_eq!(post(direct["channel"]["id"].as_str().unwrap())["ok"], true);
    assert!(world.person(scene::BEN).sees().iter().all(|message| message.channel == scene::CHANNEL_SALES));
    for (user, error) in [(scene::DAN, "user_disabled"), (scene::BOT_USER, "cannot_dm_bot"), ("U0X", "user_not_found")]
    {
        assert_eq!(call(&world, "conversations.open", &json!({"users": user}))["error"], error);
    }
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

#[test]
fn views_keep_their_limits() {
    let world = bot::contoso();
    let open = |view: &Value| {
        let gesture = world.person(scene::ANA).slash(scene::CHANNEL_DATA_OPS, "rotate");
        call(&world, "views.open", &json!({"trigger_id": trigger(&gesture), "view": view}))
    };
    let divider = json!({"type": "divider"});
    assert_eq!(open(&modal(&vec![divider.clone(); 100]))["ok"], true);
    let fits =
        [("title", plain(&long(24))), ("private_metadata", json!(long(3000))), ("callback_id", json!(long(255)))];
    for (field, value) in fits {
        assert_eq!(open(&with(modal(&[]), field, value))["ok"], true, "{field}");
    }
    let faulty = [
        modal(&vec![divider; 101]),
        with(modal(&[]), "title", plain(&long(25))),
        with(modal(&[]), "submit", plain(&long(25))),
        with(modal(&[]), "close", plain(&long(25))),
        with(modal(&[]), "private_metadata", json!(long(3001))),
        with(modal(&[]), "callback_id", json!(long(256))),
        with(modal(&[]), "external_id", json!(long(256))),
        with(modal(&[]), "notify_on_close", json!("yes")),
        with(modal(&[]), "colour", json!("red")),
        with(modal(&[]), "type", json!("home")),
        json!({"type": "modal", "blocks": []}),
        json!({"type": "modal", "title": plain("x"), "blocks": [input(json!({"type": "plain_text_input", "action_id": "a"}), "x")]}),
    ];
    for view in faulty {
        let answer = open(&view);
        assert_eq!(answer["error"], "invalid_arguments", "{view}");
        assert!(answer["response_metadata"]["messages"][0].as_str().unwrap().contains("json-pointer:/view"));
    }
    let large: Vec<Value> = (0..100).map(|_| json!({"type": "section", "text": plain(&long(1300))})).collect();
    assert_eq!(open(&modal(&large))["error"], "view_too_large");
}

/// The `trigger_id` of a slash command.
pub fn trigger(gesture: &emulator::slack::Gesture) -> String {
    let fields = url::form_urlencoded::parse(gesture.request.body());
    fields.into_owned().find(|(name, _)| name == "trigger_id").unwrap().1
}

#[test]
fn a_trigger_lives_three_seconds_and_is_used_once() {
    let world = bot::contoso();
    let id = trigger(&world.person(scene::ANA).slash(scene::CHANNEL_DATA_OPS, ""));
    let open = |id: &str| call(&world, "views.open", &json!({"trigger_id": id, "view": modal(&[])}));
    assert_eq!(open(&id)["ok"], true);
    assert_eq!(open(&id)["error"], "exchanged_trigger_id");
    assert_eq!(open("made-up")["error"], "invalid_trigger_id");
    let late = trigger(&world.person(scene::ANA).slash(scene::CHANNEL_DATA_OPS, ""));
    world.advance(3001);
    assert_eq!(open(&late)["error"], "expired_trigger_id");
}

#[test]
fn views_stack_three_high_and_update_by_id_or_name() {
    let world = bot::contoso();
    let trigger_id = || trigger(&world.person(scene::ANA).slash(scene::CHANNEL_DATA_OPS, ""));
    let push = |view: Value| call(&world, "views.push", &json!({"trigger_id": trigger_id(), "view": view}));
    assert_eq!(push(modal(&[]))["error"], "invalid_trigger_id", "there is nothing to push onto");
    let named = with(modal(&[]), "external_id", json!("first"));
    let opened = call(&world, "views.open", &json!({"trigger_id": trigger_id(), "view": named}));
    assert_eq!(push(named.clone())["error"], "duplicate_external_id");
    assert_eq!(push(modal(&[]))["view"]["previous_view_id"], opened["view"]["id"]);
    assert_eq!(push(modal(&[]))["view"]["root_view_id"], opened["view"]["id"]);
    assert_eq!(push(modal(&[]))["error"], "push_limit_reached");

    let update = |fields: Value| {
        let mut body = json!({"view": named});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        call(&world, "views.update", &body)
    };
    let hash = &opened["view"]["hash"];
    assert_eq!(update(json!({"external_id": "first", "hash": hash}))["ok"], true);
    assert_eq!(update(json!({"external_id": "first", "hash": hash}))["error"], "hash_conflict");
    assert_eq!(update(json!({"view_id": opened["view"]["id"]}))["ok"], true);
    assert_eq!(update(json!({"view_id": "V0"}))["error"], "not_found");
}

#[test]
fn a_home_tab_is_published_for_one_person() {
    let world = bot::contoso();
    let publish = |view: Value, hash: &str| {
        call(&world, "views.publish", &json!({"user_id": scene::ANA, "view": view, "hash": hash}))
    };
    let home = json!({"type": "home", "blocks": [{"type": "divider"}]});
    let first = publish(home.clone(), "");
    assert_eq!(first["ok"], true);
    let hash = first["view"]["hash"].as_str().unwrap();
    assert_eq!(publish(home.clone(), hash)["ok"], true);
    assert_eq!(publish(home, hash)["error"], "hash_conflict");
    assert_eq!(publish(modal(&[]), "")["error"], "invalid_arguments");
    assert!(world.home(scene::ANA).is_some() && world.home(scene::BEN).is_none());
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
    assert_eq!(group()["users"], json!([scene::BEN]));
    world.set_group_member(scene::GROUP_LEADS, scene::BEN, false);
    assert_eq!(group()["users"], json!([]));
    assert_eq!(form(&world, "usergroups.users.list", &[("usergroup", "S0X")])["error"], "no_such_subteam");
    world.set_org_install(true);
    assert_eq!(group()["error"], "invalid_arguments");
    let named = [("usergroup", scene::GROUP_LEADS), ("team_id", scene::TEAM)];
    assert_eq!(form(&world, "usergroups.users.list", &named)["ok"], true);
    assert_eq!(call(&world, "auth.test", &json!({}))["team_id"], Value::Null);
}
