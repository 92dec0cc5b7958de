//! What one whole rotation costs the Worker and its objects: one data source, one connection of three members.
#![allow(clippy::disallowed_methods, reason = "the runtime is another process: waiting for it takes real time")]

use std::{
    net::Ipv4Addr,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, ensure};
use bytes::Bytes;
use emulator::{Clock, World, scene, slack::Gesture};
use http::Request;
use serde_json::json;
use workerd::{Options, Workerd};

use super::load::cpu_seconds;
use crate::{contoso, demo::story};

/// Rotations before the measured ones.
const WARM_UP: usize = 5;
/// Rotations measured. The system counts in ticks of 10 ms, so that fewer would be coarse.
const ROTATIONS: usize = 60;
/// How long one may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Milliseconds of CPU, user and system, that the runtime spends on one rotation: typing the command, two forms, reading
/// five keys, four sealings, two updates, two tests, the card and its changes.
pub(crate) fn cpu(root: &Path, scratch: &Path) -> Result<f64> {
    let world = World::contoso(Clock::System);
    let server = emulator::listen(world.clone(), (Ipv4Addr::LOCALHOST, 0).into()).context("opening a port")?;
    let dir = scratch.join("rotation");
    if dir.exists() {
        std::fs::remove_dir_all(&dir).with_context(|| format!("emptying {}", dir.display()))?;
    }
    let mut options = Options::of_project(root, &dir)?;
    options.script = options.script.without_assets();
    options.vars = contoso::vars(&format!("http://{}", server.address()));
    let worker = Workerd::start(options)?;
    let put = Request::put("/admin/catalog")
        .header("authorization", format!("Bearer {}", contoso::ADMIN_TOKEN))
        .body(Bytes::from(story::catalog()))?;
    ensure!(send(&worker, put)?.status().is_success(), "the catalog was refused");
    for _ in 0..WARM_UP {
        rotate(&world, &worker)?;
    }
    let before = cpu_seconds(worker.pid())?;
    for _ in 0..ROTATIONS {
        rotate(&world, &worker)?;
    }
    Ok((cpu_seconds(worker.pid())? - before) * 1e3 / ROTATIONS as f64)
}

/// One rotation, from the command to the card that says how it ended.
fn rotate(world: &World, worker: &Workerd) -> Result<()> {
    let ana = world.person(scene::ANA);
    let done = finished(world);
    act(world, worker, &ana.slash(scene::CHANNEL_SALES, "rotate sales-db"))?;
    for (field, value) in [("reason", "Quarterly rotation"), ("password", "correct-horse-battery-staple")] {
        let form = world.modals(scene::ANA).pop().context("Ana has no form before her")?;
        let gesture = ana.submit(&form.id, &[(field, json!(value))]).map_err(|broken| anyhow!("{broken}"))?;
        act(world, worker, &gesture)?;
    }
    let begun = Instant::now();
    while finished(world) == done {
        ensure!(begun.elapsed() < PATIENCE, "a rotation did not end; the log:\n{}", worker.log());
        thread::sleep(Duration::from_millis(5));
    }
    let form = world.modals(scene::ANA).pop().context("Ana has no form before her")?;
    ana.close(&form.id).map_err(|broken| anyhow!("{broken}"))?;
    Ok(())
}

fn finished(world: &World) -> usize {
    world.messages().iter().filter(|message| message.text.contains("Rotated and verified")).count()
}

fn act(world: &World, worker: &Workerd, gesture: &Gesture) -> Result<()> {
    let response = send(worker, gesture.request.clone())?;
    world.slack_answered(gesture, &response).map_err(|broken| anyhow!("Slack shows an error: {broken}"))
}

fn send(worker: &Workerd, request: Request<Bytes>) -> Result<http::Response<Bytes>> {
    let (mut parts, body) = request.into_parts();
    parts.uri = format!("{}{}", worker.base_url(), parts.uri).parse()?;
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let answer = agent.run(Request::from_parts(parts, body.as_ref())).context("calling the Worker")?;
    let (parts, mut body) = answer.into_parts();
    Ok(http::Response::from_parts(parts, Bytes::from(body.read_to_vec()?)))
}
