//! Reads one target.

use super::reader::Node;
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
pub(super) fn read(name: &TargetName, node: &Node<'_>, kept: &mut Vec<Kept>) -> Option<Target> {
    let table = node.table()?;
    let known = ["title", "credential", "privacy", "encryption", "profile", "destinations", "policy", "notify"];
    table.refuse_others(&known);
    let title = table.text("title", MAX_TITLE);
    let (kind, login) = table.required("credential").map_or((None, None), |node| credential::read(&node));
    let privacy = table.required_choice("privacy", Privacy::ALL, Privacy::NAMES);
    let encryption = destination::encryption(&table);
    let profile = table.find("profile");
    let guid = profile.map_or(Some(None), |node| node.guid().map(Some));
    let shared = Shared { kind, privacy, encryption, profile: guid };
    let destinations = table.required("destinations").and_then(|node| destinations(&node, &shared, kept));
    if let (Some(profile), Some(destinations)) = (profile, &destinations) {
        let used = destinations.iter().any(|destination| matches!(destination, Destination::DataSource(_)));
        profile.demand(used, "is for Power BI data sources, and this target has none");
    }
    let policy = table.required("policy").and_then(|node| policy(&node));
    let notify = table.find("notify").map_or(Some(Vec::new()), |node| rooms(&node));
    Some(Target {
        name: name.clone(),
        title: title?,
        login: login?,
        destinations: destinations?,
        policy: policy?,
        notify: notify?,
    })
}

fn destinations(node: &Node<'_>, shared: &Shared, kept: &mut Vec<Kept>) -> Option<Vec<Destination>> {
    let nodes = node.list(MAX_DESTINATIONS)?;
    node.demand(!nodes.is_empty(), "has to name at least one")?;
    let mut destinations = Vec::new();
    for node in &nodes {
        if let Some(destination) = destination::read(node, shared, kept) {
            destinations.push(destination);
        }
    }
    (destinations.len() == nodes.len()).then_some(destinations)
}

fn policy(node: &Node<'_>) -> Option<Policy> {
    let table = node.table()?;
    table.refuse_others(&["askers", "approvals"]);
    let askers = table.required("askers").and_then(|node| askers(&node));
    if let Some(node) = table.find("approvals") {
        // A rule that is not kept is refused, never ignored.
        let none = node.whole_number()? == 0;
        node.demand(none, "has to be 0: this version cannot collect approvals")?;
    }
    Some(Policy { askers: askers? })
}

fn askers(node: &Node<'_>) -> Option<Vec<Asker>> {
    let nodes = node.list(MAX_ASKERS)?;
    node.demand(!nodes.is_empty(), "has to name at least one: nobody could ask")?;
    let mut askers = Vec::new();
    for node in &nodes {
        if let Some(asker) = asker(node) {
            node.join(asker, &mut askers);
        }
    }
    (askers.len() == nodes.len()).then_some(askers)
}

fn asker(node: &Node<'_>) -> Option<Asker> {
    let text = node.string()?;
    let group = || GroupId::parse(text).map(Asker::Group);
    let asker = PersonId::parse(text).map(Asker::Person).or_else(|_| group()).ok();
    node.demand(asker.is_some(), "has to be a person, slack:U… or slack:W…, or a user group, slack:S…")?;
    asker
}

fn rooms(node: &Node<'_>) -> Option<Vec<Room>> {
    let nodes = node.list(MAX_ROOMS)?;
    let mut rooms = Vec::new();
    for node in &nodes {
        if let Some(room) = node.name(Room::parse) {
            node.join(room, &mut rooms);
        }
    }
    (rooms.len() == nodes.len()).then_some(rooms)
}
