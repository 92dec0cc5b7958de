//! What one whole rotation costs the Worker and its objects: one data source, one connection of three members. Beside it, what
//! the runtime takes for as many calls, orders and rows without any of what they are for.

use std::{fmt, net::Ipv4Addr, path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use emulator::{Clock, Destination, Server, World, scene};
use serde::Serialize;
use workerd::{Options, Workerd};

use super::{
    company::{Company, IN_HASTE, target},
    contender,
    load::{agent, cpu_seconds},
};
use crate::{contoso, tools::Tools};

/// Rotations before the measured ones: so long does the runtime compile once more what has become hot.
const WARM_UP: usize = 30;
/// Turns of either; their means are over all of them.
const TURNS: usize = 6;
/// Rotations in a turn. The system counts in ticks of 10 ms, so that fewer would be coarse.
const ROTATIONS: usize = 10;
/// How long one may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(30);

const DONE: &str = "Rotate sales: Rotated and verified, 2 of 2";

/// Milliseconds of CPU, user and system, that the runtime spends on one rotation.
#[derive(Serialize)]
pub(crate) struct Rotation {
    /// Typing the command, two forms, the check, reading two gateways twice, four sealings, two updates, two tests, two
    /// cards and their changes, the audit.
    worker_ms: f64,
    /// `bench/peers/calls.js` for the same.
    calls_ms: f64,
}

/// Measures both, by turns.
pub(crate) fn run(root: &Path, tools: &Tools, scratch: &Path) -> Result<Rotation> {
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
    let calls = Calls::open(root, tools, scratch)?;

    (0..WARM_UP).try_for_each(rotate)?;
    (0..WARM_UP).try_for_each(|at| calls.rotate(&company, at))?;
    let mut spent = [0.0, 0.0];
    for turn in 1..=TURNS {
        let [worker, peer] = &mut spent;
        *worker += cpu(&company.worker, || (0..ROTATIONS).try_for_each(rotate))?;
        *peer += cpu(&calls.worker, || (0..ROTATIONS).try_for_each(|at| calls.rotate(&company, 1000 * turn + at)))?;
    }
    let [worker_ms, calls_ms] = spent.map(|seconds| seconds * 1e3 / (TURNS * ROTATIONS) as f64);
    Ok(Rotation { worker_ms, calls_ms })
}

/// Seconds that it spends meanwhile.
fn cpu(worker: &Workerd, meanwhile: impl FnOnce() -> Result<()>) -> Result<f64> {
    let before = cpu_seconds(worker.pid())?;
    meanwhile()?;
    Ok(cpu_seconds(worker.pid())? - before)
}

/// The peer, with somebody to call.
struct Calls {
    worker: Workerd,
    _server: Server,
}

impl Calls {
    fn open(root: &Path, tools: &Tools, scratch: &Path) -> Result<Self> {
        let server = emulator::listen(World::contoso(Clock::System), (Ipv4Addr::LOCALHOST, 0).into())
            .context("opening a port")?;
        let dir = contender::emptied(scratch, "calls")?;
        let bundle = contender::bundle(root, tools, "calls", &dir)?;
        let worker = Options::of_project(root, &dir)?;
        let script = worker.script.clone().without_assets().with_entry(&bundle)?;
        let vars = contoso::vars(&format!("http://{}", server.address()));
        Ok(Self { worker: Workerd::start(Options { script, vars, ..worker })?, _server: server })
    }

    /// One rotation; `until` waits as it does for the Worker.
    fn rotate(&self, company: &Company, number: usize) -> Result<()> {
        let (agent, rotation) = (agent(), format!("{}/rotation-{number}", self.worker.base_url()));
        for request in 0..4 {
            let answer = agent.post(format!("{rotation}/{request}")).send("x".repeat(800))?;
            ensure!(answer.status().is_success(), "{}; the log:\n{}", answer.status(), self.worker.log());
        }
        let left = || agent.get(&rotation).call().ok()?.body_mut().read_to_string().ok();
        company.until("the end of its wakings", PATIENCE, || left().as_deref() == Some("0"))
    }
}

impl fmt::Display for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "CPU of one whole rotation, Worker and objects together")?;
        writeln!(f, "  pbi-rotate        {:.1} ms", self.worker_ms)?;
        writeln!(f, "  its calls alone   {:.1} ms", self.calls_ms)
    }
}
