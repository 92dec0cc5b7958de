//! A Python of our own with the package that one of the documents' senders needs, where this machine has a Python.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Result;

use crate::{bundle, command};

/// The package, and the version that the sender is tried with.
const PACKAGE: &str = "cryptography";
const VERSION: &str = "50.0.2";

/// The program; nothing where there is no Python that can make environments, or the package cannot be had. The project asks
/// nobody to have a Python.
///
/// # Errors
/// When cargo does not say where its target folder is.
pub(crate) fn program(root: &Path) -> Result<Option<PathBuf>> {
    if !says(Path::new("python3"), "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))") {
        return Ok(None);
    }
    let folder = bundle::target_dir(root)?.join("python");
    let program = folder.join("bin/python");
    let installed =
        format!("import importlib.metadata, sys; sys.exit(importlib.metadata.version('{PACKAGE}') != '{VERSION}')");
    if says(&program, &installed) {
        return Ok(Some(program));
    }
    println!("Installing Python's package {PACKAGE}, for a sender in the documents (20 MB, about 10 s)");
    let made = command::run(Command::new("python3").args(["-m", "venv"]).arg(&folder)).and_then(|()| {
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        command::run(Command::new(&program).args(pip).arg(format!("{PACKAGE}=={VERSION}")))
    });
    Ok(match made {
        Ok(()) => Some(program),
        Err(error) => {
            println!("It cannot be had: {error:#}");
            None
        }
    })
}

/// Whether that Python is there, and the program ends well in it.
fn says(python: &Path, program: &str) -> bool {
    let mut python = Command::new(python);
    python.args(["-c", program]).stdout(Stdio::null()).stderr(Stdio::null());
    python.status().is_ok_and(|status| status.success())
}
