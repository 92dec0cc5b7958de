//! What one whole rotation costs the Worker and its objects, beside what the runtime takes for its calls alone.
#![allow(clippy::disallowed_methods, reason = "the runtime is another process: waiting for it takes real time")]

use std::{fmt, net::Ipv4Addr, path::Path, thread, time::Duration};

use anyhow::{Context as _, Result, ensure};
use emulator::{Clock, Destination, Server, World, scene};
use serde::Serialize;
use workerd::{Options, Workerd};

use super::{
    company::{Company, IN_HASTE, target, until},
    contender,
    load::{agent, cpu_seconds},
};
use crate::{contoso, folder::emptied, tools::Tools};

/// Rotations before the measured ones: so long does the runtime compile once more what has become hot.
const WARM_UP: usize = 30;
/// Turns of either; their means are over all of them.
const TURNS: usize = 3;
/// Rotations in a turn. The system counts in ticks of 10 ms, so that fewer would be coarse.
const ROTATIONS: usize = 20;
/// How long one may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// A runtime that has stood still for so long has done what there was to do.
const STILL: Duration = Duration::from_millis(100);

const DONE: &str = "Rotate sales: Rotated and verified, 2 of 2";
/// Calls out of one rotation.
const CALLS: usize = 33;

/// Milliseconds of CPU, user and system, that the runtime spends on one rotation of a data source and of a connection with three
/// members.
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
    let rotate = || -> Result<()> {
        let before = done();
        company.asks(scene::ANA, "sales")?;
        company.ana_enters("sales", PATIENCE)?;
        // In #data-ops and in Ana's messages.
        company.until(DONE, PATIENCE, || done() == before + 2)
    };
    let calls = Calls::open(root, tools, scratch)?;

    cpu(&company.worker, WARM_UP, rotate)?;
    cpu(&calls.worker, WARM_UP, || calls.rotate())?;
    let mut spent = [0.0, 0.0];
    for _ in 0..TURNS {
        let [worker, peer] = &mut spent;
        *worker += cpu(&company.worker, ROTATIONS, rotate)?;
        *peer += cpu(&calls.worker, ROTATIONS, || calls.rotate())?;
    }
    let [worker_ms, calls_ms] = spent.map(|seconds| seconds * 1e3 / (TURNS * ROTATIONS) as f64);
    Ok(Rotation { worker_ms, calls_ms })
}

/// Seconds that it spends on so many rotations, until it has nothing left to do.
fn cpu(worker: &Workerd, rotations: usize, rotate: impl Fn() -> Result<()>) -> Result<f64> {
    let before = cpu_seconds(worker.pid())?;
    for _ in 0..rotations {
        rotate()?;
    }
    let mut busy = worker.busy();
    loop {
        thread::sleep(STILL);
        let now = worker.busy();
        if now == busy {
            break;
        }
        busy = now;
    }
    Ok(cpu_seconds(worker.pid())? - before)
}

/// The peer, with somebody to call.
struct Calls {
    worker: Workerd,
    world: World,
    _server: Server,
}

impl Calls {
    fn open(root: &Path, tools: &Tools, scratch: &Path) -> Result<Self> {
        let world = World::contoso(Clock::System);
        let server = emulator::listen(world.clone(), (Ipv4Addr::LOCALHOST, 0).into()).context("opening a port")?;
        let dir = scratch.join("calls");
        emptied(&dir)?;
        let bundle = contender::bundle(root, tools, "calls", &dir)?;
        let worker = Options::of_project(root, &dir)?;
        let script = worker.script.clone().without_assets().with_entry(&bundle)?;
        let vars = contoso::vars(&format!("http://{}", server.address()));
        Ok(Self { worker: Workerd::start(Options { script, vars, ..worker })?, world, _server: server })
    }

    fn rotate(&self) -> Result<()> {
        let (agent, before) = (agent(), self.world.received().len());
        for request in 0..4 {
            let url = format!("{}/rotation-{before}/{request}", self.worker.base_url());
            let answer = agent.post(url).send("x".repeat(800))?;
            ensure!(answer.status().is_success(), "{}; the log:\n{}", answer.status(), self.worker.log());
        }
        until(&self.worker, "as many calls", PATIENCE, || self.world.received().len() >= before + CALLS)
    }
}

impl fmt::Display for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "CPU of one whole rotation, Worker and objects together")?;
        writeln!(f, "  pbi-rotate        {:.1} ms", self.worker_ms)?;
        write!(f, "  its calls alone   {:.1} ms", self.calls_ms)
    }
}
