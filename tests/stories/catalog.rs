//! The operator's side: the catalog, who may put it, what is refused, and whether the bot is healthy.

use bytes::Bytes;
use emulator::scene as company;
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::bot::{Bot, WAITING};
use crate::scene::{self, ADMIN_TOKEN, sales_db, target};

crate::stories![
    a_catalog_is_put_and_answered_with_the_difference,
    a_dry_run_changes_nothing,
    a_misspelt_dry_run_is_refused_rather_than_done,
    every_mistake_is_told_at_once_and_nothing_is_applied,
    a_catalog_is_read_back_as_it_was_put_also_after_a_restart,
    whoever_has_another_token_may_neither_put_nor_read,
    a_catalog_that_is_no_text_is_refused,
    a_cloud_without_fabric_takes_no_connections,
    a_time_zone_that_is_not_known_is_refused,
    a_rotation_keeps_the_plan_it_was_opened_with,
    a_healthy_bot_says_so,
    a_misconfigured_bot_names_every_problem_and_shuts_every_other_door;
    here only because "it happens between two of our own calls":
    a_plan_that_changes_before_the_claim_is_refused,
];

fn get(bot: &Bot) -> (StatusCode, String) {
    let request = Request::get("/admin/catalog").header("authorization", format!("Bearer {ADMIN_TOKEN}"));
    let response = bot.deliver(request.body(Bytes::new()).unwrap());
    (response.status(), text(&response))
}

fn text(response: &Response<Bytes>) -> String {
    String::from_utf8(response.body().to_vec()).unwrap()
}

fn put(bot: &Bot, text: &str) -> (u16, Value) {
    let (status, body) = bot.put_catalog("", ADMIN_TOKEN, text);
    (status.as_u16(), body)
}

fn lake() -> String {
    let at = scene::connection(company::CONNECTION_CLOUD, "ShareableCloud");
    target("lake", "Lake", scene::BASIC, &[&at.replace(" } }", ", key_vault = false } }")])
}

fn difference(applied: bool, targets: usize, added: &[&str], removed: &[&str], changed: Value) -> (u16, Value) {
    let body = json!({
        "applied": applied,
        "targets": targets,
        "added": added,
        "removed": removed,
        "changed": changed,
        "notes": [],
    });
    (200, body)
}

fn a_catalog_is_put_and_answered_with_the_difference(bot: &mut Bot) {
    assert_eq!(put(bot, &sales_db()), difference(true, 1, &["sales-db"], &[], json!([])));
    assert_eq!(put(bot, &sales_db()), difference(true, 1, &[], &[], json!([])), "the same again");
    let other = sales_db().replace("Sales warehouse", "Sales").replace(company::GROUP_DATA, company::GROUP_LEADS);
    let changed = json!([{ "target": "sales-db", "parts": ["title", "policy"] }]);
    assert_eq!(put(bot, &(other + &lake())), difference(true, 2, &["lake"], &[], changed));
    assert_eq!(put(bot, &lake()), difference(true, 1, &[], &["sales-db"], json!([])));
    let (status, refused) = put(bot, " \n");
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "what a mistyped file name sends");
    assert_eq!(refused["problems"].as_array().map(Vec::len), Some(1));
    assert_eq!(put(bot, "[targets]"), difference(true, 0, &[], &["lake"], json!([])));
    let odd = lake().replace(scene::BASIC, scene::WINDOWS);
    let note = "lake: Fabric's documents say that Windows credentials work through on-premises gateways only";
    assert_eq!(put(bot, &odd).1["notes"], json!([note]), "accepted all the same");
    assert_eq!(bot.logged("replaced"), 6);
    assert!(bot.world.received().is_empty(), "no service is asked for that");
}

fn a_dry_run_changes_nothing(bot: &mut Bot) {
    bot.knows(&sales_db());
    let (status, body) = bot.put_catalog("?dry-run", ADMIN_TOKEN, &lake());
    assert_eq!((status.as_u16(), body), difference(false, 1, &["lake"], &["sales-db"], json!([])));
    assert_eq!(get(bot), (StatusCode::OK, sales_db()));
    assert_eq!(bot.asks(company::ANA, "list"), "*sales-db*   Sales warehouse");
    let (status, body) = bot.put_catalog("?dry-run", ADMIN_TOKEN, "[targets.lake]\ntitle = 1");
    assert_eq!((status.as_u16(), &body["applied"]), (422, &json!(false)));
    assert_eq!(bot.logged("replaced"), 1);
}

fn a_misspelt_dry_run_is_refused_rather_than_done(bot: &mut Bot) {
    bot.knows(&sales_db());
    for query in
        ["?dryrun", "?dry_run", "?Dry-Run", "?dry-run=1", "?dry-run=false", "?dry-run&force", "?%64ry-run", "?x"]
    {
        let (status, body) = bot.put_catalog(query, ADMIN_TOKEN, &lake());
        assert_eq!((status.as_u16(), body), (400, json!({ "error": "not understood" })), "{query}");
    }
    assert_eq!(get(bot), (StatusCode::OK, sales_db()));
    assert_eq!((bot.logged("replaced"), bot.logged("malformed")), (1, 8));
}

fn every_mistake_is_told_at_once_and_nothing_is_applied(bot: &mut Bot) {
    bot.knows(&sales_db());
    let expected: Vec<_> = include_str!("../fixtures/catalog/ten-mistakes.expected").lines().collect();
    assert_eq!(expected.len(), 10);
    bot.secret("hunter2");
    for query in ["", "?dry-run"] {
        let (status, body) = bot.put_catalog(query, ADMIN_TOKEN, include_str!("../fixtures/catalog/ten-mistakes.toml"));
        assert_eq!((status.as_u16(), &body), (422, &json!({ "applied": false, "problems": expected })));
        assert!(!body.to_string().contains("hunter2"));
    }
    assert_eq!(get(bot), (StatusCode::OK, sales_db()));
    assert_eq!(bot.asks(company::ANA, "list"), "*sales-db*   Sales warehouse");
}

fn a_catalog_is_read_back_as_it_was_put_also_after_a_restart(bot: &mut Bot) {
    assert_eq!(get(bot), (StatusCode::OK, String::new()), "before the first");
    let written = format!("# Übersicht, from git\r\n\r\n{}\n\n# end, without a line's end", sales_db());
    bot.knows(&written);
    assert_eq!(get(bot), (StatusCode::OK, written.clone()));
    bot.crash();
    assert_eq!(get(bot), (StatusCode::OK, written.clone()));
    assert_eq!(bot.asks(company::ANA, "list"), "*sales-db*   Sales warehouse");
    assert_eq!(put(bot, &written), difference(true, 1, &[], &[], json!([])), "compared with what was kept");
}

fn whoever_has_another_token_may_neither_put_nor_read(bot: &mut Bot) {
    bot.knows(&sales_db());
    let good = format!("Bearer {ADMIN_TOKEN}");
    let shown = [
        (None, "missing"),
        (Some(String::new()), "missing"),
        (Some("Bearer".to_owned()), "missing"),
        (Some(ADMIN_TOKEN.to_owned()), "missing"),
        (Some(format!("Basic {ADMIN_TOKEN}")), "missing"),
        (Some(format!("Bearer:{ADMIN_TOKEN}")), "missing"),
        (Some("Bearer x".to_owned()), "wrong"),
        (Some(good[..good.len() - 1].to_owned()), "wrong"),
        (Some(format!("{good}0")), "wrong"),
        (Some(format!("{good},{good}")), "wrong"),
        (Some(format!("Bearer  {ADMIN_TOKEN}0")), "wrong"),
        (Some(format!("Bearer {}", ADMIN_TOKEN.to_uppercase())), "wrong"),
        (Some(format!("Bearer {}", scene::STORE_KEY)), "wrong"),
    ];
    for (header, _) in &shown {
        for method in [Method::PUT, Method::GET] {
            let mut request = Request::builder().method(&method).uri("/admin/catalog");
            if let Some(header) = header {
                request = request.header("authorization", header);
            }
            let body = if method == Method::PUT { Bytes::from(lake()) } else { Bytes::new() };
            let response = bot.deliver(request.body(body).unwrap());
            assert_eq!(response.status(), 401, "{method} {header:?}");
            assert_eq!(text(&response), r#"{"error":"not authenticated"}"#);
        }
    }
    for outcome in ["missing", "wrong"] {
        let cases = shown.iter().filter(|(_, name)| *name == outcome).count();
        assert_eq!(bot.logged(&format!("admin-token-{outcome}")), 2 * cases);
    }
    assert_eq!(get(bot), (StatusCode::OK, sales_db()));
    // The name of the scheme is not case-sensitive, and blanks behind it are not part of the token.
    for shown in [format!("bearer {ADMIN_TOKEN}"), format!("Bearer  {ADMIN_TOKEN}")] {
        let request = Request::get("/admin/catalog").header("authorization", shown);
        assert_eq!(bot.deliver(request.body(Bytes::new()).unwrap()).status(), 200);
    }
}

fn a_catalog_that_is_no_text_is_refused(bot: &mut Bot) {
    bot.knows(&sales_db());
    let broken = [lake().as_bytes(), b"# \xff\xfe\n"].concat();
    let request = Request::put("/admin/catalog").header("authorization", format!("Bearer {ADMIN_TOKEN}"));
    let response = bot.deliver(request.body(broken.into()).unwrap());
    assert_eq!((response.status().as_u16(), text(&response).as_str()), (400, r#"{"error":"not understood"}"#));
    for nonsense in ["{\"targets\":{}}", "targets:\n  lake: 1", "\u{0}"] {
        let (status, body) = put(bot, nonsense);
        assert_eq!((status, &body["applied"]), (422, &json!(false)), "{nonsense}");
        assert!(body["problems"][0].as_str().unwrap().starts_with("line 1, column "), "{body}");
    }
    assert_eq!(get(bot), (StatusCode::OK, sales_db()));
}

fn a_cloud_without_fabric_takes_no_connections(bot: &mut Bot) {
    bot.with(&[("CLOUD", "gcc"), ("FABRIC_URL", "")]);
    let only = "this cloud has no published Fabric host: set FABRIC_URL and FABRIC_SCOPE, or remove the connections";
    for query in ["", "?dry-run"] {
        let (status, body) = bot.put_catalog(query, ADMIN_TOKEN, &sales_db());
        assert_eq!((status.as_u16(), body), (422, json!({ "applied": false, "problems": [only] })));
    }
    assert_eq!(get(bot), (StatusCode::OK, String::new()));
    let data_source = scene::on_premises(company::GATEWAY_SALES, company::SALES_SQL);
    bot.knows(&target("sales-db", "Sales warehouse", scene::WINDOWS, &[&data_source]));
}

fn a_time_zone_that_is_not_known_is_refused(bot: &mut Bot) {
    let with = |zone: &str| {
        let window = format!(r#"windows = [{{ days = ["Sat"], from = "22:00", to = "04:00", zone = "{zone}" }}]"#);
        lake().replace("policy = { ", &format!("policy = {{ {window}, "))
    };
    let unknown = "line 8, column 78: targets.lake.policy.windows[0].zone: is no time zone of the time zone database";
    assert_eq!(put(bot, &with("Europe/Atlantis")), (422, json!({ "applied": false, "problems": [unknown] })));
    for zone in ["Europe/Vienna", "America/Argentina/Buenos_Aires", "UTC"] {
        assert_eq!(put(bot, &with(zone)).0, 200, "{zone}");
    }
}

fn a_rotation_keeps_the_plan_it_was_opened_with(bot: &mut Bot) {
    bot.knows(&sales_db());
    bot.ana_asks("sales-db");
    bot.knows(&lake());
    assert!(bot.asks(company::ANA, "status sales-db").starts_with("There is no target of that name."));
    bot.ana_enters("planned-password");
    bot.until_card("Rotated and verified, 2 of 2");
    bot.rest();
    bot.knows(&(sales_db() + &lake()));
    assert!(bot.asks(company::ANA, "list sales").contains("\nLast: rotated "), "what happened last is not forgotten");
}

fn a_plan_that_changes_before_the_claim_is_refused(bot: &mut Bot) {
    bot.knows(&sales_db());
    let asks = |bot: &Bot| {
        let form = bot.form_for(company::ANA, "sales-db");
        assert!(form.contains("Rotate the credential of"), "{form}");
        let reason = [("reason", json!("Quarterly rotation"))];
        bot.world.person(company::ANA).submit(&bot.modal(company::ANA).id, &reason).unwrap()
    };
    let request = asks(bot);
    for changed in [sales_db().replace("svc_sales", "svc_other"), lake()] {
        bot.here().change_before_claim(&changed);
        let told = bot
            .form_after(bot.altered(&request, |payload| payload["view"]["id"] = json!(format!("V{}", changed.len()))));
        assert!(told.starts_with("The catalog was changed a moment ago,"), "{told}");
        bot.knows(&sales_db());
        bot.sales_db_is_free();
    }
    bot.rest();
    assert_eq!((bot.happened("stale", "ok"), bot.happened("claim", "ok")), (2, 0));
    assert!(bot.world.direct_messages(company::ANA).is_empty(), "there never was a card");
    // Something else was changed, or it was put again as it was.
    bot.here().change_before_claim(&(sales_db() + &lake()));
    bot.does(&request);
    bot.until_her_card(WAITING);
}

fn health(bot: &Bot) -> (u16, Value) {
    let response = bot.deliver(Request::get("/healthz").body(Bytes::new()).unwrap());
    assert_eq!(response.headers()["cache-control"], "no-store");
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

fn a_healthy_bot_says_so(bot: &mut Bot) {
    let expected = json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION"), "problems": [] });
    assert_eq!(health(bot), (200, expected));
    assert!(bot.world.received().is_empty(), "no service is asked for that");
}

fn a_misconfigured_bot_names_every_problem_and_shuts_every_other_door(bot: &mut Bot) {
    let wrong = [
        ("SLACK_SIGNING_SECRET", ""),
        ("SLACK_APP_ID", "wrong-app-value"),
        ("CLOUD", "wrong-cloud-value"),
        ("ENTRA_TENANT_ID", "wrong-tenant-value"),
        ("POWERBI_URL", "http://wrong-powerbi-value"),
        ("ADMIN_TOKEN", "wrong-admin-value"),
        ("STORE_KEY", "wrong-store-value"),
        ("CHAT_ENTRY", "wrong-entry-value"),
    ];
    bot.with(&wrong);
    let (status, body) = health(bot);
    assert_eq!((status, &body["status"]), (503, &json!("misconfigured")));
    let problems: Vec<_> = body["problems"].as_array().unwrap().iter().map(|told| told.as_str().unwrap()).collect();
    let named: Vec<_> = problems.iter().map(|told| told.split(' ').next().unwrap()).collect();
    assert_eq!(named, wrong.map(|(name, _)| name), "each once, in order: {problems:#?}");
    assert!(!body.to_string().contains("-value"), "no value is repeated: {problems:#?}");

    let shut = json!({ "error": "the configuration is incomplete; see /healthz" });
    let ana = bot.world.person(company::ANA);
    let admin = |method: Method| {
        let request = Request::builder().method(method).uri("/admin/catalog");
        request.header("authorization", format!("Bearer {ADMIN_TOKEN}")).body(Bytes::new()).unwrap()
    };
    for request in [
        ana.slash(company::CHANNEL_SALES, "help").request,
        bot.interaction(&json!({ "type": "shortcut" })),
        bot.signed(company::OPTIONS_PATH, "payload=%7B%7D"),
        admin(Method::PUT),
        admin(Method::GET),
        // Signed with nothing, as the secret that is missing would sign.
        Request::post(company::COMMAND_PATH).body(Bytes::from("ssl_check=1")).unwrap(),
    ] {
        let response = bot.deliver(request);
        assert_eq!(response.status(), 503);
        assert_eq!(serde_json::from_slice::<Value>(response.body()).unwrap(), shut);
    }
    assert!(bot.world.received().is_empty());
}
