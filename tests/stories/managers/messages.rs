//! What comes of a secret manager's messages: nothing, for one that is refused or is about something else; or words in a room.

use bytes::Bytes;
use emulator::scene as company;
use emulator::slack::Message;
use emulator::{Fault, FaultKind};
use http::{Request, Response, StatusCode};
use serde_json::json;

use crate::bot::{Bot, is_card, words};

/// Delivers a message that is refused with 401, and that name in the log. Nothing comes of it.
pub fn forged(bot: &Bot, what: &str, message: &Request<Bytes>, name: &str) {
    let line = format!(r#""event":"hook","outcome":"{name}""#);
    let lines = || bot.log().matches(&line).count();
    let before = lines();
    refused(bot, what, message, 401);
    bot.until(&format!("{what} is logged as {name}"), |_| lines() == before + 1);
}

/// Delivers a message that is refused with that status. Nothing comes of it.
pub fn refused(bot: &Bot, what: &str, message: &Request<Bytes>, status: u16) -> Response<Bytes> {
    let response = bot.posted(message);
    assert_eq!(response.status().as_u16(), status, "{what}: {response:?}\n{}", bot.log());
    unheard(bot, what);
    response
}

/// Delivers a message that is taken, and nothing comes of it.
pub fn ignored(bot: &Bot, what: &str, message: &Request<Bytes>) {
    let response = bot.posted(message);
    assert_eq!(response.status(), StatusCode::OK, "{what}: {response:?}\n{}", bot.log());
    unheard(bot, what);
}

/// Checks that nothing heard so far has the bot look at a secret, or tell a room of one.
pub fn unheard(bot: &Bot, what: &str) {
    let kept = String::from_utf8_lossy(&bot.kept()).into_owned();
    let planned = ["look/", "news/"].iter().any(|row| kept.contains(row));
    assert!(!planned, "{what}: something comes of it\n{}", bot.log());
}

/// What the bot has asked of others than the chat and the places it rotates, each as its method, service and path.
pub fn asked(bot: &Bot) -> Vec<String> {
    let calls = bot.world.received().into_iter();
    let others = calls.filter(|call| !["slack", "powerbi", "fabric"].contains(&call.service.as_str()));
    others.map(|call| format!("{} {}/{}", call.method, call.service, call.path)).collect()
}

/// The messages in #data-ops that are no cards, in words.
pub fn room(bot: &Bot) -> Vec<String> {
    notices(bot).iter().map(|notice| words(&notice.blocks)).collect()
}

/// Waits until the last message in #data-ops that is no card says this.
pub fn until_the_room_hears(bot: &Bot, says: &str) -> Message {
    bot.until(says, |world| {
        let last = world.messages().into_iter().rfind(in_the_room);
        last.is_some_and(|notice| words(&notice.blocks).contains(says))
    });
    notices(bot).pop().expect("a message in the room")
}

/// Taps the button below such a message, and asks for a rotation in the form it opens.
pub fn ana_rotates_from(bot: &Bot, notice: &Message) {
    let ana = bot.world.person(company::ANA);
    bot.does(&ana.tap(&notice.channel, &notice.ts, "Rotate sales-db").expect("a button that rotates"));
    bot.rest();
    let form = bot.modal(company::ANA);
    let said = words(&form.body);
    assert!(said.contains("Rotate the credential of *sales-db*."), "{said}");
    bot.does(&ana.submit(&form.id, &[("reason", json!("It ends soon"))]).expect("the request form"));
}

/// The next calls of a service, so many, are answered with that status and nothing else.
pub fn fails(bot: &Bot, service: &str, path: &str, code: u16, times: u32) {
    bot.world.script(Fault::once(service, path, FaultKind::status(code, &json!({}))).repeated(times));
}

/// When a service was called at such a path, in milliseconds since 1970.
pub fn times_of(bot: &Bot, service: &str, path: &str) -> Vec<u64> {
    let calls = bot.world.received().into_iter();
    let there = calls.filter(|call| call.service == service && call.path.contains(path));
    there.map(|call| call.at_ms).collect()
}

fn notices(bot: &Bot) -> Vec<Message> {
    bot.world.messages().into_iter().filter(in_the_room).collect()
}

fn in_the_room(message: &Message) -> bool {
    message.channel == company::CHANNEL_DATA_OPS && message.only_for.is_none() && !is_card(message)
}
