//! Doppler: its webhook says that something in a config has changed, and neither what nor when.

use bytes::Bytes;
use emulator::scene as company;
use emulator::senders::Doppler;
use emulator::{Manager, NewVersion};
use http::Request;
use serde_json::{Value, json};

use super::door::{header, with_header, with_header_twice, with_longer_body, without_header};
use super::{Source, VERIFIED, address};
use crate::bot::Bot;
use crate::people::UNAPPROVED;
use crate::scene::ONE_LEAD;

crate::stories![
    a_changed_config_is_looked_into,
    a_payload_of_the_operators_own_counts_as_well,
    the_user_name_changes_with_the_secret,
    what_is_approved_is_what_is_there_then,
    both_keys_count_while_they_overlap,
    what_is_not_proven_is_refused,
    what_is_proven_and_broken_is_malformed,
    what_is_too_large_is_not_read,
    what_concerns_another_config_is_taken_and_left,
    a_replay_finds_what_is_in_place_already,
];

const SECRET: &str = "SALES_DB_PASSWORD";
const BINDING: &str = "name = \"SALES_DB_PASSWORD\"";
const OLD_KEY: &str = "Pz8QhYw3sLk2mVb7Nc4XrTd6Jf9GaEu1";

fn doppler(keys: &[&str]) -> Source {
    let table = format!(
        "manager = {{ kind = \"Doppler\", project = \"{}\", config = \"{}\" }}\nevents = {{ kind = \"Doppler\" }}",
        company::DOPPLER_PROJECT,
        company::DOPPLER_CONFIG
    );
    Source { table, secrets: json!({ "keys": keys, "token": company::DOPPLER_TOKEN }) }
}

/// The bot, bound to a secret whose value is not in place.
fn is_bound(bot: &mut Bot) {
    bot.is_bound(&doppler(&[company::DOPPLER_SIGNING_KEY]), BINDING, "");
    put(bot, "from-doppler");
}

fn put(bot: &Bot, value: &str) {
    bot.world.put_secret(Manager::Doppler, SECRET, NewVersion::of(&bot.secret(value)));
}

fn updated(bot: &Bot) -> Doppler {
    Doppler::updated(&[SECRET], bot.world.now_ms())
}

fn honest(bot: &Bot) -> Request<Bytes> {
    updated(bot).post(&address())
}

fn is_put_in_place(bot: &Bot) {
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("from-doppler"));
}

/// The honest message with its body changed before it is signed.
fn saying(bot: &Bot, change: impl FnOnce(&mut Value)) -> Request<Bytes> {
    let mut message = updated(bot);
    change(&mut message.body);
    message.post(&address())
}

fn a_changed_config_is_looked_into(bot: &mut Bot) {
    is_bound(bot);
    bot.takes(&honest(bot));
    is_put_in_place(bot);
    assert_eq!(bot.opened(), 1);
}

fn a_payload_of_the_operators_own_counts_as_well(bot: &mut Bot) {
    is_bound(bot);
    bot.takes(&saying(bot, |body| *body = json!({ "text": "Secrets were changed" })));
    is_put_in_place(bot);
}

fn the_user_name_changes_with_the_secret(bot: &mut Bot) {
    let binding = format!("{BINDING}, fields = {{ password = \"pw\" }}, username = {{ key = \"user\" }}");
    bot.is_bound(&doppler(&[company::DOPPLER_SIGNING_KEY]), &binding, "");
    for (at, (user, password)) in [("feed_blue", "blue-1"), ("feed_green", "green-1")].into_iter().enumerate() {
        bot.secret(password);
        put(bot, &json!({ "user": user, "pw": password }).to_string());
        bot.takes(&honest(bot));
        bot.until("another password arrives", |world| world.opened().len() == at + 1);
        bot.some_time_later();
        assert_eq!(["username", "password"].map(|name| bot.opened_field(name)), [user, password]);
    }
}

fn what_is_approved_is_what_is_there_then(bot: &mut Bot) {
    bot.is_bound(&doppler(&[company::DOPPLER_SIGNING_KEY]), BINDING, ONE_LEAD);
    put(bot, "the-first-value");
    bot.takes(&honest(bot));
    bot.until_card(UNAPPROVED);
    put(bot, "the-second-value");
    bot.rest();
    bot.taps(company::BEN, "Approve");
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("the-second-value"));
}

fn both_keys_count_while_they_overlap(bot: &mut Bot) {
    bot.is_bound(&doppler(&[company::DOPPLER_SIGNING_KEY, OLD_KEY]), BINDING, "");
    put(bot, "from-doppler");
    bot.takes(&Doppler { key: OLD_KEY.to_owned(), ..updated(bot) }.post(&address()));
    is_put_in_place(bot);
    bot.takes(&honest(bot));
    assert_eq!(bot.opened(), 1);
}

fn what_is_not_proven_is_refused(bot: &mut Bot) {
    is_bound(bot);
    let name = "x-doppler-signature";
    let good = honest(bot);
    let text = header(&good, name);
    let (missing, form, wrong) = ("hook-missing", "hook-form", "hook-signature");
    let digits = text.trim_start_matches("sha256=");
    bot.believes_none(&[
        ("no signature", without_header(good.clone(), name), missing),
        ("only its algorithm", with_header(good.clone(), name, "sha256="), form),
        ("without its algorithm", with_header(good.clone(), name, digits), form),
        ("another algorithm", with_header(good.clone(), name, &format!("sha1={digits}")), form),
        ("cut short", with_header(good.clone(), name, &text[..text.len() - 2]), form),
        ("in capitals", with_header(good.clone(), name, &format!("sha256={}", digits.to_uppercase())), form),
        ("two of them", with_header_twice(good.clone(), name), form),
        ("another body", with_longer_body(good.clone()), wrong),
        ("a retired key", Doppler { key: OLD_KEY.to_owned(), ..updated(bot) }.post(&address()), wrong),
        ("an empty key", Doppler { key: String::new(), ..updated(bot) }.post(&address()), wrong),
    ]);
    bot.takes(&good);
    is_put_in_place(bot);
}

fn what_is_proven_and_broken_is_malformed(bot: &mut Bot) {
    is_bound(bot);
    let raw = |text: &str| {
        let raw = Some(Bytes::copy_from_slice(text.as_bytes()));
        Doppler { raw, ..updated(bot) }.post(&address())
    };
    let messages =
        [("nothing", raw("")), ("cut short", raw("{\"type\":\"config")), ("too deep", raw(&"[".repeat(200)))];
    bot.answers_all(&messages, 400, "malformed");
    bot.takes(&honest(bot));
    is_put_in_place(bot);
}

fn what_is_too_large_is_not_read(bot: &mut Bot) {
    is_bound(bot);
    let large = saying(bot, |body| body["note"] = json!("x".repeat(192 * 1024)));
    bot.answers_all(&[("too large", large)], 413, "too-large");
}

fn what_concerns_another_config_is_taken_and_left(bot: &mut Bot) {
    is_bound(bot);
    let messages = [
        ("another type", saying(bot, |body| body["type"] = json!("config.secrets.read"))),
        ("another config", saying(bot, |body| body["config"]["name"] = json!("dev"))),
        (
            "another project",
            saying(bot, |body| {
                body["project"] = json!({ "id": "other", "name": "other" });
                body["config"]["project"] = json!("other");
            }),
        ),
    ];
    bot.answers_all(&messages, 200, "nothing-new");
}

fn a_replay_finds_what_is_in_place_already(bot: &mut Bot) {
    is_bound(bot);
    let message = honest(bot);
    (0..3).for_each(|_| bot.takes(&message));
    is_put_in_place(bot);
    // Nothing in it says when it was signed, so it is looked into; the version says that there is nothing to do.
    bot.some_time_later();
    bot.takes(&message);
    assert_eq!((bot.opened(), bot.world.opened().len()), (1, 1), "{}", bot.log());
}
