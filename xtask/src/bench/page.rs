//! Measures the sealing page: its weight, how soon it can be used and how it seals in Chromium, and what it costs the Worker.

use std::{fmt, path::Path};

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;
use serde_json::Value;

use super::submission::{self, Cost};
use crate::{
    command::{self, cargo},
    page,
    size::Size,
};

/// The figures of the page.
#[derive(Serialize)]
pub(crate) struct Page {
    size: Size,
    /// As `crates/seal-web/benches/page.rs` printed it.
    browser: Value,
    cost: Cost,
}

/// Measures the page as it was built last. Two pictures of it go into `scratch`.
pub(crate) fn run(root: &Path, scratch: &Path) -> Result<Page> {
    let size = page::size(root)?;
    println!("Opening and using the sealing page (about 1 min)");
    let mut last = String::new();
    // What is measured runs in the browser: how this program is compiled does not matter.
    let mut bench = cargo(root, &["bench", "--profile", "dev", "--package", "seal-web", "--bench", "page", "--"]);
    let succeeded = command::run_watched(bench.arg(scratch), |line| line.clone_into(&mut last))?;
    ensure!(succeeded, "the bench of the page failed");
    let browser = serde_json::from_str(&last).context("the last line of the page's bench is not JSON")?;
    Ok(Page { size, browser, cost: submission::cpu(root, scratch)? })
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { size, browser, cost } = self;
        writeln!(f, "the sealing page\n  all its files{size}")?;
        for (name, value) in browser.as_object().into_iter().flatten() {
            writeln!(f, "  {name} {value}")?;
        }
        let Cost { plan_ms, submission_ms } = cost;
        write!(
            f,
            "  CPU of the Worker for being told four keys {plan_ms:.1} ms, for a submission {submission_ms:.1} ms"
        )
    }
}
