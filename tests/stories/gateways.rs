//! A gateway that cannot be looked up: neither that it is there nor that it is not is guessed from a failure.

use emulator::fabric::refusal;
use emulator::powerbi::error;
use emulator::{Fault, FaultKind, scene};

use crate::bot::Bot;
use crate::places::{BASIC_LOGIN, gets_nothing, gets_nothing_any_more};
use crate::scene::{BASIC, cluster, in_the_cloud, on_premises, target};

crate::stories![
    a_cloud_source_whose_gateway_cannot_be_looked_up_gets_nothing,
    a_source_behind_a_gateway_that_cannot_be_looked_up_gets_nothing,
    a_gateway_called_cloud_that_cannot_be_looked_up_gets_nothing,
    a_gateway_that_cannot_be_looked_up_just_now_is_looked_up_again,
    a_check_of_a_gateway_that_takes_its_time_is_not_waited_for,
    a_check_of_a_gateway_that_is_refused_says_nothing_of_it,
];

/// Answers to a lookup that say nothing of what is there: the kind, and how often it is asked for, and what is logged of it.
fn unhelpful() -> [(FaultKind, u32, &'static str); 7] {
    let page = |code, headers| FaultKind::Status { code, headers, body: "<html>Sign in</html>".to_owned() };
    let elsewhere = vec![("Location".to_owned(), "/powerbi/elsewhere".to_owned())];
    [
        // A token that may have been withdrawn is tried anew once.
        (FaultKind::Status { code: 401, headers: Vec::new(), body: String::new() }, 2, "token"),
        (error::header_only(403, error::NOT_AUTHORIZED), 1, "not-allowed"),
        // A status that says "not found", and a code that says "not yours".
        (error::header_only(404, error::NOT_AUTHORIZED), 1, "not-allowed"),
        // The other way round: a code that says "not found", of something else.
        (error::header_only(400, "EntityNotFound"), 1, "not-found"),
        (FaultKind::status(400, &error::bad_request("Bad Request", "gateway")), 1, "rejected"),
        (page(307, elsewhere), 1, "unintelligible"),
        (page(200, Vec::new()), 1, "unintelligible"),
    ]
}

/// The next so many lookups of a gateway end so; each comes after its data source was read, which is good.
fn looked_up(bot: &Bot, gateway: &str, kind: FaultKind, times: u32) {
    bot.world.script(Fault::once("powerbi", "datasources", FaultKind::Slow(0)).on_method("GET").repeated(times));
    bot.world.script(Fault::once("powerbi", gateway, kind).on_method("GET").repeated(times));
}

/// However the lookup of its gateway fails, in the plan or after it, nothing is sent to the place.
fn gets_nothing_however(bot: &mut Bot, place: &str, gateway: &'static str) {
    for (kind, times, cause) in unhelpful() {
        looked_up(bot, gateway, kind.clone(), times);
        gets_nothing(bot, place, &BASIC_LOGIN, cause);
        let later = |bot: &mut Bot| looked_up(bot, gateway, kind, times);
        gets_nothing_any_more(bot, place, &BASIC_LOGIN, later, cause);
    }
}

fn a_cloud_source_whose_gateway_cannot_be_looked_up_gets_nothing(bot: &mut Bot) {
    gets_nothing_however(bot, &in_the_cloud(scene::GATEWAY_CLOUD, scene::CLOUD_SQL), scene::GATEWAY_CLOUD);
}

fn a_source_behind_a_gateway_that_cannot_be_looked_up_gets_nothing(bot: &mut Bot) {
    gets_nothing_however(bot, &on_premises(scene::GATEWAY_SALES, scene::SALES_SQL), scene::GATEWAY_SALES);
}

fn a_gateway_called_cloud_that_cannot_be_looked_up_gets_nothing(bot: &mut Bot) {
    let place = in_the_cloud(scene::GATEWAY_SALES, scene::SALES_SQL);
    for (kind, times, cause) in unhelpful() {
        looked_up(bot, scene::GATEWAY_SALES, kind, times);
        gets_nothing(bot, &place, &BASIC_LOGIN, cause);
    }
}

/// How the lookups of a gateway and the updates ended, in order; a lookup whose request was lost has no status.
fn told(bot: &Bot, gateway: &str, from: usize) -> Vec<(&'static str, Option<u16>)> {
    let calls = bot.world.received().split_off(from);
    let calls = calls.iter().filter(|call| call.service == "powerbi");
    calls
        .filter_map(|call| match call.method.as_str() {
            "PATCH" => Some(("PATCH", call.status)),
            _ if call.path.ends_with(gateway) => Some(("lookup", call.status)),
            _ => None,
        })
        .collect()
}

fn a_gateway_that_cannot_be_looked_up_just_now_is_looked_up_again(bot: &mut Bot) {
    let places = [
        (scene::GATEWAY_CLOUD, in_the_cloud(scene::GATEWAY_CLOUD, scene::CLOUD_SQL), 404),
        (scene::GATEWAY_SALES, on_premises(scene::GATEWAY_SALES, scene::SALES_SQL), 200),
    ];
    let passing = [
        (FaultKind::throttled(1), Some(429)),
        (FaultKind::Status { code: 503, headers: Vec::new(), body: String::new() }, Some(503)),
        // A body as of a gateway that is not found does not make it one.
        (error::header_only(503, "PowerBIEntityNotFound"), Some(503)),
        (FaultKind::LoseRequest, None),
    ];
    for (gateway, place, good) in places {
        bot.knows(&target("place", "The place", BASIC_LOGIN.login, &[&place]));
        for (kind, status) in &passing {
            let (good, failed) = (("lookup", Some(good)), ("lookup", *status));
            let from = bot.world.received().len();
            looked_up(bot, gateway, kind.clone(), 1);
            bot.ana_asks("place");
            bot.rest();
            assert_eq!(told(bot, gateway, from), [failed, good], "in the plan");

            let from = bot.world.received().len();
            looked_up(bot, gateway, kind.clone(), 1);
            bot.ana_fills_in(BASIC_LOGIN.entered);
            bot.until_card("Rotated and verified, 1 of 1");
            bot.rest();
            assert_eq!(told(bot, gateway, from), [failed, good, ("PATCH", Some(200))], "nothing was sent before");
        }
    }
}

/// A rotation behind a gateway whose check ends with that status each time: it is neither followed nor taken for an answer.
fn verified_without_the_check(bot: &mut Bot, status: Option<u16>) {
    bot.knows(&target("feed", "Lakehouse feed", BASIC, &[&cluster()]));
    bot.ana_rotates("feed", &[("password", "not-held-up-by-a-check")], "Rotated and verified, 1 of 1");
    let calls = bot.world.received();
    let checks: Vec<_> =
        calls.iter().filter(|call| call.path.ends_with("checkStatus")).map(|call| call.status).collect();
    assert_eq!(checks, [status, status], "for the plan, and before sealing");
    assert!(!calls.iter().any(|call| call.path.contains("operations")), "nobody asked how far it is");
    let opened = bot.world.opened();
    assert!(opened.len() == 3 && opened.iter().all(|opened| opened.kept), "{opened:#?}");
}

fn a_check_of_a_gateway_that_takes_its_time_is_not_waited_for(bot: &mut Bot) {
    bot.world.set_long_running(scene::CLUSTER, Some(2));
    verified_without_the_check(bot, Some(202));
}

fn a_check_of_a_gateway_that_is_refused_says_nothing_of_it(bot: &mut Bot) {
    let refused = refusal(403, "InsufficientPermissionsToManageGateway", "No", None);
    bot.world.script(Fault::once("fabric", "checkStatus", refused).repeated(2));
    verified_without_the_check(bot, Some(403));
}
