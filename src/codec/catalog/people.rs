//! Reads who is one person under several ids, on Slack and in Entra.

use super::reader::Table;
use crate::domain::names::PersonId;

/// People who are told to be known elsewhere.
const MAX_PEOPLE: usize = 2000;

/// Ids of one person.
const MAX_IDS: usize = 8;

/// The ids of each person of `people`; every id belongs to one person.
pub(super) fn read(root: &Table<'_>) -> Option<Vec<Vec<PersonId>>> {
    let Some(node) = root.find("people") else { return Some(Vec::new()) };
    let table = node.table()?;
    let entries = table.entries();
    if entries.len() > MAX_PEOPLE {
        table.problem(&format_args!("there can be at most {MAX_PEOPLE} people"));
        return None;
    }
    let mut people: Vec<Vec<PersonId>> = Vec::new();
    for (_, node) in &entries {
        let mut ids = Vec::new();
        let nodes = node.list(MAX_IDS)?;
        node.demand(nodes.len() > 1, "has to name at least two ids of one person: one alone needs no mention")?;
        for node in &nodes {
            let Some(id) = node.name(PersonId::parse) else { continue };
            if people.iter().flatten().any(|other| *other == id) {
                node.problem(&"belongs to another person already");
            } else {
                node.join(id, &mut ids);
            }
        }
        if ids.len() == nodes.len() {
            people.push(ids);
        }
    }
    (people.len() == entries.len()).then_some(people)
}
