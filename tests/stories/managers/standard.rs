//! Standard Webhooks: any secret manager, or a relay beside it, names a secret that has changed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use emulator::scene as company;
use emulator::senders::{Doppler, StandardWebhook};
use emulator::{Manager, NewVersion};
use http::Request;
use serde_json::{Value, json};

use super::door::{header, with_header, with_header_twice, with_longer_body, without_header};
use super::{Source, VERIFIED, address};
use crate::bot::Bot;

crate::stories![
    a_secret_that_has_changed_is_put_in_place,
    a_signature_by_ed25519_counts_as_well,
    a_path_of_a_vault_is_named_with_its_mount,
    the_user_name_changes_with_the_secret,
    both_keys_count_while_they_overlap,
    a_retired_key_counts_no_more,
    what_is_not_proven_is_refused,
    an_algorithm_is_not_swapped_for_another,
    what_is_sent_twice_is_acted_on_once,
    what_is_proven_and_broken_is_malformed,
    what_is_too_large_is_not_read,
    what_concerns_nobody_is_taken_and_left,
    what_else_happens_is_told_to_the_room;
    here only because "minutes have to go by":
    what_is_replayed_after_five_minutes_is_refused,
];

const SECRET: &str = "sales-db-password";

/// A relay that tells of a vault's secrets, and signs with what belongs to these keys.
fn relay(keys: &[&str]) -> Source {
    let table = format!(
        "manager = {{ kind = \"AzureKeyVault\", vault = \"{}\" }}\nevents = {{ kind = \"StandardWebhooks\" }}",
        company::KEY_VAULT
    );
    Source { table, secrets: json!({ "keys": keys }) }
}

/// The bot, bound to a secret of which there is a version that is not in place.
fn is_bound(bot: &mut Bot, keys: &[&str]) {
    bot.is_bound(&relay(keys), &format!("name = \"{SECRET}\""), "");
    bot.world.put_secret(Manager::KeyVault, SECRET, NewVersion::of(&bot.secret("told-by-a-relay")));
}

fn changed(bot: &Bot, id: &str) -> StandardWebhook {
    StandardWebhook::changed(id, bot.world.now_ms(), SECRET)
}

fn post(message: &StandardWebhook) -> Request<Bytes> {
    message.post(&address())
}

/// What a message says, signed as it should be.
fn saying(bot: &Bot, kind: &str, data: Value) -> Request<Bytes> {
    let id = format!("msg-{}-{}", kind.replace('.', "-"), data.to_string().len());
    post(&StandardWebhook::honest(&id, bot.world.now_ms(), kind, data))
}

fn is_put_in_place(bot: &Bot) {
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("told-by-a-relay"));
}

fn a_secret_that_has_changed_is_put_in_place(bot: &mut Bot) {
    is_bound(bot, &[company::WEBHOOK_SECRET]);
    bot.takes(&post(&changed(bot, "msg-1")));
    is_put_in_place(bot);
    assert_eq!(bot.opened(), 1);
}

fn a_signature_by_ed25519_counts_as_well(bot: &mut Bot) {
    is_bound(bot, &[company::WEBHOOK_PUBLIC_KEY]);
    let keys = vec![company::WEBHOOK_PRIVATE_KEY.to_owned()];
    bot.takes(&post(&StandardWebhook { keys, ..changed(bot, "msg-1") }));
    is_put_in_place(bot);
}

fn a_path_of_a_vault_is_named_with_its_mount(bot: &mut Bot) {
    let table = "manager = { kind = \"Vault\", url = \"{base}/vault\" }\nevents = { kind = \"StandardWebhooks\" }";
    let secrets = json!({
        "keys": [company::WEBHOOK_SECRET],
        "role_id": company::VAULT_ROLE_ID, "secret_id": company::VAULT_SECRET_ID,
    });
    let binding = "mount = \"secret\", path = \"data/sales-db\", fields = { password = \"pw\" }";
    bot.is_bound(&Source { table: table.to_owned(), secrets }, binding, "");
    let value = json!({ "pw": bot.secret("by-mount-and-path"), "note": "of no interest" }).to_string();
    bot.world.put_secret(Manager::Vault, "data/sales-db", NewVersion::of(&value));
    for (mount, path) in [("kv", "data/sales-db"), ("secret", "sales-db"), ("secret", "DATA/sales-db")] {
        bot.takes(&saying(bot, "secret.changed", json!({ "mount": mount, "path": path })));
    }
    bot.takes(&saying(bot, "secret.changed", json!({ "secret": "data/sales-db" })));
    bot.nothing_comes_of_it();
    bot.takes(&saying(bot, "secret.changed", json!({ "mount": "secret", "path": "data/sales-db" })));
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("by-mount-and-path"));
}

fn the_user_name_changes_with_the_secret(bot: &mut Bot) {
    let binding = format!("name = \"{SECRET}\", fields = {{ password = \"pw\" }}, username = {{ key = \"user\" }}");
    bot.is_bound(&relay(&[company::WEBHOOK_SECRET]), &binding, "");
    let versions = [("feed_blue", "blue-1"), ("feed_green", "green-1"), ("feed_blue", "blue-2")];
    for (at, (user, password)) in versions.into_iter().enumerate() {
        let value = json!({ "user": user, "pw": bot.secret(password), "host": "sql.contoso.example" });
        bot.world.put_secret(Manager::KeyVault, SECRET, NewVersion::of(&value.to_string()));
        bot.takes(&post(&changed(bot, &format!("msg-{at}"))));
        bot.until("another password arrives", |world| world.opened().len() == at + 1);
        bot.until_card(VERIFIED);
        bot.some_time_later();
        let arrived = ["username", "password"].map(|name| bot.opened_field(name));
        assert_eq!(arrived, [user, password]);
    }
}

fn both_keys_count_while_they_overlap(bot: &mut Bot) {
    let (new, old) = (company::WEBHOOK_SECRET, company::WEBHOOK_SECRET_OLD);
    is_bound(bot, &[new, old, company::WEBHOOK_PUBLIC_KEY]);
    let signed = [vec![old], vec![new], vec![old, new], vec![company::WEBHOOK_PRIVATE_KEY, old]];
    for (at, keys) in signed.into_iter().enumerate() {
        let keys = keys.into_iter().map(str::to_owned).collect();
        bot.takes(&post(&StandardWebhook { keys, ..changed(bot, &format!("msg-{at}")) }));
    }
    is_put_in_place(bot);
    assert_eq!(bot.opened(), 1, "one version, however often it is told");
}

fn a_retired_key_counts_no_more(bot: &mut Bot) {
    is_bound(bot, &[company::WEBHOOK_SECRET]);
    let keys = vec![company::WEBHOOK_SECRET_OLD.to_owned()];
    let alone = StandardWebhook { keys, ..changed(bot, "msg-1") };
    bot.believes_none(&[("the key of before", post(&alone), "hook-signature")]);
    let keys = vec![company::WEBHOOK_SECRET_OLD.to_owned(), company::WEBHOOK_SECRET.to_owned()];
    bot.takes(&post(&StandardWebhook { keys, ..alone }));
    is_put_in_place(bot);
}

fn what_is_not_proven_is_refused(bot: &mut Bot) {
    is_bound(bot, &[company::WEBHOOK_SECRET, company::WEBHOOK_PUBLIC_KEY]);
    let signature = "webhook-signature";
    let good = post(&changed(bot, "msg-1"));
    let list = header(&good, signature);
    let now = bot.world.now_ms() / 1000;
    let timed = |timestamp: String| post(&StandardWebhook { timestamp, ..changed(bot, "msg-1") });
    let other_key = format!("whsec_{}", STANDARD.encode([7; 32]));
    let signed_by = |keys: &[&str]| {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        post(&StandardWebhook { keys, ..changed(bot, "msg-1") })
    };
    let (missing, form, wrong) = ("hook-missing", "hook-form", "hook-signature");
    bot.believes_none(&[
        ("no signature", without_header(good.clone(), signature), missing),
        ("no id", without_header(good.clone(), "webhook-id"), missing),
        ("no time", without_header(good.clone(), "webhook-timestamp"), missing),
        ("another sender's", Doppler::updated(&[SECRET], bot.world.now_ms()).post(&address()), missing),
        ("only a version", with_header(good.clone(), signature, "v1"), form),
        ("cut short", with_header(good.clone(), signature, &list[..list.len() - 4]), form),
        ("cut inside four characters", with_header(good.clone(), signature, &list[..list.len() - 2]), form),
        ("without its version", with_header(good.clone(), signature, &list[3..]), form),
        ("nine signatures", with_header(good.clone(), signature, &[list.as_str(); 9].join(" ")), form),
        ("two headers", with_header_twice(good.clone(), signature), form),
        ("two ids", with_header_twice(good.clone(), "webhook-id"), form),
        ("a point in the id", post(&changed(bot, "msg.1")), form),
        ("a time in words", timed("now".to_owned()), form),
        ("a time with a fraction", timed(format!("{now}.5")), form),
        ("another key", signed_by(&[&other_key]), wrong),
        ("another body", with_longer_body(good.clone()), wrong),
        ("another id", with_header(good.clone(), "webhook-id", "msg-2"), wrong),
        ("another time", with_header(good.clone(), "webhook-timestamp", &(now + 60).to_string()), wrong),
        ("too old", timed((now - 301).to_string()), "hook-stale"),
        ("from the future", timed((now + 360).to_string()), "hook-future"),
    ]);
    bot.takes(&good);
    is_put_in_place(bot);
}

fn an_algorithm_is_not_swapped_for_another(bot: &mut Bot) {
    is_bound(bot, &[company::WEBHOOK_PUBLIC_KEY]);
    // Everybody knows the public key, and can make a code with it as if it were a secret one.
    let public = company::WEBHOOK_PUBLIC_KEY.replace("whpk_", "whsec_");
    let by = |key: &str| post(&StandardWebhook { keys: vec![key.to_owned()], ..changed(bot, "msg-1") });
    let good = by(company::WEBHOOK_PRIVATE_KEY);
    let (code, signature) = (header(&by(&public), "webhook-signature"), header(&good, "webhook-signature"));
    let list = |text: &str| with_header(good.clone(), "webhook-signature", text);
    bot.believes_none(&[
        ("a code made with the public key", list(&code), "hook-algorithm"),
        ("the same, called v1a", list(&code.replace("v1,", "v1a,")), "hook-form"),
        ("a v1a signature called v1", list(&signature.replace("v1a,", "v1,")), "hook-form"),
        ("a version of tomorrow", list(&signature.replace("v1a,", "v2,")), "hook-algorithm"),
        ("none at all", list("none,"), "hook-algorithm"),
    ]);
    bot.takes(&good);
    is_put_in_place(bot);
}

fn what_is_sent_twice_is_acted_on_once(bot: &mut Bot) {
    is_bound(bot, &[company::WEBHOOK_SECRET]);
    let message = post(&changed(bot, "msg-1"));
    (0..3).for_each(|_| bot.takes(&message));
    is_put_in_place(bot);
    bot.takes(&message);
    // The same event, sent anew.
    bot.takes(&post(&changed(bot, "msg-1")));
    assert_eq!((bot.opened(), bot.world.opened().len()), (1, 1));
    assert_eq!(bot.happened("hook", "nothing-new"), 4);
}

fn what_is_replayed_after_five_minutes_is_refused(bot: &mut Bot) {
    is_bound(bot, &[company::WEBHOOK_SECRET]);
    let message = post(&changed(bot, "msg-1"));
    bot.takes(&message);
    is_put_in_place(bot);
    bot.wait(std::time::Duration::from_secs(301));
    assert_eq!(bot.posted(&message).status(), 401);
    assert_eq!((bot.happened("hook", "hook-stale"), bot.opened()), (1, 1));
}

fn what_is_proven_and_broken_is_malformed(bot: &mut Bot) {
    is_bound(bot, &[company::WEBHOOK_SECRET]);
    let body = |text: &str| {
        let body = Some(Bytes::copy_from_slice(text.as_bytes()));
        post(&StandardWebhook { body, ..changed(bot, "msg-1") })
    };
    let deep = format!("{{\"type\":\"secret.changed\",\"data\":{}{}}}", "[".repeat(200), "]".repeat(200));
    let says = |data| saying(bot, "secret.changed", data);
    let pushed = json!({ "secret": SECRET, "version": "7" });
    let messages = [
        ("nothing", body("")),
        ("cut short", body("{\"type\":\"secret.changed\",\"data\":{\"secret\":\"sales")),
        ("no object", body("[]")),
        ("no text", body("{\"type\":7}")),
        ("no type", body("{\"data\":{\"secret\":\"sales-db-password\"}}")),
        ("too deep", body(&deep)),
        ("no data", body("{\"type\":\"secret.changed\"}")),
        ("no secret", says(json!({}))),
        ("a number for a secret", says(json!({ "secret": 7 }))),
        ("two names", says(json!({ "secret": SECRET, "mount": "kv", "path": "sales" }))),
        ("a path without its mount", says(json!({ "path": "sales" }))),
        ("pushed, without a value", saying(bot, "secret.pushed", pushed)),
    ];
    bot.answers_all(&messages, 400, "malformed");
    bot.takes(&post(&changed(bot, "msg-2")));
    is_put_in_place(bot);
}

fn what_is_too_large_is_not_read(bot: &mut Bot) {
    is_bound(bot, &[company::WEBHOOK_SECRET]);
    let large = |size: usize| {
        let honest = format!("{{\"type\":\"secret.changed\",\"data\":{{\"secret\":{SECRET:?}}}}}");
        let body = Some(Bytes::from(format!("{honest}{}", " ".repeat(size - honest.len()))));
        post(&StandardWebhook { body, ..changed(bot, "msg-1") })
    };
    bot.answers_all(&[("a byte too many", large(192 * 1024 + 1))], 413, "too-large");
    for length_told in [true, false] {
        let response = bot.pour(large(1024 * 1024 + 1), length_told);
        assert_eq!(response.status(), 413, "more than the door takes from anybody");
    }
    bot.takes(&large(192 * 1024));
    is_put_in_place(bot);
}

fn what_concerns_nobody_is_taken_and_left(bot: &mut Bot) {
    is_bound(bot, &[company::WEBHOOK_SECRET]);
    let messages = [
        ("an unknown type", saying(bot, "secret.created", json!({ "secret": SECRET }))),
        ("a test", saying(bot, "ping", Value::Null)),
        ("a secret that nothing is bound to", saying(bot, "secret.changed", json!({ "secret": "hr-db-password" }))),
        ("a path, where there are names", saying(bot, "secret.changed", json!({ "mount": "kv", "path": SECRET }))),
    ];
    bot.answers_all(&messages, 200, "nothing-new");
}

fn what_else_happens_is_told_to_the_room(bot: &mut Bot) {
    is_bound(bot, &[company::WEBHOOK_SECRET]);
    for (at, kind) in ["expiring", "expired", "rotation-failed", "due"].into_iter().enumerate() {
        bot.takes(&saying(bot, &format!("secret.{kind}"), json!({ "secret": SECRET })));
        bot.until(kind, |world| world.messages().len() == at + 1);
        let told = bot.world.messages().pop().unwrap();
        assert_eq!(told.channel, company::CHANNEL_DATA_OPS);
        assert!(told.text.contains(SECRET), "{told:#?}");
    }
    assert_eq!((bot.opened(), bot.world.secret_reads().len()), (0, 0), "nothing is rotated for that");
}
