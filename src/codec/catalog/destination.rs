//! Reads one place where a credential is kept.

use super::model;
use super::reader::{Node, Table};
use super::target::{Kept, Named, Shared};
use crate::domain::credential::Kind;
use crate::domain::names::Guid;
use crate::domain::settable::{Place, settable};
use crate::domain::target::{
    Connection, ConnectionEncryption, Connectivity, DataSource, Destination, Model, Privacy, Reach, SingleSignOn,
};

/// Fabric REST, Connections: Update Connection, `displayName`, in characters.
const MAX_DISPLAY_NAME: usize = 200;

/// What an entry of `destinations` names.
pub(super) enum Entry {
    /// A place.
    Place(Destination),
    /// A model, behind which the places are.
    Model(Model),
}

/// Reads an entry of `destinations`, and notes its id among the places that are kept.
pub(super) fn read(node: &Node<'_>, shared: &Shared, named: &mut Named) -> Option<Entry> {
    let table = node.table()?;
    table.refuse_others(&["datasource", "connection", "model"]);
    match (table.find("datasource"), table.find("connection"), table.find("model")) {
        (Some(node), None, None) => {
            data_source(&node.table()?, shared, named).map(Destination::DataSource).map(Entry::Place)
        }
        (None, Some(node), None) => {
            connection(&node.table()?, shared, named).map(Destination::Connection).map(Entry::Place)
        }
        (None, None, Some(node)) => model::read(&node.table()?, shared, named).map(Entry::Model),
        _ => {
            table.problem(&"has to be { datasource = … }, { connection = … } or { model = … }");
            None
        }
    }
}

fn data_source(table: &Table<'_>, shared: &Shared, named: &mut Named) -> Option<DataSource> {
    table.refuse_others(&["gateway", "id", "reach", "encryption", "privacy", "end_user_sso", "caller_identity"]);
    let gateway = table.guid("gateway");
    let id = id(table, "id", named);
    let reach = reach(table);
    refuse_kind(table, shared, reach.map(Place::PowerBi));
    let encrypted_connection = encrypted_connection(table, shared);
    let privacy = privacy(table, shared);
    let end_user_sso = table.flag("end_user_sso");
    let caller_identity = table.find("caller_identity").map_or(Some(false), |node| {
        let on = node.flag()?;
        let fits = !on || shared.kind.is_none_or(|kind| kind == Kind::OAuth2);
        node.demand(fits, "goes with OAuth2 credentials only")?;
        Some(on)
    });
    Some(DataSource {
        gateway: gateway?,
        id: id?,
        reach: reach?,
        privacy: privacy?,
        encrypted_connection: encrypted_connection?,
        end_user_sso: end_user_sso?,
        caller_identity: caller_identity?,
        profile: shared.profile.clone()?,
    })
}

/// `OnPremises` unless the operator says `Cloud`: only then may anything go out in clear.
pub(super) fn reach(table: &Table<'_>) -> Option<Reach> {
    let Some(node) = table.find("reach") else { return Some(Reach::OnPremises) };
    let reach = match node.string()? {
        "OnPremises" => Some(Reach::OnPremises),
        "Cloud" => Some(Reach::Cloud),
        _ => None,
    };
    let hint = "has to be OnPremises or Cloud; what is behind a virtual network gateway is a Fabric connection";
    node.demand(reach.is_some(), hint)?;
    reach
}

fn connection(table: &Table<'_>, shared: &Shared, named: &mut Named) -> Option<Connection> {
    use Connectivity::{OnPremisesGatewayPersonal, PersonalCloud, ShareableCloud};
    table.refuse_others(&[
        "id",
        "via",
        "encryption",
        "privacy",
        "single_sign_on",
        "skip_test",
        "display_name",
        "allow_usage_in_gateway",
        "key_vault",
    ]);
    let id = id(table, "id", named);
    let via = table.required_choice("via", Connectivity::ALL, Connectivity::NAMES);
    refuse_kind(table, shared, via.map(Place::Fabric));
    let encryption = match encryption(table) {
        Some(None) => shared.encryption,
        own => own,
    };
    let privacy = privacy(table, shared);
    let single_sign_on = table.choice("single_sign_on", SingleSignOn::ALL, SingleSignOn::NAMES);
    let skip_test = table.flag("skip_test");
    let display_name = table.find("display_name").map_or(Some(None), |node| {
        let named = !matches!(via, Some(PersonalCloud | OnPremisesGatewayPersonal));
        node.demand(named, "is not for personal connections: Fabric does not rename them")?;
        node.text(MAX_DISPLAY_NAME).map(Some)
    });
    let of_the_cloud = |key| {
        table.find(key).map_or(Some(None), |node| {
            let cloud = via.is_none_or(|via| matches!(via, ShareableCloud | PersonalCloud));
            node.demand(cloud, "is for ShareableCloud and PersonalCloud only")?;
            node.flag().map(Some)
        })
    };
    let usage_in_gateway = of_the_cloud("allow_usage_in_gateway");
    // Fabric resolves references in the cloud only (Fabric REST, Connections: `KeyVaultSecretReference`).
    let key_vault = of_the_cloud("key_vault");
    Some(Connection {
        id: id?,
        via: via?,
        privacy: privacy?,
        encryption: encryption?,
        single_sign_on: single_sign_on?,
        skip_test: skip_test?,
        display_name: display_name?,
        usage_in_gateway: usage_in_gateway?,
        key_vault: key_vault?,
    })
}

/// Refuses a kind of credential that cannot be set there; says nothing while one of the two is not known.
pub(super) fn refuse_kind(table: &Table<'_>, shared: &Shared, place: Option<Place>) {
    if let (Some(kind), Some(place)) = (shared.kind, place)
        && let Err(reason) = settable(kind, place)
    {
        table.problem(&reason);
    }
}

/// Reads the id of a place under that key, and notes it.
pub(super) fn id(table: &Table<'_>, key: &'static str, named: &mut Named) -> Option<Guid> {
    let node = table.required(key)?;
    let id = node.guid()?;
    named.places.push(Kept { at: node.at, path: node.path(), id: id.clone() });
    Some(id)
}

/// `encryptedConnection`: the data source's own, or its target's. It has to be somewhere, because Power BI does not tell the
/// present one and every update sends one.
pub(super) fn encrypted_connection(table: &Table<'_>, shared: &Shared) -> Option<bool> {
    let own = table.choice("encryption", &[true, false], &["Encrypted", "NotEncrypted"])?;
    let why = match (own, shared.encryption?) {
        (Some(own), _) => return Some(own),
        (None, Some(ConnectionEncryption::Encrypted)) => return Some(true),
        (None, Some(ConnectionEncryption::NotEncrypted)) => return Some(false),
        (None, Some(ConnectionEncryption::Any)) => "is missing: the target says Any, which Power BI does not know",
        (None, None) => "is missing, here and in the target",
    };
    table.absence("encryption", &format_args!("{why}; say Encrypted or NotEncrypted"));
    None
}

/// `privacyLevel`: the destination's own, or its target's.
pub(super) fn privacy(table: &Table<'_>, shared: &Shared) -> Option<Privacy> {
    table.choice("privacy", Privacy::ALL, Privacy::NAMES)?.or(shared.privacy)
}

/// Reads `encryption`, one of Fabric's three.
pub(super) fn encryption(table: &Table<'_>) -> Option<Option<ConnectionEncryption>> {
    table.choice("encryption", ConnectionEncryption::ALL, ConnectionEncryption::NAMES)
}
