//! Direct messages: opened, written to, answered in threads, and the one with Slackbot that is not the bot's.

use emulator::{World, scene};
use serde_json::{Value, json};

use crate::bot;
use crate::slack::{actions, button, call};

fn open(world: &World, user: &str) -> Value {
    call(world, "conversations.open", &json!({"users": user}))
}

fn post(world: &World, channel: &Value, more: Value) -> Value {
    let mut body = json!({"channel": channel, "text": "Please decide"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    call(world, "chat.postMessage", &body)
}

#[test]
fn a_direct_message_has_one_reader() {
    let world = bot::contoso();
    let opened = open(&world, scene::BEN);
    let channel = &opened["channel"]["id"];
    assert!(channel.as_str().unwrap().starts_with('D') && opened["already_open"] == false);
    assert_eq!(open(&world, scene::BEN)["already_open"], true);
    assert_eq!(open(&world, scene::BEN_ENTERPRISE)["channel"]["id"], *channel);
    assert_eq!(post(&world, channel, json!({}))["ok"], true);
    assert_eq!(world.direct_messages(scene::BEN)[0].text, "Please decide");
    assert!(world.direct_messages(scene::ANA).is_empty());
    assert_eq!((world.person(scene::BEN).sees().len(), world.person(scene::ANA).sees().len()), (1, 0));
    let whisper = json!({"channel": channel, "user": scene::ANA, "text": "x"});
    assert_eq!(call(&world, "chat.postEphemeral", &whisper)["error"], "user_not_in_channel");
}

#[test]
fn not_everybody_can_be_written_to() {
    let world = bot::contoso();
    for (user, error) in [(scene::DAN, "user_disabled"), (scene::BOT_USER, "cannot_dm_bot"), ("U0X", "user_not_found")]
    {
        assert_eq!(open(&world, user)["error"], error);
    }
    world.set_scope("im:write", false);
    assert_eq!(open(&world, scene::BEN)["error"], "missing_scope");
}

#[test]
fn what_is_posted_to_a_persons_id_lies_with_slackbot() {
    let world = bot::contoso();
    let posted = post(&world, &json!(scene::BEN), json!({}));
    assert_eq!(posted["ok"], true);
    assert_ne!(posted["channel"], open(&world, scene::BEN)["channel"]["id"]);
    assert!(world.direct_messages(scene::BEN).is_empty());
    assert_eq!(world.person(scene::BEN).sees()[0].channel, posted["channel"]);
    assert!(world.person(scene::ANA).sees().is_empty());
    let update = json!({"channel": scene::BEN, "ts": posted["ts"], "text": "x"});
    assert_eq!(call(&world, "chat.update", &update)["error"], "channel_not_found", "an update needs the D id");
    assert_eq!(post(&world, &json!(scene::DAN), json!({}))["error"], "channel_not_found");
}

#[test]
fn a_direct_message_can_be_updated_and_answered_in_a_thread() {
    let world = bot::contoso();
    let channel = open(&world, scene::BEN)["channel"]["id"].clone();
    let ask = post(&world, &channel, json!({"blocks": [actions(&[button("approve", "Approve")])]}));
    let reply = post(&world, &channel, json!({"thread_ts": ask["ts"]}));
    assert_eq!(reply["message"]["thread_ts"], ask["ts"]);
    assert_eq!(world.direct_messages(scene::BEN)[1].thread_ts.as_deref(), ask["ts"].as_str());
    assert_eq!(ask["message"].get("thread_ts"), None);
    let update = call(&world, "chat.update", &json!({"channel": channel, "ts": ask["ts"], "text": "Approved"}));
    assert_eq!(update["ok"], true);
    let card = &world.direct_messages(scene::BEN)[0];
    assert_eq!((card.text.as_str(), card.edits, card.blocks().len()), ("Approved", 1, 0));
}
