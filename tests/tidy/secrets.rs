//! Types that hold a secret cannot be printed, compared, copied or written: nobody derives or implements that for them.

use crate::tree::{File, Tree};

/// The types, where they are.
const HOLDERS: [(&str, &str); 23] = [
    ("Secret", "crates/seal/src/secret.rs"),
    ("Credential", "crates/seal/src/credential.rs"),
    ("Credential", "crates/seal-web/src/lib.rs"),
    ("Entered", "src/domain/credential.rs"),
    ("Config", "src/config.rs"),
    ("SlackConfig", "src/config.rs"),
    ("EntraConfig", "src/config.rs"),
    ("AccessToken", "src/clients/entra.rs"),
    ("Payload", "src/clients/payload.rs"),
    ("SecretBytes", "src/clients/secret_bytes.rs"),
    ("SecretJson", "src/clients/secret_json.rs"),
    ("Fetched", "src/clients/secrets/mod.rs"),
    ("Content", "src/clients/secrets/mod.rs"),
    ("Answer", "src/clients/secrets/exchange.rs"),
    ("SourceSecrets", "src/config/sources.rs"),
    ("AwsKey", "src/clients/secrets/sigv4.rs"),
    ("ServiceAccount", "src/clients/secrets/google.rs"),
    ("Wiped", "src/codec/wiped.rs"),
    ("PrivateKey", "src/codec/signatures.rs"),
    ("Key", "src/codec/webhook/standard.rs"),
    ("Form", "src/codec/form.rs"),
    ("Submission", "src/codec/chat.rs"),
    ("Inputs", "src/codec/chat.rs"),
];

const FORBIDDEN: [&str; 5] = ["Debug", "Display", "Serialize", "Clone", "PartialEq"];

/// A forbidden trait of a type that holds a secret.
pub fn shown(_: &Tree, file: &File) -> Vec<String> {
    let holders = HOLDERS.iter().filter(|(_, place)| *place == file.path).map(|(name, _)| *name);
    let mut findings = Vec::new();
    for holder in holders {
        let derived = derives(file, holder).into_iter();
        let implemented = FORBIDDEN.into_iter().filter(|name| implements(file, name, holder));
        let bad = derived.filter(|name| FORBIDDEN.contains(&name.as_str())).chain(implemented.map(str::to_owned));
        findings.extend(bad.map(|name| format!("{holder} holds a secret and is {name}")));
    }
    findings
}

/// Keeps the table true: each type is defined where it says.
pub fn each_is_defined(tree: &Tree) {
    for (name, place) in HOLDERS {
        let file = tree.get(place).unwrap_or_else(|| panic!("{place} is gone"));
        assert!(file.code().any(|(_, line)| defines(line, name)), "{name} is not in {place} any more");
    }
}

fn defines(line: &str, name: &str) -> bool {
    let words: Vec<_> =
        line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    words.windows(2).any(|pair| matches!(pair, ["struct" | "enum", word] if *word == name))
}

/// What is derived in the attributes right above the type.
fn derives(file: &File, holder: &str) -> Vec<String> {
    let mut attributes = String::new();
    for (_, line) in file.code() {
        if defines(line, holder) {
            break;
        }
        // An attribute of several lines ends where the item begins.
        match line.is_empty() || line.ends_with(['}', ';']) {
            true => attributes.clear(),
            false => attributes.push_str(line),
        }
    }
    let lists = attributes.split("derive(").skip(1).filter_map(|rest| rest.split(')').next());
    lists
        .flat_map(|list| list.split(','))
        .map(|name| name.trim().rsplit("::").next().unwrap_or_default().to_owned())
        .collect()
}

fn implements(file: &File, name: &str, holder: &str) -> bool {
    file.code().any(|(_, line)| {
        let (of, what) = line.split_once(" for ").unwrap_or_default();
        let what = what.split(['<', ' ', '{']).next().unwrap_or_default();
        line.starts_with("impl") && of.ends_with(name) && what == holder
    })
}

#[test]
fn a_secret_that_shows_is_found() {
    let found = |text: &str| shown(&Tree::of([]), &File::new("crates/seal/src/secret.rs", text));
    assert_eq!(found("#[derive(Clone, Debug)]\npub struct Secret(String);").len(), 2);
    assert_eq!(found("#[derive(\n    serde::Serialize,\n)]\npub struct Secret(String);").len(), 1);
    assert_eq!(found("impl fmt::Display for Secret {").len(), 1);
    assert_eq!(found("impl<'a> Serialize for Secret<'a> {").len(), 1);
    let good =
        "#[derive(Debug)]\nstruct Other;\n\n#[derive(Default)]\npub struct Secret(String);\nimpl Debug for Other {";
    assert!(found(good).is_empty());
}
