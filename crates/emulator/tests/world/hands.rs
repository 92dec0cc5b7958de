//! A person's hands: what Slack sends when they do something, and what it takes for an answer.

use bytes::Bytes;
use emulator::slack::{Forge, Gesture, sign};
use emulator::{World, scene};
use http::Response;
use serde_json::{Value, json};

use crate::bot;
use crate::slack::{actions, button, call, card, input, modal, plain, trigger, with};

fn answer(body: &Value) -> Response<Bytes> {
    Response::builder().header("content-type", "application/json").body(Bytes::from(body.to_string())).unwrap()
}

fn nothing() -> Response<Bytes> {
    Response::new(Bytes::new())
}

fn field(gesture: &Gesture, name: &str) -> String {
    let mut fields = url::form_urlencoded::parse(gesture.request.body()).into_owned();
    fields.find(|(found, _)| found == name).unwrap().1
}

fn payload(gesture: &Gesture) -> Value {
    serde_json::from_str(&field(gesture, "payload")).unwrap()
}

/// A modal with one text field, open before Ana.
fn ask(world: &World, element: Value) -> String {
    let gesture = world.person(scene::ANA).slash(scene::CHANNEL_DATA_OPS, "rotate");
    let view = modal(&[input(element, "Reason")]);
    let opened = call(world, "views.open", &json!({"trigger_id": trigger(&gesture), "view": view}));
    opened["view"]["id"].as_str().unwrap().to_owned()
}

fn reason() -> Value {
    json!({"type": "plain_text_input", "action_id": "reason", "max_length": 10})
}

#[test]
fn the_signature_is_slacks() {
    let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let signature = sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body.as_bytes());
    assert_eq!(signature, "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503");
}

#[test]
fn a_request_can_be_forged_in_every_part() {
    let world = bot::contoso();
    let ana = world.person(scene::ANA);
    let header = |forge: Forge, name: &str| {
        ana.forging(forge).slash(scene::CHANNEL_SALES, "help").request.headers()[name].to_str().unwrap().to_owned()
    };
    let honest = ana.slash(scene::CHANNEL_SALES, "help").request;
    let timestamp = (bot::START_MS / 1000).to_string();
    assert_eq!(honest.headers()["x-slack-request-timestamp"], timestamp.as_str());
    assert_eq!(honest.headers()["x-slack-signature"], sign(scene::SIGNING_SECRET, &timestamp, honest.body()).as_str());

    assert_eq!(
        header(Forge { timestamp: Some("soon".into()), ..Forge::default() }, "x-slack-request-timestamp"),
        "soon"
    );
    let upper = header(Forge { uppercase: true, ..Forge::default() }, "x-slack-signature");
    assert!(upper.starts_with("v0=") && upper[3..].chars().all(|digit| !digit.is_ascii_lowercase()));
    assert!(header(Forge { version: Some("v1".into()), ..Forge::default() }, "x-slack-signature").starts_with("v1="));
    let stolen = ana.forging(Forge { signing_secret: Some("guess".into()), ..Forge::default() });
    let request = stolen.slash(scene::CHANNEL_SALES, "help").request;
    assert_eq!(request.headers()["x-slack-signature"], sign("guess", &timestamp, request.body()).as_str());
    let swapped = ana.forging(Forge { body: Some(Bytes::from("text=no")), ..Forge::default() });
    assert_eq!(swapped.slash(scene::CHANNEL_SALES, "help").request.body(), "text=no");
    let elsewhere = Forge {
        app_id: Some("A0X".into()),
        team: Some("T0X".into()),
        enterprise: Some("E0X".into()),
        ..Forge::default()
    };
    let gesture = ana.forging(elsewhere).slash(scene::CHANNEL_SALES, "help");
    let found = ["api_app_id", "team_id", "enterprise_id"].map(|name| field(&gesture, name));
    assert_eq!(found, ["A0X", "T0X", "E0X"]);
}

#[test]
fn a_slash_command_is_answered_for_one_persons_eyes() {
    let world = bot::contoso();
    let gesture = world.person(scene::ANA).slash(scene::CHANNEL_SALES, "help me");
    let sent = ["command", "text", "user_id", "is_enterprise_install"].map(|name| field(&gesture, name));
    assert_eq!(sent, ["/pbi", "help me", scene::ANA, "false"]);
    world.slack_answered(&gesture, &answer(&json!({"text": "Hello Ana"}))).unwrap();
    assert_eq!(world.person(scene::ANA).sees().pop().unwrap().text, "Hello Ana");
    assert!(world.person(scene::BEN).sees().is_empty());
    world.slack_answered(&gesture, &nothing()).unwrap();
    world.slack_answered(&gesture, &Response::new(Bytes::from("plain words"))).unwrap();
    assert_eq!(world.person(scene::ANA).sees().pop().unwrap().text, "plain words");

    let refused = |body: &Value| world.slack_answered(&gesture, &answer(body)).unwrap_err().to_string();
    assert!(refused(&json!({"blocks": [{"type": "divider"}]})).contains("no_text"));
    assert!(refused(&json!({"text": "x", "blocks": [{"type": "x"}]})).contains("invalid_blocks"));
    assert!(refused(&json!({"text": "x", "response_type": "loud"})).contains("loud"));
    let unwell = Response::builder().status(500).body(Bytes::new()).unwrap();
    assert!(world.slack_answered(&gesture, &unwell).is_err());
    world.advance(3000);
    world.slack_answered(&gesture, &nothing()).unwrap();
    world.advance(1);
    assert!(world.slack_answered(&gesture, &nothing()).unwrap_err().to_string().contains("operation_timeout"));
}

#[test]
fn a_tap_says_who_where_and_what() {
    let world = bot::contoso();
    let mut approve = button("approve", "Approve");
    approve["value"] = json!("r-1");
    let ts = card(&world, &[actions(&[approve])]);
    let gesture = world.person(scene::BEN).tap(scene::CHANNEL_DATA_OPS, &ts, "Approve").unwrap();
    let sent = payload(&gesture);
    assert_eq!(sent["type"], "block_actions");
    assert_eq!((&sent["user"]["id"], &sent["user"]["team_id"]), (&json!(scene::BEN), &json!(scene::TEAM)));
    assert_eq!((&sent["team"]["id"], &sent["enterprise"]["id"]), (&json!(scene::TEAM), &json!(scene::ENTERPRISE)));
    assert_eq!((&sent["actions"][0]["action_id"], &sent["actions"][0]["value"]), (&json!("approve"), &json!("r-1")));
    assert_eq!(sent["container"]["message_ts"], json!(ts));
    assert_eq!(sent["message"]["blocks"][0]["block_id"], "actions");
    world.slack_answered(&gesture, &nothing()).unwrap();

    world.set_org_install(true);
    let sent = payload(&world.person(scene::BEN_ENTERPRISE).tap(scene::CHANNEL_DATA_OPS, &ts, "approve").unwrap());
    assert_eq!((&sent["team"], &sent["user"]["id"]), (&Value::Null, &json!(scene::BEN_ENTERPRISE)));
    assert_eq!(
        payload(&world.person(scene::EVE).tap(scene::CHANNEL_DATA_OPS, &ts, "approve").unwrap())["user"]["team_id"],
        scene::FOREIGN_TEAM
    );

    let direct = call(&world, "conversations.open", &json!({"users": scene::ANA}))["channel"]["id"].clone();
    let body = json!({"channel": direct, "text": "x", "blocks": [actions(&[button("approve", "Approve")])]});
    let letter = call(&world, "chat.postMessage", &body)["ts"].as_str().unwrap().to_owned();
    assert!(world.person(scene::BEN).tap(direct.as_str().unwrap(), &letter, "approve").is_err(), "it is Ana's letter");
    assert!(world.person(scene::ANA).tap(direct.as_str().unwrap(), &letter, "approve").is_ok());

    let missing = world.person(scene::BEN).tap(scene::CHANNEL_DATA_OPS, &ts, "Deny").unwrap_err();
    assert!(missing.to_string().contains("approve"), "it says what there was: {missing}");
    assert!(world.person(scene::BEN).tap(scene::CHANNEL_SALES, &ts, "Approve").is_err());
}

#[test]
fn an_ephemeral_message_is_for_its_reader_alone_and_travels_without_its_text() {
    let world = bot::contoso();
    let body = json!({"channel": scene::CHANNEL_DATA_OPS, "user": scene::ANA, "text": "x", "blocks": [actions(&[button("open", "Open form")])]});
    let ts = call(&world, "chat.postEphemeral", &body)["message_ts"].as_str().unwrap().to_owned();
    assert!(world.person(scene::BEN).tap(scene::CHANNEL_DATA_OPS, &ts, "open").is_err());
    let sent = payload(&world.person(scene::ANA).tap(scene::CHANNEL_DATA_OPS, &ts, "open").unwrap());
    assert_eq!((sent.get("message"), &sent["container"]["is_ephemeral"]), (None, &json!(true)));
}

#[test]
fn a_response_url_works_five_times_and_for_half_an_hour() {
    let world = bot::contoso();
    world.set_base_url("http://127.0.0.1:1234");
    let ts = card(&world, &[actions(&[button("approve", "Approve")])]);
    let hook = |world: &World| {
        let sent = payload(&world.person(scene::BEN).tap(scene::CHANNEL_DATA_OPS, &ts, "approve").unwrap());
        sent["response_url"].as_str().unwrap().strip_prefix("http://127.0.0.1:1234").unwrap().to_owned()
    };
    let (used, spare) = (hook(&world), hook(&world));
    let post = |path: &str, body: &Value| bot::send(&world, bot::request("POST", path, "", body));
    assert_eq!(post(&used, &json!({"text": "Approved", "replace_original": true})).status, 200);
    assert_eq!(world.messages()[0].text, "Approved");
    assert_eq!(post(&used, &json!({"text": "for you"})).status, 200);
    assert_eq!(world.messages()[1].only_for.as_deref(), Some(scene::BEN));
    assert_eq!(post(&used, &json!({"blocks": []})).status, 400);
    assert_eq!(post(&used, &json!({"text": "4"})).status, 200);
    assert_eq!(post(&used, &json!({"text": "5"})).status, 200);
    assert_eq!(post(&used, &json!({"text": "6"})).status, 404);
    assert_eq!(post(&spare, &json!({"delete_original": true})).status, 200);
    assert!(world.messages().iter().all(|message| message.ts != ts));
    assert_eq!(post("/slack/hooks/guess", &json!({"text": "x"})).status, 404);
}

#[test]
fn a_response_url_ends_after_half_an_hour() {
    let world = bot::contoso();
    let url = field(&world.person(scene::BEN).slash(scene::CHANNEL_SALES, ""), "response_url");
    let post = || {
        bot::send(
            &world,
            bot::request("POST", url.strip_prefix("https://emulator.test").unwrap(), "", &json!({"text": "x"})),
        )
        .status
    };
    world.advance(30 * 60 * 1000 - 1);
    assert_eq!(post(), 200);
    world.advance(1);
    assert_eq!(post(), 404);
}

#[test]
fn a_modal_is_filled_in_as_slack_lets_it() {
    let world = bot::contoso();
    let view = ask(&world, with(reason(), "min_length", json!(2)));
    let ana = world.person(scene::ANA);
    assert!(ana.submit(&view, &[]).unwrap_err().to_string().contains("'Reason' has to be filled in"));
    assert!(ana.submit(&view, &[("reason", json!("far too long"))]).is_err());
    assert!(ana.submit(&view, &[("reason", json!("x"))]).is_err(), "two characters at least");
    assert!(ana.submit(&view, &[("reson", json!("typo"))]).is_err());
    assert!(world.person(scene::BEN).submit(&view, &[("reason", json!("x"))]).is_err(), "it is Ana's screen");
    let sent = payload(&ana.submit(&view, &[("reason", json!("expired"))]).unwrap());
    assert_eq!(
        sent["view"]["state"]["values"]["field"]["reason"],
        json!({"type": "plain_text_input", "value": "expired"})
    );
    assert_eq!((&sent["type"], &sent["view"]["id"]), (&json!("view_submission"), &json!(view)));
    assert!(sent.get("response_url").is_none());
}

#[test]
fn an_answer_to_a_submission_changes_the_screen() {
    let world = bot::contoso();
    let view = ask(&world, reason());
    let submit = || world.person(scene::ANA).submit(&view, &[("reason", json!("x"))]).unwrap();
    let errors = json!({"response_action": "errors", "errors": {"field": "Say more"}});
    world.slack_answered(&submit(), &answer(&errors)).unwrap();
    assert_eq!(world.modals(scene::ANA)[0].errors, json!({"field": "Say more"}));
    let update = json!({"response_action": "update", "view": modal(&[input(reason(), "Better")])});
    world.slack_answered(&submit(), &answer(&update)).unwrap();
    assert_eq!(world.modals(scene::ANA)[0].body["blocks"][0]["label"]["text"], "Better");
    let push = json!({"response_action": "push", "view": modal(&[])});
    world.slack_answered(&submit(), &answer(&push)).unwrap();
    assert_eq!(world.modals(scene::ANA).len(), 2);
    assert!(world.person(scene::ANA).submit(&view, &[("reason", json!("x"))]).is_err(), "another modal lies on top");
    let top = world.modals(scene::ANA)[1].id.clone();
    let gesture = world.person(scene::ANA).submit(&top, &[]).unwrap();
    world.slack_answered(&gesture, &nothing()).unwrap();
    assert_eq!(world.modals(scene::ANA).len(), 1);
    world.slack_answered(&submit(), &answer(&json!({"response_action": "clear"}))).unwrap();
    assert!(world.modals(scene::ANA).is_empty());
}

#[test]
fn an_answer_to_a_submission_that_breaks_the_rules_is_not_taken() {
    let world = bot::contoso();
    let view = ask(&world, reason());
    let refused = |body: &Value| {
        let gesture = world.person(scene::ANA).submit(&view, &[("reason", json!("x"))]).unwrap();
        world.slack_answered(&gesture, &answer(body)).unwrap_err()
    };
    refused(&json!({"ok": true}));
    refused(&json!({"response_action": "close"}));
    refused(&json!({"response_action": "errors", "errors": {}}));
    refused(&json!({"response_action": "errors", "errors": {"reason": "an action_id"}}));
    refused(&json!({"response_action": "errors", "errors": {"field": ""}}));
    refused(&json!({"response_action": "update"}));
    refused(&json!({"response_action": "push", "view": {"type": "modal", "blocks": []}}));
    assert_eq!(world.modals(scene::ANA).len(), 1);

    let push = answer(&json!({"response_action": "push", "view": modal(&[])}));
    for pushed in [true, true, false] {
        let top = world.modals(scene::ANA).pop().unwrap();
        let values: &[(&str, Value)] = if top.id == view { &[("reason", json!("x"))] } else { &[] };
        let gesture = world.person(scene::ANA).submit(&top.id, values).unwrap();
        assert_eq!(world.slack_answered(&gesture, &push).is_ok(), pushed);
    }
}

#[test]
fn closing_is_told_only_when_asked_for() {
    let world = bot::contoso();
    let ana = world.person(scene::ANA);
    assert!(ana.close(&ask(&world, reason())).unwrap().is_none());
    let gesture = ana.slash(scene::CHANNEL_DATA_OPS, "");
    let mut view = modal(&[]);
    view["notify_on_close"] = json!(true);
    let opened = call(&world, "views.open", &json!({"trigger_id": trigger(&gesture), "view": view}));
    let sent = payload(&ana.close(opened["view"]["id"].as_str().unwrap()).unwrap().unwrap());
    assert_eq!((&sent["type"], &sent["is_cleared"]), (&json!("view_closed"), &json!(false)));
    assert!(world.modals(scene::ANA).is_empty());
}

#[test]
fn an_external_menu_takes_only_what_the_bot_offered() {
    let world = bot::contoso();
    let menu = json!({"type": "external_select", "action_id": "target", "min_query_length": 1, "placeholder": plain("Target")});
    let view = ask(&world, menu);
    let ana = world.person(scene::ANA);
    assert!(ana.suggest(&view, "target", "").is_err());
    assert!(ana.submit(&view, &[("target", json!("sales-db"))]).is_err(), "nothing was offered yet");
    let gesture = ana.suggest(&view, "target", "sal").unwrap();
    assert_eq!(gesture.request.uri(), scene::OPTIONS_PATH);
    assert_eq!(payload(&gesture)["value"], "sal");
    let option = json!({"text": plain("Sales warehouse"), "value": "sales-db"});
    assert!(world.slack_answered(&gesture, &answer(&json!({"options": vec![option.clone(); 101]}))).is_err());
    world.slack_answered(&gesture, &answer(&json!({"options": [option]}))).unwrap();
    let sent = payload(&ana.submit(&view, &[("target", json!("sales-db"))]).unwrap());
    assert_eq!(sent["view"]["state"]["values"]["field"]["target"]["selected_option"]["value"], "sales-db");
}

#[test]
fn a_home_tab_has_buttons_too() {
    let world = bot::contoso();
    let home = json!({"type": "home", "blocks": [actions(&[button("rotate", "Rotate")])]});
    call(&world, "views.publish", &json!({"user_id": scene::ANA, "view": home}));
    let view = world.home(scene::ANA).unwrap().id;
    let sent = payload(&world.person(scene::ANA).tap_in_view(&view, "Rotate").unwrap());
    assert_eq!((&sent["container"]["type"], &sent["view"]["type"]), (&json!("view"), &json!("home")));
    assert!(world.person(scene::BEN).tap_in_view(&view, "Rotate").is_err());
}
