//! The world behind a socket: real connections, broken and silent ones, and the control routes.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use emulator::{Clock, Fault, FaultKind, Server, World, listen, scene};
use serde_json::{Value, json};

fn open() -> (World, Server) {
    let world = World::contoso(Clock::System);
    let server = listen(world.clone(), SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    (world, server)
}

fn write(server: &Server, method: &str, path: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}",
        server.address(),
        scene::BOT_TOKEN
    )
    .unwrap();
    stream
}

/// Status and JSON body; nothing when the connection broke.
fn send(server: &Server, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut text = String::new();
    write(server, method, path, &body).read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap_or(Value::Null)))
}

#[test]
fn a_request_over_the_wire_meets_the_same_world() {
    let (world, server) = open();
    let body = json!({"channel": scene::CHANNEL_SALES, "text": "hello"});
    let (status, answer) = send(&server, "POST", "/slack/api/chat.postMessage", &body).unwrap();
    assert_eq!((status, &answer["ok"]), (200, &json!(true)));
    assert_eq!(world.messages()[0].text, "hello");
    world.reset();
    assert!(world.messages().is_empty());
    let gesture = world.person(scene::ANA).slash(scene::CHANNEL_SALES, "");
    let form = String::from_utf8_lossy(gesture.request.body()).into_owned();
    let hook = format!("http%3A%2F%2F127.0.0.1%3A{}%2Fslack%2Fhooks%2F", server.address().port());
    assert!(form.contains(&hook), "{form}");
}

#[test]
fn a_lost_response_breaks_the_connection_after_the_work_was_done() {
    let (world, server) = open();
    let post =
        || send(&server, "POST", "/slack/api/chat.postMessage", &json!({"channel": scene::CHANNEL_SALES, "text": "x"}));
    world.script(Fault::once("slack", "postMessage", FaultKind::LoseRequest));
    assert_eq!((post(), world.messages().len()), (None, 0));
    world.script(Fault::once("slack", "postMessage", FaultKind::LoseResponse));
    assert_eq!((post(), world.messages().len()), (None, 1));
    assert!(post().is_some());
}

#[test]
fn a_hanging_call_stays_silent_while_others_are_served() {
    let (world, server) = open();
    world.script(Fault::once("slack", "auth.test", FaultKind::Hang));
    let mut silent = write(&server, "POST", "/slack/api/auth.test", "");
    silent.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    assert!(silent.read(&mut [0]).is_err(), "nothing comes, and the connection is open");
    assert!(send(&server, "POST", "/slack/api/auth.test", &Value::Null).is_some());
}

#[test]
fn the_control_routes_read_and_change_the_world() {
    let (world, server) = open();
    let post = |path: &str, body: Value| send(&server, "POST", path, &body).unwrap();
    let get = |path: &str| send(&server, "GET", path, &Value::Null).unwrap().1;

    let fault = json!({"service": "slack", "times": 1, "kind": {"Status": {"code": 503, "headers": [], "body": ""}}});
    assert_eq!(post("/control/faults", fault).0, 200);
    assert_eq!(post("/slack/api/auth.test", json!({})).0, 503);
    assert_eq!(get("/control/received")[0]["status"], 503);

    assert_eq!(post("/control/settings", json!({"scope": {"scope": "chat:write", "granted": false}})).0, 200);
    let body = json!({"channel": scene::CHANNEL_SALES, "text": "x"});
    assert_eq!(post("/slack/api/chat.postMessage", body).1["error"], "missing_scope");
    assert_eq!(post("/control/settings", json!({"powerbi_denied_status": 404})).0, 200);
    let (status, refusal) = post("/control/settings", json!({"member_key": {"gateway": "", "member": "", "pem": "x"}}));
    assert_eq!((status, refusal["reason"].is_string()), (400, true));
    assert_eq!(post("/control/settings", json!({"gravity": false})).0, 400);

    for setting in [json!({"powerbi_quota": 1}), json!({"fabric_quota": null})] {
        assert_eq!(post("/control/settings", setting).0, 200);
    }
    assert_eq!(get("/control/throttled/slack"), json!({"calls": 0}));

    let before = world.now_ms();
    assert_eq!(post("/control/advance", json!({"ms": 3_600_000})).0, 200);
    assert!(get("/control/now")["now_ms"].as_u64().unwrap() >= before + 3_600_000);
    assert_eq!(post("/control/reset", json!({})).0, 200);
    assert_eq!(get("/control/received"), json!([]));
    assert_eq!((get("/control/opened"), get("/control/tests")), (json!([]), json!([])));
    assert_eq!(send(&server, "GET", "/control/nothing", &Value::Null).unwrap().0, 404);
}

#[test]
fn hands_can_be_moved_from_afar() {
    let (_world, server) = open();
    let post = |path: &str, body: Value| send(&server, "POST", path, &body).unwrap();
    let slash = json!({"user": scene::ANA, "does": {"slash": {"channel": scene::CHANNEL_SALES, "text": "help"}}});
    let (_, gesture) = post("/control/hands", slash);
    assert_eq!((&gesture["method"], &gesture["path"]), (&json!("POST"), &json!(scene::COMMAND_PATH)));
    assert!(gesture["headers"]["x-slack-signature"].as_str().unwrap().starts_with("v0="));
    assert!(gesture["body"].as_str().unwrap().contains("text=help"));

    let answer = json!({"gesture": gesture["gesture"], "status": 200, "content_type": "application/json", "body": r#"{"text":"Hello"}"#});
    assert_eq!(post("/control/answered", answer).0, 200);
    let messages = send(&server, "GET", "/control/messages", &Value::Null).unwrap().1;
    assert_eq!((&messages[0]["text"], &messages[0]["only_for"]), (&json!("Hello"), &json!(scene::ANA)));
    assert_eq!(post("/control/answered", json!({"gesture": 0, "status": 500, "body": ""})).0, 400);
    let tap = json!({"user": scene::ANA, "does": {"tap": {"channel": scene::CHANNEL_SALES, "ts": "0", "button": "x"}}});
    assert_eq!(post("/control/hands", tap).1["reason"], "there is no such message");
}

#[test]
fn events_and_old_copies_can_be_had_from_afar() {
    let (world, server) = open();
    let post = |path: &str, body: Value| send(&server, "POST", path, &body).unwrap();
    let does = |does: Value| post("/control/hands", json!({"user": scene::BEN, "does": does})).1;
    let opened = does(json!("open_home"));
    assert_eq!((&opened["path"], does(json!("open_messages"))["path"].is_string()), (&json!(scene::EVENTS_PATH), true));
    let retry = json!({"gesture": opened["gesture"], "attempt": 1, "reason": "http_error"});
    assert_eq!(post("/control/retry", retry).1["headers"]["x-slack-retry-num"], "1");
    assert!(post("/control/verify-url", json!({})).1["body"].as_str().unwrap().contains("challenge"));

    let button = json!({"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Approve"}});
    let menu = json!({"type": "overflow", "action_id": "more", "options": [{"text": {"type": "plain_text", "text": "x"}, "value": "x"}]});
    let channel = post("/slack/api/conversations.open", json!({"users": scene::BEN})).1["channel"]["id"].clone();
    let card = json!({"channel": channel, "text": "x", "blocks": [{"type": "actions", "elements": [button, menu]}]});
    let ts = post("/slack/api/chat.postMessage", card).1["ts"].clone();
    let pick = json!({"pick": {"channel": channel, "ts": ts, "menu": "more", "value": "x"}});
    assert!(does(pick)["gesture"].is_number());
    let old = send(&server, "GET", &format!("/control/direct/{}", scene::BEN), &Value::Null).unwrap().1[0].clone();
    post("/slack/api/chat.update", json!({"channel": channel, "ts": ts, "text": "done"}));
    assert!(does(json!({"tap_as_seen": {"message": old, "button": "Approve"}}))["gesture"].is_number());

    let settings = [
        json!({"user_guest": {"user": scene::GIL, "guest": true}}),
        json!({"group_disabled": {"group": scene::GROUP_LEADS, "disabled": true}}),
    ];
    for setting in settings {
        assert_eq!(post("/control/settings", setting.clone()).0, 200, "{setting}");
    }
    assert_eq!(world.direct_messages(scene::BEN)[0].text, "done");
}

#[test]
fn models_can_be_set_and_read_from_afar() {
    let (_world, server) = open();
    let model = scene::DATASET_CLOUD;
    let settings = [
        json!({"model_bound": {"model": model, "bound": false}}),
        json!({"shared_capacity": {"model": model, "shared": true}}),
        json!({"refreshes": {"model": model, "end": {"AfterLooks": 2}, "error": "x"}}),
        json!({"refreshes": {"model": model, "end": {"At": 0}}}),
        json!({"workspace_member": {"workspace": scene::WORKSPACE, "member": false}}),
        json!({"model_owned": {"model": model, "owned": true}}),
    ];
    for setting in settings {
        assert_eq!(send(&server, "POST", "/control/settings", &setting).unwrap().0, 200, "{setting}");
    }
    let told = send(&server, "GET", &format!("/control/models/{model}"), &Value::Null).unwrap().1;
    assert_eq!((&told["owned"], &told["sources"][0][0]), (&json!(true), &json!(scene::GATEWAY_CLOUD)));
}

#[test]
fn a_fleet_can_be_had_from_afar() {
    let (_world, server) = open();
    let (status, fleet) = send(&server, "POST", "/control/fleet", &json!({"destinations": 2})).unwrap();
    assert_eq!(status, 200);
    assert!(fleet[0]["data_source"]["gateway"].is_string() && fleet[1]["connection"]["id"].is_string(), "{fleet}");
}
