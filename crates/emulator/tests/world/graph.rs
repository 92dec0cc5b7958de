//! Graph: who is in the directory and in its groups, as long as the application may ask.

use emulator::{World, scene};
use serde_json::{Value, json};

use crate::bot;

fn call(world: &World, method: &str, path: &str, body: &Value) -> bot::Answer {
    let token = bot::teams_token(world, scene::GRAPH_RESOURCE);
    bot::send(world, bot::request(method, &format!("/graph/v1.0/users/{path}"), &token, body))
}

fn refusal(answer: &bot::Answer) -> (u16, &str) {
    (answer.status, answer.body["error"]["code"].as_str().unwrap_or_default())
}

#[test]
fn a_person_is_told_with_what_was_selected() {
    let world = bot::contoso();
    let get = |object: &str| {
        call(&world, "GET", &format!("{object}?$select=accountEnabled,userType,displayName"), &Value::Null)
    };
    assert_eq!(
        get(scene::ANA_OBJECT).body,
        json!({"accountEnabled": true, "userType": "Member", "displayName": "Ana Ortiz"})
    );
    assert_eq!(get(scene::CYD_OBJECT).body["userType"], "Guest");
    assert_eq!(get(scene::DAN_OBJECT).body["accountEnabled"], false);
    let plain = call(&world, "GET", scene::ANA_OBJECT, &Value::Null).body;
    assert_eq!(plain, json!({"id": scene::ANA_OBJECT, "displayName": "Ana Ortiz"}), "not without being selected");
    world.set_account_enabled(scene::ANA_OBJECT, false);
    world.set_account_guest(scene::ANA_OBJECT, true);
    assert_eq!(
        get(scene::ANA_OBJECT).body,
        json!({"accountEnabled": false, "userType": "Guest", "displayName": "Ana Ortiz"})
    );
    world.delete_account(scene::ANA_OBJECT);
    assert_eq!(refusal(&get(scene::ANA_OBJECT)), (404, "Request_ResourceNotFound"));
    assert_eq!(refusal(&get("29:ben")), (404, "Request_ResourceNotFound"), "Graph knows nothing of Teams' ids");
}

#[test]
fn groups_are_answered_as_they_are_now() {
    let world = bot::contoso();
    let asked = [scene::GROUP_DATA_OBJECT, scene::GROUP_LEADS_OBJECT];
    let check = |object: &str, groups: &[&str]| {
        call(&world, "POST", &format!("{object}/checkMemberGroups"), &json!({"groupIds": groups}))
    };
    assert_eq!(check(scene::ANA_OBJECT, &asked).body, json!({"value": [scene::GROUP_DATA_OBJECT]}));
    assert_eq!(check(scene::BEN_OBJECT, &asked).body, json!({"value": asked}));
    world.set_directory_group_member(scene::GROUP_LEADS_OBJECT, scene::BEN_OBJECT, false);
    assert_eq!(check(scene::BEN_OBJECT, &asked).body, json!({"value": [scene::GROUP_DATA_OBJECT]}));
    assert_eq!(check(scene::FAY_OBJECT, &asked).body, json!({"value": []}));
    assert_eq!(refusal(&check(scene::TEAMS_APP_ID, &asked)), (404, "Request_ResourceNotFound"));
    assert_eq!(check(scene::ANA_OBJECT, &[scene::GROUP_DATA_OBJECT; 20]).status, 200);
    for groups in [&[][..], &[scene::GROUP_DATA_OBJECT; 21]] {
        assert_eq!(refusal(&check(scene::ANA_OBJECT, groups)), (400, "Request_BadRequest"));
    }
}

#[test]
fn without_permission_or_token_nothing_is_told() {
    let world = bot::contoso();
    let groups = json!({"groupIds": [scene::GROUP_DATA_OBJECT]});
    let check = format!("{}/checkMemberGroups", scene::ANA_OBJECT);
    world.set_graph_permission("GroupMember.Read.All", false);
    assert_eq!(refusal(&call(&world, "POST", &check, &groups)), (403, "Authorization_RequestDenied"));
    assert_eq!(call(&world, "GET", scene::ANA_OBJECT, &Value::Null).status, 200);
    world.set_graph_permission("User.Read.All", false);
    assert_eq!(refusal(&call(&world, "GET", scene::ANA_OBJECT, &Value::Null)), (403, "Authorization_RequestDenied"));
    for token in
        ["made-up", &bot::teams_token(&world, scene::CONNECTOR_RESOURCE), &bot::token(&world, scene::FABRIC_RESOURCE)]
    {
        let path = format!("/graph/v1.0/users/{}", scene::ANA_OBJECT);
        assert_eq!(bot::send(&world, bot::request("GET", &path, token, &Value::Null)).status, 401);
    }
}
