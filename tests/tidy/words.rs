//! Nothing is left undone with a mark to say so.

use crate::tree::{File, Tree, names};

/// Marks that people leave for later.
const MARKS: [&str; 4] =
    [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("todo", "!("), concat!("unimplemented", "!(")];

/// A mark of something unfinished.
pub fn unfinished(_: &Tree, file: &File) -> Vec<String> {
    let marked = file.text.lines().enumerate().filter(|(_, line)| MARKS.iter().any(|mark| names(line, mark)));
    marked.map(|(at, _)| format!("line {}: says that something is unfinished", at + 1)).collect()
}

#[test]
fn a_mark_is_found() {
    let found = |text: &str| unfinished(&Tree::of([]), &File::new("docs/a.md", text)).len();
    assert_eq!(MARKS.map(|mark| found(&format!("some // {mark}: later"))), [1; 4]);
    assert_eq!(found("todo = \"warn\""), 0);
}
