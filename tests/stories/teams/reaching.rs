//! Teams while something is due to be said: slow, closed or gone, it never holds a rotation up.

use std::time::Duration;

use emulator::{Fault, FaultKind, Received, scene};
use serde_json::json;

use super::{UNAPPROVED, VERIFIED, in_conversation, said};
use crate::bot::{Bot, WAITING};
use crate::many::{densest, fleet_of};
use crate::scene::ONE_LEAD;

crate::stories![
    a_card_that_cannot_be_shown_is_shown_later,
    a_wish_to_wait_is_kept,
    a_room_that_put_the_bot_out_is_given_up,
    an_approver_who_blocked_the_bot_sees_the_card_in_its_room,
    a_token_refused_is_fetched_anew,
    a_card_that_is_gone_is_posted_anew,
    a_message_delivered_twice_is_acted_on_once,
    many_cards_in_one_room_keep_to_what_it_takes,
    whoever_missed_a_change_fetches_the_card_anew,
];

impl Bot {
    /// How many cards were given up, or put off, by the log with that status.
    fn cards_that(&self, outcome: &str, status: u16) -> usize {
        let (outcome, status) = (format!(r#""event":"card","outcome":"{outcome}""#), format!(r#""status":{status}"#));
        self.log().lines().filter(|line| line.contains(&outcome) && line.contains(&status)).count()
    }
}

fn a_card_that_cannot_be_shown_is_shown_later(bot: &mut Bot) {
    bot.is_in_teams("");
    let refused = |status, code: &str| FaultKind::status(status, &json!({"error": {"code": code}}));
    let thread = "activities";
    for kind in [refused(412, "PreconditionFailed"), refused(502, "BadGateway"), FaultKind::LoseRequest] {
        bot.world.script(Fault::once("teams", thread, kind).on_method("PUT"));
    }
    bot.ana_requests_in_teams();
    bot.ana_finishes("shown-later");
    assert!(bot.log().contains(r#""event":"card","outcome":"retry""#), "{}", bot.log());
    assert_eq!(in_conversation(&bot.world, scene::THREAD_DATA_OPS).len(), 1, "nothing was posted twice");
}

fn a_wish_to_wait_is_kept(bot: &mut Bot) {
    bot.is_in_teams("");
    bot.ana_requests_in_teams();
    bot.until_all(&[scene::ANA_OBJECT], WAITING);
    bot.rest();
    bot.world.script(Fault::once("teams", "dataops", FaultKind::throttled(3)).on_method("PUT"));
    bot.ana_finishes("after-three-seconds");
    let puts = bot.world.received().into_iter().filter(|call| call.method == "PUT" && call.path.contains("dataops"));
    let puts: Vec<_> = puts.collect();
    let throttled = puts.iter().position(|call| call.status == Some(429)).expect("a card was put off");
    assert!(puts[throttled + 1].at_ms >= puts[throttled].at_ms + 3000, "{puts:#?}");
    assert_eq!(bot.cards_that("retry", 429), 1);
}

fn a_room_that_put_the_bot_out_is_given_up(bot: &mut Bot) {
    bot.is_in_teams("");
    bot.world.set_bot_in_conversation(scene::THREAD_DATA_OPS, false);
    bot.ana_requests_in_teams_among_others();
    bot.until("her card", |world| {
        in_conversation(world, &format!("a:direct-{}", scene::ANA_OBJECT))
            .iter()
            .any(|card| said(card).contains(WAITING))
    });
    bot.rest();
    assert_eq!(bot.cards_that("gone", 403), 1, "{}", bot.log());
    let card = bot.their_card(scene::ANA_OBJECT);
    bot.touches(scene::ANA_OBJECT, &card, "Enter credential");
    bot.ana_fills_in_the_page("without-the-room");
    bot.until("her card", |world| {
        let own = in_conversation(world, &format!("a:direct-{}", scene::ANA_OBJECT));
        own.iter().any(|card| super::is_card(card) && said(card).contains(VERIFIED))
    });
}

fn an_approver_who_blocked_the_bot_sees_the_card_in_its_room(bot: &mut Bot) {
    bot.world.set_bot_blocked(scene::BEN_OBJECT, true);
    bot.is_in_teams(ONE_LEAD);
    bot.ana_requests_in_teams();
    bot.until_all(&[scene::ANA_OBJECT, scene::GIL_OBJECT], super::UNAPPROVED);
    bot.rest();
    assert_eq!(bot.cards_that("gone", 403), 1);
    bot.shown_for(scene::BEN_OBJECT, "Approve");
    bot.until_all(&[scene::ANA_OBJECT], WAITING);
}

fn a_token_refused_is_fetched_anew(bot: &mut Bot) {
    bot.is_in_teams("");
    bot.ana_requests_in_teams();
    bot.until_all(&[scene::ANA_OBJECT], WAITING);
    bot.rest();
    bot.world.revoke_tokens();
    let whoami = said(&bot.answers(scene::ANA_OBJECT, "whoami"));
    assert!(whoami.contains("Ana Ortiz"), "Graph and the connector took fresh ones: {whoami}");
    bot.ana_finishes("by-fresh-tokens");
}

fn a_card_that_is_gone_is_posted_anew(bot: &mut Bot) {
    bot.is_in_teams("");
    bot.ana_requests_in_teams();
    bot.until_all(&[scene::ANA_OBJECT], WAITING);
    bot.rest();
    let gone = FaultKind::status(404, &json!({"error": {"code": "ActivityNotFoundInConversation"}}));
    bot.world.script(Fault::once("teams", "dataops", gone).on_method("PUT"));
    bot.ana_finishes("posted-anew");
    assert_eq!(in_conversation(&bot.world, scene::THREAD_DATA_OPS).len(), 2);
}

fn a_message_delivered_twice_is_acted_on_once(bot: &mut Bot) {
    bot.is_in_teams("");
    let message = bot.colleague(scene::ANA_OBJECT).tells("rotate sales-db");
    for _ in 0..3 {
        bot.acts(&message);
        bot.rest();
    }
    assert_eq!(bot.own(scene::ANA_OBJECT).len(), 1);
    assert_eq!(bot.logged("repeated"), 2);
}

fn many_cards_in_one_room_keep_to_what_it_takes(bot: &mut Bot) {
    let fleet = bot.world.fleet(20);
    let name = |number: usize| format!("burst-{number:02}");
    let targets = fleet.iter().enumerate().map(|(number, place)| fleet_of(&name(number), std::slice::from_ref(place)));
    bot.moves_to_teams(&[], &targets.collect::<String>());
    let ana = bot.colleague(scene::ANA_OBJECT);
    for number in 0..fleet.len() {
        bot.acts(&ana.commands(scene::THREAD_DATA_OPS, "rotate"));
        let inputs = json!({"target": name(number), "reason": "All at once"});
        bot.acts(&ana.submits_command(scene::THREAD_DATA_OPS, "rotate", &inputs));
    }
    bot.until("each waits in the room", |world| {
        let cards = in_conversation(world, scene::THREAD_DATA_OPS);
        cards.iter().filter(|card| said(card).contains(WAITING)).count() == fleet.len()
    });
    for thread in ["dataops", scene::ANA_OBJECT] {
        let spoken =
            bot.world.received().into_iter().filter(|call| {
                call.service == "teams" && call.path.contains("activities") && call.path.contains(thread)
            });
        let spoken: Vec<_> = spoken.filter(|call| ["POST", "PUT"].contains(&call.method.as_str())).collect();
        assert!(spoken.len() >= fleet.len(), "{thread}: {}", spoken.len());
        if bot.is_here() {
            for (most, within) in [(7, 1), (8, 2), (60, 30)] {
                let densest = densest(&spoken, Duration::from_secs(within));
                assert!(densest <= most, "{thread}: {densest} in {within} s");
            }
        } else {
            // On the way they bunch up as the machine pleases, so only the whole of it can be told: it takes four seconds.
            let at = |call: Option<&Received>| call.map_or(0, |call| call.at_ms);
            assert!(at(spoken.last()) - at(spoken.first()) > 2000, "{thread}: all at once");
        }
    }
    assert!(!bot.log().contains(r#""status":429"#), "it was never told to wait");
}

fn whoever_missed_a_change_fetches_the_card_anew(bot: &mut Bot) {
    bot.is_in_teams(ONE_LEAD);
    bot.ana_requests_in_teams();
    bot.until_all(&[scene::BEN_OBJECT], UNAPPROVED);
    let (ana, ben) = (bot.their_card(scene::ANA_OBJECT), bot.their_card(scene::BEN_OBJECT));
    bot.touches(scene::BEN_OBJECT, &ben, "Reject");
    bot.acts(&bot.colleague(scene::BEN_OBJECT).submits(&json!({"reason": "Not on a Friday"})));
    // What she has on her screen is from before.
    let anew = bot.acts(&bot.colleague(scene::ANA_OBJECT).refreshes(&ana).expect("it asks to be fetched"));
    let anew = String::from_utf8_lossy(anew.body()).into_owned();
    assert!(anew.contains("Rejected, nothing was changed") && !anew.contains("ActionSet"), "{anew}");
    bot.until_all(&[scene::ANA_OBJECT], "Rejected");
    let ended = bot.their_card(scene::ANA_OBJECT);
    assert!(bot.colleague(scene::ANA_OBJECT).refreshes(&ended).is_err(), "it does not change any more");
}
