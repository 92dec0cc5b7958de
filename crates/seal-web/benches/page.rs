//! Measures the page in Chromium: how soon it can be used, and how long sealing takes; prints JSON in the last line.
//!
//! `cargo xtask bench` runs it and gives it a folder for two pictures of the page, on a phone and on a desktop.
#![allow(
    clippy::print_stdout,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench prints, and ends by panicking"
)]

#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/page/server.rs"]
mod server;
#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/page/stage.rs"]
mod stage;

use std::{env, fs, path::Path};

use browser::{Network, Viewport};
use serde_json::{Map, Value, json};
use stage::{PASSWORD, Stage, TICKET, place, plan, plan_with};

/// Runs of each measurement; the middle one counts.
const RUNS: usize = 5;
/// Gateway members sealed for in one run.
const MEMBERS: usize = 300;
/// Takes down, in milliseconds since the page was asked for, when the form was shown.
const WATCH: &str = "
  addEventListener('DOMContentLoaded', () => {
    const form = document.querySelector('#form');
    new MutationObserver(() => (globalThis.usable ??= performance.now())).observe(form, { attributes: true });
  });";

fn main() {
    let pictures = env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let stage = Stage::open(plan());
    if let Some(folder) = pictures {
        take_pictures(&stage, Path::new(&folder));
    }
    let mut usable = Map::new();
    for (name, network, slower) in [
        ("as it is", Network::FULL, 1.0),
        ("fast 4G, processor 4 times slower", Network::FAST_4G, 4.0),
        ("slow 4G, processor 4 times slower", Network::SLOW_4G, 4.0),
    ] {
        usable.insert(name.to_owned(), median(|| time_to_usable(&stage, network, slower)).into());
    }
    let mut member = Map::new();
    for bits in [2048, 3072, 4096] {
        let places = json!([place(0, "A cluster", &[bits; MEMBERS])]);
        stage.server.set_plan(plan_with(json!({ "places": places })));
        member.insert(bits.to_string(), median(|| sealing(&stage) / MEMBERS as f64).into());
    }
    let fleet: Vec<Value> = (0..200).map(|at| place(at, &format!("Place {at}"), &[2048; 3])).collect();
    stage.server.set_plan(plan_with(json!({ "places": fleet })));
    let report = json!({
        "browser": stage.browser.version().unwrap(),
        "usable_ms": usable,
        "processor_ms_for_one_member": member,
        "processor_ms_for_200_places_of_3": median(|| sealing(&stage)),
    });
    println!("{report}");
}

/// The middle of several runs, to a hundredth.
fn median(mut run: impl FnMut() -> f64) -> f64 {
    let mut values = [(); RUNS].map(|()| run());
    values.sort_by(f64::total_cmp);
    (values[RUNS / 2] * 100.0).round() / 100.0
}

/// From asking for the page, with nothing kept from before, to a form that can be filled in.
fn time_to_usable(stage: &Stage, network: Network, slower: f64) -> f64 {
    let page = stage.tab();
    page.before_load(WATCH).unwrap();
    page.connect(network).unwrap();
    page.slow_down(slower).unwrap();
    page.open(&stage.url(&format!("/enter#{TICKET}"))).unwrap();
    page.wait_for("globalThis.usable").unwrap();
    page.evaluate("usable").unwrap().as_f64().unwrap()
}

/// Processor time of the page from typing to the good end: checking, sealing, progress, sending.
fn sealing(stage: &Stage) -> f64 {
    let page = stage.enter();
    let before = page.processor_ms().unwrap();
    stage.send_password(&page);
    stage.taken(&page);
    page.processor_ms().unwrap() - before
}

fn take_pictures(stage: &Stage, folder: &Path) {
    for (name, viewport, scheme) in [("phone", Viewport::PHONE, "light"), ("desktop", Viewport::DESKTOP, "dark")] {
        let page = stage.browser.page(viewport).unwrap();
        page.prefer("prefers-color-scheme", scheme).unwrap();
        stage.follow(&page);
        page.fill("#field-password", PASSWORD).unwrap();
        fs::write(folder.join(format!("enter-{name}.png")), page.screenshot().unwrap()).unwrap();
    }
}
