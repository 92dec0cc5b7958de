//! What stands at the doors: signatures, sizes, shapes, methods and paths.

use bytes::Bytes;
use emulator::scene;
use emulator::slack::{Forge, sign};
use http::{Method, Request, Response};
use pbi_rotate::doors::Door;

use crate::bot::Bot;
use crate::scene::sales_db;

crate::stories![
    what_slack_did_not_sign_gets_nothing,
    a_signature_is_good_for_one_body_only,
    a_request_of_almost_five_minutes_ago_still_counts,
    slacks_certificate_check_is_answered_with_nothing,
    a_body_larger_than_its_door_is_refused,
    a_signed_command_that_is_broken_is_refused_without_an_echo,
    a_signed_interaction_that_is_broken_is_refused_without_an_echo,
    each_door_takes_its_own_method_only,
    what_a_browser_may_show_is_kept_nowhere_and_for_nobody_else,
];

/// Slack's four doors.
const DOORS: [&str; 4] = [scene::COMMAND_PATH, scene::INTERACTION_PATH, scene::OPTIONS_PATH, scene::EVENTS_PATH];

/// Status and body of an answer.
fn told(response: &Response<Bytes>) -> (u16, &str) {
    (response.status().as_u16(), std::str::from_utf8(response.body()).unwrap())
}

const FORGED: (u16, &str) = (401, r#"{"error":"not authenticated"}"#);
const MALFORMED: (u16, &str) = (400, r#"{"error":"not understood"}"#);

fn what_slack_did_not_sign_gets_nothing(bot: &mut Bot) {
    bot.knows(&sales_db());
    let at = |offset: i64| Some((bot.world.now_ms() as i64 / 1000 + offset).to_string());
    let time = |text: &str| Some(text.to_owned());
    let forgeries = [
        ("signature-mismatch", Forge { signing_secret: Some("another-secret".into()), ..Forge::default() }),
        ("signature-mismatch", Forge { signing_secret: Some(String::new()), ..Forge::default() }),
        ("signature-stale", Forge { timestamp: at(-301), ..Forge::default() }),
        ("signature-stale", Forge { timestamp: time("0"), ..Forge::default() }),
        ("signature-future", Forge { timestamp: at(310), ..Forge::default() }),
        ("signature-future", Forge { timestamp: time("999999999999"), ..Forge::default() }),
        ("signature-timestamp", Forge { timestamp: time("soon"), ..Forge::default() }),
        ("signature-timestamp", Forge { timestamp: time(""), ..Forge::default() }),
        ("signature-timestamp", Forge { timestamp: at(0).map(|at| format!("+{at}")), ..Forge::default() }),
        ("signature-timestamp", Forge { timestamp: at(0).map(|at| format!("{at}.0")), ..Forge::default() }),
        ("signature-timestamp", Forge { timestamp: at(0).map(|at| format!("000{at}")), ..Forge::default() }),
        ("signature-timestamp", Forge { timestamp: time("18446744073709551616"), ..Forge::default() }),
        ("signature-form", Forge { uppercase: true, ..Forge::default() }),
        ("signature-form", Forge { version: Some("v1".into()), ..Forge::default() }),
        ("signature-form", Forge { version: Some("V0".into()), ..Forge::default() }),
        ("signature-form", Forge { version: Some(String::new()), ..Forge::default() }),
    ];
    for (outcome, forge) in &forgeries {
        let gesture = bot.world.person(scene::ANA).forging(forge.clone()).slash(scene::CHANNEL_SALES, "help");
        for door in DOORS {
            let mut request = gesture.request.clone();
            *request.uri_mut() = door.parse().unwrap();
            assert_eq!(told(&bot.deliver(request)), FORGED, "{outcome}: {forge:?} at {door}");
        }
    }
    for outcome in ["mismatch", "stale", "future", "timestamp", "form"].map(|name| format!("signature-{name}")) {
        let cases = forgeries.iter().filter(|(name, _)| *name == outcome).count();
        assert_eq!(bot.logged(&outcome), cases * DOORS.len(), "{outcome}\n{}", bot.log());
    }
    assert!(bot.world.received().is_empty(), "nobody was asked anything");
}

fn a_signature_is_good_for_one_body_only(bot: &mut Bot) {
    bot.knows(&sales_db());
    let honest = || bot.world.person(scene::ANA).slash(scene::CHANNEL_SALES, "rotate sales-db").request;
    let signature = |request: &Request<Bytes>| request.headers()["x-slack-signature"].to_str().unwrap().to_owned();

    let mut longer = honest();
    let more = [longer.body().as_ref(), b"&text2=x"].concat();
    *longer.body_mut() = more.into();
    let mut empty = honest();
    *empty.body_mut() = Bytes::new();
    let mut cut = honest();
    let short = signature(&cut)[..66].parse().unwrap();
    cut.headers_mut().insert("x-slack-signature", short);
    let mut grown = honest();
    let long = format!("{}00", signature(&grown)).parse().unwrap();
    grown.headers_mut().insert("x-slack-signature", long);
    let mut bare = honest();
    bare.headers_mut().remove("x-slack-signature");
    let mut timeless = honest();
    timeless.headers_mut().remove("x-slack-request-timestamp");
    // The time is part of what is signed: an old request cannot be made young again.
    let mut revived = honest();
    let older = (bot.world.now_ms() / 1000 - 600).to_string();
    let old_signature = sign(scene::SIGNING_SECRET, &older, revived.body()).parse().unwrap();
    revived.headers_mut().insert("x-slack-signature", old_signature);

    for (outcome, request) in [
        ("signature-mismatch", longer),
        ("signature-mismatch", empty),
        ("signature-mismatch", revived),
        ("signature-form", cut),
        ("signature-form", grown),
        ("signature-missing", bare),
        ("signature-missing", timeless),
    ] {
        let before = bot.logged(outcome);
        assert_eq!(told(&bot.deliver(request)), FORGED, "{outcome}");
        assert_eq!(bot.logged(outcome), before + 1, "{}", bot.log());
    }
    assert!(bot.world.received().is_empty(), "nobody was asked anything");
    assert!(bot.world.modals(scene::ANA).is_empty());
}

fn a_request_of_almost_five_minutes_ago_still_counts(bot: &mut Bot) {
    for offset in [-290, 290] {
        let timestamp = Some((bot.world.now_ms() as i64 / 1000 + offset).to_string());
        let ana = bot.world.person(scene::ANA).forging(Forge { timestamp, ..Forge::default() });
        bot.does(&ana.slash(scene::CHANNEL_SALES, "help"));
        assert!(bot.told(scene::ANA).contains("/pbi rotate"));
    }
    assert_eq!(bot.logged("ok"), 2);
}

fn slacks_certificate_check_is_answered_with_nothing(bot: &mut Bot) {
    let post = |path: &str, body: &'static str| Request::post(path).body(Bytes::from(body)).unwrap();
    let check = "ssl_check=1&token=deprecated-verification-token";
    assert_eq!(told(&bot.deliver(post(scene::COMMAND_PATH, check))), (200, ""));
    assert_eq!(bot.logged("ssl-check"), 1);
    // It opens no other door, and no command hides behind it.
    for (path, body) in [
        (scene::INTERACTION_PATH, check),
        (scene::OPTIONS_PATH, check),
        (scene::COMMAND_PATH, "ssl_check=0&token=x"),
        (scene::COMMAND_PATH, "ssl_check=1&command=%2Fpbi&text=list&user_id=U0ANA&trigger_id=1.trigger"),
        (scene::COMMAND_PATH, ""),
    ] {
        assert_eq!(told(&bot.deliver(post(path, body))), FORGED, "{path} {body}");
    }
    let mut wrong = post(scene::COMMAND_PATH, check);
    wrong.headers_mut().insert("x-slack-signature", "v0=00".parse().unwrap());
    assert_eq!(told(&bot.deliver(wrong)), FORGED);
    assert_eq!(bot.logged("ssl-check"), 1);
    assert!(bot.world.received().is_empty());
}

fn a_body_larger_than_its_door_is_refused(bot: &mut Bot) {
    const TOO_LARGE: (u16, &str) = (413, r#"{"error":"the body is too large"}"#);
    let doors = [
        (Method::POST, scene::COMMAND_PATH, 64),
        (Method::POST, scene::OPTIONS_PATH, 64),
        (Method::POST, scene::INTERACTION_PATH, 768),
        (Method::PUT, "/admin/catalog", 1024),
    ];
    for (method, path, kib) in doors.clone() {
        let sized = |bytes: usize| {
            let mut request = bot.signed(path, vec![b'x'; bytes]);
            *request.method_mut() = method.clone();
            request
        };
        let expected = if method == Method::PUT { FORGED } else { MALFORMED };
        for length_told in [true, false] {
            let poured = |bytes: usize| bot.pour(sized(bytes), length_told);
            assert_eq!(told(&poured(kib * 1024 + 1)), TOO_LARGE, "{path}, length told: {length_told}");
            assert_eq!(told(&poured(kib * 1024)), expected, "{path} takes what it says, length told: {length_told}");
        }
    }
    assert_eq!(bot.logged("too-large"), 2 * doors.len());
    assert!(bot.world.received().is_empty());
}

fn a_signed_command_that_is_broken_is_refused_without_an_echo(bot: &mut Bot) {
    let fields = "command=%2Fpbi&user_id=U0ANA&trigger_id=1.trigger&api_app_id=A0PBIROTATE&team_id=T0CONTOSO";
    let with = |more: &str| format!("{fields}{more}").into_bytes();
    let without = |field: &str| fields.replace(field, "").into_bytes();
    let many: String = (0..70).map(|n| format!("&f{n}=hunter2")).collect();
    let bodies = [
        Vec::new(),
        b"hunter2".to_vec(),
        br#"{"command":"/pbi","text":"hunter2"}"#.to_vec(),
        [fields.as_bytes(), b"&text=hunter2\xff"].concat(),
        with("&text=hunter2%ff%fe"),
        with("&text=hunter2%4"),
        with("&text=help&text=hunter2"),
        with("&user_id=U0BEN"),
        with(&many),
        without("command=%2Fpbi"),
        without("user_id=U0ANA"),
        without("trigger_id=1.trigger"),
    ];
    for body in &bodies {
        let response = bot.deliver(bot.signed(scene::COMMAND_PATH, body.clone()));
        assert_eq!(told(&response), MALFORMED, "{}", String::from_utf8_lossy(body));
    }
    assert_eq!(bot.logged("malformed"), bodies.len());
    bot.secret("hunter2");
    assert!(bot.world.received().is_empty());
}

fn a_signed_interaction_that_is_broken_is_refused_without_an_echo(bot: &mut Bot) {
    let deep = "[".repeat(4000);
    let payloads = [
        "",
        "hunter2",
        "null",
        "[]",
        "{}",
        "\"hunter2\"",
        deep.as_str(),
        r#"{"type":"view_submission","api_app_id":"A0PBIROTATE","view":{"id":"V1"}}"#,
        r#"{"type":"view_submission","user":{"id":"U0ANA"},"api_app_id":"A0PBIROTATE"}"#,
        r#"{"type":"view_submission","user":{"id":"U0ANA"},"view":{"id":"V1","state":{"values":["hunter2"]}}}"#,
        r#"{"type":"view_submission","user":{"id":"U0ANA"},"view":{"id":"V1","state":{"values":{"a":{"b":{"value":{"hunter2":1}}}}}}}"#,
        r#"{"type":"block_actions","user":{"id":"U0ANA"},"actions":[]}"#,
        r#"{"type":"block_actions","user":{"id":"U0ANA"},"actions":[{"value":"hunter2"}]}"#,
        r#"{"type":["block_actions"],"user":{"id":"U0ANA"}}"#,
        r#"{"type":"block_actions","user":"U0ANA","actions":[{"action_id":"open_form"}]}"#,
    ];
    for payload in payloads {
        let form: String =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", payload).finish();
        for door in [scene::INTERACTION_PATH, scene::OPTIONS_PATH] {
            let response = bot.deliver(bot.signed(door, form.clone()));
            assert_eq!(told(&response), MALFORMED, "{payload:.200} at {door}");
        }
    }
    for body in ["", "text=hunter2", "payload=%7b%7d&payload=hunter2", "payload=%7", "payload=%ff"] {
        assert_eq!(told(&bot.deliver(bot.signed(scene::INTERACTION_PATH, body))), MALFORMED, "{body}");
    }
    assert_eq!(bot.logged("malformed"), 2 * payloads.len() + 5);
    bot.secret("hunter2");
    assert!(bot.world.received().is_empty());
}

fn what_a_browser_may_show_is_kept_nowhere_and_for_nobody_else(bot: &mut Bot) {
    let said = [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
        ("strict-transport-security", "max-age=31536000"),
        ("referrer-policy", "no-referrer"),
    ];
    let nothing = |method: &Method, path: &str| {
        bot.deliver(Request::builder().method(method).uri(path).body(Bytes::new()).unwrap())
    };
    let doors = Door::all().iter().map(|(_, method, path)| nothing(method, path));
    let large = Bytes::from(vec![b' '; 2 * 1024 * 1024]);
    let others = [
        nothing(&Method::GET, "/nowhere"),
        nothing(&Method::GET, scene::COMMAND_PATH),
        nothing(&Method::DELETE, "/admin/catalog"),
        bot.deliver(Request::post(scene::COMMAND_PATH).body(Bytes::from("ssl_check=1")).unwrap()),
        bot.pour(Request::put("/admin/catalog").body(large).unwrap(), true),
    ];
    for answer in doors.chain(others) {
        for (name, value) in said {
            assert_eq!(answer.headers()[name], value);
        }
    }
    // Slack has proven itself, and shows nothing of it to a browser.
    let answer = bot.deliver(bot.world.person(scene::ANA).slash(scene::CHANNEL_SALES, "help").request);
    assert_eq!(answer.headers()["content-type"], "application/json; charset=utf-8");
    assert!(said.iter().all(|(name, _)| !answer.headers().contains_key(*name)), "{:?}", answer.headers());
}

fn each_door_takes_its_own_method_only(bot: &mut Bot) {
    for (method, path, allowed) in [
        (Method::GET, scene::COMMAND_PATH, "POST"),
        (Method::HEAD, scene::COMMAND_PATH, "POST"),
        (Method::PUT, scene::INTERACTION_PATH, "POST"),
        (Method::GET, scene::OPTIONS_PATH, "POST"),
        (Method::GET, scene::EVENTS_PATH, "POST"),
        (Method::POST, "/admin/catalog", "GET, PUT"),
        (Method::DELETE, "/admin/catalog", "GET, PUT"),
        (Method::OPTIONS, "/admin/catalog?dry-run", "GET, PUT"),
        (Method::HEAD, "/healthz", "GET"),
        (Method::POST, "/healthz", "GET"),
    ] {
        let request = Request::builder().method(method.clone()).uri(path).body(Bytes::new()).unwrap();
        let response = bot.deliver(request);
        assert_eq!(response.status(), 405, "{method} {path}");
        assert_eq!(response.headers()["allow"], allowed, "{method} {path}");
    }
    let nowhere = [
        "/",
        "/slack",
        "/slack/command",
        "/slack/commands/",
        "/SLACK/COMMANDS",
        "//slack/commands",
        "/slack/events/",
        "/admin",
        "/admin/catalog/sales-db",
        "/healthz/",
    ];
    for path in nowhere {
        let response = bot.deliver(bot.signed(path, "command=%2Fpbi"));
        assert_eq!(told(&response), (404, r#"{"error":"there is nothing here"}"#), "{path}");
    }
    assert!(bot.world.received().is_empty());
}
