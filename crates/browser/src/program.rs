//! Where Chromium is on this machine.

use std::{env, path::PathBuf};

/// What Chromium, and browsers made of it, are called by the systems that bring them.
const NAMES: [&str; 6] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "microsoft-edge-stable",
];

/// Where macOS keeps them: not on the path.
const BUNDLES: [&str; 3] = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
];

/// The program to start: what the variable CHROMIUM names, or the first of the usual names on the path, or of the usual
/// places.
pub fn program() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM") {
        return Some(named.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let named = NAMES.iter().flat_map(|name| env::split_paths(&path).map(move |folder| folder.join(name)));
    named.chain(BUNDLES.iter().map(PathBuf::from)).find(|file| file.is_file())
}
