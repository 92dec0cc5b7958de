//! Teams' door: what verifying one activity costs beside a peer, and how long somebody waits for a dialog.
#![allow(clippy::disallowed_methods, reason = "measuring is reading the clock")]

use std::{fmt, net::Ipv4Addr, path::Path, time::Instant};

use anyhow::{Context as _, Result, anyhow};
use bytes::Bytes;
use emulator::{
    Clock, Server, World, scene,
    teams::{Forgery, TeamsGesture},
};
use http::Request;
use serde::Serialize;
use serde_json::json;

use super::{
    company::{Company, target},
    contender,
    load::{self, CONNECTIONS, Load, REQUESTS, ROUNDS},
    report::{Figure, median},
};
use crate::{contoso, tools::Tools};

/// Dialogs opened before the measured ones.
const WARM_UP: usize = 20;
/// Dialogs measured: an odd number.
const DIALOGS: usize = 201;
/// Targets that the dialog lists.
const TARGETS: usize = 50;

/// How long somebody waits for the dialog of a command.
#[derive(Serialize)]
pub(crate) struct Invoke {
    median_ms: f64,
    slowest_ms: f64,
}

/// Measures both.
pub(crate) fn run(root: &Path, tools: &Tools, scratch: &Path) -> Result<(Figure, Invoke)> {
    println!("Verifying {} activities each (about 1 min)", ROUNDS * REQUESTS);
    let world = World::contoso(Clock::System);
    // Here the key set is read, once for each isolate.
    let server = listen(&world)?;
    let vars = contoso::in_both(&format!("http://{}", server.address()));
    let contenders = contender::all(root, tools, scratch, &contender::IN_TEAMS, vars)?;
    let signed = reactions(&world);
    let requests = |count| signed.iter().cycle().take(count).cloned().collect();
    let load = Load { requests: &requests, answered: |status, text| status == 200 && text.is_empty() };
    let samples = load::cpu(&contenders, &load)?;
    let figure = Figure::new("CPU per verified activity in Teams, 32 connections", "us", "jose", samples);
    println!("Opening {DIALOGS} dialogs (about 10 s)");
    Ok((figure, invoke(root, scratch)?))
}

fn listen(world: &World) -> Result<Server> {
    emulator::listen(world.clone(), (Ipv4Addr::LOCALHOST, 0).into()).context("opening a port")
}

/// Reactions to a message: activities that are verified, read, and nothing more. One for each connection, sent again and
/// again: neither contender remembers what it has verified.
fn reactions(world: &World) -> Vec<Request<Bytes>> {
    let activity = json!({"/type": "messageReaction"});
    let ana = world.teams_person(scene::ANA_OBJECT).forged(Forgery { activity, ..Forgery::default() });
    (0..CONNECTIONS).map(|_| ana.says(scene::THREAD_DATA_OPS, "looks good").request).collect()
}

/// From the service's request to the dialog: the token is verified, Ana looked up in the directory, the targets listed.
fn invoke(root: &Path, scratch: &Path) -> Result<Invoke> {
    let company = Company::in_both(root, scratch, "invoke")?;
    let places = company.world.fleet(TARGETS);
    let one = |(number, place)| target(&format!("sales-{number}"), std::slice::from_ref(place), &[scene::GROUP_DATA]);
    company.knows(places.iter().enumerate().map(one).collect())?;
    let ana = company.world.teams_person(scene::ANA_OBJECT);
    let wait = |gesture: TeamsGesture| -> Result<f64> {
        let begun = Instant::now();
        let answer = company.send(gesture.request.clone())?;
        let waited = begun.elapsed().as_secs_f64() * 1e3;
        let taken = company.world.teams_answered(&gesture, &answer);
        taken
            .map(|()| waited)
            .map_err(|broken| anyhow!("Teams shows an error: {broken}; the log:\n{}", company.worker.log()))
    };
    let dialogs = (0..WARM_UP + DIALOGS).map(|_| wait(ana.commands(scene::THREAD_DATA_OPS, "rotate")));
    let waits = dialogs.skip(WARM_UP).collect::<Result<Vec<_>>>()?;
    let slowest_ms = waits.iter().copied().fold(0.0, f64::max);
    Ok(Invoke { median_ms: median(waits), slowest_ms })
}

impl fmt::Display for Invoke {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median_ms, slowest_ms } = self;
        write!(f, "a command's dialog in Teams\n  there after {median_ms:.1} ms; the slowest after {slowest_ms:.0} ms")
    }
}
