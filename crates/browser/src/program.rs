//! Where Chromium is on this machine.

use std::{env, path::PathBuf};

/// What Chromium is called by the systems that bring it.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The program to start: what the variable CHROMIUM names, or the first of the usual names on the path.
pub fn program() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM") {
        return Some(named.into());
    }
    let path = env::var_os("PATH")?;
    NAMES.iter().find_map(|name| env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file()))
}
