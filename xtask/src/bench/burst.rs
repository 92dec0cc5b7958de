//! A thousand rotations asked for at once: how long until each waits for its credential, and whether any is lost or doubled.
#![allow(clippy::disallowed_methods, reason = "measuring is reading the clock")]

use std::{
    collections::BTreeMap,
    fmt,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;
use emulator::scene;
use serde::Serialize;

use super::company::{Company, IN_HASTE, target};

/// Rotations, each of a target of its own.
const ROTATIONS: usize = 1000;
/// Who asks, each for a part of them: a person has one form open at a time.
const ASKERS: [&str; 5] = [scene::ANA, scene::BEN, scene::GIL, scene::HANA, scene::FAY];
/// How long it may take on a loaded machine; less than a credential is waited for.
const PATIENCE: Duration = Duration::from_secs(8 * 60);

/// What became of them.
#[derive(Serialize)]
pub(crate) struct Burst {
    rotations: usize,
    /// Until the last form was answered.
    answered_seconds: f64,
    /// Until the card of each says that it waits for the credential.
    waiting_seconds: f64,
    /// Without a card.
    lost: usize,
    /// With more than one.
    doubled: usize,
}

/// Asks for all of them.
pub(crate) fn run(root: &Path, scratch: &Path) -> Result<Burst> {
    println!("Asking for {ROTATIONS} rotations at once (about 2 min)");
    let company = Company::open(root, scratch, "burst", &IN_HASTE)?;
    let name = |number: usize| format!("burst-{number}");
    let fleet = company.world.fleet(ROTATIONS);
    let places = fleet.iter().enumerate();
    company
        .knows(places.map(|(number, place)| target(&name(number), std::slice::from_ref(place), &ASKERS)).collect())?;
    let begun = Instant::now();
    thread::scope(|scope| {
        let asks = |(first, asker): (usize, &'static str)| {
            let company = &company;
            let part = (first..ROTATIONS).step_by(ASKERS.len());
            scope.spawn(move || part.map(name).try_for_each(|target| company.asks(asker, &target)))
        };
        let parts: Vec<_> = ASKERS.into_iter().enumerate().map(asks).collect();
        parts.into_iter().try_for_each(|part| part.join().unwrap_or_else(|_| anyhow::bail!("an asker panicked")))
    })?;
    let answered_seconds = begun.elapsed().as_secs_f64();
    // Two cards each: counted now and then, because that takes its time as well.
    let mut cards = BTreeMap::new();
    while begun.elapsed() < PATIENCE && cards.len() < ROTATIONS {
        thread::sleep(Duration::from_millis(500));
        cards = waiting(&company);
    }
    Ok(Burst {
        rotations: ROTATIONS,
        answered_seconds,
        waiting_seconds: begun.elapsed().as_secs_f64(),
        lost: ROTATIONS - cards.len(),
        doubled: cards.values().filter(|cards| **cards > 1).count(),
    })
}

/// The cards in #data-ops that wait for a credential, by what they say.
fn waiting(company: &Company) -> BTreeMap<String, usize> {
    let mut cards = BTreeMap::new();
    for message in company.world.messages() {
        let title = message.text.split_once(": Waiting for the new credential").map(|(title, _)| title.to_owned());
        if let Some(title) = title.filter(|_| message.channel == scene::CHANNEL_DATA_OPS) {
            *cards.entry(title).or_default() += 1;
        }
    }
    cards
}

impl fmt::Display for Burst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rotations, answered_seconds, waiting_seconds, lost, doubled } = self;
        write!(f, "{rotations} rotations asked for at once\n  answered after {answered_seconds:.1} s, ")?;
        write!(f, "all waiting after {waiting_seconds:.1} s, {lost} lost, {doubled} doubled")
    }
}
