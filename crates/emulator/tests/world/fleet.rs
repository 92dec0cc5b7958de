//! Fleets: many destinations behind few gateways, each of which takes a credential.

use std::collections::BTreeSet;

use emulator::{Destination, World};
use serde_json::{Value, json};

use crate::bot;

/// The gateway that the services name for a destination.
fn gateway(world: &World, destination: &Destination) -> String {
    match destination {
        Destination::DataSource { gateway, id } => {
            let path = format!("gateways/{gateway}/datasources/{id}");
            assert_eq!(bot::powerbi(world, "GET", &path, &Value::Null).body["gatewayId"], json!(gateway));
            gateway.clone()
        }
        Destination::Connection { id } => {
            let found = bot::fabric(world, "GET", &format!("connections/{id}"), &Value::Null);
            assert_eq!(found.body["connectivityType"], "OnPremisesGateway");
            found.body["gatewayId"].as_str().unwrap().to_owned()
        }
    }
}

fn rotate(world: &World, destination: &Destination) {
    let credential = bot::password("svc_fleet", "second");
    let behind = gateway(world, destination);
    let answer = match destination {
        Destination::DataSource { id, .. } => {
            let body = bot::datasource_patch(world, &behind, "Basic", &credential);
            bot::powerbi(world, "PATCH", &format!("gateways/{behind}/datasources/{id}"), &body)
        }
        Destination::Connection { id } => {
            let values = bot::member_values(world, &behind, &credential);
            assert_eq!(values.len(), 3, "a cluster has three machines");
            let credentials = json!({"credentialType": "Basic", "values": values});
            let body =
                json!({"connectivityType": "OnPremisesGateway", "credentialDetails": {"credentials": credentials}});
            bot::fabric(world, "PATCH", &format!("connections/{id}"), &body)
        }
    };
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[test]
fn a_fleet_is_both_kinds_behind_few_gateways() {
    let world = bot::contoso();
    let fleet = world.fleet(200);
    let (sources, connections): (Vec<_>, Vec<_>) =
        fleet.iter().partition(|place| matches!(place, Destination::DataSource { .. }));
    assert_eq!((sources.len(), connections.len()), (100, 100));
    let [behind_sources, behind_connections] = [sources, connections]
        .map(|places| places.into_iter().map(|place| gateway(&world, place)).collect::<BTreeSet<String>>());
    assert_eq!((behind_sources.len(), &behind_sources), (4, &behind_connections), "both kinds behind each");
    let ids: BTreeSet<String> = fleet.iter().map(|place| format!("{place:?}")).collect();
    assert_eq!(ids.len(), 200);
}

#[test]
fn every_destination_of_a_fleet_takes_a_credential() {
    let world = bot::contoso();
    let fleet = world.fleet(8);
    for place in &fleet {
        rotate(&world, place);
    }
    let opened = world.opened();
    assert_eq!(opened.len(), 4 + 4 * 3, "once for a data source, at each machine for a connection");
    assert!(opened.iter().all(|opened| opened.kept && opened.plaintext.contains("second")));
}

#[test]
fn fleets_do_not_touch_each_other_and_may_be_small() {
    let world = bot::contoso();
    assert!(world.fleet(0).is_empty());
    let [first, second] = [1, 1].map(|size| world.fleet(size).remove(0));
    assert_ne!(gateway(&world, &first), gateway(&world, &second));
    rotate(&world, &first);
    assert_eq!(world.opened().len(), 1);
}
