//! Packages the Teams app: its manifest, filled in from wrangler.toml, and its icons, as `build/teams.zip`.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use toml::Table;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{command, tools::Tools};

/// What stands in the manifest for the app's id, which is the bot's as well, and for the host of the Worker.
const PLACES: [&str; 2] = ["{{APP_ID}}", "{{HOST}}"];

/// Packages the app that wrangler.toml describes; says so where it describes none.
pub(crate) fn build(root: &Path) -> Result<()> {
    let package = root.join("build/teams.zip");
    if package.exists() {
        fs::remove_file(&package).with_context(|| format!("removing {}", package.display()))?;
    }
    let text = fs::read_to_string(root.join("wrangler.toml")).context("reading wrangler.toml")?;
    let Some((app, host)) = described(&text)? else {
        println!("build/teams.zip      not made: wrangler.toml has no TEAMS_APP_ID");
        return Ok(());
    };
    pack(root, &app, &host, &package)?;
    println!("build/teams.zip      the app for Teams, with its bot at https://{host}");
    Ok(())
}

/// Holds the manifest against the newest schema that Microsoft's package has, for an app that nobody has.
pub(crate) fn check(root: &Path, tools: &Tools) -> Result<()> {
    let folder = root.join("build");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let file = folder.join("teams-manifest.json");
    let manifest = filled(root, "00000000-0000-4000-8000-000000000000", "pbi-rotate.example.workers.dev")?;
    fs::write(&file, manifest).with_context(|| format!("writing {}", file.display()))?;
    let outcome = command::run(tools.node_script(&root.join("xtask/src/manifest.mjs")).arg(&file));
    fs::remove_file(&file).with_context(|| format!("removing {}", file.display()))?;
    outcome
}

/// The app's id and the Worker's host, by the variables in wrangler.toml; none where there is no app.
fn described(text: &str) -> Result<Option<(String, String)>> {
    let table: Table = text.parse().context("reading wrangler.toml")?;
    let vars = table.get("vars").and_then(|vars| vars.as_table()).context("wrangler.toml has no [vars]")?;
    let setting = |name: &str| vars.get(name).and_then(|value| value.as_str()).map(str::trim).unwrap_or_default();
    let app = setting("TEAMS_APP_ID");
    if app.is_empty() {
        return Ok(None);
    }
    let host = setting("PUBLIC_URL").strip_prefix("https://").unwrap_or_default().trim_end_matches('/');
    let plain = host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    ensure!(!host.is_empty() && plain, "the app for Teams needs PUBLIC_URL in wrangler.toml: https:// and a host");
    ensure!(app.chars().all(|c| c.is_ascii_hexdigit() || c == '-'), "TEAMS_APP_ID in wrangler.toml is no GUID");
    Ok(Some((app.to_owned(), host.to_owned())))
}

fn filled(root: &Path, app: &str, host: &str) -> Result<String> {
    let [id, address] = PLACES;
    let manifest = fs::read_to_string(folder(root).join("manifest.json")).context("reading the manifest for Teams")?;
    Ok(manifest.replace(id, app).replace(address, host))
}

fn pack(root: &Path, app: &str, host: &str, package: &Path) -> Result<()> {
    let manifest = filled(root, app, host)?.into_bytes();
    let mut zip = ZipWriter::new(File::create(package).with_context(|| format!("making {}", package.display()))?);
    // Pictures are compressed already, and the rest is small.
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let icons = ["color.png", "outline.png"].map(|icon| (icon, fs::read(folder(root).join(icon))));
    for (name, bytes) in [("manifest.json", Ok(manifest))].into_iter().chain(icons) {
        let bytes = bytes.with_context(|| format!("reading {name}"))?;
        zip.start_file(name, stored).with_context(|| format!("packing {name}"))?;
        zip.write_all(&bytes).with_context(|| format!("packing {name}"))?;
    }
    zip.finish().context("packing the app for Teams").map(drop)
}

fn folder(root: &Path) -> PathBuf {
    root.join("manifests/teams")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends by panicking")]

    use super::*;

    fn settings(app: &str, address: &str) -> String {
        format!("[vars]\nTEAMS_APP_ID = \"{app}\"\nPUBLIC_URL = \"{address}\"\n")
    }

    #[test]
    fn an_app_is_described_by_its_id_and_an_address() {
        let app = "0f0e0d0c-0000-4000-8000-000000000001";
        let described = |app: &str, address: &str| described(&settings(app, address));
        let expected = (app.to_owned(), "bot.example".to_owned());
        assert_eq!(described(app, "https://bot.example/").unwrap(), Some(expected));
        assert_eq!(described("", "https://bot.example").unwrap(), None);
        for (app, address) in
            [(app, ""), (app, "http://bot.example"), (app, "https://bot.example/x"), ("\\\"", "https://bot.example")]
        {
            assert!(described(app, address).is_err(), "{app} {address}");
        }
    }

    #[test]
    fn the_package_has_the_filled_manifest_and_the_icons_at_its_top() {
        let root = crate::root();
        let file = std::env::temp_dir().join(format!("teams-{}.zip", std::process::id()));
        pack(&root, "0f0e0d0c-0000-4000-8000-000000000001", "bot.example", &file).unwrap();
        let mut zip = zip::ZipArchive::new(File::open(&file).unwrap()).unwrap();
        fs::remove_file(&file).unwrap();
        let names: Vec<_> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
        assert_eq!(names, ["manifest.json", "color.png", "outline.png"]);
        let manifest = std::io::read_to_string(zip.by_name("manifest.json").unwrap()).unwrap();
        assert!(!manifest.contains("{{"), "{manifest}");
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest.pointer("/bots/0/botId").unwrap(), "0f0e0d0c-0000-4000-8000-000000000001");
        assert_eq!(manifest.pointer("/validDomains/0").unwrap(), "bot.example");
    }
}
