//! No file names a package registry's host: whoever clones the project fetches from where they fetch everything.

use crate::tree::{File, Tree};

/// What cargo writes for the registry that everybody means unless they say otherwise.
const USUAL: &str = "\"registry+https://github.com/rust-lang/";

/// What names a host in a configuration, a lock file or a text.
const HOSTS: [&str; 5] =
    ["://registry.", "://index.crates", "://static.crates", "\"resolved\": \"http", concat!("replace-", "with")];

/// A registry's host.
pub fn named(_: &Tree, file: &File) -> Vec<String> {
    if file.path.starts_with("tests/tidy/") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        let unusual = file.path == "Cargo.lock"
            && line.strip_prefix("source = ").is_some_and(|source| !source.starts_with(USUAL));
        if unusual || HOSTS.iter().any(|host| line.contains(host)) {
            findings.push(format!("line {}: names a registry", at + 1));
        }
    }
    findings
}

#[test]
fn a_registry_is_found() {
    let found = |path: &str, text: &str| named(&Tree::of([]), &File::new(path, text)).len();
    assert_eq!(found("package-lock.json", "\"resolved\": \"https://mirror.example/a.tgz\","), 1);
    assert_eq!(found(".npmrc", "registry=https://registry.example/"), 1);
    assert_eq!(found(".cargo/config.toml", "replace-with = \"mirror\""), 1);
    assert_eq!(found("Cargo.lock", "source = \"sparse+https://mirror.example/index/\""), 1);
    assert_eq!(found("Cargo.lock", &format!("source = {USUAL}index\"")), 0);
    assert_eq!(found("README.md", "See https://docs.example/registry."), 0);
}
