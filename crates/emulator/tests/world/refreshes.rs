//! Refreshes: accepted, looked at, completed or failed, and how many there may be.

use emulator::powerbi::error;
use emulator::{RefreshEnd, World, scene};
use serde_json::{Value, json};

use crate::bot::{self, Answer};

fn path(rest: &str) -> String {
    format!("groups/{}/datasets/{}/refreshes{rest}", scene::WORKSPACE, scene::DATASET_ON_PREMISES)
}

fn begin(world: &World, body: &Value) -> Answer {
    bot::powerbi(world, "POST", &path(""), body)
}

/// The latest entry of the history.
fn latest(world: &World) -> Value {
    let answer = bot::powerbi(world, "GET", &path("?$top=1"), &Value::Null);
    assert_eq!((answer.status, answer.body["value"].as_array().unwrap().len()), (200, 1));
    answer.body["value"][0].clone()
}

fn code(entry: &Value) -> Value {
    let exception: Value = serde_json::from_str(entry["serviceExceptionJson"].as_str().unwrap()).unwrap();
    exception["errorCode"].clone()
}

#[test]
fn a_refresh_is_accepted_runs_and_completes() {
    let world = bot::contoso();
    let accepted = begin(&world, &json!({"notifyOption": "NoNotification"}));
    assert_eq!((accepted.status, &accepted.body), (202, &Value::Null));
    assert!(!accepted.headers.contains_key("x-ms-request-id") && !accepted.headers.contains_key("location"));
    let running = latest(&world);
    assert_eq!((&running["status"], &running["refreshType"]), (&json!("Unknown"), &json!("ViaApi")));
    assert_eq!(running["requestId"], accepted.headers["requestid"].to_str().unwrap());
    assert_eq!((running.get("endTime"), running.get("serviceExceptionJson")), (None, None));
    let done = latest(&world);
    assert_eq!((&done["status"], &done["requestId"]), (&json!("Completed"), &running["requestId"]));
    assert_eq!(
        (&done["startTime"], &done["endTime"]),
        (&json!("2026-01-15T09:00:00Z"), &json!("2026-01-15T09:00:00Z"))
    );
    assert_eq!(done["refreshAttempts"][0]["type"], "Data");
    let details =
        bot::powerbi(&world, "GET", &path(&format!("/{}", done["requestId"].as_str().unwrap())), &Value::Null);
    assert_eq!(details.status, 404, "details are for enhanced refreshes");
}

#[test]
fn a_refresh_ends_when_the_script_says() {
    let world = bot::contoso();
    world.script_refreshes(scene::DATASET_ON_PREMISES, RefreshEnd::AfterLooks(3), None);
    begin(&world, &Value::Null);
    let seen: Vec<Value> = (0..4).map(|_| latest(&world)["status"].clone()).collect();
    assert_eq!(seen, ["Unknown", "Unknown", "Unknown", "Completed"]);

    let end = world.now_ms() + 90_000;
    let error = "ModelRefreshFailed_CredentialsNotSpecified";
    world.script_refreshes(scene::DATASET_ON_PREMISES, RefreshEnd::At(end), Some(error));
    begin(&world, &Value::Null);
    world.advance(89_999);
    assert_eq!(latest(&world)["status"], "Unknown");
    world.advance(1);
    let failed = latest(&world);
    assert_eq!((&failed["status"], code(&failed)), (&json!("Failed"), json!(error)));
    assert_eq!(
        (code(&failed["refreshAttempts"][0]), &failed["endTime"]),
        (json!(error), &json!("2026-01-15T09:01:30Z"))
    );
}

#[test]
fn a_refresh_fails_by_itself_when_a_source_cannot_be_read() {
    let world = bot::contoso();
    let ends = |world: &World| {
        world.script_refreshes(scene::DATASET_ON_PREMISES, RefreshEnd::AfterLooks(0), None);
        assert_eq!(begin(world, &Value::Null).status, 202);
        latest(world)
    };
    world.set_source_password(scene::PLANT_SQL, Some("something else"));
    let refused = ends(&world);
    assert_eq!(code(&refused), error::REFUSED_LOGIN);
    assert!(refused["serviceExceptionJson"].as_str().unwrap().contains("svc_sales"), "it names the login");
    world.set_gateway_online(scene::GATEWAY_SALES, false);
    assert_eq!(code(&ends(&world)), error::UNREACHABLE);
    world.set_model_bound(scene::DATASET_ON_PREMISES, false);
    assert_eq!(code(&ends(&world)), error::UNBOUND);
    world.set_model_bound(scene::DATASET_ON_PREMISES, true);
    world.set_gateway_online(scene::GATEWAY_SALES, true);
    world.set_source_password(scene::PLANT_SQL, None);
    assert_eq!(ends(&world)["status"], "Completed");
}

#[test]
fn one_refresh_runs_at_a_time_and_shared_capacity_takes_eight_a_day() {
    let world = bot::contoso();
    world.set_shared_capacity(scene::DATASET_ON_PREMISES, true);
    assert_eq!(begin(&world, &Value::Null).status, 202);
    let second = begin(&world, &Value::Null);
    assert_eq!((second.status, &second.body["error"]["code"]), (400, &json!("InvalidRequest")));
    assert_eq!(latest(&world)["status"], "Unknown", "asking for another is no look");
    world.script_refreshes(scene::DATASET_ON_PREMISES, RefreshEnd::AfterLooks(0), None);
    latest(&world);
    assert_eq!(begin(&world, &json!({"type": "Full"})).status, 400, "no enhanced refresh on shared capacity");
    for _ in 1..8 {
        assert_eq!(begin(&world, &Value::Null).status, 202);
    }
    let ninth = begin(&world, &Value::Null);
    assert_eq!((ninth.status, &ninth.body["error"]["code"]), (400, &json!("InvalidRequest")));
    world.set_shared_capacity(scene::DATASET_ON_PREMISES, false);
    assert_eq!(begin(&world, &Value::Null).status, 202);
    world.set_shared_capacity(scene::DATASET_ON_PREMISES, true);
    world.advance(24 * 60 * 60 * 1000);
    assert_eq!(begin(&world, &Value::Null).status, 202);
}

#[test]
fn an_enhanced_refresh_has_an_address_of_its_own() {
    let world = bot::contoso();
    let accepted = begin(&world, &json!({"type": "Full"}));
    let id = accepted.headers["x-ms-request-id"].to_str().unwrap().to_owned();
    let location = accepted.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(location, format!("http://emulator.test/powerbi/v1.0/myorg/{}", path(&format!("/{id}"))));
    let look = || bot::powerbi(&world, "GET", &path(&format!("/{id}")), &Value::Null);
    let running = look();
    assert_eq!((running.status, &running.body["extendedStatus"]), (202, &json!("InProgress")));
    let done = look();
    assert_eq!(
        (done.status, &done.body["status"], &done.body["extendedStatus"]),
        (200, &json!("Completed"), &json!("Completed"))
    );
    assert_eq!(done.body["endTime"], "2026-01-15T09:00:00");
    assert_eq!(latest(&world)["refreshType"], "ViaEnhancedApi");
}

#[test]
fn what_is_asked_has_to_make_sense() {
    let world = bot::contoso();
    for body in [json!({"notifyOption": "Loudly"}), json!({"notifyOption": 1}), json!([])] {
        assert_eq!(begin(&world, &body).status, 400, "{body}");
    }
    assert_eq!(bot::powerbi(&world, "GET", &path("?$top=0"), &Value::Null).status, 400);
    assert_eq!(bot::powerbi(&world, "GET", &path("?$top=all"), &Value::Null).status, 400);
    assert_eq!(bot::powerbi(&world, "GET", &path(""), &Value::Null).body["value"], json!([]));
    let nowhere = path("").replace(scene::DATASET_ON_PREMISES, scene::REPORT);
    assert_eq!(bot::powerbi(&world, "POST", &nowhere, &Value::Null).status, 404);
    world.set_workspace_member(scene::WORKSPACE, false);
    assert_eq!(begin(&world, &Value::Null).status, 401);
}
