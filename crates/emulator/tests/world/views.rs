//! Views: their limits, the trigger that opens one, the stack, the home tab.

use emulator::scene;
use serde_json::{Value, json};

use crate::bot;
use crate::slack::{call, input, long, modal, plain, trigger, with};

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
    for (blocks, fits) in [(100, true), (101, false)] {
        let home = json!({"type": "home", "blocks": vec![json!({"type": "divider"}); blocks]});
        assert_eq!(publish(home, "")["ok"], fits, "{blocks} blocks");
    }
    let id = trigger(&world.person(scene::ANA).slash(scene::CHANNEL_DATA_OPS, ""));
    call(&world, "views.open", &json!({"trigger_id": id, "view": modal(&[])}));
    assert!(world.home(scene::ANA).is_some() && world.home(scene::BEN).is_none(), "a modal leaves the tab alone");
}
