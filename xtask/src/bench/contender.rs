//! Who is measured: the Worker and its peers, each a bundled script for the same runtime.

use std::path::{Path, PathBuf};

use anyhow::Result;
use workerd::{Options, Script, Workerd};

use crate::{command, folder::emptied, size::Size, tools::Tools};

/// The peers in `bench/peers` that answer Slack's commands, from the least to the most.
pub(crate) const COMMANDED: [&str; 3] = ["hello", "hono", "slack-edge"];
/// The one that verifies what Teams sends.
pub(crate) const IN_TEAMS: [&str; 1] = ["jose"];

/// One script, ready to start.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    options: Options,
    /// What is uploaded: the entry and the modules beside it.
    files: Vec<PathBuf>,
}

/// Bundles the peers as the Worker is bundled, and adds the built Worker itself; all with the same settings.
pub(crate) fn all(
    root: &Path,
    tools: &Tools,
    scratch: &Path,
    peers: &[&'static str],
    vars: Vec<(String, String)>,
) -> Result<Vec<Contender>> {
    let worker = Options::of_project(root, &scratch.join("pbi-rotate"))?;
    emptied(&worker.dir)?;
    // The platform answers for static assets before a Worker is invoked, at nobody's expense.
    let worker = Options { script: worker.script.clone().without_assets(), ..worker };
    let mut contenders = Vec::new();
    for &name in peers {
        let dir = scratch.join(name);
        emptied(&dir)?;
        let bundle = bundle(root, tools, name, &dir)?;
        contenders.push(Contender {
            name,
            options: Options {
                script: Script::from_entry(&bundle, worker.script.compatibility_date())?,
                program: worker.program.clone(),
                vars: vars.clone(),
                dir,
            },
            files: vec![bundle],
        });
    }
    let files = ["index.js", "index_bg.wasm"].map(|file| root.join("build").join(file)).to_vec();
    contenders.push(Contender { name: "pbi-rotate", options: Options { vars, ..worker }, files });
    Ok(contenders)
}

/// Bundles a peer into `dir`.
pub(crate) fn bundle(root: &Path, tools: &Tools, name: &str, dir: &Path) -> Result<PathBuf> {
    let bundle = dir.join("index.js");
    command::run(
        tools
            .esbuild()
            .current_dir(root.join("bench/peers"))
            .args([&format!("{name}.js"), "--bundle", "--format=esm", "--minify", "--log-level=warning"])
            .arg("--external:cloudflare:workers")
            .arg(format!("--outfile={}", bundle.display())),
    )?;
    Ok(bundle)
}

impl Contender {
    /// Starts it in the runtime.
    pub(crate) fn start(&self) -> Result<Workerd> {
        Ok(Workerd::start(self.options.clone())?)
    }

    /// The size of what is uploaded.
    pub(crate) fn size(&self) -> Result<Size> {
        self.files.iter().try_fold(Size::default(), |sum, file| Ok(sum + Size::of(file)?))
    }
}
