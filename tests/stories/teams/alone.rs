//! An installation in Teams alone, without a single setting of Slack.

use emulator::scene;
use http::{Request, StatusCode};

use super::{UNAPPROVED, VERIFIED, approvals::ASKED};
use crate::bot::Bot;
use crate::page::{OFF, ask, ticket};
use crate::scene::{ADMIN_TOKEN, ONE_LEAD, TEAMS_AS_WELL, in_teams, ruled};

crate::stories![
    the_whole_job_needs_no_slack,
    slacks_doors_are_not_there,
    who_is_named_by_slack_is_noted;
    here only because "the address of the world is known beforehand in this process alone":
    a_ticket_from_slack_opens_nothing_where_there_is_no_slack_any_more,
];

const NO_SLACK: [(&str, &str); 6] = [
    ("SLACK_SIGNING_SECRET", ""),
    ("SLACK_BOT_TOKEN", ""),
    ("SLACK_APP_ID", ""),
    ("SLACK_TEAM_ID", ""),
    ("SLACK_API_URL", ""),
    ("SLACK_HOOKS_URL", ""),
];

fn the_whole_job_needs_no_slack(bot: &mut Bot) {
    bot.moves_to_teams(&NO_SLACK, &ruled(ONE_LEAD));
    bot.ana_requests_in_teams();
    bot.until_all(&ASKED, UNAPPROVED);
    bot.shown_for(scene::BEN_OBJECT, "Approve");
    bot.ana_finishes("in-teams-alone");
    bot.until_all(&ASKED, VERIFIED);
    assert!(bot.world.received().iter().all(|call| call.service != "slack"));
}

fn slacks_doors_are_not_there(bot: &mut Bot) {
    bot.moves_to_teams(&NO_SLACK, &ruled(""));
    for path in [scene::COMMAND_PATH, scene::INTERACTION_PATH, scene::OPTIONS_PATH, scene::EVENTS_PATH] {
        let answer = bot.deliver(bot.signed(path, "command=%2Fpbi&text=list"));
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let health = bot.deliver(Request::get("/healthz").body(bytes::Bytes::new()).unwrap());
    assert_eq!(health.status(), StatusCode::OK);
}

fn who_is_named_by_slack_is_noted(bot: &mut Bot) {
    bot.moves_to_teams(&NO_SLACK, &ruled(""));
    let catalog = in_teams(&ruled("")).replace("askers = [", "askers = [\"slack:U0FAY\", ");
    let catalog = catalog.replace("notify = [", "notify = [\"slack:C0OPS\", ");
    let (status, body) = bot.put_catalog("", ADMIN_TOKEN, &catalog);
    let notes = body["notes"].to_string();
    assert_eq!(status, StatusCode::OK);
    assert!(notes.contains("of its askers, whoever is named by a Slack id cannot act in Teams"), "{notes}");
    assert!(notes.contains("not where some of its rooms are"), "{notes}");
    bot.ana_requests_in_teams();
    bot.ana_finishes("with-a-room-elsewhere");
}

fn a_ticket_from_slack_opens_nothing_where_there_is_no_slack_any_more(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&ruled(""));
    let ticket = ticket(bot, "sales-db");
    bot.redeploy(&[&OFF[..], &NO_SLACK, TEAMS_AS_WELL].concat());
    let before = bot.world.received().len();
    let (status, told) = ask(bot, &ticket);
    assert_eq!((status, &told["error"]), (StatusCode::SERVICE_UNAVAILABLE, &serde_json::json!("unavailable")));
    let words = told["message"].as_str().unwrap();
    assert!(words.contains("This installation is not set up for Slack."), "{words}");
    assert_eq!(bot.world.received().len(), before, "nobody is asked who she is");
}
