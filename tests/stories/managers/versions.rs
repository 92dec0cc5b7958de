//! Which version is put in place: the current one, once, whatever was told in whichever order, and what was approved.

use std::time::Duration;

use emulator::senders::StandardWebhook;
use emulator::{Fault, FaultKind, Lost, Manager, NewVersion, World, scene as company};
use serde_json::json;

use super::vault::{KV, PATH, card, put, relayed, tells};
use super::{LOGIN, VERIFIED, address, catalog};
use crate::bot::{Bot, words};
use crate::failures::updates;
use crate::people::UNAPPROVED;
use crate::scene::ONE_LEAD;

crate::stories![
    a_version_is_put_in_place_once_whoever_tells_of_it,
    told_in_the_wrong_order_the_newest_is_put_in_place,
    a_burst_is_one_rotation,
    a_new_version_while_one_is_under_way_comes_after_it,
    approved_was_one_and_another_is_put_in_place,
    where_it_is_asked_again_approvals_are_for_one_version,
    a_rotation_keeps_to_the_secret_that_it_began_with,
    a_version_of_another_secret_settles_nothing,
    a_secret_manager_that_the_catalog_has_no_more_is_not_read,
    what_made_way_for_an_emergency_is_still_wanted,
    what_was_stopped_is_what_had_been_read;
    here only because "answers of the register are lost, and namespaces are the pretend world's":
    an_end_that_is_told_twice_changes_nothing_of_what_came_after,
    a_version_of_another_secret_manager_settles_nothing,
    what_was_approved_of_one_place_is_not_read_in_another,
    what_was_read_in_one_place_settles_nothing_in_another,
];

/// What `sales-db` is bound to, where an approval is for one version.
const ASK_AGAIN: &str = r#"mount = "secret", path = "teams/sales", fields = { password = "pw" }, ask_again = true"#;
/// Another secret of the same store.
const OTHER: &str = "teams/other";

/// The relay tells of a version by its number.
fn tells_of(bot: &Bot, event: &str, version: &str) {
    let data = json!({ "mount": "secret", "path": PATH, "version": version });
    bot.takes(&StandardWebhook::honest(event, bot.world.now_ms(), "secret.changed", data).post(&address()));
}

/// Has it in place, after so many updates by so many rotations.
fn is_in_place(bot: &Bot, password: &str, times: usize) {
    bot.until(password, |_| bot.password().as_deref() == Some(password));
    bot.until("it is settled", |_| bot.happened("finish", "ok") == times);
    bot.until_card(VERIFIED);
    bot.rest();
    assert_eq!(bot.happened("open", "ok"), times, "{}", bot.log());
}

fn is_looked_at(bot: &Bot, times: usize) {
    bot.until("it is looked at", |_| bot.happened("secret", "same") == times);
}

fn put_other(bot: &Bot, password: &str) {
    let value = json!({ "pw": bot.secret(password) }).to_string();
    bot.world.put_secret(Manager::Vault, OTHER, NewVersion::of(&value));
}

fn a_version_is_put_in_place_once_whoever_tells_of_it(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, "");
    put(bot, "told-thrice");
    tells_of(bot, "relay-1", "1");
    is_in_place(bot, "told-thrice", 1);
    // By the version in the message, and by looking where it names none, and by the look of the day.
    tells_of(bot, "relay-2", "1");
    tells(bot, "relay-3");
    is_looked_at(bot, 1);
    bot.wakes_up();
    is_looked_at(bot, 2);
    bot.crash();
    tells(bot, "relay-4");
    is_looked_at(bot, 3);
    bot.rest();
    assert_eq!((bot.happened("open", "ok"), updates(bot)), (1, 1));
}

fn told_in_the_wrong_order_the_newest_is_put_in_place(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, "");
    put(bot, "the-first");
    put(bot, "the-second");
    tells_of(bot, "relay-2", "2");
    tells_of(bot, "relay-1", "1");
    is_in_place(bot, "the-second", 1);
    // And what is told of the first when the second is long in place.
    tells_of(bot, "relay-0", "1");
    is_looked_at(bot, 1);
    bot.rest();
    assert_eq!((bot.happened("open", "ok"), updates(bot)), (1, 1));
}

fn a_burst_is_one_rotation(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, "");
    for n in 1..=5 {
        put(bot, &format!("burst-{n}"));
        tells_of(bot, &format!("relay-{n}"), &n.to_string());
    }
    is_in_place(bot, "burst-5", 1);
    assert_eq!(updates(bot), 1);
}

fn a_new_version_while_one_is_under_way_comes_after_it(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, "");
    put(bot, "under-way");
    let wait = FaultKind::throttled(2);
    bot.world.script(Fault::once("powerbi", "", wait).on_method("PATCH"));
    tells(bot, "relay-1");
    bot.until("it is under way", |_| bot.happened("update", "throttled") == 1);
    put(bot, "right-after-it");
    tells(bot, "relay-2");
    is_in_place(bot, "right-after-it", 2);
    let opened: Vec<_> = bot.world.opened().into_iter().map(|opened| opened.plaintext).collect();
    assert!(opened.len() == 2 && opened[0].contains("under-way"), "one after the other");
}

fn approved_was_one_and_another_is_put_in_place(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, ONE_LEAD);
    put(bot, "approved-first");
    tells(bot, "relay-1");
    bot.until_card(UNAPPROVED);
    put(bot, "there-by-then");
    tells(bot, "relay-2");
    bot.rest();
    bot.taps(company::BEN, "Approve");
    is_in_place(bot, "there-by-then", 1);
    let card = card(bot);
    assert!(
        card.contains("Approved was another version, version 1; there was a newer one by then, version 2."),
        "{card}"
    );
    is_looked_at(bot, 1);
    assert_eq!(updates(bot), 1);
}

fn where_it_is_asked_again_approvals_are_for_one_version(bot: &mut Bot) {
    bot.is_bound(&relayed(), ASK_AGAIN, ONE_LEAD);
    put(bot, "approved-first");
    tells(bot, "relay-1");
    bot.until_card(UNAPPROVED);
    put(bot, "asked-again");
    bot.taps(company::BEN, "Approve");
    bot.until("it is read", |_| bot.happened("fetch", "ok") == 1);
    let words = "There is another version by now*, version 2: what was approved before does not count.";
    bot.until(words, |_| card(bot).contains(words));
    bot.until_card(UNAPPROVED);
    bot.nothing_was_sent();
    // By the same person: it is about something else.
    bot.taps(company::BEN, "Approve");
    is_in_place(bot, "asked-again", 1);
    assert_eq!(updates(bot), 1);
    let card = card(bot);
    assert!(!card.contains("another version"), "{card}");
}

fn a_rotation_keeps_to_the_secret_that_it_began_with(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, ONE_LEAD);
    put(bot, "of-the-secret-it-began-with");
    put_other(bot, "of-the-other-secret");
    tells(bot, "relay-1");
    bot.until_card(UNAPPROVED);
    is_bound_to_the_other(bot, ONE_LEAD);
    bot.until("the card says so", |_| card(bot).contains("The catalog has been changed since."));
    bot.taps(company::BEN, "Approve");
    is_in_place(bot, "of-the-secret-it-began-with", 1);
    assert!(bot.world.secret_reads().iter().all(|read| read.secret == PATH));
}

/// The catalog binds `sales-db` to another secret from now on.
fn is_bound_to_the_other(bot: &Bot, rules: &str) {
    let catalog = catalog(&relayed(), LOGIN, &KV.replace(PATH, OTHER), rules);
    bot.knows(&catalog.replace("{base}", &bot.world.base_url()));
}

fn a_version_of_another_secret_settles_nothing(bot: &mut Bot) {
    a_rotation_keeps_to_the_secret_that_it_began_with(bot);
    // Both are called version 1. What the target is bound to now is not in place for that.
    bot.wakes_up();
    bot.until("the other one is asked for", |_| bot.happened("open", "ok") == 2);
    bot.until_card(UNAPPROVED);
    bot.taps(company::BEN, "Approve");
    is_in_place(bot, "of-the-other-secret", 2);
}

fn a_secret_manager_that_the_catalog_has_no_more_is_not_read(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, ONE_LEAD);
    put(bot, "read-by-nobody");
    tells(bot, "relay-1");
    bot.until_card(UNAPPROVED);
    bot.knows(&crate::scene::ruled(ONE_LEAD));
    bot.taps(company::BEN, "Approve");
    bot.until_card("Not rotated");
    let card = card(bot);
    assert!(card.contains("The catalog does not have its secret manager any more."), "{card}");
    assert!(card.contains("The secret manager has no value that could be used."), "{card}");
    assert_eq!(bot.world.secret_reads(), []);
    bot.nothing_was_sent();
    // Nor is what it says heard any more.
    let data = json!({ "mount": "secret", "path": PATH });
    let late = StandardWebhook::honest("relay-2", bot.world.now_ms(), "secret.changed", data).post(&address());
    assert_eq!(bot.posted(&late).status(), http::StatusCode::GONE);
}

fn what_made_way_for_an_emergency_is_still_wanted(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, &format!(r#"{ONE_LEAD}, break_glass = ["slack:U0FAY"]"#));
    put(bot, "still-wanted");
    tells(bot, "relay-1");
    bot.until_card(UNAPPROVED);
    bot.world.script(Fault::once("vault", "secret/data", FaultKind::status(403, &json!({ "errors": ["1 error"] }))));
    bot.types(company::FAY, "break-glass sales-db");
    let (form, fay) = (bot.modal(company::FAY), bot.world.person(company::FAY));
    bot.does(&fay.submit(&form.id, &[("reason", json!("Locked out, reports are down"))]).unwrap());
    bot.until("both have ended", |_| bot.happened("finish", "ok") == 2);
    bot.rest();
    bot.nothing_was_sent();
    bot.wakes_up();
    bot.until("it is asked for again", |_| bot.happened("open", "ok") == 3);
    bot.until_card(UNAPPROVED);
}

fn what_was_stopped_is_what_had_been_read(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, &format!(r#"{ONE_LEAD}, stop = "5m""#));
    put(bot, "approved-first");
    tells(bot, "relay-1");
    bot.until_card(UNAPPROVED);
    put(bot, "read-and-stopped");
    tells(bot, "relay-2");
    bot.rest();
    bot.taps(company::BEN, "Approve");
    bot.until_card("It can be stopped");
    bot.taps(company::BEN, "Stop");
    bot.until("it has ended", |_| bot.happened("finish", "ok") == 1);
    is_looked_at(bot, 1);
    bot.rest();
    assert_eq!(bot.happened("open", "ok"), 1, "{}", bot.log());
    bot.nothing_was_sent();
}

/// A new version is being put in place, which has to be tried again.
fn is_under_way(bot: &mut Bot, value: &str) {
    bot.is_bound(&relayed(), KV, "");
    put(bot, value);
    bot.world.script(Fault::once("powerbi", "", FaultKind::throttled(2)).on_method("PATCH"));
    tells(bot, "relay-1");
    bot.until("it is under way", |_| bot.happened("update", "throttled") == 1);
}

fn an_end_that_is_told_twice_changes_nothing_of_what_came_after(bot: &mut Bot) {
    is_under_way(bot, "ended-and-told-twice");
    put(bot, "in-place-by-then");
    tells(bot, "relay-2");
    bot.rest();
    // Its end is told, and the answer to that is lost.
    bot.here().break_register(Some(Lost::Response), 1);
    is_in_place(bot, "in-place-by-then", 2);
    assert_eq!(bot.happened("finish", "retry"), 1, "{}", bot.log());
    bot.wait(Duration::from_secs(60));
    bot.wakes_up();
    bot.rest();
    assert_eq!(bot.happened("open", "ok"), 2, "{}", bot.log());
}

/// The same name in the catalog, and another place: the versions there are others, whatever they are called.
fn is_somewhere_else(bot: &Bot, rules: &str) {
    bot.world.set_vault_namespace(Some("team-data"));
    let moved = catalog(&relayed(), LOGIN, KV, rules).replace("/vault\"", "/vault\", namespace = \"team-data\"");
    bot.knows(&moved.replace("{base}", &bot.world.base_url()));
}

fn what_was_approved_of_one_place_is_not_read_in_another(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, ONE_LEAD);
    put(bot, "of-one-place-or-the-other");
    tells(bot, "relay-1");
    bot.until_card(UNAPPROVED);
    is_somewhere_else(bot, ONE_LEAD);
    bot.rest();
    let first = bot.card(company::CHANNEL_DATA_OPS);
    let read = bot.world.secret_reads().len();
    bot.taps(company::BEN, "Approve");
    let ended = |world: &World| {
        let mut messages = world.messages().into_iter();
        messages.find(|card| (&card.ts, &card.channel) == (&first.ts, &first.channel)).unwrap()
    };
    bot.until("it has ended", |world| ended(world).text.contains("Not rotated"));
    let words = words(&ended(&bot.world).blocks);
    assert!(words.contains("The catalog has been changed since."), "{words}");
    assert!(words.contains("Its secret manager is another place by now."), "{words}");
    assert_eq!(bot.world.secret_reads().len(), read);
    // It is asked for once more, of the place where the value is now.
    bot.until("it is asked for", |_| bot.happened("open", "ok") == 2);
    bot.until_card(UNAPPROVED);
    bot.nothing_was_sent();
    bot.taps(company::BEN, "Approve");
    is_in_place(bot, "of-one-place-or-the-other", 2);
}

fn what_was_read_in_one_place_settles_nothing_in_another(bot: &mut Bot) {
    is_under_way(bot, "of-the-first-place");
    is_somewhere_else(bot, "");
    is_in_place(bot, "of-the-first-place", 1);
    bot.wakes_up();
    bot.until("what is there now is put in place", |_| bot.happened("open", "ok") == 2);
}

fn a_version_of_another_secret_manager_settles_nothing(bot: &mut Bot) {
    bot.is_bound(&relayed(), KV, "");
    put(bot, "of-the-first-place");
    tells(bot, "relay-1");
    is_in_place(bot, "of-the-first-place", 1);
    is_somewhere_else(bot, "");
    bot.wakes_up();
    bot.until("it is put in place", |_| bot.happened("open", "ok") == 2);
    bot.until("it is settled", |_| bot.happened("finish", "ok") == 2);
}
