//! The catalog's text: what is read, and every refusal with its place.

#![cfg(test)]

mod bindings;
mod models;
mod policies;
mod sources;

use std::time::Duration;

use pbi_rotate::codec::catalog::{self, Problem};
use pbi_rotate::domain::credential::Login;
use pbi_rotate::domain::names::{Guid, TargetName};
use pbi_rotate::domain::target::{ConnectionEncryption, Connectivity, Destination, Privacy, Reach, SingleSignOn};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const EVERY_KEY: &str = include_str!("../fixtures/catalog/every-key.toml");

const WORKSPACE: &str = "f089354e-8366-4e18-aea3-4cb4a3a50b48";

/// A small good catalog the cases below spoil in one place each.
const GOOD: &str = r#"[targets.sales]
title = "Sales"
credential = { kind = "Basic", username = "svc" }
privacy = "Private"
encryption = "Encrypted"
destinations = [
{ datasource = { gateway = "11111111-1111-1111-1111-111111111111", id = "22222222-2222-2222-2222-222222222222" } },
{ connection = { id = "33333333-3333-3333-3333-333333333333", via = "ShareableCloud" } },
]
policy = { askers = ["slack:U0ANA"] }
"#;

/// Every problem of a text, a line each, without line and column.
fn refused(text: &str) -> Vec<String> {
    let problems = catalog::parse_where(text, &|zone| zone.as_str() != "Mars/Olympus").err().unwrap_or_default();
    problems.iter().map(|Problem { path, message, .. }| format!("{path}: {message}")).collect()
}

#[test]
fn every_key_is_read() {
    let catalog = catalog::parse(EVERY_KEY).unwrap();
    let target = |name| &catalog.targets[&TargetName::parse(name).unwrap()];
    let guid = |text| Guid::parse(text).unwrap();

    let sales = target("sales-db");
    assert_eq!((sales.name.as_str(), sales.title.as_str()), ("sales-db", "Sales warehouse"));
    assert_eq!(sales.login, Login::Windows { username: r"CONTOSO\svc_sales".into() });
    assert_eq!((sales.owner.as_deref(), sales.rotate_every), (Some("Dana, data platform"), Some(DAY * 90)));
    assert_eq!(sales.notify[0].slack_id(), "C0DATAOPS");
    let Destination::DataSource(source) = &sales.destinations[0] else { panic!("a data source") };
    assert_eq!(source.gateway, guid("1f69e798-5852-4fdd-ab01-33bb14b6e934"));
    assert_eq!(source.id, guid("252b9de8-d915-4788-aaeb-ec8c2395f970"));
    assert_eq!((source.reach, source.privacy), (Reach::OnPremises, Privacy::Organizational));
    assert!(!source.encrypted_connection && !source.end_user_sso && !source.caller_identity);
    assert_eq!(source.profile, Some(guid("3f6c2a0e-6f57-4a53-9f43-6d4f4c2a9f01")));
    let Destination::Connection(connection) = &sales.destinations[1] else { panic!("a connection") };
    assert_eq!(connection.id, guid("70b17680-48f1-4729-9df6-02576647dc3a"));
    assert_eq!((connection.via, connection.privacy), (Connectivity::OnPremisesGateway, Privacy::Private));
    assert_eq!(connection.encryption, Some(ConnectionEncryption::Any));
    assert_eq!(connection.single_sign_on, Some(SingleSignOn::Kerberos));
    assert!(connection.skip_test);
    assert_eq!(connection.display_name.as_deref(), Some("Sales"));
    assert_eq!(connection.usage_in_gateway, None);

    let Destination::DataSource(source) = &target("feed").destinations[0] else { panic!("a data source") };
    assert_eq!(source.gateway.as_str(), "1f69e798-5852-4fdd-ab01-33bb14b6e934");
    assert_eq!((source.reach, source.privacy), (Reach::Cloud, Privacy::None));
    assert!(source.encrypted_connection && source.end_user_sso && source.caller_identity);
    assert!(target("feed").notify.is_empty());

    let Destination::Connection(connection) = &target("lake").destinations[0] else { panic!("a connection") };
    assert_eq!((connection.encryption, connection.usage_in_gateway), (None, Some(false)));
    assert!(!connection.skip_test);
    assert!(matches!(&target("lake").login, Login::ServicePrincipal { tenant, client }
        if tenant.as_str().starts_with("6c4d") && client.as_str().starts_with("9d1f")));
}

#[test]
fn an_empty_catalog_is_a_catalog() {
    for text in ["", "\n# nothing yet\n", "[targets]\n"] {
        assert!(catalog::parse(text).unwrap().targets.is_empty(), "{text:?}");
    }
}

#[test]
fn ten_mistakes_are_told_at_once_with_their_places() {
    let problems = catalog::parse(include_str!("../fixtures/catalog/ten-mistakes.toml")).unwrap_err();
    let told: String = problems.iter().map(|problem| format!("{problem}\n")).collect();
    assert_eq!(told, include_str!("../fixtures/catalog/ten-mistakes.expected"));
}

#[test]
fn each_refusal_is_about_what_was_spoilt() {
    assert_eq!(refused(GOOD), [""; 0]);
    let cases = include_str!("../fixtures/catalog/refusals.txt").replace("\r\n", "\n");
    let mut told = 0;
    for case in cases.split("\n\n").filter(|case| case.starts_with('-')) {
        let part = |line: usize| case.trim_end().lines().nth(line).unwrap()[1..].trim_start().replace('⏎', "\n");
        let (from, to, expected) = (part(0), part(1), part(2));
        assert!(GOOD.contains(&from), "{from}");
        assert_eq!(refused(&GOOD.replacen(&from, &to, 1)), [expected], "{from} -> {to}");
        told += 1;
    }
    assert_eq!(told, cases.matches("\n= ").count());
}

#[test]
fn what_looks_like_a_mistake_and_is_none_passes() {
    for (from, to) in [
        ("via = \"ShareableCloud\"", "via = \"PersonalCloud\", allow_usage_in_gateway = true"),
        ("gateway =", "caller_identity = false, gateway ="),
        ("encryption = \"Encrypted\"", "encryption = \"NotEncrypted\"\nnotify = []"),
    ] {
        assert_eq!(refused(&GOOD.replacen(from, to, 1)), [""; 0], "{to}");
    }
}

#[test]
fn a_connection_takes_after_its_target() {
    let catalog = catalog::parse(GOOD).unwrap();
    let target = catalog.targets.values().next().unwrap();
    let Destination::Connection(connection) = &target.destinations[1] else { panic!("a connection") };
    assert_eq!((connection.privacy, connection.encryption), (Privacy::Private, Some(ConnectionEncryption::Encrypted)));
}

#[test]
fn texts_have_limits_in_characters() {
    let name = |length: usize| "ä".repeat(length);
    let title = |length| GOOD.replacen("Sales", &name(length), 1);
    let user = |length| GOOD.replacen("svc", &name(length), 1);
    let display = |length| GOOD.replacen("via =", &format!("display_name = \"{}\", via =", name(length)), 1);
    assert!([title(80), user(256), display(200)].iter().all(|text| catalog::parse(text).is_ok()));
    assert_eq!(refused(&title(81)), ["targets.sales.title: is longer than 80 characters"]);
    assert_eq!(refused(&user(257)), ["targets.sales.credential.username: is longer than 256 characters"]);
    let path = "targets.sales.destinations[1].connection.display_name";
    assert_eq!(refused(&display(201)), [format!("{path}: is longer than 200 characters")]);
    let key = refused(&format!("{} = 1", "k".repeat(65)));
    assert_eq!(
        key,
        [format!("{}: is not known here; known are operators, people, sources, targets", "k".repeat(64))],
        "a key is told in part"
    );
}

#[test]
fn windows_accounts_have_a_domain() {
    let with = |name: &str| refused(&GOOD.replacen("\"Basic\", username = \"svc\"", name, 1));
    for good in [r"'CONTOSO\svc'", r"'CONTOSO\svc@x'", "'svc@contoso.example'"] {
        assert!(with(&format!("\"Windows\", username = {good}")).is_empty(), "{good}");
    }
    for bad in ["'svc'", r"'\svc'", r"'CONTOSO\'", r"'A\B\c'", "'@contoso'", "'svc@'", "'a@b@c'"] {
        assert_eq!(with(&format!("\"Windows\", username = {bad}")).len(), 1, "{bad}");
    }
}

#[test]
fn a_profile_needs_a_power_bi_data_source() {
    let text =
        EVERY_KEY.replace("title = \"Lake\"", "title = \"Lake\"\nprofile = \"3f6c2a0e-6f57-4a53-9f43-6d4f4c2a9f01\"");
    assert_eq!(refused(&text), ["targets.lake.profile: is for Power BI data sources, and this target has none"]);
}

#[test]
fn secrets_are_refused_and_never_repeated() {
    for key in [
        "password",
        "Pass-Word",
        "pwd",
        "secret",
        "client_secret",
        "key",
        "account_key",
        "sas_token",
        "\"pass phrase\"",
        "pass",
        "connection_string",
    ] {
        let text = GOOD.replacen("username =", &format!("{key} = \"hunter2\", username ="), 1);
        let problems = catalog::parse(&text).unwrap_err();
        assert_eq!(problems.len(), 1, "{key}");
        assert!(problems[0].message.starts_with("the catalog never holds secrets"), "{key}: {}", problems[0]);
        assert!(!problems[0].to_string().contains("hunter2"), "{}", problems[0]);
    }
    let unquoted = GOOD.replacen("username =", "password = hunter2, username =", 1);
    assert!(!refused(&unquoted).is_empty() && !refused(&unquoted).concat().contains("hunter2"));
}

#[test]
fn syntax_errors_are_told_together_and_beside_them_what_is_sure() {
    let broken =
        GOOD.replace("sales", "broken").replace("privacy = \"Private\"", "privacy = Private\ntitle = \"again\"");
    let wrong = GOOD.replace("Private", "private").replace(['2', '3'], "4").replacen("4444", "5555", 1);
    let problems = catalog::parse(&format!("{broken}{wrong}")).unwrap_err();
    let told: Vec<_> = problems.iter().map(|problem| (problem.line, problem.path.as_str())).collect();
    // The broken target's twin ids and missing privacy wait; the other target's privacy is certainly wrong.
    assert_eq!(told, [(4, ""), (5, ""), (15, "targets.sales.privacy")], "{problems:?}");
}

#[test]
fn a_value_the_parser_made_up_is_no_second_mistake() {
    let problems = catalog::parse(&format!("\n{}", GOOD.replacen("title =", "title = =", 1))).unwrap_err();
    assert!(problems.iter().all(|problem| problem.path.is_empty() && problem.line == 3), "{problems:?}");
}

#[test]
fn columns_count_characters() {
    let problems = catalog::parse("[targets.a]\r\ntitle = \"äöü\" # ä\r\n\"ü\" = 1, 2\r\n").unwrap_err();
    assert_eq!((problems[0].line, problems[0].column), (3, 8), "{problems:?}");
}

#[test]
fn sizes_have_limits() {
    let twice = |text: &str, count: usize| vec![text; count].join(",");
    let many =
        |what: &str, count: usize| GOOD.replacen("title =", &format!("{what} = [{}]\ntitle =", twice("1", count)), 1);
    assert!(refused(&many("notify", 21)).contains(&"targets.sales.notify: can have at most 20 entries".into()));
    let askers = GOOD.replacen("\"slack:U0ANA\"", &twice("\"slack:U0ANA\"", 51), 1);
    assert_eq!(refused(&askers), ["targets.sales.policy.askers: can have at most 50 entries"]);
    let windows = GOOD.replacen("\"] }", &format!("\"], windows = [{}] }}", twice("{}", 21)), 1);
    assert_eq!(refused(&windows), ["targets.sales.policy.windows: can have at most 20 entries"]);
    let model = |n: usize| {
        format!("{{ model = {{ workspace = {WORKSPACE:?}, dataset = \"22222222-2222-2222-2222-{n:012}\" }} }}")
    };
    let models = |count| {
        GOOD.replacen(
            "{ datasource",
            &format!("{}, {{ datasource", (0..count).map(model).collect::<Vec<_>>().join(",")),
            1,
        )
    };
    assert_eq!(refused(&models(20)), [""; 0]);
    assert_eq!(refused(&models(21)), ["targets.sales.destinations: can have at most 20 models"]);
    let destinations = GOOD.replacen("{ datasource", &format!("{},{{ datasource", twice("{}", 199)), 1);
    assert_eq!(refused(&destinations), ["targets.sales.destinations: can have at most 200 entries"]);

    let none = destinations.replacen("title =", "profile = \"3f6c2a0e-6f57-4a53-9f43-6d4f4c2a9f01\"\ntitle =", 1);
    let (before, after) = (none.find("[\n").unwrap(), none.find("\n]").unwrap());
    let none = format!("{}[{}", &none[..before], &none[after..]);
    assert_eq!(refused(&none), ["targets.sales.destinations: has to name at least one"]);

    let targets: String = (0..2001).map(|n| format!("[targets.t{n}]\n")).collect();
    let problems = catalog::parse(&targets).unwrap_err();
    assert_eq!(problems.len(), 200, "the rest is counted");
    let all = problems.iter().find(|problem| problem.path == "targets").unwrap();
    assert_eq!(all.to_string(), "line 1, column 2: targets: there can be at most 2000 targets");
    assert!(problems[199].message.ends_with("; and 9806 more problems after this one"), "{}", problems[199]);

    let comment = format!("#{}", "x".repeat(catalog::MAX_TEXT - 1));
    assert!(catalog::parse(&comment).is_ok());
    assert_eq!(refused(&format!("{comment}x")), [": the catalog is larger than 1024 KiB"]);
}
