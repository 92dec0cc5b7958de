//! Pausing a secret manager: what it says is taken and waits, people can rotate all the same, and only operators may.

use bytes::Bytes;
use emulator::scene as company;
use http::Request;
use serde_json::{Value, json};

use super::VERIFIED;
use super::vault::{KV, put, relayed, tells};
use crate::bot::Bot;
use crate::failures::updates;
use crate::people::UNAPPROVED;
use crate::scene::{ADMIN_TOKEN, ONE_LEAD};

crate::stories![
    what_is_said_meanwhile_waits,
    people_can_still_rotate,
    what_was_opened_before_goes_on,
    the_look_of_the_day_waits_as_well,
    only_operators_may,
    whoever_names_none_is_told_the_names,
    the_history_says_who_paused,
];

fn bound(bot: &mut Bot, rules: &str) {
    bot.is_bound(&relayed(), KV, rules);
}

fn pauses(bot: &Bot) {
    bot.types(company::FAY, "pause vault");
    let told = bot.told(company::FAY);
    assert!(told.starts_with("Paused: what vault says is taken and waits."), "{told}");
}

fn resumes(bot: &Bot) {
    bot.types(company::FAY, "resume vault");
    let told = bot.told(company::FAY);
    assert!(told.starts_with("Resumed: what vault said meanwhile is looked at now."), "{told}");
}

/// Vault was not asked for anything.
fn not_asked(bot: &Bot) {
    bot.rest();
    assert!(bot.world.received().iter().all(|call| call.service != "vault"), "{}", bot.log());
    assert_eq!(bot.happened("open", "ok"), 0);
}

fn what_is_said_meanwhile_waits(bot: &mut Bot) {
    bound(bot, "");
    pauses(bot);
    put(bot, "said-meanwhile");
    tells(bot, "relay-1");
    tells(bot, "relay-1");
    put(bot, "and-once-more");
    tells(bot, "relay-2");
    not_asked(bot);
    // Also by a bot that was started anew.
    bot.crash();
    tells(bot, "relay-2");
    not_asked(bot);
    resumes(bot);
    bot.until_card(VERIFIED);
    bot.rest();
    assert_eq!(bot.password().as_deref(), Some("and-once-more"));
    assert_eq!((bot.happened("open", "ok"), updates(bot)), (1, 1));
    // From then on as before.
    put(bot, "as-before");
    tells(bot, "relay-3");
    bot.until("it is in place", |_| updates(bot) == 2);
}

fn people_can_still_rotate(bot: &mut Bot) {
    bound(bot, "");
    pauses(bot);
    put(bot, "by-hand");
    tells(bot, "relay-1");
    bot.ana_requests("sales-db");
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("by-hand"));
    // What waited is about the same version, and changes nothing.
    resumes(bot);
    bot.until("it is looked at", |_| bot.happened("secret", "same") == 1);
    bot.rest();
    assert_eq!((bot.happened("open", "ok"), updates(bot)), (1, 1));
}

fn what_was_opened_before_goes_on(bot: &mut Bot) {
    bound(bot, ONE_LEAD);
    put(bot, "opened-before");
    tells(bot, "relay-1");
    bot.until_card(UNAPPROVED);
    pauses(bot);
    bot.taps(company::BEN, "Approve");
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("opened-before"));
}

fn the_look_of_the_day_waits_as_well(bot: &mut Bot) {
    bound(bot, "");
    put(bot, "nobody-told-of-it");
    pauses(bot);
    bot.wakes_up();
    not_asked(bot);
    resumes(bot);
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("nobody-told-of-it"));
}

fn only_operators_may(bot: &mut Bot) {
    bound(bot, "");
    for user in [company::ANA, company::BEN] {
        for verb in ["pause", "resume"] {
            let told = bot.asks(user, &format!("{verb} vault"));
            assert_eq!(told, "This is for the operators that the catalog names. Nothing was changed.");
        }
    }
    put(bot, "not-paused");
    tells(bot, "relay-1");
    bot.until_card(VERIFIED);
}

fn whoever_names_none_is_told_the_names(bot: &mut Bot) {
    bound(bot, "");
    for typed in ["pause", "pause vaul", "resume none-of-them", "pause vault now"] {
        let told = bot.asks(company::FAY, typed);
        assert_eq!(told, "There is no such secret manager. There are: vault. Nothing was changed.", "{typed}");
    }
    put(bot, "not-paused-either");
    tells(bot, "relay-1");
    bot.until_card(VERIFIED);
    bot.knows(&crate::scene::ruled("").replace("[targets", "operators = [\"slack:U0FAY\"]\n[targets"));
    assert_eq!(bot.asks(company::FAY, "pause vault"), "The catalog has no secret manager. Nothing was changed.");
}

fn the_history_says_who_paused(bot: &mut Bot) {
    bound(bot, "");
    pauses(bot);
    put(bot, "in-the-history");
    tells(bot, "relay-1");
    resumes(bot);
    bot.until_card(VERIFIED);
    bot.rest();
    // By the command that operators have, and in the audit.
    let history = bot.asks(company::FAY, "history");
    for words in ["<@W0FAY> pause: vault", "<@W0FAY> resume: vault", "vault asked for a rotation"] {
        assert!(history.contains(words), "{words}: {history}");
    }
    let request = Request::get("/admin/audit").header("authorization", format!("Bearer {ADMIN_TOKEN}"));
    let audit = bot.deliver(request.body(Bytes::new()).unwrap());
    let audit = String::from_utf8(audit.body().to_vec()).unwrap();
    let entries: Vec<Value> =
        audit.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["entry"].take()).collect();
    let entry = |what: &str| entries.iter().find(|entry| entry["what"] == what).unwrap_or_else(|| panic!("{audit}"));
    for what in ["pause", "resume"] {
        let told = ["who", "name", "from", "note"].map(|field| entry(what)[field].clone());
        assert_eq!(told, [json!("slack:W0FAY"), json!("Fay Lindqvist"), json!("Slack"), json!("vault")]);
    }
    let opened = ["who", "from", "name", "target"].map(|field| entry("open")[field].clone());
    assert_eq!(opened, [Value::Null, json!("Source"), json!("vault"), json!("sales-db")], "{audit}");
}
