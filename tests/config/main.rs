//! The environment: what is read, and every refusal by its variable.

#![cfg(test)]

mod sources;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use pbi_rotate::config::{Absent, Config, Endpoint, SETTINGS};
use seal::Legacy;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The least that is accepted.
const LEAST: [(&str, &str); 9] = [
    ("SLACK_SIGNING_SECRET", "signing-secret"),
    ("SLACK_BOT_TOKEN", "xoxb-token"),
    ("SLACK_APP_ID", "A0PBI"),
    ("SLACK_TEAM_ID", "T0CONTOSO"),
    ("ENTRA_TENANT_ID", "6C4D35A5-6e5f-4d2c-9f2c-3c1c9c8b7a60"),
    ("ENTRA_CLIENT_ID", "9d1f6a8e-2b3c-4d5e-8f90-a1b2c3d4e5f6"),
    ("ENTRA_CLIENT_SECRET", "client~secret"),
    ("ADMIN_TOKEN", "0123456789abcdef0123456789abcdef"),
    ("STORE_KEY", KEY),
];

/// Reads [`LEAST`] with some variables set otherwise; an empty value takes one away.
fn read(changes: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let all: BTreeMap<&str, &str> = LEAST.iter().chain(changes).copied().collect();
    let config = Config::read(|name| all.get(name).map(|value| (*value).to_owned()), &[]);
    config.map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn refused(changes: &[(&str, &str)]) -> Vec<String> {
    read(changes).err().unwrap_or_default()
}

#[test]
fn the_least_is_enough() {
    let config = read(&[]).ok().unwrap();
    let slack = config.slack.unwrap();
    assert_eq!(slack.signing_secret.expose(), "signing-secret");
    assert_eq!(slack.bot_token.expose(), "xoxb-token");
    assert_eq!(slack.app_id, "A0PBI");
    assert_eq!((slack.team_id.as_deref(), slack.enterprise_id), (Some("T0CONTOSO"), None));
    assert_eq!(slack.command, "/pbi");
    assert_eq!(slack.api_url, "https://slack.com/api");
    assert_eq!(slack.hooks_url, "https://hooks.slack.com");
    assert_eq!(config.entra.tenant.as_str(), "6c4d35a5-6e5f-4d2c-9f2c-3c1c9c8b7a60");
    assert_eq!(config.entra.client.as_str(), "9d1f6a8e-2b3c-4d5e-8f90-a1b2c3d4e5f6");
    assert_eq!(config.entra.secret.expose(), "client~secret");
    assert_eq!(config.entra.login_url, "https://login.microsoftonline.com");
    let endpoint = |url: &str, scope: &str| Endpoint { url: url.into(), scope: scope.into() };
    let scope = "https://analysis.windows.net/powerbi/api/.default";
    assert_eq!(config.powerbi, endpoint("https://api.powerbi.com/v1.0/myorg", scope));
    let scope = "https://api.fabric.microsoft.com/.default";
    assert_eq!(config.fabric, Some(endpoint("https://api.fabric.microsoft.com/v1", scope)));
    assert_eq!(config.admin_token.expose().len(), 32);
    assert_eq!(config.store_key.to_vec(), (0..32).collect::<Vec<u8>>());
    assert!(!config.chat_entry && config.legacy == Legacy::Refuse);
}

#[test]
fn nothing_at_all_is_told_at_once_and_in_order() {
    let problems = Config::read(|_| Some(" \n".to_owned()), &[]).err().unwrap();
    let named: Vec<_> = problems.iter().map(|problem| problem.name.as_str()).collect();
    assert_eq!(named, LEAST.map(|(name, _)| name));
    assert_eq!(problems[0].to_string(), "SLACK_SIGNING_SECRET is missing: checks that a request is from Slack");
    assert_eq!(
        problems[3].to_string(),
        "SLACK_TEAM_ID is missing, and so is SLACK_ENTERPRISE_ID: one of them is needed"
    );
}

#[test]
fn all_wrong_is_told_at_once_and_in_order() {
    for cloud in ["", "dod"] {
        let wrong = |name: &str| Some(if name == "CLOUD" { cloud.to_owned() } else { "\u{fffd}hunter2".to_owned() });
        let problems = Config::read(wrong, &[]).err().unwrap();
        let named: Vec<_> = problems.iter().map(|problem| problem.name.as_str()).collect();
        let all: Vec<_> = SETTINGS.iter().map(|setting| setting.name).filter(|name| *name != "CLOUD").collect();
        assert_eq!(named, all, "once each");
        assert!(problems.iter().all(|problem| !problem.to_string().contains("hunter2")), "{problems:?}");
    }
}

#[test]
fn the_table_of_settings_is_the_truth() {
    let asked = RefCell::new(BTreeSet::new());
    let get = |name: &str| {
        asked.borrow_mut().insert(name.to_owned());
        LEAST.iter().find(|(least, _)| *least == name).map(|(_, value)| (*value).to_owned())
    };
    assert!(Config::read(get, &[]).is_ok());
    let names: BTreeSet<_> = SETTINGS.iter().map(|setting| setting.name.to_owned()).collect();
    assert_eq!(names.len(), SETTINGS.len(), "no setting twice");
    assert_eq!(asked.into_inner(), names);
    for setting in SETTINGS {
        let missing = refused(&[(setting.name, "")]);
        let needed = setting.absent == Absent::Refused || setting.name == "SLACK_TEAM_ID";
        assert_eq!(!missing.is_empty(), needed, "{}: {missing:?}", setting.name);
        if let Absent::Means(default) = setting.absent {
            assert!(read(&[(setting.name, default)]).is_ok(), "{}", setting.name);
        }
        assert!(
            !setting.secret || !matches!(setting.absent, Absent::Means(_)),
            "no default for a secret: {}",
            setting.name
        );
    }
}

#[test]
fn blanks_around_a_value_do_not_count() {
    let config = read(&[("ADMIN_TOKEN", " 0123456789abcdef0123456789abcdef\r\n"), ("CHAT_ENTRY", "allowed\n")]);
    let config = config.ok().unwrap();
    assert_eq!(config.admin_token.expose(), "0123456789abcdef0123456789abcdef");
    assert!(config.chat_entry);
}

#[test]
fn each_refusal_is_about_its_variable_and_repeats_no_value() {
    let long = format!("/{}", "a".repeat(32));
    let ascii = "holds a blank, a control character or something outside ASCII";
    let id = "has to be an id of Slack's: ";
    let command = "has to be '/' and then a-z, 0-9, '-' or '_', at most 32 characters in all";
    let guid = "a GUID looks like 1f69e798-5852-4fdd-ab01-33bb14b6e934";
    let https = "has to begin with https://; http:// is for 127.0.0.1, localhost and [::1] only";
    let base64 = "has to be standard base64, with padding, of exactly 32 bytes";
    let hosts = "has to be hosts with commas between them, without https:// and without a path";
    let scope = "has to be a resource followed by /.default";
    for (name, value, message) in [
        ("SLACK_SIGNING_SECRET", "two words", ascii),
        ("SLACK_BOT_TOKEN", "xoxb-\u{201d}", ascii),
        ("SLACK_APP_ID", "T0CONTOSO", id),
        ("SLACK_TEAM_ID", "t0contoso", id),
        ("SLACK_ENTERPRISE_ID", "E", id),
        ("SLACK_COMMAND", "pbi-x", command),
        ("SLACK_COMMAND", "/", command),
        ("SLACK_COMMAND", "/PBI", command),
        ("SLACK_COMMAND", long.as_str(), command),
        ("SLACK_API_URL", "slack.invalid", "has to be a URL"),
        ("SLACK_HOOKS_URL", "http://hooks.slack.com", https),
        ("SLACK_HOOKS_URL", "http://127.0.0.2:8787", https),
        ("ENTRA_TENANT_ID", "contoso.onmicrosoft.com", guid),
        ("ENTRA_CLIENT_ID", "app", guid),
        ("ENTRA_CLIENT_SECRET", "a\tb", ascii),
        ("CLOUD", "germany", "has to be one of global, gcc, gcc-high, dod, china"),
        ("ENTRA_LOGIN_URL", "ftp://login.invalid", https),
        ("POWERBI_URL", "https://me@powerbi.invalid", "has to be without a user name and password"),
        ("POWERBI_URL", "https://:word@powerbi.invalid", "has to be without a user name and password"),
        ("POWERBI_SCOPE", "https://analysis.invalid/", scope),
        ("FABRIC_URL", "https://fabric.invalid/v1?x=y", "has to be without '?' and '#'"),
        ("FABRIC_URL", "https://fabric.invalid/v1#y", "has to be without '?' and '#'"),
        ("FABRIC_SCOPE", "https://fabric.invalid/ /.default", scope),
        ("TEAMS_LOGIN_URL", "http://login.invalid", https),
        ("TEAMS_SCOPE", "https://api.invalid", scope),
        ("TEAMS_CONNECTOR_HOSTS", "https://smba.invalid", hosts),
        ("TEAMS_CONNECTOR_HOSTS", "smba.invalid/teams", hosts),
        ("TEAMS_CONNECTOR_HOSTS", "smba.invalid,,a.invalid", hosts),
        ("TEAMS_CONNECTOR_HOSTS", "me@smba.invalid", hosts),
        ("GRAPH_URL", "graph.invalid/v1.0", "has to be a URL"),
        ("GRAPH_SCOPE", "https://graph.invalid", scope),
        ("SNS_URL", "https://sns.invalid", "has to have {region} in it"),
        ("SNS_URL", "http://sns.{region}.invalid", https),
        ("SNS_URL", "https://sns.{region}.invalid/?x", "has to be without '?' and '#'"),
        ("GOOGLE_CERTS_URL", "google.invalid/certs", "has to be a URL"),
        ("GOOGLE_TOKEN_URL", "http://google.invalid/token", https),
        ("EVENT_GRID_APP_ID", "event-grid", guid),
        ("ENTRA_ISSUER_V1", "sts.invalid", "has to be a URL"),
        ("ADMIN_TOKEN", "0123456789abcdef0123456789abcde", "has to be at least 32 characters"),
        ("STORE_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", base64),
        ("STORE_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", base64),
        ("STORE_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "is all zero: it has to be random"),
        ("CHAT_ENTRY", "maybe", "has to be one of off, allowed"),
        ("LEGACY_GATEWAYS", "yes", "has to be one of refuse, allow"),
    ] {
        let told = refused(&[(name, value)]);
        assert_eq!(told.len(), 1, "{name}: {told:?}");
        assert!(told[0].starts_with(&format!("{name} {message}")), "{told:?}");
        assert!(value.len() == 1 || !told[0].contains(value), "{told:?}");
    }
}

#[test]
fn addresses_can_be_overridden_and_lose_their_last_slash() {
    for (given, kept) in [
        ("https://slack-gov.com/api/", "https://slack-gov.com/api"),
        ("http://127.0.0.1:8788", "http://127.0.0.1:8788"),
        ("http://localhost:8788/slack//", "http://localhost:8788/slack"),
        ("http://[::1]:8788/", "http://[::1]:8788"),
    ] {
        assert_eq!(read(&[("SLACK_API_URL", given)]).ok().unwrap().slack.unwrap().api_url, kept);
    }
    let all = [
        ("SLACK_HOOKS_URL", "https://a.invalid"),
        ("ENTRA_LOGIN_URL", "https://b.invalid"),
        ("POWERBI_URL", "https://c.invalid"),
        ("POWERBI_SCOPE", "api://c/.default"),
        ("FABRIC_URL", "https://d.invalid"),
        ("FABRIC_SCOPE", "api://d/.default"),
        ("SLACK_TEAM_ID", ""),
        ("SLACK_ENTERPRISE_ID", "E0CONTOSO"),
        ("SLACK_COMMAND", "/rotate_2"),
        ("LEGACY_GATEWAYS", "allow"),
    ];
    let config = read(&all).ok().unwrap();
    let slack = config.slack.unwrap();
    assert_eq!((slack.hooks_url, config.entra.login_url), ("https://a.invalid".into(), "https://b.invalid".into()));
    assert_eq!(config.powerbi, Endpoint { url: "https://c.invalid".into(), scope: "api://c/.default".into() });
    assert_eq!(config.fabric, Some(Endpoint { url: "https://d.invalid".into(), scope: "api://d/.default".into() }));
    assert_eq!((slack.team_id, slack.enterprise_id), (None, Some("E0CONTOSO".into())));
    assert!(slack.command == "/rotate_2" && config.legacy == Legacy::Allow);
}

/// What is needed for Teams.
const TEAMS: [(&str, &str); 3] = [
    ("TEAMS_APP_ID", "2F0A1D3B-6c7e-4f89-9a0b-1c2d3e4f5a6b"),
    ("TEAMS_APP_SECRET", "app~secret"),
    ("TEAMS_TENANT_ID", "6c4d35a5-6e5f-4d2c-9f2c-3c1c9c8b7a60"),
];

#[test]
fn teams_is_there_with_three_settings_and_refused_with_one_or_two() {
    assert!(read(&[]).ok().unwrap().teams.is_none());
    let teams = read(&TEAMS).ok().unwrap().teams.unwrap();
    assert_eq!(teams.bot.client.as_str(), "2f0a1d3b-6c7e-4f89-9a0b-1c2d3e4f5a6b");
    assert_eq!((teams.bot.secret.expose(), teams.bot.tenant.as_str()), ("app~secret", TEAMS[2].1));
    assert_eq!(teams.bot.login_url, "https://login.microsoftonline.com");
    for (at, (missing, _)) in TEAMS.iter().enumerate() {
        let told = refused(&[TEAMS[(at + 1) % 3], TEAMS[(at + 2) % 3]]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with(&format!("{missing} is missing: ")), "{told:?}");
        assert_eq!(refused(&[TEAMS[at]]).len(), 2);
    }
    let told = refused(&[TEAMS[0], TEAMS[1], ("TEAMS_TENANT_ID", "contoso.example")]);
    assert_eq!(told, ["TEAMS_TENANT_ID a GUID looks like 1f69e798-5852-4fdd-ab01-33bb14b6e934"]);
}

#[test]
fn teams_has_its_own_addresses_in_each_cloud() {
    let global = "login.botframework.com api.botframework.com smba.trafficmanager.net graph.microsoft.com";
    let gcc = "login.botframework.com api.botframework.com \
        smba.infra.gcc.teams.microsoft.com,smba.trafficmanager.net graph.microsoft.com";
    let high = "login.botframework.azure.us api.botframework.us smba.infra.gov.teams.microsoft.us graph.microsoft.us";
    let dod =
        "login.botframework.azure.us api.botframework.us smba.infra.dod.teams.microsoft.us dod-graph.microsoft.us";
    let china =
        "login.botframework.azure.cn api.botframework.azure.cn smba.invalid:8443 microsoftgraph.chinacloudapi.cn";
    for (cloud, told) in [("global", global), ("gcc", gcc), ("gcc-high", high), ("dod", dod), ("china", china)] {
        let (hosts, service) =
            if cloud == "china" { (" SMBA.invalid:8443 ", "https://smba.invalid:8443/teams") } else { ("", "") };
        let named = [("CLOUD", cloud), ("TEAMS_CONNECTOR_HOSTS", hosts), ("TEAMS_SERVICE_URL", service)];
        let changes = [&TEAMS[..], &named].concat();
        let teams = read(&changes).ok().unwrap().teams.unwrap();
        let (issuer, login) = (teams.issuer.replace("https://", ""), teams.login_url.replace("https://", ""));
        let graph = teams.graph.url.replace("https://", "").replace("/v1.0", "");
        assert_eq!(format!("{login} {issuer} {} {graph}", teams.connector_hosts.join(",")), told, "{cloud}");
        let service = teams.service_url.strip_prefix("https://").and_then(|url| url.strip_suffix("/teams")).unwrap();
        assert!(teams.connector_hosts.iter().any(|host| host == service), "{service}: tokens may be sent there");
        assert_eq!(teams.scope, format!("https://{issuer}/.default"));
        assert_eq!(teams.graph.scope, format!("https://{graph}/.default"));
    }
    let nowhere = refused(&[TEAMS[0], TEAMS[1], TEAMS[2], ("CLOUD", "china")]);
    let needed =
        ["TEAMS_CONNECTOR_HOSTS", "TEAMS_SERVICE_URL"].map(|name| format!("{name} is needed: none is known for CLOUD"));
    assert_eq!(nowhere, needed);
}

#[test]
fn each_cloud_has_its_own_addresses() {
    for (cloud, login, powerbi, scope) in [
        ("gcc", "login.microsoftonline.com", "api.powerbigov.us", "analysis.usgovcloudapi.net"),
        ("gcc-high", "login.microsoftonline.us", "api.high.powerbigov.us", "high.analysis.usgovcloudapi.net"),
        ("dod", "login.microsoftonline.us", "api.mil.powerbigov.us", "mil.analysis.usgovcloudapi.net"),
        ("china", "login.partner.microsoftonline.cn", "api.powerbi.cn", "analysis.chinacloudapi.cn"),
    ] {
        let config = read(&[("CLOUD", cloud)]).ok().unwrap();
        assert_eq!(config.entra.login_url, format!("https://{login}"));
        assert_eq!(config.powerbi.url, format!("https://{powerbi}/v1.0/myorg"));
        assert_eq!(config.powerbi.scope, format!("https://{scope}/powerbi/api/.default"));
        assert_eq!(config.fabric, None, "none is published");

        let url = ("FABRIC_URL", "https://fabric.invalid/v1");
        let scope = ("FABRIC_SCOPE", "https://fabric.invalid/.default");
        let both = read(&[("CLOUD", cloud), url, scope]).ok().unwrap().fabric.unwrap();
        assert_eq!((both.url.as_str(), both.scope.as_str()), (url.1, scope.1));
        let only = refused(&[("CLOUD", cloud), url]);
        assert_eq!(only, ["FABRIC_SCOPE is needed with FABRIC_URL: none is known for CLOUD"]);
        assert_eq!(refused(&[("CLOUD", cloud), scope]), ["FABRIC_SCOPE is of no use without FABRIC_URL"]);
    }
}

#[test]
fn secret_managers_are_where_they_are_unless_told() {
    let managers = read(&[]).ok().unwrap().managers;
    assert_eq!(managers.sns_url("eu-central-1"), "https://sns.eu-central-1.amazonaws.com");
    assert_eq!(managers.sns_url("cn-north-1"), "https://sns.cn-north-1.amazonaws.com.cn");
    assert_eq!(managers.google_certs_url, "https://www.googleapis.com/oauth2/v3/certs");
    assert_eq!(managers.google_token_url, "https://oauth2.googleapis.com/token");
    let told = read(&[("SNS_URL", "http://127.0.0.1:9/sns/{region}/"), ("EVENT_GRID_APP_ID", LEAST[4].1)]);
    let told = told.ok().unwrap().managers;
    assert_eq!(told.sns_url("cn-north-1"), "http://127.0.0.1:9/sns/cn-north-1");
    assert_eq!(told.event_grid_app.unwrap().as_str(), LEAST[4].1.to_lowercase());
    let (public, government) = ("4962773b-9cdb-44cf-a8bf-237846a00ab7", "54316b56-3481-47f9-8f30-0300f5542a7b");
    for (cloud, app, issuer) in [
        ("global", Some(public), "https://sts.windows.net"),
        ("gcc", Some(public), "https://sts.windows.net"),
        ("gcc-high", Some(government), "https://sts.windows.net"),
        ("dod", Some(government), "https://sts.windows.net"),
        ("china", None, "https://sts.chinacloudapi.cn"),
    ] {
        let managers = read(&[("CLOUD", cloud)]).ok().unwrap().managers;
        assert_eq!(managers.event_grid_app.as_ref().map(ToString::to_string).as_deref(), app, "{cloud}");
        assert_eq!(managers.entra_issuer_v1, issuer, "{cloud}");
    }
}

#[test]
fn slack_is_needed_unless_the_bot_is_in_teams() {
    let without = [("SLACK_SIGNING_SECRET", ""), ("SLACK_BOT_TOKEN", ""), ("SLACK_APP_ID", ""), ("SLACK_TEAM_ID", "")];
    assert_eq!(refused(&without).len(), 4);
    let teams_alone = read(&[&without[..], &TEAMS].concat()).ok().unwrap();
    assert!(teams_alone.slack.is_none() && teams_alone.teams.is_some());
    // Whoever begins to name one of them wants both.
    assert_eq!(refused(&[&without[1..], &TEAMS].concat()).len(), 3);
}

#[test]
fn the_platform_is_told_to_write_no_headers_down() {
    let settings = include_str!("../../wrangler.toml");
    assert!(settings.contains("\n[observability.logs]\nenabled = true\ninvocation_logs = false\n"));
}
