//! Sends signed requests, and reads from the system what answering them cost.
#![allow(clippy::disallowed_methods, reason = "measuring is reading the clock")]

use std::{fs, sync::LazyLock, thread, time::Instant};

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use emulator::{Clock, World, scene};
use http::Request;
use ureq::Agent;
use workerd::Workerd;

use super::contender::Contender;

/// How often each contender is started.
pub(crate) const STARTS: usize = 15;
/// Turns of the load; the medians are taken over them.
pub(crate) const ROUNDS: usize = 7;
/// Requests sent to each contender in a turn.
pub(crate) const REQUESTS: usize = 4000;
/// Connections that are open at once, each with one request at a time.
pub(crate) const CONNECTIONS: usize = 32;

/// Each contender's samples.
pub(crate) type Samples = Vec<(&'static str, Vec<f64>)>;

/// What is sent, and what the answer to it has to be.
pub(crate) struct Load<'a> {
    /// So many requests, to be sent once.
    pub(crate) requests: &'a dyn Fn(usize) -> Vec<Request<Bytes>>,
    /// Whether a status and a text are an answer.
    pub(crate) answered: fn(u16, &str) -> bool,
}

/// `/pbi help`, signed anew each time as Slack does. Every contender answers it with the same text.
pub(crate) const COMMANDS: Load<'static> =
    Load { requests: &commands, answered: |status, text| status == 200 && text == *HELP };

/// What the peers have been given to answer, as the Worker writes it: an object's keys in order, and no blanks.
static HELP: LazyLock<String> = LazyLock::new(|| {
    let help: serde_json::Value =
        serde_json::from_str(include_str!("../../../bench/peers/help.json")).unwrap_or_default();
    help.to_string()
});

/// Milliseconds from spawning the runtime to the first answered command, by turns.
pub(crate) fn starts(contenders: &[Contender]) -> Result<Samples> {
    let mut samples = empty(contenders);
    for _ in 0..STARTS {
        for (contender, (_, times)) in contenders.iter().zip(&mut samples) {
            let commands = commands(1);
            let start = Instant::now();
            let worker = contender.start()?;
            send(&worker.base_url(), &commands, COMMANDS.answered).with_context(|| failure(contender, &worker))?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    Ok(samples)
}

/// Microseconds of CPU, user and system, that the runtime spends on one request, by turns.
pub(crate) fn cpu(contenders: &[Contender], load: &Load<'_>) -> Result<Samples> {
    let workers = contenders.iter().map(Contender::start).collect::<Result<Vec<_>>>()?;
    let mut samples = empty(contenders);
    // The first turn warms up and is not counted.
    for round in 0..=ROUNDS {
        for ((contender, worker), (_, costs)) in contenders.iter().zip(&workers).zip(&mut samples) {
            let requests = (load.requests)(REQUESTS);
            let before = cpu_seconds(worker.pid())?;
            send_all(&worker.base_url(), &requests, load.answered).with_context(|| failure(contender, worker))?;
            let cost = (cpu_seconds(worker.pid())? - before) * 1e6 / REQUESTS as f64;
            if round > 0 {
                costs.push(cost);
            }
        }
    }
    Ok(samples)
}

fn empty(contenders: &[Contender]) -> Samples {
    contenders.iter().map(|contender| (contender.name, Vec::new())).collect()
}

fn failure(contender: &Contender, worker: &Workerd) -> String {
    format!("{} did not answer a request; its log:\n{}", contender.name, worker.log())
}

fn commands(count: usize) -> Vec<Request<Bytes>> {
    let ana = World::contoso(Clock::System).person(scene::ANA);
    (0..count).map(|_| ana.slash(scene::CHANNEL_DATA_OPS, "help").request).collect()
}

/// Sends requests over all connections; answers how many milliseconds each was waited for.
pub(crate) fn send_all(base: &str, requests: &[Request<Bytes>], answered: fn(u16, &str) -> bool) -> Result<Vec<f64>> {
    thread::scope(|scope| {
        let parts: Vec<_> = requests
            .chunks(requests.len().div_ceil(CONNECTIONS))
            .map(|part| scope.spawn(move || send(base, part, answered)))
            .collect();
        let mut waits = Vec::with_capacity(requests.len());
        for part in parts {
            waits.extend(part.join().unwrap_or_else(|_| anyhow::bail!("a sender panicked"))?);
        }
        Ok(waits)
    })
}

/// Sends requests one after the other over one connection. An answer that doesn't help is no answer.
fn send(base: &str, requests: &[Request<Bytes>], answered: fn(u16, &str) -> bool) -> Result<Vec<f64>> {
    let agent = agent();
    let mut waits = Vec::with_capacity(requests.len());
    for request in requests {
        let begun = Instant::now();
        let (status, text) = post(&agent, base, request)?;
        waits.push(begun.elapsed().as_secs_f64() * 1e3);
        ensure!(answered(status, &text), "{status}: {text}");
    }
    Ok(waits)
}

/// One that takes every status for an answer.
pub(crate) fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).build().into()
}

/// Posts a request, whose URI is a path; answers status and text.
pub(crate) fn post(agent: &Agent, base: &str, request: &Request<Bytes>) -> Result<(u16, String)> {
    let mut post = agent.post(format!("{base}{}", request.uri().path()));
    for (name, value) in request.headers() {
        post = post.header(name, value);
    }
    let mut answer = post.send(request.body().as_ref())?;
    Ok((answer.status().as_u16(), answer.body_mut().read_to_string()?))
}

/// CPU time of a process so far (proc(5), `/proc/pid/stat`, fields 14 and 15).
pub(crate) fn cpu_seconds(pid: u32) -> Result<f64> {
    let stat =
        fs::read_to_string(format!("/proc/{pid}/stat")).context("reading a process's times; this needs Linux")?;
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<_, _>>()?;
    Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}
