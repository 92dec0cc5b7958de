//! The keys that Teams' requests are signed with: fetched from where they are published, and kept for a day.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, USER_AGENT};
use serde_json::Value;

use crate::clients::call::{AGENT, JSON, SOON};
use crate::clients::{answer, outgoing};
use crate::codec::fields::Unexpected;
use crate::codec::teams::keys::{self, KeySet};
use crate::config::base_url;
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

/// How long a key set is used (Bot Framework, Authentication: "at least once every 24 hours").
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// How often a key that is not in a fresh set makes us look for a fresher one: anybody can name such a key.
const AGAIN: Duration = Duration::from_secs(60 * 60);
/// How long nothing is asked after it could not be had.
const PAUSE: Duration = Duration::from_secs(10);

/// The key set in use.
#[derive(Default)]
pub struct Keys {
    kept: RefCell<Option<(Rc<KeySet>, Timestamp)>>,
    /// When it was last asked for.
    asked: Cell<Option<Timestamp>>,
    /// When it could last not be had.
    failed: Cell<Option<Timestamp>>,
}

impl Keys {
    /// None yet.
    pub const fn new() -> Self {
        Self { kept: RefCell::new(None), asked: Cell::new(None), failed: Cell::new(None) }
    }

    /// The keys published below `login_url`, with the key `kid` if there is one: from memory if possible. A set that
    /// is too old is used on when no other can be had.
    ///
    /// # Errors
    /// When none is kept and none can be had; that says nothing of who asked.
    pub async fn get(
        &self,
        wire: &impl Wire,
        login_url: &str,
        kid: &str,
        now: Timestamp,
    ) -> Result<Rc<KeySet>, Trouble> {
        let kept = self.kept.borrow().clone();
        let recently = |at: &Cell<Option<Timestamp>>, span| at.get().is_some_and(|at| now < at + span);
        if let Some((set, since)) = &kept {
            let fresh = now < *since + LIFE;
            let known = set.get(kid).is_some();
            if fresh && (known || recently(&self.asked, AGAIN)) {
                return Ok(Rc::clone(set));
            }
        }
        if recently(&self.failed, PAUSE) {
            return kept.map(|(set, _)| set).ok_or_else(|| Trouble::of(Service::Teams, Cause::Unavailable));
        }
        self.asked.set(Some(now));
        match fetch(wire, login_url).await {
            Ok(set) => {
                let set = Rc::new(set);
                *self.kept.borrow_mut() = Some((Rc::clone(&set), now));
                Ok(set)
            }
            Err(trouble) => {
                self.failed.set(Some(now));
                kept.map(|(set, _)| set).ok_or(trouble)
            }
        }
    }
}

/// Reads the metadata, and the key set where it says (Bot Framework, Authentication: OpenID metadata document).
async fn fetch(wire: &impl Wire, login_url: &str) -> Result<KeySet, Trouble> {
    let metadata = read(wire, &format!("{login_url}/v1/.well-known/openidconfiguration"), keys::address).await?;
    // Nobody else's keys, whatever the document says.
    let address = base_url(&metadata).ok().filter(|url| url.strip_prefix(login_url).is_some_and(below));
    let address = address.ok_or_else(|| {
        Trouble::noted(Service::Teams, Cause::Mismatch, "its metadata names keys somewhere else than TEAMS_LOGIN_URL")
    })?;
    read(wire, &address, keys::read).await
}

fn below(rest: &str) -> bool {
    rest.starts_with('/')
}

async fn read<T>(wire: &impl Wire, url: &str, read: fn(&Value) -> Result<T, Unexpected>) -> Result<T, Trouble> {
    let mut request = outgoing::request(Method::GET, url, vec![(ACCEPT, JSON), (USER_AGENT, AGENT)], Bytes::new())
        .map_err(|_| Trouble::of(Service::Teams, Cause::Rejected))?;
    request.extensions_mut().insert(SOON);
    let response = wire.send(request).await.map_err(|_| Trouble::of(Service::Teams, Cause::Unreachable))?;
    answer::decode(Service::Teams, &answer::success(Service::Teams, response)?, read)
}
