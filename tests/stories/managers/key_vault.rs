//! Azure Key Vault tells of a new version through Event Grid.

use std::time::Duration;

use emulator::scene as company;
use emulator::senders::{EventGrid, EventGridSchema, SecretEvent};
use emulator::{Fault, FaultKind, Manager, NewVersion, SecretState};
use serde_json::json;

use super::messages::{ana_rotates_from, fails, room, times_of, until_the_room_hears};
use super::{Source, VERIFIED, address};
use crate::bot::{Bot, words};
use crate::people::UNAPPROVED;
use crate::scene::ONE_LEAD;

crate::stories![
    a_new_version_is_put_in_place_by_itself,
    a_new_version_waits_for_an_approval,
    the_user_name_comes_in_a_tag,
    a_tag_that_is_not_there_is_said,
    a_room_hears_of_what_ends_soon_and_rotates_it,
    a_disabled_version_is_left_alone,
    without_any_usable_version_the_room_hears_why,
    what_keeps_the_bot_from_looking_is_said_in_the_room,
    what_keeps_the_bot_from_reading_is_said_on_the_card,
    a_version_that_is_disabled_before_it_is_read_is_not_used;
    here only because "time has to go by before something is tried again, or is valid":
    a_version_is_not_used_before_it_is_valid,
    while_the_vault_is_down_it_is_looked_at_again,
    while_the_vault_is_down_an_approved_value_is_waited_for,
    the_vault_is_not_asked_before_it_wants_to_be,
    a_revoked_token_is_replaced,
    what_fails_again_after_it_was_mended_is_said_again,
];

pub(super) const SECRET: &str = "sales-db-password";
/// What the catalog says of it.
pub(super) const BOUND: &str = "name = \"sales-db-password\"";

/// What a card says when the value could not be had.
const FAILED: &str = "Not rotated";

/// The vault, whose events Event Grid brings with a token of Entra.
pub(super) fn vault() -> Source {
    let (topic, tenant, audience) = (company::KEY_VAULT_TOPIC, company::TENANT_ID, company::EVENT_GRID_AUDIENCE);
    let table = format!(
        r#"manager = {{ kind = "AzureKeyVault", vault = "{}" }}
events = {{ kind = "EventGrid", topic = "{topic}", tenant = "{tenant}", audience = "{audience}" }}"#,
        company::KEY_VAULT
    );
    Source { table, secrets: json!({}) }
}

pub(super) fn new_version(bot: &Bot, password: &str) -> http::Request<bytes::Bytes> {
    let version = bot.world.put_secret(Manager::KeyVault, SECRET, NewVersion::of(&bot.secret(password)));
    let now = bot.world.now_ms();
    let event = SecretEvent::new_version(&format!("event-{version}"), SECRET, &version, now);
    EventGrid::honest(EventGridSchema::EventGrid, vec![event], now).post(&address())
}

fn a_new_version_is_put_in_place_by_itself(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    bot.takes(&new_version(bot, "from-the-vault"));
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("from-the-vault"));
    let card = words(&bot.card(company::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("Asked by the secret manager vault: New version of sales-db-password"), "{card}");
}

fn a_new_version_waits_for_an_approval(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, ONE_LEAD);
    bot.takes(&new_version(bot, "after-an-approval"));
    bot.until_card(UNAPPROVED);
    bot.rest();
    assert_eq!(bot.world.secret_reads(), [], "nothing is read before");
    bot.taps(company::BEN, "Approve");
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("after-an-approval"));
}

/// The event of the newest version, with more than its value.
fn put(bot: &Bot, new: NewVersion) -> http::Request<bytes::Bytes> {
    bot.secret(&new.value);
    let version = bot.world.put_secret(Manager::KeyVault, SECRET, new);
    told(bot, "SecretNewVersionCreated", &version)
}

fn told(bot: &Bot, kind: &str, version: &str) -> http::Request<bytes::Bytes> {
    let now = bot.world.now_ms();
    let event = SecretEvent::new_version(&format!("{kind}-{version}"), SECRET, version, now);
    let event = SecretEvent { kind: format!("Microsoft.KeyVault.{kind}"), ..event };
    EventGrid::honest(EventGridSchema::EventGrid, vec![event], now).post(&address())
}

fn card(bot: &Bot) -> String {
    words(&bot.card(company::CHANNEL_DATA_OPS).blocks)
}

fn the_user_name_comes_in_a_tag(bot: &mut Bot) {
    bot.is_bound(&vault(), &format!("{BOUND}, username = {{ tag = \"login\" }}"), "");
    bot.takes(&put(bot, NewVersion::of("with-its-user").tagged("login", "feed_b").tagged("other", "not-this")));
    bot.until_card(VERIFIED);
    let opened = bot.world.opened().pop().unwrap().plaintext;
    assert!(opened.contains("feed_b") && opened.contains("with-its-user"), "{opened}");
    assert!(card(bot).contains("Its user name is feed_b now."), "{}", card(bot));
}

fn a_tag_that_is_not_there_is_said(bot: &mut Bot) {
    bot.is_bound(&vault(), &format!("{BOUND}, username = {{ tag = \"login\" }}"), "");
    bot.takes(&put(bot, NewVersion::of("without-its-user").tagged("Login", "feed_b")));
    bot.until_card(FAILED);
    assert!(card(bot).contains("It has no user name where the catalog says that there is one."), "{}", card(bot));
    bot.nothing_was_sent();
}

fn a_room_hears_of_what_ends_soon_and_rotates_it(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    let version = bot.world.put_secret(Manager::KeyVault, SECRET, NewVersion::of(&bot.secret("the-present-one")));
    for (kind, says) in [("SecretNearExpiry", "expires soon"), ("SecretExpired", "has expired")] {
        bot.takes(&told(bot, kind, &version));
        let says = format!(
            "Sales warehouse: sales-db-password in vault {says}. Make a new version there, and a rotation begins here."
        );
        let notice = until_the_room_hears(bot, &says);
        assert_eq!(bot.posted(&told(bot, kind, &version)).status(), 200, "told once more");
        bot.rest();
        assert_eq!(room(bot).iter().filter(|words| words.contains(&says)).count(), 1, "and said once");
        if kind == "SecretExpired" {
            ana_rotates_from(bot, &notice);
        }
    }
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("the-present-one"));
    assert!(card(bot).contains("It ends soon"), "{}", card(bot));
}

fn a_disabled_version_is_left_alone(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    bot.takes(&put(bot, NewVersion::of("the-enabled-one")));
    bot.until_card(VERIFIED);
    bot.world.advance(1000);
    bot.takes(&put(bot, NewVersion { enabled: false, ..NewVersion::of("a-disabled-one") }));
    bot.until("it was looked at", |_| bot.happened("secret", "same") == 1);
    bot.rest();
    assert_eq!(bot.world.opened().len(), 1, "{}", bot.log());
}

fn without_any_usable_version_the_room_hears_why(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    bot.takes(&put(bot, NewVersion { enabled: false, ..NewVersion::of("a-disabled-one") }));
    let notice = until_the_room_hears(bot, "may have a new version, and cannot be looked at.");
    assert!(notice.text.contains("None of its versions is enabled and valid by now."), "{}", notice.text);
    assert_eq!(bot.world.secret_reads(), []);
    bot.only_looked();
}

fn a_version_is_not_used_before_it_is_valid(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    bot.takes(&put(bot, NewVersion::of("valid-today")));
    bot.until_card(VERIFIED);
    bot.wait(Duration::from_secs(1));
    let tomorrow = bot.world.now_ms() / 1000 + 24 * 60 * 60;
    bot.takes(&put(bot, NewVersion { nbf_s: Some(tomorrow), ..NewVersion::of("valid-tomorrow") }));
    bot.wait(Duration::from_secs(60 * 60));
    assert_eq!(bot.password().as_deref(), Some("valid-today"));
    bot.wakes_up();
    bot.wait(Duration::from_secs(23 * 60 * 60));
    assert_eq!(bot.password().as_deref(), Some("valid-today"));
    bot.wakes_up();
    bot.until("it is in place", |world| world.opened().len() == 2);
    assert_eq!(bot.password().as_deref(), Some("valid-tomorrow"));
}

/// What goes wrong at the vault or before it, and what people are told of that.
type Trouble = (fn(&Bot), &'static str);

const TROUBLES: [Trouble; 5] = [
    (
        |bot| bot.world.set_manager_denied(Manager::KeyVault, true),
        "Azure Key Vault says this program may not do that. It needs the role Key Vault Secrets User on the secret. \
         (403, ForbiddenByRbac)",
    ),
    (
        |bot| {
            let body = json!({"error": {"code": "Forbidden", "innererror": {"code": "ForbiddenByFirewall"}}});
            bot.world.script(Fault::once("keyvault", "secrets", FaultKind::status(403, &body)));
        },
        "The vault's firewall keeps us out. (403, ForbiddenByFirewall)",
    ),
    (
        |bot| bot.world.delete_secret(Manager::KeyVault, SECRET),
        "Azure Key Vault does not find it, or hides it from this program.",
    ),
    (
        |bot| {
            bot.world.script(Fault::once("keyvault", "secrets", FaultKind::status(200, &json!({"value": "odd"}))));
        },
        "Azure Key Vault answered something this program does not understand.",
    ),
    (
        |bot| {
            let body = json!({"error": "invalid_client", "error_codes": [7_000_222]});
            bot.world.revoke_tokens();
            bot.world.set_client_secret(SecretState::Expired);
            // The first refuses the token, and the second a new one.
            bot.world.script(Fault::once("keyvault", "secrets", FaultKind::status(401, &body)));
        },
        "Microsoft Entra refused this program's own identity. Its client secret may be wrong or expired.",
    ),
];

fn what_keeps_the_bot_from_looking_is_said_in_the_room(bot: &mut Bot) {
    for (happens, says) in TROUBLES {
        bot.world.reset();
        bot.is_bound(&vault(), BOUND, "");
        let message = put(bot, NewVersion::of("not-to-be-had"));
        happens(bot);
        bot.takes(&message);
        let notice = until_the_room_hears(bot, "may have a new version, and cannot be looked at.");
        assert!(notice.text.contains(says), "{says}: {}", notice.text);
        assert_eq!(room(bot).len(), 1, "{says}");
        bot.only_looked();
    }
}

fn what_keeps_the_bot_from_reading_is_said_on_the_card(bot: &mut Bot) {
    for (happens, says) in TROUBLES {
        bot.world.reset();
        bot.is_bound(&vault(), BOUND, ONE_LEAD);
        bot.takes(&put(bot, NewVersion::of("not-to-be-had")));
        bot.until_card(UNAPPROVED);
        happens(bot);
        bot.taps(company::BEN, "Approve");
        bot.until_card(FAILED);
        assert!(card(bot).contains(says), "{says}: {}", card(bot));
        bot.nothing_was_sent();
    }
}

fn a_version_that_is_disabled_before_it_is_read_is_not_used(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, ONE_LEAD);
    let version = bot.world.put_secret(Manager::KeyVault, SECRET, NewVersion::of(&bot.secret("withdrawn")));
    bot.takes(&told(bot, "SecretNewVersionCreated", &version));
    bot.until_card(UNAPPROVED);
    bot.world.set_secret_enabled(Manager::KeyVault, SECRET, &version, false);
    bot.taps(company::BEN, "Approve");
    bot.until_card(FAILED);
    assert!(card(bot).contains("None of its versions is enabled and valid by now."), "{}", card(bot));
    bot.nothing_was_sent();
}

fn while_the_vault_is_down_it_is_looked_at_again(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    fails(bot, "keyvault", "versions", 503, 2);
    bot.world.script(Fault::once("keyvault", "versions", FaultKind::LoseRequest));
    bot.takes(&new_version(bot, "in-the-end"));
    bot.until_card(VERIFIED);
    assert_eq!(room(bot), [""; 0], "what passes is nothing to tell of");
}

fn while_the_vault_is_down_an_approved_value_is_waited_for(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, ONE_LEAD);
    bot.takes(&new_version(bot, "in-the-end"));
    bot.until_card(UNAPPROVED);
    fails(bot, "keyvault", "versions", 503, 3);
    bot.taps(company::BEN, "Approve");
    bot.until("the card says so", |_| {
        card(bot).contains("It is tried again. Azure Key Vault has a problem of its own at the moment. (503)")
    });
    bot.until_card(VERIFIED);
    // Down for good.
    bot.wait(Duration::from_secs(1));
    bot.takes(&new_version(bot, "never-to-be-had"));
    bot.until_card(UNAPPROVED);
    fails(bot, "keyvault", "versions", 503, 1000);
    bot.taps(company::BEN, "Approve");
    bot.until_card(FAILED);
    let said = card(bot);
    assert!(said.contains("Azure Key Vault has a problem of its own at the moment. (503)"), "{said}");
    assert_eq!(bot.world.opened().len(), 1);
}

fn the_vault_is_not_asked_before_it_wants_to_be(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, ONE_LEAD);
    let gap = |bot: &Bot| {
        let times = times_of(bot, "keyvault", "versions");
        times.windows(2).map(|two| (two[1] - two[0]) / 1000).max().unwrap_or_default()
    };
    bot.world.script(Fault::once("keyvault", "versions", FaultKind::throttled(90)));
    bot.takes(&new_version(bot, "not-too-soon"));
    bot.until_card(UNAPPROVED);
    assert!((90..120).contains(&gap(bot)), "{}", gap(bot));
    bot.world.script(Fault::once("keyvault", "versions", FaultKind::throttled(200)));
    bot.taps(company::BEN, "Approve");
    bot.until("the card says so", |_| card(bot).contains("It is tried again. Azure Key Vault asks us to slow down"));
    bot.until_card(VERIFIED);
    assert!((200..260).contains(&gap(bot)), "{}", gap(bot));
}

fn a_revoked_token_is_replaced(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    bot.takes(&new_version(bot, "with-the-first-token"));
    bot.until_card(VERIFIED);
    bot.wait(Duration::from_secs(1));
    bot.world.revoke_tokens();
    let began = bot.world.now_ms();
    bot.takes(&new_version(bot, "with-another-token"));
    bot.until("it is in place", |world| world.opened().len() == 2);
    assert!(bot.world.now_ms() - began < 60_000, "nobody had to wait for that");
    assert_eq!(room(bot), [""; 0]);
}

fn what_fails_again_after_it_was_mended_is_said_again(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    for (times, password) in [(1, "the-first"), (2, "the-second")] {
        bot.world.set_manager_denied(Manager::KeyVault, true);
        bot.takes(&new_version(bot, password));
        bot.until("the room hears of it", |_| room(bot).len() == times);
        bot.wait(Duration::from_secs(2 * 60 * 60));
        assert_eq!(room(bot).len(), times, "once for all tries");
        bot.world.set_manager_denied(Manager::KeyVault, false);
        bot.until("it is in place", |world| world.opened().len() == times);
    }
}
