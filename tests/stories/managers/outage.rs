//! A secret manager that does not answer holds up nobody but itself.

use emulator::{Fault, FaultKind, Manager, NewVersion, scene as company};
use serde_json::json;

use super::vault::{KV, PATH as VAULTED, asked, relayed};
use super::{LOGIN, PATH, PLACES, VERIFIED};
use crate::bot::Bot;
use crate::scene::{on_premises, target};

crate::stories![;
    here only because "nobody waits for what does not answer":
    others_do_not_wait_behind_a_secret_manager_that_does_not_answer,
    a_secret_manager_that_asks_for_time_is_no_failure_of_what_was_not_tried,
];

const SECRET: &str = "SALES_DB_PASSWORD";

/// `sales-db` is bound to a secret of Doppler, and so many others, whose looks come first, to secrets of a Vault.
fn is_bound(bot: &mut Bot, others: usize) {
    let vault = relayed();
    let (mut known, doppler) = (vault.secrets, json!({ "path": format!("{PATH}d"), "token": company::DOPPLER_TOKEN }));
    known["path"] = json!(PATH);
    let (known, doppler) = (known.to_string(), doppler.to_string());
    let mut changes = PLACES.to_vec();
    changes.extend([("SOURCE_VAULT", known.as_str()), ("SOURCE_DOPPLER", doppler.as_str())]);
    bot.with(&changes);
    let (project, config) = (company::DOPPLER_PROJECT, company::DOPPLER_CONFIG);
    let bound = |name: &str, place: &str, secret: &str| {
        let target = target(name, name, LOGIN, &[place]);
        target.replace("destinations =", &format!("secret = {{ {secret} }}\ndestinations ="))
    };
    let mut catalog = format!(
        "[sources.vault]\n{}\n[sources.doppler]\nmanager = {{ kind = \"Doppler\", project = \"{project}\", config = \"{config}\" }}\n",
        vault.table
    );
    for n in 0..others {
        let place = on_premises(company::GATEWAY_SALES, &format!("00000000-0000-4000-8000-{n:012}"));
        let secret = KV.replace(VAULTED, &format!("teams/other-{n}"));
        catalog.push_str(&bound(&format!("db-{n:02}"), &place, &format!("from = \"vault\", {secret}")));
    }
    let place = on_premises(company::GATEWAY_SALES, company::SALES_SQL);
    catalog.push_str(&bound("sales-db", &place, &format!("from = \"doppler\", name = \"{SECRET}\"")));
    bot.knows(&catalog.replace("{base}", &bot.world.base_url()));
    bot.world.put_secret(Manager::Doppler, SECRET, NewVersion::of(&bot.secret("behind-nobody")));
}

fn others_do_not_wait_behind_a_secret_manager_that_does_not_answer(bot: &mut Bot) {
    is_bound(bot, 40);
    // Its answers would come a little later than anybody waits.
    bot.world.script(Fault::once("vault", "", FaultKind::Slow(10_001)).repeated(2));
    let begun = bot.world.now_ms();
    bot.wakes_up();
    bot.until("the other one is opened", |_| bot.happened("open", "ok") == 1);
    assert_eq!(asked(bot, "/login"), 1, "one try for all that are due: {}", bot.log());
    assert!(bot.world.now_ms() - begun < 15_000, "and that has an end");
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("behind-nobody"));
    assert!(bot.log().contains(r#"{"event":"secret","outcome":"put-off","source":"vault"}"#), "{}", bot.log());
    // Once it answers again, nobody is forgotten.
    bot.until("each was looked at", |_| bot.happened("secret", "not-found") == 40);
    assert_eq!(bot.happened("secret", "unreachable"), 2, "{}", bot.log());
}

fn a_secret_manager_that_asks_for_time_is_no_failure_of_what_was_not_tried(bot: &mut Bot) {
    is_bound(bot, 3);
    let busy = FaultKind::throttled(20);
    bot.world.script(Fault::once("vault", "/login", busy).repeated(13));
    bot.wakes_up();
    // Woken late, so that all of them are due each time.
    for _ in 0..13 {
        bot.rest();
        bot.world.advance(60_000);
    }
    bot.until("each was looked at", |_| bot.happened("secret", "not-found") == 3);
    assert_eq!(bot.happened("secret", "throttled"), 13, "{}", bot.log());
}
