//! The record of it all: what was done and refused, by whom, told to those whom it concerns and to the operator.

use bytes::Bytes;
use emulator::{Fault, FaultKind, Lost, RefreshEnd, scene};
use http::Request;
use serde_json::{Value, json};

use crate::bot::{Bot, WAITING};
use crate::page;
use crate::scene::{ADMIN_TOKEN, BASIC, sales_db, target};

crate::stories![
    a_rotation_is_in_the_audit_from_the_request_to_the_last_test,
    what_people_are_refused_is_in_the_audit_and_what_they_typed_is_not,
    a_tap_that_is_refused_is_in_the_audit_with_its_target,
    a_test_that_there_is_not_is_in_the_audit_as_that,
    every_catalog_that_was_put_is_in_the_audit,
    an_entry_tells_which_policy_was_changed_and_whose_rights,
    a_history_is_told_to_those_whom_it_concerns,
    a_history_of_everything_is_for_operators,
    a_history_that_cannot_be_told_says_why,
    what_is_done_and_refused_on_the_page_is_in_the_audit_as_from_there;
    here only because "objects of our own are broken, or the clock is moved":
    what_still_runs_is_in_the_audit_once_it_has_come_to_something,
    what_a_refresh_came_to_is_in_the_audit_with_its_model,
    the_audit_has_it_once_however_often_the_register_fails,
    an_audit_that_never_answers_changes_no_refusal,
];

/// An answer to the operator: the status and the body.
fn get(bot: &Bot, path: &str) -> (u16, String) {
    let request = Request::get(path).header("authorization", format!("Bearer {ADMIN_TOKEN}"));
    let response = bot.deliver(request.body(Bytes::new()).unwrap());
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

/// The entries of the audit.
fn entries(bot: &Bot) -> Vec<Value> {
    let (status, lines) = get(bot, "/admin/audit");
    assert_eq!(status, 200);
    lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["entry"].take()).collect()
}

/// The entries of the audit once there is one of these that the closure knows.
fn entries_with(bot: &Bot, what: &str, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
    bot.until(what, |_| entries(bot).iter().any(&wanted));
    assert_eq!(verified(bot)["ok"], true);
    entries(bot)
}

fn verified(bot: &Bot) -> Value {
    serde_json::from_str(&get(bot, "/admin/audit/verify").1).unwrap()
}

/// Some fields of an entry.
fn of<const N: usize>(entry: &Value, fields: [&str; N]) -> [Value; N] {
    fields.map(|field| entry[field].clone())
}

/// What there is of that name.
fn named<'e>(entries: &'e [Value], what: &str) -> Vec<&'e Value> {
    entries.iter().filter(|entry| entry["what"] == what).collect()
}

fn with_operator(catalog: &str, user: &str) -> String {
    format!("operators = [\"slack:{user}\"]\n{catalog}")
}

fn a_rotation_is_in_the_audit_from_the_request_to_the_last_test(bot: &mut Bot) {
    bot.knows(&sales_db());
    bot.ana_rotates("sales-db", &[("password", "kept-out-of-the-audit")], "Rotated and verified, 2 of 2");
    let entries = entries_with(bot, "the end", |entry| entry["stage"] == "applied");
    let whats: Vec<_> = entries.iter().map(|entry| entry["what"].as_str().unwrap()).collect();
    let order = ["put-catalog", "open", "claim", "check", "supply", "send", "update", "test"];
    let first = order.map(|what| whats.iter().position(|other| *other == what).unwrap_or_else(|| panic!("{whats:?}")));
    assert!(first.is_sorted(), "{whats:?}");
    for what in ["send", "update", "test"] {
        let places: Vec<_> = named(&entries, what).iter().map(|entry| entry["place"].clone()).collect();
        assert!(places.contains(&json!(scene::SALES_SQL)) && places.contains(&json!(scene::CONNECTION_CLUSTER)));
    }
    let ana = json!(format!("slack:{}", scene::ANA_ENTERPRISE));
    for what in ["open", "supply"] {
        let entry = named(&entries, what)[0];
        let who = of(entry, ["who", "name", "from", "outcome", "target", "break_glass"]);
        assert_eq!(
            who,
            [ana.clone(), json!("Ana Ortiz"), "Slack".into(), "ok".into(), "sales-db".into(), false.into()]
        );
    }
    assert_eq!(named(&entries, "open")[0]["reason"], "Quarterly rotation");
    assert!(named(&entries, "update").iter().all(|entry| entry["request_id"].is_string() && entry["who"].is_null()));
    let (_, csv) = get(bot, "/admin/audit?format=csv&target=sales-db");
    assert!(csv.starts_with("number,hash,at,") && csv.contains(",Ana Ortiz,Slack,sales-db,"), "{csv}");
    assert_eq!(verified(bot)["entries"], entries.len());
    bot.crash();
    assert_eq!(verified(bot)["entries"], entries.len(), "it is kept");
}

fn what_still_runs_is_in_the_audit_once_it_has_come_to_something(bot: &mut Bot) {
    let place = format!(r#"{{ connection = {{ id = "{}", via = "ShareableCloud" }} }}"#, scene::CONNECTION_CLOUD);
    bot.knows(&target("shop", "Web shop", BASIC, &[&place]));
    let mut tested = Vec::new();
    for (looks, end) in [(2, "Rotated and verified, 1 of 1"), (u32::MAX, "Not confirmed, 0 of 1 are good")] {
        bot.world.set_long_running(scene::CONNECTION_CLOUD, Some(looks));
        bot.ana_rotates("shop", &[("password", "tested-for-long")], end);
        bot.rest();
        tested = named(&entries(bot), "test").iter().map(|entry| entry["outcome"].clone()).collect();
    }
    assert_eq!(tested, ["ok", "unavailable"], "one for each rotation");
    assert!(bot.happened("test", "running") > 2, "the log tells each look");
}

fn a_test_that_there_is_not_is_in_the_audit_as_that(bot: &mut Bot) {
    let place = crate::scene::connection(scene::CONNECTION_STREAMING, "StreamingVirtualNetworkGateway");
    bot.knows(&target("telemetry", "Telemetry", r#"{ kind = "Key" }"#, &[&place]));
    bot.ana_rotates("telemetry", &[("key", "without-a-test")], "Rotated, 1 of 1");
    let entries = entries_with(bot, "the end", |entry| entry["stage"] == "applied");
    assert_eq!(named(&entries, "test").iter().map(|entry| &entry["outcome"]).collect::<Vec<_>>(), ["not-offered"]);
    let history = bot.asks(scene::ANA, "history telemetry");
    assert!(history.contains("→ *applied*") && !history.contains("offered"), "{history}");
}

fn what_a_refresh_came_to_is_in_the_audit_with_its_model(bot: &mut Bot) {
    let model = scene::DATASET_ON_PREMISES;
    bot.knows(&target(
        "reports",
        "Sales reports",
        BASIC,
        &[&format!(
            r#"{{ model = {{ workspace = "{}", dataset = "{model}", reach = "Cloud", refresh = true }} }}"#,
            scene::WORKSPACE
        )],
    ));
    let ends = [(2, None), (1, Some("ModelRefresh_ShortMessage_ProcessingError")), (u32::MAX, None)];
    for (looks, code) in ends {
        bot.world.script_refreshes(model, RefreshEnd::AfterLooks(looks), code);
        bot.ana_rotates("reports", &[("password", "behind-the-model")], "Rotated and verified, 2 of 2");
        bot.rest();
    }
    let entries = entries(bot);
    let refreshes: Vec<_> = named(&entries, "refresh").iter().map(|entry| of(entry, ["outcome", "place"])).collect();
    let expected = ["ok", "not-refreshed", "not-refreshed"];
    assert_eq!(refreshes, expected.map(|outcome| [outcome, model].map(Value::from)), "one for each rotation");
}

fn what_people_are_refused_is_in_the_audit_and_what_they_typed_is_not(bot: &mut Bot) {
    bot.knows(&sales_db());
    let typed = bot.secret("hunter2-typed-by-mistake");
    for (user, text) in [
        (scene::CYD, "list".to_owned()),
        (scene::FAY, format!("rotate {typed} x")),
        (scene::FAY, typed.clone()),
        (scene::FAY, "break-glass sales-db".to_owned()),
        (scene::FAY, "rotate sales-db".to_owned()),
        (scene::FAY, "status nowhere".to_owned()),
    ] {
        bot.types(user, &text);
        bot.rest();
    }
    bot.world.script(Fault::once("slack", "users.info", FaultKind::LoseRequest));
    bot.types(scene::ANA, "list");
    let entries = entries_with(bot, "the last", |entry| entry["outcome"] == "service");
    let refused: Vec<_> = entries.iter().filter(|entry| entry["outcome"] != "ok").collect();
    // Her id in the whole organisation is known once Slack was asked who she is.
    let (fay, met) = (json!(format!("slack:{}", scene::FAY)), json!("slack:W0FAY"));
    let line = |what: &str, outcome: &str, who: &Value, name: Value, target: Value, glass: bool| {
        [what.into(), outcome.into(), who.clone(), name, target, glass.into()]
    };
    let fields = ["what", "outcome", "who", "name", "target", "break_glass"];
    let known = || json!("Fay Lindqvist");
    let expected = [
        line("list", "guest", &json!(format!("slack:{}", scene::CYD)), "Cyd Moreau".into(), Value::Null, false),
        line("rotate", "exposed-value", &fay, Value::Null, Value::Null, false),
        line("unknown-command", "unknown-command", &fay, Value::Null, Value::Null, false),
        line("break-glass", "not-break-glass", &met, known(), "sales-db".into(), true),
        line("rotate", "not-asker", &met, known(), "sales-db".into(), false),
        line("status", "unknown-target", &met, known(), Value::Null, false),
        line("list", "service", &json!(format!("slack:{}", scene::ANA)), Value::Null, Value::Null, false),
    ];
    let refused: Vec<_> = refused.into_iter().map(|entry| of(entry, fields)).collect();
    assert_eq!(refused, expected);
    let (_, all) = get(bot, "/admin/audit");
    assert!(!all.contains(&typed), "{all}");
}

fn a_tap_that_is_refused_is_in_the_audit_with_its_target(bot: &mut Bot) {
    bot.knows(&sales_db());
    bot.ana_requests("sales-db");
    bot.until_card(WAITING);
    let card = bot.card(scene::CHANNEL_DATA_OPS);
    let ben = bot.world.person(scene::BEN);
    bot.does(&ben.tap(&card.channel, &card.ts, "cancel_rotation").expect("a card with that button"));
    let entries = entries_with(bot, "the refusal", |entry| entry["outcome"] == "not-requester");
    let cancels = named(&entries, "cancel");
    assert_eq!(cancels.len(), 1, "written once: {cancels:?}");
    let ben = format!("slack:{}", scene::BEN_ENTERPRISE);
    let fields = of(cancels[0], ["outcome", "who", "name", "target"]);
    assert_eq!(fields, ["not-requester", &ben, "Ben Okafor", "sales-db"].map(Value::from));
    assert_eq!(cancels[0]["rotation"], named(&entries, "open")[0]["rotation"]);
}

fn every_catalog_that_was_put_is_in_the_audit(bot: &mut Bot) {
    bot.knows(&sales_db());
    let lake = target("lake", "Lake", crate::scene::BASIC, &[&crate::scene::cluster()]);
    bot.knows(&lake);
    bot.put_catalog("?dry-run", ADMIN_TOKEN, "");
    bot.put_catalog("?dry-run", ADMIN_TOKEN, &sales_db());
    bot.put_catalog("", ADMIN_TOKEN, "[targets.lake]\ntitle = 1");
    bot.put_catalog("", "wrong-token-of-nobody-that-is-known-here", &lake);
    let entries = entries(bot);
    let said: Vec<_> = entries.iter().map(|entry| of(entry, ["what", "outcome", "from"])).collect();
    let put = |outcome: &str| ["put-catalog", outcome, "Admin"].map(Value::from);
    assert_eq!(said, [put("ok"), put("ok"), put("refused")], "what was only tried or not allowed is not");
    assert_eq!(entries[0]["note"], "1 added (sales-db), 0 removed, 0 changed");
    assert_eq!(entries[1]["note"], "1 added (lake), 1 removed (sales-db), 0 changed");
    assert!(entries[2]["note"].as_str().unwrap().ends_with(" problems"));
}

fn an_entry_tells_which_policy_was_changed_and_whose_rights(bot: &mut Bot) {
    bot.knows(&sales_db());
    let people = format!("[people]\nsomebody = [\"slack:{}\", \"slack:{}\"]\n", scene::ANA, scene::FAY);
    let lax = sales_db().replace(scene::GROUP_DATA, scene::GROUP_LEADS).replace("Sales warehouse", "Sales");
    bot.knows(&with_operator(&(people + &lax), scene::GROUP_LEADS));
    let many = (0..60).map(|n| {
        let place = crate::scene::connection(&format!("00000000-0000-4000-8000-{n:012}"), "ShareableCloud");
        target(&format!("t-{n:02}"), "One of many", BASIC, &[&place])
    });
    bot.knows(&many.collect::<String>());
    let entries = entries(bot);
    let note = |at: usize| entries[at]["note"].as_str().unwrap();
    let whose = "operators: they are others than before; people: others are one person than before";
    assert_eq!(note(1), format!("0 added, 0 removed, 1 changed (sales-db: title policy); {whose}"));
    assert!(note(2).starts_with("60 added (t-00, t-01, ") && note(2).contains("t-49, …), 1 removed"), "{}", note(2));
}

fn what_is_done_and_refused_on_the_page_is_in_the_audit_as_from_there(bot: &mut Bot) {
    bot.with(&page::OFF);
    bot.knows(&sales_db());
    let ticket = page::ticket(bot, "sales-db");
    let sealed = page::sealed(&page::plan(bot, &ticket), "CONTOSO\\svc_sales", &bot.secret("from-the-page"));
    let clear = bot.secret("in-clear-from-the-page");
    let exposed = json!({ "id": page::ID, "sealed": sealed, "clear": { "password": clear } });
    assert_eq!(page::submit(bot, &ticket, &exposed).0, 400);
    assert_eq!(page::submit(bot, &ticket, &json!({})).0, 400);
    bot.world.set_group_member(scene::GROUP_DATA, scene::ANA, false);
    assert_eq!(page::ask(bot, &ticket).0, 403);
    bot.world.set_group_member(scene::GROUP_DATA, scene::ANA, true);
    assert_eq!(page::ask(bot, "forged").0, 403);
    assert_eq!(page::submit(bot, &ticket, &page::submission(page::ID, &sealed)).0, 200);
    assert_eq!(page::ask(bot, &ticket).0, 409);
    let entries = entries_with(bot, "the end", |entry| entry["stage"] == "applied");
    let mut supplied: Vec<_> =
        named(&entries, "supply").into_iter().map(|entry| of(entry, ["outcome", "from"])).collect();
    supplied.sort_by_key(|entry| entry[0].to_string());
    let expected = ["malformed", "malformed", "not-asker", "ok", "ticket-spent"];
    assert_eq!(
        supplied.into_iter().map(|entry| json!(entry)).collect::<Vec<_>>(),
        expected.map(|what| json!([what, "Page"]))
    );
    assert!(
        named(&entries, "supply").iter().all(|entry| entry["target"] == "sales-db" && entry["who"] == "slack:W0ANA")
    );
}

fn a_history_is_told_to_those_whom_it_concerns(bot: &mut Bot) {
    bot.knows(&with_operator(&sales_db(), scene::GIL));
    assert_eq!(bot.asks(scene::ANA, "history sales-db"), "The audit knows of nothing that was done with sales-db.");
    bot.ana_rotates("sales-db", &[("password", "not-in-any-history")], "Rotated and verified, 2 of 2");
    entries_with(bot, "the end", |entry| entry["stage"] == "applied");
    // Ben is among the askers, Gil an operator, by any of the ways to write it.
    for (user, text) in
        [(scene::ANA, "history sales-db"), (scene::BEN, "History SALES-DB"), (scene::GIL, "history sales-db")]
    {
        let told = bot.asks(user, text);
        let lines: Vec<_> = told.lines().collect();
        assert_eq!(lines[0], "*What happened last: sales-db*");
        assert!(lines[1].contains(">  → *applied* · "), "the latest first: {told}");
        let asked = lines.last().unwrap();
        assert!(asked.starts_with("<!date^") && asked.contains("|2026-"), "in the reader's time: {asked}");
        let words = format!("<@{}> asked for a rotation → *requested*: Quarterly rotation · ", scene::ANA_ENTERPRISE);
        assert!(asked.contains(&words), "{asked}");
        assert!(told.contains(&format!("<@{}> entered the credential", scene::ANA_ENTERPRISE)), "{told}");
        assert!(!told.contains("send"), "what was sent where is not for people: {told}");
    }
    let refusal = "The history of sales-db is for those whom its policy names, and for operators. Ask its owner to add you. Nothing was changed.";
    assert_eq!(bot.asks(scene::FAY, "history sales-db"), refusal);
    let told = bot.asks(scene::ANA, "history sales-bd");
    assert!(told.contains("Did you mean sales-db?"), "{told}");
    assert!(bot.asks(scene::ANA, "history sales db").starts_with("That is not the name of a target."));
    assert!(bot.asks(scene::CYD, "history sales-db").contains("a guest account"));
    let entries = entries_with(bot, "the guest", |entry| entry["outcome"] == "guest");
    let refused: Vec<_> = named(&entries, "history").iter().map(|entry| entry["outcome"].clone()).collect();
    assert_eq!(refused, ["not-concerned", "unknown-target", "unnamed-target", "guest"]);
    let told = bot.asks(scene::ANA, "history sales-db");
    assert!(told.contains("<@W0FAY> was refused “history” (not concerned)"), "{told}");
}

fn a_history_of_everything_is_for_operators(bot: &mut Bot) {
    bot.knows(&sales_db());
    let refusal = "This is for the operators that the catalog names. Nothing was changed.";
    assert_eq!(bot.asks(scene::GIL, "history"), refusal, "there are none");
    bot.knows(&with_operator(&sales_db(), scene::GROUP_LEADS));
    assert_eq!(bot.asks(scene::ANA, "history"), refusal);
    let told = bot.asks(scene::GIL, "history");
    assert!(told.starts_with("*What happened last: all targets*"), "{told}");
    assert!(told.contains("the operator put the catalog: 0 added, 0 removed, 0 changed"), "{told}");
    assert!(told.contains(&format!("<@{}> was refused “history” (not operator)", scene::ANA_ENTERPRISE)), "{told}");
    for _ in 0..20 {
        bot.asks(scene::FAY, "histori");
    }
    let told = bot.asks(scene::GIL, "history");
    assert_eq!((told.matches("was refused").count(), told.matches("put the catalog").count()), (5, 2), "{told}");
}

fn a_history_that_cannot_be_told_says_why(bot: &mut Bot) {
    bot.knows(&sales_db().replace(scene::GROUP_DATA, "S0GONE"));
    let told = bot.asks(scene::ANA, "history sales-db");
    assert!(told.contains("no_such_subteam") && told.contains("Nothing was changed."), "{told}");
    bot.knows(&sales_db());
    bot.world.script(Fault::once("slack", "usergroups.users.list", FaultKind::throttled(30)));
    assert!(bot.asks(scene::ANA, "history sales-db").contains("Slack asks us to slow down"));
    assert!(bot.asks(scene::ANA, "history sales-db").starts_with("The audit knows of nothing"));
}

fn the_audit_has_it_once_however_often_the_register_fails(bot: &mut Bot) {
    bot.knows(&sales_db());
    for how in [Lost::Request, Lost::Response] {
        let before = entries(bot).len();
        bot.here().break_register(Some(how), 2);
        bot.types(scene::FAY, "nonsense");
        assert_eq!(entries(bot).len(), before + 1, "{how:?}");
    }
    assert_eq!(bot.logged("lost"), 0);
}

fn an_audit_that_never_answers_changes_no_refusal(bot: &mut Bot) {
    bot.knows(&sales_db());
    bot.here().break_register(Some(Lost::Request), 3);
    assert!(bot.asks(scene::FAY, "nonsense").starts_with("There is no such command."));
    assert_eq!(bot.logged("lost"), 1);
    assert_eq!(named(&entries(bot), "unknown-command").len(), 0);
}
