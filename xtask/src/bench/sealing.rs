//! Runs the comparison of sealing with WebCrypto, which keeps its own clock (bench/seal).

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::{
    bundle, command,
    tools::{Tools, WASM},
};

/// Builds the Wasm that seals and returns the result that `run.mjs` prints last.
pub(crate) fn run(root: &Path, tools: &Tools) -> Result<serde_json::Value> {
    println!("Sealing in Wasm and in WebCrypto (about 1 min)");
    bundle::compile(root, "bench-seal")?;
    let wasm = bundle::target_dir(root)?.join(WASM).join("release/bench_seal.wasm");
    let mut last = String::new();
    let script = root.join("bench/seal/run.mjs");
    let succeeded = command::run_watched(tools.node_script(&script).arg(wasm), |line| line.clone_into(&mut last))?;
    ensure!(succeeded, "{} failed", script.display());
    serde_json::from_str(&last).context("the last line of bench/seal/run.mjs is not JSON")
}
