//! The main job: a command in Slack re-keys a Power BI data source and a Fabric connection.

use emulator::scene;
use serde_json::{Value, json};

use crate::bot::{Bot, words};
use crate::scene::sales_db;

crate::stories![a_command_rekeys_a_data_source_and_a_connection];

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
    bot.rest();
    let kept = String::from_utf8_lossy(&bot.kept()).into_owned();
    assert!(!kept.contains("sealed/"), "ciphertexts are deleted at the end: {kept}");
}
