//! Tickets of the sealing page: whose they are, how long they are good, and what opens nothing.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use emulator::scene;
use http::StatusCode;
use pbi_rotate::codec::ticket::Ticket;
use pbi_rotate::domain::names::{PersonId, RotationId};
use pbi_rotate::domain::time::Timestamp;
use serde_json::json;

use crate::bot::{Bot, words};
use crate::page::{ID, OFF, ask, link_of, plan, post, sealed, submission, submit, ticket};
use crate::scene::{STORE_KEY, ruled, sales_db};

crate::stories![
    a_ticket_that_is_not_ours_opens_nothing,
    a_ticket_for_somebody_else_or_for_nothing_opens_nothing;
    here only because "minutes have to go by":
    a_ticket_lives_ten_minutes,
    an_expired_ticket_still_finds_what_it_submitted,
    an_expired_ticket_takes_nothing,
    who_opens_the_link_again_gets_time_up_to_an_hour,
    the_time_ends_with_the_maintenance_window,
];

const MINUTE: Duration = Duration::from_secs(60);

fn a_ticket_that_is_not_ours_opens_nothing(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let ticket = ticket(bot, "sales-db");
    let mut bytes = URL_SAFE_NO_PAD.decode(&ticket).unwrap();
    bytes[30] ^= 1;
    let forged = URL_SAFE_NO_PAD.encode(bytes);
    let long = "A".repeat(600);
    // Of another installation, which has a key of its own.
    let foreign = ours(&ticket).write(&[7; 32], [9; 24]).unwrap();
    for forged in ["", "x", &ticket[1..], &ticket[..ticket.len() - 2], &forged, &long, &foreign] {
        for (status, told) in
            [ask(bot, forged), post(bot, "/enter/submit", forged, Bytes::from_static(b"not looked at"))]
        {
            assert_eq!((status, &told["error"]), (StatusCode::FORBIDDEN, &json!("ticket-invalid")), "{forged}");
        }
    }
}

pub fn store_key() -> [u8; 32] {
    STANDARD.decode(STORE_KEY).unwrap().try_into().unwrap()
}

pub fn ours(ticket: &str) -> Ticket {
    Ticket::read(ticket, &store_key(), Timestamp(0)).unwrap()
}

fn a_ticket_for_somebody_else_or_for_nothing_opens_nothing(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let hers = ticket(bot, "sales-db");
    let sealed = sealed(&plan(bot, &hers), "CONTOSO\\svc_sales", &bot.secret("with-another-persons-ticket"));
    // None of these is ever given to anybody.
    let hers = ours(&hers);
    let others = [
        (
            Ticket { person: PersonId::slack(scene::BEN).unwrap(), ..hers.clone() },
            "not-requester",
            "Only the person who asked",
        ),
        (
            Ticket { rotation: RotationId::from_bits([7; 10]), ..hers.clone() },
            "unknown-rotation",
            "That rotation is not known any more. Start again with /pbi rotate.",
        ),
        (
            Ticket {
                rotation: RotationId::from_bits([7; 10]),
                person: PersonId::parse("entra:1f69e798-5852-4fdd-ab01-33bb14b6e934").unwrap(),
                ..hers
            },
            "unknown-rotation",
            "Start again with @pbi rotate.",
        ),
    ];
    for (ticket, code, says) in others {
        let ticket = ticket.write(&store_key(), [9; 24]).unwrap();
        for (status, told) in [ask(bot, &ticket), submit(bot, &ticket, &submission(ID, &sealed))] {
            assert_eq!((status, &told["error"]), (StatusCode::FORBIDDEN, &json!(code)));
            assert!(told["message"].as_str().unwrap().contains(says), "{told}");
        }
    }
    assert!(bot.world.opened().is_empty());
}

fn a_ticket_lives_ten_minutes(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let ticket = ticket(bot, "sales-db");
    bot.wait(11 * MINUTE);
    let (status, told) = ask(bot, &ticket);
    assert_eq!((status, &told["error"]), (StatusCode::FORBIDDEN, &json!("ticket-expired")));
    assert!(words(&bot.her_card().blocks).contains("Expired without a credential"));
}

fn an_expired_ticket_still_finds_what_it_submitted(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let hers = ticket(bot, "sales-db");
    let sealed = sealed(&plan(bot, &hers), "CONTOSO\\svc_sales", &bot.secret("whose-answer-was-lost"));
    assert_eq!(submit(bot, &hers, &submission(ID, &sealed)).0, StatusCode::OK);
    bot.until_card("Rotated and verified, 2 of 2");
    bot.wait(11 * MINUTE);
    assert_eq!(submit(bot, &hers, &submission(ID, &sealed)), (StatusCode::OK, json!({ "taken": true, "places": 2 })));
    let bens = Ticket { person: PersonId::slack(scene::BEN).unwrap(), ..ours(&hers) };
    let bens = bens.write(&store_key(), [9; 24]).unwrap();
    let nothing_else = [
        ask(bot, &hers),
        submit(bot, &hers, &submission("6e1d7b9e-5d1a-4b38-8e0d-91c64f7a2b22", &sealed)),
        submit(bot, &hers, &json!({})),
        submit(bot, &bens, &submission(ID, &sealed)),
    ];
    for (status, told) in nothing_else {
        assert_eq!((status, &told["error"]), (StatusCode::FORBIDDEN, &json!("ticket-expired")));
    }
    assert_eq!(bot.world.opened().len(), 4, "nothing was sent twice");
}

fn an_expired_ticket_takes_nothing(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let first = ticket(bot, "sales-db");
    let sealed = sealed(&plan(bot, &first), "CONTOSO\\svc_sales", &bot.secret("with-a-link-of-long-ago"));
    bot.wait(9 * MINUTE);
    link_of(bot);
    bot.wait(2 * MINUTE);
    let (status, told) = submit(bot, &first, &submission(ID, &sealed));
    assert_eq!((status, &told["error"]), (StatusCode::FORBIDDEN, &json!("ticket-expired")), "though it is waited for");
    assert!(!words(&bot.her_card().blocks).contains("Expired"));
    bot.rest();
    assert!(bot.world.opened().is_empty());
}

fn who_opens_the_link_again_gets_time_up_to_an_hour(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let first = ticket(bot, "sales-db");
    for _ in 0..6 {
        bot.wait(9 * MINUTE);
        let next = link_of(bot);
        assert!(plan(bot, &next)["left_out"] == json!([]));
    }
    assert_eq!(ask(bot, &first).0, StatusCode::FORBIDDEN, "the link itself is not renewed");
    assert_eq!(bot.happened("renew", "ok"), 6);
    let last = link_of(bot);
    bot.wait(5 * MINUTE);
    let plan = plan(bot, &last);
    let left = plan["until"].as_i64().unwrap() - plan["now"].as_i64().unwrap();
    assert!((0..60_000 + 1000).contains(&left), "an hour from the beginning: {left} ms");
    bot.wait(2 * MINUTE);
    assert!(words(&bot.her_card().blocks).contains("Expired without a credential"));
}

fn the_time_ends_with_the_maintenance_window(bot: &mut Bot) {
    bot.with(&OFF);
    // It is 18:30 on a Saturday.
    bot.knows(&ruled(r#"windows = [{ days = ["Sat"], from = "18:00", to = "18:45", zone = "UTC" }]"#));
    ticket(bot, "sales-db");
    bot.wait(9 * MINUTE);
    let plan = plan(bot, &link_of(bot));
    let left = plan["until"].as_i64().unwrap() - plan["now"].as_i64().unwrap();
    assert!((300_000..=360_000).contains(&left), "{left} ms");
    bot.wait(7 * MINUTE);
    assert!(words(&bot.her_card().blocks).contains("Expired without a credential"));
}
