//! What the documents show is so: the table of settings, the commands that set secrets, catalogs, secret managers, and the cards.

#![cfg(test)]

use pbi_rotate::codec::catalog;
use pbi_rotate::codec::content::card::card;
use pbi_rotate::codec::slack::draw;
use pbi_rotate::config::{Absent, Config, SETTINGS, Setting, variable};
use pbi_rotate::domain::names::{Code, PersonId, RotationId, Zone};
use pbi_rotate::domain::rotation::{Event, Moment, Person, Requester, Rotation, Supply, Taken, Test};
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::window::Zones;
use pbi_rotate::flows::sources;
use serde_json::Value;

const README: &str = include_str!("../README.md");
const OPERATIONS: &str = include_str!("../docs/operations.md");
const TEAMS: &str = include_str!("../docs/teams.md");
const MANAGERS: &str = include_str!("../docs/secret-managers.md");

/// The request ids in the picture; the services make up another one each time.
const REQUESTS: [&str; 2] = ["6d0fb3a2-41c7-4d52-9a0e-5b7a1c93e4f8", "c21e8f07-93ab-4f6d-8e15-0a4d7b62c9d3"];

fn row(setting: &Setting) -> String {
    let secret = if setting.secret { "yes" } else { "no" };
    let absent = match setting.absent {
        Absent::Refused => "refused".to_owned(),
        Absent::Means(value) => format!("`{value}`"),
        Absent::FromCloud => "goes with `CLOUD`".to_owned(),
        Absent::Nothing => "none".to_owned(),
    };
    format!("| `{}` | {secret} | {absent} | {} |", setting.name, setting.meaning)
}

/// The fenced blocks of a language in a document.
fn blocks<'d>(document: &'d str, language: &str) -> Vec<&'d str> {
    let fence = format!("```{language}\n");
    document.split(&fence).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_table_of_settings_is_the_programs() {
    let told: Vec<_> = README.lines().skip_while(|line| !line.starts_with("| setting |")).skip(2).collect();
    let told: Vec<_> = told.into_iter().take_while(|line| line.starts_with('|')).map(str::to_owned).collect();
    let so: Vec<_> = SETTINGS.iter().map(row).collect();
    assert_eq!(told, so, "the table has to be:\n{}\n", so.join("\n"));
}

#[test]
fn every_secret_is_set_and_nothing_else() {
    let puts = README.lines().filter_map(|line| line.split("wrangler secret put ").nth(1)?.split_whitespace().next());
    let mut puts: Vec<_> = puts.collect();
    let mut secrets: Vec<_> = SETTINGS.iter().filter(|setting| setting.secret).map(|setting| setting.name).collect();
    puts.sort_unstable();
    secrets.sort_unstable();
    assert_eq!(puts, secrets);
}

#[test]
fn every_catalog_shown_is_accepted() {
    let shown: Vec<_> =
        [README, OPERATIONS, TEAMS, MANAGERS].into_iter().flat_map(|document| blocks(document, "toml")).collect();
    assert!(shown.len() >= 3, "the documents show catalogs");
    for text in shown {
        if let Err(problems) = catalog::parse(text) {
            panic!("{text}\n{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        }
    }
}

/// What the Worker has to be told before it looks at its secret managers.
const LEAST: [(&str, &str); 9] = [
    ("SLACK_SIGNING_SECRET", "signing-secret"),
    ("SLACK_BOT_TOKEN", "xoxb-token"),
    ("SLACK_APP_ID", "A0PBI"),
    ("SLACK_TEAM_ID", "T0CONTOSO"),
    ("ENTRA_TENANT_ID", "6c4d35a5-6e5f-4d2c-9f2c-3c1c9c8b7a60"),
    ("ENTRA_CLIENT_ID", "9d1f6a8e-2b3c-4d5e-8f90-a1b2c3d4e5f6"),
    ("ENTRA_CLIENT_SECRET", "client~secret"),
    ("ADMIN_TOKEN", "0123456789abcdef0123456789abcdef"),
    ("STORE_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
];

/// A secret as it is shown, with keys in the place of what stands for them.
fn filled(json: &str) -> String {
    let shown = r"-----BEGIN PRIVATE KEY-----\n…\n-----END PRIVATE KEY-----\n";
    let key = emulator::scene::WORKER_SEALING_KEY.replace('\n', r"\n");
    json.replace(shown, &key).replace("whsec_PUT-THE-BASE64-OF-32-RANDOM-BYTES", emulator::scene::WEBHOOK_SECRET)
}

#[test]
fn every_source_shown_comes_with_the_secret_it_needs() {
    let mut checked = 0;
    for shown in MANAGERS.split("```toml\n").skip(1) {
        let (text, rest) = shown.split_once("```").expect("an end");
        let catalog = catalog::parse(text).unwrap_or_else(|_| panic!("{text}"));
        let source = catalog.sources.values().next().expect("a secret manager");
        let variable = variable(&source.name);
        let json = *blocks(rest, "json").first().unwrap_or_else(|| panic!("{variable} is not shown"));
        let get = |name: &str| {
            let set = LEAST.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            set.or_else(|| (name == variable).then(|| filled(json)))
        };
        let config = Config::read(get, std::slice::from_ref(&variable));
        let config = config.unwrap_or_else(|problems| panic!("{variable}: {problems:?}"));
        assert_eq!(sources::problems(&catalog, &config.sources), Vec::<String>::new(), "{variable}");
        checked += 1;
    }
    assert!(checked >= 9, "{checked} secret managers are shown");
}

#[test]
fn the_card_shown_in_words_is_the_card() {
    let catalog = catalog::parse(blocks(MANAGERS, "toml").first().expect("a catalog")).expect("a good one");
    let source = catalog.sources.into_keys().next().expect("a secret manager");
    let target = catalog.targets.into_values().next().expect("a target");
    let ben = Person { id: PersonId::slack("W0BEN").expect("an id"), name: "Ben Okafor".into(), also: Vec::new() };
    let id = RotationId::parse("7f3k9qxm00000000").expect("an id");
    let version = "8f6ea1bbd2f247d1b63c8bbec4a1b9aa".to_owned();
    let reason = "New version of sales-db-password: version 8f6ea1bb…".to_owned();
    let now = Timestamp(0);
    let mut rotation = Rotation::new(id, target, Requester::Source(source), reason, false, now);
    rotation.supply = Some(Supply { seen: Some(version.clone()), ..Supply::default() });
    let moment = Moment { now, chance: 0, zones: &Nowhere };
    let taken = Taken { version: version.clone(), current: version, account: None };
    for event in [
        Event::Claimed,
        Event::Checked(0, Ok(())),
        Event::Approve(ben),
        Event::Fetched(Ok(taken)),
        Event::Prepared(0, Ok(())),
        Event::Update(0),
        Event::Updated(0, Ok(Some(Code::parse(REQUESTS[0]).unwrap()))),
        Event::Tested(0, Ok(Test::Passed)),
    ] {
        rotation.step(event, moment).map(drop).expect("the next step");
    }
    let shown = blocks(MANAGERS, "text").first().expect("a card").trim_end().to_owned();
    let blocks = draw::message(&card(&rotation)).blocks;
    let texts = blocks.iter().map(|block| block.pointer("/text/text").or(block.pointer("/elements/0/text")));
    let texts: Vec<_> = texts.filter_map(|text| text.and_then(Value::as_str)).collect();
    let said = texts.join("\n").replace("<@W0BEN>", "@Ben Okafor").replace('*', "");
    let (before, after) = said.split_once("<!date").expect("a moment");
    let (_, after) = after.split_once('>').expect("its end");
    assert_eq!(shown, format!("{before}today at 18:31{after}"));
}

/// The catalog of the picture has no windows.
struct Nowhere;

impl Zones for Nowhere {
    fn offset(&self, _: &Zone, _: Timestamp) -> Option<i32> {
        None
    }
}

#[test]
fn the_picture_is_the_card() {
    let catalog = catalog::parse(blocks(README, "toml").first().expect("a catalog")).expect("a good one");
    let target = catalog.targets.into_values().next().expect("a target");
    let ana = Person { id: PersonId::slack("W0ANA").expect("an id"), name: "Ana Ortiz".into(), also: Vec::new() };
    let id = RotationId::parse("7f3k9qxm00000000").expect("an id");
    let now = Timestamp(0);
    let mut rotation = Rotation::new(id, target, ana.clone().into(), "Quarterly rotation".into(), false, now);
    let moment = Moment { now, chance: 0, zones: &Nowhere };
    let mut step = |event| rotation.step(event, moment).map(drop).expect("the next step");
    step(Event::Claimed);
    for at in 0..REQUESTS.len() {
        step(Event::Checked(at, Ok(())));
    }
    step(Event::Supplied(ana));
    for (at, request) in REQUESTS.iter().enumerate() {
        step(Event::Prepared(at, Ok(())));
        step(Event::Update(at));
        step(Event::Updated(at, Ok(Some(Code::parse(request).unwrap()))));
        step(Event::Tested(at, Ok(Test::Passed)));
    }

    let drawn = plain(include_str!("../docs/images/card.html").split("</time></div>").nth(1).expect("the card"));
    let blocks = draw::message(&card(&rotation)).blocks;
    let texts = blocks.iter().map(|block| block.pointer("/text/text").or(block.pointer("/elements/0/text")));
    let texts: Vec<_> = texts.map(|text| text.and_then(Value::as_str).expect("a text")).collect();
    let said = texts.join("\n").replace("<@W0ANA>", "@Ana Ortiz").replace('*', "");
    assert_eq!(drawn, said);
}

#[test]
fn every_name_in_the_log_is_explained() {
    let sources = [
        include_str!("../src/domain/refusal.rs"),
        include_str!("../src/domain/rotation/event.rs"),
        include_str!("../src/domain/trouble.rs"),
        include_str!("../src/doors/admin.rs"),
        include_str!("../src/doors/mod.rs"),
        include_str!("../src/doors/slack.rs"),
        include_str!("../src/flows/page.rs"),
        include_str!("../src/codec/jwt.rs"),
        include_str!("../src/codec/slack/signature.rs"),
        include_str!("../src/codec/teams/token.rs"),
        include_str!("../src/codec/webhook/mod.rs"),
    ];
    let literals = sources.into_iter().flat_map(str::lines).filter_map(|line| {
        let (_, rest) = line.split_once("=> \"").or_else(|| line.split_once("Forged(\""))?;
        rest.split('"').next()
    });
    let names: Vec<_> = literals.filter(|text| text.chars().all(|c| c.is_ascii_lowercase() || c == '-')).collect();
    assert!(names.len() > 50, "the names are not where they were: {names:?}");
    let unexplained: Vec<_> = names.iter().filter(|name| !OPERATIONS.contains(&format!("`{name}`"))).collect();
    assert!(unexplained.is_empty(), "{unexplained:?}");
}

#[test]
fn every_sentence_explained_is_the_programs() {
    let program = [
        include_str!("../src/codec/words.rs"),
        include_str!("../src/codec/content/card.rs"),
        include_str!("../src/codec/content/supply.rs"),
    ]
    .concat();
    let (_, tables) = OPERATIONS.split_once("## What a card says").expect("the sentences");
    let (tables, _) = tables.split_once("\n## ").expect("another section after it");
    let cells = tables.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let sentences: Vec<_> = cells.filter(|cell| *cell != "it says" && !cell.starts_with("---")).collect();
    for sentence in &sentences {
        // What stands between asterisks differs from card to card.
        for part in sentence.split('*').step_by(2).map(str::trim).filter(|part| part.len() > 3) {
            assert!(program.contains(part), "nothing says {part:?}");
        }
    }
    let causes = include_str!("../src/codec/words.rs").matches(" Cause::").count();
    let (_, reasons) = tables.split_once("### Why").expect("the reasons");
    assert_eq!(reasons.lines().filter(|line| line.starts_with("| ")).count() - 2, causes, "one row for each cause");
}

/// The words of HTML, a line for each block.
fn plain(html: &str) -> String {
    let mut text = String::new();
    for part in html.replace("<br>", "\n").split('<') {
        text.push_str(part.split_once('>').map_or(part, |(_, text)| text));
    }
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
