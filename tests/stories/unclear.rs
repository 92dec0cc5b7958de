//! A rotation's object takes something and its answer is lost: nobody is told that nothing happened, nor does it happen twice.

use emulator::{Lost, scene};
use http::StatusCode;
use serde_json::json;

use crate::bot::{Bot, WAITING, words};
use crate::page::{ID, OFF, plan, sealed, submission, submit, ticket};
use crate::people::{MOVED_ON, UNAPPROVED};
use crate::scene::{ONE_LEAD, ruled};

crate::stories![; here only because "only an object of our own can be cut off":
    an_approval_whose_answer_is_lost_is_taken_once,
    an_approval_that_never_arrived_is_given_again,
    an_entry_whose_answer_is_lost_is_taken_once,
    an_entry_that_never_arrived_is_sent_again,
    a_submission_whose_answer_is_lost_is_taken_once,
    a_submission_that_never_arrived_is_sent_again,
];

const VERIFIED: &str = "Rotated and verified, 1 of 1";
const UNCLEAR: &str =
    "Our own storage did not answer in time, so it is not known whether that was taken. The card of rotation";
const WHERE: &str = "/pbi status, says where it stands.";

/// The next thing that somebody does of a rotation is cut off: it is looked at first.
fn cut_off(bot: &Bot, how: Lost) {
    bot.here().break_rotation(None, 1);
    bot.here().break_rotation(Some(how), 1);
}

/// Ben approves, twice; what he is told each time.
fn ben_approves_twice(bot: &Bot, how: Lost) -> [String; 2] {
    bot.knows(&ruled(ONE_LEAD));
    bot.ana_requests("sales-db");
    bot.until_card(UNAPPROVED);
    bot.rest();
    let card = bot.card_of(scene::BEN);
    let approve = || bot.world.person(scene::BEN).tap(&card.channel, &card.ts, "Approve").unwrap();
    let [first, second] = [approve(), approve()];
    cut_off(bot, how);
    bot.does(&first);
    bot.rest();
    let told = bot.told(scene::BEN);
    bot.does(&second);
    bot.rest();
    let again = bot.told(scene::BEN);
    bot.until_her_card(WAITING);
    bot.ana_opens_the_form();
    bot.ana_enters("approved-after-all");
    bot.until_card(VERIFIED);
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert_eq!(card.matches("Approved by").count(), 1, "{card}");
    [told, again]
}

fn an_approval_whose_answer_is_lost_is_taken_once(bot: &mut Bot) {
    let [told, again] = ben_approves_twice(bot, Lost::Response);
    assert!(told.contains(UNCLEAR) && told.contains(WHERE), "{told}");
    assert!(!told.contains("Nothing was changed"), "{told}");
    assert!(again.contains("Already approved by Ben Okafor") && again.contains(MOVED_ON), "{again}");
}

fn an_approval_that_never_arrived_is_given_again(bot: &mut Bot) {
    let [told, again] = ben_approves_twice(bot, Lost::Request);
    assert!(told.contains(UNCLEAR) && told == again, "the second was taken, and nothing more had to be said: {again}");
}

/// Ana sends the form, twice; what it becomes each time.
fn ana_enters_twice(bot: &Bot, how: Lost) -> [String; 2] {
    bot.knows(&ruled(""));
    let ana = bot.ana_asks("sales-db");
    let password = bot.secret("entered-all-the-same");
    let sends = || ana.submit(&bot.modal(scene::ANA).id, &[("password", json!(password))]).unwrap();
    let [first, second] = [sends(), sends()];
    let shown = |response: http::Response<bytes::Bytes>| words(&serde_json::from_slice(response.body()).unwrap());
    cut_off(bot, how);
    let told = shown(bot.deliver(first.request));
    let again = shown(bot.deliver(second.request));
    bot.until_card(VERIFIED);
    assert_eq!(bot.world.opened().len(), 1, "once");
    [told, again]
}

fn an_entry_whose_answer_is_lost_is_taken_once(bot: &mut Bot) {
    let [told, again] = ana_enters_twice(bot, Lost::Response);
    assert!(told.contains(UNCLEAR) && told.contains(WHERE), "{told}");
    assert!(again.contains(MOVED_ON), "{again}");
}

fn an_entry_that_never_arrived_is_sent_again(bot: &mut Bot) {
    let [told, again] = ana_enters_twice(bot, Lost::Request);
    assert!(told.contains(UNCLEAR), "{told}");
    assert!(!again.contains(UNCLEAR) && !again.contains(MOVED_ON), "{again}");
}

/// The page submits, twice.
fn the_page_submits_twice(bot: &mut Bot, how: Lost) {
    bot.with(&OFF);
    bot.knows(&ruled(""));
    let password = bot.secret("sealed-all-the-same");
    let ticket = ticket(bot, "sales-db");
    let submission = submission(ID, &sealed(&plan(bot, &ticket), r"CONTOSO\svc_sales", &password));
    cut_off(bot, how);
    let (status, body) = submit(bot, &ticket, &submission);
    assert_eq!((status, &body["error"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("unavailable")), "{body}");
    assert!(body["message"].as_str().unwrap().contains(UNCLEAR), "{body}");
    let (status, body) = submit(bot, &ticket, &submission);
    assert_eq!((status, body), (StatusCode::OK, json!({ "taken": true, "places": 1 })));
    bot.until_card(VERIFIED);
    assert_eq!(bot.world.opened().len(), 1, "once");
}

fn a_submission_whose_answer_is_lost_is_taken_once(bot: &mut Bot) {
    the_page_submits_twice(bot, Lost::Response);
}

fn a_submission_that_never_arrived_is_sent_again(bot: &mut Bot) {
    the_page_submits_twice(bot, Lost::Request);
}
