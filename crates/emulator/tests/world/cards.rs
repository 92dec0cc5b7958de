//! Every copy of a card: in a channel, in a direct message, and the old one on a screen that was not refreshed.

use emulator::scene;
use emulator::slack::Gesture;
use serde_json::{Value, json};

use crate::bot;
use crate::slack::{actions, button, call, card, plain};

fn payload(gesture: &Gesture) -> Value {
    let (_, payload) = url::form_urlencoded::parse(gesture.request.body()).into_owned().next().unwrap();
    serde_json::from_str(&payload).unwrap()
}

#[test]
fn the_copy_in_a_direct_message_is_its_readers() {
    let world = bot::contoso();
    let channel = call(&world, "conversations.open", &json!({"users": scene::BEN}))["channel"]["id"].clone();
    let body = json!({"channel": channel, "text": "Decide", "blocks": [actions(&[button("approve", "Approve")])]});
    call(&world, "chat.postMessage", &body);
    let copy = world.direct_messages(scene::BEN).pop().unwrap();
    let sent = payload(&world.person(scene::BEN).tap(&copy.channel, &copy.ts, "Approve").unwrap());
    assert_eq!((&sent["channel"]["id"], &sent["container"]["message_ts"]), (&channel, &json!(copy.ts)));
    for tapped in [
        world.person(scene::ANA).tap(&copy.channel, &copy.ts, "Approve"),
        world.person(scene::ANA).tap_as_seen(&copy, "Approve"),
    ] {
        assert_eq!(tapped.unwrap_err().0, "this person does not see the message");
    }
}

#[test]
fn an_old_copy_still_has_its_buttons() {
    let world = bot::contoso();
    let ts = card(&world, &[actions(&[button("approve", "Approve")])]);
    let old = world.messages().pop().unwrap();
    call(&world, "chat.update", &json!({"channel": scene::CHANNEL_DATA_OPS, "ts": ts, "text": "Approved"}));
    let ben = world.person(scene::BEN);
    assert!(ben.tap(scene::CHANNEL_DATA_OPS, &ts, "Approve").is_err(), "the card as it is has no buttons");
    let sent = payload(&ben.tap_as_seen(&old, "Approve").unwrap());
    assert_eq!(sent["actions"][0]["action_id"], "approve");
    assert_eq!((&sent["message"]["ts"], &sent["message"]["text"]), (&json!(ts), &json!("Rotation asked")));
    assert!(ben.tap_as_seen(&old, "Deny").is_err());
}

#[test]
fn menus_of_a_message_give_what_was_picked() {
    let world = bot::contoso();
    let options: Vec<Value> =
        ["status", "cancel"].iter().map(|value| json!({"text": plain(value), "value": value})).collect();
    let overflow = json!({"type": "overflow", "action_id": "more", "options": options});
    let radio = json!({"type": "radio_buttons", "action_id": "how", "options": options});
    let ts = card(&world, &[actions(&[overflow, radio])]);
    let pick = |menu: &str, value: &str| world.person(scene::BEN).pick(scene::CHANNEL_DATA_OPS, &ts, menu, value);
    let sent = payload(&pick("more", "cancel").unwrap());
    assert_eq!(
        (&sent["actions"][0]["type"], &sent["actions"][0]["selected_option"]),
        (&json!("overflow"), &options[1])
    );
    assert_eq!(sent["state"]["values"]["actions"].get("more"), None, "an overflow menu keeps no value");
    assert!(sent["state"]["values"]["actions"].get("how").is_some());
    assert_eq!(payload(&pick("how", "status").unwrap())["actions"][0]["selected_option"], options[0]);
    assert!(pick("more", "explode").is_err());
    assert!(pick("less", "status").is_err());
}
