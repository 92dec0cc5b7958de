//! Approvals in Teams: who may, as of the tap; how a card answers it; what is told to whom.

use emulator::teams::{Forgery, TeamsGesture, TeamsMessage};
use emulator::{Fault, FaultKind, scene};
use http::StatusCode;
use serde_json::{Value, json};

use super::{UNAPPROVED, VERIFIED, in_conversation, said, shown, words};
use crate::bot::{Bot, WAITING};
use crate::scene::ONE_LEAD;

crate::stories![
    a_member_of_the_group_approves_and_everybody_sees_it,
    somebody_named_approves_by_the_fallback,
    whoever_asked_does_not_approve,
    who_may_is_asked_at_the_tap,
    while_graph_cannot_be_asked_nothing_is_decided,
    a_double_tap_counts_once,
    of_two_at_once_the_second_is_told_who_was_first,
    a_rejection_says_why,
    an_altered_card_decides_nothing,
    a_link_is_never_shown_to_others,
    a_card_that_draws_itself_anew_decides_nothing;
    here only because "hours pass between the request and the approval":
    a_tap_after_the_end_is_told_so,
];

/// Who has a card while a lead has to approve.
pub const ASKED: [&str; 3] = [scene::ANA_OBJECT, scene::BEN_OBJECT, scene::GIL_OBJECT];

impl Bot {
    /// Ana asks for `sales-db`, up to the cards of those who may approve.
    pub fn ana_waits_in_teams(&mut self, rules: &str, asked: &[&str]) {
        self.is_in_teams(rules);
        self.ana_requests_in_teams();
        self.until_all(asked, UNAPPROVED);
        self.rest();
    }

    /// The card in the team's channel.
    pub fn room_card(&self) -> TeamsMessage {
        self.card_in(scene::THREAD_DATA_OPS).expect("a card in the channel")
    }

    /// Somebody's tap on the card in the channel, not delivered yet.
    fn touch(&self, object: &str, button: &str) -> TeamsGesture {
        self.colleague(object).taps(&self.room_card(), button, &Value::Null).expect("a card with that button")
    }

    /// What the card in the channel says to somebody who taps on it.
    pub fn shown_for(&self, object: &str, button: &str) -> String {
        let answer = self.acts(&self.touch(object, button));
        shown(&answer)
    }

    /// Checks that nothing was decided; then Gil approves as if nothing had been.
    pub fn gil_can_still_approve(&self, asked: &[&str]) {
        assert_eq!((self.happened("approve", "ok"), self.happened("deny", "ok")), (0, 0), "{}", self.log());
        self.shown_for(scene::GIL_OBJECT, "Approve");
        self.until_all(asked, WAITING);
    }
}

fn a_member_of_the_group_approves_and_everybody_sees_it(bot: &mut Bot) {
    bot.ana_waits_in_teams(ONE_LEAD, &ASKED);
    let his = bot.their_card(scene::BEN_OBJECT);
    let answer = bot.touches(scene::BEN_OBJECT, &his, "Approve");
    let answer: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(
        (&answer["statusCode"], answer["type"].as_str().unwrap()),
        (&json!(200), "application/vnd.microsoft.card.adaptive")
    );
    let shown = words(&answer);
    assert!(
        shown.contains("Approved by Ben Okafor") && !shown.contains("Reject"),
        "at once, for whoever tapped: {shown}"
    );
    bot.until_all(&ASKED, WAITING);
    for card in [bot.room_card(), bot.their_card(scene::GIL_OBJECT)] {
        let card = said(&card);
        assert!(card.contains("Approved by Ben Okafor") && !card.contains("Reject"), "{card}");
    }
    bot.until("Ana is told that it is her turn", |world| {
        in_conversation(world, &format!("a:direct-{}", scene::ANA_OBJECT))
            .iter()
            .any(|note| said(note).contains("You can enter the credential of Sales warehouse now"))
    });
    bot.ana_finishes("after-the-approval");
    bot.until_all(&ASKED, VERIFIED);
    let results = bot.own(scene::BEN_OBJECT).len();
    assert_eq!(results, 1, "results are for whoever asked");
}

fn somebody_named_approves_by_the_fallback(bot: &mut Bot) {
    let fay = format!(r#"approvers = ["entra:{}"], approvals = 1"#, scene::FAY_OBJECT);
    let asked = [scene::ANA_OBJECT, scene::FAY_OBJECT];
    bot.ana_waits_in_teams(&fay, &asked);
    let card = bot.room_card();
    bot.acts(&bot.colleague(scene::FAY_OBJECT).taps_fallback(&card, "Approve", &Value::Null).unwrap());
    bot.until_all(&asked, WAITING);
    assert!(said(&bot.room_card()).contains("Approved by Fay Lindqvist"));
    bot.rest();
    assert_eq!(
        bot.world.teams_messages().iter().filter(|message| message.reply_to.is_some()).count(),
        1,
        "the offer alone"
    );
}

fn whoever_asked_does_not_approve(bot: &mut Bot) {
    let data = r#"approvers = ["slack:S0DATA"], approvals = 1"#;
    let asked = [scene::ANA_OBJECT, scene::BEN_OBJECT];
    bot.ana_waits_in_teams(data, &asked);
    let shown = bot.shown_for(scene::ANA_OBJECT, "Approve");
    assert!(shown.contains("You asked for rotation ") && shown.contains("somebody else has to approve it."), "{shown}");
    assert!(shown.contains(UNAPPROVED) && shown.contains("Reject"), "the card is still there: {shown}");
    let before = bot.own(scene::ANA_OBJECT).len();
    let fallback = bot.colleague(scene::ANA_OBJECT).taps_fallback(&bot.room_card(), "Approve", &Value::Null);
    bot.acts(&fallback.unwrap());
    bot.until("she is told so", |world| {
        in_conversation(world, &format!("a:direct-{}", scene::ANA_OBJECT)).len() > before
    });
    bot.shown_for(scene::BEN_OBJECT, "Approve");
    bot.until_all(&asked, WAITING);
}

fn who_may_is_asked_at_the_tap(bot: &mut Bot) {
    bot.ana_waits_in_teams(ONE_LEAD, &ASKED);
    bot.world.set_directory_group_member(scene::GROUP_LEADS_OBJECT, scene::BEN_OBJECT, false);
    bot.world.set_account_enabled(scene::GIL_OBJECT, false);
    for (who, words) in [
        (scene::BEN_OBJECT, "You are not among those who may approve rotations of sales-db."),
        (scene::FAY_OBJECT, "You are not among those who may approve rotations of sales-db."),
        (scene::GIL_OBJECT, "you are signed in as a deactivated account."),
        (scene::DAN_OBJECT, "you are signed in as a deactivated account."),
        (scene::CYD_OBJECT, "you are signed in as a guest account."),
        ("0a1b2c3d-9999-4a5b-8c6d-7e8f90a1b2c3", "you are signed in as an account of another organisation."),
    ] {
        let shown = bot.shown_for(who, "Approve");
        assert!(shown.contains(words) && shown.contains("Nothing was changed."), "{who}: {shown}");
        bot.acts(&bot.touch(who, "Reject"));
        let dialog = bot.dialog(who);
        assert!(dialog.contains(words), "{who}: {dialog}");
    }
    bot.world.set_account_enabled(scene::GIL_OBJECT, true);
    bot.world.set_account_guest(scene::GIL_OBJECT, true);
    let shown = bot.shown_for(scene::GIL_OBJECT, "Approve");
    assert!(shown.contains("you are signed in as a guest account."), "{shown}");
    bot.world.set_account_guest(scene::GIL_OBJECT, false);
    bot.gil_can_still_approve(&ASKED);
}

fn while_graph_cannot_be_asked_nothing_is_decided(bot: &mut Bot) {
    bot.ana_waits_in_teams(ONE_LEAD, &ASKED);
    for (call, method) in [("users/", "GET"), ("checkMemberGroups", "POST")] {
        for kind in [
            FaultKind::LoseRequest,
            FaultKind::LoseResponse,
            FaultKind::status(503, &json!({})),
            FaultKind::throttled(20),
            FaultKind::status(403, &json!({"error": {"code": "Authorization_RequestDenied"}})),
            FaultKind::status(200, &json!("what is this")),
        ] {
            bot.world.script(Fault::once("graph", call, kind.clone()).on_method(method));
            let shown = bot.shown_for(scene::BEN_OBJECT, "Approve");
            assert!(
                shown.contains("Microsoft Graph") && shown.contains("Nothing was changed."),
                "{call} {kind:?}: {shown}"
            );
        }
    }
    bot.world.set_graph_permission("GroupMember.Read.All", false);
    let shown = bot.shown_for(scene::BEN_OBJECT, "Approve");
    assert!(shown.contains("needs the permissions User.Read.All and GroupMember.Read.All"), "{shown}");
    bot.world.set_graph_permission("GroupMember.Read.All", true);
    bot.gil_can_still_approve(&ASKED);
}

fn a_double_tap_counts_once(bot: &mut Bot) {
    bot.ana_waits_in_teams(ONE_LEAD, &ASKED);
    let tap = bot.touch(scene::BEN_OBJECT, "Approve");
    bot.acts(&tap);
    let again = bot.acts(&tap);
    let shown = shown(&again);
    assert!(shown.contains("Already approved by Ben Okafor at 20") && shown.contains(WAITING), "{shown}");
    bot.until_all(&ASKED, WAITING);
    assert_eq!(bot.happened("approve", "ok"), 1);
}

fn of_two_at_once_the_second_is_told_who_was_first(bot: &mut Bot) {
    bot.ana_waits_in_teams(ONE_LEAD, &ASKED);
    let (first, second) = (bot.touch(scene::GIL_OBJECT, "Approve"), bot.touch(scene::BEN_OBJECT, "Approve"));
    bot.acts(&first);
    let shown = shown(&bot.acts(&second));
    assert!(shown.contains("Already approved by Gil Haddad at 20"), "{shown}");
    bot.until_all(&ASKED, WAITING);
    assert!(!said(&bot.room_card()).contains("Ben Okafor"));
}

fn a_rejection_says_why(bot: &mut Bot) {
    bot.ana_waits_in_teams(ONE_LEAD, &ASKED);
    bot.acts(&bot.touch(scene::BEN_OBJECT, "Reject"));
    let form = bot.dialog(scene::BEN_OBJECT);
    assert!(form.contains("Reject the rotation of Sales warehouse, asked by Ana Ortiz"), "{form}");
    bot.acts(&bot.colleague(scene::BEN_OBJECT).submits(&json!({"reason": "   "})));
    assert!(bot.dialog(scene::BEN_OBJECT).contains("Say in a few words why"), "{}", bot.dialog(scene::BEN_OBJECT));
    bot.acts(&bot.touch(scene::BEN_OBJECT, "Reject"));
    bot.acts(&bot.colleague(scene::BEN_OBJECT).submits(&json!({"reason": "Quarter end"})));
    assert!(bot.world.teams_dialog(scene::BEN_OBJECT).is_none(), "closed");
    bot.until_all(&ASKED, "Rejected, nothing was changed");
    assert!(
        said(&bot.room_card()).contains("Rejected by Ben Okafor") && said(&bot.room_card()).contains(": Quarter end")
    );
    bot.until("Ana is told whose decision that was", |world| {
        in_conversation(world, &format!("a:direct-{}", scene::ANA_OBJECT)).iter().any(|note| {
            said(note).starts_with("Sales warehouse: Rejected") && said(note).contains("Rejected by Ben Okafor")
        })
    });
    bot.nothing_was_sent();
}

fn an_altered_card_decides_nothing(bot: &mut Bot) {
    bot.ana_waits_in_teams(ONE_LEAD, &ASKED);
    let card = bot.room_card();
    let altered = |pointer: &str, value: Value| {
        let forgery = Forgery { activity: json!({pointer: value}), ..Forgery::default() };
        let gesture = bot.colleague(scene::BEN_OBJECT).forged(forgery).taps(&card, "Approve", &Value::Null).unwrap();
        shown(&bot.acts(&gesture))
    };
    let data = "/value/action/data";
    for (value, expected) in [
        (json!({"value": "r00000000000000000"}), "This form or button is from another version of the app."),
        (json!({"value": {"id": 1}}), "This form or button is from another version of the app."),
        (json!({}), "This form or button is from another version of the app."),
        (Value::Null, "This form or button is from another version of the app."),
    ] {
        let shown = altered(data, value.clone());
        assert!(shown.contains(expected), "{value}: {shown}");
    }
    for verb in ["of_tomorrow", "APPROVE", "approve "] {
        let shown = altered("/value/action/verb", json!(verb));
        assert!(shown.contains("from another version of the app"), "{verb}: {shown}");
        assert!(shown.contains(UNAPPROVED), "over the card as it is: {shown}");
    }
    // What is in the data says nothing of who acts, and nothing of what the button does.
    let shown = altered("/value/action/verb", json!("cancel_rotation"));
    assert!(shown.contains("Only the person who asked for rotation "), "{shown}");
    let malformed = |pointer: &str, value: Value| {
        let forgery = Forgery { activity: json!({pointer: value}), ..Forgery::default() };
        let gesture = bot.colleague(scene::BEN_OBJECT).forged(forgery).taps(&card, "Approve", &Value::Null).unwrap();
        bot.deliver(gesture.request).status()
    };
    assert_eq!(malformed(data, json!("garbage")), StatusCode::BAD_REQUEST);
    assert_eq!(malformed("/value/action/type", json!("Action.Submit")), StatusCode::BAD_REQUEST);
    assert_eq!(
        malformed("/conversation/tenantId", json!("11111111-2f56-4c0c-9d6a-6a0f8a3b6b10")),
        StatusCode::FORBIDDEN
    );
    bot.gil_can_still_approve(&ASKED);
}

fn a_link_is_never_shown_to_others(bot: &mut Bot) {
    bot.is_in_teams("");
    bot.ana_requests_in_teams();
    bot.until_all(&[scene::ANA_OBJECT], WAITING);
    // Ana's client sends the button that opens the page as if it were another kind of button, from the channel.
    let card = bot.room_card();
    let altered = |activity: Value| bot.colleague(scene::ANA_OBJECT).forged(Forgery { activity, ..Forgery::default() });
    let executed = altered(json!({"/value/action/verb": "enter_credential"}));
    let submitted = altered(json!({"/value/action": "enter_credential"}));
    bot.acts(&executed.taps(&card, "Cancel rotation", &Value::Null).unwrap());
    bot.rest();
    bot.acts(&submitted.taps_fallback(&card, "Cancel rotation", &Value::Null).unwrap());
    bot.rest();
    let with_link = |message: &TeamsMessage| json!(message.cards).to_string().contains("/enter#");
    let linked: Vec<_> = bot.world.teams_messages().into_iter().filter(with_link).collect();
    assert!(
        linked.iter().all(|message| message.conversation == format!("a:direct-{}", scene::ANA_OBJECT)),
        "{linked:#?}"
    );
    assert_eq!(linked.len(), 2);
}

fn a_card_that_draws_itself_anew_decides_nothing(bot: &mut Bot) {
    bot.ana_waits_in_teams(ONE_LEAD, &ASKED);
    let forgery = Forgery { activity: json!({"/value/trigger": "automatic"}), ..Forgery::default() };
    for (who, expected) in [(scene::BEN_OBJECT, UNAPPROVED), (scene::CYD_OBJECT, "a guest account")] {
        let hand = bot.colleague(who).forged(forgery.clone());
        let answer = bot.acts(&hand.taps(&bot.room_card(), "Approve", &Value::Null).unwrap());
        let shown = shown(&answer);
        assert!(shown.contains(expected), "{shown}");
    }
    bot.gil_can_still_approve(&ASKED);
}

fn a_tap_after_the_end_is_told_so(bot: &mut Bot) {
    bot.ana_waits_in_teams(&format!("{ONE_LEAD}, expires = \"30m\""), &ASKED);
    let late = bot.touch(scene::BEN_OBJECT, "Approve");
    bot.until_all(&ASKED, "Expired without approval, nothing was changed");
    let response = bot.deliver(late.request);
    let shown = shown(&response);
    assert!(
        shown.contains("has moved on: it is already under way or has ended.") && shown.contains("Expired"),
        "{shown}"
    );
    assert_eq!(bot.happened("approve", "ok"), 0);
    bot.nothing_was_sent();
}
