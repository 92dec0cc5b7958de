//! The service's own test after the update: passed, failed, long, and without an end.

use std::time::Duration;

use emulator::powerbi::error;
use emulator::{Fault, FaultKind, scene};
use serde_json::{Value, json};

use crate::bot::Bot;
use crate::scene::{BASIC, WINDOWS, on_premises, target};

crate::stories![
    a_test_that_fails_is_told_and_the_new_credential_is_stored,
    a_connection_set_without_a_check_is_tested_all_the_same,
    a_test_that_cannot_be_run_is_told;
    here only because "Fabric asks to look again after half a minute":
    a_long_test_is_followed_to_its_end,
    a_long_test_that_comes_to_no_good_is_told,
    a_long_test_that_fails_itself_is_told,
    a_test_without_an_end_is_left,
];

const STORED: &str = "The new credential is stored, but the test did not pass.";
const NOT_CONFIRMED: &str = "Not confirmed, 0 of 1 are good";

/// A cloud connection; `more` goes into its destination.
fn shop(more: &str) -> String {
    let id = scene::CONNECTION_CLOUD;
    let place = format!(r#"{{ connection = {{ id = "{id}", via = "ShareableCloud"{more} }} }}"#);
    target("shop", "Web shop", BASIC, &[&place])
}

fn a_test_that_fails_is_told_and_the_new_credential_is_stored(bot: &mut Bot) {
    let place = on_premises(scene::GATEWAY_SALES, scene::SALES_SQL);
    bot.knows(&target("sales-db", "Sales warehouse", WINDOWS, &[&place]));
    let words = "Login failed for user 'CONTOSO\\svc_sales'.";
    let refused = FaultKind::status(400, &error::pipeline(error::REFUSED_LOGIN, Some(words)));
    bot.world.script(Fault::once("powerbi", "status", refused));
    let card = bot.ana_rotates("sales-db", &[("password", "stored-and-not-good")], NOT_CONFIRMED);
    assert!(card.contains(&format!("{STORED} The data source refused the new login.")), "{card}");
    assert!(card.contains("Reports may fail until this is mended."), "{card}");
    assert!(!card.contains("old credential") && !card.contains("svc_sales"), "{card}");
    assert!(bot.world.datasource_credential(scene::SALES_SQL).unwrap().contains("stored-and-not-good"));
}

fn a_connection_set_without_a_check_is_tested_all_the_same(bot: &mut Bot) {
    bot.world.set_source_password(scene::CONNECTION_CLOUD, Some("the-right-password"));
    bot.knows(&shop(", skip_test = true"));
    let card = bot.ana_rotates("shop", &[("password", "set-without-a-check")], NOT_CONFIRMED);
    assert!(card.contains(&format!("{STORED} The data source refused the new login.")), "{card}");
    assert!(card.contains("(200, DM_GWPipeline_Gateway_InvalidConnectionCredentials)"), "{card}");
    assert_eq!(bot.world.tests().len(), 1);
}

fn a_test_that_cannot_be_run_is_told(bot: &mut Bot) {
    bot.knows(&shop(""));
    let refused = emulator::fabric::refusal(403, "InsufficientPermissionsToManageConnection", "No", None);
    bot.world.script(Fault::once("fabric", "testConnection", refused));
    let card = bot.ana_rotates("shop", &[("password", "stored-and-untested")], NOT_CONFIRMED);
    assert!(card.contains(&format!("{STORED} Fabric says this program may not do that.")), "{card}");
    let updates = bot.world.received().iter().filter(|call| call.method == "PATCH").count();
    assert_eq!(updates, 1, "the update is not repeated for it");
}

fn a_long_test_is_followed_to_its_end(bot: &mut Bot) {
    bot.world.set_long_running(scene::CONNECTION_CLOUD, Some(2));
    bot.knows(&shop(""));
    let begun = bot.world.now_ms();
    bot.ana_rotates("shop", &[("password", "tested-for-long")], "Rotated and verified, 1 of 1");
    assert!((90_000..95_000).contains(&(bot.world.now_ms() - begun)), "three looks, half a minute apart");
    let looks: Vec<_> = bot
        .world
        .received()
        .into_iter()
        .filter(|call| call.path.contains("operations/"))
        .map(|call| call.path)
        .collect();
    assert!(looks.len() == 4 && looks[3].ends_with("/result"), "{looks:?}");
    assert_eq!(bot.world.tests().len(), 1, "the test is begun once");
}

fn a_long_test_that_comes_to_no_good_is_told(bot: &mut Bot) {
    bot.world.set_long_running(scene::CONNECTION_CLOUD, Some(1));
    bot.world.set_source_password(scene::CONNECTION_CLOUD, Some("the-right-password"));
    bot.knows(&shop(", skip_test = true"));
    let card = bot.ana_rotates("shop", &[("password", "to-no-good")], NOT_CONFIRMED);
    assert!(card.contains(&format!("{STORED} The data source refused the new login.")), "{card}");
}

fn a_long_test_that_fails_itself_is_told(bot: &mut Bot) {
    bot.world.set_long_running(scene::CONNECTION_CLOUD, Some(1));
    bot.knows(&shop(""));
    let state = json!({
        "status": "Failed",
        "percentComplete": Value::Null,
        "error": {"errorCode": "DM_GWPipeline_Client_GatewayUnreachable", "message": "svc_sales could not"},
    });
    bot.world.script(Fault::once("fabric", "operations", FaultKind::status(200, &state)));
    let card = bot.ana_rotates("shop", &[("password", "failed-itself")], NOT_CONFIRMED);
    assert!(card.contains(&format!("{STORED} The gateway is offline or disabled.")), "{card}");
    assert!(!card.contains("svc_sales"), "{card}");
}

fn a_test_without_an_end_is_left(bot: &mut Bot) {
    bot.world.set_long_running(scene::CONNECTION_CLOUD, Some(u32::MAX));
    bot.knows(&shop(""));
    let begun = bot.world.now_ms();
    let card = bot.ana_rotates("shop", &[("password", "without-an-end")], NOT_CONFIRMED);
    let took = Duration::from_millis(bot.world.now_ms() - begun);
    assert!((14 * 60..=15 * 60 + 5).contains(&took.as_secs()), "{took:?}");
    assert!(card.contains("The new credential is stored, but the test did not pass."), "{card}");
}
