//! What the services refuse: said in words, the old credential still in force, and nothing sent that must not be.

use emulator::fabric::Rights;
use emulator::powerbi::error;
use emulator::{Fault, FaultKind, scene};
use serde_json::{Value, json};

use crate::bot::Bot;
use crate::places::{BASIC_LOGIN, gets_nothing, gets_nothing_any_more, reads_as};
use crate::scene::{BASIC, WINDOWS, cluster, connection, in_the_cloud, on_premises, sales_db, target};

crate::stories![
    a_gateway_that_is_offline_is_said_to_be,
    a_gateway_that_is_not_there_is_not_guessed_at,
    a_connection_we_may_only_use_is_not_changed,
    a_gateway_that_was_given_a_new_key_meanwhile_keeps_the_old_credential,
    a_member_that_was_given_a_new_key_meanwhile_keeps_the_old_credential,
    a_gateway_that_is_given_a_new_key_on_the_way_is_said_to_have_one,
    a_member_that_is_given_a_new_key_on_the_way_is_said_to_have_one,
    what_is_rejected_for_another_reason_is_not_blamed_on_the_key,
    a_new_key_between_the_check_and_the_entry_is_the_one_that_counts,
    a_key_that_must_not_be_used_is_not_used,
    one_member_with_a_bad_key_keeps_everything_from_being_sent,
    a_credential_the_source_refuses_leaves_the_old_one_in_force,
    one_good_and_one_bad_destination_is_partly,
    a_redirect_is_not_followed,
    a_page_for_people_is_not_taken_for_an_answer,
];

const PASSWORD: &[(&str, &str)] = &[("password", "never-in-force")];

fn one_place() -> String {
    target("sales-db", "Sales warehouse", WINDOWS, &[&on_premises(scene::GATEWAY_SALES, scene::SALES_SQL)])
}

/// How many updates were sent.
pub fn updates(bot: &Bot) -> usize {
    bot.world.received().iter().filter(|call| call.method == "PATCH").count()
}

fn a_gateway_that_is_offline_is_said_to_be(bot: &mut Bot) {
    bot.world.set_gateway_online(scene::GATEWAY_SALES, false);
    bot.world.set_gateway_online(scene::CLUSTER, false);
    bot.knows(&sales_db());
    let card = bot.ana_rotates("sales-db", PASSWORD, "Not rotated");
    let words =
        "The old credential is still in force. The gateway is offline or disabled. Ask its administrator to start it.";
    assert_eq!(card.matches(words).count(), 2, "{card}");
    bot.only_looked();
    assert!(bot.log().contains("\"outcome\":\"gateway-offline\""), "{}", bot.log());

    // After the check, when the keys are read again.
    let place = on_premises(scene::GATEWAY_SALES, scene::SALES_SQL);
    bot.world.set_gateway_online(scene::GATEWAY_SALES, true);
    let off = |bot: &mut Bot| bot.world.set_gateway_online(scene::GATEWAY_SALES, false);
    let card = gets_nothing_any_more(bot, &place, &BASIC_LOGIN, off, "gateway-offline");
    assert!(card.contains(words), "{card}");
    bot.world.set_gateway_online(scene::CLUSTER, true);
    let off = |bot: &mut Bot| bot.world.set_gateway_online(scene::CLUSTER, false);
    let card = gets_nothing_any_more(bot, &cluster(), &BASIC_LOGIN, off, "gateway-offline");
    assert!(card.contains(words), "{card}");

    // After that, when the update is sent.
    bot.world.set_gateway_online(scene::GATEWAY_SALES, true);
    let unreachable = FaultKind::status(400, &error::pipeline(error::UNREACHABLE, None));
    bot.world.script(Fault::once("powerbi", "datasources", unreachable).on_method("PATCH"));
    bot.knows(&one_place());
    let card = bot.ana_rotates("sales-db", PASSWORD, "Not rotated");
    assert!(card.contains("(400, DM_GWPipeline_Client_GatewayUnreachable)"), "{card}");
}

fn a_gateway_that_is_not_there_is_not_guessed_at(bot: &mut Bot) {
    let nowhere = "deadbeef-0000-4000-8000-000000000000";
    for place in [on_premises(nowhere, scene::SALES_SQL), in_the_cloud(nowhere, scene::CLOUD_SQL)] {
        let card = gets_nothing(bot, &place, &BASIC_LOGIN, "not-found");
        assert!(card.contains("Power BI does not find it, or hides it from this program."), "{card}");
        assert!(card.contains("(404, PowerBIEntityNotFound)"), "{card}");
    }
    for (gateway, id) in [(scene::GATEWAY_SALES, scene::SALES_SQL), (scene::GATEWAY_CLOUD, scene::CLOUD_SQL)] {
        let place = if gateway == scene::GATEWAY_CLOUD { in_the_cloud(gateway, id) } else { on_premises(gateway, id) };
        let gone = |bot: &mut Bot| {
            let gone = error::header_only(404, "PowerBIEntityNotFound");
            bot.world.script(Fault::once("powerbi", id, gone).on_method("GET"));
        };
        gets_nothing_any_more(bot, &place, &BASIC_LOGIN, gone, "not-found");
    }
}

fn a_connection_we_may_only_use_is_not_changed(bot: &mut Bot) {
    bot.world.set_connection_rights(scene::CONNECTION_CLOUD, Rights::User);
    bot.knows(&target("shop", "Web shop", BASIC, &[&connection(scene::CONNECTION_CLOUD, "ShareableCloud")]));
    let card = bot.ana_rotates("shop", PASSWORD, "Not rotated");
    assert!(card.contains("Fabric says this program may not do that. It must own the connection"), "{card}");
    assert!(card.contains("(403, InsufficientPermissionsToManageConnection)"), "{card}");
    assert!(bot.world.opened().is_empty());
    assert!(bot.world.connection_credential(scene::CONNECTION_CLOUD).unwrap().contains("first-password"));
}

/// The first update is put off; meanwhile the gateway is restored with a new key.
fn re_keyed(bot: &mut Bot, service: &str, catalog: &str, gateway: &str, member: &str) {
    bot.knows(catalog);
    bot.world.script(Fault::once(service, "", FaultKind::throttled(2)).on_method("PATCH"));
    bot.ana_asks("sales-db");
    bot.ana_fills_in(PASSWORD);
    bot.until("the update is put off", |world| world.received().iter().any(|call| call.status == Some(429)));
    bot.world.set_member_key(gateway, member, scene::REPLACEMENT_KEY).unwrap();
    bot.until_card("Not rotated");
    let card = crate::bot::words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("The old credential is still in force."), "{card}");
    assert!(card.contains(NEW_KEY), "{card}");
    assert!(card.contains("Rotate again to enter the credential for the present key."), "{card}");
    assert_eq!(updates(bot), 1, "what is sealed to the old key is not sent again");
    assert!(bot.world.opened().is_empty());

    bot.ana_rotates("sales-db", PASSWORD, "Rotated and verified, 1 of 1");
}

fn a_gateway_that_was_given_a_new_key_meanwhile_keeps_the_old_credential(bot: &mut Bot) {
    re_keyed(bot, "powerbi", &one_place(), scene::GATEWAY_SALES, scene::GATEWAY_SALES);
}

fn a_member_that_was_given_a_new_key_meanwhile_keeps_the_old_credential(bot: &mut Bot) {
    let catalog = target("sales-db", "Sales warehouse", WINDOWS, &[&cluster()]);
    re_keyed(bot, "fabric", &catalog, scene::CLUSTER, scene::CLUSTER_SECOND);
}

const NEW_KEY: &str = "The gateway's key is not the one the credential was sealed to";

/// The gateway is restored with a new key while the first update is on its way to it.
fn re_keyed_on_the_way(bot: &mut Bot, service: &str, catalog: &str, gateway: &str, member: &str, code: &str) {
    bot.knows(catalog);
    bot.world.script(Fault::once(service, "", FaultKind::rekeyed(gateway, member)).on_method("PATCH"));
    let card = bot.ana_rotates("sales-db", PASSWORD, "Not rotated");
    assert!(card.contains(&format!("The old credential is still in force. {NEW_KEY}")), "{card}");
    assert!(
        card.contains(&format!("Rotate again to enter the credential for the present key. (400, {code})")),
        "{card}"
    );
    assert_eq!(updates(bot), 1, "what is sealed to the old key is not sent again");
    assert!(bot.world.opened().is_empty());
    bot.ana_rotates("sales-db", PASSWORD, "Rotated and verified, 1 of 1");
}

fn a_gateway_that_is_given_a_new_key_on_the_way_is_said_to_have_one(bot: &mut Bot) {
    let sales = scene::GATEWAY_SALES;
    re_keyed_on_the_way(bot, "powerbi", &one_place(), sales, sales, error::UNKNOWN);
}

fn a_member_that_is_given_a_new_key_on_the_way_is_said_to_have_one(bot: &mut Bot) {
    let catalog = target("sales-db", "Sales warehouse", WINDOWS, &[&cluster()]);
    re_keyed_on_the_way(bot, "fabric", &catalog, scene::CLUSTER, scene::CLUSTER_SECOND, error::UNKNOWN);
}

fn what_is_rejected_for_another_reason_is_not_blamed_on_the_key(bot: &mut Bot) {
    bot.knows(&one_place());
    let rejected = || FaultKind::status(400, &error::pipeline(error::UNKNOWN, None));
    let down = FaultKind::Status { code: 503, headers: Vec::new(), body: String::new() };
    for keys in [None, Some(down)] {
        let from = bot.world.received().len();
        bot.ana_asks("sales-db");
        bot.world.script(Fault::once("powerbi", "datasources", rejected()).on_method("PATCH"));
        if let Some(fault) = &keys {
            // The place and its gateway are read to seal for it; what fails is the place read once more.
            bot.world.script(Fault::once("powerbi", "", FaultKind::Slow(0)).on_method("GET").repeated(2));
            bot.world.script(Fault::once("powerbi", "", fault.clone()).on_method("GET"));
        }
        bot.ana_fills_in(PASSWORD);
        bot.until_card("Not rotated");
        bot.rest();
        let card = crate::bot::words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
        assert!(card.contains("Power BI rejected the request. (400, DM_GWPipeline_UnknownError)"), "{card}");
        assert!(!card.contains(NEW_KEY), "{card}");
        let calls = bot.world.received().split_off(from);
        assert_eq!(calls.iter().filter(|call| call.method == "PATCH").count(), 1);
        let failed = calls.iter().filter(|call| call.status == Some(503)).count();
        assert_eq!(failed, usize::from(keys.is_some()), "the keys were read once more");
    }
}

fn a_new_key_between_the_check_and_the_entry_is_the_one_that_counts(bot: &mut Bot) {
    bot.knows(&sales_db());
    bot.ana_asks("sales-db");
    bot.world.set_member_key(scene::GATEWAY_SALES, scene::GATEWAY_SALES, scene::REPLACEMENT_KEY).unwrap();
    bot.world.set_member_key(scene::CLUSTER, scene::CLUSTER_SECOND, scene::REPLACEMENT_KEY).unwrap();
    bot.ana_enters("sealed-to-the-new-key");
    bot.until_card("Rotated and verified, 2 of 2");
    assert_eq!((updates(bot), bot.world.opened().len()), (2, 4));
}

fn a_key_that_must_not_be_used_is_not_used(bot: &mut Bot) {
    let keys = [
        (json!({"exponent": "AQAB", "modulus": "not base64!"}), "is not valid base64."),
        (json!({"exponent": "AQAB", "modulus": "AAAB"}), "has 1 bits; gateways have keys of 2048 bits or more."),
        (json!({"exponent": "AQAB", "modulus": "gAAA".repeat(86)}), "is an even number."),
        (json!({"exponent": "AQAB", "modulus": "/".repeat(2732)}), "has more than 8192 bits."),
        (Value::Null, "It shows no public key to this program."),
    ];
    for (key, why) in keys {
        let gateway = json!({"id": scene::GATEWAY_SALES, "type": "Resource", "publicKey": key});
        let shows = |bot: &mut Bot| {
            // The data source is read first, then its gateway.
            bot.world.script(Fault::once("powerbi", "datasources", FaultKind::Slow(0)));
            bot.world.script(Fault::once("powerbi", scene::GATEWAY_SALES, FaultKind::status(200, &gateway)));
        };
        let place = on_premises(scene::GATEWAY_SALES, scene::SALES_SQL);
        shows(bot);
        let in_the_plan = gets_nothing(bot, &place, &BASIC_LOGIN, "key-unusable");
        let later = gets_nothing_any_more(bot, &place, &BASIC_LOGIN, shows, "key-unusable");
        for card in [in_the_plan, later] {
            assert!(card.contains("The gateway's public key cannot be used, so nothing was sent."), "{card}");
            assert!(card.contains(why), "{card}");
        }
    }
}

fn one_member_with_a_bad_key_keeps_everything_from_being_sent(bot: &mut Bot) {
    let member = |id: &str, modulus: &str| json!({"id": id, "displayName": "m", "publicKey": {"exponent": "AQAB", "modulus": modulus}, "version": "1", "enabled": true});
    let good = "//".repeat(170) + "/w==";
    let members = json!({"value": [member(scene::CLUSTER, &good), member(scene::CLUSTER_SECOND, "AAAA")]});
    let shows = |bot: &mut Bot| reads_as(bot, "fabric", "members", &members);
    shows(bot);
    let in_the_plan = gets_nothing(bot, &cluster(), &BASIC_LOGIN, "key-unusable");
    let later = gets_nothing_any_more(bot, &cluster(), &BASIC_LOGIN, shows, "key-unusable");
    for card in [in_the_plan, later] {
        assert!(card.contains("has 0 bits; gateways have keys of 2048 bits or more."), "{card}");
    }
}

fn a_credential_the_source_refuses_leaves_the_old_one_in_force(bot: &mut Bot) {
    bot.world.set_source_password(scene::SALES_SQL, Some("first-password"));
    bot.world.set_source_password(scene::CONNECTION_CLUSTER, Some("first-password"));
    bot.knows(&sales_db());
    let card = bot.ana_rotates("sales-db", PASSWORD, "Not rotated");
    let words = "The old credential is still in force. The data source refused the new login. Check the user name and what was entered.";
    assert_eq!(card.matches(words).count(), 2, "{card}");
    assert_eq!(card.matches("(400, DM_GWPipeline_Gateway_InvalidConnectionCredentials)").count(), 2, "{card}");
    assert!(bot.world.opened().iter().all(|opened| !opened.kept), "the gateways opened it, and it was not kept");
    assert!(bot.world.datasource_credential(scene::SALES_SQL).unwrap().contains("first-password"));
    // The services' own words name the login.
    let shown = format!("{:?}{}", bot.world.messages(), bot.log());
    assert!(!shown.contains("svc_sales") && !shown.contains("Login failed"), "{shown}");
}

fn one_good_and_one_bad_destination_is_partly(bot: &mut Bot) {
    bot.world.set_source_password(scene::CONNECTION_CLUSTER, Some("first-password"));
    bot.knows(&sales_db());
    let card = bot.ana_rotates("sales-db", &[("password", "good-in-one-place")], "Partly rotated, 1 of 2 are good");
    let bad = card.find("*Fabric connection 70b17680*\nThe old credential is still in force.").expect(&card);
    let good = card.find("*Power BI data source 252b9de8*\nThe new credential is stored, and the").expect(&card);
    assert!(bad < good, "what needs somebody comes first: {card}");
    let ana = bot.world.person(scene::ANA);
    bot.does(&ana.slash(scene::CHANNEL_SALES, "status sales-db"));
    assert!(bot.told(scene::ANA).contains("Nothing is going on.   partly rotated"), "{}", bot.told(scene::ANA));
}

fn a_redirect_is_not_followed(bot: &mut Bot) {
    let elsewhere = || FaultKind::Status {
        code: 307,
        headers: vec![("Location".to_owned(), "/powerbi/elsewhere".to_owned())],
        body: String::new(),
    };
    let shows = |bot: &mut Bot| bot.world.script(Fault::once("powerbi", "datasources", elsewhere()).on_method("GET"));
    let place = on_premises(scene::GATEWAY_SALES, scene::SALES_SQL);
    shows(bot);
    let in_the_plan = gets_nothing(bot, &place, &BASIC_LOGIN, "unintelligible");
    let later = gets_nothing_any_more(bot, &place, &BASIC_LOGIN, shows, "unintelligible");
    for card in [in_the_plan, later] {
        assert!(card.contains("Power BI answered something this program does not understand. (307)"), "{card}");
    }

    bot.world.script(Fault::once("powerbi", "datasources", elsewhere()).on_method("PATCH"));
    let card = bot.ana_rotates("place", PASSWORD, "Not confirmed, 0 of 1 are good");
    assert!(card.contains("the old or the new credential may be in force."), "{card}");
    assert!(card.contains("Rotate again to be sure."), "{card}");
    assert!(!bot.world.received().iter().any(|call| call.path.contains("elsewhere")), "nobody went there");
}

fn a_page_for_people_is_not_taken_for_an_answer(bot: &mut Bot) {
    let page = |code| FaultKind::Status { code, headers: Vec::new(), body: "<html>Sign in as svc_sales</html>".into() };
    let shows = |bot: &mut Bot| bot.world.script(Fault::once("powerbi", "datasources", page(200)).on_method("GET"));
    let place = on_premises(scene::GATEWAY_SALES, scene::SALES_SQL);
    shows(bot);
    let in_the_plan = gets_nothing(bot, &place, &BASIC_LOGIN, "unintelligible");
    let later = gets_nothing_any_more(bot, &place, &BASIC_LOGIN, shows, "unintelligible");
    for card in [in_the_plan, later] {
        assert!(card.contains("Power BI answered something this program does not understand. (200)"), "{card}");
    }

    bot.world.script(Fault::once("powerbi", "datasources", page(403)).on_method("PATCH"));
    let card = bot.ana_rotates("place", PASSWORD, "Not rotated");
    assert!(card.contains("Power BI says this program may not do that.") && card.contains("(403)"), "{card}");
    assert!(!card.contains("svc_sales") && !card.contains("html"), "{card}");

    let refused = error::header_only(403, "PowerBINotAuthorizedException");
    bot.world.script(Fault::once("powerbi", "datasources", refused).on_method("PATCH"));
    let card = bot.ana_rotates("place", PASSWORD, "Not rotated");
    assert!(card.contains("(403, PowerBINotAuthorizedException)"), "{card}");
}
