//! Who somebody is to the bot: what they may do, through what, and what is not known.

use emulator::{Fault, FaultKind, scene};

use crate::bot::Bot;
use crate::scene::{BASIC, cluster, connection, target};

crate::stories![
    a_person_learns_what_they_may_do_with_a_target_and_why,
    the_policy_is_told_in_short_lines,
    the_longest_policy_fits,
    without_a_target_those_are_told_in_which_one_has_a_role,
    more_targets_than_fit_are_counted,
    a_group_that_cannot_be_asked_is_never_taken_for_yes,
    operators_are_told_so,
    each_group_is_asked_once_and_not_too_many_are,
    whoever_is_no_full_member_is_told_that,
    what_is_no_target_is_said_and_never_repeated,
    while_slack_is_down_nobody_is_anybody,
];

/// `lake`, with everything a policy can have.
fn lake() -> String {
    let policy = format!(
        r#"policy = {{ askers = ["slack:{data}"], approvers = ["slack:{leads}", "slack:{fay}"], approvals = 2, expires = "90m", windows = [{{ days = ["Sat", "Sun"], from = "22:00", to = "04:00", zone = "Europe/Vienna" }}], break_glass = ["slack:{ana}"], stop = "45s" }}"#,
        data = scene::GROUP_DATA,
        leads = scene::GROUP_LEADS,
        fay = scene::FAY,
        ana = scene::ANA_ENTERPRISE,
    );
    let lake = target("lake", "Lake", BASIC, &[&connection(scene::CONNECTION_CLOUD, "ShareableCloud")]);
    lake.replace(&format!("policy = {{ askers = [\"slack:{}\"] }}", scene::GROUP_DATA), &policy)
}

fn open() -> String {
    target("open", "Open", BASIC, &[&cluster()])
}

fn groups_asked(bot: &Bot) -> usize {
    bot.world.received().iter().filter(|call| call.path.ends_with("usergroups.users.list")).count()
}

fn a_person_learns_what_they_may_do_with_a_target_and_why(bot: &mut Bot) {
    bot.knows(&lake());
    let told = bot.asks(scene::ANA, "whoami lake");
    let ana = "*Ana Ortiz*\nslack:W0ANA, slack:U0ANA\nFull member of T0CONTOSO\nOperator: no\n\
               *lake*\nAsk: yes, through <!subteam^S0DATA>\nApprove: no\nBreak glass: yes, by name\n";
    assert!(told.starts_with(ana), "{told}");
    let told = bot.asks(scene::BEN, "WHOAMI Lake");
    let ben =
        "*lake*\nAsk: yes, through <!subteam^S0DATA>\nApprove: yes, through <!subteam^S0LEADS>\nBreak glass: no\n";
    assert!(told.contains(ben), "{told}");
    assert!(bot.asks(scene::FAY, "whoami lake").contains("Ask: no\nApprove: yes, by name\nBreak glass: no\n"));
    bot.world.set_group_member(scene::GROUP_DATA, scene::ANA, false);
    assert!(bot.asks(scene::ANA, "whoami lake").contains("Ask: no\n"), "as of now");
    bot.nothing_changed();
}

fn the_policy_is_told_in_short_lines(bot: &mut Bot) {
    bot.knows(&(lake() + &open()));
    let told = bot.asks(scene::FAY, "whoami lake");
    let rule = "2 approvals are needed within 90 minutes.\nYour own does not count for what you asked for.\n\
                Those who approve: <!subteam^S0LEADS>, <@U0FAY>.\nIn an emergency, past all that by break-glass: <@W0ANA>.\n\
                It can be stopped for 45 seconds after the credential was entered.\n\
                Maintenance windows:\nSat, Sun from 22:00 to 04:00 (Europe/Vienna)";
    assert!(told.ends_with(rule), "{told}");
    let told = bot.asks(scene::FAY, "whoami open");
    let none = "*open*\nAsk: no\nApprove: no\nBreak glass: no\nNo approval is needed.\nIt may be done at any time.";
    assert!(told.ends_with(none), "{told}");
}

fn the_longest_policy_fits(bot: &mut Bot) {
    let many = |of: &str| (10..60).map(|n| format!("\"{of}{n}\"")).collect::<Vec<_>>().join(", ");
    let window = |n: usize| {
        let days = r#"["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]"#;
        format!(r#"{{ days = {days}, from = "22:{n}", to = "04:00", zone = "America/Argentina/ComodRivadavia" }}"#)
    };
    let windows = (20..40).map(window).collect::<Vec<_>>().join(", ");
    let policy = format!(
        "askers = [{}], approvers = [{}], approvals = 20, allow_self = true, expires = \"7d\", break_glass = [{}], windows = [{windows}]",
        many("slack:S0123456789ABC"),
        many("entra-group:12345678-1234-1234-1234-1234567890"),
        many("slack:U0123456789ABC"),
    );
    let asked = format!("askers = [\"slack:{}\"]", scene::GROUP_DATA);
    bot.knows(&open().replace(&asked, &policy));
    let told = bot.asks(scene::ANA, "whoami open");
    assert_eq!(told.matches(" from 22:").count(), 20, "{told}");
    assert_eq!(told.matches(", and 30 more.").count(), 2, "{told}");
    assert!(told.contains("20 approvals are needed within 7 days.\nYour own counts, if you may approve."), "{told}");
    assert!(bot.asks(scene::ANA, "whoami").contains("You have no role in any target."));
}

fn without_a_target_those_are_told_in_which_one_has_a_role(bot: &mut Bot) {
    bot.knows(&(lake() + &open()));
    let told = bot.asks(scene::ANA, "whoami");
    let roles = "*lake*\nYou may ask (through <!subteam^S0DATA>), break glass (by name)\n\
                 Needs 2 approvals, and a maintenance window\n\
                 *open*\nYou may ask (through <!subteam^S0DATA>)\nNeeds no approval";
    assert!(told.ends_with(roles), "{told}");
    let told = bot.asks(scene::GIL, "whoami");
    assert!(
        told.contains("*lake*\nYou may approve (through <!subteam^S0LEADS>)\n") && !told.contains("*open*"),
        "{told}"
    );
    bot.knows(&open());
    assert!(bot.asks(scene::GIL, "whoami").ends_with("Operator: no\nYou have no role in any target."));
}

fn more_targets_than_fit_are_counted(bot: &mut Bot) {
    let many = (0..27).map(|n| {
        let id = format!("00000000-0000-4000-8000-{n:012}");
        target(&format!("region-{n:02}"), "Region", BASIC, &[&connection(&id, "ShareableCloud")])
    });
    bot.knows(&many.collect::<String>());
    let told = bot.asks(scene::ANA, "whoami");
    assert_eq!(told.matches("*region-").count(), 20, "{told}");
    assert!(told.ends_with("and 7 more: name a target to see it"), "{told}");
}

fn a_group_that_cannot_be_asked_is_never_taken_for_yes(bot: &mut Bot) {
    bot.knows(&(lake() + &open()));
    bot.world.set_group_disabled(scene::GROUP_DATA, true);
    let told = bot.asks(scene::ANA, "whoami lake");
    let ask = "Ask: not known, because <!subteam^S0DATA> could not be asked\nApprove: no\nBreak glass: yes, by name\n";
    assert!(told.contains(ask), "{told}");
    let why = "*Not asked:* <!subteam^S0DATA>. Until they can be, they let you do nothing. \
               Slack does not find it, or hides it from this program.";
    assert!(told.contains(why) && told.ends_with("(no_such_subteam)"), "{told}");
    let told = bot.asks(scene::ANA, "whoami");
    assert!(told.contains("*lake*\nYou may break glass (by name)\n") && !told.contains("*open*"), "{told}");
    assert!(told.contains("*Not asked:* <!subteam^S0DATA>."), "{told}");
    assert!(bot.form_for(scene::ANA, "lake").contains("Not possible"), "and so it is when they try");
}

fn operators_are_told_so(bot: &mut Bot) {
    let operators = format!("operators = [\"slack:{}\", \"slack:{}\"]\n", scene::ANA, scene::GROUP_LEADS);
    let (_, answer) = bot.put_catalog("", crate::scene::ADMIN_TOKEN, &(operators + &open()));
    assert_eq!(answer["notes"], serde_json::json!(["operators: they are others than before"]));
    assert!(bot.asks(scene::ANA, "whoami").contains("\nOperator: yes, by name\n"));
    assert!(bot.asks(scene::GIL, "whoami open").contains("\nOperator: yes, through <!subteam^S0LEADS>\n"));
    assert!(bot.asks(scene::FAY, "whoami").contains("\nOperator: no\n"));
}

fn each_group_is_asked_once_and_not_too_many_are(bot: &mut Bot) {
    bot.knows(&(lake() + &open()));
    bot.asks(scene::ANA, "whoami");
    assert_eq!(groups_asked(bot), 2, "named five times");
    bot.asks(scene::ANA, "whoami open");
    assert_eq!(groups_asked(bot), 3, "only those of the target");
    let others: Vec<_> = (0..15).map(|n| format!("\"slack:S0TEAM{n}\"")).collect();
    let data = format!("\"slack:{}\"", scene::GROUP_DATA);
    bot.knows(&open().replace(&data, &format!("{data}, {}", others.join(", "))));
    let told = bot.asks(scene::ANA, "whoami open");
    assert_eq!(groups_asked(bot), 3 + 12);
    assert!(told.contains("Ask: yes, through <!subteam^S0DATA>"), "{told}");
    assert_eq!(
        told.matches("<!subteam^S0TEAM").count(),
        15,
        "the ones that are not there, and those not asked: {told}"
    );
}

fn whoever_is_no_full_member_is_told_that(bot: &mut Bot) {
    bot.knows(&open());
    for (person, what, outcome) in [
        (scene::CYD, "a guest account", "guest"),
        (scene::DAN, "a deactivated account", "deactivated"),
        (scene::EVE, "an account of another organisation", "stranger"),
    ] {
        let told = bot.asks(person, "whoami");
        assert!(told.contains(&format!("you are signed in as {what}")), "{told}");
        assert_eq!(bot.asks(person, "whoami open"), told);
        assert_eq!(bot.logged(outcome), 2);
    }
    assert_eq!(groups_asked(bot), 0);
}

fn what_is_no_target_is_said_and_never_repeated(bot: &mut Bot) {
    bot.knows(&lake());
    assert!(bot.asks(scene::ANA, "whoami lakes").contains("There is no target of that name. Did you mean lake?"));
    assert!(bot.asks(scene::ANA, "whoami payroll").starts_with("There is no target of that name. /pbi list"));
    let pasted = bot.secret("P@ssw0rd-after-whoami");
    for text in [format!("whoami {pasted}"), format!("whoami lake {pasted}")] {
        assert!(bot.asks(scene::ANA, &text).starts_with("That is not the name of a target."), "{text}");
    }
    assert_eq!((bot.logged("unknown-target"), bot.logged("unnamed-target")), (2, 2));
}

fn while_slack_is_down_nobody_is_anybody(bot: &mut Bot) {
    bot.knows(&lake());
    let down = || FaultKind::Status { code: 503, headers: Vec::new(), body: String::new() };
    bot.world.script(Fault::once("slack", "users.info", down()));
    let told = bot.asks(scene::ANA, "whoami lake");
    assert!(told.starts_with("Slack has a problem of its own at the moment. (503) Nothing was changed."), "{told}");
    bot.world.script(Fault::once("slack", "usergroups.users.list", down()).repeated(2));
    let told = bot.asks(scene::BEN, "whoami lake");
    assert!(told.contains("Ask: not known, because ") && told.contains("Approve: not known, because "), "{told}");
    assert!(told.ends_with("Slack has a problem of its own at the moment. (503)"), "{told}");
}
