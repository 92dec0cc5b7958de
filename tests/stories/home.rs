//! The App Home: everybody finds there what is theirs to do, and can do it there.

use std::time::Duration;

use emulator::slack::{Forge, Gesture, Person};
use emulator::{Fault, FaultKind, scene};
use http::StatusCode;
use serde_json::{Value, json};

use crate::bot::{Bot, WAITING, words};
use crate::many::entry;
use crate::scene::{BASIC, WINDOWS, cluster, connection, target, with_rules};

crate::stories![
    a_home_without_anything_says_what_the_app_is_for,
    everybody_sees_what_is_theirs,
    a_rotation_goes_from_home_to_home,
    a_rejection_clears_the_home_it_was_made_in,
    a_target_is_rotated_from_the_home,
    an_own_request_is_not_there_to_be_approved,
    what_is_refused_in_a_home_is_told_in_direct_messages,
    a_guest_and_a_stranger_find_a_polite_page,
    groups_that_cannot_be_asked_are_said_and_give_nothing,
    a_page_that_cannot_be_known_says_so,
    a_long_home_says_how_much_more_there_is,
    a_home_is_for_an_organisations_install_too,
    an_approval_is_waited_for_from_those_whom_the_plan_names;
    here only because "it waits for an expiry, or breaks an object of our own":
    an_approval_after_the_expiry_changes_nothing,
    without_its_register_a_home_says_so,
    a_home_keeps_to_the_calls_of_an_invocation,
    what_concerns_somebody_comes_before_the_names_of_others,
];

/// `sales-db`, which one of the leads has to approve.
fn approved() -> String {
    let catalog = target("sales-db", "Sales warehouse", WINDOWS, &[&cluster()]);
    let approvers = format!("\"], approvers = [\"slack:{}\"], approvals = 1 }}", scene::GROUP_LEADS);
    catalog.replace("\"] }", &approvers)
}

const APPROVAL: &str = "Waiting for an approval";

impl Bot {
    /// What somebody finds when they open their home.
    fn home(&self, user: &str) -> String {
        self.does(&self.world.person(user).opens_home());
        self.home_as_it_is(user)
    }

    /// What stands in somebody's home already.
    fn home_as_it_is(&self, user: &str) -> String {
        self.rest();
        words(&self.world.home(user).unwrap_or_else(|| panic!("{user} has no home\n{}", self.log())).body)
    }

    /// A tap in the home as it stands.
    fn tap_in_home(&self, person: &Person, user: &str, button: &str) -> Gesture {
        let home = self.world.home(user).expect("a home");
        person.tap_in_view(&home.id, button).expect("a button in the home")
    }

    /// What somebody was last told in their direct messages.
    fn told_directly(&self, user: &str) -> String {
        self.rest();
        self.world.direct_messages(user).last().map(|message| message.text.clone()).unwrap_or_default()
    }

    /// Ana asks for a rotation that has to be approved.
    fn ana_waits_for_approval(&self) {
        self.knows(&approved());
        self.ana_requests("sales-db");
        self.until_her_card(APPROVAL);
    }
}

fn a_home_without_anything_says_what_the_app_is_for(bot: &mut Bot) {
    let home = bot.home(scene::FAY);
    for part in [
        "This app changes the credentials that Power BI data sources and Fabric connections keep",
        "Nothing waits for you.",
        "You have none under way.",
        "There is none that you may rotate. /pbi list shows whom to ask",
        "/pbi help shows what can be typed. Never type a password or key after a command.",
    ] {
        assert!(home.contains(part), "{part}: {home}");
    }
    bot.does(&bot.world.person(scene::GIL).opens_messages());
    bot.rest();
    assert!(bot.world.home(scene::GIL).is_none(), "only the home is a home");
    bot.nothing_changed();
}

fn everybody_sees_what_is_theirs(bot: &mut Bot) {
    bot.ana_waits_for_approval();
    let (ana, gil, fay) = (bot.home(scene::ANA), bot.home(scene::GIL), bot.home(scene::FAY));
    // Whoever asked: their rotation, and what they can do with it.
    assert!(ana.contains("Nothing waits for you.") && ana.contains("Cancel rotation"), "{ana}");
    assert!(!ana.contains("Approve") && !ana.contains("Asked by"), "{ana}");
    assert!(ana.contains("*Sales warehouse*\nsales-db\nNever rotated from here\nA rotation is under way"), "{ana}");
    // A lead who is in no other group: who asks, what for, where, until when.
    for part in [
        "Asked by <@W0ANA>: Quarterly rotation",
        "Waiting for an approval until <!date^",
        "Will be set in 1 Fabric connection. It was checked and is ready.",
        "Approve",
        "Reject",
        "You have none under way.",
        "There is none that you may rotate.",
    ] {
        assert!(gil.contains(part), "{part}: {gil}");
    }
    assert!(!gil.contains("Cancel rotation"), "{gil}");
    assert!(!fay.contains("Sales warehouse"), "{fay}");
}

fn a_rotation_goes_from_home_to_home(bot: &mut Bot) {
    bot.ana_waits_for_approval();
    bot.home(scene::GIL);
    let gil = bot.world.person(scene::GIL);
    bot.does(&bot.tap_in_home(&gil, scene::GIL, "Approve"));
    let after = bot.home_as_it_is(scene::GIL);
    assert!(after.contains("Nothing waits for you.") && !after.contains("Approve"), "{after}");
    bot.until_her_card(WAITING);
    let hers = bot.home(scene::ANA);
    assert!(hers.contains("Waiting for the new credential until <!date^"), "{hers}");
    let ana = bot.world.person(scene::ANA);
    bot.does(&bot.tap_in_home(&ana, scene::ANA, "Enter credential"));
    bot.ana_enters("entered-from-home");
    bot.until_card("Rotated and verified, 1 of 1");
    let hers = bot.home(scene::ANA);
    assert!(hers.contains("You have none under way."), "{hers}");
    assert!(hers.contains("*Sales warehouse*\nsales-db\nLast rotated <!date^"), "{hers}");
}

fn a_rejection_clears_the_home_it_was_made_in(bot: &mut Bot) {
    bot.ana_waits_for_approval();
    bot.home(scene::GIL);
    let gil = bot.world.person(scene::GIL);
    bot.does(&bot.tap_in_home(&gil, scene::GIL, "Reject"));
    assert!(bot.home_as_it_is(scene::GIL).contains("Approve"), "nothing is decided by opening the form");
    let form = bot.modal(scene::GIL);
    bot.does(&gil.submit(&form.id, &[("reason", json!("Not this week"))]).unwrap());
    assert!(bot.home_as_it_is(scene::GIL).contains("Nothing waits for you."));
    bot.until_her_card("Rejected, nothing was changed");
}

fn a_target_is_rotated_from_the_home(bot: &mut Bot) {
    bot.knows(&approved());
    assert!(bot.home(scene::ANA).contains("*Sales warehouse*\nsales-db\nNever rotated from here"));
    let ana = bot.world.person(scene::ANA);
    bot.does(&bot.tap_in_home(&ana, scene::ANA, "Rotate"));
    bot.rest();
    let form = bot.modal(scene::ANA);
    assert!(words(&form.body).contains("Rotate the credential of *sales-db*."), "{}", words(&form.body));
    bot.does(&ana.submit(&form.id, &[("reason", json!("From home"))]).unwrap());
    bot.until_her_card(APPROVAL);
}

fn an_own_request_is_not_there_to_be_approved(bot: &mut Bot) {
    let me_too = approved().replace("approvers = [", &format!("approvers = [\"slack:{}\", ", scene::ANA));
    bot.knows(&me_too);
    bot.ana_requests("sales-db");
    bot.until_her_card(APPROVAL);
    let hers = bot.home(scene::ANA);
    assert!(hers.contains("Nothing waits for you.") && !hers.contains("Approve"), "{hers}");
    // Somebody's tap with her name on it is hers, and does not count.
    bot.home(scene::GIL);
    let tap = bot.tap_in_home(&bot.world.person(scene::GIL), scene::GIL, "Approve");
    bot.deliver(bot.altered(&tap, |payload| payload["user"]["id"] = json!(scene::ANA)));
    assert!(bot.told_directly(scene::ANA).contains("so somebody else has to approve it."));
    bot.until_her_card(APPROVAL);
    // Unless the target's rule allows it.
    bot.does(&bot.world.person(scene::ANA).slash(scene::CHANNEL_SALES, "status sales-db"));
    bot.home(scene::ANA);
    bot.does(&bot.tap_in_home(&bot.world.person(scene::ANA), scene::ANA, "Cancel rotation"));
    assert!(bot.home_as_it_is(scene::ANA).contains("You have none under way."), "what has ended is not under way");
    bot.until_her_card("Cancelled, nothing was changed");
    bot.knows(&me_too.replace("approvals = 1", "approvals = 1, allow_self = true"));
    bot.ana_requests("sales-db");
    bot.until_her_card(APPROVAL);
    assert!(bot.home(scene::ANA).contains("Approve"));
}

fn what_is_refused_in_a_home_is_told_in_direct_messages(bot: &mut Bot) {
    bot.ana_waits_for_approval();
    bot.home(scene::GIL);
    let tap = bot.tap_in_home(&bot.world.person(scene::GIL), scene::GIL, "Approve");
    let version = "This form or button is from another version of the app.";
    for (user, action, expected) in [
        (scene::FAY, "approve", "You are not among those who may approve rotations of sales-db."),
        (scene::EVE, "approve", "you are signed in as an account of another organisation."),
        (scene::CYD, "approve", "you are signed in as a guest account."),
        (scene::GIL, "approve_all", version),
        (scene::GIL, "", version),
    ] {
        let response = bot.deliver(bot.altered(&tap, |payload| {
            payload["user"]["id"] = json!(user);
            payload["actions"][0]["action_id"] = json!(action);
        }));
        assert_eq!((response.status(), response.body().len()), (StatusCode::OK, 0), "{user} {action}");
        let told = bot.told_directly(user);
        assert!(told.contains(expected), "{user} {action}: {told}\n{}", bot.log());
        assert!(bot.world.home(user).is_some(), "the home is published anew");
    }
    // The id of a rotation that nobody knows, and something that is none.
    for (value, expected) in [("0123456789abcdef", "That rotation is not known any more."), ("sales-db", version)] {
        bot.deliver(bot.altered(&tap, |payload| payload["actions"][0]["value"] = json!(value)));
        assert!(bot.told_directly(scene::GIL).contains(expected), "{value}: {}", bot.told_directly(scene::GIL));
    }
    assert!(bot.her_card().text.contains(APPROVAL), "nothing was approved");
    // Twice is once.
    for expected in ["", "has moved on"] {
        bot.deliver(tap.request.clone());
        bot.rest();
        assert!(bot.told_directly(scene::GIL).contains(expected), "{}", bot.told_directly(scene::GIL));
    }
    bot.until_her_card(WAITING);
}

fn a_guest_and_a_stranger_find_a_polite_page(bot: &mut Bot) {
    bot.ana_waits_for_approval();
    for (user, who) in [(scene::CYD, "a guest account"), (scene::EVE, "an account of another organisation")] {
        let home = bot.home(user);
        let polite = format!("This is for full members of this organisation, and you are signed in as {who}.");
        assert!(home.starts_with(&polite), "{home}");
        assert!(!home.contains("Sales warehouse"), "{home}");
    }
    // Who becomes a guest finds nothing there any more.
    assert!(bot.home(scene::GIL).contains("Approve"));
    bot.world.set_user_guest(scene::GIL, true);
    assert!(bot.home(scene::GIL).starts_with("This is for full members"));
}

fn groups_that_cannot_be_asked_are_said_and_give_nothing(bot: &mut Bot) {
    bot.ana_waits_for_approval();
    bot.world.script(Fault::once("slack", "usergroups.users.list", FaultKind::throttled(30)).repeated(2));
    let home = bot.home(scene::BEN);
    assert!(home.contains("It could not be found out whether you are in some of the groups."), "{home}");
    assert!(!home.contains("Sales warehouse"), "{home}");
    let home = bot.home(scene::BEN);
    assert!(home.contains("Approve") && !home.contains("It could not be found out"), "{home}");
    // A group that is gone gives nothing either.
    bot.world.set_group_disabled(scene::GROUP_LEADS, true);
    let home = bot.home(scene::BEN);
    assert!(!home.contains("Approve") && home.contains("It could not be found out"), "{home}");
    assert!(home.contains("*Sales warehouse*\nsales-db"), "the other group is there: {home}");
}

fn a_page_that_cannot_be_known_says_so(bot: &mut Bot) {
    bot.ana_waits_for_approval();
    bot.world.script(Fault::once("slack", "users.info", FaultKind::status(503, &json!({}))));
    let home = bot.home(scene::GIL);
    assert!(home.contains("Slack has a problem of its own at the moment."), "{home}");
    assert!(!home.contains("Sales warehouse"), "{home}");
    // Slack asked for the page and does not take it: said in the log, tried with the next look.
    bot.world.script(Fault::once("slack", "views.publish", FaultKind::status(500, &json!({}))));
    bot.does(&bot.world.person(scene::HANA).opens_home());
    bot.rest();
    assert!(bot.world.home(scene::HANA).is_none());
    assert!(bot.log().contains(r#""event":"home","outcome":"unavailable","status":500,"person":"slack:U0HANA""#));
    assert!(bot.home(scene::HANA).contains("Approve"));
}

fn a_long_home_says_how_much_more_there_is(bot: &mut Bot) {
    let many = (0..40).map(|n| {
        let id = format!("00000000-0000-4000-8000-{n:012}");
        let title = format!("<Region> *{n}* {}", "&".repeat(60));
        target(&format!("region-{n:03}"), &title, BASIC, &[&connection(&id, "ShareableCloud")])
    });
    bot.knows(&many.collect::<String>());
    let home = bot.home(scene::ANA);
    assert_eq!(home.matches("\nregion-").count(), 35, "{home}");
    assert!(home.contains("and 5 more"), "{home}");
    assert!(home.contains("&lt;Region&gt; \u{200b}*0\u{200b}*"), "what others wrote marks nothing: {home}");
}

fn a_home_is_for_an_organisations_install_too(bot: &mut Bot) {
    bot.with(&[("SLACK_ENTERPRISE_ID", scene::ENTERPRISE)]);
    bot.world.set_org_install(true);
    bot.ana_waits_for_approval();
    assert!(bot.home(scene::GIL).contains("Approve"));
    let elsewhere = Forge { enterprise: Some("E0FABRIKAM".to_owned()), ..Forge::default() };
    let opens = bot.world.person(scene::GIL).forging(elsewhere).opens_home();
    assert_eq!(bot.deliver(opens.request).status(), StatusCode::FORBIDDEN);
}

fn an_approval_after_the_expiry_changes_nothing(bot: &mut Bot) {
    bot.ana_waits_for_approval();
    assert!(bot.home(scene::GIL).contains("Approve"));
    bot.wait(Duration::from_secs(4 * 60 * 60));
    bot.until_her_card("Expired without approval, nothing was changed");
    let stale = bot.tap_in_home(&bot.world.person(scene::GIL), scene::GIL, "Approve");
    bot.does(&stale);
    assert!(bot.told_directly(scene::GIL).contains("has moved on"), "{}", bot.told_directly(scene::GIL));
    let home = bot.home_as_it_is(scene::GIL);
    assert!(home.contains("Nothing waits for you.") && !home.contains("Approve"), "{home}");
}

fn without_its_register_a_home_says_so(bot: &mut Bot) {
    bot.ana_waits_for_approval();
    bot.here().break_register(Some(emulator::Lost::Request), 1);
    let home = bot.home(scene::GIL);
    assert!(!home.contains("Approve") && home.contains("storage"), "{home}");
    assert!(bot.home(scene::GIL).contains("Approve"));
}

fn what_concerns_somebody_comes_before_the_names_of_others(bot: &mut Bot) {
    let fleet = bot.world.fleet(31);
    let name = |n: usize| if n == 30 { "z-last".to_owned() } else { format!("a-{n:02}") };
    let of = |(n, place): (usize, &emulator::Destination)| {
        // Fay may approve the first thirty of them, and the leads the last.
        let approvers = if n == 30 { scene::GROUP_LEADS } else { scene::FAY };
        let rule = format!(r#"approvers = ["slack:{approvers}"], approvals = 1"#);
        with_rules(&target(&name(n), &name(n), BASIC, &[&entry(place)]), &rule)
    };
    bot.knows(&fleet.iter().enumerate().map(of).collect::<String>());
    for n in 0..31 {
        bot.ana_requests(&name(n));
    }
    bot.wait(Duration::from_secs(60));
    let home = bot.home(scene::GIL);
    assert!(home.contains("z-last") && home.contains("Approve"), "the last of the names: {home}");
    assert!(home.contains("6 more rotations are under way"), "{home}");
}

fn an_approval_is_waited_for_from_those_whom_the_plan_names(bot: &mut Bot) {
    bot.ana_waits_for_approval();
    bot.knows(&target("other", "Another", BASIC, &[&cluster()]));
    let home = bot.home(scene::GIL);
    assert!(
        home.contains("Sales warehouse") && home.contains("Approve"),
        "the catalog names no leads any more: {home}"
    );
}

fn a_home_keeps_to_the_calls_of_an_invocation(bot: &mut Bot) {
    let groups = |n: usize| format!("\"slack:S0GROUP{n:02}\"");
    let many = (0..60).map(|n| {
        let id = format!("00000000-0000-4000-8000-{n:012}");
        let of = target(&format!("t-{n:02}"), "One of many", BASIC, &[&connection(&id, "ShareableCloud")]);
        of.replace(&format!("\"slack:{}\"", scene::GROUP_DATA), &groups(n))
    });
    bot.knows(&many.collect::<String>());
    let before = bot.world.received().len();
    let home = bot.home(scene::ANA);
    assert!(home.contains("It could not be found out whether you are in some of the groups."), "{home}");
    let calls: Vec<Value> = bot.world.received().iter().skip(before).map(|call| json!(call)).collect();
    assert!((40..=50).contains(&calls.len()), "{} calls", calls.len());
}
