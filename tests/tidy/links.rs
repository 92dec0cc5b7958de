//! What a text points to is there: links, their headings, and files named in passing.

use crate::tree::{File, Tree};

/// A Markdown link to a file or heading that does not exist.
pub fn broken(tree: &Tree, file: &File) -> Vec<String> {
    if !file.is("md") {
        return Vec::new();
    }
    let targets = file.text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let own = targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"));
    let bad = own.filter(|target| {
        let (path, heading) = target.split_once('#').unwrap_or((target, ""));
        let path = if path.is_empty() { file.path.clone() } else { resolve(&file.path, path) };
        let there = |text: &str| text.lines().filter(|line| line.starts_with('#')).any(|line| slug(line) == heading);
        !tree.exists(&path) || (!heading.is_empty() && !tree.get(&path).is_some_and(|file| there(&file.text)))
    });
    bad.map(|target| format!("links to {target}, which is not there")).collect()
}

/// A file of the project, named in a document, or a document, named anywhere, that does not exist.
pub fn unmentionable(tree: &Tree, file: &File) -> Vec<String> {
    const FOLDERS: [&str; 8] = ["docs/", "src/", "crates/", "tests/", "xtask/", "manifests/", "bench/", ".ci/"];
    let folders = if file.is("md") { &FOLDERS[..] } else { &FOLDERS[..1] };
    // A changelog speaks of what was; the rules' own samples are of what is not.
    if file.path == "CHANGELOG.md" || file.path.starts_with("tests/tidy/") {
        return Vec::new();
    }
    let part = |c: char| c.is_ascii_alphanumeric() || "/._-:".contains(c);
    let words = file.text.split(|c| !part(c)).map(|word| word.trim_end_matches(['.', ':', '-']));
    let named = words.filter(|word| folders.iter().any(|folder| word.starts_with(folder)));
    named.filter(|name| !tree.exists(name)).map(|name| format!("names {name}, which is not there")).collect()
}

/// `../a.md` as seen from `docs/b.md`.
fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The anchor that a heading gets.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn a_broken_link_is_found() {
    let found = |text: &str| {
        let file = File::new("docs/a.md", text);
        broken(&Tree::of([File::new("README.md", "# Read me\n"), File::new("docs/a.md", text)]), &file).len()
    };
    assert_eq!(found("[b](b.md) and [c](../c.md) and ![d](images/d.png)"), 3);
    assert_eq!(found("[b](#nothing) and [c](../README.md#nothing)"), 2);
    assert_eq!(
        found("## Its `own` heading\n[b](#its-own-heading), [c](../README.md#read-me), [d](https://example.com)"),
        0
    );
}

#[test]
fn a_file_that_is_gone_is_found() {
    let tree = Tree::of([File::new("src/a.rs", ""), File::new("docs/a.md", "")]);
    let found = |path: &str, text: &str| unmentionable(&tree, &File::new(path, text)).len();
    assert_eq!(found("README.md", "see `src/b.rs`, src/a.rs and `docs/c.md`."), 2);
    assert_eq!(found("src/a.rs", "// why: docs/b.md"), 1);
    assert_eq!(found("src/a.rs", "// why: docs/a.md. As `src/b.rs` of another project."), 0);
    assert_eq!(found("README.md", "`src/a.rs`, `src/*.rs`, https://example.com/docs/b, other/src/b.rs"), 0);
}
