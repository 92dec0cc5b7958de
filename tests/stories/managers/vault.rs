//! Vault: its key-value store, by a relay's message and by looking.

use std::time::Duration;

use emulator::senders::StandardWebhook;
use emulator::{Fault, FaultKind, Manager, NewVersion, scene as company};
use serde_json::json;

use super::{PATH as PATH_OF_HOOKS, Source, VERIFIED, address};
use crate::bot::{Bot, words};
use crate::failures::updates;

crate::stories![
    a_relay_tells_of_a_secret_of_the_store,
    by_a_token_that_we_sign_ourselves,
    in_a_namespace_nothing_is_found_from_outside;
    here only because "hours and days go by":
    a_login_that_is_refused_is_told_once,
    a_sealed_vault_is_waited_for,
    a_path_that_we_may_not_read_is_told_once,
    a_value_without_the_key_is_not_put_in_place,
    a_key_of_ours_in_another_form_is_told_with_what_to_do,
];

/// The secret of the store.
pub const PATH: &str = "teams/sales";
/// What `sales-db` is bound to.
pub const KV: &str = r#"mount = "secret", path = "teams/sales", fields = { password = "pw" }"#;

/// A Vault with a relay that tells of its secrets.
pub fn relayed() -> Source {
    with(r#"url = "{base}/vault""#)
}

fn with(settings: &str) -> Source {
    let table = format!("manager = {{ kind = \"Vault\", {settings} }}\nevents = {{ kind = \"StandardWebhooks\" }}");
    let (role, secret) = (company::VAULT_ROLE_ID, company::VAULT_SECRET_ID);
    Source { table, secrets: json!({ "keys": [company::WEBHOOK_SECRET], "role_id": role, "secret_id": secret }) }
}

/// Puts a new version into the store.
pub fn put(bot: &Bot, password: &str) -> String {
    let value = json!({ "pw": bot.secret(password), "note": "of no interest" }).to_string();
    bot.world.put_secret(Manager::Vault, PATH, NewVersion::of(&value))
}

/// The relay tells of the secret of the store.
pub fn tells(bot: &Bot, event: &str) {
    let data = json!({ "mount": "secret", "path": PATH });
    bot.takes(&StandardWebhook::honest(event, bot.world.now_ms(), "secret.changed", data).post(&address()));
}

/// How often Vault was sent such a call.
pub fn asked(bot: &Bot, path: &str) -> usize {
    bot.world.received().iter().filter(|call| call.service == "vault" && call.path.contains(path)).count()
}

/// What #data-ops was told outside of cards, each time.
pub fn told(bot: &Bot) -> Vec<String> {
    let here = |message: &emulator::slack::Message| message.channel == company::CHANNEL_DATA_OPS;
    let notes = bot.world.messages().into_iter().filter(here).filter(|message| !crate::bot::is_card(message));
    notes.map(|message| message.text).collect()
}

/// Every token was ended by whoever it was given to.
pub fn no_token_is_left(bot: &Bot) {
    assert_eq!(bot.world.manager_logins(Manager::Vault), 0, "{}", bot.log());
    let (in_, out) = (asked(bot, "/login"), asked(bot, "revoke-self"));
    assert!(in_ > 0 && in_ == out, "{in_} logins, {out} ended");
}

/// The words of the last card in #data-ops.
pub fn card(bot: &Bot) -> String {
    words(&bot.card(company::CHANNEL_DATA_OPS).blocks)
}

fn a_relay_tells_of_a_secret_of_the_store(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, "");
    put(bot, "from-the-store");
    tells(bot, "relay-1");
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("from-the-store"));
    let card = card(bot);
    assert!(card.contains("Asked by the secret manager vault: New version of teams/sales: version 1"), "{card}");
    assert!(card.contains("The value was read from teams/sales in vault, version 1."), "{card}");
    no_token_is_left(bot);
}

/// A Vault to which we log in by a token that we sign.
fn signed() -> Source {
    let (role, audience) = (company::VAULT_JWT_ROLE, company::VAULT_AUDIENCE);
    let login = format!(r#"login = {{ method = "Jwt", role = "{role}", audience = "{audience}" }}"#);
    let source = with(&format!(r#"url = "{{base}}/vault", {login}"#));
    let secrets = json!({ "keys": [company::WEBHOOK_SECRET], "private_key": company::WORKER_SIGNING_KEY });
    Source { secrets, ..source }
}

fn a_key_of_ours_in_another_form_is_told_with_what_to_do(bot: &mut Bot) {
    bot.is_bound(&signed(), KV, "");
    let mut secrets = signed().secrets;
    secrets["path"] = json!(PATH_OF_HOOKS);
    secrets["private_key"] = json!("-----BEGIN RSA PRIVATE KEY-----\n");
    bot.redeploy(&[("SOURCE_VAULT", &secrets.to_string())]);
    bot.wakes_up();
    bot.until("the room is told", |_| told(bot).len() == 1);
    let told = told(bot).remove(0);
    assert!(told.contains("Its private_key is a key in another form: convert it with "), "{told}");
    assert!(told.contains("openssl pkcs8 -topk8 -nocrypt"), "{told}");
}

fn by_a_token_that_we_sign_ourselves(bot: &mut Bot) {
    bot.is_bound(&signed(), KV, "");
    put(bot, "by-our-own-token");
    tells(bot, "relay-1");
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("by-our-own-token"));
    assert!(asked(bot, "auth/jwt/login") >= 2 && asked(bot, "approle") == 0);
    no_token_is_left(bot);
}

fn in_a_namespace_nothing_is_found_from_outside(bot: &mut Bot) {
    bot.world.set_vault_namespace(Some("team-data"));
    bot.is_bound(&with(r#"url = "{base}/vault", namespace = "team-data""#), KV, "");
    put(bot, "in-a-namespace");
    tells(bot, "relay-1");
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("in-a-namespace"));
    no_token_is_left(bot);
    // Without it, that Vault knows nobody.
    bot.is_bound(&relayed(), KV, "");
    put(bot, "found-by-nobody");
    tells(bot, "relay-2");
    bot.until("the room is told", |_| told(bot).len() == 1);
    assert_eq!(bot.password().as_deref(), Some("in-a-namespace"));
}

fn a_login_that_is_refused_is_told_once(bot: &mut Bot) {
    let mut source = relayed();
    source.secrets["secret_id"] = json!("5b5c3b1d-0000-4000-8000-2b2f4f0b7f11");
    bot.is_bound(&source, KV, "");
    put(bot, "behind-a-login");
    tells(bot, "relay-1");
    // Tried again every hour, for half a day; people are told the first time.
    bot.wait(Duration::from_secs(24 * 60 * 60));
    let told = told(bot);
    assert_eq!(told.len(), 1, "{told:#?}");
    let words = "Sales warehouse: teams/sales in vault may have a new version, and cannot be looked at. Vault refused";
    assert!(told[0].starts_with(words), "{told:#?}");
    assert_eq!((asked(bot, "/login"), bot.happened("open", "ok")), (13, 0));
    bot.nothing_was_sent();
}

fn a_sealed_vault_is_waited_for(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, "");
    put(bot, "once-it-is-unsealed");
    // Before it is seen, and once more when the value is read.
    let sealed = || FaultKind::status(503, &json!({ "errors": ["Vault is sealed"] }));
    bot.world.script(Fault::once("vault", "/login", sealed()).repeated(3));
    bot.world.script(Fault::once("vault", "secret/data", sealed()).repeated(2));
    tells(bot, "relay-1");
    bot.until("it is looked at", |_| bot.happened("open", "ok") == 1);
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("once-it-is-unsealed"));
    assert_eq!((bot.happened("fetch", "unavailable"), updates(bot)), (2, 1), "{}", bot.log());
    assert_eq!(told(bot), [] as [String; 0], "nobody has to do anything");
    assert_eq!(bot.world.manager_logins(Manager::Vault), 0);
}

fn a_path_that_we_may_not_read_is_told_once(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, "");
    put(bot, "kept-from-us");
    bot.world.set_manager_denied(Manager::Vault, true);
    tells(bot, "relay-1");
    bot.until("the room is told", |_| told(bot).len() == 1);
    let first = told(bot).remove(0);
    assert!(first.ends_with("Its policy has to allow reading that path. (403)"), "{first}");
    // It is mended: what was told of then is put in place without being told again.
    bot.world.set_manager_denied(Manager::Vault, false);
    bot.until_card(VERIFIED);
    assert_eq!((bot.password().as_deref(), told(bot).len()), (Some("kept-from-us"), 1));
    // And taken away between the look and the reading: the card says so, and nothing was sent.
    put(bot, "kept-from-us-later");
    bot.world.script(Fault::once("vault", "secret/data", FaultKind::status(403, &json!({ "errors": ["1 error"] }))));
    tells(bot, "relay-2");
    bot.until_card("Not rotated");
    let card = card(bot);
    assert!(card.contains("Its policy has to allow reading that path."), "{card}");
    assert_eq!(updates(bot), 1);
}

fn a_value_without_the_key_is_not_put_in_place(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, "");
    for (at, value) in [json!({ "password": "x" }), json!({ "pw": 7 }), json!({ "pw": "" })].iter().enumerate() {
        bot.world.put_secret(Manager::Vault, PATH, NewVersion::of(&value.to_string()));
        tells(bot, &format!("relay-{at}"));
        bot.until("it came to nothing", |_| bot.happened("finish", "ok") == at + 1);
        bot.until_card("Not rotated");
        let card = card(bot);
        let why =
            if at == 2 { "Its value is empty." } else { "Its value has no text under a key that the catalog names." };
        assert!(card.contains(why), "{card}");
        assert!(card.contains("Vault has no value that could be used."), "{card}");
    }
    bot.nothing_was_sent();
    no_token_is_left(bot);
}
