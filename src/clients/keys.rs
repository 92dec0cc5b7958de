//! The keys that tokens are signed with: fetched from where each service publishes them, and kept for a day.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, USER_AGENT};
use serde_json::Value;

use super::answer;
use super::call::{AGENT, JSON};
use super::outgoing::{self, SOON};
use crate::codec::fields::Unexpected;
use crate::codec::jwks::{self, KeySet};
use crate::config::base_url;
use crate::domain::names::Guid;
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

/// How long a key set is used (Bot Framework, Authentication: "at least once every 24 hours"; Entra asks for the same).
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// How often a key that is not in the set makes us look for a newer set: anybody can name such a key. Senders that are told
/// to come again do so for longer than that.
const AGAIN: Duration = Duration::from_secs(5 * 60);
/// How long others leave it to somebody who asks for a newer set: both calls of a fetch have their answers by then, or never
/// will, because whoever asked was dropped.
const PENDING: Duration = Duration::from_secs(2 * SOON.0.as_secs());
/// How long nothing is asked after it could not be had.
const PAUSE: Duration = Duration::from_secs(10);
/// Key sets that are remembered at most. All are the operator's choice: one of Teams, one of Google, one for each tenant
/// whose Event Grid is listened to.
const MOST_SETS: usize = 8;

/// Where a service publishes its keys.
#[derive(Clone, Copy, Debug)]
pub enum Published<'a> {
    /// Where the metadata below that base says, and below it too (Bot Framework, Authentication: OpenID metadata document).
    BotFramework(&'a str),
    /// By that login service, for that tenant (Microsoft identity platform, access tokens: validate the signature).
    Entra(&'a str, &'a Guid),
    /// At that address (Google Identity, OpenID Connect: `jwks_uri`).
    Google(&'a str),
}

/// The key sets in use.
#[derive(Default)]
pub struct Keys(RefCell<Vec<Known>>);

/// What is known of the keys of one address.
#[derive(Clone, Default)]
struct Known {
    address: String,
    /// The set, and when it was read.
    set: Option<(Rc<KeySet>, Timestamp)>,
    /// When somebody asked for another, while there is no answer.
    pending: Option<Timestamp>,
    /// When it could last not be had.
    failed: Option<Timestamp>,
}

impl Keys {
    /// The keys published there, if they are kept, are not too old, and the key `kid` is among them.
    pub fn kept(&self, at: Published<'_>, kid: &str, now: Timestamp) -> Option<Rc<KeySet>> {
        self.known(&at.address(), |_| {}).usable(kid, now)
    }

    /// The keys published there, with the key `kid` if there is one: from memory if possible. A set that is too old is
    /// used on when no other can be had, or somebody else asks for it already. A set without the key was read just now.
    ///
    /// # Errors
    /// When none with that key is kept and none can be had, or asked for yet; that says nothing of who asked.
    pub async fn get(
        &self,
        wire: &impl Wire,
        at: Published<'_>,
        kid: &str,
        now: Timestamp,
    ) -> Result<Rc<KeySet>, Trouble> {
        let address = at.address();
        let known = self.known(&address, |_| {});
        if let Some(set) = known.usable(kid, now) {
            return Ok(set);
        }
        let within = |since: Option<Timestamp>, span| since.is_some_and(|since| since.lately(span, now));
        let read = known.set.as_ref().map(|(_, since)| *since);
        // One without the key says nothing: the key may be in a newer one.
        let kept = known.set.map(|(set, _)| set).filter(|set| set.get(kid).is_some());
        // Whoever comes while the first set is on its way asks as well: nothing else could be said to them.
        let asked = read.is_some() && within(known.pending, PENDING);
        if within(read, AGAIN) || asked || within(known.failed, PAUSE) {
            return kept.ok_or_else(|| Trouble::of(at.service(), Cause::Unavailable));
        }
        self.known(&address, |known| known.pending = Some(now));
        // Dropped while it waits, this leaves nothing behind but that somebody asked.
        let fetched = at.fetch(wire, &address).await.map(Rc::new);
        self.known(&address, |known| {
            known.pending = None;
            match &fetched {
                Ok(set) => known.set = Some((Rc::clone(set), now)),
                Err(_) => known.failed = Some(now),
            }
        });
        fetched.or_else(|trouble| kept.ok_or(trouble))
    }

    /// What is known of that address, after that change. What was looked at longest ago makes room for it.
    fn known(&self, address: &str, change: impl FnOnce(&mut Known)) -> Known {
        let mut all = self.0.borrow_mut();
        let place = all.iter().position(|known| known.address == address);
        let mut known = match place {
            Some(place) => all.remove(place),
            None => Known { address: address.to_owned(), ..Known::default() },
        };
        if all.len() == MOST_SETS {
            all.remove(0);
        }
        change(&mut known);
        all.push(known.clone());
        known
    }
}

impl Known {
    /// The set, if it is not too old and has the key.
    fn usable(&self, kid: &str, now: Timestamp) -> Option<Rc<KeySet>> {
        let (set, since) = self.set.as_ref()?;
        (now < *since + LIFE && set.get(kid).is_some()).then(|| Rc::clone(set))
    }
}

impl Published<'_> {
    fn address(self) -> String {
        match self {
            Self::BotFramework(login_url) => format!("{login_url}/v1/.well-known/openidconfiguration"),
            Self::Entra(login_url, tenant) => format!("{login_url}/{tenant}/discovery/v2.0/keys"),
            Self::Google(address) => address.to_owned(),
        }
    }

    const fn service(self) -> Service {
        match self {
            Self::BotFramework(_) => Service::Teams,
            Self::Entra(..) => Service::Entra,
            Self::Google(_) => Service::Google,
        }
    }

    async fn fetch(self, wire: &impl Wire, address: &str) -> Result<KeySet, Trouble> {
        let Self::BotFramework(login_url) = self else { return self.read(wire, address, jwks::read).await };
        let metadata = self.read(wire, address, jwks::address).await?;
        // Nobody else's keys, whatever the document says.
        let address = base_url(&metadata).ok().filter(|url| url.strip_prefix(login_url).is_some_and(below));
        let address = address.ok_or_else(|| {
            let note = "its metadata names keys somewhere else than TEAMS_LOGIN_URL";
            Trouble::noted(self.service(), Cause::Mismatch, note)
        })?;
        self.read(wire, &address, jwks::read).await
    }

    async fn read<T>(
        self,
        wire: &impl Wire,
        url: &str,
        read: fn(&Value) -> Result<T, Unexpected>,
    ) -> Result<T, Trouble> {
        let service = self.service();
        let request = outgoing::request(Method::GET, url, vec![(ACCEPT, JSON), (USER_AGENT, AGENT)], Bytes::new());
        let response = outgoing::ask(wire, service, request, SOON).await?;
        answer::decode(service, &answer::success(service, response)?, read)
    }
}

fn below(rest: &str) -> bool {
    rest.starts_with('/')
}
