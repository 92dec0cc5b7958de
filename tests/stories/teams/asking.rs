//! What is typed in Teams besides rotate: each command is answered, and what is for one person by a message to them.

use emulator::{Fault, FaultKind, scene};
use serde_json::json;

use super::{VERIFIED, in_conversation, said};
use crate::bot::{Bot, WAITING};
use crate::scene::{ONE_LEAD, ruled};

crate::stories![
    commands_are_answered_where_they_are_typed,
    what_is_for_one_person_is_told_to_them_alone,
    a_slip_is_recognised_and_a_value_is_treated_as_exposed,
    somebody_who_may_not_is_refused_in_words,
    glass_is_broken_for_everybody_to_see,
    the_doctor_looks_at_teams_as_well;
    here only because "months go by":
    a_room_is_reminded_and_opens_the_form,
];

fn commands_are_answered_where_they_are_typed(bot: &mut Bot) {
    bot.is_in_teams(ONE_LEAD);
    let ask = |text: &str| said(&bot.answers(scene::ANA_OBJECT, text));
    let help = ask("help");
    assert!(help.contains("@pbi rotate") && help.contains("Never type a password"), "{help}");
    assert_eq!(ask(""), help, "nothing is a question too");
    assert!(ask("list").contains("sales-db   Sales warehouse"));
    assert!(ask("status sales-db").contains("Nothing is going on. It was never rotated from here."));
    let whoami = ask("whoami sales-db");
    assert!(whoami.contains("Ana Ortiz") && whoami.contains(scene::TENANT_ID), "{whoami}");
    assert!(whoami.contains("Ask: yes") && whoami.contains("Approve: no"), "{whoami}");
    assert!(ask("history sales-db").contains("sales-db"));
    assert!(ask("doctor").contains("This is for the operators that the catalog names."));
    bot.acts(&bot.colleague(scene::ANA_OBJECT).says(scene::THREAD_DATA_OPS, "list sales"));
    assert!(said(&bot.last_in(scene::THREAD_DATA_OPS)).contains("Sales warehouse"));
}

fn what_is_for_one_person_is_told_to_them_alone(bot: &mut Bot) {
    let catalog = format!("operators = [\"slack:{}\"]\n{}", scene::GROUP_DATA, ruled(""));
    bot.moves_to_teams(&[], &catalog);
    let ana = bot.colleague(scene::ANA_OBJECT);
    for (text, told) in [
        ("whoami", "Ana Ortiz"),
        ("history", "What happened last: all targets"),
        ("doctor sales-db", "Token for Teams"),
    ] {
        let before = bot.own(scene::ANA_OBJECT).len();
        bot.acts(&ana.says(scene::THREAD_DATA_OPS, text));
        bot.until(told, |world| {
            let own = in_conversation(world, &format!("a:direct-{}", scene::ANA_OBJECT));
            own.len() > before && own.iter().any(|message| said(message).to_lowercase().contains(&told.to_lowercase()))
        });
    }
    assert!(in_conversation(&bot.world, scene::THREAD_DATA_OPS).is_empty());
}

fn a_slip_is_recognised_and_a_value_is_treated_as_exposed(bot: &mut Bot) {
    bot.is_in_teams("");
    let ask = |text: &str| said(&bot.answers(scene::ANA_OBJECT, text));
    assert!(ask("rotat sales-db").contains("Did you mean @pbi rotate?"));
    assert!(ask("rotate sales-bd").contains("Did you mean sales-db?"));
    let pasted = bot.secret("Tr0ub4dor-typed-by-mistake");
    let told = ask(&format!("rotate sales-db {pasted}"));
    assert!(told.contains("treat it as exposed") && told.contains("It was not used."), "{told}");
    let told = ask(&pasted);
    assert!(told.contains("There is no such command.") && told.contains("treat it as exposed"), "{told}");
    bot.nothing_was_sent();
}

fn somebody_who_may_not_is_refused_in_words(bot: &mut Bot) {
    bot.is_in_teams("");
    for (who, words) in [
        (scene::FAY_OBJECT, "You are not among those who may rotate sales-db."),
        (scene::CYD_OBJECT, "you are signed in as a guest account."),
        (scene::DAN_OBJECT, "you are signed in as a deactivated account."),
    ] {
        let told = said(&bot.answers(who, "rotate sales-db"));
        assert!(told.contains(words) && told.contains("Nothing was changed."), "{told}");
    }
    let dialog = |who: &str| {
        bot.acts(&bot.colleague(who).commands(scene::THREAD_DATA_OPS, "rotate"));
        bot.dialog(who)
    };
    assert!(dialog(scene::CYD_OBJECT).contains("a guest account"));
    bot.world.script(Fault::once("graph", "users/", FaultKind::LoseRequest));
    let told = dialog(scene::ANA_OBJECT);
    assert!(told.contains("Microsoft Graph did not answer.") && told.contains("Nothing was changed."), "{told}");
    // Fay gets the form, as she might be asking for anything, and is refused when she names the target.
    assert!(dialog(scene::FAY_OBJECT).contains("Request rotation"));
    let inputs = json!({"target": "sales-db", "reason": "Curious"});
    bot.acts(&bot.colleague(scene::FAY_OBJECT).submits_command(scene::THREAD_DATA_OPS, "rotate", &inputs));
    assert!(bot.dialog(scene::FAY_OBJECT).contains("You are not among those who may rotate sales-db."));
    bot.nothing_was_sent();
}

fn glass_is_broken_for_everybody_to_see(bot: &mut Bot) {
    bot.is_in_teams(&format!(r#"{ONE_LEAD}, break_glass = ["entra:{}"]"#, scene::ANA_OBJECT));
    let told = said(&bot.answers(scene::BEN_OBJECT, "break-glass sales-db"));
    assert!(told.contains("You are not among those who may break glass for sales-db."), "{told}");
    let offer = bot.answers(scene::ANA_OBJECT, "break-glass sales-db");
    assert!(said(&offer).contains("for everybody to see"), "{}", said(&offer));
    bot.touches(scene::ANA_OBJECT, &offer, "Open form");
    assert!(bot.dialog(scene::ANA_OBJECT).contains("this passes over approvals"));
    bot.ana_sends_the_form(&json!({}));
    let everybody = [scene::ANA_OBJECT, scene::BEN_OBJECT, scene::GIL_OBJECT];
    bot.until_all(&everybody, WAITING);
    assert!(said(&bot.room_card()).contains("BREAK-GLASS: rotate Sales warehouse"));
    bot.ana_finishes("past-all-approvals");
    bot.until_all(&everybody, VERIFIED);
}

fn the_doctor_looks_at_teams_as_well(bot: &mut Bot) {
    let gone = "5e6f7a8b-9999-4c9d-8e0f-1a2b3c4d5e6f";
    let rules = format!(r#"approvers = ["entra-group:{gone}", "slack:{}"], approvals = 1"#, scene::GROUP_LEADS);
    let catalog = format!("operators = [\"entra:{}\"]\n{}", scene::FAY_OBJECT, ruled(&rules));
    bot.moves_to_teams(&[], &catalog);
    let report = |bot: &Bot| {
        let before = bot.own(scene::FAY_OBJECT).len();
        bot.acts(&bot.colleague(scene::FAY_OBJECT).tells("doctor"));
        let own = format!("a:direct-{}", scene::FAY_OBJECT);
        bot.until("a report", |world| in_conversation(world, &own).len() > before + 1);
        said(&bot.last_in(&own))
    };
    let told = report(bot);
    assert!(
        told.contains(&format!("Entra group {gone} (sales-db)")) && told.contains("Entra has no such group."),
        "{told}"
    );
    assert!(told.contains("Token for Teams") && told.contains("People in Microsoft Graph"), "{told}");
    for (object, member) in [(scene::BEN_OBJECT, false), (scene::GIL_OBJECT, false)] {
        bot.world.set_directory_group_member(scene::GROUP_LEADS_OBJECT, object, member);
    }
    let told = report(bot);
    assert!(told.contains(&format!("Entra group {} (sales-db)", scene::GROUP_LEADS_OBJECT)), "{told}");
    assert!(told.contains("Nobody is in it."), "{told}");
    bot.world.set_graph_permission("GroupMember.Read.All", false);
    let told = report(bot);
    assert!(told.contains("needs the permissions User.Read.All and GroupMember.Read.All"), "{told}");
    bot.world.set_graph_permission("GroupMember.Read.All", true);
    bot.world.script(Fault::once("login", "", FaultKind::status(401, &json!({"error": "invalid_client"}))).repeated(9));
    let told = report(bot);
    assert!(told.contains("Token for Teams") && told.contains("refused this program's own identity"), "{told}");
}

fn a_room_is_reminded_and_opens_the_form(bot: &mut Bot) {
    let catalog = ruled("").replace("title =", "rotate_every = \"30d\"\ntitle =");
    bot.moves_to_teams(&[], &catalog);
    for _ in 0..40 {
        bot.wait(std::time::Duration::from_secs(24 * 60 * 60));
        bot.wakes_up();
    }
    let due = bot.last_in(scene::THREAD_DATA_OPS);
    assert!(said(&due).contains("Due for rotation"), "{}", said(&due));
    bot.touches(scene::ANA_OBJECT, &due, "Rotate sales-db");
    bot.ana_sends_the_form(&json!({}));
    bot.ana_finishes("as-reminded");
}
