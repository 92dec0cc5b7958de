//! Imports go down only, and what stands apart stays apart.

use crate::tree::{File, Tree, names};

/// From the ground up. A module may use those before it, and itself.
const FLOORS: [&str; 9] = ["domain", "config", "trail", "codec", "ports", "clients", "flows", "doors", "shell"];

/// Crates of the platform, which only the shell knows.
const PLATFORM: [&str; 5] = ["worker", "wasm_bindgen", "getrandom", "js_sys", "web_sys"];

/// What the domain does without: it is values and rules, whoever keeps or sends them.
const NOT_IN_DOMAIN: [&str; 5] = ["serde", "serde_json", "http", "bytes", "url"];

/// Packages and what must not be among their dependencies: `seal` is for every platform, the emulator is written from
/// the services' documents and must not share a mistake with the program.
const APART: [(&str, &[&str]); 2] = [
    (
        "crates/seal/Cargo.toml",
        &["pbi-rotate", "emulator", "http", "serde", "serde_json", "tokio", "worker", "wasm-bindgen", "getrandom"],
    ),
    ("crates/emulator/Cargo.toml", &["pbi-rotate", "seal"]),
];

/// An import of a floor above.
pub fn climbs(_: &Tree, file: &File) -> Vec<String> {
    let Some(own) = floor(&file.path) else { return Vec::new() };
    let mut findings = Vec::new();
    for (number, line) in file.code() {
        for used in line.split("crate::").skip(1) {
            let name: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            match rank(&name) {
                Some(other) if other > own => findings.push(format!("line {number}: imports {name}, a floor above")),
                None if used.starts_with('{') => findings.push(format!("line {number}: name one floor for each use")),
                _ => {}
            }
        }
        // From the first file of a floor, and with more than one `super`, the way leads out of the floor.
        let out = names(line, "super::super")
            || (is_root(&file.path) && names(line, "use super::") && !in_tests(file, number));
        if out {
            findings.push(format!("line {number}: leaves its floor by super; say crate::"));
        }
    }
    findings
}

/// A dependency that a package must not have.
pub fn apart(_: &Tree, file: &File) -> Vec<String> {
    let Some((_, forbidden)) = APART.iter().find(|(manifest, _)| *manifest == file.path) else { return Vec::new() };
    let mut section = "";
    let mut findings = Vec::new();
    for line in file.text.lines() {
        if line.starts_with('[') {
            section = line;
        }
        let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
        if section == "[dependencies]" && forbidden.contains(&name) {
            findings.push(format!("depends on {name}"));
        }
    }
    findings
}

/// JSON or HTTP in the domain.
pub fn bare(_: &Tree, file: &File) -> Vec<String> {
    let within = file.path.starts_with("src/domain/");
    let named = |line: &str| NOT_IN_DOMAIN.into_iter().find(|name| names(line, &format!("{name}::")));
    let lines = file.code().filter(|_| within);
    lines.filter_map(|(number, line)| Some(format!("line {number}: names {}", named(line)?))).collect()
}

/// Who knows a platform: the shell the Worker's, `seal-web` the browser's, and the commands what binds both.
const KNOW_A_PLATFORM: [&str; 3] = ["src/shell/", "crates/seal-web/", "xtask/"];

/// The platform, named outside of what knows it.
pub fn platform(_: &Tree, file: &File) -> Vec<String> {
    let elsewhere = file.is_production() && !KNOW_A_PLATFORM.iter().any(|place| file.path.starts_with(place));
    let named = |line: &str| {
        PLATFORM.into_iter().find(|name| names(line, &format!("{name}::")) || names(line, &format!("use {name};")))
    };
    let lines = file.code().filter(|_| elsewhere);
    lines.filter_map(|(number, line)| Some(format!("line {number}: names {}", named(line)?))).collect()
}

/// Keeps the table true: every floor is a module of the program, and every module of it a floor.
pub fn each_is_there(tree: &Tree) {
    let lib = &tree.get("src/lib.rs").expect("the map").text;
    let modules =
        lib.lines().filter_map(|line| line.trim().trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'));
    let mut modules: Vec<_> = modules.collect();
    let mut floors = FLOORS.to_vec();
    modules.sort_unstable();
    floors.sort_unstable();
    assert_eq!(modules, floors);
    assert!(APART.iter().all(|(manifest, _)| tree.exists(manifest)));
}

fn rank(name: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| *floor == name)
}

fn floor(path: &str) -> Option<usize> {
    rank(path.strip_prefix("src/")?.split(['/', '.']).next()?)
}

/// `src/ports.rs`, `src/domain/mod.rs`.
fn is_root(path: &str) -> bool {
    path.matches('/').count() == 1 || (path.matches('/').count() == 2 && path.ends_with("/mod.rs"))
}

fn in_tests(file: &File, number: usize) -> bool {
    file.code().any(|(at, line)| at < number && line == "mod tests {")
}

#[test]
fn an_import_that_climbs_is_found() {
    let found = |path: &str, text: &str| climbs(&Tree::of([]), &File::new(path, text));
    assert_eq!(found("src/codec/a.rs", "use crate::flows::house::House;"), ["line 1: imports flows, a floor above"]);
    assert_eq!(found("src/ports.rs", "\nfn f(a: crate::shell::A) {}"), ["line 2: imports shell, a floor above"]);
    assert_eq!(found("src/codec/a.rs", "use crate::{domain, flows};"), ["line 1: name one floor for each use"]);
    assert_eq!(found("src/codec/a.rs", "use super::super::flows::F;").len(), 1);
    assert_eq!(found("src/codec/mod.rs", "use super::flows::F;").len(), 1);
    assert_eq!(found("src/ports.rs", "use super::flows::F;").len(), 1);
    let good = "// use crate::shell::A;\nuse crate::domain::names::Guid;\nuse crate::codec::form;\nuse super::form;";
    assert!(found("src/codec/a.rs", good).is_empty());
    assert!(found("src/codec/mod.rs", "mod tests {\n    use super::*;\n}").is_empty());
}

#[test]
fn a_dependency_too_many_is_found() {
    let found = |text: &str| apart(&Tree::of([]), &File::new("crates/emulator/Cargo.toml", text));
    assert_eq!(found("[dependencies]\nseal = { path = \"../seal\" }"), ["depends on seal"]);
    assert!(found("[dependencies]\nrsa.workspace = true\n[dev-dependencies]\nseal = {}").is_empty());
    let seal = File::new("crates/seal/Cargo.toml", "[dependencies]\nserde.workspace = true");
    assert_eq!(apart(&Tree::of([]), &seal), ["depends on serde"]);
}

#[test]
fn json_in_the_domain_is_found() {
    let found = |path: &str, text: &str| bare(&Tree::of([]), &File::new(path, text));
    assert_eq!(found("src/domain/a.rs", "use serde::Serialize;"), ["line 1: names serde"]);
    assert_eq!(found("src/domain/a.rs", "\nfn f(a: serde_json::Value) {}"), ["line 2: names serde_json"]);
    assert!(found("src/domain/a.rs", "use super::observed::serde_like;").is_empty());
    assert!(found("src/codec/a.rs", "use serde_json::Value;").is_empty());
}

#[test]
fn the_platform_outside_the_shell_is_found() {
    let found = |path: &str, text: &str| platform(&Tree::of([]), &File::new(path, text));
    assert_eq!(found("src/flows/a.rs", "use worker::Env;"), ["line 1: names worker"]);
    assert_eq!(found("crates/seal/src/a.rs", "getrandom::getrandom(x);"), ["line 1: names getrandom"]);
    assert!(found("src/shell/a.rs", "use worker::Env;").is_empty());
    assert!(found("src/flows/a.rs", "// worker::Env is not known here\nuse workerd::Workerd;").is_empty());
}
