//! Drives a headless Chromium for tests and the demo: opens pages, fills in forms, presses keys, listens to every request.
//!
//! It speaks the Chrome DevTools Protocol over the pipe that Chromium opens for it, so there is no port, no WebSocket, and
//! no browser that outlives its test: when the pipe closes, Chromium ends. Calls block. What is waited for is a condition
//! in the page, never a time; a browser that says nothing for [`PATIENCE`] is an error.

#![allow(clippy::indexing_slicing, reason = "only JSON is indexed, which has null for what is not there")]

mod conditions;
mod page;
mod pipe;
mod program;
mod seen;

use std::{fmt, io, path::PathBuf, sync::Arc, time::Duration};

use serde_json::json;
use tempfile::TempDir;

pub use conditions::{Network, Viewport};
pub use page::Page;
pub use pipe::PATIENCE;
pub use program::program;
pub use seen::Request;

use pipe::Pipe;

/// A running browser. It ends when this and its pages are dropped.
pub struct Browser {
    pipe: Arc<Pipe>,
    // After the pipe, so that the browser has let go of it.
    _profile: TempDir,
}

impl Browser {
    /// Starts the Chromium that [`program`] finds, with an empty profile.
    ///
    /// # Errors
    /// [`Error::NotInstalled`], or [`Error::Io`] when it cannot be started.
    pub fn launch() -> Result<Self, Error> {
        let program = program().ok_or(Error::NotInstalled)?;
        let profile = tempfile::tempdir().map_err(Error::Io)?;
        let pipe = Arc::new(Pipe::open(&program, profile.path())?);
        Ok(Self { pipe, _profile: profile })
    }

    /// A new empty tab in a context of its own: it shares no cache, cookies or history with another.
    ///
    /// # Errors
    /// As every call to the browser: [`Error::Refused`] or [`Error::Silent`].
    pub fn page(&self, viewport: Viewport) -> Result<Page, Error> {
        let context = self.pipe.call(None, "Target.createBrowserContext", json!({}))?;
        let made = json!({ "url": "about:blank", "browserContextId": context["browserContextId"] });
        let target = self.pipe.call(None, "Target.createTarget", made)?;
        let attached = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.pipe.call(None, "Target.attachToTarget", attached)?;
        let session = session["sessionId"].as_str().unwrap_or_default().to_owned();
        Page::new(Arc::clone(&self.pipe), session, viewport)
    }

    /// Name and version, as the browser says them.
    ///
    /// # Errors
    /// As [`page`](Self::page).
    pub fn version(&self) -> Result<String, Error> {
        let version = self.pipe.call(None, "Browser.getVersion", json!({}))?;
        Ok(version["product"].as_str().unwrap_or_default().to_owned())
    }
}

/// Why the browser did not do something.
#[derive(Debug)]
pub enum Error {
    /// There is no Chromium on this machine.
    NotInstalled,
    /// The process could not be started or spoken to.
    Io(io::Error),
    /// The browser refused a call, or the page's script threw.
    Refused {
        /// What was asked.
        asked: String,
        /// What the browser or the page said.
        reason: String,
    },
    /// The browser did not answer in time.
    Silent {
        /// What was asked.
        asked: String,
        /// How long was waited.
        waited: Duration,
    },
    /// A file to be chosen is not there.
    NoFile(PathBuf),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotInstalled => f.write_str(
                "there is no Chromium, Chrome or Edge: install Debian's package `chromium`, or name a program in the variable CHROMIUM",
            ),
            Self::Io(error) => write!(f, "Chromium could not be started or spoken to: {error}"),
            Self::Refused { asked, reason } => write!(f, "{asked}: {reason}"),
            Self::Silent { asked, waited } => write!(f, "{asked}: nothing came of it in {} s", waited.as_secs()),
            Self::NoFile(path) => write!(f, "{} is not there", path.display()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}
