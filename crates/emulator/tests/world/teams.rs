//! Teams' connector: what it takes, what it refuses, and what people see of it.

use emulator::teams::TeamsMessage;
use emulator::{Fault, FaultKind, World, scene};
use serde_json::{Value, json};

use crate::bot;

fn call(world: &World, method: &str, path: &str, body: &Value) -> bot::Answer {
    let token = bot::teams_token(world, scene::CONNECTOR_RESOURCE);
    bot::send(
        world,
        bot::request(method, &format!("/teams/emea/{}/v3/conversations{path}", scene::TENANT_ID), &token, body),
    )
}

fn refusal(answer: &bot::Answer) -> (u16, &str) {
    (answer.status, answer.body["error"]["code"].as_str().unwrap_or_default())
}

fn activities(conversation: &str) -> String {
    format!("/{}/activities", conversation.replace(':', "%3A").replace('@', "%40").replace(';', "%3B"))
}

fn card(body: &Value) -> Value {
    let content = json!({"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "x"}]});
    let mut content = content.as_object().unwrap().clone();
    content.extend(body.as_object().unwrap().clone());
    json!({"type": "message", "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": content}]})
}

fn only(world: &World) -> TeamsMessage {
    let [message] = &world.teams_messages()[..] else { panic!("one message") };
    message.clone()
}

#[test]
fn a_message_is_sent_answered_and_rewritten() {
    let world = bot::contoso();
    let thread = format!("{};messageid=17", scene::THREAD_DATA_OPS);
    let sent = call(&world, "POST", &activities(&thread), &json!({"type": "message", "text": "a"}));
    assert_eq!(sent.status, 201);
    let id = sent.body["id"].as_str().unwrap();
    let message = only(&world);
    assert_eq!(
        (message.conversation.as_str(), message.id.as_str(), message.text.as_str()),
        (scene::THREAD_DATA_OPS, id, "a")
    );

    let path = format!("{}/{id}", activities(scene::THREAD_DATA_OPS));
    assert_eq!(call(&world, "PUT", &path, &card(&json!({}))).status, 200);
    let message = only(&world);
    assert_eq!((message.text.as_str(), message.cards.len(), message.edits), ("", 1, 1));
    assert_eq!(call(&world, "POST", &path, &json!({"type": "message", "text": "b"})).status, 201);
    assert_eq!(world.teams_messages()[1].reply_to.as_deref(), Some(id));
    let nowhere = format!("{}/1", activities(scene::THREAD_DATA_OPS));
    assert_eq!(
        refusal(&call(&world, "PUT", &nowhere, &json!({"type": "message", "text": "b"}))),
        (404, "ActivityNotFoundInConversation")
    );
}

#[test]
fn a_token_for_something_else_or_of_yesterday_is_refused() {
    let world = bot::contoso();
    let path = format!("/teams/emea/{}/v3/conversations{}", scene::TENANT_ID, activities(scene::THREAD_DATA_OPS));
    let status = |token: &str| {
        bot::send(&world, bot::request("POST", &path, token, &json!({"type": "message", "text": "a"}))).status
    };
    let (good, graph) =
        (bot::teams_token(&world, scene::CONNECTOR_RESOURCE), bot::teams_token(&world, scene::GRAPH_RESOURCE));
    assert_eq!([status(&good), status(&graph), status("made-up")], [201, 401, 401]);
    assert_eq!(status(&bot::token(&world, scene::POWER_BI_RESOURCE)), 401);
    world.advance(3_600_000);
    assert_eq!(status(&good), 401);
}

#[test]
fn what_the_service_refuses_is_refused() {
    let world = bot::contoso();
    let words = json!({"type": "message", "text": "a"});
    let sent = |conversation: &str, body: &Value| {
        let answer = call(&world, "POST", &activities(conversation), body);
        (answer.status, answer.body["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    let refused = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(sent("19:nowhere@thread.tacv2", &words), refused(404, "ConversationNotFound"));
    assert_eq!(sent(scene::THREAD_PRIVATE, &words), refused(403, "BotNotInConversationRoster"));
    assert_eq!(sent(scene::THREAD_DATA_OPS, &json!({"type": "message"})), refused(400, "BadSyntax"));
    assert_eq!(sent(scene::THREAD_DATA_OPS, &json!({"type": "shout", "text": "a"})), refused(400, "BadArgument"));
    let long = |units: usize| json!({"type": "message", "text": "a".repeat(units)});
    assert_eq!(sent(scene::THREAD_DATA_OPS, &long(51_300)), refused(413, "MessageSizeTooBig"));
    assert_eq!(sent(scene::THREAD_DATA_OPS, &long(51_000)).0, 201);
    for (code, name) in [(403, "BotDisabledByAdmin"), (412, "PreconditionFailed")] {
        world.script(Fault::once("teams", "activities", FaultKind::status(code, &json!({"error": {"code": name}}))));
        assert_eq!(sent(scene::THREAD_DATA_OPS, &words), refused(code, name));
    }
    world.script(Fault::once("teams", "activities", FaultKind::throttled(3)));
    assert_eq!(sent(scene::THREAD_DATA_OPS, &words).0, 429);
    world.set_bot_in_conversation(scene::THREAD_DATA_OPS, false);
    assert_eq!(sent(scene::THREAD_DATA_OPS, &words), refused(403, "BotNotInConversationRoster"));
}

#[test]
fn a_card_is_held_against_the_schema() {
    let world = bot::contoso();
    let sent = |body: Value| call(&world, "POST", &activities(scene::THREAD_DATA_OPS), &card(&body));
    let text = |text: &str| json!({"type": "TextBlock", "text": text});
    let execute = |title: &str| json!({"type": "Action.Execute", "title": title, "verb": "v"});
    let input = |id: &str| json!({"type": "Input.Text", "id": id, "style": "password"});
    let column = json!({"type": "ColumnSet", "columns": [{"type": "Column", "items": [text("x")]}]});
    for good in [
        json!({"actions": vec![execute("a"); 6]}),
        json!({"body": [column, {"type": "FactSet", "facts": [{"title": "a", "value": "b"}]}, input("a"), input("b")]}),
        json!({"actions": [{"type": "Action.Execute", "title": "a", "verb": "v", "fallback": {"type": "Action.Submit", "title": "a"}}]}),
        json!({"actions": [{"type": "Action.OpenUrl", "title": "a", "url": "https://a.example"}], "version": "1.4"}),
        json!({"refresh": {"action": execute("a"), "userIds": vec!["29:ana"; 60]}}),
    ] {
        assert_eq!(sent(good.clone()).status, 201, "{good}");
    }
    for (bad, words) in [
        (json!({"version": "1.6"}), "the version"),
        (json!({"type": "HeroCard"}), "AdaptiveCard"),
        (json!({"body": [{"type": "Media"}]}), "no such element: Media"),
        (json!({"body": [{"type": "Container", "items": [{"type": "Chart.Pie"}]}]}), "no such element: Chart.Pie"),
        (json!({"body": [{"type": "ColumnSet", "columns": [{"items": [text("")]}]}]}), "no text"),
        (json!({"body": [{"type": "Table", "rows": [{"cells": [{"items": [text("")]}]}]}]}), "no text"),
        (json!({"body": [{"type": "FactSet", "facts": [{"title": "a"}]}]}), "a fact"),
        (json!({"body": [{"type": "Image", "url": "data:x"}]}), "https"),
        (json!({"body": [input("a"), input("a")]}), "an input's id"),
        (json!({"body": [{"type": "Input.ChoiceSet", "id": "a", "choices": [{"title": "a"}]}]}), "a choice"),
        (json!({"actions": vec![execute("a"); 7]}), "more than six"),
        (json!({"actions": [{"type": "Action.Http", "title": "a"}]}), "no such action"),
        (json!({"actions": [{"type": "Action.Execute", "title": "a"}]}), "no verb"),
        (json!({"actions": [{"type": "Action.Submit"}]}), "no title"),
        (json!({"actions": [{"type": "Action.OpenUrl", "title": "a", "url": "javascript:x"}]}), "https"),
        (
            json!({"actions": [{"type": "Action.Execute", "title": "a", "verb": "v", "fallback": {"type": "x"}}]}),
            "no such action",
        ),
        (json!({"refresh": {"action": {"type": "Action.Submit"}}}), "a refresh"),
        (json!({"refresh": {"action": execute("a"), "userIds": vec!["29:ana"; 61]}}), "60 people"),
    ] {
        let answer = sent(bad.clone());
        assert_eq!(refusal(&answer), (400, "BadSyntax"), "{bad}");
        assert!(answer.body["error"]["message"].as_str().unwrap().contains(words), "{}", answer.body);
    }
}

#[test]
fn a_conversation_with_one_person_is_opened_once() {
    let world = bot::contoso();
    let tenant = scene::TENANT_ID;
    let asked = |member: &str, tenant: &str, bot: &str| {
        let body = json!({
            "isGroup": false, "bot": {"id": format!("28:{bot}")}, "members": [{"id": member}], "tenantId": tenant,
            "channelData": {"tenant": {"id": tenant}},
        });
        call(&world, "POST", "", &body)
    };
    let first = asked("29:ben", tenant, scene::TEAMS_APP_ID);
    assert_eq!(first.status, 201);
    assert_eq!(asked(scene::BEN_OBJECT, tenant, scene::TEAMS_APP_ID).body, first.body);
    let direct = first.body["id"].as_str().unwrap();
    assert_eq!(call(&world, "POST", &activities(direct), &json!({"type": "message", "text": "a"})).status, 201);
    assert_eq!(refusal(&asked("29:nobody", tenant, scene::TEAMS_APP_ID)), (404, "ConversationNotFound"));
    assert_eq!(refusal(&asked("29:ben", scene::CLIENT_ID, scene::TEAMS_APP_ID)), (400, "BadArgument"));
    assert_eq!(refusal(&asked("29:ben", tenant, scene::CLIENT_ID)), (403, "BotNotRegistered"));
    world.set_bot_blocked(scene::BEN_OBJECT, true);
    assert_eq!(refusal(&asked("29:ben", tenant, scene::TEAMS_APP_ID)), (403, "ConversationBlockedByUser"));
    let blocked = call(&world, "POST", &activities(direct), &json!({"type": "message", "text": "a"}));
    assert_eq!(refusal(&blocked), (403, "ConversationBlockedByUser"));
}

#[test]
fn members_are_told_by_either_id() {
    let world = bot::contoso();
    let path = |id: &str| format!("/{}/members/{id}", scene::THREAD_DATA_OPS.replace(':', "%3A"));
    for id in ["29%3Aana", scene::ANA_OBJECT] {
        let answer = call(&world, "GET", &path(id), &Value::Null);
        assert_eq!((answer.status, &answer.body["aadObjectId"]), (200, &json!(scene::ANA_OBJECT)));
    }
    assert_eq!(
        refusal(&call(&world, "GET", &path("29%3Anobody"), &Value::Null)),
        (404, "MemberNotFoundInConversation")
    );
}

#[test]
fn the_metadata_leads_to_the_keys() {
    let world = bot::contoso();
    let get = |path: &str| bot::send(&world, bot::request("GET", path, "", &Value::Null)).body;
    let metadata = get("/teams/v1/.well-known/openidconfiguration");
    assert_eq!(metadata["jwks_uri"], "http://emulator.test/teams/v1/.well-known/keys");
    let kids = || {
        let keys = get("/teams/v1/.well-known/keys")["keys"].as_array().unwrap().clone();
        keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(kids(), ["connector-1", "webchat-1", "plain-1"]);
    world.rotate_teams_keys();
    assert_eq!(kids()[0], "connector-2");
}
