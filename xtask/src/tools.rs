//! Installs what the commands need and is not there yet: Rust components, the npm packages, and a browser.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};

use crate::command;

/// The target that a Worker is compiled for.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The programs that npm installs.
pub(crate) struct Tools {
    modules: PathBuf,
}

impl Tools {
    /// Makes sure that everything is there; installs what isn't, and says so.
    pub(crate) fn install(root: &Path) -> Result<Self> {
        rust(root)?;
        npm(root)?;
        Ok(Self { modules: root.join("node_modules") })
    }

    /// A program of an npm package, run by the Node that package.json pins: the machine's own may be too old for it.
    pub(crate) fn node(&self, script: &str) -> Command {
        self.node_script(&self.modules.join(script))
    }

    /// A script of the project's own, run by the same Node.
    pub(crate) fn node_script(&self, script: &Path) -> Command {
        let mut command = Command::new(self.modules.join(".bin/node"));
        command.arg(script);
        command
    }

    /// Bundles and minifies JavaScript. A native program.
    pub(crate) fn esbuild(&self) -> Command {
        Command::new(self.modules.join("esbuild/bin/esbuild"))
    }

    /// Optimises Wasm.
    pub(crate) fn wasm_opt(&self) -> Command {
        self.node("binaryen/bin/wasm-opt")
    }

    /// Removes exports, and what only they need.
    pub(crate) fn wasm_metadce(&self) -> Command {
        self.node("binaryen/bin/wasm-metadce")
    }

    /// Deploys, and checks what would be deployed. It is told to report nothing about its use.
    pub(crate) fn wrangler(&self) -> Command {
        let mut command = self.node("wrangler/bin/wrangler.js");
        command.env("WRANGLER_SEND_METRICS", "false");
        command
    }
}

/// Makes sure that there is a Chromium to open the page in: Debian's, where it can be installed.
pub(crate) fn chromium() -> Result<()> {
    if browser::program().is_some() {
        return Ok(());
    }
    let apt = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive").args(["-qq", "-o=Dpkg::Use-Pty=0"]).args(arguments);
        command::run(&mut apt)
    };
    let may = rustix::process::geteuid().is_root() && Path::new("/usr/bin/apt-get").is_file();
    ensure!(may, "{}", browser::Error::NotInstalled);
    println!("Installing Debian's package chromium, to open the sealing page in (0.4 GB, about 1 min)");
    apt(&["update"])?;
    apt(&["install", "--yes", "chromium"])?;
    ensure!(browser::program().is_some(), "{}", browser::Error::NotInstalled);
    Ok(())
}

/// rust-toolchain.toml names these, but rustup adds them only to a toolchain that it installs itself.
fn rust(root: &Path) -> Result<()> {
    let libraries =
        command::output(Command::new("rustc").current_dir(root).args(["--print", "target-libdir", "--target", WASM]))?;
    if !Path::new(libraries.trim()).is_dir() {
        println!("Adding the Rust target {WASM} (about 10 s)");
        command::run(Command::new("rustup").current_dir(root).args(["target", "add", WASM]))?;
    }
    let present = |tool| command::output(&mut command::cargo(root, &[tool, "--version"])).is_ok();
    if !present("clippy") || !present("fmt") {
        println!("Adding clippy and rustfmt (about 20 s)");
        command::run(Command::new("rustup").current_dir(root).args(["component", "add", "clippy", "rustfmt"]))?;
    }
    Ok(())
}

/// `npm ci`, when the packages in place are not those of package-lock.json.
fn npm(root: &Path) -> Result<()> {
    let lock = fs::read(root.join("package-lock.json")).context("reading package-lock.json")?;
    // npm empties the folder before it installs, so a stamp in it says which lock file the packages came from.
    let stamp = root.join("node_modules/.installed-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("Installing the npm packages: workerd, wrangler, binaryen, esbuild, node (0.5 GB, about 20 s)");
    command::run(Command::new("npm").current_dir(root).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    fs::write(&stamp, lock).context("marking the npm packages as installed")
}
