//! Folders of what is made.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

/// Leaves a folder with nothing in it: what was kept there in runs before is of no concern to this one.
pub(crate) fn emptied(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("emptying {}", dir.display()))?;
    }
    fs::create_dir_all(dir).with_context(|| format!("making {}", dir.display()))
}
