//! The main job: a command in Slack re-keys a Power BI data source and a Fabric connection.

use emulator::{Fault, FaultKind, scene};
use serde_json::{Value, json};

use crate::bot::{Bot, WAITING, words};
use crate::scene::sales_db;

crate::stories![a_command_rekeys_a_data_source_and_a_connection, the_card_says_at_each_stage_what_is_so];

fn a_command_rekeys_a_data_source_and_a_connection(bot: &mut Bot) {
    bot.knows(&sales_db());
    let password = "N3w\\pass\"word 🔐 <&>";
    bot.ana_asks("sales-db");
    let form = bot.modal_words(scene::ANA);
    assert!(
        form.contains("Sales warehouse") && form.contains("1 Power BI data source and 1 Fabric connection"),
        "{form}"
    );
    bot.ana_enters(password);
    bot.until_card("Rotated and verified, 2 of 2");

    // Every gateway member opened the new password with its own private key.
    let opened = bot.world.opened();
    let members: Vec<_> = opened.iter().map(|opened| opened.member.as_deref().unwrap()).collect();
    let expected = [scene::GATEWAY_SALES, scene::CLUSTER, scene::CLUSTER_SECOND, scene::CLUSTER_THIRD];
    assert_eq!(members, expected);
    for credential in &opened {
        let plain: Value = serde_json::from_str(&credential.plaintext).unwrap();
        let data =
            json!([{"name": "username", "value": "CONTOSO\\svc_sales"}, {"name": "password", "value": password}]);
        assert_eq!(plain["credentialData"], data);
        assert!(credential.kept && credential.credential_type == "Windows");
    }
    let tested: Vec<_> = bot.world.tests().iter().map(|test| (test.place.clone(), test.online)).collect();
    assert_eq!(tested, [(scene::SALES_SQL.to_owned(), true), (scene::CONNECTION_CLUSTER.to_owned(), true)]);

    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("The new credential is stored, and the service's own test passed."), "{card}");
    assert!(!card.contains("Enter credential"), "the buttons are gone: {card}");
}

fn the_card_says_at_each_stage_what_is_so(bot: &mut Bot) {
    bot.knows(&sales_db());
    // The connection makes the rotation wait a little, so that the card is seen in between.
    bot.world.script(Fault::once("fabric", "connections", FaultKind::throttled(5)).on_method("GET"));
    bot.ana_requests("sales-db");
    bot.until_card("Checking the plan, 1 of 2");
    assert_eq!(
        steady(&bot.card(scene::CHANNEL_DATA_OPS).blocks),
        "\
Rotate Sales warehouse
*Checking the plan, 1 of 2*
Asked by <@W0ANA>: Quarterly rotation
Will be set in 1 Power BI data source and 1 Fabric connection.
Cancel rotation
sales-db · Reference <reference> · The old value cannot be read back, so this cannot be undone."
    );

    bot.until_card(WAITING);
    assert_eq!(
        steady(&bot.card(scene::CHANNEL_DATA_OPS).blocks),
        "\
Rotate Sales warehouse
*Waiting for the new credential* until <time>
Asked by <@W0ANA>: Quarterly rotation
Will be set in 1 Power BI data source and 1 Fabric connection. All 2 were checked and are ready.
Enter credential
Cancel rotation
sales-db · Reference <reference> · The old value cannot be read back, so this cannot be undone."
    );

    bot.until_her_card(WAITING);
    bot.ana_opens_the_form();
    bot.world.script(Fault::once("fabric", "connections", FaultKind::throttled(5)).on_method("PATCH"));
    bot.ana_enters("seen-at-each-stage");
    bot.until_card("Rotating, 1 of 2 done");
    assert_eq!(
        steady(&bot.card(scene::CHANNEL_DATA_OPS).blocks),
        "\
Rotate Sales warehouse
*Rotating, 1 of 2 done*
Asked by <@W0ANA>: Quarterly rotation
*Power BI data source 252b9de8*
The new credential is stored, and the service's own test passed. Request <id>.
*Fabric connection 70b17680*
Not done yet.
sales-db · Reference <reference> · The old value cannot be read back, so this cannot be undone."
    );

    bot.until_card("Rotated and verified, 2 of 2");
    assert_eq!(
        steady(&bot.card(scene::CHANNEL_DATA_OPS).blocks),
        "\
Rotate Sales warehouse
*Rotated and verified, 2 of 2*
Asked by <@W0ANA>: Quarterly rotation
*Power BI data source 252b9de8*
The new credential is stored, and the service's own test passed. Request <id>.
*Fabric connection 70b17680*
The new credential is stored, and the service's own test passed. Request <id>.
sales-db · Reference <reference>"
    );
    let posted = bot.world.messages().iter().filter(|message| message.channel == scene::CHANNEL_DATA_OPS).count();
    assert_eq!(posted, 1, "one card, rewritten");
}

/// A card's words with what differs from run to run named instead: times, the reference, request ids.
fn steady(blocks: &Value) -> String {
    let named = |line: &str| {
        let line = match line.split_once("<!date") {
            Some((before, _)) => format!("{before}<time>"),
            None => line.to_owned(),
        };
        let line = match line.split_once(" Request ") {
            Some((before, id)) if id.len() == 37 && id.ends_with('.') => format!("{before} Request <id>."),
            _ => line,
        };
        match line.split_once("Reference ") {
            Some((before, after)) => format!("{before}Reference <reference>{}", &after["WFF9-ZR6T".len()..]),
            None => line,
        }
    };
    words(blocks).lines().map(named).collect::<Vec<_>>().join("\n")
}
