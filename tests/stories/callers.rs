//! Who may ask: what Slack says of them at that moment, whatever the request says.

use emulator::slack::Forge;
use emulator::{Fault, FaultKind, scene};
use serde_json::{Value, json};

use crate::bot::{Bot, WAITING};
use crate::scene::{sales_db, target};

crate::stories![
    another_app_or_workspace_gets_nothing,
    another_organisation_gets_nothing,
    an_app_installed_for_the_organisation_works_under_its_ids,
    every_workspace_of_the_organisation_is_served,
    without_a_workspace_groups_cannot_be_read_and_nobody_is_let_in_by_them,
    whoever_is_no_full_member_is_told_so_and_gets_nothing,
    whoever_is_not_among_the_askers_gets_nothing,
    whoever_left_or_was_taken_from_the_group_meanwhile_gets_nothing,
    whoever_was_taken_from_the_group_after_asking_enters_nothing,
    a_group_that_cannot_be_read_lets_nobody_in,
    somebody_slack_cannot_be_asked_about_gets_nothing,
    a_person_is_the_same_under_both_their_ids,
];

/// What Slack sends about each thing a person can do with the app.
fn interactions(app: &str, team: &Value, enterprise: &str) -> Vec<Value> {
    let about = |kind: &str, more: Value| {
        let mut payload = json!({
            "type": kind,
            "user": { "id": scene::ANA, "team_id": scene::TEAM },
            "api_app_id": app,
            "team": team,
            "enterprise": { "id": enterprise, "name": "Contoso" },
            "trigger_id": "1.trigger",
        });
        payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        payload
    };
    let view = |form: &str| json!({ "view": { "id": "V1", "callback_id": form, "private_metadata": "sales-db" } });
    vec![
        about("block_actions", json!({ "actions": [{ "action_id": "open_form", "value": "sales-db" }] })),
        about("view_submission", view("request")),
        about("view_submission", view("credential")),
        about("view_closed", view("request")),
        about("block_suggestion", json!({ "action_id": "target", "block_id": "target", "value": "sales" })),
        about("shortcut", json!({ "callback_id": "rotate" })),
        about("message_action", json!({ "callback_id": "rotate" })),
    ]
}

fn another_app_or_workspace_gets_nothing(bot: &mut Bot) {
    bot.knows(&sales_db());
    for (app, team) in [
        ("A0OTHER", json!({ "id": scene::TEAM })),
        ("", json!({ "id": scene::TEAM })),
        (scene::APP, json!({ "id": scene::FOREIGN_TEAM })),
        (scene::APP, json!({ "id": "" })),
        // This app was installed in one workspace: no request of it comes without that.
        (scene::APP, Value::Null),
    ] {
        for payload in interactions(app, &team, scene::ENTERPRISE) {
            let response = bot.deliver(bot.interaction(&payload));
            assert_eq!(response.status(), 403, "{payload}");
            assert_eq!(response.body().as_ref(), br#"{"error":"not for this installation"}"#);
        }
    }
    let mut unnamed = interactions(scene::APP, &json!({ "id": scene::TEAM }), scene::ENTERPRISE).remove(0);
    unnamed.as_object_mut().unwrap().remove("api_app_id");
    assert_eq!(bot.deliver(bot.interaction(&unnamed)).status(), 403);
    for forge in [
        Forge { app_id: Some("A0OTHER".into()), ..Forge::default() },
        Forge { team: Some(scene::FOREIGN_TEAM.into()), ..Forge::default() },
        Forge { team: Some(String::new()), ..Forge::default() },
    ] {
        for text in ["rotate sales-db", "list", "help"] {
            let gesture = bot.world.person(scene::ANA).forging(forge.clone()).slash(scene::CHANNEL_SALES, text);
            assert_eq!(bot.deliver(gesture.request).status(), 403, "{text} {forge:?}");
        }
    }
    assert_eq!(bot.logged("foreign"), 5 * 7 + 1 + 3 * 3);
    assert!(bot.world.received().is_empty(), "nobody was asked anything");
}

/// The settings of an app installed for the organisation; its user groups are those of the workspace, if one is named.
fn organisation(team: &'static str) -> [(&'static str, &'static str); 2] {
    [("SLACK_TEAM_ID", team), ("SLACK_ENTERPRISE_ID", scene::ENTERPRISE)]
}

fn another_organisation_gets_nothing(bot: &mut Bot) {
    bot.with(&organisation(""));
    bot.knows(&sales_db());
    for team in [json!({ "id": scene::TEAM }), Value::Null] {
        for payload in interactions(scene::APP, &team, "E0FABRIKAM") {
            assert_eq!(bot.deliver(bot.interaction(&payload)).status(), 403, "{payload}");
        }
    }
    let mut without = interactions(scene::APP, &json!({ "id": scene::TEAM }), "").remove(0);
    without["enterprise"] = Value::Null;
    assert_eq!(bot.deliver(bot.interaction(&without)).status(), 403);
    let enterprise = Some("E0FABRIKAM".to_owned());
    let stranger = bot.world.person(scene::ANA).forging(Forge { enterprise, ..Forge::default() });
    assert_eq!(bot.deliver(stranger.slash(scene::CHANNEL_SALES, "list").request).status(), 403);
    assert_eq!(bot.logged("foreign"), 2 * 7 + 2);
    assert!(bot.world.received().is_empty());
}

fn an_app_installed_for_the_organisation_works_under_its_ids(bot: &mut Bot) {
    bot.with(&organisation(scene::TEAM));
    bot.world.set_org_install(true);
    bot.knows(&sales_db());
    let ana = bot.world.person(scene::ANA_ENTERPRISE);
    bot.does(&ana.slash(scene::CHANNEL_SALES, "rotate sales-db"));
    bot.rest();
    let form = bot.modal(scene::ANA);
    bot.does(&ana.submit(&form.id, &[("reason", json!("Quarterly rotation"))]).unwrap());
    bot.until_her_card(WAITING);
    let card = bot.her_card();
    bot.does(&ana.tap(&card.channel, &card.ts, "Enter credential").unwrap());
    let password = bot.secret("organised-password");
    let form = bot.modal(scene::ANA);
    bot.does(&ana.submit(&form.id, &[("password", json!(password))]).unwrap());
    bot.until_card("Rotated and verified, 2 of 2");
}

fn every_workspace_of_the_organisation_is_served(bot: &mut Bot) {
    bot.with(&organisation(scene::TEAM));
    bot.world.set_org_install(true);
    bot.knows(&sales_db());
    let elsewhere = Forge { team: Some("T1CONTOSO".to_owned()), ..Forge::default() };
    let ana = bot.world.person(scene::ANA_ENTERPRISE).forging(elsewhere);
    bot.does(&ana.slash(scene::CHANNEL_SALES, "rotate sales-db"));
    bot.rest();
    let form = bot.modal(scene::ANA);
    bot.does(&ana.submit(&form.id, &[("reason", json!("Asked from the other workspace"))]).unwrap());
    bot.until_her_card(WAITING);
    assert_eq!(bot.logged("foreign"), 0, "{}", bot.log());
}

fn without_a_workspace_groups_cannot_be_read_and_nobody_is_let_in_by_them(bot: &mut Bot) {
    bot.with(&organisation(""));
    bot.world.set_org_install(true);
    let person = format!("slack:{}", scene::ANA_ENTERPRISE);
    let personal = sales_db().replace(&format!("slack:{}", scene::GROUP_DATA), &person);
    bot.knows(&sales_db());
    assert!(bot.form_for(scene::ANA, "sales-db").contains("Slack rejected the request. (invalid_arguments)"));
    bot.nothing_changed();
    bot.knows(&personal);
    assert!(bot.form_for(scene::ANA, "sales-db").contains("Rotate the credential of"));
}

fn whoever_is_no_full_member_is_told_so_and_gets_nothing(bot: &mut Bot) {
    let people = [
        (scene::CYD, "a guest account", "guest"),
        (scene::DAN, "a deactivated account", "deactivated"),
        (scene::EVE, "an account of another organisation", "stranger"),
        (scene::BOT_USER, "a bot", "bot"),
    ];
    // Being named does not help.
    let askers: Vec<_> = people.iter().map(|(user, ..)| format!("\"slack:{user}\"")).collect();
    bot.knows(&sales_db().replace(&format!("\"slack:{}\"", scene::GROUP_DATA), &askers.join(", ")));
    for (user, who, outcome) in people {
        let refusal = format!(
            "This is for full members of this organisation, and you are signed in as {who}. Nothing was changed."
        );
        assert_eq!(bot.asks(user, "list"), refusal);
        assert_eq!(bot.asks(user, "status sales-db"), refusal);
        let form = bot.form_for(user, "sales-db");
        assert!(form.contains(&refusal) && form.contains("Not possible"), "{form}");
        let form = bot.form_for(user, "");
        assert!(form.contains(&refusal), "{form}");
        assert_eq!(bot.logged(outcome), 4, "{}", bot.log());
        // Help says nothing that is not public.
        assert!(bot.asks(user, "help").contains("/pbi rotate"));
    }
    bot.nothing_changed();
}

fn whoever_is_not_among_the_askers_gets_nothing(bot: &mut Bot) {
    bot.knows(&sales_db());
    let form = bot.form_for(scene::FAY, "sales-db");
    let refusal = "You are not among those who may rotate sales-db. Ask its owner to add you, or your group, to its askers in the catalog. Nothing was changed.";
    assert!(form.contains(refusal), "{form}");
    assert_eq!(bot.logged("not-asker"), 1);
    // By the list, the same: the form opens, and its submission is refused.
    let fay = bot.world.person(scene::FAY);
    bot.types(scene::FAY, "rotate");
    let form = bot.modal(scene::FAY).id;
    bot.does(&fay.suggest(&form, "target", "sales").unwrap());
    bot.does(&fay.submit(&form, &[("target", json!("sales-db")), ("reason", json!("Curious"))]).unwrap());
    assert!(bot.modal_words(scene::FAY).contains(refusal), "{}", bot.modal_words(scene::FAY));
    assert_eq!(bot.logged("not-asker"), 2);
    // The log says who wanted what, as the audit does not take any number of refusals.
    let opened =
        r#"{"event":"check-form","outcome":"not-asker","fault":"caller","person":"slack:U0FAY","target":"sales-db"}"#;
    let sent = r#""outcome":"not-asker","status":200,"fault":"caller","person":"slack:U0FAY","target":"sales-db""#;
    assert!([opened, sent].iter().all(|line| bot.log().contains(line)), "{}", bot.log());
    bot.nothing_changed();
}

fn whoever_left_or_was_taken_from_the_group_meanwhile_gets_nothing(bot: &mut Bot) {
    bot.knows(&sales_db());
    let reason = [("reason", json!("Quarterly rotation"))];
    let (ana, ben) = (bot.world.person(scene::ANA), bot.world.person(scene::BEN));
    for user in [scene::ANA, scene::BEN] {
        assert!(bot.form_for(user, "sales-db").contains("Reason"), "they may, at first");
    }
    bot.world.set_group_member(scene::GROUP_DATA, scene::ANA, false);
    bot.world.set_user_deleted(scene::BEN, true);
    bot.does(&ana.submit(&bot.modal(scene::ANA).id, &reason).unwrap());
    assert!(bot.modal_words(scene::ANA).contains("You are not among those who may rotate sales-db."));
    bot.does(&ben.submit(&bot.modal(scene::BEN).id, &reason).unwrap());
    assert!(bot.modal_words(scene::BEN).contains("you are signed in as a deactivated account"));
    assert_eq!((bot.logged("not-asker"), bot.logged("deactivated")), (1, 1));
    bot.nothing_changed();
}

fn whoever_was_taken_from_the_group_after_asking_enters_nothing(bot: &mut Bot) {
    bot.knows(&sales_db());
    let ana = bot.ana_asks("sales-db");
    bot.until_card("Waiting for the new credential");
    bot.world.set_group_member(scene::GROUP_DATA, scene::ANA, false);
    bot.ana_enters("entered-too-late-to-count");
    assert!(bot.modal_words(scene::ANA).contains("You are not among those who may rotate sales-db."));
    ana.close(&bot.modal(scene::ANA).id).unwrap();
    let card = bot.card(scene::CHANNEL_DATA_OPS);
    bot.does(&ana.tap(&card.channel, &card.ts, "Enter credential").unwrap());
    bot.rest();
    assert!(bot.told(scene::ANA).contains("You are not among those who may rotate sales-db."));
    assert!(bot.world.opened().is_empty() && bot.world.modals(scene::ANA).is_empty());
}

fn a_group_that_cannot_be_read_lets_nobody_in(bot: &mut Bot) {
    let gone = sales_db().replace(scene::GROUP_DATA, "S0GONE");
    bot.knows(&gone);
    let form = bot.form_for(scene::ANA, "sales-db");
    assert!(
        form.contains("Slack does not find it, or hides it from this program.") && form.contains("no_such_subteam")
    );
    // A group that is gone does not open the door that the next one would.
    bot.knows(&gone.replace("\"slack:S0GONE\"", &format!("\"slack:S0GONE\", \"slack:{}\"", scene::GROUP_DATA)));
    assert!(bot.form_for(scene::ANA, "sales-db").contains("no_such_subteam"));

    bot.knows(&sales_db());
    bot.world.set_scope("usergroups:read", false);
    let form = bot.form_for(scene::ANA, "sales-db");
    assert!(form.contains("The app may miss a scope, or is not in the channel. (missing_scope)"), "{form}");
    assert!(form.contains("Nothing was changed. Tell whoever runs this app."), "{form}");
    bot.world.set_scope("usergroups:read", true);

    bot.world.script(Fault::once("slack", "usergroups.users.list", FaultKind::throttled(30)));
    let form = bot.form_for(scene::ANA, "sales-db");
    assert!(form.contains("Slack asks us to slow down") && form.contains("Try again in a minute."), "{form}");
    bot.world.script(Fault::once("slack", "usergroups.users.list", FaultKind::status(200, &json!({ "ok": true }))));
    let form = bot.form_for(scene::ANA, "sales-db");
    assert!(form.contains("Slack answered something this program does not understand."), "{form}");
    bot.nothing_changed();
    assert!(bot.form_for(scene::ANA, "sales-db").contains("Reason"), "and when it can be read, she may");
}

fn somebody_slack_cannot_be_asked_about_gets_nothing(bot: &mut Bot) {
    bot.knows(
        &target("mine", "Mine", r#"{ kind = "Key" }"#, &[&crate::scene::cluster()]).replace("S0DATA", scene::ANA),
    );
    let (down, minute) = ("Slack has a problem of its own at the moment.", "Try again in a minute.");
    let user = |more: Value| {
        let mut user = json!({ "id": scene::ANA, "team_id": scene::TEAM });
        user.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        FaultKind::status(200, &json!({ "ok": true, "user": user }))
    };
    let failure = |error: &str| FaultKind::status(200, &json!({ "ok": false, "error": error }));
    for (fault, says, next) in [
        (FaultKind::LoseRequest, "Slack did not answer.", minute),
        (FaultKind::LoseResponse, "Slack did not answer.", minute),
        (FaultKind::status(503, &Value::Null), down, minute),
        (failure("internal_error"), down, minute),
        (failure("user_not_found"), "Slack does not find it", "Tell whoever runs this app."),
        (failure("token_revoked"), "Slack refused this program's own identity.", "Tell whoever runs this app."),
        (FaultKind::status(200, &json!("maintenance")), "does not understand", "Tell whoever runs this app."),
        (FaultKind::status(200, &json!({ "ok": true })), "does not understand", "Tell whoever runs this app."),
        // A person without a workspace is nobody of ours.
        (FaultKind::status(200, &json!({ "ok": true, "user": { "id": scene::ANA } })), "another organisation", ""),
        (user(json!({ "is_stranger": true })), "another organisation", ""),
        (user(json!({ "is_restricted": true })), "a guest account", ""),
        (user(json!({ "is_ultra_restricted": true })), "a guest account", ""),
        (FaultKind::status(302, &Value::Null), "does not understand", "Tell whoever runs this app."),
    ] {
        for text in ["list", "rotate mine"] {
            bot.world.script(Fault::once("slack", "users.info", fault.clone()));
            let told = match text {
                "list" => bot.asks(scene::ANA, text),
                _ => bot.form_for(scene::ANA, "mine"),
            };
            assert!(told.contains(says) && told.contains(next), "{text}: {fault:?}: {told}");
            assert!(told.contains("Nothing was changed.") && !told.contains("Mine"), "{told}");
        }
    }
    let form = bot.form_for("U0NOBODY", "mine");
    assert!(form.contains("Slack does not find it"), "{form}");
    bot.nothing_changed();
    assert!(bot.form_for(scene::ANA, "mine").contains("Reason"), "and when Slack answers, she may");
}

fn a_person_is_the_same_under_both_their_ids(bot: &mut Bot) {
    let (here, everywhere) = (bot.world.person(scene::ANA), bot.world.person(scene::ANA_ENTERPRISE));
    let group = format!("slack:{}", scene::GROUP_DATA);
    for asker in [group.clone(), format!("slack:{}", scene::ANA), format!("slack:{}", scene::ANA_ENTERPRISE)] {
        bot.knows(&sales_db().replace(&group, &asker));
        for ana in [&here, &everywhere] {
            bot.does(&ana.slash(scene::CHANNEL_SALES, "rotate sales-db"));
            bot.rest();
            assert!(bot.modal_words(scene::ANA).contains("Reason"), "{asker}: {}", bot.modal_words(scene::ANA));
        }
    }
    // Asked under one id, entered under the other.
    let form = bot.modal(scene::ANA).id;
    bot.does(&here.submit(&form, &[("reason", json!("Quarterly rotation"))]).unwrap());
    bot.until_her_card(WAITING);
    let card = bot.her_card();
    bot.does(&everywhere.tap(&card.channel, &card.ts, "Enter credential").unwrap());
    let form = bot.modal(scene::ANA).id;
    bot.does(&everywhere.submit(&form, &[("password", json!(bot.secret("same-person")))]).unwrap());
    bot.until_card("Rotated and verified, 2 of 2");
}
