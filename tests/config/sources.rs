//! What secret managers and we know each other by: a variable for each, and every problem with one.

use std::collections::BTreeMap;

use pbi_rotate::config::{Config, SourceSecrets, variable};
use pbi_rotate::domain::names::SourceName;
use serde_json::{Value, json};

use crate::LEAST;

const PATH: &str = "k7Qm2xV9bT4hR8wZ3nL6pD1sF5gJ0yCa";

/// Reads the least with these variables beside it.
fn read(variables: &[(&str, &str)]) -> Result<Vec<SourceSecrets>, Vec<String>> {
    let all: BTreeMap<&str, &str> = LEAST.iter().chain(variables).copied().collect();
    let names: Vec<_> = all.keys().map(|name| (*name).to_owned()).collect();
    let config = Config::read(|name| all.get(name).map(|value| (*value).to_owned()), &names);
    config.map(|config| config.sources).map_err(|told| told.iter().map(ToString::to_string).collect())
}

/// The one problem with a variable.
fn problem(name: &str, text: &str) -> String {
    let problems = read(&[(name, text)]).err().unwrap_or_default();
    assert_eq!(problems.len(), 1, "{text}: {problems:?}");
    problems[0].clone()
}

/// What a variable may hold, with one part set otherwise.
fn with(part: &str, value: Value) -> String {
    let mut whole = json!({ "path": PATH, "keys": ["whsec_0123456789abcdef0123"], "token": "dp.st.prd.token" });
    whole[part] = value;
    whole.to_string()
}

#[test]
fn a_variable_is_read_for_each() {
    let other = PATH.replace('k', "K");
    let bare = json!({ "path": other, "keys": null, "token": null, "session_token": "" }).to_string();
    let bare = bare.replace("\"keys\":null,", "");
    let sources = read(&[("SOURCE_VAULT", &with("note", Value::Null)), ("SOURCE_DATA_VAULT_2", &bare)]).ok().unwrap();
    let names: Vec<_> = sources.iter().map(|source| source.name.as_str()).collect();
    assert_eq!(names, ["data-vault-2", "vault"]);
    let [bare, vault] = &sources[..] else { panic!("two of them") };
    assert!(vault.is_at(PATH) && !vault.is_at(&other) && bare.is_at(&other));
    assert!(!vault.is_at("") && !vault.is_at(&PATH[1..]) && !vault.is_at(&format!("{PATH}0")));
    assert_eq!(vault.keys.iter().map(|key| key.expose()).collect::<Vec<_>>(), ["whsec_0123456789abcdef0123"]);
    assert_eq!(vault.get("token").map(|token| token.expose()), Some("dp.st.prd.token"));
    assert!(vault.get("path").is_none() && vault.get("secret_id").is_none());
    assert!(bare.keys.is_empty() && bare.get("token").is_none(), "null is the same as none");
    assert!(bare.get("session_token").is_none(), "and so is an empty text");
    for source in &sources {
        assert!(["SOURCE_VAULT", "SOURCE_DATA_VAULT_2"].contains(&variable(&source.name).as_str()));
    }
    assert_eq!(variable(&SourceName::parse("data-vault-2").unwrap()), "SOURCE_DATA_VAULT_2");
}

#[test]
fn a_blank_variable_is_the_same_as_none() {
    assert!(read(&[("SOURCE_VAULT", ""), ("SOURCE_OTHER", " \n")]).ok().unwrap().is_empty());
}

#[test]
fn each_problem_names_its_variable_and_repeats_no_value() {
    let object = "has to be a JSON object";
    let path = "needs path: 32 to 128 random letters, digits, '-' or '_'";
    let keys = "has keys that are no list of at most four";
    let key = "has a key that is no text of at least 24 characters";
    let key_of = |length: usize| "x".repeat(length);
    for (text, message) in [
        ("hunter2".to_owned(), object),
        ("[\"hunter2\"]".to_owned(), object),
        ("{\"path\":\"hunter2\"".to_owned(), object),
        ("{}".to_owned(), path),
        (with("path", Value::Null), path),
        (with("path", json!(7)), path),
        (with("path", json!("hunter2")), path),
        (with("path", json!(PATH[1..])), path),
        (with("path", json!(key_of(129))), path),
        (with("path", json!(PATH.replace('k', "/"))), path),
        (with("path", json!(PATH.replace('k', "."))), path),
        (with("path", json!(PATH.replace('k', "ä"))), path),
        (with("keys", json!("hunter2")), keys),
        (with("keys", json!({ "new": "hunter2" })), keys),
        (with("keys", json!([key_of(24), key_of(24), key_of(24), key_of(24), key_of(24)])), keys),
        (with("keys", json!([key_of(23)])), key),
        (with("keys", json!([key_of(24), "hunter2"])), key),
        (with("keys", json!([7])), key),
        (with("token", json!(7)), "has a value that is no text"),
        (with("token", json!(["hunter2"])), "has a value that is no text"),
    ] {
        let told = problem("SOURCE_VAULT", &text);
        assert_eq!(told, format!("SOURCE_VAULT {message}"), "{text}");
        assert!(!told.contains("hunter2") && !told.contains(PATH), "{told}");
    }
    for good in
        [with("path", json!(key_of(32))), with("path", json!(key_of(128))), with("path", json!("a-_Z".repeat(8)))]
    {
        assert!(read(&[("SOURCE_VAULT", &good)]).is_ok(), "{good}");
    }
    assert!(read(&[("SOURCE_VAULT", &with("keys", json!(vec![key_of(24); 4])))]).is_ok());
}

#[test]
fn a_variable_has_to_be_named_for_a_secret_manager() {
    let rule = "a secret manager's name is 1 to 40 of a-z, 0-9 and '-', and begins and ends with a letter or digit";
    let long = format!("SOURCE_{}", "A".repeat(41));
    for name in ["SOURCE_", "SOURCE__VAULT", "SOURCE_VAULT_", "SOURCE_VÄULT", "SOURCE_A.B", &long] {
        assert_eq!(problem(name, &with("note", Value::Null)), format!("{name} {rule}"));
    }
}

#[test]
fn no_two_send_to_one_path() {
    let good = with("note", Value::Null);
    let told = read(&[("SOURCE_A", &good), ("SOURCE_B", &good), ("SOURCE_C", "7")]).err().unwrap();
    assert_eq!(told, ["SOURCE_B has the path of another secret manager", "SOURCE_C has to be a JSON object"]);
}
