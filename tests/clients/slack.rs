//! Slack: the requests it gets, and what is read from its answers.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, header};
use pbi_rotate::clients::HEADERS;
use pbi_rotate::clients::slack::{Identity, Opened, Slack};
use pbi_rotate::codec::slack::message::Message;
use pbi_rotate::config::SlackConfig;
use pbi_rotate::domain::names::{GroupId, PersonId};
use pbi_rotate::domain::trouble::Cause;
use pbi_rotate::ports::Patience;
use serde_json::{Value, json};

use crate::scene::workspace;
use crate::wire::{Answer, Script, answer, run};

/// One call of the client, its outcome, and the wire after it.
macro_rules! call {
    ($answer:expr, |$client:ident| $call:expr) => {{
        let (wire, config) = (Script::new([$answer]), workspace());
        let $client = Slack::new(&wire, &config);
        let outcome = run($call);
        (outcome, wire)
    }};
}

fn ok(body: &str) -> Answer {
    answer(200, &[], body)
}

fn ana() -> PersonId {
    PersonId::slack("U0ANA").unwrap()
}

fn leads() -> GroupId {
    GroupId::slack("S0LEADS").unwrap()
}

fn hello() -> Message {
    Message { text: "Hello".into(), blocks: vec![json!({"type": "divider"})] }
}

fn sent(wire: &Script, method: &str) -> Request<Bytes> {
    let request = wire.only();
    assert_eq!(
        (request.method(), request.uri().to_string()),
        (&Method::POST, format!("https://slack.test/api/{method}"))
    );
    request
}

/// What was sent to `method` as JSON.
fn body(wire: &Script, method: &str) -> Value {
    let request = sent(wire, method);
    assert_eq!(request.headers()[header::CONTENT_TYPE], "application/json; charset=utf-8");
    serde_json::from_slice(request.body()).unwrap()
}

/// What was sent to `method` as a form.
fn form(wire: &Script, method: &str) -> String {
    let request = sent(wire, method);
    assert_eq!(request.headers()[header::CONTENT_TYPE], "application/x-www-form-urlencoded");
    String::from_utf8(request.body().to_vec()).unwrap()
}

#[test]
fn every_call_carries_the_token_as_a_secret_and_waits_ten_seconds() {
    let (_, wire) = call!(ok(r#"{"ok":true}"#), |slack| slack.identity());
    let request = sent(&wire, "auth.test");
    assert_eq!(request.headers()[header::AUTHORIZATION], "Bearer xoxb-t0ken");
    assert!(request.headers()[header::AUTHORIZATION].is_sensitive());
    assert_eq!(request.extensions().get(), Some(&Patience(Duration::from_secs(10))));
}

#[test]
fn direct_messages_are_opened_before_they_are_written_to() {
    let (channel, wire) = call!(ok(r#"{"ok":true,"channel":{"id":"D0ANA"}}"#), |slack| slack.direct(&ana()));
    assert_eq!(channel.as_deref(), Ok("D0ANA"));
    assert_eq!(body(&wire, "conversations.open"), json!({"users": "U0ANA"}));
    for answer in [r#"{"ok":true}"#, r#"{"ok":true,"channel":{"id":null}}"#, r#"{"ok":true,"channel":"D0ANA"}"#] {
        let (channel, _) = call!(ok(answer), |slack| slack.direct(&ana()));
        assert_eq!(channel.map_err(|trouble| trouble.cause), Err(Cause::Unintelligible), "{answer}");
    }
}

#[test]
fn a_message_is_posted_replied_to_and_rewritten() {
    let (posted, wire) =
        call!(ok(r#"{"ok":true,"channel":"C0OPS","ts":"17.1"}"#), |slack| slack.post("C0OPS", &hello()));
    assert_eq!(posted, Ok(("C0OPS".to_owned(), "17.1".to_owned())));
    let message = json!({"channel": "C0OPS", "text": "Hello", "blocks": [{"type": "divider"}], "unfurl_links": false});
    assert_eq!(body(&wire, "chat.postMessage"), message);

    let (replied, wire) = call!(ok(r#"{"ok":true}"#), |slack| slack.reply("C0OPS", "17.1", &hello()));
    assert_eq!(replied, Ok(()));
    let mut within = message;
    within["thread_ts"] = json!("17.1");
    assert_eq!(body(&wire, "chat.postMessage"), within);

    let (rewritten, wire) = call!(ok(r#"{"ok":true}"#), |slack| slack.rewrite("C0OPS", "17.1", &hello()));
    assert_eq!(rewritten, Ok(()));
    let expected = json!({"channel": "C0OPS", "ts": "17.1", "text": "Hello", "blocks": [{"type": "divider"}]});
    assert_eq!(body(&wire, "chat.update"), expected);
}

#[test]
fn an_interaction_is_answered_at_slacks_own_address_without_the_token() {
    let (answered, wire) = call!(ok("ok"), |slack| slack.respond("https://hooks.slack.test/actions/T0/1/x", &hello()));
    assert_eq!(answered, Ok(()));
    let request = wire.only();
    assert_eq!(request.uri().to_string(), "https://hooks.slack.test/actions/T0/1/x");
    assert!(!request.headers().contains_key(header::AUTHORIZATION));
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!((&body["response_type"], &body["replace_original"]), (&json!("ephemeral"), &json!(false)));

    for elsewhere in ["https://hooks.slack.test.evil.test/x", "https://evil.test/x", "http://hooks.slack.test/x", ""] {
        let (wire, config) = (Script::new([]), workspace());
        let answered = run(Slack::new(&wire, &config).respond(elsewhere, &hello()));
        assert_eq!(answered.map_err(|trouble| trouble.cause), Err(Cause::NotAllowed), "{elsewhere}");
        assert!(wire.lines().is_empty());
    }
}

#[test]
fn a_form_is_opened_and_replaced_only_while_it_is_as_opened() {
    let view = json!({"type": "modal"});
    let (opened, wire) = call!(ok(r#"{"ok":true,"view":{"id":"V1","hash":"h1"}}"#), |slack| slack.open("t1", &view));
    let opened = opened.unwrap();
    assert_eq!(opened, Opened { id: "V1".into(), hash: "h1".into() });
    assert_eq!(body(&wire, "views.open"), json!({"trigger_id": "t1", "view": view}));

    let (replaced, wire) = call!(ok(r#"{"ok":true}"#), |slack| slack.replace(&opened, &view));
    assert_eq!(replaced, Ok(()));
    assert_eq!(body(&wire, "views.update"), json!({"view_id": "V1", "hash": "h1", "view": view}));
}

#[test]
fn the_app_home_is_published_for_one_person() {
    let view = json!({"type": "home", "blocks": []});
    let (published, wire) = call!(ok(r#"{"ok":true,"view":{}}"#), |slack| slack.publish_home(&ana(), &view));
    assert_eq!(published, Ok(()));
    assert_eq!(body(&wire, "views.publish"), json!({"user_id": "U0ANA", "view": view}));
}

#[test]
fn a_person_is_read_with_every_mark_that_keeps_them_out() {
    let whole = r#"{"ok":true,"user":{"id":"U1","team_id":"T1","deleted":true,"is_bot":true,"is_restricted":true,
        "is_ultra_restricted":true,"is_stranger":true,"real_name":"Ana","enterprise_user":{"id":"W1","enterprise_id":"E1"}}}"#;
    let (user, wire) = call!(ok(whole), |slack| slack.user("U0ANA"));
    assert_eq!(form(&wire, "users.info"), "user=U0ANA");
    let user = user.unwrap();
    let marks = [user.deleted, user.is_bot, user.is_restricted, user.is_ultra_restricted, user.is_stranger];
    assert_eq!(marks, [true; 5]);
    assert_eq!((user.id.as_str(), user.team_id.as_deref(), user.real_name.as_deref()), ("U1", Some("T1"), Some("Ana")));
    let enterprise = user.enterprise_user.unwrap();
    assert_eq!((enterprise.id.as_str(), enterprise.enterprise_id.as_deref()), ("W1", Some("E1")));

    for unreadable in
        [r#"{"ok":true}"#, r#"{"ok":true,"user":{"deleted":"no"}}"#, r#"{"ok":true,"user":{"is_bot":null}}"#]
    {
        let (user, _) = call!(ok(unreadable), |slack| slack.user("U0ANA"));
        assert_eq!(user.map(|user| user.id).map_err(|trouble| trouble.cause), Err(Cause::Unintelligible));
    }
}

#[test]
fn a_group_has_the_members_slack_lists() {
    let (members, wire) = call!(ok(r#"{"ok":true,"users":["U0ANA","W0BEN"]}"#), |slack| slack.group_members(&leads()));
    assert_eq!(members, Ok(vec!["U0ANA".to_owned(), "W0BEN".to_owned()]));
    assert_eq!(form(&wire, "usergroups.users.list"), "usergroup=S0LEADS&team_id=T0TEAM");

    let (wire, config) = (Script::new([ok(r#"{"ok":true,"users":[]}"#)]), SlackConfig { team_id: None, ..workspace() });
    assert_eq!(run(Slack::new(&wire, &config).group_members(&leads())), Ok(Vec::new()));
    assert_eq!(form(&wire, "usergroups.users.list"), "usergroup=S0LEADS");

    for unreadable in [r#"{"ok":true}"#, r#"{"ok":true,"users":null}"#, r#"{"ok":true,"users":{}}"#] {
        let (members, _) = call!(ok(unreadable), |slack| slack.group_members(&leads()));
        assert_eq!(members.map_err(|trouble| trouble.cause), Err(Cause::Unintelligible), "{unreadable}");
    }
}

#[test]
fn one_of_several_ids_in_a_group_is_enough_and_none_is_not() {
    let rows = [(vec!["U0ANA"], true), (vec!["W0ANA", "U0ANA"], true), (vec!["W0ANA"], false), (vec![], false)];
    for (ids, expected) in rows {
        let people: Vec<_> = ids.iter().map(|id| PersonId::slack(id).unwrap()).collect();
        let (within, _) =
            call!(ok(r#"{"ok":true,"users":["U0BEN","U0ANA"]}"#), |slack| slack.in_group(&leads(), &people));
        assert_eq!(within, Ok(expected), "{ids:?}");
    }
}

#[test]
fn the_token_says_whose_it_is_and_its_scopes_stand_in_a_header() {
    assert!(HEADERS.iter().any(|name| name == "x-oauth-scopes"), "the wire carries it in");
    let text = |text: &str| Some(text.to_owned());
    let scopes = |list: &[&str]| Some(list.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>());
    let of_team =
        r#"{"ok":true,"url":"https://x.slack.com/","team":"Contoso","user":"bot","team_id":"T1","bot_id":"B1"}"#;
    let of_org = r#"{"ok":true,"team_id":null,"enterprise_id":"E1","bot_id":"B1","is_enterprise_install":true}"#;
    let rows = [
        (
            of_team,
            Some("chat:write,commands, im:write"),
            text("T1"),
            None,
            scopes(&["chat:write", "commands", "im:write"]),
        ),
        (of_org, Some("commands"), None, text("E1"), scopes(&["commands"])),
        (of_org, Some(""), None, text("E1"), scopes(&[])),
        (of_org, None, None, text("E1"), None),
    ];
    for (body, header, team, enterprise, scopes) in rows {
        let headers: Vec<_> = header.map(|list| ("X-OAuth-Scopes", list)).into_iter().collect();
        let (identity, _) = call!(answer(200, &headers, body), |slack| slack.identity());
        assert_eq!(identity, Ok(Identity { team, enterprise, bot: text("B1"), scopes }), "{header:?}");
    }
    let (identity, wire) = call!(ok(r#"{"ok":true,"team_id":7}"#), |slack| slack.identity());
    assert_eq!(identity.map_err(|trouble| trouble.cause), Err(Cause::Unintelligible));
    assert_eq!(body(&wire, "auth.test"), json!({}));
}
