//! Builds the standard scene as it stands before anything happened.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::credential::Login;
use crate::entra::Entra;
use crate::estate::{Estate, Gateway, GatewayKind, Member};
use crate::fabric::{Connection, Fabric, Rights};
use crate::managers::Managers;
use crate::opener::PrivateKey;
use crate::powerbi::{DataSource, Item, PowerBi, RefreshEnd};
use crate::quota::Quota;
use crate::scene::*;
use crate::world::{Clock, State};

/// Version of every gateway machine.
pub(crate) const VERSION: &str = "3000.286.14";
/// What every database's login is before the first rotation.
const FIRST_PASSWORD: &str = "first-password";

/// The world on its first day, which begins so much later than its clock.
pub(crate) fn state(clock: Clock, advanced_ms: u64) -> State {
    State {
        clock,
        advanced_ms,
        faults: Vec::new(),
        received: Vec::new(),
        entra: Entra::new(),
        estate: Estate { gateways: gateways(), ..Estate::default() },
        powerbi: PowerBi {
            sources: sources(),
            items: items(),
            workspaces: BTreeSet::from([WORKSPACE.to_owned()]),
            denied: 403,
            profile_required: false,
            quota: Quota::default(),
        },
        fabric: Fabric {
            connections: connections(),
            operations: BTreeMap::new(),
            polls: BTreeMap::new(),
            members_may_miss: false,
            shows_references: false,
            quota: Quota::default(),
        },
        slack: crate::slack::contoso::slack(),
        teams: crate::teams::contoso::teams(),
        managers: Managers::contoso(clock.now_ms().saturating_add(advanced_ms)),
        gestures: Vec::new(),
        sequence: 0,
    }
}

fn gateways() -> Vec<Gateway> {
    let alone = |id, name, kind, pem| gateway(id, name, kind, vec![member(id, name, pem)]);
    let keyless = |id, name, kind| gateway(id, name, kind, Vec::new());
    let mut second = member(CLUSTER_SECOND, "cluster-2", include_str!("keys/cluster-second-3072.pem"));
    "3000.282.5".clone_into(&mut second.version);
    let mut third = member(CLUSTER_THIRD, "cluster-3", include_str!("keys/cluster-third-4096.pem"));
    third.enabled = false;
    let first = member(CLUSTER, "cluster-1", include_str!("keys/cluster-primary-2048.pem"));
    let mut foreign = alone(GATEWAY_FOREIGN, "Fabrikam", GatewayKind::OnPremises, include_str!("keys/sales-2048.pem"));
    foreign.administered = false;
    let mut foreign_cloud = keyless(GATEWAY_CLOUD_FOREIGN, "Somebody's cloud", GatewayKind::CloudVirtual);
    foreign_cloud.administered = false;
    vec![
        alone(GATEWAY_SALES, "Sales", GatewayKind::OnPremises, include_str!("keys/sales-2048.pem")),
        alone(GATEWAY_LEGACY, "Legacy", GatewayKind::OnPremises, include_str!("keys/legacy-1024.pem")),
        alone(GATEWAY_FINANCE, "Finance", GatewayKind::OnPremises, include_str!("keys/finance-3072.pem")),
        alone(GATEWAY_PLANT, "Plant", GatewayKind::OnPremises, include_str!("keys/plant-4096.pem")),
        foreign,
        keyless(GATEWAY_CLOUD, "Cloud", GatewayKind::CloudVirtual),
        foreign_cloud,
        gateway(CLUSTER, "Lakehouse cluster", GatewayKind::OnPremises, vec![first, second, third]),
        alone(GATEWAY_PERSONAL, "Personal", GatewayKind::Personal, include_str!("keys/personal-2048.pem")),
        keyless(GATEWAY_VNET, "Private network", GatewayKind::VirtualNetwork),
        keyless(GATEWAY_STREAMING, "Streams", GatewayKind::StreamingVirtualNetwork),
    ]
}

pub(crate) fn gateway(id: &str, name: &str, kind: GatewayKind, members: Vec<Member>) -> Gateway {
    Gateway { id: id.to_owned(), name: name.to_owned(), kind, members, administered: true, online: true }
}

#[expect(clippy::expect_used, reason = "the keys are part of this crate")]
fn member(id: &str, name: &str, pem: &str) -> Member {
    let key = Arc::new(PrivateKey::from_pkcs8_pem(pem).expect("a private key of the standard scene"));
    Member { id: id.to_owned(), name: name.to_owned(), key, version: VERSION.to_owned(), enabled: true }
}

fn sources() -> Vec<DataSource> {
    let sql = |database: &str| json!({"server": "sql01.contoso.example", "database": database});
    let blobs = json!({"account": "contososales", "domain": "blob.core.windows.net"});
    let crm = json!({"extensionDataSourceKind": "ContosoCrm", "extensionDataSourcePath": "crm.contoso.example"});
    vec![
        source(SALES_SQL, GATEWAY_SALES, "Sales warehouse", "Sql", sql("sales"), windows()),
        source(SALES_ORACLE, GATEWAY_SALES, "Orders", "Oracle", json!({"server": "ora01.contoso.example"}), basic()),
        source(SALES_BLOBS, GATEWAY_SALES, "Price lists", "AzureBlobs", blobs, key()),
        source(SALES_EXTENSION, GATEWAY_SALES, "Customers", "Extension", crm, key()),
        source(LEGACY_SQL, GATEWAY_LEGACY, "Archive", "Sql", sql("archive"), basic()),
        source(FINANCE_SQL, GATEWAY_FINANCE, "Ledger", "Sql", sql("ledger"), basic()),
        source(PLANT_SQL, GATEWAY_PLANT, "Plant historian", "Sql", sql("historian"), windows()),
        source(FOREIGN_SQL, GATEWAY_FOREIGN, "Fabrikam", "Sql", sql("fabrikam"), basic()),
        source(CLOUD_SQL, GATEWAY_CLOUD, "Web shop", "Sql", sql("shop"), basic()),
        source(CLOUD_ORDERS, GATEWAY_CLOUD_FOREIGN, "Web orders", "Sql", sql("orders"), basic()),
        source(CLOUD_INVOICES, GATEWAY_CLOUD_FOREIGN, "Invoices", "Sql", sql("invoices"), basic()),
    ]
}

pub(crate) fn source(id: &str, gateway: &str, name: &str, kind: &str, details: Value, login: Login) -> DataSource {
    DataSource {
        id: id.to_owned(),
        database: id.to_owned(),
        gateway: gateway.to_owned(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        details,
        privacy: "Organizational".to_owned(),
        encrypted_connection: "NotEncrypted".to_owned(),
        end_user_oauth2: false,
        login,
    }
}

fn items() -> Vec<Item> {
    let item = |kind, id: &str, sources: &[&str], owned| Item {
        workspace: WORKSPACE.to_owned(),
        kind,
        id: id.to_owned(),
        sources: sources.iter().map(|source| (*source).to_owned()).collect(),
        owned,
        bound: true,
        shared_capacity: false,
        refreshes: Vec::new(),
        refresh_end: RefreshEnd::AfterLooks(1),
        refresh_error: None,
    };
    vec![
        item("datasets", DATASET, &[SALES_SQL, CLOUD_SQL], true),
        item("datasets", DATASET_ON_PREMISES, &[SALES_SQL, PLANT_SQL], true),
        item("datasets", DATASET_CLOUD, &[CLOUD_ORDERS], false),
        item("reports", REPORT, &[CLOUD_INVOICES], false),
    ]
}

fn connections() -> Vec<Connection> {
    let cluster = connection(CONNECTION_CLUSTER, "Sales lakehouse feed", "OnPremisesGateway", Some(CLUSTER), basic());
    let mut personal =
        connection(CONNECTION_PERSONAL, "", "OnPremisesGatewayPersonal", Some(GATEWAY_PERSONAL), windows());
    personal.name = None;
    let cloud = connection(CONNECTION_CLOUD, "Web shop", "ShareableCloud", Some(GATEWAY_CLOUD), basic());
    let mut personal_cloud = connection(CONNECTION_PERSONAL_CLOUD, "", "PersonalCloud", None, key());
    personal_cloud.name = None;
    let network = connection(CONNECTION_VNET, "Private ledger", "VirtualNetworkGateway", Some(GATEWAY_VNET), basic());
    let streaming =
        connection(CONNECTION_STREAMING, "Telemetry", "StreamingVirtualNetworkGateway", Some(GATEWAY_STREAMING), key());
    let mut vault = connection(CONNECTION_KEY_VAULT, "Vaulted shop", "ShareableCloud", None, basic());
    vault.login = None;
    vault.reference = Some(json!({"connectionId": CONNECTION_CLOUD, "secretName": "shop-password"}));
    let mut forbidden = connection(CONNECTION_FORBIDDEN, "Payroll", "ShareableCloud", None, basic());
    forbidden.rights = Rights::None;
    let mut signed_in = connection(CONNECTION_OAUTH2, "Mailbox", "ShareableCloud", None, basic());
    "OAuth2".clone_into(&mut signed_in.credential_type);
    signed_in.login = None;
    let mut future = connection(CONNECTION_FUTURE, "From tomorrow", "QuantumGateway", None, basic());
    "Entangled".clone_into(&mut future.credential_type);
    future.login = None;
    vec![cluster, personal, cloud, personal_cloud, network, streaming, vault, forbidden, signed_in, future]
}

pub(crate) fn connection(id: &str, name: &str, connectivity: &str, gateway: Option<&str>, login: Login) -> Connection {
    Connection {
        id: id.to_owned(),
        name: Some(name.to_owned()),
        connectivity: connectivity.to_owned(),
        gateway: gateway.map(str::to_owned),
        details: json!({"type": "SQL", "path": "sql01.contoso.example;sales"}),
        privacy: "Organizational".to_owned(),
        sign_on: "None".to_owned(),
        encryption: "NotEncrypted".to_owned(),
        skip_test: false,
        credential_type: login.kind.clone(),
        login: Some(login),
        reference: None,
        rights: Rights::Owner,
    }
}

pub(crate) fn basic() -> Login {
    login("Basic", &[("username", "svc_sales"), ("password", FIRST_PASSWORD)])
}

fn windows() -> Login {
    login("Windows", &[("username", r"CONTOSO\svc_sales"), ("password", FIRST_PASSWORD)])
}

fn key() -> Login {
    login("Key", &[("key", FIRST_PASSWORD)])
}

fn login(kind: &str, pairs: &[(&str, &str)]) -> Login {
    let data: Vec<Value> = pairs.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    Login {
        kind: kind.to_owned(),
        pairs: pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        plaintext: json!({"credentialData": data}).to_string(),
    }
}
