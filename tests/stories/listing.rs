//! What lists say of targets, and how people hear of what is due.

use std::time::Duration;

use emulator::{Fault, FaultKind, scene};
use serde_json::json;

use crate::bot::{Bot, words};
use crate::scene::{BASIC, TEAMS_AS_WELL, cluster, connection, on_premises, target};

crate::stories![
    a_list_shows_names_titles_and_what_happened_last,
    a_list_is_narrowed_by_words_and_never_longer_than_a_message,
    the_longest_names_fit,
    the_schedule_reminds_of_what_is_due;
    here only because "weeks go by":
    a_list_says_whose_it_is_and_when_it_is_due,
    rooms_hear_of_what_is_due_once_a_week_and_on_the_day,
    a_reminder_leads_to_the_form_and_a_rotation_ends_it,
    a_rotation_that_failed_renews_nothing,
    what_is_being_rotated_is_not_reminded_of,
    more_than_fits_into_one_message_takes_two,
    what_slack_does_not_take_is_left_for_the_next_day,
    a_target_is_told_once_every_room_of_its_was,
    a_platform_in_trouble_holds_up_no_other,
    a_room_without_the_bot_holds_up_nobody,
    a_target_without_rooms_is_logged,
    a_run_makes_no_more_calls_than_it_may,
];

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// `name`, to be rotated every ninety days.
fn quarterly(name: &str, title: &str, id: &str) -> String {
    let target = target(name, title, BASIC, &[&connection(id, "ShareableCloud")]);
    target.replace("credential =", "owner = \"Dana & friends\"\nrotate_every = \"90d\"\ncredential =")
}

fn sales() -> String {
    target("sales-db", "Sales warehouse", BASIC, &[&on_premises(scene::GATEWAY_SALES, scene::SALES_ORACLE)])
        .replace("credential =", "rotate_every = \"90d\"\ncredential =")
}

/// The reminders in #data-ops so far, in words.
fn reminders(bot: &Bot) -> Vec<String> {
    let messages = bot.world.messages().into_iter();
    let here = messages.filter(|message| message.channel == scene::CHANNEL_DATA_OPS);
    here.filter(|message| message.text.starts_with("Due for rotation")).map(|message| words(&message.blocks)).collect()
}

/// Days on which there was a reminder, of so many days with a run each.
fn days_with_reminders(bot: &Bot, days: u32) -> Vec<u32> {
    let mut told = Vec::new();
    for day in 1..=days {
        bot.wait(DAY);
        let before = reminders(bot).len();
        bot.wakes_up();
        if reminders(bot).len() > before {
            told.push(day);
        }
    }
    told
}

fn a_list_shows_names_titles_and_what_happened_last(bot: &mut Bot) {
    let nothing =
        "No target matches. /pbi list without words shows all; an empty list means that the catalog has none yet.";
    assert_eq!(bot.asks(scene::ANA, "list"), nothing);
    let lake = target("lake", "R&D *lake* <!channel>", BASIC, &[&cluster()]);
    let source = on_premises(scene::GATEWAY_SALES, scene::SALES_SQL);
    bot.knows(&(lake + &target("sales-db", "Sales warehouse", crate::scene::WINDOWS, &[&source])));
    let untouched = "*lake*   R&amp;D \u{200b}*lake\u{200b}* &lt;!channel&gt;\n*sales-db*   Sales warehouse";
    assert_eq!(bot.asks(scene::FAY, "list"), untouched, "every member may look");
    bot.nothing_changed();

    bot.ana_asks("sales-db");
    let told = bot.asks(scene::FAY, "list sales");
    assert!(told.starts_with("*sales-db*   Sales warehouse\nUnder way: reference "), "{told}");
    bot.ana_enters("listed-password");
    bot.until_card("Rotated and verified, 1 of 1");
    bot.rest();
    let told = bot.asks(scene::FAY, "list sales");
    assert!(told.starts_with("*sales-db*   Sales warehouse\nLast: rotated <!date^"), "{told}");
    assert!(!told.contains("Under way") && !told.contains("Due"), "{told}");
}

fn a_list_is_narrowed_by_words_and_never_longer_than_a_message(bot: &mut Bot) {
    let many = (0..120).map(|n| {
        let id = format!("00000000-0000-4000-8000-{n:012}");
        quarterly(&format!("region-{n:03}"), &format!("Region {n} {}", "&".repeat(60)), &id)
    });
    bot.knows(&many.collect::<String>());
    let told = bot.asks(scene::ANA, "list");
    let names = |told: &str| told.matches("*region-").count();
    assert_eq!(names(&told), 40, "{told}");
    assert!(told.ends_with("and 80 more: add words to narrow the list"), "{told}");
    assert_eq!(names(&bot.asks(scene::ANA, "list region")), 40);
    assert_eq!(names(&bot.asks(scene::ANA, "LIST  Region 11")), 11, "11 and 110 to 119");
    assert_eq!(names(&bot.asks(scene::ANA, "list region-042 dana")), 1);
    let words = bot.secret("pasted-into-a-list");
    assert!(bot.asks(scene::ANA, &format!("list {words}")).starts_with("No target matches."));
    bot.nothing_changed();
}

/// So many targets with the longest names there are, of what is longer when it is escaped or counted otherwise.
fn long(count: usize) -> String {
    let (title, owner) = ("&*🔐<".repeat(20), "_&>~".repeat(20));
    let long = |n: usize| {
        let id = format!("00000000-0000-4000-8000-{n:012}");
        quarterly(&format!("{}{n:02}", "n".repeat(61)), &title, &id).replace("Dana & friends", &owner)
    };
    (0..count).map(long).collect()
}

fn the_longest_names_fit(bot: &mut Bot) {
    bot.knows(&long(40));
    let told = bot.asks(scene::ANA, "list");
    assert_eq!(told.matches("Owner: ").count(), 40);
}

fn more_than_fits_into_one_message_takes_two(bot: &mut Bot) {
    bot.knows(&long(33));
    bot.wait(DAY * 85);
    bot.wakes_up();
    let told = reminders(bot);
    let names: Vec<_> = told.iter().map(|told| told.matches("Owner: ").count()).collect();
    assert_eq!(names, [20, 13], "{}", bot.log());
}

fn the_schedule_reminds_of_what_is_due(bot: &mut Bot) {
    // Due tomorrow, which is within a week.
    bot.knows(&sales().replace("90d", "1d"));
    bot.wakes_up();
    let [told] = reminders(bot).try_into().expect("one reminder");
    assert!(told.contains("Sales warehouse"), "{told}");
    assert_eq!((bot.happened("audit-head", "ok"), bot.happened("remind", "ok")), (1, 1), "{}", bot.log());
    bot.wakes_up();
    assert_eq!(reminders(bot).len(), 1, "a schedule that comes twice reminds once");
}

fn what_is_being_rotated_is_not_reminded_of(bot: &mut Bot) {
    bot.knows(&sales());
    bot.wait(DAY * 85);
    bot.ana_asks("sales-db");
    bot.wakes_up();
    assert_eq!(reminders(bot).len(), 0);
    bot.wait(DAY);
    bot.wakes_up();
    assert_eq!(reminders(bot).len(), 1, "nobody entered anything");
}

fn a_list_says_whose_it_is_and_when_it_is_due(bot: &mut Bot) {
    bot.knows(&quarterly("lake", "Lake", scene::CONNECTION_CLOUD));
    let told = bot.asks(scene::FAY, "list");
    // 2027-02-19, ninety days from the day it was put.
    let due = "<!date^1803061800^{date_short_pretty}|2027-02-19>";
    assert_eq!(told, format!("*lake*   Lake\nOwner: Dana &amp; friends\nDue {due}"));
    bot.wait(DAY * 91);
    let told = bot.asks(scene::FAY, "list");
    assert!(told.ends_with(&format!("\n*Overdue* since {due}")), "{told}");
    bot.knows("[targets]");
    bot.knows(&quarterly("lake", "Lake", scene::CONNECTION_CLOUD));
    assert!(bot.asks(scene::FAY, "list").contains("*Overdue*"), "taking it out for a moment renews nothing");
}

fn rooms_hear_of_what_is_due_once_a_week_and_on_the_day(bot: &mut Bot) {
    let lake = quarterly("lake", "Lake <!channel>", scene::CONNECTION_CLOUD);
    let never = target("open", "Open", BASIC, &[&cluster()]);
    bot.knows(&(lake + &sales() + &never));
    assert_eq!(days_with_reminders(bot, 112), [83, 90, 97, 104, 111]);
    let all = reminders(bot);
    assert_eq!(all.len(), 5, "one message for both");
    let due = "<!date^1803061800^{date_short_pretty}|2027-02-19>";
    let expected = format!(
        "Due for rotation\n*lake*   Lake &lt;!channel&gt;\nOwner: Dana &amp; friends\nDue {due}\nRotate lake\n\
         *sales-db*   Sales warehouse\nDue {due}\nRotate sales-db\n\
         You will hear of them once a week until they are rotated."
    );
    assert_eq!(all[0], expected);
    assert_eq!(all[1], expected, "on the day");
    assert_eq!(all[2], expected.replace("Due <", "*Overdue* since <"));
    bot.wakes_up();
    bot.crash();
    bot.wakes_up();
    assert_eq!(reminders(bot).len(), 5, "a run that is repeated tells nobody twice");
}

fn a_reminder_leads_to_the_form_and_a_rotation_ends_it(bot: &mut Bot) {
    bot.knows(&sales());
    assert_eq!(days_with_reminders(bot, 83), [83]);
    let ana = bot.world.person(scene::ANA);
    let card = bot.card(scene::CHANNEL_DATA_OPS);
    bot.does(&ana.tap(&card.channel, &card.ts, "Rotate sales-db").unwrap());
    bot.rest();
    let form = bot.modal_words(scene::ANA);
    assert!(form.contains("Rotate the credential of *sales-db*."), "{form}");
    let fay = bot.world.person(scene::FAY);
    bot.does(&fay.tap(&card.channel, &card.ts, "Rotate sales-db").unwrap());
    bot.rest();
    let refused = bot.modal_words(scene::FAY);
    assert!(refused.contains("You are not among those who may rotate sales-db."), "{refused}");

    let form = bot.modal(scene::ANA).id;
    bot.does(&ana.submit(&form, &[("reason", json!("It is due"))]).unwrap());
    bot.until_her_card("Waiting for the new credential");
    let before = reminders(bot).len();
    bot.ana_opens_the_form();
    bot.ana_enters("in-time-for-once");
    bot.until_card("Rotated and verified, 1 of 1");
    assert_eq!(days_with_reminders(bot, 82), [0; 0], "ninety days begin anew");
    assert_eq!(reminders(bot).len(), before);
    assert_eq!(days_with_reminders(bot, 8), [1, 8]);
}

fn a_rotation_that_failed_renews_nothing(bot: &mut Bot) {
    bot.knows(&sales());
    bot.wait(DAY * 83);
    bot.world.script(Fault::once("powerbi", "", FaultKind::status(403, &json!({}))).on_method("PATCH"));
    bot.ana_rotates("sales-db", &[("password", "not-taken-this-time")], "Not rotated");
    bot.rest();
    let told = bot.asks(scene::FAY, "list");
    assert!(told.contains("Last: ended without success <!date^"), "{told}");
    bot.wakes_up();
    assert_eq!(reminders(bot).len(), 1, "it is as old as before");
}

fn what_slack_does_not_take_is_left_for_the_next_day(bot: &mut Bot) {
    let lake = quarterly("lake", "Lake", scene::CONNECTION_CLOUD);
    bot.knows(&(lake + &sales().replace(scene::CHANNEL_DATA_OPS, scene::CHANNEL_SALES)));
    bot.wait(DAY * 85);
    let down = FaultKind::Status { code: 503, headers: Vec::new(), body: String::new() };
    bot.world.script(Fault::once("slack", "chat.postMessage", down));
    let calls = || bot.world.received().iter().filter(|call| call.path.ends_with("chat.postMessage")).count();
    bot.wakes_up();
    assert_eq!((calls(), reminders(bot).len()), (1, 0), "no other room is tried while Slack is in trouble");
    assert!(
        bot.log().contains(r#""event":"remind","outcome":"unavailable","status":503,"target":"lake""#),
        "{}",
        bot.log()
    );
    bot.wait(DAY);
    bot.wakes_up();
    assert_eq!((calls(), reminders(bot).len()), (3, 1), "both rooms");
}

fn a_room_without_the_bot_holds_up_nobody(bot: &mut Bot) {
    let rooms = format!("\"slack:{}\", \"slack:{}\"]", scene::CHANNEL_PRIVATE, scene::CHANNEL_OLD);
    let lake = quarterly("lake", "Lake", scene::CONNECTION_CLOUD);
    let lake = lake.replace(&format!("\"slack:{}\"]", scene::CHANNEL_DATA_OPS), &rooms);
    bot.knows(&(lake + &sales()));
    bot.wait(DAY * 85);
    bot.wakes_up();
    assert_eq!(reminders(bot).len(), 1);
    let log = bot.log();
    for code in ["not_in_channel", "is_archived"] {
        let line = format!(r#""event":"remind","outcome":"not-allowed","status":200,"target":"lake","code":"{code}""#);
        assert!(log.contains(&line) || log.contains(&line.replace(r#""status":200,"#, "")), "{log}");
    }
    bot.wait(DAY);
    bot.wakes_up();
    assert_eq!(bot.log().matches("not_in_channel").count(), 1, "it is tried again when others are told again");
}

fn a_target_without_rooms_is_logged(bot: &mut Bot) {
    let silent = sales().replace(&format!("notify = [\"slack:{}\"]", scene::CHANNEL_DATA_OPS), "");
    let (_, answer) = bot.put_catalog("", crate::scene::ADMIN_TOKEN, &silent);
    let note = "sales-db: without notify there is no room to remind in: what is due is logged only";
    assert_eq!(answer["notes"], json!([note]));
    bot.wait(DAY * 85);
    bot.wakes_up();
    bot.wakes_up();
    assert_eq!(bot.logged("no-room"), 1);
    assert!(bot.world.received().is_empty(), "nobody is told");
}

fn a_run_makes_no_more_calls_than_it_may(bot: &mut Bot) {
    bot.redeploy(&[("CALLS_PER_WAKING", "40")]);
    // Rooms that are not there: each costs a call.
    let rooms = |from: usize| (from..from + 20).map(|n| format!("\"slack:C0ROOM{n}\"")).collect::<Vec<_>>().join(", ");
    let far = |name: &str, id: &str, from: usize| {
        let there = quarterly(name, name, id);
        there.replace(&format!("\"slack:{}\"", scene::CHANNEL_DATA_OPS), &rooms(from))
    };
    let guid = |n: usize| format!("00000000-0000-4000-8000-{n:012}");
    bot.knows(&(far("a", &guid(1), 100) + &far("b", &guid(2), 200) + &sales()));
    bot.wait(DAY * 85);
    bot.wakes_up();
    let calls = || bot.world.received().len();
    assert!((30..40).contains(&calls()), "{}", calls());
    assert_eq!(reminders(bot).len(), 0, "its turn has not come");
    bot.wait(DAY);
    bot.wakes_up();
    assert_eq!(reminders(bot).len(), 1, "{}", bot.log());
}

fn a_target_is_told_once_every_room_of_its_was(bot: &mut Bot) {
    bot.redeploy(&[("CALLS_PER_WAKING", "40")]);
    // Rooms that are not there: each costs a call. The last one is.
    let rooms = |from: usize| (from..from + 19).map(|n| format!("\"slack:C0ROOM{n}\"")).collect::<Vec<_>>().join(", ");
    let far = |name: &str, from: usize, last: &str| {
        let there = quarterly(name, name, &format!("00000000-0000-4000-8000-{from:012}"));
        there.replace(&format!("\"slack:{}\"", scene::CHANNEL_DATA_OPS), &format!("{}, {last}", rooms(from)))
    };
    let here = format!("\"slack:{}\"", scene::CHANNEL_DATA_OPS);
    bot.knows(&(far("a", 100, "\"slack:C0ROOM99\"") + &far("b", 200, &here)));
    bot.wait(DAY * 85);
    bot.wakes_up();
    assert_eq!(reminders(bot).len(), 0, "some rooms of b were told, this one not yet");
    assert_eq!(days_with_reminders(bot, 3), [1], "and then for this time");
}

fn a_platform_in_trouble_holds_up_no_other(bot: &mut Bot) {
    bot.with(TEAMS_AS_WELL);
    let (slack, teams) = (format!("slack:{}", scene::CHANNEL_DATA_OPS), format!("teams:{}", scene::THREAD_DATA_OPS));
    let lake = quarterly("lake", "Lake", scene::CONNECTION_CLOUD).replace(&slack, &teams);
    bot.knows(&(lake + &sales()));
    bot.wait(DAY * 85);
    bot.world.script(Fault::once("teams", "conversations", FaultKind::status(503, &json!({}))));
    bot.wakes_up();
    assert_eq!((bot.world.teams_messages().len(), reminders(bot).len()), (0, 1), "{}", bot.log());
    bot.wait(DAY);
    bot.wakes_up();
    assert_eq!((bot.world.teams_messages().len(), reminders(bot).len()), (1, 1), "{}", bot.log());
}
