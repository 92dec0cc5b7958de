//! Semantic models and paginated reports as destinations: set, owned where that is allowed, and seen to work by a refresh.

use emulator::powerbi::error;
use emulator::{Fault, FaultKind, World, scene};
use serde_json::json;

use crate::bot::{Bot, WAITING, words};
use crate::many::{calls, updates_of};
use crate::scene::{BASIC, on_premises, target};

crate::stories![
    what_a_model_reads_from_is_set,
    a_model_reads_from_gateways_and_from_the_cloud,
    what_is_in_the_cloud_has_to_be_said_to_be,
    a_model_of_somebody_else_is_taken_over,
    a_report_of_somebody_else_is_taken_over,
    without_leave_to_take_it_over_it_is_left_and_said,
    nothing_is_taken_over_before_the_credential_is_there,
    a_taking_over_that_is_refused_is_said,
    killed_over_the_taking_over_it_goes_on,
    two_models_with_one_owner_are_both_set,
    a_gateway_we_do_not_administer_is_not_taken_over,
    sources_of_several_types_have_to_be_told_apart,
    a_model_that_is_bound_to_nothing_is_refused,
    a_model_with_too_much_behind_it_is_refused,
    the_deprecated_call_helps_where_ids_are_missing,
    a_workspace_we_are_not_in_is_said,
    a_place_that_is_named_as_well_is_set_once,
    two_models_with_one_source_set_it_once,
];

const ENTERED: &[(&str, &str)] = &[("password", "behind-the-model")];

/// A model, or a report, with these keys besides.
fn of(kind: &str, id: &str, more: &str) -> String {
    format!(r#"{{ model = {{ workspace = "{}", {kind} = "{id}"{more} }} }}"#, scene::WORKSPACE)
}

fn knows(bot: &Bot, places: &[String]) {
    bot.knows(&target("reports", "Sales reports", BASIC, &places.iter().map(String::as_str).collect::<Vec<_>>()));
}

/// Where a credential arrived, in order, without repetitions.
fn set(world: &World) -> Vec<String> {
    let mut places: Vec<_> = world.opened().into_iter().map(|opened| opened.place).collect();
    places.sort();
    places.dedup();
    places
}

fn taken_over(world: &World) -> usize {
    calls(world).iter().filter(|call| call.path.ends_with("Default.TakeOver")).count()
}

const CLOUD: &str = r#", reach = "Cloud""#;
const MINE: &str = r#", reach = "Cloud", take_over = true"#;

fn what_a_model_reads_from_is_set(bot: &mut Bot) {
    knows(bot, &[of("dataset", scene::DATASET_ON_PREMISES, "")]);
    let card = bot.ana_rotates("reports", ENTERED, "Rotated and verified, 2 of 2");
    assert_eq!(set(&bot.world), [scene::SALES_SQL, scene::PLANT_SQL]);
    assert!(bot.world.opened().iter().all(|opened| opened.member.is_some()), "sealed to their gateways");
    assert_eq!(taken_over(&bot.world), 0);
    assert!(!card.contains("refresh"), "{card}");
}

fn a_model_reads_from_gateways_and_from_the_cloud(bot: &mut Bot) {
    knows(bot, &[of("dataset", scene::DATASET, CLOUD)]);
    bot.ana_rotates("reports", ENTERED, "Rotated and verified, 2 of 2");
    let opened = bot.world.opened();
    let sealed = |place: &str| opened.iter().find(|opened| opened.place == place).map(|opened| opened.member.is_some());
    assert_eq!((sealed(scene::SALES_SQL), sealed(scene::CLOUD_SQL)), (Some(true), Some(false)));
}

fn what_is_in_the_cloud_has_to_be_said_to_be(bot: &mut Bot) {
    knows(bot, &[of("dataset", scene::DATASET, "")]);
    let card = bot.ana_rotates("reports", &[], "Not rotated");
    assert!(card.contains("A data source in the cloud needs reach = \"Cloud\"."), "{card}");
    assert!(updates_of(&bot.world).is_empty());
}

fn a_model_of_somebody_else_is_taken_over(bot: &mut Bot) {
    knows(bot, &[of("dataset", scene::DATASET_CLOUD, MINE)]);
    bot.ana_rotates("reports", ENTERED, "Rotated and verified, 1 of 1");
    assert!(bot.world.model_owned(scene::DATASET_CLOUD));
    let now = bot.world.model_sources(scene::DATASET_CLOUD);
    assert_eq!((now.len(), now[0].0.as_str(), taken_over(&bot.world)), (1, scene::GATEWAY_CLOUD, 1));
    assert_eq!(set(&bot.world), [now[0].1.clone()], "under the id it has now");
    assert!(bot.log().contains("\"event\":\"take-over\",\"outcome\":\"ok\""), "{}", bot.log());

    // The next time it is ours.
    bot.ana_rotates("reports", ENTERED, "Rotated and verified, 1 of 1");
    assert_eq!((bot.world.opened().len(), taken_over(&bot.world)), (2, 1));
}

fn a_report_of_somebody_else_is_taken_over(bot: &mut Bot) {
    knows(bot, &[of("report", scene::REPORT, MINE)]);
    bot.ana_rotates("reports", ENTERED, "Rotated and verified, 1 of 1");
    let now = bot.world.model_sources(scene::REPORT);
    assert!(bot.world.model_owned(scene::REPORT));
    assert_eq!((set(&bot.world), taken_over(&bot.world)), (vec![now[0].1.clone()], 1));
}

fn without_leave_to_take_it_over_it_is_left_and_said(bot: &mut Bot) {
    knows(bot, &[of("dataset", scene::DATASET_CLOUD, CLOUD)]);
    let card = bot.ana_rotates("reports", &[], "Not rotated");
    assert!(
        card.contains("Power BI says this program may not do that. It must be an admin of the gateway, or own"),
        "{card}"
    );
    assert!(
        card.contains("can be taken over, if the catalog allows it. (401, PowerBINotAuthorizedException)"),
        "{card}"
    );
    assert_eq!((taken_over(&bot.world), updates_of(&bot.world).len()), (0, 0));
}

fn nothing_is_taken_over_before_the_credential_is_there(bot: &mut Bot) {
    knows(bot, &[of("dataset", scene::DATASET_CLOUD, MINE)]);
    bot.ana_requests("reports");
    bot.until_her_card(WAITING);
    let plan = words(&bot.her_card().blocks);
    assert!(plan.contains("It was checked and is ready. What somebody else owns of it will be taken over."), "{plan}");
    bot.rest();
    assert!(!bot.world.model_owned(scene::DATASET_CLOUD) && taken_over(&bot.world) == 0);
}

fn a_taking_over_that_is_refused_is_said(bot: &mut Bot) {
    knows(bot, &[of("dataset", scene::DATASET_CLOUD, MINE)]);
    let refused = FaultKind::status(403, &error::pipeline(error::NOT_AUTHORIZED, None));
    bot.world.script(Fault::once("powerbi", "TakeOver", refused));
    let card = bot.ana_rotates("reports", ENTERED, "Not rotated");
    assert!(
        card.contains("The old credential is still in force. Power BI says this program may not do that."),
        "{card}"
    );
    assert_eq!((taken_over(&bot.world), updates_of(&bot.world).len()), (1, 0));
}

fn killed_over_the_taking_over_it_goes_on(bot: &mut Bot) {
    knows(bot, &[of("dataset", scene::DATASET_CLOUD, MINE)]);
    bot.ana_requests("reports");
    bot.until_her_card(WAITING);
    // It is done, and what it reads from then is never answered.
    bot.ana_opens_the_form();
    bot.world.script(Fault::once("powerbi", "TakeOver", FaultKind::LoseResponse));
    bot.world.script(Fault::once("powerbi", "/datasets/", FaultKind::Hang).on_method("GET"));
    bot.ana_fills_in(ENTERED);
    bot.until("the bot waits", |world| {
        world
            .received()
            .iter()
            .any(|call| call.path.contains("/datasets/") && call.status.is_none() && call.method == "GET")
    });
    bot.crash();
    bot.until_card("Rotated and verified, 1 of 1");
    let now = bot.world.model_sources(scene::DATASET_CLOUD);
    assert_eq!(set(&bot.world), [now[0].1.clone()]);
}

fn two_models_with_one_owner_are_both_set(bot: &mut Bot) {
    knows(bot, &[of("dataset", scene::DATASET_CLOUD, MINE), of("report", scene::REPORT, MINE)]);
    bot.ana_rotates("reports", ENTERED, "Rotated and verified, 2 of 2");
    let mut now: Vec<_> =
        [scene::DATASET_CLOUD, scene::REPORT].map(|id| bot.world.model_sources(id)[0].1.clone()).to_vec();
    now.sort();
    assert_eq!((set(&bot.world), taken_over(&bot.world)), (now, 2));
}

/// Whatever status the service says it with: taking the model over would not help, and nothing goes out in clear.
fn a_gateway_we_do_not_administer_is_not_taken_over(bot: &mut Bot) {
    bot.world.set_gateway_admin(scene::GATEWAY_PLANT, false);
    knows(bot, &[of("dataset", scene::DATASET_ON_PREMISES, MINE)]);
    for status in [401, 403, 404] {
        bot.world.set_powerbi_denied_status(status);
        bot.ana_rotates("reports", &[], "Not rotated");
        assert_eq!((taken_over(&bot.world), updates_of(&bot.world).len()), (0, 0), "{status}");
    }
}

/// What the service says of the model's sources, once for the plan.
fn reads_from(bot: &Bot, sources: &serde_json::Value) {
    let path = format!("datasets/{}/datasources", scene::DATASET_ON_PREMISES);
    bot.world.script(Fault::once("powerbi", &path, FaultKind::status(200, &json!({ "value": sources }))));
}

fn sources_of_several_types_have_to_be_told_apart(bot: &mut Bot) {
    let sources = json!([
        {"datasourceType": "Sql", "gatewayId": scene::GATEWAY_SALES, "datasourceId": scene::SALES_SQL},
        {"datasourceType": "Oracle", "gatewayId": scene::GATEWAY_SALES, "datasourceId": scene::SALES_ORACLE},
    ]);
    knows(bot, &[of("dataset", scene::DATASET_ON_PREMISES, "")]);
    reads_from(bot, &sources);
    let card = bot.ana_rotates("reports", &[], "Not rotated");
    assert!(
        card.contains("Its data sources are of several types: say in the catalog which, with only = \"…\"."),
        "{card}"
    );
    assert!(bot.world.opened().is_empty());

    knows(bot, &[of("dataset", scene::DATASET_ON_PREMISES, r#", only = "oracle""#)]);
    reads_from(bot, &sources);
    bot.ana_rotates("reports", ENTERED, "Rotated and verified, 1 of 1");
    assert_eq!(set(&bot.world), [scene::SALES_ORACLE]);
}

fn a_model_that_is_bound_to_nothing_is_refused(bot: &mut Bot) {
    bot.world.set_model_bound(scene::DATASET_ON_PREMISES, false);
    knows(
        bot,
        &[of("dataset", scene::DATASET_ON_PREMISES, ""), on_premises(scene::GATEWAY_FINANCE, scene::FINANCE_SQL)],
    );
    bot.ana_requests("reports");
    bot.until_her_card(WAITING);
    let plan = words(&bot.her_card().blocks);
    assert!(plan.contains("*Semantic model d0b1cfc2* is not ready"), "{plan}");
    assert!(plan.contains("It has no data source that is bound to a gateway or a cloud connection."), "{plan}");
    bot.ana_opens_the_form();
    bot.ana_fills_in(ENTERED);
    bot.until_card("Partly rotated, 1 of 1 are good");
}

fn a_model_with_too_much_behind_it_is_refused(bot: &mut Bot) {
    let id = |kind: usize, n: usize| format!("00000000-0000-4000-{kind:04x}-{n:012x}");
    let source =
        |gateway: String, n| json!({"datasourceType": "Sql", "gatewayId": gateway, "datasourceId": id(0xb000, n)});
    let looked_up =
        |bot: &Bot| calls(&bot.world).iter().filter(|call| call.path.contains("/gateways/00000000")).count();
    knows(bot, &[of("dataset", scene::DATASET_ON_PREMISES, "")]);
    // Seven gateways, each of which is found.
    reads_from(bot, &(0..7).map(|n| source(id(0xa000, n), n)).collect());
    let found = FaultKind::status(200, &json!({"id": id(0xa000, 0)}));
    bot.world.script(Fault::once("powerbi", "/gateways/00000000", found).on_method("GET").repeated(6));
    let card = bot.ana_rotates("reports", &[], "Not rotated");
    assert!(card.contains("Its data sources are bound to more than 6 gateways."), "{card}");
    assert_eq!(looked_up(bot), 6);

    reads_from(bot, &(0..51).map(|n| source(scene::GATEWAY_SALES.to_owned(), n)).collect());
    let card = bot.ana_rotates("reports", &[], "Not rotated");
    assert!(card.contains("It has more than 50 data sources of that type."), "{card}");
    assert!(updates_of(&bot.world).is_empty());
}

fn the_deprecated_call_helps_where_ids_are_missing(bot: &mut Bot) {
    knows(bot, &[of("dataset", scene::DATASET_ON_PREMISES, "")]);
    reads_from(bot, &json!([{"datasourceType": "Sql", "gatewayId": "", "datasourceId": ""}]));
    bot.ana_rotates("reports", ENTERED, "Rotated and verified, 2 of 2");
    let asked =
        calls(&bot.world).iter().filter(|call| call.path.ends_with("Default.GetBoundGatewayDatasources")).count();
    assert_eq!((asked, set(&bot.world).len()), (1, 2));
}

fn a_workspace_we_are_not_in_is_said(bot: &mut Bot) {
    bot.world.set_workspace_member(scene::WORKSPACE, false);
    knows(bot, &[of("dataset", scene::DATASET_ON_PREMISES, "")]);
    let card = bot.ana_rotates("reports", &[], "Not rotated");
    assert!(card.contains("Power BI says this program may not do that."), "{card}");
}

fn a_place_that_is_named_as_well_is_set_once(bot: &mut Bot) {
    let named = on_premises(scene::GATEWAY_SALES, scene::SALES_SQL);
    knows(bot, &[named, of("dataset", scene::DATASET_ON_PREMISES, "")]);
    bot.ana_rotates("reports", ENTERED, "Rotated and verified, 2 of 2");
    assert_eq!((bot.world.opened().len(), set(&bot.world).len()), (2, 2));
}

fn two_models_with_one_source_set_it_once(bot: &mut Bot) {
    knows(bot, &[of("dataset", scene::DATASET_ON_PREMISES, ""), of("dataset", scene::DATASET, CLOUD)]);
    bot.ana_rotates("reports", ENTERED, "Rotated and verified, 3 of 3");
    assert_eq!((bot.world.opened().len(), set(&bot.world).len()), (3, 3));
}
