//! What the page is offered, gateway by gateway, and what becomes of the places that were left out or have changed since.

use std::time::Duration;

use emulator::{Destination, scene};
use http::StatusCode;
use seal::{Credential, Secret};
use serde_json::json;

use crate::bot::{Bot, WAITING, words};
use crate::many::fleet_of;
use crate::page::{ID, OFF, ask, link_of, plan, sealed, sealed_as, submission, submit, ticket};
use crate::people::UNAPPROVED;
use crate::scene::{ONE_LEAD, sales_db, with_rules};

crate::stories![
    what_failed_for_another_reason_is_tried_again_with_what_was_sealed;
    here only because "minutes have to go by, and something has to change between two steps of the bot":
    what_cannot_be_read_is_left_out_and_named,
    what_was_left_out_is_looked_at_again_with_the_next_link,
    where_nothing_can_be_read_nothing_is_asked_for,
    what_is_to_be_looked_at_again_is_not_passed_over,
    two_hundred_places_on_a_hundred_gateways_are_read_a_few_at_a_time,
    what_there_is_no_room_for_is_left_out,
    a_place_whose_key_changed_after_the_submission_is_not_tried_again,
    a_connection_that_moved_to_another_gateway_gets_nothing,
];

const SALES: &str = "CONTOSO\\svc_sales";

/// Has a rotation of `target` approved so late that no key is believed any more.
fn approved_late(bot: &Bot, catalog: &str, target: &str) {
    bot.knows(&with_rules(catalog, ONE_LEAD));
    bot.ana_requests(target);
    bot.until_her_card(UNAPPROVED);
    bot.wait(Duration::from_secs(15 * 60));
    bot.taps(scene::HANA, "Approve");
    bot.until_her_card(WAITING);
}

fn what_cannot_be_read_is_left_out_and_named(bot: &mut Bot) {
    bot.with(&OFF);
    approved_late(bot, &sales_db(), "sales-db");
    bot.world.set_gateway_online(scene::CLUSTER, false);
    let ticket = link_of(bot);
    let plan = plan(bot, &ticket);
    assert_eq!((plan["places"].as_array().unwrap().len(), plan["gateways"].as_array().unwrap().len()), (1, 1));
    let left = &plan["left_out"][0];
    assert_eq!(left["name"], "Fabric connection 70b17680");
    assert!(left["why"].as_str().unwrap().contains("offline or disabled"), "{left}");
    bot.world.set_gateway_online(scene::CLUSTER, true);
    let sealed = sealed(&plan, SALES, &bot.secret("for-all-that-can-be-read"));
    let (status, taken) = submit(bot, &ticket, &submission(ID, &sealed));
    assert_eq!((status, &taken["places"]), (StatusCode::OK, &json!(1)));
    bot.until_card("Partly rotated, 1 of 2 are good");
    let card = words(&bot.her_card().blocks);
    assert!(
        card.contains("Nothing was encrypted for it when the credential was entered. Rotate again for it"),
        "{card}"
    );
    assert!(card.contains("offline or disabled") && !card.contains("Retry failed"), "{card}");
    assert_eq!(bot.world.opened().len(), 1);
}

fn what_was_left_out_is_looked_at_again_with_the_next_link(bot: &mut Bot) {
    bot.with(&OFF);
    approved_late(bot, &sales_db(), "sales-db");
    bot.world.set_gateway_online(scene::CLUSTER, false);
    let first = link_of(bot);
    let before = plan(bot, &first);
    assert_eq!(before["left_out"].as_array().unwrap().len(), 1);
    bot.world.set_gateway_online(scene::CLUSTER, true);
    assert_eq!(plan(bot, &first)["left_out"].as_array().unwrap().len(), 1, "the same link offers the same");
    let next = link_of(bot);
    let now = plan(bot, &next);
    assert_eq!((&now["left_out"], now["places"].as_array().unwrap().len()), (&json!([]), 2));
    let password = bot.secret("for-all-that-is-offered");
    let (status, told) = submit(bot, &first, &submission(ID, &sealed(&before, SALES, &password)));
    assert_eq!((status, &told["error"]), (StatusCode::CONFLICT, &json!("keys-changed")), "more is offered by now");
    assert_eq!(submit(bot, &next, &submission(ID, &sealed(&now, SALES, &password))).0, StatusCode::OK);
    bot.until_card("Rotated and verified, 2 of 2");
}

fn where_nothing_can_be_read_nothing_is_asked_for(bot: &mut Bot) {
    bot.with(&OFF);
    approved_late(bot, &sales_db(), "sales-db");
    for gateway in [scene::GATEWAY_SALES, scene::CLUSTER] {
        bot.world.set_gateway_online(gateway, false);
    }
    let ticket = link_of(bot);
    let (status, told) = ask(bot, &ticket);
    assert_eq!((status, &told["error"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("unavailable")));
    assert!(told["message"].as_str().unwrap().contains("offline or disabled"), "{told}");
    let (status, told) = submit(bot, &ticket, &submission(ID, &json!([])));
    assert_eq!((status, &told["error"]), (StatusCode::CONFLICT, &json!("keys-changed")), "nor is nothing taken");
}

fn what_is_to_be_looked_at_again_is_not_passed_over(bot: &mut Bot) {
    bot.with(&OFF);
    approved_late(bot, &sales_db(), "sales-db");
    bot.world.set_gateway_online(scene::CLUSTER, false);
    let first = link_of(bot);
    let without = plan(bot, &first);
    let password = bot.secret("of-the-first-of-two-tabs");
    // The link is opened again, and in the first tab it is sent before the second has asked for anything.
    link_of(bot);
    bot.world.set_gateway_online(scene::CLUSTER, true);
    let (status, told) = submit(bot, &first, &submission(ID, &sealed(&without, SALES, &password)));
    assert_eq!((status, &told["error"]), (StatusCode::CONFLICT, &json!("keys-changed")));
    let (status, taken) = submit(bot, &first, &submission(ID, &sealed(&plan(bot, &first), SALES, &password)));
    assert_eq!((status, &taken["places"]), (StatusCode::OK, &json!(2)));
    bot.until_card("Rotated and verified, 2 of 2");
}

fn two_hundred_places_on_a_hundred_gateways_are_read_a_few_at_a_time(bot: &mut Bot) {
    bot.with(&[OFF[0], OFF[1], ("CALLS_PER_WAKING", "50")]);
    let fleet = bot.world.fleet_behind(200, 100);
    approved_late(bot, &fleet_of("fleet", &fleet), "fleet");
    let mut ticket = link_of(bot);
    let mut progress = Vec::new();
    let plan = loop {
        let (status, plan) = ask(bot, &ticket);
        assert_eq!(status, StatusCode::OK, "{plan}");
        let Some(reading) = plan.get("reading") else { break plan };
        assert_eq!(reading["of"], 200, "Power BI and Fabric show different keys of one gateway");
        progress.push(reading["done"].as_u64().unwrap());
        bot.wait(Duration::from_millis(reading["wait"].as_u64().unwrap()));
        if progress.len().is_multiple_of(40) {
            ticket = link_of(bot);
        }
    };
    assert!(progress.len() > 4 && progress.is_sorted() && progress.first() < progress.last(), "{progress:?}");
    assert_eq!((plan["places"].as_array().unwrap().len(), plan["left_out"].as_array().unwrap().len()), (200, 0));
    let password = bot.secret("for-two-hundred-places");
    let credential = Credential::Basic { username: "feed".to_owned(), password: Secret::new(password) };
    let body = submission(ID, &sealed_as(&plan, &credential));
    let (status, told) = submit(bot, &ticket, &body);
    assert_eq!((status, &told["places"]), (StatusCode::OK, &json!(200)), "{told}");
    bot.until_card("Rotated and verified, 200 of 200");
    assert_eq!(bot.world.opened().len(), 100 + 100 * 3);
}

fn what_there_is_no_room_for_is_left_out(bot: &mut Bot) {
    bot.with(&OFF);
    let mut fleet = bot.world.fleet_behind(400, 200);
    fleet.retain(|place| matches!(place, Destination::Connection { .. }));
    bot.knows(&fleet_of("fleet", &fleet));
    let plan = plan(bot, &ticket(bot, "fleet"));
    let keys: usize =
        plan["gateways"].as_array().unwrap().iter().map(|members| members.as_array().unwrap().len()).sum();
    assert_eq!(keys, 399, "one more cluster of three is more than 400");
    let [places, left] = ["places", "left_out"].map(|list| plan[list].as_array().unwrap());
    assert_eq!((places.len(), left.len()), (133, 67));
    assert!(left.iter().all(|left| left["why"].as_str().unwrap().contains("so many gateway keys and no more")));
}

fn what_failed_for_another_reason_is_tried_again_with_what_was_sealed(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let ticket = ticket(bot, "sales-db");
    let sealed = sealed(&plan(bot, &ticket), SALES, &bot.secret("sealed-once-sent-later"));
    bot.world.set_gateway_online(scene::CLUSTER, false);
    assert_eq!(submit(bot, &ticket, &submission(ID, &sealed)).0, StatusCode::OK, "its keys are known");
    bot.until_card("1 of 2 are good");
    bot.world.set_gateway_online(scene::CLUSTER, true);
    bot.taps(scene::ANA, "Retry failed");
    bot.until_card("Rotated and verified, 2 of 2");
    assert_eq!(bot.world.opened().len(), 1 + 3);
}

/// Submits for both places, changes something before anything is sent, and tells what the card says at the end.
fn submitted_before(bot: &mut Bot, change: impl FnOnce(&Bot)) -> String {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let ticket = ticket(bot, "sales-db");
    let sealed = sealed(&plan(bot, &ticket), SALES, &bot.secret("sealed-before-it-changed"));
    assert_eq!(submit(bot, &ticket, &submission(ID, &sealed)).0, StatusCode::OK);
    change(bot);
    bot.until_card("Partly rotated, 1 of 2 are good");
    assert_eq!(bot.world.opened().len(), 1, "nothing was sent to the other");
    words(&bot.her_card().blocks)
}

fn a_place_whose_key_changed_after_the_submission_is_not_tried_again(bot: &mut Bot) {
    let card = submitted_before(bot, |bot| {
        bot.world.set_member_key(scene::CLUSTER, scene::CLUSTER, scene::REPLACEMENT_KEY).unwrap();
    });
    assert!(card.contains("Rotate again to enter the credential for the present key."), "{card}");
    assert!(!card.contains("Retry failed"), "{card}");
}

fn a_connection_that_moved_to_another_gateway_gets_nothing(bot: &mut Bot) {
    let card = submitted_before(bot, |bot| {
        bot.world.move_connection(scene::CONNECTION_CLUSTER, scene::GATEWAY_FINANCE);
    });
    assert!(card.contains("or is another one now. Rotate again"), "{card}");
    assert!(!card.contains("Retry failed"), "{card}");
}
