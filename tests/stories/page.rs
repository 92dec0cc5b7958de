//! The page that seals, by what its requests are answered: what it is shown, what it may submit, and what never passes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use emulator::{Fault, FaultKind, scene};
use http::{Request, StatusCode};
use seal::{Credential, GatewayKey, Legacy, Secret};
use serde_json::{Value, json};

use crate::bot::{Bot, words};
use crate::scene::{BASIC, in_the_cloud, on_premises, sales_db, target};

crate::stories![
    what_was_sealed_on_the_page_is_put_in_place,
    a_submission_that_is_sent_twice_is_taken_once,
    a_second_submission_finds_the_ticket_spent,
    what_is_not_what_the_plan_asks_for_is_not_taken,
    a_key_that_has_changed_sends_the_page_back,
    a_ticket_that_is_not_ours_opens_nothing,
    what_is_not_json_of_ours_is_refused,
    somebody_who_may_not_any_more_is_refused,
    a_place_in_the_cloud_is_given_in_clear_what_the_others_are_not,
    a_gateway_that_cannot_be_read_is_asked_for_again,
    a_cloud_that_is_not_ready_is_given_nothing,
    what_is_taken_over_later_is_asked_for_now;
    here only because "ten minutes have to go by": a_ticket_lives_ten_minutes,
];

pub const OFF: [(&str, &str); 2] = [("CHAT_ENTRY", "off"), ("PUBLIC_URL", "https://rotate.contoso.example")];

/// Ana's ticket for `target`: out of the link that she alone is given.
fn ticket(bot: &Bot, target: &str) -> String {
    bot.ana_requests(target);
    bot.until_her_card(crate::bot::WAITING);
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

/// Posts JSON to a door of the page.
fn post(bot: &Bot, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = Request::post(path).header("content-type", "application/json");
    let response = bot.deliver(request.body(Bytes::from(body.to_string())).unwrap());
    (response.status(), serde_json::from_slice(response.body()).unwrap_or(Value::Null))
}

fn plan(bot: &Bot, ticket: &str) -> Value {
    let (status, plan) = post(bot, "/enter/plan", &json!({ "ticket": ticket }));
    assert_eq!(status, StatusCode::OK, "{plan}");
    plan
}

/// Seals a password to every key of a plan, as the page does.
fn sealed(plan: &Value, username: &str, password: &str) -> Value {
    let credential = Credential::Windows { username: username.to_owned(), password: Secret::new(password.to_owned()) };
    let seal = |member: &Value| {
        let text = |name: &str| member[name].as_str().unwrap();
        let key = GatewayKey::parse(text("exponent"), text("modulus"), Legacy::Refuse).unwrap();
        assert_eq!(key.fingerprint().to_string(), text("fingerprint"));
        let sealed = key.seal(&credential, &mut rand_core::OsRng);
        json!({ "member": member["member"], "fingerprint": member["fingerprint"], "sealed": sealed.as_str() })
    };
    let places = plan["places"].as_array().unwrap().iter().filter(|place| place["members"] != json!([]));
    let place = |place: &Value| {
        let members: Vec<_> = place["members"].as_array().unwrap().iter().map(seal).collect();
        json!({ "at": place["at"], "members": members })
    };
    places.map(place).collect()
}

fn submission(ticket: &str, id: &str, sealed: &Value) -> Value {
    json!({ "ticket": ticket, "id": id, "sealed": sealed, "clear": null })
}

const ID: &str = "5f2c7b9e-5d1a-4b38-8e0d-91c64f7a2b11";

fn what_was_sealed_on_the_page_is_put_in_place(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let password = bot.secret("sealed-on-my-own-phone");
    let ticket = ticket(bot, "sales-db");
    let plan = plan(bot, &ticket);
    assert_eq!(plan["account"], "CONTOSO\\svc_sales");
    assert_eq!(plan["requested_by"], "Ana Ortiz");
    let members = |place: &Value| place["members"].as_array().unwrap().len();
    assert_eq!(plan["places"].as_array().unwrap().iter().map(members).collect::<Vec<_>>(), [1, 3]);
    let sealed = sealed(&plan, "CONTOSO\\svc_sales", &password);
    let (status, taken) = post(bot, "/enter/submit", &submission(&ticket, ID, &sealed));
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
    let body = submission(&ticket, ID, &sealed);
    for _ in 0..2 {
        assert_eq!(post(bot, "/enter/submit", &body).0, StatusCode::OK);
    }
    bot.until_card("Rotated and verified, 2 of 2");
    assert_eq!(post(bot, "/enter/submit", &body).0, StatusCode::OK, "also when it is long done");
    assert_eq!(bot.world.opened().len(), 4, "nothing was sent twice");
}

fn a_second_submission_finds_the_ticket_spent(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let ticket = ticket(bot, "sales-db");
    let plan = plan(bot, &ticket);
    let first = sealed(&plan, "CONTOSO\\svc_sales", &bot.secret("of-the-first-tab"));
    let second = sealed(&plan, "CONTOSO\\svc_sales", &bot.secret("of-the-second-tab"));
    assert_eq!(post(bot, "/enter/submit", &submission(&ticket, ID, &first)).0, StatusCode::OK);
    let other = "6e1d7b9e-5d1a-4b38-8e0d-91c64f7a2b22";
    let (status, told) = post(bot, "/enter/submit", &submission(&ticket, other, &second));
    assert_eq!((status, &told["error"]), (StatusCode::CONFLICT, &json!("ticket-spent")));
    bot.until_card("Rotated and verified, 2 of 2");
    assert!(bot.world.opened().iter().all(|opened| opened.plaintext.contains("of-the-first-tab")));
    let (status, told) = post(bot, "/enter/plan", &json!({ "ticket": ticket }));
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
        ("a place is missing", altered(&|sealed| drop(sealed.as_array_mut().unwrap().pop()))),
        ("a member is missing", altered(&|sealed| drop(sealed[1]["members"].as_array_mut().unwrap().pop()))),
        (
            "a member too many",
            altered(&|sealed| {
                let member = sealed[1]["members"][0].clone();
                sealed[1]["members"].as_array_mut().unwrap().push(member);
            }),
        ),
        (
            "a place twice",
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
        let (status, told) = post(bot, "/enter/submit", &submission(&ticket, ID, &sealed));
        assert_eq!((status, &told["error"]), (StatusCode::CONFLICT, &json!("keys-changed")), "{what}");
    }
    let clear = bot.secret("plain-where-a-blob-belongs");
    let body = json!({ "ticket": ticket, "id": ID, "sealed": whole, "clear": { "password": clear } });
    let (status, told) = post(bot, "/enter/submit", &body);
    assert_eq!((status, &told["error"]), (StatusCode::BAD_REQUEST, &json!("malformed")));
    assert!(told["message"].as_str().unwrap().contains("treat it as exposed"));
    assert!(bot.world.opened().is_empty(), "nothing was sent");
    assert_eq!(post(bot, "/enter/submit", &submission(&ticket, ID, &whole)).0, StatusCode::OK, "the right one is");
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
    let (status, told) = post(bot, "/enter/submit", &submission(&ticket, ID, &old));
    assert_eq!((status, &told["error"]), (StatusCode::CONFLICT, &json!("keys-changed")));
    let again = sealed(&plan(bot, &ticket), "CONTOSO\\svc_sales", &password);
    assert_eq!(post(bot, "/enter/submit", &submission(&ticket, ID, &again)).0, StatusCode::OK);
    bot.until_card("Rotated and verified, 2 of 2");
}

fn a_ticket_that_is_not_ours_opens_nothing(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let ticket = ticket(bot, "sales-db");
    let mut bytes = URL_SAFE_NO_PAD.decode(&ticket).unwrap();
    bytes[30] ^= 1;
    let forged = URL_SAFE_NO_PAD.encode(bytes);
    let long = "A".repeat(600);
    for forged in ["", "x", &ticket[1..], &ticket[..ticket.len() - 2], &forged, &long] {
        for (path, body) in
            [("/enter/plan", json!({ "ticket": forged })), ("/enter/submit", submission(forged, ID, &json!([])))]
        {
            let (status, told) = post(bot, path, &body);
            assert_eq!((status, &told["error"]), (StatusCode::FORBIDDEN, &json!("ticket-invalid")), "{path} {forged}");
        }
    }
}

fn what_is_not_json_of_ours_is_refused(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let ticket = ticket(bot, "sales-db");
    for body in [
        json!({}),
        json!([]),
        json!({ "ticket": ticket, "id": "short", "sealed": [] }),
        json!({ "ticket": ticket, "id": ID, "sealed": [{}] }),
        json!({ "ticket": ticket, "id": ID, "sealed": [], "clear": { "of_tomorrow": "x" } }),
        json!({ "ticket": ticket, "id": ID, "sealed": [], "clear": "x" }),
    ] {
        let (status, told) = post(bot, "/enter/submit", &body);
        assert_eq!((status, &told["error"]), (StatusCode::BAD_REQUEST, &json!("malformed")), "{body}");
    }
    let form = Request::post("/enter/plan").header("content-type", "text/plain");
    let form = form.body(Bytes::from(json!({ "ticket": ticket }).to_string())).unwrap();
    assert_eq!(bot.deliver(form).status(), StatusCode::BAD_REQUEST, "what a form of another page can send");
    let large = Request::post("/enter/submit").header("content-type", "application/json");
    let large = large.body(Bytes::from(vec![b' '; 1024 * 1024])).unwrap();
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
    let (status, told) = post(bot, "/enter/plan", &json!({ "ticket": ticket }));
    assert_eq!((status, &told["error"]), (StatusCode::FORBIDDEN, &json!("not-requester")));
    bot.world.set_group_member(scene::GROUP_DATA, scene::ANA, true);
    bot.world.script(Fault::once("slack", "users.info", FaultKind::status(500, &json!({}))));
    let (status, told) = post(bot, "/enter/plan", &json!({ "ticket": ticket }));
    assert_eq!((status, &told["error"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("unavailable")));
    plan(bot, &ticket);
}

fn a_place_in_the_cloud_is_given_in_clear_what_the_others_are_not(bot: &mut Bot) {
    bot.with(&OFF);
    let places =
        [on_premises(scene::GATEWAY_FINANCE, scene::FINANCE_SQL), in_the_cloud(scene::GATEWAY_CLOUD, scene::CLOUD_SQL)];
    bot.knows(&target("mixed", "Mixed", BASIC, &[&places[0], &places[1]]));
    let ticket = ticket(bot, "mixed");
    let plan = plan(bot, &ticket);
    assert_eq!(plan["places"][1]["members"], json!([]));
    let password = bot.secret("in-clear-for-one-of-two");
    let credential = Credential::Basic { username: "feed".to_owned(), password: Secret::new(password.clone()) };
    let member = &plan["places"][0]["members"][0];
    let text = |name: &str| member[name].as_str().unwrap();
    let key = GatewayKey::parse(text("exponent"), text("modulus"), Legacy::Refuse).unwrap();
    let blob = key.seal(&credential, &mut rand_core::OsRng);
    let members =
        json!([{ "member": member["member"], "fingerprint": member["fingerprint"], "sealed": blob.as_str() }]);
    let mut body = submission(&ticket, ID, &json!([{ "at": 0, "members": members }]));
    let (status, _) = post(bot, "/enter/submit", &body);
    assert_eq!(status, StatusCode::BAD_REQUEST, "the cloud would get nothing");
    body["clear"] = json!({ "password": password });
    assert_eq!(post(bot, "/enter/submit", &body).0, StatusCode::OK);
    bot.until_card("Rotated and verified, 2 of 2");
    assert!(bot.world.opened().iter().all(|opened| opened.plaintext.contains(&password)));
}

fn a_ticket_lives_ten_minutes(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let ticket = ticket(bot, "sales-db");
    bot.wait(std::time::Duration::from_secs(11 * 60));
    let (status, told) = post(bot, "/enter/plan", &json!({ "ticket": ticket }));
    assert_eq!((status, &told["error"]), (StatusCode::FORBIDDEN, &json!("ticket-expired")));
    assert!(words(&bot.her_card().blocks).contains("Expired without a credential"));
}

fn a_gateway_that_cannot_be_read_is_asked_for_again(bot: &mut Bot) {
    bot.with(&OFF);
    bot.knows(&sales_db());
    let ticket = ticket(bot, "sales-db");
    bot.world.script(Fault::once("fabric", "members", FaultKind::status(503, &json!({}))));
    let (status, told) = post(bot, "/enter/plan", &json!({ "ticket": ticket }));
    assert_eq!((status, &told["error"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("unavailable")));
    plan(bot, &ticket);
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
    assert_eq!(post(bot, "/enter/submit", &submission(&ticket, ID, &sealed)).0, StatusCode::OK);
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
    let nothing = submission(&ticket, ID, &json!([]));
    assert_eq!(post(bot, "/enter/submit", &nothing).0, StatusCode::BAD_REQUEST);
    let mut body = nothing;
    let password = bot.secret("for-what-is-ours-afterwards");
    body["clear"] = json!({ "password": password });
    assert_eq!(post(bot, "/enter/submit", &body).0, StatusCode::OK);
    bot.until_card("Rotated and verified, 1 of 1");
    assert!(bot.world.opened().iter().all(|opened| opened.plaintext.contains(&password)));
}
