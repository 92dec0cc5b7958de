//! Azure Key Vault tells of a new version through Event Grid.

use emulator::scene as company;
use emulator::senders::{EventGrid, EventGridSchema, SecretEvent};
use emulator::{Manager, NewVersion};
use serde_json::json;

use super::{Source, VERIFIED, address};
use crate::bot::{Bot, words};
use crate::people::UNAPPROVED;
use crate::scene::ONE_LEAD;

crate::stories![a_new_version_is_put_in_place_by_itself, a_new_version_waits_for_an_approval,];

pub(super) const SECRET: &str = "sales-db-password";

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
    bot.is_bound(&vault(), &format!("name = \"{SECRET}\""), "");
    bot.takes(&new_version(bot, "from-the-vault"));
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("from-the-vault"));
    let card = words(&bot.card(company::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("Asked by the secret manager vault: New version of sales-db-password"), "{card}");
}

fn a_new_version_waits_for_an_approval(bot: &mut Bot) {
    bot.is_bound(&vault(), &format!("name = \"{SECRET}\""), ONE_LEAD);
    bot.takes(&new_version(bot, "after-an-approval"));
    bot.until_card(UNAPPROVED);
    bot.rest();
    assert_eq!(bot.world.secret_reads(), [], "nothing is read before");
    bot.taps(company::BEN, "Approve");
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("after-an-approval"));
}
