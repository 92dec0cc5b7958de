//! Measures the Worker beside its peers, by turns in one run, and prints ratios.

mod activity;
mod burst;
mod company;
mod contender;
mod fleet;
mod hooks;
mod load;
mod page;
mod report;
mod rotation;
mod sealing;
mod senders;
mod storm;
mod submission;
mod weight;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::{
    bundle, contoso,
    size::Size,
    tools::{self, Tools},
};
use contender::Contender;
use report::{Figure, Report};

/// Measures, prints a table, and writes `bench.json` into cargo's target directory.
pub(crate) fn run(root: &Path) -> Result<()> {
    let tools = Tools::install(root)?;
    tools::chromium()?;
    let staged = bundle::build(root, &tools)?;
    let scratch = scratch(root)?;
    let contenders = commanded(root, &tools, &scratch)?;
    let sizes = contenders
        .iter()
        .map(|contender| Ok((contender.name, contender.size()?)))
        .collect::<Result<Vec<(&str, Size)>>>()?;
    let parts = weight::parts(&tools, &staged, &scratch)?;
    let [start, cpu] = beside_peers(&contenders)?;
    let (activity, invoke) = activity::run(root, &tools, &scratch)?;
    println!("Rotating one target a few dozen times (about 4 min)");
    let rotation = rotation::run(root, &tools, &scratch)?;
    let (fleet, burst) = (fleet::run(root, &scratch)?, burst::run(root, &scratch)?);
    let (hooks, storm) = (hooks::run(root, &scratch)?, storm::run(root, &scratch)?);
    let sealing = sealing::run(root, &tools)?;
    let page = page::run(root, &scratch)?;

    let figures = vec![start, cpu, activity];
    let report = Report { sizes, parts, figures, invoke, rotation, fleet, burst, hooks, storm, sealing, page };
    println!("\n{report}");
    let json = bundle::target_dir(root)?.join("bench.json");
    fs::write(&json, serde_json::to_vec_pretty(&report)?).with_context(|| format!("writing {}", json.display()))?;
    println!("written to {}", json.display());
    Ok(())
}

/// Measures and prints starts and commands alone, of the Worker as it was built last.
pub(crate) fn commands(root: &Path) -> Result<()> {
    let tools = Tools::install(root)?;
    let [start, cpu] = beside_peers(&commanded(root, &tools, &scratch(root)?)?)?;
    println!("\n{start}\n{cpu}");
    Ok(())
}

/// Those that answer Slack's commands.
fn commanded(root: &Path, tools: &Tools, scratch: &Path) -> Result<Vec<Contender>> {
    // No call leaves the Worker for `/pbi help`, so nothing has to listen there.
    let vars = contoso::vars("http://127.0.0.1:9");
    contender::all(root, tools, scratch, &contender::COMMANDED, vars)
}

/// What starting costs each of them, and a command.
fn beside_peers(contenders: &[Contender]) -> Result<[Figure; 2]> {
    println!("Starting each of them {} times (about 10 s)", load::STARTS);
    let start = Figure::new("start, spawn to first 200", "ms", "hello", load::starts(contenders)?);
    println!("Verifying and answering {} commands each (about 1 min)", load::ROUNDS * load::REQUESTS);
    let cpu = Figure::new("CPU per `/pbi help`, 32 connections", "us", "hono", load::cpu(contenders, &load::COMMANDS)?);
    Ok([start, cpu])
}

/// Measures and prints the sealing page alone, and what its calls cost the Worker.
pub(crate) fn page(root: &Path) -> Result<()> {
    let tools = Tools::install(root)?;
    tools::chromium()?;
    bundle::build(root, &tools)?;
    println!("{}", page::run(root, &scratch(root)?)?);
    Ok(())
}

/// Measures and prints Teams' door alone, and what the Wasm is made of.
pub(crate) fn teams(root: &Path) -> Result<()> {
    let tools = Tools::install(root)?;
    let staged = bundle::build(root, &tools)?;
    let scratch = scratch(root)?;
    println!("{}", report::Parts(&weight::parts(&tools, &staged, &scratch)?));
    let (activity, invoke) = activity::run(root, &tools, &scratch)?;
    println!("{activity}\n{invoke}");
    Ok(())
}

/// Measures and prints rotations alone, of the Worker as it was built last.
pub(crate) fn rotations(root: &Path) -> Result<()> {
    let (tools, scratch) = (Tools::install(root)?, scratch(root)?);
    println!("{}", rotation::run(root, &tools, &scratch)?);
    println!("{}\n{}", fleet::run(root, &scratch)?, burst::run(root, &scratch)?);
    Ok(())
}

/// Measures and prints the secret managers' door alone, of the Worker as it was built last.
pub(crate) fn hooks(root: &Path) -> Result<()> {
    let scratch = scratch(root)?;
    println!("{}", hooks::run(root, &scratch)?);
    println!("{}", storm::run(root, &scratch)?);
    Ok(())
}

/// The folder for what is made on the way.
fn scratch(root: &Path) -> Result<PathBuf> {
    let scratch = bundle::target_dir(root)?.join("bench");
    fs::create_dir_all(&scratch).with_context(|| format!("making {}", scratch.display()))?;
    Ok(scratch)
}
