//! Builds the sealing page: Wasm, script and style named by their content, and the HTML that says what they must hash to.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use sha2::{Digest as _, Sha256, Sha384};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    bundle, command,
    folder::emptied,
    size::Size,
    tools::{Tools, WASM},
};

/// The folder of the files that are named by their content; `crates/seal-web/page/_headers` lets browsers keep them.
const STATIC: &str = "static";

/// The browsers, from about 2023 on, whose syntax the script keeps to.
const BROWSERS: &str = "--target=chrome111,firefox115,safari16.4";

/// Builds the page into `build/assets` and prints what a browser has to fetch.
pub(crate) fn build(root: &Path, tools: &Tools) -> Result<()> {
    let source = root.join("crates/seal-web/page");
    let staged = stage(root, tools, &source)?;
    let assets = root.join("build/assets");
    emptied(&assets)?;
    fs::create_dir_all(assets.join(STATIC)).with_context(|| format!("making {}", assets.display()))?;

    let mut html = read(&source.join("enter.html"))?;
    // Browsers have no `integrity` for what is preloaded to be fetched by a script, so the script compares it.
    let files =
        [("enter.css", "href", "integrity"), ("seal.wasm", "href", "data-integrity"), ("enter.js", "src", "integrity")];
    for (file, link, compared) in files {
        let (name, integrity) = publish(&staged.join(file), &assets)?;
        let reference = format!(r#"{link}="{file}""#);
        ensure!(html.contains(&reference), "enter.html does not name {file}");
        html = html.replace(&reference, &format!(r#"{link}="/{name}" {compared}="{integrity}""#));
        println!("build/assets/{name:<34} {}", Size::of(&assets.join(&name))?);
    }
    let path = assets.join("enter.html");
    write(&path, &with_words(&html, &read(&source.join("strings.json"))?)?)?;
    write(&assets.join("_headers"), &read(&source.join("_headers"))?)?;
    println!(
        "build/assets/{:<34} {}\nthe page, all together {:>24} {}",
        "enter.html",
        Size::of(&path)?,
        "",
        size(root)?
    );
    Ok(())
}

/// What a browser has to fetch of the page as it was built last.
pub(crate) fn size(root: &Path) -> Result<Size> {
    let assets = root.join("build/assets");
    let statics = assets.join(STATIC);
    let mut whole = Size::of(&assets.join("enter.html"))?;
    for file in fs::read_dir(&statics).with_context(|| format!("listing {}", statics.display()))? {
        whole = whole + Size::of(&file?.path())?;
    }
    Ok(whole)
}

/// Compiles, binds, optimises and bundles: a folder with `seal.wasm`, `enter.js` and `enter.css`.
fn stage(root: &Path, tools: &Tools, source: &Path) -> Result<PathBuf> {
    bundle::compile(root, "seal-web")?;
    let target = bundle::target_dir(root)?;
    let bound = target.join("page/bound");
    let staged = target.join("page/out");
    Bindgen::new()
        .input_path(target.join(WASM).join("release/seal_web.wasm"))
        .out_name("seal_web")
        .typescript(false)
        .web(true)?
        .generate(&bound)
        .context("binding seal_web.wasm")?;
    for file in fs::read_dir(source).with_context(|| format!("listing {}", source.display()))? {
        let file = file.context("listing the page's files")?;
        fs::copy(file.path(), bound.join(file.file_name())).context("copying the page's files")?;
    }
    fs::create_dir_all(&staged).with_context(|| format!("making {}", staged.display()))?;
    let wasm = staged.join("seal.wasm");
    command::run(tools.wasm_opt().arg("-Oz").arg(bound.join("seal_web_bg.wasm")).arg("-o").arg(wasm))?;
    command::run(
        tools
            .esbuild()
            .current_dir(&bound)
            .args(["enter.js", "enter.css", "--bundle", "--format=esm", "--minify", BROWSERS, "--log-level=warning"])
            // Only where the caller names no Wasm does the glue look for it beside itself, which this page never does.
            .args(["--log-override:empty-import-meta=silent", "--define:import.meta.url=undefined"])
            .arg(format!("--outdir={}", staged.display())),
    )?;
    Ok(staged)
}

/// Copies a file under a name made of its content. Its path from the site's root, and what a browser compares.
fn publish(file: &Path, assets: &Path) -> Result<(String, String)> {
    let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let name = file.file_stem().and_then(|name| name.to_str()).context("a file without a name")?;
    let extension = file.extension().and_then(|name| name.to_str()).context("a file without a type")?;
    let hash: String = Sha256::digest(&bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let name = format!("{STATIC}/{name}.{hash}.{extension}");
    fs::write(assets.join(&name), &bytes).with_context(|| format!("writing {name}"))?;
    Ok((name, format!("sha384-{}", STANDARD.encode(Sha384::digest(&bytes)))))
}

/// The HTML with `{{word}}` replaced by what the strings have under `page`.
fn with_words(html: &str, strings: &str) -> Result<String> {
    let strings: Value = serde_json::from_str(strings).context("reading strings.json")?;
    let words = strings.get("page").and_then(Value::as_object).context("strings.json has no words for the page")?;
    let mut html = html.to_owned();
    for (name, text) in words {
        let text = text.as_str().context("a word of the page is not text")?;
        html = html.replace(
            &format!("{{{{{name}}}}}"),
            &text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;"),
        );
    }
    ensure!(!html.contains("{{"), "enter.html names a word that strings.json does not have");
    Ok(html)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}
