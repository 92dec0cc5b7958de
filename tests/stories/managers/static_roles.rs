//! Static roles of Vault's database engine, by a relay's message, by looking in time, and by asking Vault to rotate.

use std::time::Duration;

use emulator::senders::StandardWebhook;
use emulator::slack::Message;
use emulator::{Fault, FaultKind, World, scene as company};
use serde_json::json;

use super::vault::{asked, card, no_token_is_left, relayed};
use super::{LOGIN, VERIFIED, address, catalog};
use crate::bot::{Bot, is_card, words};
use crate::failures::updates;
use crate::people::UNAPPROVED;
use crate::scene::{ONE_LEAD, on_premises};

crate::stories![
    a_static_role_is_rotated_when_people_ask,
    a_rotation_whose_answer_is_lost_is_asked_for_again,
    a_password_that_was_changed_and_not_read_is_said_to_be_dead,
    a_role_that_was_rotated_once_more_before_it_is_read,
    what_shares_a_role_is_given_its_new_password_too;
    here only because "minutes and weeks go by, and calls are never answered":
    a_static_role_is_looked_at_just_after_it_was_due,
    a_static_role_that_was_rotated_before_it_was_due_is_found_the_next_day,
    a_password_that_was_changed_is_put_in_place_though_somebody_stopped,
    a_password_that_was_changed_while_somebody_cancelled_is_put_in_place,
    a_change_that_nobody_confirmed_is_looked_for,
    a_change_that_is_refused_is_none,
];

/// What `sales-db` is bound to, where it is an account of a database that Vault looks after.
pub const ROLE: &str = r#"mount = "database", role = "orders-reader""#;
/// What a card says of a dead password.
const FOLLOWED: &str =
    "no place can connect that does not have the new one. Another rotation follows if it has a new one, ";
/// How often that is rotated.
const MONTH: u64 = 30 * 24 * 60 * 60;

fn tells_of_the_role(bot: &Bot, event: &str) {
    let data = json!({ "mount": "database", "role": company::VAULT_STATIC_ROLE });
    bot.takes(&StandardWebhook::honest(event, bot.world.now_ms(), "secret.changed", data).post(&address()));
}

/// `sales-db` is the account of a role that is rotated once a month.
fn is_bound_to_the_role(bot: &mut Bot, rules: &str) {
    bot.is_bound(&relayed(), ROLE, rules);
    bot.world.set_static_role(company::VAULT_STATIC_ROLE, company::SALES_SQL, MONTH);
}

/// Vault rotates the role; its database takes only the new password from then on.
fn vault_rotates(bot: &Bot) -> String {
    assert!(bot.world.rotate_static_role(company::VAULT_STATIC_ROLE));
    the_role_has(bot)
}

fn the_role_has(bot: &Bot) -> String {
    bot.secret(&bot.world.static_role_password(company::VAULT_STATIC_ROLE).unwrap())
}

fn a_static_role_is_rotated_when_people_ask(bot: &mut Bot) {
    is_bound_to_the_role(bot, "");
    let old = the_role_has(bot);
    bot.ana_requests("sales-db");
    bot.until_card(VERIFIED);
    let new = the_role_has(bot);
    assert_ne!(new, old);
    // The test behind the card is made with it: the database takes no other.
    assert_eq!((bot.password(), asked(bot, "rotate-role"), updates(bot)), (Some(new), 1, 1));
    let card = card(bot);
    assert!(card.contains("Its user name is svc_orders now."), "{card}");
    assert!(card.contains("The old password stopped working "), "{card}");
    assert!(card.contains("; every place was done ") && card.contains(" seconds later."), "{card}");
    assert_eq!(bot.happened("turn", "ok"), 1);
    no_token_is_left(bot);
    // That is settled: what Vault's own log tells of it changes nothing.
    tells_of_the_role(bot, "relay-1");
    bot.until("the role is looked at", |_| bot.happened("secret", "same") == 1);
    assert_eq!(bot.happened("open", "ok"), 1);
}

fn a_rotation_whose_answer_is_lost_is_asked_for_again(bot: &mut Bot) {
    is_bound_to_the_role(bot, "");
    bot.world.script(Fault::once("vault", "rotate-role", FaultKind::LoseResponse));
    bot.ana_requests("sales-db");
    bot.until_card(VERIFIED);
    let new = the_role_has(bot);
    assert_eq!((bot.password(), asked(bot, "rotate-role"), updates(bot)), (Some(new), 2, 1));
    assert_eq!(bot.happened("turn", "ok"), 1, "{}", bot.log());
}

fn a_password_that_was_changed_and_not_read_is_said_to_be_dead(bot: &mut Bot) {
    is_bound_to_the_role(bot, "");
    let denied = FaultKind::status(403, &json!({ "errors": ["permission denied"] }));
    bot.world.script(Fault::once("vault", "static-creds", denied));
    bot.ana_requests("sales-db");
    let ended = |world: &World| {
        let messages = world.messages().into_iter().filter(|message| message.channel == company::CHANNEL_DATA_OPS);
        messages
            .map(|message| (message.text.clone(), words(&message.blocks)))
            .find(|(text, _)| text.contains("Not rotated"))
    };
    bot.until("its card says how it ended", |world| ended(world).is_some());
    let (told, dead) = (ended(&bot.world).unwrap().1, ", and no place can connect that does not have the new one");
    assert!(told.contains("The old password stopped working ") && told.contains(dead), "{told}");
    assert!(told.contains("It has the old password, which works nowhere any more."), "{told}");
    assert!(!told.contains("still in force"), "{told}");
    // It is not waited for until somebody reads that: what can be read now is put in place.
    bot.until_card(VERIFIED);
    assert_eq!((asked(bot, "rotate-role"), updates(bot)), (1, 1));
}

fn a_password_that_was_changed_is_put_in_place_though_somebody_stopped(bot: &mut Bot) {
    is_bound_to_the_role(bot, r#"stop = "5m""#);
    bot.ana_requests("sales-db");
    bot.until_card("It can be stopped");
    bot.taps(company::ANA, "Stop");
    let card = first_card(bot, "Stopped, no place has the new password");
    assert!(card.contains("The old password stopped working ") && card.contains(FOLLOWED), "{card}");
    assert!(!card.contains("nothing was changed"), "{card}");
    // Whoever stopped it did not choose the dead password.
    bot.until_card(VERIFIED);
    bot.rest();
    let new = the_role_has(bot);
    assert_eq!((bot.password(), asked(bot, "rotate-role"), updates(bot)), (Some(new), 1, 1), "{}", bot.log());
    assert_eq!(bot.happened("open", "ok"), 2, "{}", bot.log());
}

/// The words of the card of the first rotation, once it says how that stands.
fn first_card(bot: &Bot, says: &str) -> String {
    let first = |world: &World| {
        let here = |message: &Message| message.channel == company::CHANNEL_DATA_OPS && is_card(message);
        world.messages().into_iter().find(here)
    };
    bot.until(says, |world| first(world).is_some_and(|card| card.text.contains(says)));
    words(&first(&bot.world).unwrap().blocks)
}

fn a_password_that_was_changed_while_somebody_cancelled_is_put_in_place(bot: &mut Bot) {
    is_bound_to_the_role(bot, "");
    bot.world.script(Fault::once("vault", "rotate-role", FaultKind::Hang));
    bot.ana_requests("sales-db");
    bot.until("Vault is asked", |_| asked(bot, "rotate-role") == 1);
    // It does what it was asked, and nobody hears of that: meanwhile it is not wanted any more.
    let new = vault_rotates(bot);
    bot.taps(company::ANA, "Cancel rotation");
    let card = first_card(bot, "Cancelled, no place has the new password");
    assert!(card.contains("The old password may have stopped working ") && card.contains(FOLLOWED), "{card}");
    bot.until_card(VERIFIED);
    bot.rest();
    assert_eq!((bot.password(), asked(bot, "rotate-role"), updates(bot)), (Some(new), 1, 1), "{}", bot.log());
}

fn a_change_that_nobody_confirmed_is_looked_for(bot: &mut Bot) {
    is_bound_to_the_role(bot, "");
    bot.world.script(Fault::once("vault", "rotate-role", FaultKind::LoseResponse).repeated(100));
    bot.ana_requests("sales-db");
    let card = first_card(bot, "Not rotated");
    assert!(card.contains("The old password may have stopped working ") && card.contains(FOLLOWED), "{card}");
    bot.until_card(VERIFIED);
    bot.rest();
    let new = the_role_has(bot);
    assert_eq!((bot.password(), updates(bot), bot.happened("turn", "ok")), (Some(new), 1, 0), "{}", bot.log());
}

fn a_change_that_is_refused_is_none(bot: &mut Bot) {
    is_bound_to_the_role(bot, "");
    bot.wakes_up();
    bot.until_card(VERIFIED);
    bot.rest();
    let denied = FaultKind::status(403, &json!({ "errors": ["permission denied"] }));
    bot.world.script(Fault::once("vault", "rotate-role", denied));
    bot.ana_requests("sales-db");
    bot.until_card("Not rotated");
    assert!(!card(bot).contains("The old password"), "{}", card(bot));
    bot.wait(Duration::from_secs(60));
    assert_eq!((bot.happened("open", "ok"), updates(bot)), (2, 1), "{}", bot.log());
}

fn what_shares_a_role_is_given_its_new_password_too(bot: &mut Bot) {
    is_bound_to_the_role(bot, "");
    let (one, other) = ("[targets.sales-db]", "[targets.orders-db]");
    let catalog = catalog(&relayed(), LOGIN, ROLE, "").replace("{base}", &bot.world.base_url());
    let (sources, sales) = catalog.split_at(catalog.find(one).unwrap());
    let place = on_premises(company::GATEWAY_FINANCE, company::FINANCE_SQL);
    let orders = sales.replace(one, other).replace(&on_premises(company::GATEWAY_SALES, company::SALES_SQL), &place);
    bot.knows(&format!("{sources}{sales}{orders}"));
    bot.ana_requests("sales-db");
    bot.until("both are done", |world| world.opened().len() == 2);
    bot.until("both have ended", |_| bot.happened("finish", "ok") == 2);
    bot.rest();
    let new = the_role_has(bot);
    assert!(bot.world.opened().iter().all(|opened| opened.plaintext.contains(&new)));
    assert_eq!((asked(bot, "rotate-role"), updates(bot)), (1, 2), "{}", bot.log());
}

fn a_role_that_was_rotated_once_more_before_it_is_read(bot: &mut Bot) {
    is_bound_to_the_role(bot, ONE_LEAD);
    let first = vault_rotates(bot);
    tells_of_the_role(bot, "relay-1");
    bot.until_card(UNAPPROVED);
    let second = vault_rotates(bot);
    assert_ne!(first, second);
    bot.taps(company::BEN, "Approve");
    bot.until_card(VERIFIED);
    assert_eq!((bot.password(), updates(bot), asked(bot, "rotate-role")), (Some(second), 1, 0));
    let card = card(bot);
    assert!(card.contains("Approved was another version, the one of 20"), "{card}");
    assert!(card.contains(" UTC; there was a newer one by then, the one of 20"), "{card}");
}

fn a_static_role_is_looked_at_just_after_it_was_due(bot: &mut Bot) {
    is_bound_to_the_role(bot, "");
    // What is there now is not known to be in place: the look of the day sees to that, and learns when it is due.
    bot.wakes_up();
    bot.until_card(VERIFIED);
    let first = the_role_has(bot);
    assert_eq!((bot.password(), updates(bot)), (Some(first.clone()), 1));
    let before = asked(bot, "static-creds");
    bot.wait(Duration::from_secs(MONTH - 60));
    assert_eq!(asked(bot, "static-creds"), before, "not before it is due");
    let due = bot.world.now_ms();
    bot.until("the role is due", |_| updates(bot) == 2);
    let second = the_role_has(bot);
    assert_ne!(first, second);
    assert_eq!(bot.password(), Some(second));
    assert!(bot.world.now_ms() - due < 90_000, "a minute, and some seconds to settle");
    assert_eq!(asked(bot, "rotate-role"), 0, "Vault did that by itself");
    no_token_is_left(bot);
}

fn a_static_role_that_was_rotated_before_it_was_due_is_found_the_next_day(bot: &mut Bot) {
    is_bound_to_the_role(bot, "");
    bot.wakes_up();
    bot.until_card(VERIFIED);
    bot.wait(Duration::from_secs(24 * 60 * 60));
    // Somebody does that by hand, weeks before Vault would, and no message tells of it.
    let second = vault_rotates(bot);
    bot.wakes_up();
    bot.until("it is put in place", |_| updates(bot) == 2);
    assert_eq!(bot.password(), Some(second));
}
