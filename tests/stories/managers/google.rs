//! Google Secret Manager tells of a new version through a push subscription of Pub/Sub.

use std::time::Duration;

use bytes::Bytes;
use emulator::scene as company;
use emulator::senders::PubSub;
use emulator::{Fault, FaultKind, Manager, NewVersion, TokenKey};
use http::Request;
use http::header::{AUTHORIZATION, RETRY_AFTER};
use serde_json::{Value, json};

use super::messages::{ana_rotates_from, asked, fails, forged, ignored, refused, room, times_of, until_the_room_hears};
use super::{Source, VERIFIED, address};
use crate::bot::{Bot, words};
use crate::people::UNAPPROVED;
use crate::scene::ONE_LEAD;

crate::stories![
    a_new_version_is_put_in_place_by_itself,
    a_version_that_is_enabled_again_is_put_in_place,
    a_regional_secret_is_another_one,
    a_reminder_to_rotate_is_told_with_a_button,
    a_token_of_somebody_else_is_refused,
    what_is_about_something_else_comes_to_nothing,
    a_disabled_version_is_said_in_the_room,
    what_keeps_the_bot_from_looking_is_said_in_the_room,
    what_keeps_the_bot_from_reading_is_said_on_the_card,
    a_value_that_was_damaged_on_its_way_is_not_used;
    here only because "time has to go by before something is tried again":
    without_keys_nobody_is_refused_and_it_comes_again,
    googles_next_key_is_known_within_five_minutes,
    it_is_asked_again_when_it_wants_to_be,
];

const SECRET: &str = "sales-db-password";
const BOUND: &str = r#"name = "sales-db-password""#;
/// What a card says when the value could not be had.
const FAILED: &str = "Not rotated";

/// The project, in what the catalog calls it; a location is that of regional secrets.
fn project(project: &str, location: &str) -> Source {
    let email = company::PUB_SUB_ACCOUNT;
    let table = format!(
        "manager = {{ kind = \"GoogleSecretManager\", project = \"{project}\"{location} }}\n\
         events = {{ kind = \"PubSub\", audience = \"{}\", email = \"{email}\" }}",
        company::PUB_SUB_AUDIENCE
    );
    let secrets = json!({
        "client_email": company::GOOGLE_ACCOUNT, "private_key": company::GOOGLE_ACCOUNT_KEY,
        "private_key_id": company::GOOGLE_ACCOUNT_KEY_ID,
    });
    Source { table, secrets }
}

fn by_id() -> Source {
    project(company::GOOGLE_PROJECT, "")
}

fn put(bot: &Bot, new: NewVersion) -> String {
    bot.secret(&new.value);
    bot.world.put_secret(Manager::Google, SECRET, new)
}

fn told(bot: &Bot, kind: &str, version: Option<&str>) -> PubSub {
    let id = format!("message-{kind}-{}", version.unwrap_or_default());
    PubSub::honest(&id, kind, SECRET, version, bot.world.now_ms())
}

/// The event of a version that there is now.
fn new_version(bot: &Bot, value: &str) -> Request<Bytes> {
    let version = put(bot, NewVersion::of(value));
    told(bot, "SECRET_VERSION_ADD", Some(&version)).post(&address())
}

fn card(bot: &Bot) -> String {
    words(&bot.card(company::CHANNEL_DATA_OPS).blocks)
}

fn a_new_version_is_put_in_place_by_itself(bot: &mut Bot) {
    bot.is_bound(&by_id(), BOUND, "");
    for (times, password) in [(1, "the-first"), (2, "the-second")] {
        bot.takes(&new_version(bot, password));
        bot.until("it is in place", |world| world.opened().len() == times);
        assert_eq!(bot.password().as_deref(), Some(password));
        bot.until_card(VERIFIED);
        let says = format!("New version of sales-db-password: version {times}");
        assert!(card(bot).contains(&says), "{}", card(bot));
    }
}

fn a_version_that_is_enabled_again_is_put_in_place(bot: &mut Bot) {
    bot.is_bound(&by_id(), BOUND, "");
    let version = put(bot, NewVersion { enabled: false, ..NewVersion::of("enabled-later") });
    bot.world.set_secret_enabled(Manager::Google, SECRET, &version, true);
    bot.takes(&told(bot, "SECRET_VERSION_ENABLE", Some(&version)).post(&address()));
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("enabled-later"));
}

fn a_regional_secret_is_another_one(bot: &mut Bot) {
    bot.is_bound(&project(company::GOOGLE_PROJECT, r#", location = "europe-west3""#), BOUND, "");
    let version = bot.world.put_secret(
        Manager::Google,
        "europe-west3/sales-db-password",
        NewVersion::of(&bot.secret("from-that-region")),
    );
    let in_region = |location: &str| {
        let number = company::GOOGLE_PROJECT_NUMBER;
        let secret = format!("projects/{number}/locations/{location}/secrets/{SECRET}");
        PubSub { secret, ..told(bot, "SECRET_VERSION_ADD", Some(&version)) }.post(&address())
    };
    ignored(bot, "another region", &in_region("us-east1"));
    ignored(bot, "no region", &told(bot, "SECRET_VERSION_ADD", Some(&version)).post(&address()));
    bot.takes(&in_region("europe-west3"));
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("from-that-region"));
}

fn a_reminder_to_rotate_is_told_with_a_button(bot: &mut Bot) {
    bot.is_bound(&by_id(), BOUND, "");
    put(bot, NewVersion::of("the-present-one"));
    bot.takes(&told(bot, "SECRET_ROTATE", None).post(&address()));
    let says = "Sales warehouse: vault says that it is time to rotate sales-db-password.";
    let notice = until_the_room_hears(bot, says);
    bot.only_looked();
    assert_eq!(bot.world.secret_reads(), []);
    ana_rotates_from(bot, &notice);
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("the-present-one"));
}

/// A case: its name, how the token differs, and the refusal in the log.
type Case = (&'static str, TokenKey, Value, Value, &'static str);

fn a_token_of_somebody_else_is_refused(bot: &mut Bot) {
    bot.is_bound(&by_id(), BOUND, "");
    let now = bot.world.now_ms() / 1000;
    let (ours, stranger) = (TokenKey::Google, TokenKey::Stranger);
    let cases: [Case; 14] = [
        ("another account", ours, json!({}), json!({"email": "evil@evil.iam.gserviceaccount.com"}), "hook-party"),
        ("no account", ours, json!({}), json!({"email": null}), "hook-party"),
        ("an address that is not verified", ours, json!({}), json!({"email_verified": false}), "hook-party"),
        ("one of which nothing is said", ours, json!({}), json!({"email_verified": null}), "hook-party"),
        ("verified in words only", ours, json!({}), json!({"email_verified": "true"}), "hook-party"),
        ("for somebody else", ours, json!({}), json!({"aud": "https://evil.example/"}), "hook-party"),
        ("of another issuer", ours, json!({}), json!({"iss": "https://evil.example"}), "hook-foreign"),
        ("past its end", ours, json!({}), json!({"exp": now - 310}), "hook-expired"),
        ("without an end", ours, json!({}), json!({"exp": null}), "hook-expired"),
        ("too early", ours, json!({}), json!({"nbf": now + 320}), "hook-future"),
        ("an unknown key", stranger, json!({}), json!({}), "hook-key"),
        ("by another key than it names", stranger, json!({"kid": ours.kid()}), json!({}), "hook-signature"),
        ("no algorithm", ours, json!({"alg": "none"}), json!({}), "hook-algorithm"),
        ("a secret's algorithm", ours, json!({"alg": "HS256"}), json!({}), "hook-algorithm"),
    ];
    let good = || told(bot, "SECRET_VERSION_ADD", Some("1"));
    for (what, key, header, claims, name) in cases {
        forged(bot, what, &PubSub { key, header, claims, ..good() }.post(&address()), name);
    }
    let entras = PubSub { key: TokenKey::Entra, ..good() }.post(&address());
    refused(bot, "Entra's key, which Google may have published since", &entras, 503);
    let mut sent = good().post(&address());
    let token = sent.headers()[AUTHORIZATION].to_str().unwrap().to_owned();
    sent.headers_mut().insert(AUTHORIZATION, token[..token.len() - 2].parse().unwrap());
    forged(bot, "a part of a token", &sent, "hook-signature");
    sent.headers_mut().remove(AUTHORIZATION);
    forged(bot, "no token", &sent, "hook-missing");
    assert_eq!(asked(bot), ["GET google/oauth2/v3/certs"], "once, however many strangers name other keys");
}

fn what_is_about_something_else_comes_to_nothing(bot: &mut Bot) {
    // By its number the project can be told from any other.
    bot.is_bound(&project(company::GOOGLE_PROJECT_NUMBER, ""), BOUND, "");
    let version = put(bot, NewVersion::of("never-asked-for"));
    for kind in ["SECRET_UPDATE", "SECRET_VERSION_DISABLE", "SECRET_VERSION_DESTROY", "TOPIC_CONFIGURED"] {
        ignored(bot, kind, &told(bot, kind, Some(&version)).post(&address()));
    }
    let good = || told(bot, "SECRET_VERSION_ADD", Some(&version));
    let named = |secret: &str| PubSub { secret: secret.to_owned(), ..good() }.post(&address());
    ignored(bot, "another project", &named("projects/111122223333/secrets/sales-db-password"));
    ignored(bot, "an unbound secret", &named("sales-db-password-2"));
    ignored(bot, "another case", &named("Sales-DB-password"));
    refused(bot, "no secret's name", &named("projects/x"), 400);
    let no_id = PubSub { id: String::new(), ..good() };
    refused(bot, "no id", &no_id.post(&address()), 400);
    let mut other = good().post(&address());
    let mut body: Value = serde_json::from_slice(other.body()).unwrap();
    body["message"]["attributes"]["versionId"] = json!("projects/1/secrets/evil/versions/1");
    *other.body_mut() = Bytes::from(body.to_string());
    refused(bot, "a version of another secret", &other, 400);
    *other.body_mut() = Bytes::from_static(b"{\"message\":");
    refused(bot, "no JSON", &other, 400);
    assert_eq!(asked(bot), ["GET google/oauth2/v3/certs"]);
}

fn a_disabled_version_is_said_in_the_room(bot: &mut Bot) {
    bot.is_bound(&by_id(), BOUND, "");
    bot.takes(&new_version(bot, "the-enabled-one"));
    bot.until_card(VERIFIED);
    let version = put(bot, NewVersion { enabled: false, ..NewVersion::of("a-disabled-one") });
    bot.takes(&told(bot, "SECRET_VERSION_ADD", Some(&version)).post(&address()));
    let notice = until_the_room_hears(bot, "may have a new version, and cannot be looked at.");
    assert!(notice.text.contains("Its latest version is disabled or destroyed."), "{}", notice.text);
    bot.rest();
    assert_eq!(bot.password().as_deref(), Some("the-enabled-one"));
}

/// What goes wrong there, and what people are told of that.
type Trouble = (fn(&Bot), &'static str);

const TROUBLES: [Trouble; 3] = [
    (
        |bot| bot.world.set_manager_denied(Manager::Google, true),
        "Google Secret Manager says this program may not do that. Its service account needs the roles Secret Manager \
         Secret Accessor and Viewer on the secret. (403, PERMISSION_DENIED)",
    ),
    (
        |bot| bot.world.delete_secret(Manager::Google, SECRET),
        "Google Secret Manager does not find it, or hides it from this program. Check the ids in the catalog and its \
         rights. (404, NOT_FOUND)",
    ),
    (
        |bot| {
            let body = json!({"error": "invalid_grant", "error_description": "Invalid JWT Signature."});
            bot.world.script(Fault::once("google", "token", FaultKind::status(400, &body)));
        },
        "Google Secret Manager refused this program's own identity. Its client secret may be wrong or expired. \
         (400, invalid_grant)",
    ),
];

fn what_keeps_the_bot_from_looking_is_said_in_the_room(bot: &mut Bot) {
    for (happens, says) in TROUBLES {
        bot.world.reset();
        bot.is_bound(&by_id(), BOUND, "");
        let message = new_version(bot, "not-to-be-had");
        happens(bot);
        bot.takes(&message);
        let notice = until_the_room_hears(bot, "may have a new version, and cannot be looked at.");
        assert!(notice.text.contains(says), "{says}: {}", notice.text);
        assert_eq!(room(bot).len(), 1, "{says}");
        bot.only_looked();
    }
}

fn what_keeps_the_bot_from_reading_is_said_on_the_card(bot: &mut Bot) {
    let disabled: Trouble = (
        |bot| bot.world.set_secret_enabled(Manager::Google, SECRET, "1", false),
        "That version is disabled or destroyed.",
    );
    for (happens, says) in TROUBLES.into_iter().chain([disabled]) {
        bot.world.reset();
        bot.is_bound(&by_id(), BOUND, ONE_LEAD);
        bot.takes(&new_version(bot, "not-to-be-had"));
        bot.until_card(UNAPPROVED);
        happens(bot);
        bot.taps(company::BEN, "Approve");
        bot.until_card(FAILED);
        assert!(card(bot).contains(says), "{says}: {}", card(bot));
        bot.nothing_was_sent();
    }
}

fn a_value_that_was_damaged_on_its_way_is_not_used(bot: &mut Bot) {
    bot.is_bound(&by_id(), BOUND, "");
    let name = format!("projects/{}/secrets/{SECRET}/versions/1", company::GOOGLE_PROJECT_NUMBER);
    // The sum is that of "damaged-on-its-way" with another letter.
    let body = json!({"name": name, "payload": {"data": "ZGFtYWdlZC1vbi1pdHMtd2F5", "dataCrc32c": "1"}});
    bot.world.script(Fault::once("google", ":access", FaultKind::status(200, &body)));
    bot.secret("damaged-on-its-way");
    bot.takes(&new_version(bot, "whole-in-the-manager"));
    bot.until_card(FAILED);
    let says = "Google Secret Manager answered something this program does not understand.";
    assert!(card(bot).contains(says), "{}", card(bot));
    bot.nothing_was_sent();
}

fn without_keys_nobody_is_refused_and_it_comes_again(bot: &mut Bot) {
    bot.is_bound(&by_id(), BOUND, "");
    let sent = new_version(bot, "delivered-again");
    for (what, kind) in [("Google is down", FaultKind::status(503, &json!({}))), ("no answer", FaultKind::LoseRequest)]
    {
        bot.world.script(Fault::once("google", "certs", kind));
        let response = refused(bot, what, &sent, 503);
        assert_eq!(response.headers()[RETRY_AFTER], "60", "{what}");
        bot.wait(Duration::from_secs(20));
    }
    bot.takes(&sent);
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("delivered-again"));
}

fn googles_next_key_is_known_within_five_minutes(bot: &mut Bot) {
    bot.is_bound(&by_id(), BOUND, "");
    bot.takes(&new_version(bot, "by-the-present-key"));
    bot.until_card(VERIFIED);
    let version = put(bot, NewVersion::of("by-the-next-key"));
    let by_next = |bot: &Bot| {
        let message = PubSub { key: TokenKey::GoogleNext, ..told(bot, "SECRET_VERSION_ADD", Some(&version)) };
        bot.posted(&message.post(&address())).status().as_u16()
    };
    assert_eq!(by_next(bot), 503, "not published when the keys were read");
    bot.world.publish_next_google_key();
    bot.wait(Duration::from_secs(5 * 60));
    assert_eq!(by_next(bot), 200);
    bot.until("it is in place", |world| world.opened().len() == 2);
    assert_eq!(bot.password().as_deref(), Some("by-the-next-key"));
}

fn it_is_asked_again_when_it_wants_to_be(bot: &mut Bot) {
    bot.is_bound(&by_id(), BOUND, ONE_LEAD);
    let gaps = |bot: &Bot| -> Vec<u64> {
        times_of(bot, "google", "/versions/").windows(2).map(|two| (two[1] - two[0]) / 1000).collect()
    };
    fails(bot, "google", "/versions/", 503, 1);
    bot.world.script(Fault::once("google", "/versions/", FaultKind::throttled(70)));
    bot.takes(&new_version(bot, "in-the-end"));
    bot.until_card(UNAPPROVED);
    assert!(matches!(gaps(bot)[..], [2..=3, 70..=88]), "{:?}", gaps(bot));
    bot.world.script(Fault::once("google", ":access", FaultKind::throttled(100)));
    bot.taps(company::BEN, "Approve");
    bot.until("the card says so", |_| {
        card(bot).contains("It is tried again. Google Secret Manager asks us to slow down")
    });
    bot.until_card(VERIFIED);
    assert!(matches!(gaps(bot).last(), Some(100..=125)), "{:?}", gaps(bot));
    assert_eq!(room(bot), [""; 0], "what passes is nothing to tell of");
}
