//! A browser, the page's files as the platform serves them, a scripted server behind them, and gateways that open.

use std::path::Path;

use browser::{Browser, Page, Viewport};
use emulator::opener::PrivateKey;
use seal::{GatewayKey, Legacy};
use serde_json::{Value, json};
use tempfile::TempDir;
use workerd::{Options, Script, Workerd};

use crate::server::Server;

pub const TICKET: &str = "dGlja2V0-of_the.test";
pub const PASSWORD: &str = "correct horse \u{1f512} \"battery\" staple\\";

/// Makes the page's time pass twenty times as fast: what it counts down, and what it waits for.
pub const HURRY: &str = "{
  const [later, now, timeout] = [setTimeout, performance.now.bind(performance), AbortSignal.timeout];
  globalThis.setTimeout = (work, ms) => later(work, ms / 20);
  performance.now = () => now() * 20;
  AbortSignal.timeout = (ms) => timeout.call(AbortSignal, ms / 20);
}";

/// Everything that a test of the page needs.
pub struct Stage {
    pub server: Server,
    pub browser: Browser,
    worker: Workerd,
    _state: TempDir,
}

impl Stage {
    pub fn open(plan: Value) -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.join("../..");
        let server = Server::start(plan);
        let state = tempfile::tempdir().unwrap();
        let forward = Script::from_entry(&here.join("tests/page/forward.js"), "2026-10-01").unwrap();
        let worker = Workerd::start(Options {
            script: forward.with_assets(root.join("build/assets")),
            program: root.join("node_modules/workerd/bin/workerd"),
            vars: vec![("SERVER".into(), server.url())],
            dir: state.path().to_owned(),
        })
        .unwrap_or_else(|error| panic!("{error}"));
        let browser = Browser::launch().unwrap_or_else(|error| panic!("{error}"));
        Self { server, browser, worker, _state: state }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.worker.base_url())
    }

    /// A new tab, on a phone, with nothing in it yet.
    pub fn tab(&self) -> Page {
        self.browser.page(Viewport::PHONE).unwrap()
    }

    /// Follows the link of the card in a tab, and waits until the page asks for the credential.
    pub fn follow(&self, page: &Page) {
        page.open(&self.url(&format!("/enter#{TICKET}"))).unwrap();
        page.wait_for("document.querySelector('#form')?.checkVisibility()").unwrap();
    }

    /// The same in a new tab.
    pub fn enter(&self) -> Page {
        let page = self.tab();
        self.follow(&page);
        page
    }

    /// Types the password twice and sends it.
    pub fn send_password(&self, page: &Page) {
        page.fill("#field-password", PASSWORD).unwrap();
        page.fill("#field-again", PASSWORD).unwrap();
        page.click("#send").unwrap();
    }

    /// Waits for the good end and returns what was submitted last.
    pub fn taken(&self, page: &Page) -> Value {
        page.wait_for_text("The new credential was taken").unwrap();
        serde_json::from_str(self.server.submissions().last().unwrap()).unwrap()
    }
}

/// The private keys of `seal`'s vectors, by size.
pub fn private_key(bits: u64) -> PrivateKey {
    let corpus: Value = serde_json::from_str(include_str!("../../../seal/tests/gateway-credentials.json")).unwrap();
    let key = corpus["keys"].as_array().unwrap().iter().find(|key| key["bits"] == bits).unwrap();
    PrivateKey::from_pkcs8_pem(key["private_key_pem"].as_str().unwrap()).unwrap()
}

/// A place in a plan, behind a gateway with a member for each key size; without any it is in the cloud.
pub fn place(at: usize, name: &str, sizes: &[u64]) -> Value {
    let members: Vec<Value> = sizes.iter().map(|bits| member(at, *bits)).collect();
    json!({ "at": at, "name": name, "members": members })
}

fn member(at: usize, bits: u64) -> Value {
    let (exponent, modulus) = private_key(bits).public_parts();
    let fingerprint = GatewayKey::parse(&exponent, &modulus, Legacy::Allow).unwrap().fingerprint().to_string();
    let member = format!("{at:08x}-5852-4fdd-ab01-{bits:012}");
    json!({ "member": member, "exponent": exponent, "modulus": modulus, "fingerprint": fingerprint })
}

/// Two gateways, and a Windows account whose password is wanted within ten minutes.
pub fn plan() -> Value {
    const NOW: u64 = 1_700_000_000_000;
    json!({
        "reference": "7F3K-9QXM",
        "target": "sales-db",
        "title": "Sales warehouse",
        "reason": "The old password is known to too many",
        "requested_by": "Ana Ortiz",
        "approved_by": [{ "name": "Ben Okafor", "at": NOW - 60_000 }],
        "break_glass": false,
        "kind": "Windows",
        "account": "CONTOSO\\svc_sales",
        "login": { "is": "Windows", "username": "CONTOSO\\svc_sales" },
        "fields": [{ "id": "password", "required": true }],
        "now": NOW,
        "until": NOW + 600_000,
        "places": [
            place(0, "Power BI data source 252b9de8", &[2048, 3072]),
            place(1, "Fabric connection 70b17680", &[4096]),
        ],
        "left_out": [],
        "legacy": false,
    })
}

/// The plan with some of it replaced.
pub fn plan_with(changes: Value) -> Value {
    let mut plan = plan();
    for (name, value) in changes.as_object().unwrap() {
        plan[name] = value.clone();
    }
    plan
}

/// What the gateways find in a submission: names and values, one list for each blob, in the plan's order.
pub fn opened(plan: &Value, submission: &Value) -> Vec<Value> {
    let sealed = submission["sealed"].as_array().unwrap();
    let behind_gateways = plan["places"].as_array().unwrap().iter().filter(|place| place["members"] != json!([]));
    let mut found = Vec::new();
    for (number, (place, sent)) in behind_gateways.zip(sealed).enumerate() {
        assert_eq!(sent["gateway"], number);
        let members = place["members"].as_array().unwrap();
        assert_eq!(members.len(), sent["members"].as_array().unwrap().len());
        for (member, blob) in members.iter().zip(sent["members"].as_array().unwrap()) {
            assert_eq!((&blob["member"], &blob["fingerprint"]), (&member["member"], &member["fingerprint"]));
            let bits = member["member"].as_str().unwrap().rsplit('-').next().unwrap().parse().unwrap();
            let plaintext = private_key(bits).open(blob["sealed"].as_str().unwrap()).unwrap();
            let plaintext: Value = serde_json::from_str(&plaintext).unwrap();
            let pairs = plaintext["credentialData"].as_array().unwrap();
            found.push(pairs.iter().map(|pair| json!([pair["name"], pair["value"]])).collect());
        }
    }
    assert_eq!(sealed.len(), plan["places"].as_array().unwrap().iter().filter(|p| p["members"] != json!([])).count());
    found
}
