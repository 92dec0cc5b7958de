//! Slack's app manifest against the doors, the settings, the methods that are called, and Slack's limits.

#![cfg(test)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pbi_rotate::config::{Absent, SETTINGS};
use pbi_rotate::doors::Door;
use pbi_rotate::flows::doctor::SCOPES;
use serde_json::{Value, json};

/// What stands for the Worker's address until somebody fills it in.
const HOST: &str = "https://YOUR-WORKER";

/// Each method of the Web API that is called, and the bot scope it needs (Slack API, Methods).
const METHODS: [(&str, Option<&str>); 9] = [
    ("auth.test", None),
    ("chat.postMessage", Some("chat:write")),
    ("chat.update", Some("chat:write")),
    ("conversations.open", Some("im:write")),
    ("usergroups.users.list", Some("usergroups:read")),
    ("users.info", Some("users:read")),
    ("views.open", None),
    ("views.publish", None),
    ("views.update", None),
];

/// The longest texts that a manifest takes, in characters (Slack, App manifest reference).
const LIMITS: [(&str, usize); 4] = [
    ("/display_information/name", 35),
    ("/display_information/description", 140),
    ("/features/bot_user/display_name", 80),
    ("/features/slash_commands/0/command", 32),
];

fn manifest() -> Value {
    serde_norway::from_str(include_str!("../manifests/slack.yaml")).expect("the manifest is YAML")
}

fn text<'m>(manifest: &'m Value, at: &str) -> &'m str {
    manifest.pointer(at).and_then(Value::as_str).unwrap_or_else(|| panic!("no text at {at}"))
}

#[test]
fn every_address_is_a_door() {
    let manifest = manifest();
    for (at, door) in [
        ("/features/slash_commands/0/url", Door::Commands),
        ("/settings/interactivity/request_url", Door::Interactions),
        ("/settings/interactivity/message_menu_options_url", Door::Options),
        ("/settings/event_subscriptions/request_url", Door::Events),
    ] {
        assert_eq!(text(&manifest, at), format!("{HOST}{}", door.path()));
    }
    let addresses = include_str!("../manifests/slack.yaml").matches(HOST).count();
    assert_eq!(addresses, 4, "an address that no door answers");
}

#[test]
fn the_command_is_the_settings_default() {
    let manifest = manifest();
    let setting = SETTINGS.iter().find(|setting| setting.name == "SLACK_COMMAND").expect("the setting");
    let Absent::Means(default) = setting.absent else { panic!("the command has no default") };
    assert_eq!(text(&manifest, "/features/slash_commands/0/command"), default);
    assert_eq!(manifest["features"]["slash_commands"].as_array().map(Vec::len), Some(1));
    // With escaping, a mention would arrive as something else than was typed.
    assert_eq!(manifest["features"]["slash_commands"][0]["should_escape"], json!(false));
}

#[test]
fn the_scopes_are_those_that_are_needed_and_no_more() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/clients/slack");
    let files = fs::read_dir(folder).expect("the client").flatten();
    let client: String = files.map(|file| fs::read_to_string(file.path()).expect("a text")).collect();
    let names = METHODS.iter().map(|(method, _)| *method);
    let families = ["chat.", "conversations.", "usergroups.", "users.", "views.", "auth.", "files.", "reactions."];
    let quoted = client.split('"').skip(1).step_by(2);
    let called: BTreeSet<_> = quoted.filter(|text| families.iter().any(|family| text.starts_with(family))).collect();
    assert_eq!(called, names.collect(), "the methods that the client calls");

    let needed: BTreeSet<_> = METHODS.iter().filter_map(|(_, scope)| *scope).chain(["commands"]).collect();
    let manifest = manifest();
    let asked = manifest["oauth_config"]["scopes"]["bot"].as_array().expect("bot scopes");
    assert_eq!(asked.iter().filter_map(Value::as_str).collect::<BTreeSet<_>>(), needed);
    assert_eq!(asked.len(), needed.len(), "a scope twice");
    assert_eq!(SCOPES.into_iter().collect::<BTreeSet<_>>(), needed, "what the doctor looks for");
    assert_eq!(manifest["oauth_config"]["scopes"].as_object().map(serde_json::Map::len), Some(1), "no user scopes");
}

#[test]
fn every_text_is_within_slacks_limits() {
    let manifest = manifest();
    for (at, most) in LIMITS {
        let length = text(&manifest, at).chars().count();
        assert!((1..=most).contains(&length), "{at} has {length} characters, {most} are the most");
    }
}

#[test]
fn the_app_is_what_the_program_is_made_for() {
    let manifest = manifest();
    assert_eq!(manifest["_metadata"]["major_version"], json!(2));
    assert_eq!(manifest["settings"]["interactivity"]["is_enabled"], json!(true));
    // Requests come over HTTP, and the token is a setting that stays the same.
    assert_eq!(manifest["settings"]["socket_mode_enabled"], json!(false));
    assert_eq!(manifest["settings"]["token_rotation_enabled"], json!(false));
    // Cards and results are read under Messages; nothing written there is.
    let tabs =
        json!({ "home_tab_enabled": true, "messages_tab_enabled": true, "messages_tab_read_only_enabled": true });
    assert_eq!(manifest["features"]["app_home"], tabs);
    let events = json!(["app_home_opened", "app_uninstalled", "tokens_revoked"]);
    assert_eq!(manifest["settings"]["event_subscriptions"]["bot_events"], events);
}
