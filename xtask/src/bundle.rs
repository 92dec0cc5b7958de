//! Builds the Worker: Rust to Wasm, its JavaScript glue, one optimised bundle in `build/`; then the page beside it.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    command,
    folder::emptied,
    page,
    prune::prune,
    size::Size,
    tools::{Tools, WASM},
};

/// The module that Cloudflare calls: it hands requests to the Wasm and revives it after a panic.
const ENTRY: &str = include_str!("entry.js");

/// What is changed in wasm-bindgen's glue, each at least once.
const GLUE: [(&str, &str); 3] = [
    // A source phase import is not understood by the runtime yet; there, importing Wasm means just that.
    ("import source wasmModule from", "import wasmModule from"),
    // These two keep every class in the bundle that the `worker` crate exports, and nobody uses. The runtime has a
    // registry, and making one is nothing that would be missed.
    (
        "(typeof FinalizationRegistry === 'undefined')\n    ? { register: () => {}, unregister: () => {} }\n    : new",
        "/* @__PURE__ */ new",
    ),
    // Nothing is disposed of by `using`.
    ("if (Symbol.dispose)", "if (false)"),
];

/// Builds the Worker and the sealing page, prints their sizes, and returns the folder that [`optimise`] takes.
pub(crate) fn build(root: &Path, tools: &Tools) -> Result<PathBuf> {
    let staged = stage(root)?;
    let out = root.join("build");
    finish(tools, &staged, &out)?;
    let (glue, wasm) = (Size::of(&out.join("index.js"))?, Size::of(&out.join("index_bg.wasm"))?);
    println!("build/index_bg.wasm  {wasm}\nbuild/index.js       {glue}\ntogether             {}", wasm + glue);
    page::build(root, tools)?;
    Ok(staged)
}

/// Compiles and binds: a folder with the Wasm (names kept), its glue and the entry, none of it optimised.
fn stage(root: &Path) -> Result<PathBuf> {
    println!("Compiling the Worker (about 2 min the first time)");
    compile(root, "pbi-rotate")?;
    let target = target_dir(root)?;
    let staged = target.join("worker");
    emptied(&staged)?;
    bind(&target.join(WASM).join("release/pbi_rotate.wasm"), &staged)?;
    Ok(staged)
}

/// Compiles one of the workspace's packages to Wasm.
pub(crate) fn compile(root: &Path, package: &str) -> Result<()> {
    // The crate type is given here: a library that is an rlib as well would be linked without LTO, at twice the size.
    let rustc = ["rustc", "--release", "--package", package, "--lib", "--crate-type", "cdylib", "--target", WASM];
    command::run(command::cargo(root, &rustc).args(remapped()?))
}

/// What makes the compiler name the packages' files from where they begin: the places of panics are in the Wasm, and
/// whose home it was built in is nobody's business. Where RUSTFLAGS is set, cargo leaves these out.
fn remapped() -> Result<Vec<String>> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")));
    let sources = home.context("there is no home directory")?.join("registry/src");
    // Nothing is there before the first build in that home, and in one that takes its packages from elsewhere.
    let Ok(registries) = fs::read_dir(&sources) else { return Ok(Vec::new()) };
    let mut flags = Vec::new();
    for registry in registries {
        let path = registry.with_context(|| format!("reading {}", sources.display()))?.path();
        // A text of JSON is one of TOML.
        flags.push(serde_json::to_string(&format!("--remap-path-prefix={}/=", path.display()))?);
    }
    flags.sort();
    let flags = format!("target.{WASM}.rustflags = [{}]", flags.join(", "));
    Ok(vec!["--config".to_owned(), flags])
}

/// wasm-bindgen's `module` glue instantiates the Wasm by itself and, with these two switches, can do so again.
fn bind(wasm: &Path, staged: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .out_name("index")
        .typescript(false)
        .module(true)?
        .reset_state_function(true)
        .force_enable_abort_handler(true)
        .generate(staged)
        .with_context(|| format!("binding {}", wasm.display()))?;

    let glue = staged.join("index.js");
    let mut text = fs::read_to_string(&glue).with_context(|| format!("reading {}", glue.display()))?;
    for (before, after) in GLUE {
        ensure!(text.contains(before), "wasm-bindgen no longer writes `{before}`: look at {}", glue.display());
        text = text.replace(before, after);
    }
    fs::write(&glue, text).with_context(|| format!("writing {}", glue.display()))?;
    fs::write(staged.join("entry.js"), ENTRY).context("writing the entry")
}

/// Bundles what [`stage`] made into `out`, takes out of the staged Wasm what the bundle does not call, and optimises it.
fn finish(tools: &Tools, staged: &Path, out: &Path) -> Result<()> {
    fs::create_dir_all(out).with_context(|| format!("making {}", out.display()))?;
    let bundle = out.join("index.js");
    command::run(
        tools
            .esbuild()
            .current_dir(staged)
            .args(["entry.js", "--bundle", "--format=esm", "--minify", "--log-level=warning"])
            .args(["--external:cloudflare:workers", "--external:./index_bg.wasm"])
            // A handler that the Rust side forgot to export would otherwise be a warning here and a crash there.
            .arg("--log-override:import-is-undefined=error")
            .arg(format!("--outfile={}", bundle.display())),
    )?;
    prune(tools, &staged.join("index_bg.wasm"), &bundle)?;
    optimise(tools, staged, &out.join("index_bg.wasm"), &[])
}

/// Writes the optimised Wasm to `to`. The features are those the file says it uses, and the exceptions that
/// wasm-bindgen's abort handler adds without saying. Memory begins with the end of the stack, and addresses near zero with
/// the last of that. Functions that lie beside others of the same kind compress better.
pub(crate) fn optimise(tools: &Tools, staged: &Path, to: &Path, more: &[&str]) -> Result<()> {
    command::run(
        tools
            .wasm_opt()
            .args(["-Oz", "--enable-exception-handling", "--low-memory-unused", "--reorder-functions-by-name"])
            .args(more)
            .arg(staged.join("index_bg.wasm"))
            .arg("-o")
            .arg(to),
    )
}

/// Where cargo builds; CARGO_TARGET_DIR and the user's configuration may move it.
pub(crate) fn target_dir(root: &Path) -> Result<PathBuf> {
    let metadata =
        command::output(&mut command::cargo(root, &["metadata", "--format-version", "1", "--no-deps", "--offline"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata).context("reading cargo's metadata")?;
    let folder = metadata.get("target_directory").and_then(|value| value.as_str());
    Ok(PathBuf::from(folder.context("cargo's metadata names no target directory")?))
}
