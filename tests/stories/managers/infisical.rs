//! Infisical: its webhook says that something in a folder has changed, and when, in what it signs.

use bytes::Bytes;
use emulator::scene as company;
use emulator::senders::Infisical;
use emulator::{Manager, NewVersion};
use http::Request;
use serde_json::json;

use super::door::{header, with_header, with_header_twice, with_longer_body, without_header};
use super::{Source, VERIFIED, address};
use crate::bot::Bot;
use crate::people::UNAPPROVED;
use crate::scene::ONE_LEAD;

crate::stories![
    a_changed_folder_is_looked_into,
    the_user_name_changes_with_the_secret,
    what_is_approved_is_what_is_there_then,
    both_keys_count_while_they_overlap,
    what_is_not_proven_is_refused,
    what_is_proven_and_broken_is_malformed,
    what_is_too_large_is_not_read,
    what_concerns_another_folder_is_taken_and_left,
    a_failed_rotation_is_told_to_the_room,
    what_is_sent_twice_is_acted_on_once;
    here only because "minutes have to go by":
    what_is_replayed_after_five_minutes_is_refused,
];

const SECRET: &str = "SALES_DB_PASSWORD";
const BINDING: &str = "name = \"SALES_DB_PASSWORD\"";
const OLD_KEY: &str = "Kd3VwQ9xTn5RbJ7mZs2YhLc8Gf4PaEu6";

fn infisical(keys: &[&str]) -> Source {
    let (project, environment, folder) =
        (company::INFISICAL_PROJECT, company::INFISICAL_ENVIRONMENT, company::INFISICAL_FOLDER);
    let manager = format!(
        "kind = \"Infisical\", project = \"{project}\", environment = \"{environment}\", folder = \"{folder}\""
    );
    let table = format!("manager = {{ {manager} }}\nevents = {{ kind = \"Infisical\" }}");
    let (id, secret) = (company::INFISICAL_CLIENT_ID, company::INFISICAL_CLIENT_SECRET);
    Source { table, secrets: json!({ "keys": keys, "client_id": id, "client_secret": secret }) }
}

/// The bot, bound to a secret whose version is not in place.
fn is_bound(bot: &mut Bot) {
    bot.is_bound(&infisical(&[company::INFISICAL_SIGNING_KEY]), BINDING, "");
    put(bot, "from-infisical");
}

fn put(bot: &Bot, value: &str) {
    bot.world.put_secret(Manager::Infisical, SECRET, NewVersion::of(&bot.secret(value)));
}

fn modified(bot: &Bot) -> Infisical {
    Infisical::honest("secrets.modified", bot.world.now_ms())
}

fn honest(bot: &Bot) -> Request<Bytes> {
    modified(bot).post(&address())
}

fn is_put_in_place(bot: &Bot) {
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("from-infisical"));
}

fn a_changed_folder_is_looked_into(bot: &mut Bot) {
    is_bound(bot);
    bot.takes(&honest(bot));
    is_put_in_place(bot);
    assert_eq!(bot.opened(), 1);
}

fn the_user_name_changes_with_the_secret(bot: &mut Bot) {
    let binding = format!("{BINDING}, fields = {{ password = \"pw\" }}, username = {{ key = \"user\" }}");
    bot.is_bound(&infisical(&[company::INFISICAL_SIGNING_KEY]), &binding, "");
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
    bot.is_bound(&infisical(&[company::INFISICAL_SIGNING_KEY]), BINDING, ONE_LEAD);
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
    bot.is_bound(&infisical(&[company::INFISICAL_SIGNING_KEY, OLD_KEY]), BINDING, "");
    put(bot, "from-infisical");
    bot.takes(&Infisical { key: OLD_KEY.to_owned(), ..modified(bot) }.post(&address()));
    is_put_in_place(bot);
    bot.takes(&honest(bot));
    assert_eq!(bot.opened(), 1);
}

fn what_is_not_proven_is_refused(bot: &mut Bot) {
    is_bound(bot);
    let name = "x-infisical-signature";
    let now = bot.world.now_ms();
    let good = honest(bot);
    let text = header(&good, name);
    let (time, digits) = text.split_once(';').unwrap();
    let of = |timestamp_ms: u64| Infisical { timestamp_ms, ..modified(bot) };
    let (missing, form, wrong) = ("hook-missing", "hook-form", "hook-signature");
    bot.believes_none(&[
        ("no signature", without_header(good.clone(), name), missing),
        ("only a time", with_header(good.clone(), name, &format!("{time};")), form),
        ("without its time", with_header(good.clone(), name, digits), form),
        ("a time in words", with_header(good.clone(), name, &format!("t=now;{digits}")), form),
        ("cut short", with_header(good.clone(), name, &text[..text.len() - 2]), form),
        ("in capitals", with_header(good.clone(), name, &format!("{time};{}", digits.to_uppercase())), form),
        ("two of them", with_header_twice(good.clone(), name), form),
        // The header's time is not signed; a replay would bring a fresh one.
        ("another time than the body's", with_header(good.clone(), name, &format!("t={};{digits}", now + 1)), form),
        ("replayed with a fresh time", Infisical { header_ms: Some(now), ..of(now - 900_000) }.post(&address()), form),
        ("another body", with_longer_body(good.clone()), wrong),
        ("a retired key", Infisical { key: OLD_KEY.to_owned(), ..modified(bot) }.post(&address()), wrong),
        ("an empty key", Infisical { key: String::new(), ..modified(bot) }.post(&address()), wrong),
        ("too old", of(now - 301_000).post(&address()), "hook-stale"),
        ("from the future", of(now + 360_000).post(&address()), "hook-future"),
    ]);
    bot.takes(&good);
    is_put_in_place(bot);
}

fn what_is_proven_and_broken_is_malformed(bot: &mut Bot) {
    is_bound(bot);
    let without = |part: &str| {
        // Releases differ in what they call the project.
        let project =
            if part == "projectId" { json!({ "projectId": null, "workspaceId": null }) } else { json!({ part: null }) };
        Infisical { project, ..modified(bot) }.post(&address())
    };
    let raw = |text: &str| {
        let raw = Some(Bytes::copy_from_slice(text.as_bytes()));
        Infisical { raw, ..modified(bot) }.post(&address())
    };
    let messages = [
        ("nothing", raw("")),
        ("cut short", raw("{\"event\":\"secrets.mod")),
        ("no project", without("projectId")),
        ("no environment", without("environment")),
        ("no folder", without("secretPath")),
    ];
    bot.answers_all(&messages, 400, "malformed");
    bot.takes(&honest(bot));
    is_put_in_place(bot);
}

fn what_is_too_large_is_not_read(bot: &mut Bot) {
    is_bound(bot);
    let project = json!({ "projectName": "x".repeat(192 * 1024) });
    let large = Infisical { project, ..modified(bot) }.post(&address());
    bot.answers_all(&[("too large", large)], 413, "too-large");
}

fn what_concerns_another_folder_is_taken_and_left(bot: &mut Bot) {
    is_bound(bot);
    let now = bot.world.now_ms();
    let of = |part: &str, text: &str| Infisical { project: json!({ part: text }), ..modified(bot) }.post(&address());
    let messages = [
        ("a test", Infisical::honest("test", now).post(&address())),
        ("an unknown event", Infisical::honest("secrets.reminder", now).post(&address())),
        ("another project", of("projectId", "5b0f3a6c-9d1e-4f2a-8b3c-7d6e5f4a3b2c")),
        ("another environment", of("environment", "dev")),
        ("another folder", of("secretPath", "/")),
    ];
    bot.answers_all(&messages, 200, "nothing-new");
}

fn a_failed_rotation_is_told_to_the_room(bot: &mut Bot) {
    is_bound(bot);
    bot.takes(&Infisical::honest("secrets.rotation-failed", bot.world.now_ms()).post(&address()));
    bot.until("the room is told", |world| world.messages().len() == 1);
    let told = bot.world.messages().pop().unwrap();
    assert!(told.channel == company::CHANNEL_DATA_OPS && told.text.contains(SECRET), "{told:#?}");
    assert_eq!((bot.opened(), bot.world.secret_reads().len()), (0, 0), "nothing is rotated for that");
}

fn what_is_sent_twice_is_acted_on_once(bot: &mut Bot) {
    is_bound(bot);
    let message = honest(bot);
    (0..3).for_each(|_| bot.takes(&message));
    is_put_in_place(bot);
    bot.takes(&message);
    assert_eq!((bot.opened(), bot.world.opened().len()), (1, 1));
    assert_eq!(bot.happened("hook", "nothing-new"), 3);
}

fn what_is_replayed_after_five_minutes_is_refused(bot: &mut Bot) {
    is_bound(bot);
    let message = honest(bot);
    bot.takes(&message);
    is_put_in_place(bot);
    bot.wait(std::time::Duration::from_secs(301));
    assert_eq!(bot.posted(&message).status(), 401);
    assert_eq!((bot.happened("hook", "hook-stale"), bot.opened()), (1, 1));
}
