//! What one whole rotation costs the Worker and its objects: one data source, one connection of three members.

use std::{path::Path, time::Duration};

use anyhow::Result;
use emulator::{Destination, scene};

use super::{
    company::{Company, IN_HASTE, target},
    load::cpu_seconds,
};

/// Rotations before the measured ones: so long does the runtime compile once more what has become hot.
const WARM_UP: usize = 30;
/// Rotations measured. The system counts in ticks of 10 ms, so that fewer would be coarse.
const ROTATIONS: usize = 60;
/// How long one may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(30);

const DONE: &str = "Rotate sales: Rotated and verified, 2 of 2";

/// Milliseconds of CPU, user and system, that the runtime spends on one rotation: typing the command, two forms, the check,
/// reading two gateways twice, four sealings, two updates, two tests, two cards and their changes, the audit.
pub(crate) fn cpu(root: &Path, scratch: &Path) -> Result<f64> {
    let company = Company::open(root, scratch, "rotation", &IN_HASTE)?;
    let places = [
        Destination::DataSource { gateway: scene::GATEWAY_SALES.to_owned(), id: scene::SALES_SQL.to_owned() },
        Destination::Connection { id: scene::CONNECTION_CLUSTER.to_owned() },
    ];
    company.knows(target("sales", &places, &[scene::GROUP_DATA]))?;
    let done = || company.world.messages().iter().filter(|message| message.text.starts_with(DONE)).count();
    let rotate = |_| -> Result<()> {
        let before = done();
        company.asks(scene::ANA, "sales")?;
        company.ana_enters("sales", PATIENCE)?;
        // In #data-ops and in Ana's messages.
        company.until(DONE, PATIENCE, || done() == before + 2)
    };
    (0..WARM_UP).try_for_each(rotate)?;
    let before = cpu_seconds(company.worker.pid())?;
    (0..ROTATIONS).try_for_each(rotate)?;
    Ok((cpu_seconds(company.worker.pid())? - before) * 1e3 / ROTATIONS as f64)
}
