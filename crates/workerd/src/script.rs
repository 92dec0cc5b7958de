//! What runs: a script, the modules beside it, its plain variables, its Durable Object classes and its static assets.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{Error, assets};

/// A bundled Worker on disk.
#[derive(Clone, Debug)]
pub struct Script {
    /// The folder that holds the entry and every module beside it.
    pub(crate) folder: PathBuf,
    /// Modules by file name; the entry comes first.
    pub(crate) modules: Vec<String>,
    pub(crate) compatibility_date: String,
    pub(crate) vars: BTreeMap<String, String>,
    pub(crate) objects: Vec<Object>,
    pub(crate) limits: Vec<Limit>,
    /// The folder of the static assets.
    pub(crate) assets: Option<PathBuf>,
}

/// A Durable Object class and the name it is bound to.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Object {
    pub(crate) name: String,
    pub(crate) class_name: String,
}

/// A counter of requests and the name it is bound to.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Limit {
    pub(crate) name: String,
    pub(crate) simple: Simple,
}

/// So many requests in so many seconds.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Simple {
    pub(crate) limit: u32,
    pub(crate) period: u32,
}

/// The part of `wrangler.toml` that decides how the script runs.
#[derive(Deserialize)]
struct Wrangler {
    main: PathBuf,
    compatibility_date: String,
    #[serde(default)]
    vars: BTreeMap<String, String>,
    #[serde(default)]
    durable_objects: DurableObjects,
    #[serde(default)]
    ratelimits: Vec<Limit>,
    assets: Option<Assets>,
}

#[derive(Deserialize)]
struct Assets {
    directory: PathBuf,
}

#[derive(Default, Deserialize)]
struct DurableObjects {
    bindings: Vec<Object>,
}

impl Script {
    /// The Worker that `wrangler.toml` in `project` describes.
    ///
    /// # Errors
    /// [`Error::Wrangler`] when the file can't be understood, [`Error::Missing`] when it or the built Worker is not there.
    pub fn from_wrangler(project: &Path) -> Result<Self, Error> {
        let path = project.join("wrangler.toml");
        let text = fs::read_to_string(&path).map_err(Error::io(format!("reading {}", path.display())))?;
        let wrangler: Wrangler = toml::from_str(&text)
            .map_err(|problem| Error::Wrangler { path: path.clone(), reason: problem.to_string() })?;
        let script = Self::from_entry(&project.join(&wrangler.main), &wrangler.compatibility_date)?;
        let assets = assets::folder(project, wrangler.assets.as_ref().map(|assets| assets.directory.as_path()))?;
        Ok(Self {
            vars: wrangler.vars,
            objects: wrangler.durable_objects.bindings,
            limits: wrangler.ratelimits,
            assets,
            ..script
        })
    }

    /// The same without static assets: every request goes to the Worker, with nothing in front of it.
    #[must_use]
    pub fn without_assets(self) -> Self {
        Self { assets: None, ..self }
    }

    /// The same with the static assets of another folder in front.
    #[must_use]
    pub fn with_assets(self, folder: PathBuf) -> Self {
        Self { assets: Some(folder), ..self }
    }

    /// Another script in its place, with the same bindings and objects.
    ///
    /// # Errors
    /// [`Error::Missing`] when the entry is not there.
    pub fn with_entry(self, entry: &Path) -> Result<Self, Error> {
        let other = Self::from_entry(entry, &self.compatibility_date)?;
        Ok(Self { folder: other.folder, modules: other.modules, ..self })
    }

    /// The date that decides which changes of the runtime apply.
    #[must_use]
    pub fn compatibility_date(&self) -> &str {
        &self.compatibility_date
    }

    /// The script `entry` (an ES module) with the `.wasm` modules beside it; no variables, no Durable Objects.
    ///
    /// # Errors
    /// [`Error::Missing`] when the entry is not there.
    pub fn from_entry(entry: &Path, compatibility_date: &str) -> Result<Self, Error> {
        let missing = || Error::Missing { path: entry.to_owned(), remedy: "cargo xtask build" };
        let entry = fs::canonicalize(entry).map_err(|_| missing())?;
        let folder = entry.parent().ok_or_else(missing)?.to_owned();
        let mut wasm: Vec<String> = fs::read_dir(&folder)
            .map_err(Error::io(format!("listing {}", folder.display())))?
            .filter_map(|file| file.ok()?.file_name().into_string().ok())
            .filter(|name| name.ends_with(".wasm"))
            .collect();
        wasm.sort();
        let entry_name = entry.file_name().and_then(|name| name.to_str()).ok_or_else(missing)?;
        Ok(Self {
            modules: std::iter::once(entry_name.to_owned()).chain(wasm).collect(),
            folder,
            compatibility_date: compatibility_date.to_owned(),
            vars: BTreeMap::new(),
            objects: Vec::new(),
            limits: Vec::new(),
            assets: None,
        })
    }
}
