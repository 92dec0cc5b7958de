//! What people do in Teams, as the service tells the bot, and what becomes of the answers.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use emulator::teams::{Forgery, SigningKey, TeamsGesture, TeamsMessage, TeamsPerson};
use emulator::{World, scene};
use http::Response;
use serde_json::{Value, json};

use crate::bot;

fn body(gesture: &TeamsGesture) -> Value {
    serde_json::from_slice(gesture.request.body()).unwrap()
}

/// The header and the claims of the token.
fn token(gesture: &TeamsGesture) -> (Value, Value) {
    let header = gesture.request.headers()["authorization"].to_str().unwrap();
    let parts: Vec<_> = header.strip_prefix("Bearer ").unwrap().split('.').collect();
    let part = |at: usize| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[at]).unwrap()).unwrap();
    (part(0), part(1))
}

fn answered(world: &World, gesture: &TeamsGesture, status: u16, body: &str) -> Result<(), String> {
    let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = status.try_into().unwrap();
    world.teams_answered(gesture, &response).map_err(|broken| broken.0)
}

const APPROVE: &str = r#"{"type":"AdaptiveCard","version":"1.5","body":[{"type":"TextBlock","text":"Approve?"}],
    "refresh":{"action":{"type":"Action.Execute","verb":"look","title":"x","data":{"id":"r1"}}},
    "actions":[{"type":"Action.Execute","title":"Approve","verb":"approve","data":{"id":"r1"},
        "fallback":{"type":"Action.Submit","title":"Approve","data":{"id":"r1","verb":"approve"}}},
    {"type":"Action.Submit","title":"Enter","data":{"id":"r1","msteams":{"type":"task/fetch"}}}]}"#;

/// A world with one card in a channel, and Ana.
fn shown() -> (World, TeamsMessage, TeamsPerson) {
    let world = bot::contoso();
    let card: Value = serde_json::from_str(APPROVE).unwrap();
    let activity = json!({"type": "message", "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}]});
    let path = format!("/teams/emea/{}/v3/conversations/{}/activities", scene::TENANT_ID, scene::THREAD_DATA_OPS);
    let token = bot::teams_token(&world, scene::CONNECTOR_RESOURCE);
    assert_eq!(bot::send(&world, bot::request("POST", &path, &token, &activity)).status, 201);
    let (message, ana) = (world.teams_messages()[0].clone(), world.teams_person(scene::ANA_OBJECT));
    (world, message, ana)
}

#[test]
fn every_request_is_signed_for_its_address_and_names_the_tenant() {
    let world = bot::contoso();
    world.set_base_url("http://127.0.0.1:9");
    let said = world.teams_person(scene::ANA_OBJECT).says(scene::THREAD_DATA_OPS, "rotate sales-db");
    assert_eq!(said.request.uri().path(), scene::TEAMS_PATH);
    let body = body(&said);
    assert_eq!((&body["text"], &body["channelId"]), (&json!("<at>pbi</at> rotate sales-db"), &json!("msteams")));
    assert_eq!(body["from"]["aadObjectId"], scene::ANA_OBJECT);
    assert_eq!([&body["conversation"]["tenantId"], &body["channelData"]["tenant"]["id"]], [scene::TENANT_ID; 2]);
    let (header, claims) = token(&said);
    assert_eq!((&header["alg"], &header["kid"]), (&json!("RS256"), &json!("connector-1")));
    assert_eq!(claims["serviceurl"], format!("http://127.0.0.1:9/teams/emea/{}/", scene::TENANT_ID));
    assert_eq!((&claims["serviceurl"], &claims["aud"]), (&body["serviceUrl"], &json!(scene::TEAMS_APP_ID)));
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["nbf"].as_u64().unwrap(), 3600);
    world.rotate_teams_keys();
    let direct = world.teams_person(scene::ANA_OBJECT).tells("help");
    assert_eq!(token(&direct).0["kid"], "connector-2");
    assert_eq!(self::body(&direct)["conversation"]["conversationType"], "personal");
    assert_eq!(
        self::body(&world.teams_person(scene::ANA_OBJECT).slash(scene::THREAD_DATA_OPS, "x"))["recipient"]["isTargeted"],
        true
    );
}

#[test]
fn a_forgery_departs_where_it_says() {
    let forgery = Forgery {
        key: Some(SigningKey::WebChat),
        header: json!({"crit": ["x"]}),
        claims: json!({"aud": "x", "exp": null}),
        activity: json!({"/serviceUrl": "https://attacker.example/", "/conversation/tenantId": null}),
    };
    let said = bot::contoso().teams_person(scene::ANA_OBJECT).forged(forgery).tells("help");
    let ((header, claims), body) = (token(&said), body(&said));
    assert_eq!((&header["kid"], &header["crit"], &claims["aud"]), (&json!("webchat-1"), &json!(["x"]), &json!("x")));
    assert_eq!((claims.get("exp"), body["conversation"].get("tenantId")), (None, None));
    assert_eq!(body["serviceUrl"], "https://attacker.example/");
    assert_ne!(claims["serviceurl"], body["serviceUrl"]);
}

#[test]
fn a_tap_carries_the_buttons_data_and_the_inputs() {
    let (_, message, ana) = shown();
    let tapped = body(&ana.taps(&message, "Approve", &json!({"why": "due"})).unwrap());
    assert_eq!((&tapped["name"], &tapped["replyToId"]), (&json!("adaptiveCard/action"), &json!(message.id)));
    assert_eq!(tapped["value"]["action"]["verb"], "approve");
    assert_eq!(tapped["value"]["action"]["data"], json!({"id": "r1", "why": "due"}));
    let tapped = body(&ana.taps_fallback(&message, "Approve", &Value::Null).unwrap());
    assert_eq!((&tapped["type"], &tapped["value"]), (&json!("message"), &json!({"id": "r1", "verb": "approve"})));
    assert_eq!(tapped.get("text"), None);
    assert_eq!(body(&ana.refreshes(&message).unwrap())["value"]["trigger"], "automatic");
    let opened = body(&ana.taps(&message, "Enter", &Value::Null).unwrap());
    assert_eq!((&opened["name"], &opened["value"]["data"]["id"]), (&json!("task/fetch"), &json!("r1")));
    assert!(
        ana.taps(&message, "Deny", &Value::Null).is_err()
            && ana.taps_fallback(&message, "Enter", &Value::Null).is_err()
    );
}

#[test]
fn an_answer_to_a_card_changes_it_for_one_person_until_it_is_rewritten() {
    let (world, message, ana) = shown();
    let tapped = ana.taps(&message, "Approve", &Value::Null).unwrap();
    let card = json!({"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "Approved"}]});
    let good = json!({"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": card});
    answered(&world, &tapped, 200, &good.to_string()).unwrap();
    assert_eq!(world.teams_seen(scene::ANA_OBJECT, &message), [card]);
    assert_eq!(world.teams_seen(scene::BEN_OBJECT, &message), message.cards);
    for good in [
        json!({"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Done"}),
        json!({"statusCode": 400, "type": "application/vnd.microsoft.error", "value": {"code": "a", "message": "b"}}),
    ] {
        answered(&world, &tapped, 200, &good.to_string()).unwrap();
    }
    for bad in [
        json!({}),
        json!({"statusCode": 200, "type": "application/vnd.microsoft.adaptive.card", "value": {}}),
        json!({"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": {"type": "AdaptiveCard"}}),
        json!({"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": {}}),
        json!({"statusCode": 400, "type": "application/vnd.microsoft.error", "value": "no"}),
    ] {
        assert!(answered(&world, &tapped, 200, &bad.to_string()).is_err(), "{bad}");
    }
    assert!(answered(&world, &tapped, 403, "{}").is_err() && answered(&world, &tapped, 200, "").is_err());
    let path = format!(
        "/teams/emea/{}/v3/conversations/{}/activities/{}",
        scene::TENANT_ID,
        scene::THREAD_DATA_OPS,
        message.id
    );
    let token = bot::teams_token(&world, scene::CONNECTOR_RESOURCE);
    assert_eq!(
        bot::send(&world, bot::request("PUT", &path, &token, &json!({"type": "message", "text": "over"}))).status,
        200
    );
    assert!(world.teams_seen(scene::ANA_OBJECT, &message).is_empty(), "everybody sees the new one");
}

#[test]
fn an_answer_has_five_seconds() {
    let (world, message, ana) = shown();
    let message_ok =
        json!({"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "x"}).to_string();
    let tapped = ana.taps(&message, "Approve", &Value::Null).unwrap();
    world.advance(5000);
    answered(&world, &tapped, 200, &message_ok).unwrap();
    world.advance(1);
    assert!(answered(&world, &tapped, 200, &message_ok).is_err());
}

#[test]
fn a_dialog_is_opened_kept_and_closed() {
    let (world, message, ana) = shown();
    let open = |value: Value| json!({"task": {"type": "continue", "value": value}}).to_string();
    let fetch = ana.taps(&message, "Enter", &Value::Null).unwrap();
    answered(&world, &fetch, 200, &open(json!({"title": "Enter", "url": "https://bot.example/enter"}))).unwrap();
    assert_eq!(world.teams_dialog(scene::ANA_OBJECT).unwrap()["url"], "https://bot.example/enter");
    assert_eq!(world.teams_dialog(scene::BEN_OBJECT), None);
    let card = |version: &str| json!({"contentType": "application/vnd.microsoft.card.adaptive", "content": {"type": "AdaptiveCard", "version": version}});
    let command = ana.commands(scene::THREAD_DATA_OPS, "rotate");
    answered(&world, &command, 200, &open(json!({"title": "Rotate", "card": card("1.5")}))).unwrap();
    for bad in [
        json!({"title": "Rotate", "card": card("1.6")}),
        json!({"title": "Rotate"}),
        json!({"card": card("1.5")}),
        json!({"title": "Rotate", "url": "http://bot.example"}),
        json!({"title": "Rotate", "url": "https://bot.example", "card": card("1.5")}),
    ] {
        assert!(answered(&world, &command, 200, &open(bad.clone())).is_err(), "{bad}");
    }
    assert!(answered(&world, &command, 200, "").is_err(), "nothing to close yet");
    assert!(answered(&world, &command, 200, r#"{"task":{"type":"close"}}"#).is_err());
    assert!(world.teams_dialog(scene::ANA_OBJECT).is_some());
    answered(&world, &ana.submits(&json!({"a": "b"})), 200, "").unwrap();
    assert_eq!(world.teams_dialog(scene::ANA_OBJECT), None);
    let sent = ana.submits_command(scene::THREAD_DATA_OPS, "rotate", &json!({"target": "sales-db"}));
    assert_eq!(body(&sent)["value"]["data"], json!({"target": "sales-db"}));
    answered(&world, &sent, 200, r#"{"task":{"type":"message","value":"Done"}}"#).unwrap();
}

#[test]
fn what_the_bot_does_not_know_is_501_and_what_it_is_told_is_taken() {
    let world = bot::contoso();
    let ana = world.teams_person(scene::ANA_OBJECT);
    let unknown = ana.invokes_unknown(scene::THREAD_DATA_OPS, "composeExtension/query");
    answered(&world, &unknown, 501, "").unwrap();
    assert!(answered(&world, &unknown, 200, "").is_err());
    let added = ana.adds_bot(scene::THREAD_PRIVATE);
    assert_eq!((&body(&added)["type"], &body(&added)["action"]), (&json!("installationUpdate"), &json!("add")));
    answered(&world, &added, 200, "").unwrap();
    assert!(answered(&world, &added, 500, "").is_err());
    assert_eq!(body(&ana.removes_bot(scene::THREAD_PRIVATE))["action"], "remove");
}
