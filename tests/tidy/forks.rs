//! What is tested is what runs: no code behind `cfg(test)` but the tests themselves.

use crate::tree::{File, Tree};

/// Conditions on `test` that are not the attribute of `mod tests`.
pub fn forks(_: &Tree, file: &File) -> Vec<String> {
    if !file.is_production() {
        return Vec::new();
    }
    let lines: Vec<_> = file.code().collect();
    let mut findings = Vec::new();
    for (at, (number, line)) in lines.iter().enumerate() {
        let attribute = line.starts_with("#[cfg") && line.contains("test");
        let of_tests =
            *line == "#[cfg(test)]" && lines.get(at + 1).is_some_and(|(_, next)| next.starts_with("mod tests"));
        if (attribute && !of_tests) || line.contains("cfg!(test") || line.contains("cfg!(not(test") {
            findings.push(format!("line {number}: another program under test than in production"));
        }
    }
    findings
}

#[test]
fn a_fork_is_found() {
    let found = |text: &str| forks(&Tree::of([]), &File::new("src/domain/a.rs", text)).len();
    assert_eq!(found("#[cfg(test)]\nfn now() {}"), 1);
    assert_eq!(found("#[cfg(not(test))]\nfn now() {}"), 1);
    assert_eq!(found("#[cfg_attr(test, derive(Debug))]\nstruct A;"), 1);
    assert_eq!(found("if cfg!(test) { return; }"), 1);
    assert_eq!(found("#[cfg(test)]\nmod tests {\n}"), 0);
    assert_eq!(found("#[cfg(test)]\nmod tests;"), 0);
}
