//! What the sealing page's two calls cost the Worker and its objects: being told the keys, and handing in the ciphertext.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result, anyhow, ensure};
use browser::{Browser, Page, Viewport};
use emulator::{Destination, scene};
use serde::Serialize;
use serde_json::Value;
use ureq::Agent;

use super::{
    company::{Company, IN_HASTE, target},
    load::cpu_seconds,
};

/// Rotations before the measured ones.
const WARM_UP: usize = 3;
/// Rotations measured, each with one call of either kind. The system counts in ticks of 10 ms, so that fewer would be coarse.
const ROTATIONS: usize = 40;
/// How long anything may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// Keeps what the page sends, and loses its submission, so that this program can send it: it knows when the answer comes.
const KEEP: &str = "{
  const send = fetch;
  globalThis.kept = {};
  globalThis.fetch = (path, options) => {
    kept[path] = options;
    return path === '/enter/submit' ? Promise.reject(new TypeError()) : send(path, options);
  };
}";

const DONE: &str = "Rotate sales: Rotated and verified, 2 of 2";

/// Milliseconds of CPU of the runtime, user and system, from the call to its answer.
#[derive(Serialize)]
pub(crate) struct Cost {
    pub(crate) plan_ms: f64,
    pub(crate) submission_ms: f64,
}

/// Enters credentials for a data source and a connection of three members: four keys, read from the service for either call.
pub(crate) fn cpu(root: &Path, scratch: &Path) -> Result<Cost> {
    println!("Submitting {ROTATIONS} credentials from the page (about 1 min)");
    let entry = [("CHAT_ENTRY", "off"), ("PUBLIC_URL", "https://rotate.contoso.example")];
    let company = Company::with_page(root, scratch, "submission", &[IN_HASTE, entry].concat())?;
    let places = [
        Destination::DataSource { gateway: scene::GATEWAY_SALES.to_owned(), id: scene::SALES_SQL.to_owned() },
        Destination::Connection { id: scene::CONNECTION_CLUSTER.to_owned() },
    ];
    company.knows(target("sales", &places, &[scene::GROUP_DATA]))?;
    let browser = Browser::launch()?;
    for _ in 0..WARM_UP {
        rotate(&company, &browser)?;
    }
    let mut sum = Cost { plan_ms: 0.0, submission_ms: 0.0 };
    for _ in 0..ROTATIONS {
        let cost = rotate(&company, &browser)?;
        sum.plan_ms += cost.plan_ms;
        sum.submission_ms += cost.submission_ms;
    }
    let mean = |sum: f64| sum / ROTATIONS as f64;
    Ok(Cost { plan_ms: mean(sum.plan_ms), submission_ms: mean(sum.submission_ms) })
}

/// One rotation: the page seals in the browser, and both its calls are made once more from here.
fn rotate(company: &Company, browser: &Browser) -> Result<Cost> {
    let done = || company.world.messages().iter().filter(|message| message.text.starts_with(DONE)).count();
    let before = done();
    company.asks(scene::ANA, "sales")?;
    let link = company.ana_gets_a_link("sales", PATIENCE)?;
    let (_, ticket) = link.split_once('#').context("a ticket in the link")?;
    let page = browser.page(Viewport::PHONE)?;
    page.before_load(KEEP)?;
    page.open(&format!("{}/enter#{ticket}", company.worker.base_url()))?;
    page.wait_for("document.querySelector('#form')?.checkVisibility()")?;
    for field in ["#field-password", "#field-again"] {
        page.fill(field, "correct-horse-battery-staple")?;
    }
    page.click("#send")?;
    page.wait_for("kept['/enter/submit']")?;
    let plan_ms = call(company, &page, "/enter/plan")?;
    let submission_ms = call(company, &page, "/enter/submit")?;
    // In #data-ops and in Ana's messages.
    company.until(DONE, PATIENCE, || done() == before + 2)?;
    Ok(Cost { plan_ms, submission_ms })
}

/// Makes a call as the page made it, and returns what it cost.
fn call(company: &Company, page: &Page, path: &str) -> Result<f64> {
    let kept = page.evaluate(&format!("kept['{path}']"))?;
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let mut post = agent.post(format!("{}{path}", company.worker.base_url()));
    for (name, value) in kept.get("headers").and_then(Value::as_object).into_iter().flatten() {
        post = post.header(name, value.as_str().ok_or_else(|| anyhow!("{name} is no text"))?);
    }
    let body = kept.get("body").and_then(Value::as_str).unwrap_or_default();
    let before = cpu_seconds(company.worker.pid())?;
    let mut answer = post.send(body)?;
    let cost = cpu_seconds(company.worker.pid())? - before;
    ensure!(answer.status() == 200, "{path}: {} {}", answer.status(), answer.body_mut().read_to_string()?);
    Ok(cost * 1e3)
}
