//! Every check of the project, in order, with the tests' totals summed in the last line.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};

use crate::{
    bundle,
    command::{self, cargo},
    python,
    tally::Tally,
    teams,
    tools::{self, Tools, WASM},
};

/// The steps so far.
#[derive(Default)]
struct Report {
    tally: Tally,
    failures: Vec<&'static str>,
    times: Vec<(&'static str, Duration)>,
}

/// Runs every check and fails if any of them did.
pub(crate) fn run(root: &Path) -> Result<()> {
    let mut report = Report::default();
    let mut tools = None;
    report.step("tools", |_| {
        tools = Some(Tools::install(root)?);
        Ok(())
    });
    report.step("format", |_| command::run(&mut cargo(root, &["fmt", "--all", "--", "--check"])));
    report.step("lints, native", |_| {
        command::run(&mut cargo(root, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    });
    report.step("lints, Wasm", |_| {
        let packages = ["--package", "pbi-rotate", "--package", "seal", "--package", "seal-web"];
        command::run(cargo(root, &["clippy", "--lib", "--target", WASM]).args(packages).args(["--", "-D", "warnings"]))
    });
    report.step("tests, native", |tally| totals(&mut cargo(root, &["test", "--workspace", "--no-fail-fast"]), tally));
    report.step("build the Worker and the page", |_| {
        let tools = tools.as_ref().context("the tools are missing")?;
        bundle::build(root, tools).map(drop)
    });
    report.step("wrangler accepts it", |_| {
        let tools = tools.as_ref().context("the tools are missing")?;
        command::run(tools.wrangler().current_dir(root).args(["deploy", "--dry-run"]))
    });
    report.step("Microsoft's schema accepts the app for Teams", |_| {
        let tools = tools.as_ref().context("the tools are missing")?;
        teams::check(root, tools)
    });
    // These tests are ignored above, since they need the Worker or the runtime, which npm has just brought.
    report.step("tests of the runtime's process", |tally| {
        totals(&mut cargo(root, &["test", "--package", "workerd", "--no-fail-fast", "--", "--ignored"]), tally)
    });
    report.step("the sender in Python", |tally| match python::program(root)? {
        Some(python) => {
            totals(cargo(root, &["test", "--test", "webhooks", "--", "--ignored"]).env("PYTHON", python), tally)
        }
        None => {
            println!("There is no Python 3.9 with its packages here, so this one is skipped.");
            Ok(())
        }
    });
    report.step("a browser", |_| tools::chromium());
    // Two at a time: each has a browser of its own, which takes more than one processor while it starts.
    report.step("the sealing page in a browser", |tally| {
        let test = ["test", "--package", "seal-web", "--test", "page", "--", "--ignored", "--test-threads=2"];
        totals(&mut cargo(root, &test), tally)
    });
    report.step("Teams' cards in a browser", |tally| {
        totals(&mut cargo(root, &["test", "--test", "cards", "--", "--ignored"]), tally)
    });
    // Many at a time: each has a runtime of its own, and waits for it most of the time.
    report.step("stories in the Workers runtime", |tally| {
        totals(&mut cargo(root, &["test", "--test", "stories", "--", "--ignored", "--test-threads=12"]), tally)
    });
    report.finish()
}

impl Report {
    fn step(&mut self, name: &'static str, work: impl FnOnce(&mut Tally) -> Result<()>) {
        println!("\n== {name}");
        #[expect(clippy::disallowed_methods, reason = "the time is for the person who waits")]
        let start = Instant::now();
        let mut tally = Tally::default();
        if let Err(error) = work(&mut tally) {
            println!("FAILED: {name}: {error:#}");
            self.failures.push(name);
        }
        // A test that an earlier step left to this one is not skipped.
        self.tally.ignored = self.tally.ignored.saturating_sub(if tally.ignored == 0 { tally.ran() } else { 0 });
        self.tally += tally;
        self.times.push((name, start.elapsed()));
    }

    fn finish(self) -> Result<()> {
        println!();
        for (name, time) in &self.times {
            let outcome = if self.failures.contains(name) { "FAILED" } else { "ok" };
            println!("{outcome:>6}  {:>6.1} s  {name}", time.as_secs_f64());
        }
        println!("\n{}", self.tally);
        ensure!(self.failures.is_empty(), "failed: {}", self.failures.join("; "));
        Ok(())
    }
}

/// Runs tests and adds their totals; a runner that tells none, or ran none, has not done its work.
fn totals(command: &mut Command, tally: &mut Tally) -> Result<()> {
    let succeeded = command::run_watched(command, |line| {
        if let Some(one) = Tally::read(line) {
            *tally += one;
        }
    })?;
    ensure!(succeeded && tally.failed == 0, "{} of {} tests failed, or one did not compile", tally.failed, tally.ran());
    ensure!(tally.ran() > 0, "no test ran");
    Ok(())
}
