//! The secret managers' door, whichever of them it is: who gets in, and what is answered to those who do not.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response};
use serde_json::{Value, json};

use super::{PATH, Source, address};
use crate::bot::Bot;

crate::stories![
    nobody_sends_to_an_unknown_path,
    whom_the_catalog_does_not_have_any_more_is_gone,
    a_manager_that_tells_nothing_has_no_door,
    other_methods_are_refused;
    here only because "a register of our own is broken":
    a_message_is_answered_only_once_it_is_kept,
];

/// What everybody is answered who is not proven to be the sender.
const FORGED: &[u8] = br#"{"error":"not authenticated"}"#;

impl Bot {
    /// Delivers messages that are not proven, each with what is wrong with it and the name that this has in the log: all are
    /// refused alike, and nothing comes of any.
    pub(super) fn believes_none(&self, messages: &[(&str, Request<Bytes>, &str)]) {
        for (what, message, _) in messages {
            let response = self.posted(message);
            assert_eq!((response.status().as_u16(), &response.body()[..]), (401, FORGED), "{what}");
        }
        self.rest();
        for (what, _, why) in messages {
            let expected = messages.iter().filter(|(_, _, other)| other == why).count();
            assert_eq!(self.happened("hook", why), expected, "{what}: {why}\n{}", self.log());
        }
        self.nothing_comes_of_it();
    }

    /// Delivers messages that are proven and of no use: each is answered with this, and nothing comes of any.
    pub(super) fn answers_all(&self, messages: &[(&str, Request<Bytes>)], status: u16, outcome: &str) {
        for (what, message) in messages {
            assert_eq!(self.posted(message).status().as_u16(), status, "{what}\n{}", self.log());
        }
        self.rest();
        assert_eq!(self.happened("hook", outcome), messages.len(), "{outcome}\n{}", self.log());
        self.nothing_comes_of_it();
    }

    /// Checks that nobody was asked or told anything, and nothing will be.
    pub(super) fn nothing_comes_of_it(&self) {
        self.some_time_later();
        assert!(self.world.received().is_empty(), "{:#?}\n{}", self.world.received(), self.log());
    }

    /// Lets a minute go by, where that can be done.
    pub(super) fn some_time_later(&self) {
        if self.is_here() { self.wait(Duration::from_secs(60)) } else { self.rest() }
    }

    /// How many rotations the secret managers' messages have opened.
    pub(super) fn opened(&self) -> usize {
        self.some_time_later();
        self.happened("secret", "opened")
    }

    /// What a gateway opened last under that name.
    pub(super) fn opened_field(&self, name: &str) -> String {
        let opened = self.world.opened().pop().expect("something that a gateway opened");
        let plain: Value = serde_json::from_str(&opened.plaintext).unwrap();
        let data = plain["credentialData"].as_array().unwrap();
        let field = data.iter().find(|pair| pair["name"] == name).expect("a field of that name");
        field["value"].as_str().unwrap().to_owned()
    }
}

/// The same message with other text in that header.
pub(super) fn with_header(mut message: Request<Bytes>, name: &'static str, text: &str) -> Request<Bytes> {
    message.headers_mut().insert(name, HeaderValue::from_str(text).unwrap());
    message
}

/// The same message without that header.
pub(super) fn without_header(mut message: Request<Bytes>, name: &str) -> Request<Bytes> {
    message.headers_mut().remove(name).expect("a message with that header");
    message
}

/// The same message with that header twice.
pub(super) fn with_header_twice(mut message: Request<Bytes>, name: &'static str) -> Request<Bytes> {
    let value = message.headers()[name].clone();
    message.headers_mut().append(name, value);
    message
}

/// The same message with a blank after its body, which every reader of JSON skips.
pub(super) fn with_longer_body(message: Request<Bytes>) -> Request<Bytes> {
    message.map(|body| [&body[..], b" "].concat().into())
}

/// The text of a header.
pub(super) fn header(message: &Request<Bytes>, name: &str) -> String {
    message.headers()[name].to_str().unwrap().to_owned()
}

/// A vault that is only looked at.
fn silent() -> Source {
    let table = format!("manager = {{ kind = \"AzureKeyVault\", vault = \"{}\" }}", emulator::scene::KEY_VAULT);
    Source { table, secrets: json!({}) }
}

/// The same one, which a relay speaks for.
fn relayed() -> Source {
    let Source { table, .. } = silent();
    let keys = json!({ "keys": [emulator::scene::WEBHOOK_SECRET] });
    Source { table: format!("{table}\nevents = {{ kind = \"StandardWebhooks\" }}"), secrets: keys }
}

fn knock(bot: &Bot, method: &Method, path: &str) -> Response<Bytes> {
    bot.deliver(Request::builder().method(method).uri(path).body(Bytes::new()).unwrap())
}

/// What each of the three methods is answered at a path.
fn at(bot: &Bot, path: &str) -> [u16; 3] {
    [Method::POST, Method::OPTIONS, Method::GET].map(|method| knock(bot, &method, path).status().as_u16())
}

const BINDING: &str = "name = \"sales-db-password\"";

fn nobody_sends_to_an_unknown_path(bot: &mut Bot) {
    bot.is_bound(&relayed(), BINDING, "");
    let (first, last) = (&PATH[..PATH.len() - 1], &PATH[1..]);
    for path in ["", first, last, &PATH.to_lowercase(), &format!("{PATH}/"), &format!("{PATH}0"), &format!("/{PATH}")] {
        assert_eq!(at(bot, &format!("/hooks/{path}")), [404; 3], "{path}");
    }
    assert_eq!(at(bot, "/hooks"), [404; 3]);
    let answer = knock(bot, &Method::POST, "/hooks/unknown");
    assert_eq!(&answer.body()[..], br#"{"error":"there is nothing here"}"#);
    assert_eq!(at(bot, &address()), [401, 404, 404], "somebody sends here, who signs");
    bot.nothing_comes_of_it();
}

fn whom_the_catalog_does_not_have_any_more_is_gone(bot: &mut Bot) {
    bot.is_bound(&relayed(), BINDING, "");
    bot.knows("[targets]\n");
    assert_eq!(at(bot, &address()), [410; 3]);
    assert_eq!(bot.logged("gone"), 3);
    bot.nothing_comes_of_it();
}

fn a_manager_that_tells_nothing_has_no_door(bot: &mut Bot) {
    bot.is_bound(&silent(), BINDING, "");
    assert_eq!(at(bot, &address()), [404; 3]);
    bot.nothing_comes_of_it();
}

fn other_methods_are_refused(bot: &mut Bot) {
    bot.is_bound(&relayed(), BINDING, "");
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let response = knock(bot, &method, &address());
        assert_eq!(response.status().as_u16(), 405, "{method}");
        assert_eq!(response.headers()["allow"], "GET, POST", "{method}");
    }
    for path in ["/slack/commands", "/admin/catalog", "/healthz"] {
        assert_eq!(knock(bot, &Method::OPTIONS, path).status(), 405, "{path}: nobody asks there");
    }
    bot.nothing_comes_of_it();
}

fn a_message_is_answered_only_once_it_is_kept(bot: &mut Bot) {
    bot.is_bound(&relayed(), BINDING, "");
    let honest = || emulator::senders::StandardWebhook::changed("one", bot.world.now_ms(), "sales-db-password");
    // The register is asked who it is, and then told.
    for before in [0, 1] {
        bot.here().break_register(None, before);
        bot.here().break_register(Some(emulator::Lost::Request), 1);
        let response = bot.posted(&honest().post(&address()));
        assert_eq!(response.status(), 503);
        assert!(response.headers().contains_key("retry-after"), "the sender is to come again");
    }
    let new = emulator::NewVersion::of(&bot.secret("kept-in-the-end"));
    bot.world.put_secret(emulator::Manager::KeyVault, "sales-db-password", new);
    bot.takes(&honest().post(&address()));
    bot.until_card(super::VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("kept-in-the-end"));
}
