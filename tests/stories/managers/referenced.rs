//! Places that read Azure Key Vault themselves: Fabric has the new value already, so they are tested and not overwritten.

use emulator::{Fault, FaultKind, Manager, NewVersion, scene as company};
use serde_json::json;

use super::key_vault::{SECRET, new_version, vault};
use super::{LOGIN, PATH, PLACES, catalog};
use crate::bot::{Bot, words};
use crate::scene::{on_premises, referenced};

crate::stories![
    what_reads_the_vault_itself_is_tested_beside_what_is_set,
    where_every_place_reads_the_vault_itself_nothing_is_read,
    a_test_that_fails_there_is_said_as_such,
];

/// Binds `sales-db`, in these places, to the vault.
fn is_bound_in(bot: &mut Bot, places: &[String]) {
    let mut changes = PLACES.to_vec();
    let secrets = json!({ "path": bot.secret(PATH) }).to_string();
    changes.push(("SOURCE_VAULT", &secrets));
    bot.with(&changes);
    let one = on_premises(company::GATEWAY_SALES, company::SALES_SQL);
    let catalog = catalog(&vault(), LOGIN, &format!("name = \"{SECRET}\""), "");
    bot.knows(&catalog.replace(&format!("[{one}]"), &format!("[{}]", places.join(", "))));
}

fn reading() -> String {
    referenced(company::CONNECTION_KEY_VAULT)
}

fn what_reads_the_vault_itself_is_tested_beside_what_is_set(bot: &mut Bot) {
    is_bound_in(bot, &[on_premises(company::GATEWAY_SALES, company::SALES_SQL), reading()]);
    bot.takes(&new_version(bot, "for-the-other-place"));
    bot.until_card("Rotated and verified, 2 of 2");
    let card = words(&bot.card(company::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("Fabric reads Azure Key Vault itself for it: nothing was sent, and it connects."), "{card}");
    let sent: Vec<_> = bot.world.opened().into_iter().map(|opened| opened.place).collect();
    assert_eq!(sent, [company::SALES_SQL]);
    assert!(bot.world.tests().iter().any(|test| test.place == company::CONNECTION_KEY_VAULT && test.online));
}

fn where_every_place_reads_the_vault_itself_nothing_is_read(bot: &mut Bot) {
    is_bound_in(bot, &[reading()]);
    bot.takes(&new_version(bot, "read-by-nobody-here"));
    bot.until_card("Rotated and verified, 1 of 1");
    assert_eq!((bot.world.secret_reads(), bot.world.opened()), (Vec::new(), Vec::new()));
    // It is settled: nothing is opened for it again.
    bot.wakes_up();
    bot.rest();
    assert_eq!(bot.happened("open", "ok"), 1, "{}", bot.log());
}

fn a_test_that_fails_there_is_said_as_such(bot: &mut Bot) {
    is_bound_in(bot, &[reading()]);
    let refused = json!({ "errorCode": "DM_GWPipeline_Gateway_DataSourceAccessError", "message": "" });
    let fault = Fault::once("fabric", "testConnection", FaultKind::status(400, &refused));
    bot.world.script(fault.on_method("POST"));
    bot.world.put_secret(Manager::KeyVault, SECRET, NewVersion::of(&bot.secret("an-older-one")));
    bot.takes(&new_version(bot, "that-does-not-open"));
    bot.until_card("Not rotated");
    let card = words(&bot.card(company::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("nothing was sent, and its test did not pass."), "{card}");
}
