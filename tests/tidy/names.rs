//! Every file says in its first line the one thing it does, is short, and has a name that means something.

use crate::tree::{File, Tree};

/// Lines of a file, tests included.
const MOST_LINES: usize = 400;

/// Names under which anything could be put.
const VAGUE: [&str; 8] = ["common", "helper", "helpers", "misc", "prelude", "types", "util", "utils"];

/// A first line that is not `//!` and a sentence.
pub fn header(_: &Tree, file: &File) -> Vec<String> {
    let first = file.text.lines().next().unwrap_or_default();
    let sentence = first.strip_prefix("//! ").is_some_and(|text| text.ends_with(['.', '?']));
    let bad = file.is("rs") && !sentence;
    bad.then(|| "the first line has to be `//!` and one sentence that says what the file does".to_owned())
        .into_iter()
        .collect()
}

/// More lines than anybody reads at once.
pub fn length(_: &Tree, file: &File) -> Vec<String> {
    let lines = file.text.lines().count();
    let bad = file.is("rs") && lines > MOST_LINES;
    bad.then(|| format!("has {lines} lines, {MOST_LINES} are the most")).into_iter().collect()
}

/// A file, folder or module with a vague name.
pub fn vague(_: &Tree, file: &File) -> Vec<String> {
    if !file.is("rs") {
        return Vec::new();
    }
    let parts = file.path.split(['/', '.']).map(str::to_owned);
    let modules = file.code().filter_map(|(_, line)| {
        let name = line.trim_start_matches("pub ").strip_prefix("mod ")?;
        Some(name.trim_end_matches([';', '{', ' ']).to_owned())
    });
    let bad = parts.chain(modules).filter(|name| VAGUE.contains(&name.as_str()));
    bad.map(|name| format!("{name} says nothing of what is in it")).collect()
}

#[test]
fn a_file_without_its_sentence_is_found() {
    let found = |text: &str| header(&Tree::of([]), &File::new("src/a.rs", text)).len();
    assert_eq!((found("use std::fmt;"), found("// A comment."), found("//! No full stop"), found("")), (1, 1, 1, 1));
    assert_eq!((found("//! One thing.\n"), found("//! To which keys is it sealed?\n")), (0, 0));
}

#[test]
fn a_long_file_is_found() {
    let found = |lines: usize| length(&Tree::of([]), &File::new("src/a.rs", &"\n".repeat(lines)));
    assert_eq!(found(401), ["has 401 lines, 400 are the most"]);
    assert!(found(400).is_empty());
}

#[test]
fn a_vague_name_is_found() {
    let found = |path: &str, text: &str| vague(&Tree::of([]), &File::new(path, text)).len();
    assert_eq!(found("src/utils.rs", ""), 1);
    assert_eq!(found("src/common/a.rs", ""), 1);
    assert_eq!(found("src/a.rs", "pub mod helpers;\nmod types {"), 2);
    assert_eq!(found("src/commons.rs", "mod utility;"), 0);
}
