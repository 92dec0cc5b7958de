//! Cards and dialogs drawn by Microsoft's own renderer in a browser as narrow as a phone: nothing is dropped or warned of.
//!
//! `PICTURES=docs/images cargo test --test cards -- --ignored` takes the pictures of docs/teams.md while it is at it.

use std::path::Path;
use std::{env, fs};

use browser::{Browser, Page, Viewport};
use pbi_rotate::codec::catalog;
use pbi_rotate::codec::content::message::{self, LISTED};
use pbi_rotate::codec::content::{card, form};
use pbi_rotate::codec::sheet::Suggestion;
use pbi_rotate::codec::teams::draw;
use pbi_rotate::domain::credential::Login;
use pbi_rotate::domain::names::RotationId;
use pbi_rotate::domain::policy::Manner;
use pbi_rotate::domain::receipt::{Outcome, Receipt};
use pbi_rotate::domain::rotation::{Check, Decision, Person, Phase, Rotation, Stage, Verdict};
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::trouble::{Cause, Service, Trouble};
use serde_json::{Value, json};

use crate::elements::{objects, of};
use crate::samples::{NOW, decisions, listed, person, rotation, stages, supplied, titles, trouble};

/// Where the renderer is, once npm has brought it.
const LIBRARY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/node_modules/adaptivecards/dist/adaptivecards.min.js");
/// Whose message it is, above a card.
const FROM: &str = "<b>pbi-rotate</b> 18:30";

/// A tab that draws cards.
struct Screen {
    page: Page,
    _browser: Browser,
    _folder: tempfile::TempDir,
}

impl Screen {
    fn new() -> Self {
        assert!(Path::new(LIBRARY).is_file(), "npm ci brings {LIBRARY}");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.html");
        fs::write(&file, include_str!("page.html").replace("LIBRARY", &format!("file://{LIBRARY}"))).unwrap();
        let browser = Browser::launch().expect("Chromium");
        let page = browser.page(Viewport::PHONE).expect("a tab");
        page.open(&format!("file://{}", file.display())).expect("the page");
        Self { page, _browser: browser, _folder: folder }
    }

    /// Draws a card and looks at what came of it.
    fn draws(&self, above: &str, card: &Value) {
        let drawn = self.page.evaluate(&format!("show({}, {card})", json!(above))).expect("a card");
        assert_eq!(drawn["complaints"], json!([]), "{card:#}");
        let runs: Vec<_> = of(card, "TextRun").into_iter().map(|run| run["text"].as_str().unwrap()).collect();
        let shown: Vec<_> = drawn["runs"].as_array().unwrap().iter().map(|run| run.as_str().unwrap()).collect();
        assert_eq!(shown.len(), runs.len(), "a run was dropped: {card:#}");
        for text in &shown {
            assert!(!text.contains("{{"), "a moment that nobody can read: {text}");
        }
        for (text, run) in shown.iter().zip(&runs).filter(|(_, run)| !run.contains("{{")) {
            assert_eq!(text, run);
        }
        let buttons: Vec<_> = objects(card).into_iter().filter_map(|object| object["actions"].as_array()).collect();
        let buttons: usize = buttons.iter().map(|row| row.len()).sum();
        assert_eq!(drawn["buttons"], buttons, "a button was dropped: {card:#}");
        let inputs = of(card, "Input.Text").len() + of(card, "Input.ChoiceSet").len();
        assert_eq!(drawn["inputs"].as_array().unwrap().len(), inputs, "an input was dropped: {card:#}");
        let links = of(card, "TextRun").into_iter().filter(|run| run.get("selectAction").is_some()).count();
        assert_eq!(drawn["links"], links, "a link that is not ours: {card:#}");
        assert_eq!(drawn["wide"], Viewport::PHONE.width, "it is read without moving it sideways: {card:#}");
    }

    fn draws_dialog(&self, dialog: &Value) {
        let value = &dialog["task"]["value"];
        self.draws(&format!("<b>{}</b>", value["title"].as_str().unwrap()), &value["card"]["content"]);
    }

    fn tap(&self, words: &str) {
        let tap = format!(
            "[...document.querySelectorAll('button')].find((it) => it.textContent === {}).click()",
            json!(words)
        );
        self.page.evaluate(&tap).expect("a button");
    }

    fn picture(&self, name: &str) {
        if let Some(folder) = env::var_os("PICTURES") {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            let height = self.page.evaluate("document.body.scrollHeight").unwrap().as_u64().unwrap();
            self.page.resize(Viewport { height: u32::try_from(height).unwrap(), ..Viewport::PHONE }).unwrap();
            fs::write(folder.join(format!("teams-{name}.png")), self.page.screenshot().unwrap()).unwrap();
        }
    }
}

/// One as people see it every day: of the target in the README.
fn everyday() -> Rotation {
    let readme = include_str!("../../README.md");
    let shown = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a catalog");
    let mut target = catalog::parse(shown).expect("a good one").targets.into_values().next().expect("a target");
    target.policy.approvals = 1;
    let id = RotationId::parse("7f3k9qxm00000000").unwrap();
    let mut rotation = Rotation::new(id, target, person("Ana Ortiz").into(), "Quarterly rotation".into(), false, NOW);
    rotation.runs.iter_mut().for_each(|run| run.check = Check::Passed);
    rotation
}

#[test]
#[ignore = "needs Chromium and the npm packages: cargo xtask test"]
fn every_state_of_a_rotation_is_drawn_whole() {
    let screen = Screen::new();
    for title in
        titles().into_iter().chain(["<at>Ben</at> [p](https://evil.example) {{DATE(2020-01-01T00:00:00Z)}}".into()])
    {
        let mut rotation = rotation("Sales", 30, 3);
        rotation.target.title.clone_from(&title);
        rotation.requester = Person { name: title.clone(), ..rotation.requester.person().unwrap().clone() }.into();
        rotation.outdated = true;
        rotation.runs.iter_mut().for_each(|run| run.check = Check::Troubled(trouble()));
        for (stage, last) in stages(&title) {
            rotation.stage = stage;
            rotation.decisions = decisions(&title, last);
            let supplied = card::card(&supplied(rotation.clone(), &title));
            for sheet in [
                card::card(&rotation),
                card::turn(&rotation),
                card::reminder(&rotation),
                card::result(&rotation),
                supplied,
            ] {
                screen.draws(FROM, &draw::card(&sheet));
            }
        }
    }
    assert_eq!(screen.page.complaints(), [""; 0]);
}

#[test]
#[ignore = "needs Chromium and the npm packages: cargo xtask test"]
fn lists_and_dialogs_are_drawn_whole() {
    let screen = Screen::new();
    let entries: Vec<_> = (0..LISTED).map(|n| listed(n, "Sales warehouse")).collect();
    screen.draws(FROM, &draw::card(&message::list(&entries, 400, "@pbi", NOW)));
    screen.draws(FROM, &draw::card(&message::help("@pbi")));
    screen.draws(FROM, &draw::card(&message::link(&everyday(), "https://bot.example/enter#ticket")));
    let targets = [("Sales warehouse", "sales-db"), ("Finance", "finance")];
    let targets = targets.map(|(words, value)| Suggestion { words: words.into(), value: value.into() });
    screen.draws_dialog(&draw::form(&form::request(None, Manner::Usual), "one", &targets));
    screen.picture("request");
    let rotation = everyday();
    screen.draws_dialog(&draw::form(&form::reject(&rotation), "one", &[]));
    screen.draws_dialog(&draw::notice(&form::opened(&rotation)));
    let mut keys = everyday();
    keys.target.login = Login::KeyPair { identifier: "ROTATOR".into() };
    let drawn = draw::form(&form::credential(&keys, None), "one", &[]);
    screen.draws_dialog(&drawn);
    // What is masked is what one line takes, whatever the field is called.
    assert_eq!(
        screen.page.evaluate("[...document.querySelectorAll('main .ac-input')].map((it) => it.type)").unwrap(),
        json!(["textarea", "password"])
    );
    screen.draws_dialog(&draw::form(
        &form::credential(&rotation, Some("https://bot.example/enter#ticket")),
        "one",
        &[],
    ));
    assert_eq!(screen.page.evaluate("document.querySelector('main .ac-input').type").unwrap(), json!("password"));
    screen.picture("enter");
    assert_eq!(screen.page.complaints(), [""; 0]);
}

#[test]
#[ignore = "needs Chromium and the npm packages: cargo xtask test"]
fn a_tap_on_approve_unfolds_what_it_means() {
    let screen = Screen::new();
    let mut rotation = everyday();
    rotation.stage = Stage::AwaitingApproval { since: NOW, until: Timestamp(NOW.0 + 4 * 3_600_000) };
    screen.draws(FROM, &draw::card(&card::card(&rotation)));
    assert!(!screen.page.text().unwrap().contains("Approve this rotation?"));
    screen.tap("Approve");
    assert!(screen.page.text().unwrap().contains("Approve this rotation?"));
    screen.picture("approve");

    let ben = person("Ben Okafor");
    rotation.decisions = vec![Decision { by: ben, at: Timestamp(NOW.0 + 600_000), verdict: Verdict::Approved }];
    let offline = Outcome::Unchanged(Trouble::of(Service::Fabric, Cause::GatewayOffline));
    for (run, outcome) in rotation.runs.iter_mut().zip([Outcome::Verified, offline]) {
        run.phase = Phase::Done(Receipt { outcome, request_id: None });
    }
    rotation.stage = Stage::Stalled { until: Timestamp(NOW.0 + 3_600_000) };
    screen.draws(FROM, &draw::card(&card::card(&rotation)));
    screen.picture("result");
}
