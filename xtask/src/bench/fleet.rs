//! What two hundred places at once take: time, calls and CPU, as fast as it goes and under the quotas of the services.
#![allow(clippy::disallowed_methods, reason = "measuring is reading the clock")]

use std::{
    collections::BTreeMap,
    fmt,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Result;
use emulator::{FABRIC_CALLS_A_MINUTE, scene};
use serde::Serialize;

use super::{
    company::{Company, IN_HASTE, target},
    load::cpu_seconds,
};

/// Places: as many as a target can have.
const PLACES: usize = 200;
/// Power BI publishes no number; this is what the Worker keeps to unless it is told otherwise.
const POWERBI_CALLS_A_MINUTE: u32 = 120;
/// How long a fleet may take under quotas, on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Both ways.
#[derive(Serialize)]
pub(crate) struct Fleet {
    in_haste: Figures,
    /// With the calls of one invocation that a paid plan has.
    in_haste_paid: Figures,
    under_quotas: Figures,
}

#[derive(Serialize)]
struct Figures {
    /// From the command to the card that says that all is good.
    seconds: f64,
    /// By service.
    calls: BTreeMap<String, usize>,
    /// Calls that were answered with 429.
    throttled: usize,
    /// CPU of the runtime for each place, in milliseconds, user and system.
    cpu_ms: f64,
}

/// Rotates a fleet of half data sources, half connections of three members, each way.
pub(crate) fn run(root: &Path, scratch: &Path) -> Result<Fleet> {
    println!("Rotating {PLACES} places at once, then under quotas (about 5 min)");
    let paid = [IN_HASTE[0], IN_HASTE[1], ("CALLS_PER_WAKING", "1000")];
    Ok(Fleet {
        in_haste: rotate(root, scratch, &IN_HASTE, false)?,
        in_haste_paid: rotate(root, scratch, &paid, false)?,
        under_quotas: rotate(root, scratch, &[], true)?,
    })
}

fn rotate(root: &Path, scratch: &Path, settings: &[(&str, &str)], quotas: bool) -> Result<Figures> {
    let company = Company::open(root, scratch, "fleet", settings)?;
    if quotas {
        company.world.set_fabric_quota(Some(FABRIC_CALLS_A_MINUTE));
        company.world.set_powerbi_quota(Some(POWERBI_CALLS_A_MINUTE));
    }
    company.knows(target("fleet", &company.world.fleet(PLACES), &[scene::GROUP_DATA]))?;
    let (begun, before) = (Instant::now(), cpu_seconds(company.worker.pid())?);
    company.asks(scene::ANA, "fleet")?;
    company.ana_enters("fleet", PATIENCE)?;
    company.until_said(&format!("Rotated and verified, {PLACES} of {PLACES}"), PATIENCE)?;
    let seconds = begun.elapsed().as_secs_f64();
    let mut calls = BTreeMap::new();
    for call in company.world.received() {
        *calls.entry(call.service).or_default() += 1;
    }
    let throttled = ["powerbi", "fabric", "slack"].map(|service| company.world.throttled(service)).iter().sum();
    let cpu_ms = (cpu_seconds(company.worker.pid())? - before) * 1e3 / PLACES as f64;
    Ok(Figures { seconds, calls, throttled, cpu_ms })
}

impl fmt::Display for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ways = [
            ("as fast as it goes", &self.in_haste),
            ("the same, 1000 calls a waking", &self.in_haste_paid),
            ("under quotas", &self.under_quotas),
        ];
        write!(f, "{PLACES} places at once")?;
        for (way, figures) in ways {
            let calls: Vec<_> = figures.calls.iter().map(|(service, calls)| format!("{service} {calls}")).collect();
            let Figures { seconds, throttled, cpu_ms, .. } = figures;
            write!(f, "\n  {way:<30} {seconds:>6.1} s, {cpu_ms:.1} ms CPU a place, {throttled} throttled")?;
            write!(f, ", calls: {}", calls.join(", "))?;
        }
        Ok(())
    }
}
