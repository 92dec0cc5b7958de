//! Semantic models and paginated reports: what they read, and whom that belongs to.

use emulator::{World, scene};
use serde_json::{Value, json};

use crate::bot::{self, Answer};

fn path(kind: &str, id: &str, rest: &str) -> String {
    format!("groups/{}/{kind}/{id}/{rest}", scene::WORKSPACE)
}

fn get(world: &World, path: &str) -> Answer {
    bot::powerbi(world, "GET", path, &Value::Null)
}

fn take_over(world: &World, kind: &str, id: &str) -> u16 {
    bot::powerbi(world, "POST", &path(kind, id, "Default.TakeOver"), &Value::Null).status
}

/// Gateway and id of each data source, as the listing tells them.
fn listed(world: &World, kind: &str, id: &str) -> Vec<(String, String)> {
    let answer = get(world, &path(kind, id, "datasources"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let text = |source: &Value, field: &str| source[field].as_str().unwrap_or_default().to_owned();
    let sources = answer.body["value"].as_array().unwrap().iter();
    sources.map(|source| (text(source, "gatewayId"), text(source, "datasourceId"))).collect()
}

fn update(world: &World, (gateway, source): &(String, String), password: &str) -> Answer {
    let body = json!({"credentialDetails": {
        "credentialType": "Basic", "credentials": bot::password("svc", password).to_json().expose(),
        "encryptedConnection": "Encrypted", "encryptionAlgorithm": "None", "privacyLevel": "Organizational",
    }});
    bot::powerbi(world, "PATCH", &format!("gateways/{gateway}/datasources/{source}"), &body)
}

#[test]
fn a_model_tells_what_it_is_bound_to() {
    let world = bot::contoso();
    let sources = listed(&world, "datasets", scene::DATASET_ON_PREMISES);
    let expected = [(scene::GATEWAY_SALES, scene::SALES_SQL), (scene::GATEWAY_PLANT, scene::PLANT_SQL)];
    assert_eq!(sources, expected.map(|(gateway, id)| (gateway.to_owned(), id.to_owned())));
    assert_eq!(sources, world.model_sources(scene::DATASET_ON_PREMISES));
    let bound = get(&world, &path("datasets", scene::DATASET_ON_PREMISES, "Default.GetBoundGatewayDatasources"));
    assert_eq!(bound.body["value"][1]["id"], scene::PLANT_SQL);
    assert_eq!(bound.body["value"][1]["gatewayId"], scene::GATEWAY_PLANT);

    world.set_model_bound(scene::DATASET_ON_PREMISES, false);
    let free = get(&world, &path("datasets", scene::DATASET_ON_PREMISES, "datasources"));
    assert_eq!((free.body["value"][0].get("gatewayId"), free.body["value"][0].get("datasourceId")), (None, None));
    let bound = get(&world, &path("datasets", scene::DATASET_ON_PREMISES, "Default.GetBoundGatewayDatasources"));
    assert_eq!(bound.body["value"], json!([]));
}

#[test]
fn only_members_of_the_workspace_may_look_and_my_workspace_is_not_for_applications() {
    let world = bot::contoso();
    world.set_workspace_member(scene::WORKSPACE, false);
    let answer = get(&world, &path("datasets", scene::DATASET, "datasources"));
    assert_eq!((answer.status, &answer.body["error"]["code"]), (401, &json!("PowerBINotAuthorizedException")));
    assert_eq!(take_over(&world, "datasets", scene::DATASET_CLOUD), 401);
    assert!(!world.model_owned(scene::DATASET_CLOUD));
    world.set_workspace_member(scene::WORKSPACE, true);
    assert_eq!(get(&world, &path("datasets", scene::REPORT, "datasources")).status, 404, "a report is no dataset");
    for path in [format!("datasets/{}/datasources", scene::DATASET), format!("reports/{}/datasources", scene::REPORT)] {
        let personal = get(&world, &path);
        assert_eq!(personal.status, 403);
        assert_eq!(personal.body, json!({"Message": "API is not accessible for application"}));
    }
}

#[test]
fn a_cloud_source_belongs_to_its_owner_and_has_other_ids_after_a_take_over() {
    for (kind, id) in [("datasets", scene::DATASET_CLOUD), ("reports", scene::REPORT)] {
        let world = bot::contoso();
        let before = listed(&world, kind, id);
        let refused = update(&world, &before[0], "second");
        assert_eq!((refused.status, &refused.body["error"]["code"]), (401, &json!("PowerBINotAuthorizedException")));
        assert!(world.opened().is_empty());

        assert_eq!(take_over(&world, kind, id), 200);
        assert!(world.model_owned(id));
        let after = listed(&world, kind, id);
        assert_eq!(after[0].0, scene::GATEWAY_CLOUD);
        assert_ne!(after[0].1, before[0].1);
        assert_eq!(update(&world, &after[0], "second").status, 200);
        assert_eq!(update(&world, &before[0], "second").status, 401, "the former owner's is still theirs");
        assert_eq!(take_over(&world, kind, id), 200);
        assert_eq!(listed(&world, kind, id), after, "taking over what is one's own changes nothing");

        world.set_model_owned(id, false);
        let lost = listed(&world, kind, id);
        assert_eq!((lost[0].0.as_str(), world.model_owned(id)), (scene::GATEWAY_CLOUD_FOREIGN, false));
        assert_eq!(update(&world, &lost[0], "third").status, 401);
    }
}

#[test]
fn a_take_over_leaves_what_is_on_premises_where_it_is() {
    let world = bot::contoso();
    world.set_model_owned(scene::DATASET, false);
    assert_eq!(take_over(&world, "datasets", scene::DATASET), 200);
    let sources = listed(&world, "datasets", scene::DATASET);
    assert_eq!(sources[0], (scene::GATEWAY_SALES.to_owned(), scene::SALES_SQL.to_owned()));
    assert_eq!(sources[1].0, scene::GATEWAY_CLOUD);
    assert_ne!(sources[1].1, scene::CLOUD_SQL);
}

#[test]
fn the_database_behind_a_source_is_the_same_for_every_owner() {
    let world = bot::contoso();
    world.set_source_password(scene::CLOUD_ORDERS, Some("second"));
    take_over(&world, "datasets", scene::DATASET_CLOUD);
    let own = listed(&world, "datasets", scene::DATASET_CLOUD).remove(0);
    assert_eq!(update(&world, &own, "wrong").status, 400);
    assert_eq!(update(&world, &own, "second").status, 200);
    let status = format!("gateways/{}/datasources/{}/status", own.0, own.1);
    assert_eq!(get(&world, &status).status, 200);
    world.set_source_password(&own.1, Some("third"));
    assert_eq!(get(&world, &status).status, 400);
    assert_eq!(update(&world, &own, "second").status, 400);
}
