//! `/pbi doctor`: operators learn what is missing and what to do about it, and nobody else learns anything.

use emulator::{Fault, FaultKind, scene};
use serde_json::json;

use crate::bot::Bot;
use crate::scene::{
    BASIC, TEAMS_AS_WELL, WINDOWS, cluster, connection, in_the_cloud, on_premises, referenced, sales_db, target,
};

crate::stories![
    the_doctor_is_for_operators,
    a_doctor_who_finds_everything_well_says_what_was_looked_at,
    a_target_that_is_not_there_is_said_with_the_nearest_names,
    a_secret_that_has_expired_is_found_although_a_token_is_kept,
    an_app_that_may_too_little_is_told_which_scopes_it_misses,
    a_token_of_another_workspace_is_found,
    groups_that_nobody_can_act_through_are_found,
    every_place_that_is_not_ready_is_told_with_what_to_do,
    the_same_trouble_of_many_places_is_told_once,
    a_slack_that_fails_in_the_middle_is_a_finding_too;
    here only because "it counts the calls of an invocation, or waits for a service that never answers, or is for settings with the world's address":
    a_group_that_the_directory_does_not_have_is_found,
    what_does_not_fit_into_one_look_is_named,
    what_never_answers_does_not_hold_the_report_up,
    what_rotations_need_of_the_quota_is_left_to_them,
];

/// The catalog, for which Gil is an operator, and whoever is in the group of leads.
fn operated(catalog: &str) -> String {
    format!("operators = [\"slack:{}\"]\n{catalog}", scene::GROUP_LEADS)
}

impl Bot {
    /// The doctor's report to somebody, after it was said that it is being looked.
    fn doctor(&self, user: &str, text: &str) -> String {
        self.rest();
        let before = self.world.messages().len();
        self.types(user, text);
        self.until("there is a report", |world| world.messages().len() > before + 1);
        let new: Vec<_> = self.world.messages().into_iter().skip(before).collect();
        assert_eq!(new.len(), 2, "{new:#?}");
        assert!(new.iter().all(|message| message.only_for.as_deref() == Some(user)), "for nobody else to see");
        assert_eq!(new[0].text, "Looking. What there is to say comes here within half a minute.");
        self.told(user)
    }
}

fn the_doctor_is_for_operators(bot: &mut Bot) {
    let refused = "This is for the operators that the catalog names. Nothing was changed.";
    bot.knows(&sales_db());
    assert_eq!(bot.asks(scene::GIL, "doctor"), refused, "without operators it is nobody");
    bot.knows(&operated(&sales_db()));
    for text in ["doctor", "doctor sales-db", "DOCTOR nowhere"] {
        assert_eq!(bot.asks(scene::ANA, text), refused, "{text}");
    }
    assert!(bot.asks(scene::CYD, "doctor").contains("you are signed in as a guest account."));
    assert!(bot.asks(scene::EVE, "doctor").contains("an account of another organisation."));
    bot.world.set_group_disabled(scene::GROUP_LEADS, true);
    assert!(bot.asks(scene::GIL, "doctor").contains("Slack"), "who cannot be asked for is nobody");
    assert_eq!(bot.logged("not-operator"), 4);
    bot.only_looked();
}

fn a_doctor_who_finds_everything_well_says_what_was_looked_at(bot: &mut Bot) {
    bot.knows(&operated(&sales_db()));
    let report = bot.doctor(scene::GIL, "doctor");
    let well = format!(
        "*Everything is well*\n*Well:* Token for Power BI, Token for Fabric, Slack, User group {} (sales-db), User group {} (operators), sales-db",
        scene::GROUP_DATA,
        scene::GROUP_LEADS,
    );
    assert_eq!(report, well);
    assert_eq!(bot.doctor(scene::GIL, "doctor SALES-DB"), well);
    assert!(bot.world.opened().is_empty() && bot.world.tests().is_empty(), "looking changes nothing");
    bot.only_looked();
}

fn a_target_that_is_not_there_is_said_with_the_nearest_names(bot: &mut Bot) {
    bot.knows(&operated(&sales_db()));
    assert!(bot.asks(scene::GIL, "doctor sales-bd").contains("Did you mean sales-db?"));
    assert!(bot.asks(scene::GIL, "doctor payroll").starts_with("There is no target of that name."));
    assert!(bot.asks(scene::GIL, "doctor sales_db").starts_with("That is not the name of a target."));
    assert!(bot.asks(scene::GIL, "docter").starts_with("Did you mean /pbi doctor?"));
    bot.only_looked();
}

fn a_secret_that_has_expired_is_found_although_a_token_is_kept(bot: &mut Bot) {
    bot.knows(&operated(&sales_db()));
    assert!(bot.doctor(scene::GIL, "doctor").starts_with("*Everything is well*"));
    let expired =
        json!({ "error": "invalid_client", "error_description": "AADSTS7000222: expired.", "error_codes": [7000222] });
    bot.world.script(Fault::once("login", "", FaultKind::status(401, &expired)).repeated(2));
    let report = bot.doctor(scene::GIL, "doctor");
    assert!(report.starts_with("*3 things need somebody*\n*Token for Power BI*\nMicrosoft Entra refused"), "{report}");
    assert!(report.contains("AADSTS7000222") && report.contains("*Token for Fabric*"), "{report}");
    assert!(report.contains("*Targets*\nWithout a token nothing can be read of them."), "{report}");
    assert!(bot.log().contains(r#""event":"doctor","outcome":"wrong""#));
    // With one of the two, what can be looked at is.
    bot.world.script(Fault::once("login", "", FaultKind::status(401, &expired)));
    let report = bot.doctor(scene::GIL, "doctor");
    assert!(report.starts_with("*1 thing needs somebody*\n*Token for Power BI*\n"), "{report}");
    assert!(report.contains("*Well:* Token for Fabric,") && report.ends_with(", sales-db"), "{report}");
}

fn an_app_that_may_too_little_is_told_which_scopes_it_misses(bot: &mut Bot) {
    bot.knows(&operated(&sales_db()));
    bot.world.set_scope("im:write", false);
    bot.world.set_scope("commands", false);
    let report = bot.doctor(scene::GIL, "doctor");
    let expected =
        "*1 thing needs somebody*\n*Slack*\nThe app may not commands, im:write. Add that under OAuth &amp; Permissions";
    assert!(report.starts_with(expected), "{report}");
}

fn a_token_of_another_workspace_is_found(bot: &mut Bot) {
    bot.knows(&operated(&sales_db()));
    for (answer, expected) in [
        (
            json!({ "ok": true, "team_id": scene::FOREIGN_TEAM, "bot_id": "B1" }),
            "is for another workspace than SLACK_TEAM_ID",
        ),
        (json!({ "ok": true, "team_id": scene::TEAM }), "is not an app's bot token"),
        (json!({ "ok": true, "team_id": scene::TEAM, "bot_id": "B1" }), "Slack does not say what the app may do."),
        (json!({ "ok": false, "error": "invalid_auth" }), "Slack refused this program's own identity."),
    ] {
        bot.world.script(Fault::once("slack", "auth.test", FaultKind::status(200, &answer)));
        let report = bot.doctor(scene::GIL, "doctor");
        assert!(report.contains("*Slack*\n") && report.contains(expected), "{expected}: {report}");
        assert!(report.ends_with(", sales-db"), "everything else is looked at all the same: {report}");
    }
}

fn groups_that_nobody_can_act_through_are_found(bot: &mut Bot) {
    let gone = "S0GONE";
    let catalog = sales_db().replace("askers = [", &format!("askers = [\"slack:{gone}\", "));
    bot.knows(&format!("operators = [\"slack:{}\", \"slack:{gone}\"]\n{catalog}", scene::GIL));
    for user in [scene::ANA, scene::BEN] {
        bot.world.set_group_member(scene::GROUP_DATA, user, false);
    }
    let report = bot.doctor(scene::GIL, "doctor");
    let empty = format!("*User group {} (sales-db)*\nNobody is in it.", scene::GROUP_DATA);
    assert!(report.starts_with("*2 things need somebody*") && report.contains(&empty), "{report}");
    let none = format!("*User group {gone} (operators, sales-db)*\nSlack has no such group, or it is disabled.");
    assert!(report.contains(&none), "{report}");
}

fn a_group_that_the_directory_does_not_have_is_found(bot: &mut Bot) {
    bot.with(TEAMS_AS_WELL);
    let gone = "5e6f7a8b-0009-4c9d-8e0f-1a2b3c4d5e6f";
    bot.knows(&operated(&sales_db().replace("askers = [", &format!("askers = [\"entra-group:{gone}\", "))));
    let report = bot.doctor(scene::GIL, "doctor");
    assert!(report.contains(&format!("*Entra group {gone} (sales-db)*\nEntra has no such group.")), "{report}");
}

fn every_place_that_is_not_ready_is_told_with_what_to_do(bot: &mut Bot) {
    let model = format!("{{ model = {{ workspace = \"{}\", dataset = \"{}\" }} }}", scene::WORKSPACE, scene::DATASET);
    let unknown = scene::DATASET.replace("cfaf", "0000");
    let lost = format!("{{ model = {{ workspace = \"{}\", dataset = \"{unknown}\" }} }}", scene::WORKSPACE);
    let catalog = [
        sales_db(),
        target("plant", "Plant", WINDOWS, &[&on_premises(scene::GATEWAY_PLANT, scene::PLANT_SQL)]),
        target("foreign", "Foreign", BASIC, &[&on_premises(scene::GATEWAY_FOREIGN, scene::FOREIGN_SQL)]),
        target("legacy", "Legacy", BASIC, &[&on_premises(scene::GATEWAY_LEGACY, scene::LEGACY_SQL)]),
        target("vault", "Vault", BASIC, &[&referenced(scene::CONNECTION_KEY_VAULT)]),
        target("wrong-way", "Wrong way", BASIC, &[&connection(scene::CONNECTION_CLOUD, "OnPremisesGateway")]),
        target("not-cloud", "Not cloud", BASIC, &[&in_the_cloud(scene::GATEWAY_SALES, scene::SALES_ORACLE)]),
        target("model", "Model", BASIC, &[&model]),
        target("lost-model", "Lost model", BASIC, &[&lost]),
    ];
    bot.with(&[("CALLS_PER_WAKING", "1000")]);
    let stripped = catalog.concat();
    bot.knows(&operated(&stripped));
    bot.world.set_gateway_online(scene::GATEWAY_PLANT, false);
    let report = bot.doctor(scene::GIL, "doctor");
    for (about, words) in [
        (
            "plant: Power BI data source 75fab4e2",
            "The gateway is offline or disabled. Ask its administrator to start it.",
        ),
        ("foreign: Power BI data source 86abc5f3", "Power BI "),
        ("legacy: Power BI data source 3f2c7b9e", "The gateway's public key cannot be used, so nothing was sent."),
        ("vault: Fabric connection d617dce6", "It is fed from Azure Key Vault by Fabric itself"),
        ("wrong-way: Fabric connection 92d398a2", "The destination is not what the catalog says it is"),
        ("not-cloud: Power BI data source 9c1f4d2a", "The destination is not what the catalog says it is"),
        ("model: Semantic model cfafbeb1", "Power BI does not find it, or hides it from this program."),
        ("lost-model: Semantic model 0000beb1", "Power BI does not find it, or hides it from this program."),
    ] {
        assert!(report.contains(&format!("*{about}*\n{words}")), "{about}: {report}");
    }
    assert!(report.starts_with("*8 things need somebody*") && report.ends_with(", sales-db"), "{report}");
    assert!(bot.world.opened().is_empty() && bot.world.tests().is_empty(), "looking changes nothing");
}

fn the_same_trouble_of_many_places_is_told_once(bot: &mut Bot) {
    let places = [scene::SALES_SQL, scene::SALES_ORACLE, scene::SALES_BLOBS, scene::PLANT_SQL, scene::FINANCE_SQL];
    let places = places.map(|id| on_premises(scene::GATEWAY_FOREIGN, id));
    bot.knows(&operated(&target("estate", "Estate", BASIC, &places.each_ref().map(String::as_str))));
    let report = bot.doctor(scene::GIL, "doctor estate");
    let many = "*estate: Power BI data source 252b9de8, Power BI data source 9c1f4d2a, Power BI data source e0315274 and 2 more*\n";
    assert!(report.starts_with("*1 thing needs somebody*") && report.contains(many), "{report}");
}

fn a_slack_that_fails_in_the_middle_is_a_finding_too(bot: &mut Bot) {
    bot.knows(&operated(&sales_db()));
    bot.world.script(Fault::once("slack", "auth.test", FaultKind::status(503, &json!({}))));
    let report = bot.doctor(scene::GIL, "doctor");
    assert!(report.contains("*Slack*\nSlack has a problem of its own at the moment."), "{report}");
    assert!(report.ends_with(", sales-db"), "{report}");
    // Who asks cannot be found out: refused at once.
    bot.world.script(Fault::once("slack", "usergroups.users.list", FaultKind::throttled(30)));
    assert!(bot.asks(scene::GIL, "doctor").contains("Slack"));
    // The report itself does not get through: the log has it.
    bot.world.script(Fault::once("slack", "hooks", FaultKind::status(500, &json!({}))));
    bot.types(scene::GIL, "doctor");
    bot.rest();
    assert!(bot.log().contains(r#""event":"respond","outcome":"unavailable","status":500"#), "{}", bot.log());
}

fn what_does_not_fit_into_one_look_is_named(bot: &mut Bot) {
    let many = (0..30).map(|n| {
        let name = if n == 0 { "a-first".to_owned() } else { format!("t-{n:02}") };
        let id = scene::CONNECTION_CLOUD.replace("92d3", &format!("{n:04}"));
        target(&name, "One of many", BASIC, &[&connection(&id, "ShareableCloud")])
    });
    bot.knows(&operated(&many.collect::<String>()));
    let before = bot.world.received().len();
    let report = bot.doctor(scene::GIL, "doctor");
    let calls = bot.world.received().len() - before;
    assert!((20..=50).contains(&calls), "{calls} calls");
    assert!(report.contains("*a-first: Fabric connection 000098a2*"), "{report}");
    assert!(report.contains("*Not looked at:* t-") && report.contains("t-29\nThe time, the calls"), "{report}");
    assert!(report.contains("/pbi doctor _target_ looks at one;"), "{report}");
    assert!(bot.doctor(scene::GIL, "doctor t-29").contains("*t-29: Fabric connection 002998a2*"));
}

fn what_never_answers_does_not_hold_the_report_up(bot: &mut Bot) {
    bot.knows(&operated(&sales_db()));
    let before = bot.world.now_ms();
    bot.world.script(Fault::once("fabric", "connections", FaultKind::Hang));
    let report = bot.doctor(scene::GIL, "doctor");
    assert!(report.contains("*sales-db: Fabric connection 70b17680*\nFabric did not answer."), "{report}");
    assert_eq!(bot.world.now_ms() - before, 20_000, "looked for as long as there is time");
    // What comes after the time is up is not begun.
    bot.knows(&operated(
        &(target("a-first", "First", BASIC, &[&connection(scene::CONNECTION_CLOUD, "ShareableCloud")]) + &sales_db()),
    ));
    bot.world.script(Fault::once("fabric", "connections", FaultKind::Hang));
    let report = bot.doctor(scene::GIL, "doctor");
    assert!(report.contains("*a-first: Fabric connection 92d398a2*\nFabric did not answer."), "{report}");
    assert!(report.contains("*Not looked at:* sales-db\n"), "{report}");
    // Nor does Entra.
    bot.world.script(Fault::once("login", "", FaultKind::Hang));
    let report = bot.doctor(scene::GIL, "doctor");
    assert!(report.contains("*Token for Power BI*\nMicrosoft Entra did not answer."), "{report}");
}

fn what_rotations_need_of_the_quota_is_left_to_them(bot: &mut Bot) {
    bot.with(&[("FABRIC_CALLS_PER_MINUTE", "10"), ("CALLS_PER_WAKING", "1000")]);
    let four = (0..4).map(|n| {
        let id = scene::CONNECTION_CLOUD.replace("92d3", &format!("{n:04}"));
        target(&format!("t-{n}"), "One of four", BASIC, &[&connection(&id, "ShareableCloud")])
    });
    bot.knows(&operated(&(four.collect::<String>() + &target("z-last", "Last", BASIC, &[&cluster()]))));
    let report = bot.doctor(scene::GIL, "doctor");
    assert!(report.contains("*t-2: Fabric connection 000298a2*"), "{report}");
    assert!(report.contains("*Not looked at:* t-3, z-last\n"), "{report}");
}
