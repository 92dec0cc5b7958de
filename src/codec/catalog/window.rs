//! Reads a maintenance window.

use super::reader::Node;
use super::target::{Named, NamedZone};
use crate::domain::names::Zone;
use crate::domain::window::{Day, Window};

/// Reads an entry of `windows`, and notes its time zone: whether there is such a one is known to the platform only.
pub(super) fn read(node: &Node<'_>, named: &mut Named) -> Option<Window> {
    let table = node.table()?;
    table.refuse_others(&["days", "from", "to", "zone"]);
    let days = table.required("days").and_then(|node| days(&node));
    let from = table.required("from").and_then(|node| time(&node));
    let to = table.required("to").and_then(|node| time(&node));
    let zone = table.required("zone").and_then(|node| zone(&node, named));
    Some(Window { days: days?, from: from?, to: to?, zone: zone? })
}

fn days(node: &Node<'_>) -> Option<Vec<Day>> {
    let nodes = node.list(Day::ALL.len())?;
    node.demand(!nodes.is_empty(), "has to name at least one day")?;
    let mut days = Vec::new();
    for node in &nodes {
        if let Some(day) = node.one_of(&Day::NAMES).and_then(|place| Day::ALL.get(place)) {
            node.join(*day, &mut days);
        }
    }
    (days.len() == nodes.len()).then_some(days)
}

/// Minutes after midnight.
fn time(node: &Node<'_>) -> Option<u16> {
    let text = node.string()?;
    let number = |digits: &str, below: u16| {
        let two = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
        digits.parse::<u16>().ok().filter(|number| two && *number < below)
    };
    let parts = text.split_once(':');
    let minutes = parts.and_then(|(hours, minutes)| Some(number(hours, 24)? * 60 + number(minutes, 60)?));
    node.demand(minutes.is_some(), "has to be a time from \"00:00\" to \"23:59\"")?;
    minutes
}

fn zone(node: &Node<'_>, named: &mut Named) -> Option<Zone> {
    let zone = node.name(Zone::parse)?;
    named.zones.push(NamedZone { at: node.at, path: node.path(), zone: zone.clone() });
    Some(zone)
}
