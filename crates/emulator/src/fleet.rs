//! Fleets: many on-premises destinations at once, behind a few clusters of three machines.

use std::sync::Arc;

use serde::Serialize;
use serde_json::json;

use crate::contoso::{self, VERSION};
use crate::estate::{GatewayKind, Member};
use crate::opener::PrivateKey;
use crate::scene;
use crate::world::{State, World};

/// Gateways that a fleet is spread over.
const CLUSTERS: usize = 4;
/// The standard scene's gateways with keys of 2048 bits, which open fastest: a fleet's machines have the same keys.
const KEYS_OF: [&str; 3] = [scene::GATEWAY_SALES, scene::CLUSTER, scene::GATEWAY_PERSONAL];

/// Where a fleet keeps a credential. All are of the type Basic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// A Power BI data source.
    DataSource {
        /// Id of the gateway.
        gateway: String,
        /// Id of the data source.
        id: String,
    },
    /// A Fabric connection, `OnPremisesGateway`.
    Connection {
        /// Id of the connection.
        id: String,
    },
}

impl World {
    /// Adds so many destinations, Power BI data sources and Fabric connections by turns, and tells where they are.
    pub fn fleet(&self, destinations: usize) -> Vec<Destination> {
        self.fleet_behind(destinations, CLUSTERS)
    }

    /// The same behind so many clusters.
    pub fn fleet_behind(&self, destinations: usize, clusters: usize) -> Vec<Destination> {
        let state = &mut *self.lock();
        let keys: Vec<Arc<PrivateKey>> =
            KEYS_OF.iter().filter_map(|id| Some(Arc::clone(&state.estate.gateway(id)?.primary()?.key))).collect();
        let clusters: Vec<String> = (0..clusters.min(destinations)).map(|_| cluster(state, &keys)).collect();
        // Two in a row share a cluster, so that each has destinations of both kinds.
        let spread = clusters.iter().flat_map(|gateway| [gateway, gateway]).cycle();
        spread.take(destinations).enumerate().map(|(number, gateway)| destination(state, gateway, number)).collect()
    }
}

/// Adds a cluster with a member for each key; its id is the first member's.
fn cluster(state: &mut State, keys: &[Arc<PrivateKey>]) -> String {
    let members: Vec<Member> = keys
        .iter()
        .map(|key| {
            let id = state.guid();
            Member { name: format!("fleet-{id}"), id, key: Arc::clone(key), version: VERSION.to_owned(), enabled: true }
        })
        .collect();
    let id = members.first().map(|member| member.id.clone()).unwrap_or_default();
    state.estate.gateways.push(contoso::gateway(&id, &format!("Fleet {id}"), GatewayKind::OnPremises, members));
    id
}

fn destination(state: &mut State, gateway: &str, number: usize) -> Destination {
    let id = state.guid();
    let name = format!("Fleet {id}");
    if number.is_multiple_of(2) {
        let details = json!({"server": "sql02.contoso.example", "database": format!("fleet-{number}")});
        state.powerbi.sources.push(contoso::source(&id, gateway, &name, "Sql", details, contoso::basic()));
        Destination::DataSource { gateway: gateway.to_owned(), id }
    } else {
        let connection = contoso::connection(&id, &name, "OnPremisesGateway", Some(gateway), contoso::basic());
        state.fabric.connections.push(connection);
        Destination::Connection { id }
    }
}
