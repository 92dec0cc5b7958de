//! Reads one target.

use super::destination::Entry;
use super::reader::Node;
use super::secret::Bound;
use super::{credential, destination, policy, secret};
use crate::domain::credential::Kind;
use crate::domain::names::{Guid, PersonId, Room, TargetName, Zone};
use crate::domain::target::{ConnectionEncryption, Destination, Model, Privacy, Target};

/// A title, in characters: it heads a card.
const MAX_TITLE: usize = 80;

/// An owner, in characters.
const MAX_OWNER: usize = 80;

/// Destinations of one target, models among them.
const MAX_DESTINATIONS: usize = 200;

/// Models of one target: each may have fifty data sources.
const MAX_MODELS: usize = 20;

/// Rooms one target tells.
const MAX_ROOMS: usize = 20;

const DAY: u64 = 24 * 60 * 60;

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

/// A time zone named by some target.
pub(super) struct NamedZone {
    pub(super) at: usize,
    pub(super) path: String,
    pub(super) zone: Zone,
}

/// What the targets name that is looked at when all of them are read, and who is one person.
#[derive(Default)]
pub(super) struct Named {
    pub(super) people: Vec<Vec<PersonId>>,
    pub(super) places: Vec<Kept>,
    pub(super) zones: Vec<NamedZone>,
    pub(super) bound: Vec<Bound>,
}

/// Reads the target of that name, and notes what it names.
pub(super) fn read(name: &TargetName, node: &Node<'_>, named: &mut Named) -> Option<Target> {
    let table = node.table()?;
    table.refuse_others(&[
        "title",
        "owner",
        "credential",
        "secret",
        "rotate_every",
        "privacy",
        "encryption",
        "profile",
        "destinations",
        "policy",
        "notify",
    ]);
    let title = table.text("title", MAX_TITLE);
    let owner = table.find("owner").map_or(Some(None), |node| node.text(MAX_OWNER).map(Some));
    let (kind, login) = table.required("credential").map_or((None, None), |node| credential::read(&node));
    let binding = table.find("secret");
    let binding = binding.map_or(Some(None), |node| secret::read(&node, kind, &mut named.bound).map(Some));
    let rotate_every = table.find("rotate_every");
    let rotate_every =
        rotate_every.map_or(Some(None), |node| node.duration(DAY, 5 * 365 * DAY, "from 1d to 1825d").map(Some));
    let privacy = table.required_choice("privacy", Privacy::ALL, Privacy::NAMES);
    let encryption = destination::encryption(&table);
    let profile = table.find("profile");
    let guid = profile.map_or(Some(None), |node| node.guid().map(Some));
    let shared = Shared { kind, privacy, encryption, profile: guid };
    let places = table.required("destinations").and_then(|node| places(&node, &shared, named));
    if let (Some(profile), Some((destinations, models))) = (profile, &places) {
        let source = destinations.iter().any(|destination| matches!(destination, Destination::DataSource(_)));
        profile.demand(source || !models.is_empty(), "is for Power BI data sources, and this target has none");
    }
    let policy = table.required("policy").and_then(|node| policy::read(&node, named));
    let notify = table.find("notify").map_or(Some(Vec::new()), |node| rooms(&node));
    let (destinations, models) = places?;
    Some(Target {
        name: name.clone(),
        title: title?,
        login: login?,
        binding: binding?,
        destinations,
        models,
        policy: policy?,
        notify: notify?,
        owner: owner?,
        rotate_every: rotate_every?,
    })
}

fn places(node: &Node<'_>, shared: &Shared, named: &mut Named) -> Option<(Vec<Destination>, Vec<Model>)> {
    let nodes = node.list(MAX_DESTINATIONS)?;
    node.demand(!nodes.is_empty(), "has to name at least one")?;
    let (mut destinations, mut models) = (Vec::new(), Vec::new());
    for node in &nodes {
        match destination::read(node, shared, named) {
            Some(Entry::Place(place)) => destinations.push(place),
            Some(Entry::Model(model)) => models.push(model),
            None => {}
        }
    }
    if models.len() > MAX_MODELS {
        node.problem(&format_args!("can have at most {MAX_MODELS} models"));
        return None;
    }
    (destinations.len() + models.len() == nodes.len()).then_some((destinations, models))
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
