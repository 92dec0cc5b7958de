//! Runs a Worker in the Workers runtime on loopback, kills it and starts it again.
//!
//! This is `workerd`, the runtime that Cloudflare deploys, started directly: 50 ms from spawn to the first answer, where
//! `wrangler dev` needs seconds. What runs is read from `wrangler.toml`, so the names, classes and dates are those of
//! a deployment. Of what the platform adds around the runtime, static assets are here, as a script in front of the Worker
//! (`assets.rs` says which of their rules it knows), and counters of requests, as a binding with the same method. Its
//! schedule is woken by a request. The rest is not here.

mod assets;
mod config;
mod process;
mod script;

use std::{fmt, io, path::PathBuf};

pub use process::{Options, Workerd};
pub use script::Script;

/// Why the runtime does not run.
#[derive(Debug)]
pub enum Error {
    /// A file that the commands of this project make is not there yet.
    Missing {
        /// What is missing.
        path: PathBuf,
        /// The command that makes it.
        remedy: &'static str,
    },
    /// `wrangler.toml` is not what a Worker needs.
    Wrangler {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
    /// A file or the process itself could not be handled.
    Io {
        /// What was being done.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
    /// The runtime ended, or stayed silent, before it listened.
    NotListening {
        /// What it printed.
        log: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path, remedy } => write!(f, "{} is not there; run `{remedy}`", path.display()),
            Self::Wrangler { path, reason } => write!(f, "{}: {reason}", path.display()),
            Self::Io { doing, source } => write!(f, "{doing}: {source}"),
            Self::NotListening { log } => write!(f, "workerd did not begin to listen; it said:\n{log}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Missing { .. } | Self::Wrangler { .. } | Self::NotListening { .. } => None,
        }
    }
}

impl Error {
    fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing: doing.into(), source }
    }
}
