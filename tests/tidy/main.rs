//! The house rules that no compiler keeps, held against every file of the project.
//!
//! A rule is a function from a file to what is wrong with it. Beside each stands a test that shows it a bad sample.

#![cfg(test)]

mod floors;
mod forks;
mod links;
mod names;
mod output;
mod registries;
mod secrets;
mod tree;
mod words;

use tree::{File, Tree};

/// A rule: what is wrong with one file, a line each.
type Rule = fn(&Tree, &File) -> Vec<String>;

const RULES: [Rule; 14] = [
    floors::climbs,
    floors::apart,
    floors::bare,
    floors::platform,
    forks::forks,
    links::broken,
    links::unmentionable,
    names::header,
    names::length,
    names::vague,
    output::prints,
    registries::named,
    secrets::shown,
    words::unfinished,
];

#[test]
fn the_house_is_tidy() {
    let tree = Tree::of_project();
    let findings: Vec<String> = tree
        .files()
        .flat_map(|file| RULES.iter().flat_map(|rule| rule(&tree, file)).map(|what| format!("{}: {what}", file.path)))
        .collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn the_whole_project_is_looked_at() {
    let tree = Tree::of_project();
    for path in ["src/lib.rs", "src/shell/entry.rs", "crates/seal/Cargo.toml", "Cargo.lock", "wrangler.toml"] {
        assert!(tree.exists(path), "{path}");
    }
    assert!(!tree.files().any(|file| file.path.starts_with("node_modules/") || file.path.starts_with("target/")));
    secrets::each_is_defined(&tree);
    floors::each_is_there(&tree);
}
