//! The certificates that Amazon SNS signs with: fetched from where it publishes them, and kept by their addresses.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::USER_AGENT;

use super::answer;
use super::call::AGENT;
use super::outgoing::{self, SOON};
use crate::codec::certificate::{self, Certificate};
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

/// How long nothing is asked after Amazon was in trouble; and how long an address is not, where there is no certificate.
const PAUSE: Duration = Duration::from_secs(10);
/// Certificates that are remembered at most, and addresses without one: a region has one certificate at a time.
const MOST: usize = 8;

/// The certificates in use. Another one has another address, so none is ever read again.
#[derive(Default)]
pub struct Certificates {
    kept: RefCell<Vec<(String, Rc<Certificate>)>>,
    /// Addresses where there was none, and when. Whoever knows a source's address can name as many as they like, so they
    /// hold up nobody but those who name the same.
    nothing: RefCell<Vec<(String, Timestamp)>>,
    /// When Amazon was last in trouble.
    failed: Cell<Option<Timestamp>>,
}

impl Certificates {
    /// The certificate at that path below `base`, from memory if possible. Both were checked: nothing of a message but
    /// the digits in the path decides what is asked for.
    ///
    /// # Errors
    /// When it cannot be had; that says nothing of who asked.
    pub async fn get(
        &self,
        wire: &impl Wire,
        base: &str,
        path: &str,
        now: Timestamp,
    ) -> Result<Rc<Certificate>, Trouble> {
        let address = format!("{base}{path}");
        let kept = self.kept.borrow().iter().find(|(at, _)| *at == address).map(|(_, kept)| Rc::clone(kept));
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let nothing = self.nothing.borrow().iter().any(|(named, at)| *named == address && at.lately(PAUSE, now));
        if nothing || self.failed.get().is_some_and(|at| at.lately(PAUSE, now)) {
            return Err(Trouble::of(Service::Aws, Cause::Unavailable));
        }
        match fetch(wire, &address).await.map(Rc::new) {
            Ok(certificate) => {
                remember(&self.kept, address, Rc::clone(&certificate));
                Ok(certificate)
            }
            Err(trouble) => {
                if trouble.cause.passing() {
                    self.failed.set(Some(now));
                } else {
                    remember(&self.nothing, address, now);
                }
                Err(trouble)
            }
        }
    }
}

/// Remembers something of an address, in place of what was remembered first.
fn remember<T>(list: &RefCell<Vec<(String, T)>>, address: String, what: T) {
    let mut list = list.borrow_mut();
    if list.len() == MOST {
        list.remove(0);
    }
    list.push((address, what));
}

async fn fetch(wire: &impl Wire, address: &str) -> Result<Certificate, Trouble> {
    let request = outgoing::request(Method::GET, address, vec![(USER_AGENT, AGENT)], Bytes::new());
    let response = answer::success(Service::Aws, outgoing::ask(wire, Service::Aws, request, SOON).await?)?;
    certificate::read(response.body()).map_err(|_| answer::unintelligible(Service::Aws, &response))
}
