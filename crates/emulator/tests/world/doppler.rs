//! Doppler: one secret at a time, for its token.

use emulator::{Manager, NewVersion, World, scene};
use serde_json::{Value, json};

use crate::bot;

fn get(world: &World, token: &str, query: &str) -> bot::Answer {
    bot::send(world, bot::request("GET", &format!("/doppler/v3/configs/config/secret?{query}"), token, &Value::Null))
}

const GOOD: &str = "project=warehouse&config=prd&name=SALES_DB";

#[test]
fn a_secret_is_read_and_noted() {
    let world = bot::contoso();
    world.put_secret(Manager::Doppler, "SALES_DB", NewVersion::of("one"));
    world.put_secret(Manager::Doppler, "SALES_DB", NewVersion::of("two"));
    let answer = get(&world, scene::DOPPLER_TOKEN, GOOD);
    assert_eq!(
        answer.body,
        json!({"name": "SALES_DB", "value": {"raw": "two", "computed": "two", "note": ""}, "success": true})
    );
    assert_eq!(world.secret_reads()[0].version, "2");
}

#[test]
fn what_it_refuses() {
    let world = bot::contoso();
    world.put_secret(Manager::Doppler, "SALES_DB", NewVersion::of("one"));
    let refused = |token: &str, query: &str| {
        let answer = get(&world, token, query);
        assert_eq!(answer.body["success"], false);
        answer.status
    };
    assert_eq!(refused("dp.st.prd.guess", GOOD), 401);
    let mut bare = bot::request("GET", &format!("/doppler/v3/configs/config/secret?{GOOD}"), "", &Value::Null);
    bare.headers_mut().remove("authorization");
    assert_eq!(bot::send(&world, bare).status, 401);
    assert_eq!(refused(scene::DOPPLER_TOKEN, &GOOD.replace("warehouse", "other")), 403);
    assert_eq!(refused(scene::DOPPLER_TOKEN, &GOOD.replace("prd", "dev")), 403);
    assert_eq!(refused(scene::DOPPLER_TOKEN, &GOOD.replace("SALES", "OTHER")), 404);
    world.set_manager_denied(Manager::Doppler, true);
    assert_eq!(refused(scene::DOPPLER_TOKEN, GOOD), 403);
    assert!(world.secret_reads().is_empty());
}
