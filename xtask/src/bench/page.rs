//! Runs the measurements of the sealing page in Chromium (crates/seal-web/benches).

use std::path::Path;

use anyhow::{Context as _, Result, ensure};

use crate::command::{self, cargo};

/// Returns the result that the bench prints last. Two pictures of the page go into `scratch`.
pub(crate) fn run(root: &Path, scratch: &Path) -> Result<serde_json::Value> {
    println!("Opening and using the sealing page (about 1 min)");
    let mut last = String::new();
    // What is measured runs in the browser: how this program is compiled does not matter.
    let mut bench = cargo(root, &["bench", "--profile", "dev", "--package", "seal-web", "--bench", "page", "--"]);
    let succeeded = command::run_watched(bench.arg(scratch), |line| line.clone_into(&mut last))?;
    ensure!(succeeded, "the bench of the page failed");
    serde_json::from_str(&last).context("the last line of the page's bench is not JSON")
}
