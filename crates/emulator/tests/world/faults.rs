//! Scripted faults: which calls they hit, and whether the work behind a broken connection was done.

use emulator::fabric::refusal;
use emulator::powerbi::error;
use emulator::{Fault, FaultKind, Lost, scene};
use serde_json::{Value, json};

use crate::bot;

fn patch(world: &emulator::World) -> http::Request<bytes::Bytes> {
    let token = bot::token(world, scene::POWER_BI_RESOURCE);
    let credential = bot::password("svc", "second");
    let body = bot::datasource_patch(world, scene::GATEWAY_SALES, "Basic", &credential);
    let path = format!("/powerbi/v1.0/myorg/gateways/{}/datasources/{}", scene::GATEWAY_SALES, scene::SALES_ORACLE);
    bot::request("PATCH", &path, &token, &body)
}

#[test]
fn a_lost_request_did_nothing_and_a_lost_response_did_everything() {
    let world = bot::contoso();
    let request = patch(&world);
    world.script(Fault::once("powerbi", "datasources", FaultKind::LoseRequest).on_method("PATCH"));
    assert_eq!(
        bot::powerbi(&world, "GET", &format!("gateways/{}/datasources", scene::GATEWAY_SALES), &Value::Null).status,
        200
    );
    assert_eq!(world.serve(request.clone()).unwrap_err(), Lost::Request);
    assert!(world.opened().is_empty());

    world.script(Fault::once("powerbi", "datasources", FaultKind::LoseResponse).on_method("PATCH"));
    assert_eq!(world.serve(request.clone()).unwrap_err(), Lost::Response);
    assert_eq!(world.opened().len(), 1);

    world.script(Fault::once("powerbi", "datasources", FaultKind::Hang));
    assert_eq!(world.serve(request.clone()).unwrap_err(), Lost::Silence);
    assert_eq!(world.serve(request).unwrap().status(), 200);
    assert_eq!(world.received().iter().filter(|received| received.method == "PATCH").count(), 4);
}

#[test]
fn a_fault_hits_as_many_calls_as_it_says_and_no_others() {
    let world = bot::contoso();
    world.script(Fault::once("fabric", "connections", FaultKind::throttled(54)).repeated(2));
    let status = |path: &str| bot::fabric(&world, "GET", path, &Value::Null);
    assert_eq!(status("gateways").status, 200);
    let throttled = status("connections");
    assert_eq!((throttled.status, &throttled.headers["retry-after"]), (429, &"54".parse().unwrap()));
    assert_eq!(status("connections").status, 429);
    assert_eq!(status("connections").status, 200);
    world.script(Fault::once("fabric", "connections", FaultKind::throttled(54)).repeated(0));
    assert_eq!(status("connections").status, 200);
}

#[test]
fn a_fault_can_be_for_calls_that_say_something() {
    let world = bot::contoso();
    world.script(Fault::once("powerbi", "datasources", FaultKind::throttled(54)).saying("Windows"));
    let request = patch(&world);
    assert_eq!(world.serve(request.clone()).unwrap().status(), 200);
    world.script(Fault::once("powerbi", "datasources", FaultKind::throttled(54)).saying("RSA-OAEP"));
    assert_eq!(world.serve(request).unwrap().status(), 429);
}

#[test]
fn a_new_key_on_the_way_opens_nothing_that_was_sealed_before() {
    let world = bot::contoso();
    let request = patch(&world);
    let rekeyed = FaultKind::rekeyed(scene::GATEWAY_SALES, scene::GATEWAY_SALES);
    world.script(Fault::once("powerbi", "datasources", rekeyed).on_method("PATCH"));
    assert_eq!(world.serve(request).unwrap().status(), 400);
    assert!(world.opened().is_empty());
    assert_eq!(world.serve(patch(&world)).unwrap().status(), 200, "sealed to the new one");
}

#[test]
fn a_slow_answer_takes_the_worlds_time() {
    let world = bot::contoso();
    world.script(Fault::once("login", "token", FaultKind::Slow(2_500)));
    bot::token(&world, scene::POWER_BI_RESOURCE);
    assert_eq!(world.now_ms(), bot::START_MS + 2_500);
}

#[test]
fn a_fault_can_be_written_as_json() {
    let world = bot::contoso();
    let text = json!({"service": "fabric", "times": 1, "kind": {"Status": {"code": 503, "headers": [], "body": ""}}});
    world.script(serde_json::from_value(text).unwrap());
    assert_eq!(bot::fabric(&world, "GET", "gateways", &Value::Null).status, 503);
}

#[test]
fn every_shape_of_refusal_can_be_scripted() {
    let world = bot::contoso();
    let powerbi = |kind: FaultKind| {
        world.script(Fault::once("powerbi", "gateways", kind));
        bot::powerbi(&world, "GET", "gateways", &Value::Null)
    };
    let pipeline = powerbi(FaultKind::status(400, &error::pipeline(error::REFUSED_LOGIN, Some("Login failed"))));
    let detail = &pipeline.body["error"]["pbi.error"]["details"][0];
    assert_eq!(detail["detail"], json!({"type": 1, "value": "Login failed"}));
    let request = powerbi(FaultKind::status(400, &error::bad_request("no", "datasourceDelta")));
    assert_eq!(request.body["error"]["details"][0], json!({"message": "no", "target": "datasourceDelta"}));
    let words = powerbi(FaultKind::status(403, &error::words("API is not accessible for application")));
    assert_eq!(words.body["Message"], "API is not accessible for application");
    let header = powerbi(error::header_only(401, error::NOT_AUTHORIZED));
    assert_eq!(
        (header.status, &header.headers["x-powerbi-error-info"]),
        (401, &error::NOT_AUTHORIZED.parse().unwrap())
    );

    let blocked = refusal(429, "RequestBlocked", "Blocked", Some(("Until", "noon")));
    world.script(Fault::once("fabric", "connections", blocked));
    let answer = bot::fabric(&world, "GET", "connections", &Value::Null);
    assert_eq!((answer.status, &answer.body["moreDetails"][0]["errorCode"]), (429, &json!("Until")));
    assert_eq!(answer.headers["x-ms-public-api-error-code"], "RequestBlocked");
}
