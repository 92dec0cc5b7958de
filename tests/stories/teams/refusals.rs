//! What stands at Teams' door: tokens, tenants, sizes, shapes, addresses, and what comes twice.

use std::time::Duration;

use bytes::Bytes;
use emulator::teams::{Forgery, SigningKey, TeamsPerson};
use emulator::{Fault, FaultKind, scene};
use http::{Request, Response, header};
use serde_json::{Value, json};

use super::approvals::ASKED;
use crate::bot::Bot;
use crate::scene::{ONE_LEAD, TEAMS, sales_db};

crate::stories![
    without_its_settings_there_is_no_door,
    what_the_service_did_not_sign_gets_nothing,
    a_token_is_for_one_address_and_one_channel,
    what_is_of_another_tenant_or_bot_is_turned_away,
    without_keys_nobody_is_told_to_be_a_forger,
    a_key_that_nobody_knows_makes_nobody_look_again,
    what_is_not_meant_for_us_makes_nobody_look,
    what_is_delivered_again_is_acted_on_once,
    no_token_goes_to_an_address_of_somebody_elses,
    a_long_message_is_read_and_a_longer_one_is_not,
    a_button_that_there_is_not_shows_the_card_to_members_only,
    what_is_proven_and_yet_not_understood_is_refused_without_an_echo;
    here only because "hours go by":
    a_key_that_was_not_known_is_looked_for_every_five_minutes,
    keys_that_could_not_be_had_are_asked_for_again,
];

/// Another tenant, and another bot.
const OTHER: &str = "7a1c2d3e-4a5b-4c6d-8e7f-102938475602";

const FORGED: (u16, &str) = (401, r#"{"error":"not authenticated"}"#);
const FOREIGN: (u16, &str) = (403, r#"{"error":"not for this installation"}"#);
const MALFORMED: (u16, &str) = (400, r#"{"error":"not understood"}"#);
const UNCHECKED: (u16, &str) = (503, r#"{"error":"cannot be checked at the moment; try again"}"#);

/// Status and body of an answer.
fn told(response: &Response<Bytes>) -> (u16, &str) {
    (response.status().as_u16(), std::str::from_utf8(response.body()).unwrap())
}

pub(super) fn ana(bot: &Bot) -> TeamsPerson {
    bot.world.teams_person(scene::ANA_OBJECT)
}

/// Ana asks for help, and the request is spoiled so.
fn forged(bot: &Bot, forgery: Forgery) -> Request<Bytes> {
    ana(bot).forged(forgery).tells("help").request
}

/// Her request, with these fields laid over the activity after its token was made for it.
fn altered(bot: &Bot, activity: Value) -> Request<Bytes> {
    forged(bot, Forgery { activity, ..Forgery::default() })
}

/// How often the key set was read.
fn key_sets(bot: &Bot) -> usize {
    bot.world.received().iter().filter(|call| call.path.ends_with("v1/.well-known/keys")).count()
}

/// Checks that nobody was called, but for where the keys are published.
fn nobody_was_called(bot: &Bot) {
    bot.rest();
    let calls = bot.world.received().into_iter().filter(|call| !call.path.contains("v1/.well-known/"));
    let calls: Vec<_> = calls.map(|call| format!("{} {}{}", call.method, call.service, call.path)).collect();
    assert!(calls.is_empty(), "{calls:?}\n{}", bot.log());
}

fn without_its_settings_there_is_no_door(bot: &mut Bot) {
    let response = bot.deliver(ana(bot).tells("help").request);
    assert_eq!(told(&response), (404, r#"{"error":"there is nothing here"}"#));
    assert_eq!(bot.logged("not-found"), 1);
    assert!(bot.world.received().is_empty(), "nobody was asked anything");
}

fn what_the_service_did_not_sign_gets_nothing(bot: &mut Bot) {
    bot.with(&TEAMS);
    let now = bot.world.now_ms() / 1000;
    let signed = |key| forged(bot, Forgery { key: Some(key), ..Forgery::default() });
    let claims = |claims| forged(bot, Forgery { claims, ..Forgery::default() });
    let header = |header| forged(bot, Forgery { header, ..Forgery::default() });
    let stranger = |kid: &str| {
        let header = json!({ "kid": kid });
        forged(bot, Forgery { key: Some(SigningKey::Stranger), header, ..Forgery::default() })
    };
    let authorized = |with: fn(&str) -> Vec<String>| {
        let mut request = forged(bot, Forgery::default());
        let shown = request.headers_mut().remove(header::AUTHORIZATION).unwrap();
        for value in with(shown.to_str().unwrap()) {
            request.headers_mut().append(header::AUTHORIZATION, value.parse().unwrap());
        }
        request
    };
    let tenants_own = format!("https://sts.windows.net/{}/", scene::TENANT_ID);
    let api = format!("api://{}", scene::TEAMS_APP_ID);
    let cases = [
        ("token-missing", authorized(|_| Vec::new())),
        ("token-header", authorized(|shown| vec![shown.replace("Bearer", "Basic")])),
        ("token-header", authorized(|shown| vec![shown["Bearer ".len()..].to_owned()])),
        ("token-too-long", authorized(|shown| vec![shown.to_owned() + &"A".repeat(8 * 1024)])),
        ("token-form", authorized(|_| vec!["Bearer opaque".to_owned()])),
        ("token-form", authorized(|shown| vec![shown.rsplit_once('.').unwrap().0.to_owned()])),
        ("token-algorithm", header(json!({"alg": "none"}))),
        ("token-algorithm", header(json!({"alg": "HS256"}))),
        ("token-algorithm", header(json!({"alg": "RS512"}))),
        ("token-critical", header(json!({"crit": ["exp"]}))),
        ("token-no-key", header(json!({"kid": null}))),
        ("token-unknown-key", header(json!({"kid": "connector-9"}))),
        ("token-signature", stranger(SigningKey::First.kid())),
        ("token-signature", authorized(|shown| vec![format!("{}.AAAA", shown.rsplit_once('.').unwrap().0)])),
        ("token-unendorsed", signed(SigningKey::WebChat)),
        ("token-unendorsed", signed(SigningKey::Unendorsed)),
        ("token-issuer", claims(json!({"iss": "https://attacker.example"}))),
        ("token-issuer", claims(json!({"iss": tenants_own}))),
        ("token-issuer", claims(json!({"iss": null}))),
        ("token-audience", claims(json!({"aud": OTHER}))),
        ("token-audience", claims(json!({"aud": [scene::TEAMS_APP_ID]}))),
        ("token-audience", claims(json!({"aud": api}))),
        ("token-endless", claims(json!({"exp": null}))),
        ("token-expired", claims(json!({"exp": now - 400}))),
        ("token-early", claims(json!({"nbf": now + 400}))),
    ];
    for (outcome, request) in &cases {
        assert_eq!(told(&bot.deliver(request.clone())), FORGED, "{outcome}");
    }
    for (outcome, _) in &cases {
        let expected = cases.iter().filter(|(name, _)| name == outcome).count();
        assert_eq!(bot.logged(outcome), expected, "{outcome}\n{}", bot.log());
    }
    // The set was read a moment ago, for another key that nobody knows; this one could be newer.
    assert_eq!(told(&bot.deliver(stranger(SigningKey::Stranger.kid()))), UNCHECKED);
    nobody_was_called(bot);
    // One such as these, unspoiled.
    assert_eq!(told(&bot.deliver(forged(bot, Forgery::default()))), (200, ""));
}

fn a_token_is_for_one_address_and_one_channel(bot: &mut Bot) {
    bot.with(&TEAMS);
    let claims = |claims| forged(bot, Forgery { claims, ..Forgery::default() });
    for (outcome, request) in [
        ("token-channel", altered(bot, json!({"/channelId": "webchat"}))),
        ("token-body", altered(bot, json!({"/channelId": null}))),
        ("token-service", altered(bot, json!({"/serviceUrl": "https://attacker.example/"}))),
        ("token-body", altered(bot, json!({"/serviceUrl": null}))),
        ("token-service", claims(json!({"serviceurl": "https://attacker.example/"}))),
        ("token-no-service", claims(json!({"serviceurl": null}))),
    ] {
        let before = bot.logged(outcome);
        assert_eq!(told(&bot.deliver(request)), FORGED, "{outcome}");
        assert_eq!(bot.logged(outcome), before + 1, "{outcome}\n{}", bot.log());
    }
    nobody_was_called(bot);
}

fn what_is_of_another_tenant_or_bot_is_turned_away(bot: &mut Bot) {
    bot.with(&TEAMS);
    let elsewhere = bot.world.teams_service_url().replace(scene::TENANT_ID, OTHER);
    let (activity, claims) = (json!({"/serviceUrl": elsewhere}), json!({"serviceurl": elsewhere}));
    let at_its_address = forged(bot, Forgery { activity, claims, ..Forgery::default() });
    let with = |activity| altered(bot, activity);
    let requests = [
        at_its_address,
        with(json!({"/conversation/tenantId": OTHER})),
        with(json!({"/conversation/tenantId": null})),
        with(json!({"/channelData/tenant/id": OTHER})),
        with(json!({"/channelData/tenant/id": null})),
        with(json!({"/from/tenantId": OTHER})),
        with(json!({"/recipient/tenantId": OTHER})),
        with(json!({"/recipient/id": format!("28:{OTHER}")})),
        with(json!({"/recipient/id": "29:ana"})),
        with(json!({"/from/aadObjectId": null})),
    ];
    for request in &requests {
        assert_eq!(told(&bot.deliver(request.clone())), FOREIGN, "{}", String::from_utf8_lossy(request.body()));
    }
    assert_eq!(bot.logged("foreign"), requests.len(), "{}", bot.log());
    nobody_was_called(bot);
}

/// The keys cannot be had, so often.
fn keys_are_gone(bot: &Bot, times: u32) {
    let fault = Fault::once("teams", "v1/.well-known/", FaultKind::status(500, &Value::Null));
    bot.world.script(fault.repeated(times));
}

fn without_keys_nobody_is_told_to_be_a_forger(bot: &mut Bot) {
    bot.with(&TEAMS);
    keys_are_gone(bot, 100);
    for _ in 0..3 {
        assert_eq!(told(&bot.deliver(forged(bot, Forgery::default()))), UNCHECKED);
    }
    assert_eq!(bot.logged("unchecked"), 3, "{}", bot.log());
    assert_eq!(bot.world.received().len(), 1, "for some seconds it is not asked again");
    nobody_was_called(bot);
}

fn keys_that_could_not_be_had_are_asked_for_again(bot: &mut Bot) {
    bot.with(&TEAMS);
    keys_are_gone(bot, 1);
    assert_eq!(told(&bot.deliver(forged(bot, Forgery::default()))), UNCHECKED);
    bot.wait(Duration::from_secs(11));
    assert_eq!(told(&bot.deliver(forged(bot, Forgery::default()))), (200, ""));
}

fn unknown(bot: &Bot, name: &str, claims: Value) -> Response<Bytes> {
    bot.deliver(forged(bot, Forgery { header: json!({ "kid": name }), claims, ..Forgery::default() }))
}

fn a_key_that_nobody_knows_makes_nobody_look_again(bot: &mut Bot) {
    bot.with(&TEAMS);
    assert_eq!(told(&bot.deliver(forged(bot, Forgery::default()))), (200, ""));
    for name in ["a", "b", "c", "a"] {
        assert_eq!(told(&unknown(bot, name, Value::Null)), UNCHECKED, "it could be newer than what was read");
    }
    assert_eq!((bot.logged("unchecked"), key_sets(bot)), (4, 1));
}

fn what_is_not_meant_for_us_makes_nobody_look(bot: &mut Bot) {
    bot.with(&TEAMS);
    for (outcome, claims) in [
        ("token-issuer", json!({"iss": "https://attacker.example"})),
        ("token-audience", json!({"aud": OTHER})),
        ("token-expired", json!({"exp": bot.world.now_ms() / 1000 - 400})),
        ("token-endless", json!({"exp": null})),
    ] {
        assert_eq!(told(&unknown(bot, "a", claims)), FORGED, "{outcome}");
        assert_eq!(bot.logged(outcome), 1, "{}", bot.log());
    }
    assert_eq!(key_sets(bot), 0);
    assert_eq!(told(&unknown(bot, "a", Value::Null)), FORGED, "now the newest keys are known");
    assert_eq!((bot.logged("token-unknown-key"), key_sets(bot)), (1, 1));
}

fn a_key_that_was_not_known_is_looked_for_every_five_minutes(bot: &mut Bot) {
    bot.with(&TEAMS);
    assert_eq!(told(&bot.deliver(forged(bot, Forgery::default()))), (200, ""));
    bot.world.rotate_teams_keys();
    let shut = bot.deliver(forged(bot, Forgery::default()));
    assert_eq!((told(&shut), &shut.headers()[header::RETRY_AFTER]), (UNCHECKED, &"60".parse().unwrap()));
    bot.wait(Duration::from_secs(5 * 60));
    assert_eq!(told(&bot.deliver(forged(bot, Forgery::default()))), (200, ""));
    let older = Forgery { key: Some(SigningKey::First), ..Forgery::default() };
    assert_eq!(told(&bot.deliver(forged(bot, older))), (200, ""), "both are published");
    assert_eq!(key_sets(bot), 2);
}

fn a_button_that_there_is_not_shows_the_card_to_members_only(bot: &mut Bot) {
    bot.ana_waits_in_teams(ONE_LEAD, &ASKED);
    let forgery = Forgery { activity: json!({"/value/action/verb": "of_tomorrow"}), ..Forgery::default() };
    let unknown = "This form or button is from another version of the app.";
    for (who, card) in [(scene::FAY_OBJECT, true), (scene::CYD_OBJECT, false), (scene::DAN_OBJECT, false)] {
        let hand = bot.colleague(who).forged(forgery.clone());
        let answer = bot.deliver(hand.taps(&bot.room_card(), "Approve", &Value::Null).unwrap().request);
        let shown = String::from_utf8_lossy(answer.body()).into_owned();
        assert!(shown.contains(unknown), "{who}: {shown}");
        assert_eq!(shown.contains("Sales warehouse"), card, "{who}: {shown}");
    }
    bot.gil_can_still_approve(&ASKED);
}

fn what_is_delivered_again_is_acted_on_once(bot: &mut Bot) {
    bot.with(&TEAMS);
    let request = ana(bot).tells("help").request;
    for _ in 0..3 {
        assert_eq!(told(&bot.deliver(request.clone())), (200, ""));
    }
    assert_eq!(bot.logged("repeated"), 2, "{}", bot.log());
    bot.rest();
    assert_eq!(bot.world.teams_messages().len(), 1);
    // Two conversations may give two messages the same id.
    let same = json!({"/id": "1"});
    for words in ["help", "list"] {
        let one = ana(bot).forged(Forgery { activity: same.clone(), ..Forgery::default() });
        let direct = one.tells(words).request;
        assert_eq!(bot.deliver(direct).status(), 200);
        assert_eq!(bot.deliver(one.says(scene::THREAD_DATA_OPS, words).request).status(), 200);
    }
    bot.until("both are answered", |world| world.teams_messages().len() == 3);
    assert_eq!(bot.logged("repeated"), 4, "{}", bot.log());
}

fn no_token_goes_to_an_address_of_somebody_elses(bot: &mut Bot) {
    bot.with(&TEAMS);
    bot.knows(&sales_db());
    let ours = bot.world.teams_service_url();
    let addresses = [
        "https://attacker.example/".to_owned(),
        format!("{}@attacker.example/", ours.split("/teams/").next().unwrap()),
        // The same machine by another name: whatever were sent there would be seen.
        ours.replace("127.0.0.1", "localhost"),
    ];
    for address in &addresses {
        let (activity, claims) = (json!({"/serviceUrl": address}), json!({"serviceurl": address}));
        let theirs = ana(bot).forged(Forgery { activity, claims, ..Forgery::default() });
        for request in [theirs.tells("help").request, theirs.says(scene::THREAD_DATA_OPS, "help").request] {
            assert_eq!(told(&bot.deliver(request)), (200, ""), "{address}");
        }
    }
    assert_eq!(bot.logged("mismatch"), 2 * addresses.len(), "{}", bot.log());
    let calls = bot.world.received();
    let sent: Vec<_> = calls.iter().filter(|call| call.path.contains("v3/")).collect();
    assert!(sent.is_empty(), "{sent:?}");
}

fn a_long_message_is_read_and_a_longer_one_is_not(bot: &mut Bot) {
    bot.with(&TEAMS);
    bot.knows(&sales_db());
    let most = ana(bot).tells(&format!("rotate {}", "x".repeat(100 * 1024)));
    assert_eq!(told(&bot.deliver(most.request)), (200, ""));
    bot.until("it is answered", |world| world.teams_messages().len() == 1);
    let longest = 256 * 1024;
    let sized = |bytes: usize| {
        let mut request = forged(bot, Forgery::default());
        *request.body_mut() = Bytes::from(vec![b'x'; bytes]);
        request
    };
    for length_told in [true, false] {
        let poured = bot.pour(sized(longest + 1), length_told);
        assert_eq!(told(&poured), (413, r#"{"error":"the body is too large"}"#), "length told: {length_told}");
        assert_eq!(told(&bot.pour(sized(longest), length_told)), FORGED, "length told: {length_told}");
    }
    assert_eq!((bot.logged("too-large"), bot.logged("token-body")), (2, 2), "{}", bot.log());
}

fn what_is_proven_and_yet_not_understood_is_refused_without_an_echo(bot: &mut Bot) {
    bot.with(&TEAMS);
    bot.secret("hunter2");
    let activities = [
        json!({"/type": null}),
        json!({"/type": 7}),
        json!({"/id": null}),
        json!({"/id": ""}),
        json!({"/text": ["hunter2"]}),
        json!({"/conversation/id": "x".repeat(600)}),
        json!({"/conversation/conversationType": "seance"}),
        json!({"/from/aadObjectId": "hunter2"}),
        json!({"/type": "invoke"}),
        json!({"/type": "invoke", "/name": "adaptiveCard/action", "/value": "hunter2"}),
        json!({"/type": "invoke", "/name": "task/submit", "/value": {"data": ["hunter2"]}}),
        json!({"/type": "installationUpdate", "/action": "hunter2"}),
    ];
    for activity in &activities {
        assert_eq!(told(&bot.deliver(altered(bot, activity.clone()))), MALFORMED, "{activity}");
    }
    assert_eq!(bot.logged("malformed"), activities.len(), "{}", bot.log());
    let service = bot.world.teams_service_url();
    let deep = format!(r#"{{"channelId":"msteams","serviceUrl":"{service}","value":{}"#, "[".repeat(4000));
    for body in ["", "hunter2", r#"["hunter2"]"#, r#"{"channelId":"msteams""#, &deep] {
        let mut request = forged(bot, Forgery::default());
        *request.body_mut() = Bytes::copy_from_slice(body.as_bytes());
        assert_eq!(told(&bot.deliver(request)), FORGED, "{body:.100}");
    }
    assert_eq!(bot.logged("token-body"), 5, "{}", bot.log());
    nobody_was_called(bot);
}
