//! Access tokens in a fresh isolate: one for each service, however much is done at once; without one, what is known is told.

use std::time::Duration;

use emulator::{Fault, FaultKind, World, scene};
use serde_json::json;

use crate::bot::{Bot, words};
use crate::page::{OFF, link_of, plan};
use crate::scene::{BASIC, cluster, connection, on_premises, target};

crate::stories![
    one_token_for_each_service_however_many_places_there_are,
    without_a_token_each_place_is_told_as_far_as_it_came,
    without_a_token_a_model_is_told_as_far_as_it_came;
    here only because "the page reads gateways again after ten minutes":
    one_token_for_each_service_however_many_gateways_the_page_needs,
];

/// Three data sources, and three connections; there is room for all of them in one waking.
fn knows_six(bot: &mut Bot, settings: &[(&str, &str)]) {
    bot.with(&[&[("CALLS_PER_WAKING", "1000")], settings].concat());
    let places = [
        on_premises(scene::GATEWAY_SALES, scene::SALES_SQL),
        on_premises(scene::GATEWAY_FINANCE, scene::FINANCE_SQL),
        on_premises(scene::GATEWAY_PLANT, scene::PLANT_SQL),
        cluster(),
        connection(scene::CONNECTION_PERSONAL, "OnPremisesGatewayPersonal"),
        connection(scene::CONNECTION_VNET, "VirtualNetworkGateway"),
    ];
    bot.knows(&target("six", "Six places", BASIC, &places.each_ref().map(String::as_str)));
}

/// Entra answers when everything that needs a token has asked.
fn slow_entra(bot: &Bot) {
    if bot.is_here() {
        bot.here().answers_late("login");
    } else {
        bot.world.script(Fault::once("login", "token", FaultKind::Slow(300)).repeated(u32::MAX));
    }
}

/// Entra refuses us so many times, in a way that asking again does not help.
fn refused(bot: &Bot, times: u32) {
    let refused = FaultKind::status(400, &json!({"error": "unauthorized_client"}));
    bot.world.script(Fault::once("login", "token", refused).repeated(times));
}

const REFUSED: &str = "Microsoft Entra refused this program's own identity.";

fn tokens(bot: &Bot) -> usize {
    bot.world.received().iter().filter(|call| call.service == "login").count()
}

/// So many such calls are made at once and never answered, and the bot is ended when it waits for that. From then on Entra
/// refuses it so many times. Answers how many tokens were asked for until then: it goes on as soon as it is back.
fn dies_over(bot: &mut Bot, (service, method, path, times): Calls, refusals: u32, go_on: impl FnOnce(&Bot)) -> usize {
    let silent = |world: &World| world.received().iter().filter(|call| call.status.is_none()).count();
    let before = silent(&bot.world);
    bot.world.script(Fault::once(service, path, FaultKind::Hang).on_method(method).repeated(times));
    go_on(bot);
    bot.until("all wait", |world| silent(world) == before + usize::try_from(times).unwrap());
    let asked = tokens(bot);
    refused(bot, refusals);
    bot.crash();
    asked
}

/// Service, method, a part of the path, and how many.
type Calls = (&'static str, &'static str, &'static str, u32);
const UPDATE: Calls = ("powerbi", "PATCH", "", 3);
const TEST: Calls = ("fabric", "POST", "testConnection", 3);

fn one_token_for_each_service_however_many_places_there_are(bot: &mut Bot) {
    knows_six(bot, &[]);
    slow_entra(bot);
    bot.ana_asks("six");
    assert_eq!(tokens(bot), 2, "for the check");
    bot.crash();
    let asked = dies_over(bot, UPDATE, 0, |bot| bot.ana_enters("with-one-token-each"));
    assert_eq!(asked, 3, "for Power BI's keys");
    let asked = dies_over(bot, TEST, 0, |_| {});
    assert_eq!(asked, 5, "for Power BI's updates, and for Fabric's keys");
    bot.until_card("Rotated and verified, 6 of 6");
    assert_eq!(tokens(bot), 6, "for Fabric's tests");
}

fn one_token_for_each_service_however_many_gateways_the_page_needs(bot: &mut Bot) {
    knows_six(bot, &OFF);
    slow_entra(bot);
    bot.ana_requests("six");
    bot.until_her_card(crate::bot::WAITING);
    let renewed = |bot: &Bot| {
        bot.wait(Duration::from_secs(9 * 60));
        link_of(bot)
    };
    renewed(bot);
    let ticket = renewed(bot);
    bot.crash();
    let before = tokens(bot);
    assert_eq!(plan(bot, &ticket)["gateways"].as_array().unwrap().len(), 5);
    assert_eq!(tokens(bot) - before, 2);

    // Nor is it asked for once more by each when it is refused.
    renewed(bot);
    let ticket = renewed(bot);
    bot.crash();
    refused(bot, 2);
    let before = tokens(bot);
    let (status, body) = crate::page::ask(bot, &ticket);
    assert_eq!((status.as_u16(), body["left_out"].as_array().unwrap().len()), (200, 5), "{body}");
    assert_eq!(tokens(bot) - before, 2);
}

fn without_a_token_each_place_is_told_as_far_as_it_came(bot: &mut Bot) {
    const UNCHANGED: &str = "The old credential is still in force.";
    const UNKNOWN: &str = "An update was sent and not confirmed: the old or the new credential may be in force.";
    const STORED: &str = "The new credential is stored, but the test did not pass.";
    // Where it dies, what is told, and for how many services a token is asked for after that: once each.
    let cases: [(_, _, &[_], _); 3] = [
        (None, "Not rotated", &[(UNCHANGED, 6)], 2),
        (Some(UPDATE), "Not confirmed, 0 of 6 are good", &[(UNKNOWN, 3), (UNCHANGED, 3)], 2),
        (Some(TEST), "Partly rotated, 3 of 6 are good", &[(STORED, 3)], 1),
    ];
    knows_six(bot, &[]);
    for (dies, says, states, services) in cases {
        bot.ana_asks("six");
        let enter = |bot: &Bot| bot.ana_enters("as-far-as-it-came");
        let before = match dies {
            None => {
                bot.crash();
                refused(bot, services);
                let before = tokens(bot);
                enter(bot);
                before
            }
            Some(call) => dies_over(bot, call, services, enter),
        };
        bot.until_card(says);
        let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
        for (state, places) in states {
            assert_eq!(card.matches(&format!("{state} {REFUSED}")).count(), *places, "{state}: {card}");
        }
        bot.rest();
        assert_eq!(tokens(bot) - before, usize::try_from(services).unwrap());
    }
}

fn without_a_token_a_model_is_told_as_far_as_it_came(bot: &mut Bot) {
    let knows = |bot: &Bot, id: &str, more: &str| {
        let workspace = scene::WORKSPACE;
        let model =
            format!(r#"{{ model = {{ workspace = "{workspace}", dataset = "{id}", reach = "Cloud", {more} }} }}"#);
        bot.knows(&target("reports", "Sales reports", BASIC, &[&model]));
    };
    let told = |bot: &Bot, ends: &str, state: &str| {
        bot.until_card(ends);
        let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
        assert!(card.contains(&format!("{state}{REFUSED}")), "{card}");
        bot.rest();
    };
    knows(bot, scene::DATASET_CLOUD, "take_over = true");
    refused(bot, 1);
    bot.ana_requests("reports");
    told(bot, "Not rotated", "*Semantic model e1c2d0d3*\n");

    bot.ana_asks("reports");
    dies_over(bot, ("powerbi", "POST", "TakeOver", 1), 1, |bot| bot.ana_enters("never-taken-over"));
    told(bot, "Not rotated", "The old credential is still in force. ");

    knows(bot, scene::DATASET_ON_PREMISES, "refresh = true");
    bot.ana_asks("reports");
    dies_over(bot, ("powerbi", "POST", "/refreshes", 1), 1, |bot| bot.ana_enters("never-refreshed"));
    told(bot, "Rotated and verified, 2 of 2", "Its refresh did not complete. ");
}
