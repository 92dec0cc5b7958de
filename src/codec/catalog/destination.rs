//! Reads one place where a credential is kept.

use super::reader::{Findings, Node, Table};
use super::target::{Kept, Shared};
use crate::domain::credential::Kind;
use crate::domain::names::Guid;
use crate::domain::settable::{Place, settable};
use crate::domain::target::{
    Connection, ConnectionEncryption, Connectivity, DataSource, Destination, Privacy, Reach, SingleSignOn,
};

/// Fabric REST, Connections: Update Connection, `displayName`, in characters.
const MAX_DISPLAY_NAME: usize = 200;

/// Reads an entry of `destinations`, and notes its id among the places that are kept.
pub(super) fn read(
    node: &Node<'_>,
    shared: &Shared,
    kept: &mut Vec<Kept>,
    findings: &mut Findings,
) -> Option<Destination> {
    let table = node.table(findings)?;
    table.refuse_others(&["datasource", "connection"], findings);
    let datasource = table.optional("datasource", findings, Node::table)?;
    let connection = table.optional("connection", findings, Node::table)?;
    match (datasource, connection) {
        (Some(table), None) => data_source(&table, shared, kept, findings).map(Destination::DataSource),
        (None, Some(table)) => self::connection(&table, shared, kept, findings).map(Destination::Connection),
        _ => {
            table.problem("has to be either { datasource = … } or { connection = … }", findings);
            None
        }
    }
}

fn data_source(
    table: &Table<'_>,
    shared: &Shared,
    kept: &mut Vec<Kept>,
    findings: &mut Findings,
) -> Option<DataSource> {
    let known = ["gateway", "id", "reach", "encryption", "privacy", "end_user_sso", "caller_identity"];
    table.refuse_others(&known, findings);
    let gateway = table.required("gateway", findings, guid);
    let id = id(table, kept, findings);
    let reach = table.optional("reach", findings, |node, findings| {
        node.choice(&[Reach::OnPremises, Reach::Cloud], reach_name, findings)
    });
    let reach = reach.map(|reach| reach.unwrap_or(Reach::OnPremises));
    refuse_kind(table, shared, reach.map(Place::PowerBi), findings);
    let encrypted_connection = encrypted_connection(table, shared, findings);
    let privacy = privacy(table, shared, findings);
    let end_user_sso = table.optional("end_user_sso", findings, Node::flag);
    let caller_identity = table.optional("caller_identity", findings, |node, findings| {
        let on = node.flag(findings)?;
        let fits = !on || shared.kind.is_none_or(|kind| kind == Kind::OAuth2);
        node.demand(fits, "goes with OAuth2 credentials only", findings)?;
        Some(on)
    });
    Some(DataSource {
        gateway: gateway?,
        id: id?,
        reach: reach?,
        privacy: privacy?,
        encrypted_connection: encrypted_connection?,
        end_user_sso: end_user_sso?.unwrap_or(false),
        caller_identity: caller_identity?.unwrap_or(false),
        profile: shared.profile.clone()?,
    })
}

fn connection(table: &Table<'_>, shared: &Shared, kept: &mut Vec<Kept>, findings: &mut Findings) -> Option<Connection> {
    use Connectivity::{OnPremisesGatewayPersonal, PersonalCloud, ShareableCloud};
    let known =
        ["id", "via", "encryption", "privacy", "single_sign_on", "skip_test", "display_name", "allow_usage_in_gateway"];
    table.refuse_others(&known, findings);
    let id = id(table, kept, findings);
    let via =
        table.required("via", findings, |node, findings| node.choice(Connectivity::ALL, Connectivity::name, findings));
    refuse_kind(table, shared, via.map(Place::Fabric), findings);
    let encryption = table.optional("encryption", findings, encryption);
    let encryption = encryption.and_then(|own| own.map_or(shared.encryption, |own| Some(Some(own))));
    let privacy = privacy(table, shared, findings);
    let single_sign_on = table.optional("single_sign_on", findings, |node, findings| {
        node.choice(SingleSignOn::ALL, SingleSignOn::name, findings)
    });
    let skip_test = table.optional("skip_test", findings, Node::flag);
    let display_name = table.optional("display_name", findings, |node, findings| {
        let named = !matches!(via, Some(PersonalCloud | OnPremisesGatewayPersonal));
        node.demand(named, "is not for personal connections: Fabric does not rename them", findings)?;
        node.text(MAX_DISPLAY_NAME, findings).map(str::to_owned)
    });
    let usage_in_gateway = table.optional("allow_usage_in_gateway", findings, |node, findings| {
        let cloud = via.is_none_or(|via| matches!(via, ShareableCloud | PersonalCloud));
        node.demand(cloud, "is for ShareableCloud and PersonalCloud only", findings)?;
        node.flag(findings)
    });
    Some(Connection {
        id: id?,
        via: via?,
        privacy: privacy?,
        encryption: encryption?,
        single_sign_on: single_sign_on?,
        skip_test: skip_test?.unwrap_or(false),
        display_name: display_name?,
        usage_in_gateway: usage_in_gateway?,
    })
}

/// Refuses a kind of credential that cannot be set there; says nothing while one of the two is not known.
fn refuse_kind(table: &Table<'_>, shared: &Shared, place: Option<Place>, findings: &mut Findings) {
    if let (Some(kind), Some(place)) = (shared.kind, place)
        && let Err(reason) = settable(kind, place)
    {
        table.problem(reason, findings);
    }
}

fn id(table: &Table<'_>, kept: &mut Vec<Kept>, findings: &mut Findings) -> Option<Guid> {
    let (at, path, id) =
        table.required("id", findings, |node, findings| Some((node.at, node.path.clone(), guid(node, findings)?)))?;
    kept.push(Kept { at, path, id: id.clone() });
    Some(id)
}

/// `encryptedConnection`: the data source's own, or its target's. It has to be somewhere, because Power BI does not tell the
/// present one and every update sends one.
fn encrypted_connection(table: &Table<'_>, shared: &Shared, findings: &mut Findings) -> Option<bool> {
    let own = table.optional("encryption", findings, |node, findings| {
        node.choice(&[true, false], |encrypted| if encrypted { "Encrypted" } else { "NotEncrypted" }, findings)
    })?;
    let why = match (own, shared.encryption?) {
        (Some(own), _) => return Some(own),
        (None, Some(ConnectionEncryption::Encrypted)) => return Some(true),
        (None, Some(ConnectionEncryption::NotEncrypted)) => return Some(false),
        (None, Some(ConnectionEncryption::Any)) => "is missing: the target says Any, which Power BI does not know",
        (None, None) => "is missing, here and in the target",
    };
    table.absence("encryption", format!("{why}; say Encrypted or NotEncrypted"), findings);
    None
}

/// `privacyLevel`: the destination's own, or its target's.
fn privacy(table: &Table<'_>, shared: &Shared, findings: &mut Findings) -> Option<Privacy> {
    let own =
        table.optional("privacy", findings, |node, findings| node.choice(Privacy::ALL, Privacy::name, findings))?;
    own.or(shared.privacy)
}

/// Reads an `encryption` of Fabric's three.
pub(super) fn encryption(node: &Node<'_>, findings: &mut Findings) -> Option<ConnectionEncryption> {
    node.choice(ConnectionEncryption::ALL, ConnectionEncryption::name, findings)
}

/// Reads a GUID.
pub(super) fn guid(node: &Node<'_>, findings: &mut Findings) -> Option<Guid> {
    node.parsed(Guid::parse, findings)
}

const fn reach_name(reach: Reach) -> &'static str {
    match reach {
        Reach::OnPremises => "OnPremises",
        Reach::Cloud => "Cloud",
    }
}
