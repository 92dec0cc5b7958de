//! Nothing is printed but by programs whose work that is; the Worker writes log lines of one type.

use crate::tree::{File, Tree, names};

/// The shell's log, the project's commands, and the servers and benches that people start by hand.
const MAY: [&str; 4] = ["src/shell/", "xtask/", "crates/emulator/src/main.rs", "bench/"];

const MACROS: [&str; 8] =
    ["println!", "print!", "eprintln!", "eprint!", "dbg!", "console_log!", "console_error!", "console_debug!"];

/// A macro that prints.
pub fn prints(_: &Tree, file: &File) -> Vec<String> {
    if !file.is_production() || MAY.iter().any(|place| file.path.starts_with(place)) {
        return Vec::new();
    }
    let found = file.code().filter(|(_, line)| MACROS.iter().any(|name| names(line, name)));
    found.map(|(number, _)| format!("line {number}: prints; what is worth saying is a trail::Line")).collect()
}

#[test]
fn printing_is_found() {
    let found = |path: &str, text: &str| prints(&Tree::of([]), &File::new(path, text)).len();
    assert_eq!(found("src/flows/a.rs", "println!(\"{password}\");\nlet b = dbg!(a);\neprint!(\"x\");"), 3);
    assert_eq!(found("crates/seal/src/a.rs", "console_log!(\"x\");"), 1);
    assert_eq!(found("src/shell/a.rs", "console_log!(\"x\");"), 0);
    assert_eq!(found("src/flows/a.rs", "// println! is for others\nmy_println!();"), 0);
}
