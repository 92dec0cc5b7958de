//! Reads one target.

use super::reader::{Findings, Node};
use super::{credential, destination};
use crate::domain::credential::Kind;
use crate::domain::names::{GroupId, Guid, PersonId, Room, TargetName};
use crate::domain::policy::{Asker, Policy};
use crate::domain::target::{ConnectionEncryption, Destination, Privacy, Target};

/// A title, in characters: it heads a card.
const MAX_TITLE: usize = 80;

/// Destinations of one target.
const MAX_DESTINATIONS: usize = 200;

/// Rooms one target tells.
const MAX_ROOMS: usize = 20;

/// People and groups who may ask for one target.
const MAX_ASKERS: usize = 50;

/// What a target's destinations have in common. `None` where reading it failed: nothing more is said about it then.
pub(super) struct Shared {
    pub(super) kind: Option<Kind>,
    pub(super) privacy: Option<Privacy>,
    pub(super) encryption: Option<Option<ConnectionEncryption>>,
    pub(super) profile: Option<Option<Guid>>,
}

/// A place named by some target.
///
/// The id alone tells places apart, of both services: it is a GUID, and one gateway's data source can appear in both.
pub(super) struct Kept {
    pub(super) at: usize,
    pub(super) path: String,
    pub(super) id: Guid,
}

/// Reads the target of that name, and notes its places.
pub(super) fn read(
    name: &TargetName,
    node: &Node<'_>,
    kept: &mut Vec<Kept>,
    findings: &mut Findings,
) -> Option<Target> {
    let table = node.table(findings)?;
    let known = ["title", "credential", "privacy", "encryption", "profile", "destinations", "policy", "notify"];
    table.refuse_others(&known, findings);
    let title = table.required("title", findings, |node, findings| node.text(MAX_TITLE, findings));
    let (kind, login) = table.required("credential", findings, credential::read).unzip();
    let shared = Shared {
        kind,
        privacy: table
            .required("privacy", findings, |node, findings| node.choice(Privacy::ALL, Privacy::name, findings)),
        encryption: table.optional("encryption", findings, destination::encryption),
        profile: table.optional("profile", findings, destination::guid),
    };
    let nodes = table.required("destinations", findings, |node, findings| {
        let nodes = node.list(MAX_DESTINATIONS, findings)?;
        node.demand(!nodes.is_empty(), "has to name at least one", findings)?;
        Some(nodes)
    });
    let nodes = nodes.unwrap_or_default();
    let destinations: Vec<Option<Destination>> =
        nodes.iter().map(|node| destination::read(node, &shared, kept, findings)).collect();
    let fabric_only = destinations.iter().all(|destination| matches!(destination, Some(Destination::Connection(_))));
    table.optional("profile", findings, |node, findings| {
        let used = destinations.is_empty() || !fabric_only;
        node.demand(used, "is for Power BI data sources, and this target has none", findings)
    });
    let policy = table.required("policy", findings, policy);
    let notify = table.optional("notify", findings, |node, findings| {
        node.distinct(MAX_ROOMS, findings, |text| Room::parse(text).map_err(|rule| rule.to_string()))
    });
    Some(Target {
        name: name.clone(),
        title: title?.to_owned(),
        login: login??,
        destinations: destinations.into_iter().collect::<Option<_>>()?,
        policy: policy?,
        notify: notify?.unwrap_or_default(),
    })
}

fn policy(node: &Node<'_>, findings: &mut Findings) -> Option<Policy> {
    let table = node.table(findings)?;
    table.refuse_others(&["askers", "approvals"], findings);
    let askers = table.required("askers", findings, |node, findings| {
        let askers = node.distinct(MAX_ASKERS, findings, asker)?;
        node.demand(!askers.is_empty(), "has to name at least one: nobody could ask", findings)?;
        Some(askers)
    });
    let approvals = table.optional("approvals", findings, |node, findings| {
        // A rule that is not kept is refused, never ignored.
        let none = node.whole_number(findings)? == 0;
        node.demand(none, "has to be 0: this version cannot collect approvals", findings)
    });
    approvals?;
    Some(Policy { askers: askers? })
}

fn asker(text: &str) -> Result<Asker, String> {
    let person = PersonId::parse(text).map(Asker::Person);
    person
        .or_else(|_| GroupId::parse(text).map(Asker::Group))
        .map_err(|_| "has to be a person, slack:U… or slack:W…, or a user group, slack:S…".to_owned())
}
