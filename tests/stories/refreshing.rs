//! A refresh at the end, which shows that a semantic model can be read with the new credential.

use std::time::Duration;

use emulator::powerbi::error;
use emulator::{Fault, FaultKind, RefreshEnd, World, scene};

use crate::bot::{Bot, words};
use crate::many::calls;
use crate::scene::{BASIC, on_premises, target};

crate::stories![
    a_refresh_that_cannot_be_started_is_said;
    here only because "a refresh is looked at every quarter of a minute":
    a_refresh_shows_that_it_works,
    a_refresh_that_fails_is_told_with_its_code,
    a_refresh_without_an_end_is_left,
    while_another_runs_ours_waits,
    another_that_never_ends_is_not_waited_for,
    a_refresh_that_somebody_cancelled_is_said,
    a_refresh_that_was_left_out_is_said,
    each_model_is_refreshed_when_its_own_places_are_good,
    what_failed_is_repeated_and_then_refreshed,
    what_failed_is_repeated_while_a_refresh_runs,
    a_refresh_is_followed_when_what_failed_is_left,
];

const ENTERED: &[(&str, &str)] = &[("password", "shown-by-a-refresh")];
const BOTH: &str = "Rotated and verified, 2 of 2";

fn model(id: &str) -> String {
    format!(
        r#"{{ model = {{ workspace = "{}", dataset = "{id}", reach = "Cloud", refresh = true }} }}"#,
        scene::WORKSPACE
    )
}

fn knows(bot: &Bot, places: &[String]) {
    bot.knows(&target("reports", "Sales reports", BASIC, &places.iter().map(String::as_str).collect::<Vec<_>>()));
}

/// Refreshes asked for.
fn begun(world: &World) -> usize {
    calls(world).iter().filter(|call| call.method == "POST" && call.path.ends_with("/refreshes")).count()
}

fn rotates(bot: &mut Bot, says: &str) -> String {
    knows(bot, &[model(scene::DATASET_ON_PREMISES)]);
    bot.ana_rotates("reports", ENTERED, says)
}

fn a_refresh_shows_that_it_works(bot: &mut Bot) {
    bot.world.script_refreshes(scene::DATASET_ON_PREMISES, RefreshEnd::AfterLooks(2), None);
    knows(bot, &[model(scene::DATASET_ON_PREMISES)]);
    bot.ana_asks("reports");
    bot.ana_fills_in(ENTERED);
    bot.until_card("Rotating, 2 of 2 done");
    bot.until("the card says so", |world| {
        world.messages().iter().any(|message| words(&message.blocks).contains("Its refresh is running."))
    });
    bot.until_card(BOTH);
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("*Semantic model d0b1cfc2*\nIts refresh completed with the new credential."), "{card}");
    assert_eq!(begun(&bot.world), 1);
}

fn a_refresh_that_fails_is_told_with_its_code(bot: &mut Bot) {
    for (code, says) in [
        (error::REFUSED_LOGIN, "Its refresh did not complete. The data source refused the new login."),
        ("ModelRefresh_ShortMessage_ProcessingError", "Its refresh did not complete. Its data is that of before."),
    ] {
        bot.world.script_refreshes(scene::DATASET_ON_PREMISES, RefreshEnd::AfterLooks(1), Some(code));
        let card = rotates(bot, BOTH);
        assert!(card.contains(says) && card.contains(&format!("({code})")), "{card}");
    }
}

fn a_refresh_without_an_end_is_left(bot: &mut Bot) {
    bot.world.script_refreshes(scene::DATASET_ON_PREMISES, RefreshEnd::AfterLooks(u32::MAX), None);
    let begun = bot.world.now_ms();
    let card = rotates(bot, BOTH);
    let took = Duration::from_millis(bot.world.now_ms() - begun);
    assert!((29 * 60..32 * 60).contains(&took.as_secs()), "{took:?}");
    assert!(card.contains("It was still running after half an hour, and may yet complete."), "{card}");
}

/// A refresh that we began and were not told of is another one as good as any.
fn another_runs(bot: &Bot, looks: u32) {
    bot.world.script_refreshes(scene::DATASET_ON_PREMISES, RefreshEnd::AfterLooks(looks), None);
    bot.world.script(Fault::once("powerbi", "/refreshes", FaultKind::LoseResponse).on_method("POST"));
}

fn while_another_runs_ours_waits(bot: &mut Bot) {
    another_runs(bot, 3);
    let card = rotates(bot, BOTH);
    assert!(card.contains("Its refresh completed with the new credential."), "{card}");
    let looks: Vec<_> = calls(&bot.world).into_iter().filter(|call| call.path.contains("/refreshes")).collect();
    let refused = looks.iter().filter(|call| call.status == Some(400)).count();
    let accepted = looks.iter().filter(|call| call.status == Some(202)).count();
    assert_eq!((refused, accepted), (3, 1), "{looks:#?}");
}

fn another_that_never_ends_is_not_waited_for(bot: &mut Bot) {
    another_runs(bot, u32::MAX);
    let card = rotates(bot, BOTH);
    assert!(
        card.contains("Another refresh was still running after half an hour: start one when that has ended."),
        "{card}"
    );
}

fn a_refresh_that_cannot_be_started_is_said(bot: &mut Bot) {
    bot.world.set_shared_capacity(scene::DATASET_ON_PREMISES, true);
    bot.world.script(Fault::once("powerbi", "/refreshes", error::header_only(400, "InvalidRequest")).on_method("POST"));
    let card = rotates(bot, BOTH);
    assert!(card.contains("Its refresh did not complete. Power BI rejected the request."), "{card}");
}

/// The refresh has come to this while it runs.
fn comes_to(bot: &mut Bot, status: &str, says: &str) {
    bot.world.script_refreshes(scene::DATASET_ON_PREMISES, RefreshEnd::AfterLooks(5), None);
    knows(bot, &[model(scene::DATASET_ON_PREMISES)]);
    bot.ana_asks("reports");
    bot.ana_fills_in(ENTERED);
    bot.until("it is begun", |world| begun(world) == 1);
    bot.rest();
    let refresh = calls(&bot.world).into_iter().rfind(|call| call.path.ends_with("/refreshes")).expect("a refresh");
    assert_eq!(refresh.status, Some(202));
    let row = |id: &str| serde_json::json!({"requestId": id, "status": status});
    // Each id that the service has given out so far.
    let all: Vec<_> = (0..2000).map(|n| row(&format!("00000000-0000-4000-8000-{n:012x}"))).collect();
    let ended = FaultKind::status(200, &serde_json::json!({ "value": all }));
    bot.world.script(Fault::once("powerbi", "/refreshes", ended).on_method("GET"));
    bot.until_card(BOTH);
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    let words = format!("Its refresh did not complete. Its data is that of before. {says}");
    assert!(card.contains(&words), "{card}");
}

fn a_refresh_that_somebody_cancelled_is_said(bot: &mut Bot) {
    comes_to(bot, "Cancelled", "Somebody cancelled it.");
}

fn a_refresh_that_was_left_out_is_said(bot: &mut Bot) {
    comes_to(bot, "Disabled", "The service left it out.");
}

fn each_model_is_refreshed_when_its_own_places_are_good(bot: &mut Bot) {
    // What the first reads from fails; what they share is good.
    bot.world.set_source_password(scene::PLANT_SQL, Some("another-one-entirely"));
    knows(bot, &[model(scene::DATASET_ON_PREMISES), model(scene::DATASET)]);
    let card = bot.ana_rotates("reports", ENTERED, "Partly rotated, 2 of 3 are good.");
    assert_eq!(card.matches("Its refresh completed with the new credential.").count(), 1, "{card}");
    assert!(card.contains("*Semantic model cfafbeb1*\nIts refresh completed"), "{card}");
    assert_eq!(begun(&bot.world), 1);
}

fn what_failed_is_repeated_and_then_refreshed(bot: &mut Bot) {
    bot.world.set_gateway_online(scene::GATEWAY_PLANT, false);
    knows(bot, &[model(scene::DATASET_ON_PREMISES), on_premises(scene::GATEWAY_FINANCE, scene::FINANCE_SQL)]);
    bot.ana_asks("reports");
    bot.ana_fills_in(ENTERED);
    bot.until_card("Partly rotated, 2 of 3 are good. What failed can be tried again");
    assert_eq!(begun(&bot.world), 0);
    bot.world.set_gateway_online(scene::GATEWAY_PLANT, true);
    bot.taps(scene::ANA, "Retry failed");
    bot.until_card("Rotated and verified, 3 of 3");
    assert_eq!(begun(&bot.world), 1);
}

/// A refresh that runs until its half an hour is over, and a place off line that has nothing to do with it.
fn one_off_line_while_a_refresh_runs(bot: &Bot) {
    bot.world.script_refreshes(scene::DATASET_ON_PREMISES, RefreshEnd::AfterLooks(u32::MAX), None);
    bot.world.set_gateway_online(scene::GATEWAY_FINANCE, false);
    knows(bot, &[model(scene::DATASET_ON_PREMISES), on_premises(scene::GATEWAY_FINANCE, scene::FINANCE_SQL)]);
    bot.ana_asks("reports");
    bot.ana_fills_in(ENTERED);
    bot.until_card("Partly rotated, 2 of 3 are good. What failed can be tried again");
    bot.until("it is begun", |world| begun(world) == 1);
    bot.until("the card says so", |_| {
        words(&bot.card(scene::CHANNEL_DATA_OPS).blocks).contains("Its refresh is running.")
    });
}

fn what_failed_is_repeated_while_a_refresh_runs(bot: &mut Bot) {
    one_off_line_while_a_refresh_runs(bot);
    bot.wait(Duration::from_secs(5 * 60));
    bot.world.set_gateway_online(scene::GATEWAY_FINANCE, true);
    bot.taps(scene::ANA, "Retry failed");
    bot.until_card("Rotating, 3 of 3 done");
    bot.until_card("Rotated and verified, 3 of 3");
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("It was still running after half an hour, and may yet complete."), "{card}");
    assert_eq!(begun(&bot.world), 1);
}

fn a_refresh_is_followed_when_what_failed_is_left(bot: &mut Bot) {
    one_off_line_while_a_refresh_runs(bot);
    let kept = |bot: &Bot| String::from_utf8(bot.kept()).unwrap().contains("\"credential\": ");
    assert!(kept(bot), "it may be tried again");
    bot.taps(scene::ANA, "Leave as it is");
    bot.until_card("Rotating, 3 of 3 done");
    assert!(!kept(bot), "a refresh needs no secret");
    assert!(!words(&bot.card(scene::CHANNEL_DATA_OPS).blocks).contains("Retry failed"));
    bot.until_card("Partly rotated, 2 of 3 are good. Reference");
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("It was still running after half an hour, and may yet complete."), "{card}");
}
