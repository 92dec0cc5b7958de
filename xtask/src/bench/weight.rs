//! What the Worker's Wasm is made of: bytes of code by crate, and of our own what is for Teams alone.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result};
use serde::Serialize;
use wasmparser::{KnownCustom, Name, Parser, Payload};

use crate::{bundle, tools::Tools};

/// Bytes that one part takes.
#[derive(Serialize)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) bytes: usize,
}

/// The parts, largest first. Measured on a twin of the built Wasm that keeps its function names.
pub(crate) fn parts(tools: &Tools, staged: &Path, scratch: &Path) -> Result<Vec<Part>> {
    let named = scratch.join("named.wasm");
    bundle::optimise(tools, staged, &named, &["--debuginfo"])?;
    let bytes = fs::read(&named).with_context(|| format!("reading {}", named.display()))?;
    read(&bytes)
}

fn read(wasm: &[u8]) -> Result<Vec<Part>> {
    let mut imported = 0;
    let mut functions = Vec::new();
    let mut names: BTreeMap<u32, &str> = BTreeMap::new();
    let mut parts: BTreeMap<String, usize> = BTreeMap::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, wasmparser::TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => functions.push(body.range().len()),
            Payload::DataSection(data) => *parts.entry("(constants)".to_owned()).or_default() += data.range().len(),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(subsections) = section.as_known() {
                    for subsection in subsections {
                        if let Name::Function(map) = subsection? {
                            for naming in map {
                                let naming = naming?;
                                names.insert(naming.index, naming.name);
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }
    for (index, bytes) in (imported..).zip(functions) {
        let name = names.get(&index).map_or("(unnamed)", |name| part_of(name));
        *parts.entry(name.to_owned()).or_default() += bytes;
    }
    let mut parts: Vec<Part> = parts.into_iter().map(|(name, bytes)| Part { name, bytes }).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    Ok(parts)
}

/// Our own modules for Teams, apart from the rest of our crate.
const TEAMS: &str = "pbi_rotate, Teams";

/// The part of the program that a function belongs to.
fn part_of(name: &str) -> &str {
    match crate_of(name) {
        "pbi_rotate" if name.contains("::teams::") => TEAMS,
        of => of,
    }
}

/// The crate a function belongs to: `<&alloc::string::String as core::fmt::Write>::write_str` is alloc's. The standard
/// library's names carry a hash (`alloc[3ca501edff3f0c7c]`). What is inlined counts for the function it went into, so the
/// body of an async handler counts for js_sys, which turns it into a promise.
fn crate_of(name: &str) -> &str {
    let path = name.trim_start_matches(['<', '&', '(', '[', '*']);
    let path = path.strip_prefix("dyn ").or_else(|| path.strip_prefix("mut ")).unwrap_or(path);
    let end = path.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(path.len());
    let (first, rest) = path.split_at(end);
    if rest.starts_with("::") || rest.starts_with('[') {
        first
    } else if let Some((_, of_trait)) = rest.split_once(" as ") {
        crate_of(of_trait)
    } else if rest.contains("::") {
        // `<char>::to_digit`: primitives are core's.
        "core"
    } else {
        "(exports and glue)"
    }
}

#[cfg(test)]
mod tests {
    use super::{TEAMS, crate_of, part_of};

    #[test]
    fn a_function_belongs_to_the_crate_its_path_begins_with() {
        assert_eq!(crate_of("pbi_rotate::doors::open::h0123456789abcdef"), "pbi_rotate");
        assert_eq!(crate_of("<&alloc::string::String as core::fmt::Write>::write_str::h01"), "alloc");
        assert_eq!(crate_of("<dyn core::any::Any>::type_id"), "core");
        assert_eq!(crate_of("<alloc[3ca501edff3f0c7c]::string::String>::from_utf8"), "alloc");
        assert_eq!(crate_of("<i64 as core[c5930c85a12de822]::fmt::Display>::fmt"), "core");
        assert_eq!(crate_of("<char>::escape_debug_ext"), "core");
        assert_eq!(crate_of("rotationobject_fetch"), "(exports and glue)");
        assert_eq!(part_of("<pbi_rotate::clients::teams::Teams>::get::h01"), TEAMS);
        assert_eq!(part_of("pbi_rotate::clients::slack::Slack::post::h01"), "pbi_rotate");
    }
}
