//! What stories with many destinations have in common: their catalog, and what the services were asked.

use std::time::Duration;

use emulator::{Destination, Received, World};

use crate::bot::Bot;
use crate::scene::{BASIC, connection, on_premises, target};

/// The password that fleets are given.
pub const ENTERED: &[(&str, &str)] = &[("password", "for-the-whole-fleet")];

/// A destination of the emulator's as the catalog names it.
pub fn entry(destination: &Destination) -> String {
    match destination {
        Destination::DataSource { gateway, id } => on_premises(gateway, id),
        Destination::Connection { id } => connection(id, "OnPremisesGateway"),
    }
}

/// The id of a destination.
pub fn id(destination: &Destination) -> &str {
    match destination {
        Destination::DataSource { id, .. } | Destination::Connection { id } => id,
    }
}

/// The target of that name with these destinations.
pub fn fleet_of(name: &str, destinations: &[Destination]) -> String {
    let entries: Vec<_> = destinations.iter().map(entry).collect();
    target(name, name, BASIC, &entries.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A catalog with one fleet, "fleet", of so many destinations.
pub fn knows_fleet(bot: &Bot, destinations: usize) -> Vec<Destination> {
    let fleet = bot.world.fleet(destinations);
    bot.knows(&fleet_of("fleet", &fleet));
    fleet
}

/// The calls to the services that keep credentials, in order.
pub fn calls(world: &World) -> Vec<Received> {
    world.received().into_iter().filter(|call| ["powerbi", "fabric"].contains(&call.service.as_str())).collect()
}

/// The updates among the calls.
pub fn updates_of(world: &World) -> Vec<Received> {
    calls(world).into_iter().filter(|call| call.method == "PATCH").collect()
}

/// How many of the calls came within any stretch of that length, at most.
pub fn densest(calls: &[Received], stretch: Duration) -> usize {
    let stretch = u64::try_from(stretch.as_millis()).unwrap();
    let from = |first: u64| calls.iter().filter(|call| (first..first + stretch).contains(&call.at_ms)).count();
    calls.iter().map(|first| from(first.at_ms)).max().unwrap_or(0)
}
