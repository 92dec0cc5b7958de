//! The page that seals, by what its requests are answered: what it is shown, what it may submit, and what never passes.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use bytes::Bytes;
use emulator::{Fault, FaultKind, scene};
use http::{Request, StatusCode};
use pbi_rotate::codec::page;
use seal::{Credential, GatewayKey, Legacy, Secret};
use serde_json::{Value, json};

use crate::bot::Bot;
use crate::scene::{BASIC, in_the_cloud, on_premises, sales_db, target};

crate::stories![
    what_was_sealed_on_the_page_is_put_in_place,
    a_submission_that_is_sent_twice_is_taken_once,
    a_second_submission_finds_the_ticket_spent,
    what_is_not_what_the_plan_asks_for_is_not_taken,
    a_key_that_has_changed_sends_the_page_back,
    what_is_not_json_of_ours_is_refused,
    somebody_who_may_not_any_more_is_refused,
    a_place_in_the_cloud_is_given_in_clear_what_the_others_are_not,
    a_cloud_that_is_not_ready_is_given_nothing,
    what_is_taken_over_later_is_asked_for_now,
];

pub const OFF: [(&str, &str); 2] = [("CHAT_ENTRY", "off"), ("PUBLIC_URL", "https://rotate.contoso.example")];

/// Ana's ticket for `target`: out of the link that she alone is given.
pub fn ticket(bot: &Bot, target: &str) -> String {
    bot.ana_requests(target);
    bot.until_her_card(crate::bot::WAITING);
    link_of(bot)
}

/// The ticket out of the link that Ana gets for her tap.
pub fn link_of(bot: &Bot) -> String {
    bot.ana_opens_the_form();
    bot.rest();
    let messages = bot.world.messages();
    let link = messages.iter().rev().find_map(|message| link_in(message.blocks())).expect("a link");
    let (page, ticket) = link.split_once('#').expect("the ticket is in the fragment");
    assert_eq!(page, "https://rotate.contoso.example/enter");
    ticket.to_owned()
}

/// The address behind a button of a message.
pub fn link_in(blocks: &[Value]) -> Option<String> {
    let buttons = blocks.iter().filter_map(|block| block["elements"].as_array()).flatten();
    buttons.filter_map(|button| button["url"].as_str()).next_back().map(str::to_owned)
}

/// Posts to a door of the page, with a ticket.
pub fn post(bot: &Bot, path: &str, ticket: &str, body: Bytes) -> (StatusCode, Value) {
    let request = Request::post(path).header("authorization", format!("Bearer {ticket}"));
    let response = bot.deliver(request.body(body).unwrap());
    (response.status(), serde_json::from_slice(response.body()).unwrap_or(Value::Null))
}

/// Asks for the plan, once.
pub fn ask(bot: &Bot, ticket: &str) -> (StatusCode, Value) {
    post(bot, "/enter/plan", ticket, Bytes::new())
}

pub fn submit(bot: &Bot, ticket: &str, body: &Value) -> (StatusCode, Value) {
    post(bot, "/enter/submit", ticket, Bytes::from(body.to_string()))
}

pub fn plan(bot: &Bot, ticket: &str) -> Value {
    let (status, plan) = ask(bot, ticket);
    assert_eq!(status, StatusCode::OK, "{plan}");
    plan
}

/// The members of the gateway of the plan's place of that number on the list.
pub fn members(plan: &Value, place: usize) -> &[Value] {
    let gateway = plan["places"][place]["gateway"].as_u64().expect("it is behind a gateway");
    plan["gateways"][usize::try_from(gateway).unwrap()].as_array().unwrap()
}

/// Seals a password to every key of a plan, as the page does.
pub fn sealed(plan: &Value, username: &str, password: &str) -> Value {
    let (username, password) = (username.to_owned(), Secret::new(password.to_owned()));
    sealed_as(plan, &Credential::Windows { username, password })
}

pub fn sealed_as(plan: &Value, credential: &Credential) -> Value {
    let seal = |member: &Value| {
        let text = |name: &str| member[name].as_str().unwrap();
        let key = GatewayKey::parse(text("exponent"), text("modulus"), Legacy::Refuse).unwrap();
        assert_eq!(key.fingerprint().to_string(), text("fingerprint"));
        let sealed = key.seal(credential, &mut rand_core::OsRng);
        json!({ "member": member["member"], "fingerprint": member["fingerprint"], "sealed": sealed.as_str() })
    };
    let gateways = plan["gateways"].as_array().unwrap().iter().enumerate();
    let gateway = |(number, members): (usize, &Value)| {
        let members: Vec<_> = members.as_array().unwrap().iter().map(seal).collect();
        json!({ "gateway": number, "members": members })
    };
    gateways.map(gateway).collect()
}

pub fn submission(id: &str, sealed: &Value) -> Value {
    json!({ "id": id, "sealed": sealed, "clear": null })
}

pub const ID: &str = "5f2c7b9e-5d1a-4b38-8e0d-91c64f7a2b11";

fn what_was_sealed_on_the_page_is_put_in_place(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let password = bot.secret("sealed-on-my-own-phone");
    let ticket = ticket(bot, "sales-db");
    let plan = plan(bot, &ticket);
    assert_eq!(plan["account"], "CONTOSO\\svc_sales");
    assert_eq!(plan["requested_by"], "Ana Ortiz");
    assert_eq!([0, 1].map(|place| members(&plan, place).len()), [1, 3]);
    let sealed = sealed(&plan, "CONTOSO\\svc_sales", &password);
    let (status, taken) = submit(bot, &ticket, &submission(ID, &sealed));
    assert_eq!((status, &taken), (StatusCode::OK, &json!({ "taken": true, "places": 2 })));
    bot.until_card("Rotated and verified, 2 of 2");
    let opened = bot.world.opened();
    assert_eq!(opened.len(), 4);
    assert!(opened.iter().all(|opened| opened.plaintext.contains(&password)), "every member found it");
}

fn a_submission_that_is_sent_twice_is_taken_once(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let ticket = ticket(bot, "sales-db");
    let sealed = sealed(&plan(bot, &ticket), "CONTOSO\\svc_sales", &bot.secret("sent-twice-taken-once"));
    let body = submission(ID, &sealed);
    for _ in 0..2 {
        assert_eq!(submit(bot, &ticket, &body).0, StatusCode::OK);
    }
    bot.until_card("Rotated and verified, 2 of 2");
    assert_eq!(submit(bot, &ticket, &body).0, StatusCode::OK, "also when it is long done");
    assert_eq!(bot.world.opened().len(), 4, "nothing was sent twice");
}

fn a_second_submission_finds_the_ticket_spent(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let ticket = ticket(bot, "sales-db");
    let plan = plan(bot, &ticket);
    let first = sealed(&plan, "CONTOSO\\svc_sales", &bot.secret("of-the-first-tab"));
    let second = sealed(&plan, "CONTOSO\\svc_sales", &bot.secret("of-the-second-tab"));
    assert_eq!(submit(bot, &ticket, &submission(ID, &first)).0, StatusCode::OK);
    let other = "6e1d7b9e-5d1a-4b38-8e0d-91c64f7a2b22";
    let (status, told) = submit(bot, &ticket, &submission(other, &second));
    assert_eq!((status, &told["error"]), (StatusCode::CONFLICT, &json!("ticket-spent")));
    bot.until_card("Rotated and verified, 2 of 2");
    assert!(bot.world.opened().iter().all(|opened| opened.plaintext.contains("of-the-first-tab")));
    let (status, told) = ask(bot, &ticket);
    assert_eq!((status, &told["error"]), (StatusCode::CONFLICT, &json!("ticket-spent")), "nothing more is shown");
}

fn what_is_not_what_the_plan_asks_for_is_not_taken(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let ticket = ticket(bot, "sales-db");
    let plan = plan(bot, &ticket);
    let whole = sealed(&plan, "CONTOSO\\svc_sales", &bot.secret("never-taken-like-this"));
    let altered = |alter: &dyn Fn(&mut Value)| {
        let mut sealed = whole.clone();
        alter(&mut sealed);
        sealed
    };
    let changed = [
        ("a gateway is missing", altered(&|sealed| drop(sealed.as_array_mut().unwrap().pop()))),
        ("a member is missing", altered(&|sealed| drop(sealed[1]["members"].as_array_mut().unwrap().pop()))),
        (
            "a member too many",
            altered(&|sealed| {
                let member = sealed[1]["members"][0].clone();
                sealed[1]["members"].as_array_mut().unwrap().push(member);
            }),
        ),
        (
            "a gateway twice",
            altered(&|sealed| {
                let place = sealed[0].clone();
                sealed.as_array_mut().unwrap().push(place);
            }),
        ),
        (
            "for another key",
            altered(&|sealed| sealed[1]["members"][0]["sealed"] = sealed[1]["members"][1]["sealed"].clone()),
        ),
        ("in clear", altered(&|sealed| sealed[0]["members"][0]["sealed"] = json!("Tr0ub4dor&3"))),
        (
            "cut short",
            altered(&|sealed| {
                let text = sealed[0]["members"][0]["sealed"].as_str().unwrap()[..300].to_owned();
                sealed[0]["members"][0]["sealed"] = json!(text);
            }),
        ),
    ];
    for (what, sealed) in changed {
        let (status, told) = submit(bot, &ticket, &submission(ID, &sealed));
        assert_eq!((status, &told["error"]), (StatusCode::CONFLICT, &json!("keys-changed")), "{what}");
    }
    let clear = bot.secret("plain-where-a-blob-belongs");
    let body = json!({ "id": ID, "sealed": whole, "clear": { "password": clear } });
    let (status, told) = submit(bot, &ticket, &body);
    assert_eq!((status, &told["error"]), (StatusCode::BAD_REQUEST, &json!("malformed")));
    assert!(told["message"].as_str().unwrap().contains("treat it as exposed"));
    assert!(bot.world.opened().is_empty(), "nothing was sent");
    assert_eq!(submit(bot, &ticket, &submission(ID, &whole)).0, StatusCode::OK, "the right one is");
    bot.until_card("Rotated and verified, 2 of 2");
}

fn a_key_that_has_changed_sends_the_page_back(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let ticket = ticket(bot, "sales-db");
    let before = plan(bot, &ticket);
    let password = bot.secret("sealed-to-the-old-key");
    let old = sealed(&before, "CONTOSO\\svc_sales", &password);
    bot.world.set_member_key(scene::GATEWAY_SALES, scene::GATEWAY_SALES, scene::REPLACEMENT_KEY).unwrap();
    let (status, told) = submit(bot, &ticket, &submission(ID, &old));
    assert_eq!((status, &told["error"]), (StatusCode::CONFLICT, &json!("keys-changed")));
    let again = sealed(&plan(bot, &ticket), "CONTOSO\\svc_sales", &password);
    assert_eq!(submit(bot, &ticket, &submission(ID, &again)).0, StatusCode::OK);
    bot.until_card("Rotated and verified, 2 of 2");
}

fn what_is_not_json_of_ours_is_refused(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let ticket = ticket(bot, "sales-db");
    for body in [
        json!({}),
        json!([]),
        json!(" ".repeat(1024 * 1024)),
        json!({ "id": "short", "sealed": [] }),
        json!({ "id": ID, "sealed": [{}] }),
        json!({ "id": ID, "sealed": [], "clear": { "of_tomorrow": "x" } }),
        json!({ "id": ID, "sealed": [], "clear": "x" }),
    ] {
        let (status, told) = submit(bot, &ticket, &body);
        assert_eq!((status, &told["error"]), (StatusCode::BAD_REQUEST, &json!("malformed")), "{body}");
    }
    let form = Request::post("/enter/submit").header("content-type", "text/plain");
    let form = form.body(Bytes::from(submission(ID, &json!([])).to_string())).unwrap();
    assert_eq!(bot.deliver(form).status(), StatusCode::FORBIDDEN, "what a form of another page can send");
    let large = Request::post("/enter/submit").header("authorization", format!("Bearer {ticket}"));
    let large = large.body(Bytes::from(vec![b' '; page::LARGEST + 1])).unwrap();
    let told = bot.pour(large, true);
    assert_eq!(told.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let told: Value = serde_json::from_slice(told.body()).expect("JSON, as the page expects it");
    assert_eq!(told["error"], "too-large");
}

fn somebody_who_may_not_any_more_is_refused(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let ticket = ticket(bot, "sales-db");
    bot.world.set_group_member(scene::GROUP_DATA, scene::ANA, false);
    let (status, told) = ask(bot, &ticket);
    assert_eq!((status, &told["error"]), (StatusCode::FORBIDDEN, &json!("not-allowed")), "she did ask");
    bot.world.set_group_member(scene::GROUP_DATA, scene::ANA, true);
    bot.world.script(Fault::once("slack", "users.info", FaultKind::status(500, &json!({}))));
    let (status, told) = ask(bot, &ticket);
    assert_eq!((status, &told["error"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("unavailable")));
    plan(bot, &ticket);
    // The log has what refused her by the name it has everywhere.
    bot.until("the lines", |_| ["not-asker", "service"].iter().all(|name| bot.happened("page-plan", name) == 1));
    let whose = r#""outcome":"not-asker","status":403,"fault":"caller","person":"slack:W0ANA","rotation":"#;
    assert!(bot.log().contains(whose), "{}", bot.log());
}

fn a_place_in_the_cloud_is_given_in_clear_what_the_others_are_not(bot: &mut Bot) {
    bot.with(&OFF);
    let places =
        [on_premises(scene::GATEWAY_FINANCE, scene::FINANCE_SQL), in_the_cloud(scene::GATEWAY_CLOUD, scene::CLOUD_SQL)];
    bot.knows(&target("mixed", "Mixed", BASIC, &[&places[0], &places[1]]));
    let ticket = ticket(bot, "mixed");
    let plan = plan(bot, &ticket);
    assert_eq!(plan["places"][1]["gateway"], Value::Null);
    let password = bot.secret("in-clear-for-one-of-two");
    let credential = Credential::Basic { username: "feed".to_owned(), password: Secret::new(password.clone()) };
    let member = &members(&plan, 0)[0];
    let text = |name: &str| member[name].as_str().unwrap();
    let key = GatewayKey::parse(text("exponent"), text("modulus"), Legacy::Refuse).unwrap();
    let blob = key.seal(&credential, &mut rand_core::OsRng);
    let members =
        json!([{ "member": member["member"], "fingerprint": member["fingerprint"], "sealed": blob.as_str() }]);
    let mut body = submission(ID, &json!([{ "gateway": 0, "members": members }]));
    let (status, _) = submit(bot, &ticket, &body);
    assert_eq!(status, StatusCode::BAD_REQUEST, "the cloud would get nothing");
    body["clear"] = json!({ "password": password });
    assert_eq!(submit(bot, &ticket, &body).0, StatusCode::OK);
    bot.until_card("Rotated and verified, 2 of 2");
    assert!(bot.world.opened().iter().all(|opened| opened.plaintext.contains(&password)));
}

fn a_cloud_that_is_not_ready_is_given_nothing(bot: &mut Bot) {
    bot.with(&OFF);
    let places = [
        on_premises(scene::GATEWAY_SALES, scene::SALES_SQL),
        in_the_cloud(scene::GATEWAY_CLOUD_FOREIGN, scene::CLOUD_ORDERS),
    ];
    bot.knows(&target("mixed", "Mixed", crate::scene::WINDOWS, &[&places[0], &places[1]]));
    let ticket = ticket(bot, "mixed");
    let plan = plan(bot, &ticket);
    assert_eq!(plan["places"].as_array().unwrap().len(), 1, "what is not ready is not shown");
    let sealed = sealed(&plan, "CONTOSO\\svc_sales", &bot.secret("for-the-gateway-alone"));
    assert_eq!(submit(bot, &ticket, &submission(ID, &sealed)).0, StatusCode::OK);
    bot.until_card("Partly rotated, 1 of 2 are good");
    assert_eq!(bot.world.opened().len(), 1);
}

fn what_is_taken_over_later_is_asked_for_now(bot: &mut Bot) {
    bot.with(&OFF);
    let model = format!(
        r#"{{ model = {{ workspace = "{}", dataset = "{}", reach = "Cloud", take_over = true }} }}"#,
        scene::WORKSPACE,
        scene::DATASET_CLOUD
    );
    bot.knows(&target("orders", "Orders", BASIC, &[&model]));
    let ticket = ticket(bot, "orders");
    assert_eq!(plan(bot, &ticket)["places"].as_array().unwrap().len(), 1, "what is somebody else's yet is in the plan");
    let nothing = submission(ID, &json!([]));
    assert_eq!(submit(bot, &ticket, &nothing).0, StatusCode::BAD_REQUEST);
    let mut body = nothing;
    let password = bot.secret("for-what-is-ours-afterwards");
    body["clear"] = json!({ "password": password });
    assert_eq!(submit(bot, &ticket, &body).0, StatusCode::OK);
    bot.until_card("Rotated and verified, 1 of 1");
    assert!(bot.world.opened().iter().all(|opened| opened.plaintext.contains(&password)));
}

/// Submits over a connection of its own; the whole answer.
fn submit_at(address: &str, ticket: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
    let head = "POST /enter/submit HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer";
    write!(stream, "{head} {ticket}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Submits two credentials at the same time under those ids, and waits until one is in place everywhere; the answers.
fn submitted_at_once(bot: &mut Bot, ids: [&str; 2]) -> [String; 2] {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let ticket = ticket(bot, "sales-db");
    let plan = plan(bot, &ticket);
    let passwords = ["of-the-one-tab", "of-the-other-tab"].map(|password| bot.secret(password));
    let of = |at: usize| submission(ids[at], &sealed(&plan, "CONTOSO\\svc_sales", &passwords[at])).to_string();
    let (address, ticket) = (&bot.address(), &ticket);
    let mut answers = std::thread::scope(|scope| {
        let sent = [of(0), of(1)].map(|body| scope.spawn(move || submit_at(address, ticket, &body)));
        sent.map(|sent| sent.join().unwrap())
    });
    answers.sort();
    bot.until_card("Rotated and verified, 2 of 2");
    let opened = bot.world.opened();
    let found = passwords.map(|password| opened.iter().filter(|opened| opened.plaintext.contains(&password)).count());
    assert_eq!((opened.len(), found.into_iter().max()), (4, Some(4)), "all have the same, once");
    answers
}

#[test]
#[ignore = "needs the built Worker: cargo xtask test"]
fn of_two_submissions_at_once_one_is_taken() {
    crate::bot::in_workerd(|bot: &mut Bot| {
        let answers = submitted_at_once(bot, [ID, "6e1d7b9e-5d1a-4b38-8e0d-91c64f7a2b22"]);
        assert!(answers[0].starts_with("HTTP/1.1 200") && answers[1].contains("ticket-spent"), "{answers:?}");
    });
}

#[test]
#[ignore = "needs the built Worker: cargo xtask test"]
fn a_submission_that_is_sent_again_while_it_is_taken_is_taken_once() {
    crate::bot::in_workerd(|bot: &mut Bot| {
        let answers = submitted_at_once(bot, [ID, ID]);
        assert!(answers.iter().all(|answer| answer.starts_with("HTTP/1.1 200")), "{answers:?}");
    });
}
