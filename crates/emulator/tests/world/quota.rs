//! Quotas: none at first; then so many calls in each minute, and when to come again.

use emulator::{FABRIC_CALLS_A_MINUTE, scene};
use serde_json::Value;

use crate::bot::{self, Answer, START_MS};

/// Retry-After in seconds; nothing unless the call was refused for its number.
fn wait(answer: &Answer) -> Option<u64> {
    let after = answer.headers.get("retry-after").map(|seconds| seconds.to_str().unwrap().parse().unwrap());
    assert_eq!((answer.status == 429), after.is_some(), "{}", answer.body);
    after
}

#[test]
fn fabric_takes_two_hundred_calls_in_a_minute() {
    let world = bot::contoso();
    assert_eq!(START_MS % 60_000, 0, "the story begins with a minute");
    // The cheapest of calls: what is not there counts as well.
    let call = || bot::fabric(&world, "GET", "gateways/none", &Value::Null);
    (0..=FABRIC_CALLS_A_MINUTE).for_each(|_| assert_eq!(call().status, 404));
    world.set_fabric_quota(Some(FABRIC_CALLS_A_MINUTE));
    (0..FABRIC_CALLS_A_MINUTE).for_each(|_| assert_eq!(wait(&call()), None));
    world.advance(5_500);
    let blocked = call();
    assert_eq!((wait(&blocked), &blocked.body["errorCode"]), (Some(55), &"RequestBlocked".into()));
    assert_eq!(blocked.headers["x-ms-public-api-error-code"], "RequestBlocked");
    assert_eq!(blocked.body["isRetriable"], true);
    world.advance(54_499);
    assert_eq!(wait(&call()), Some(1));
    assert_eq!(world.throttled("fabric"), 2);
    world.advance(1);
    assert_eq!(wait(&call()), None);
    assert_eq!((world.throttled("fabric"), world.throttled("powerbi")), (2, 0));
    world.set_fabric_quota(None);
    (0..=FABRIC_CALLS_A_MINUTE).for_each(|_| assert_eq!(call().status, 404));
}

#[test]
fn operations_are_counted_apart() {
    let world = bot::contoso();
    world.set_fabric_quota(Some(1));
    let call = |path: &str| bot::fabric(&world, "GET", path, &Value::Null);
    assert_eq!(call("gateways").status, 200);
    assert_eq!(call("connections").status, 429);
    assert_eq!(call("operations/none").status, 404);
    assert_eq!(call("operations/none").status, 429);
}

#[test]
fn power_bi_takes_as_many_as_it_is_told_to_from_each_caller() {
    let world = bot::contoso();
    world.set_powerbi_quota(Some(2));
    let call = || bot::powerbi(&world, "GET", "gateways", &Value::Null);
    assert_eq!((call().status, call().status), (200, 200));
    let third = call();
    assert_eq!(wait(&third), Some(60));
    assert!(third.body["message"].as_str().unwrap().ends_with("Retry in 60 seconds."));
    let token = bot::token(&world, scene::POWER_BI_RESOURCE);
    let mut request = bot::request("GET", "/powerbi/v1.0/myorg/gateways", &token, &Value::Null);
    request.headers_mut().insert("x-powerbi-profile-id", scene::PROFILE_ID.parse().unwrap());
    assert_eq!(bot::send(&world, request).status, 200, "a profile is another caller");
    let stranger = bot::request("GET", "/powerbi/v1.0/myorg/gateways", "guess", &Value::Null);
    assert_eq!(bot::send(&world, stranger).status, 401, "who has no token spends nothing");
    world.advance(60_000);
    assert_eq!(call().status, 200);
    assert_eq!(world.throttled("powerbi"), 1);
}
