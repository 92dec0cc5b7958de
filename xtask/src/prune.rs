//! Takes out of the Wasm what its JavaScript never calls.
//!
//! The `worker` crate exports classes for services that this program does not use, and the linker keeps what is exported.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use wasmparser::{Parser, Payload};

use crate::{command, tools::Tools};

/// Rewrites `wasm` with those exports only that `script` names.
pub(crate) fn prune(tools: &Tools, wasm: &Path, script: &Path) -> Result<()> {
    let bytes = fs::read(wasm).with_context(|| format!("reading {}", wasm.display()))?;
    let text = fs::read_to_string(script).with_context(|| format!("reading {}", script.display()))?;
    let named = named(exports(&bytes)?, &text);
    ensure!(!named.is_empty(), "{} names no export of the Wasm", script.display());
    let graph = wasm.with_file_name("exports.json");
    fs::write(&graph, graph_of(&named).to_string()).with_context(|| format!("writing {}", graph.display()))?;
    // It prints the name of everything that goes.
    command::output(
        tools
            .wasm_metadce()
            .args(["--enable-exception-handling", "--debuginfo", "--graph-file"])
            .arg(&graph)
            .arg(wasm)
            .arg("-o")
            .arg(wasm),
    )?;
    Ok(())
}

fn exports(wasm: &[u8]) -> Result<Vec<&str>> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ExportSection(exports) = payload? {
            for export in exports {
                names.push(export?.name);
            }
        }
    }
    Ok(names)
}

/// The exports that stand in the script as properties. A property of another object that is called the same keeps one more
/// than is needed, and does no harm.
fn named<'w>(exports: Vec<&'w str>, script: &str) -> Vec<&'w str> {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let used = |name: &str| {
        let property = format!(".{name}");
        script.match_indices(&property).any(|(at, _)| {
            let rest = script.get(at + property.len()..).unwrap_or_default();
            !rest.starts_with(part)
        })
    };
    exports.into_iter().filter(|name| used(name)).collect()
}

/// The input of wasm-metadce (Binaryen, `wasm-metadce --help`): who reaches what from outside.
fn graph_of(exports: &[&str]) -> Value {
    let root = json!({ "name": "JavaScript", "root": true, "reaches": exports });
    let each = exports.iter().map(|name| json!({ "name": name, "export": name }));
    std::iter::once(root).chain(each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_kept_for_its_whole_name_only() {
        let script = "import*as w from'./a';w.handle(w.memory.buffer);x(w.__wbg_free_2)";
        assert_eq!(named(vec!["handle", "memory", "hand", "__wbg_free", "import"], script), ["handle", "memory"]);
    }

    #[test]
    fn the_graph_has_a_root_that_reaches_each_export() {
        let graph = graph_of(&["a", "b"]);
        assert_eq!(graph.pointer("/0/reaches"), Some(&json!(["a", "b"])));
        assert_eq!(graph.pointer("/2/export"), Some(&json!("b")));
    }
}
