//! What the program needs of the world around it: traits only.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

use crate::codec::record::{RegisterOrder, RegisterReply, RotationOrder, RotationReply};
pub use crate::codec::signatures::Signatures;
use crate::domain::names::RotationId;
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Service, Trouble};
pub use crate::domain::window::Zones;
use crate::trail::Line;

/// The one way out: an HTTP request to somebody else. Redirects are not followed.
pub trait Wire {
    /// Sends the request and reads the whole answer.
    ///
    /// # Errors
    /// [`Lost`] when there is no whole answer; the request may or may not have arrived.
    fn send(&self, request: Request<Bytes>) -> impl Future<Output = Result<Response<Bytes>, Lost>>;

    /// How many calls were made in this invocation, to others and to objects of our own: the platform allows only so many.
    fn sent(&self) -> usize;

    /// From now on, and as long as this invocation lasts, no answer is waited for beyond that time.
    fn wait_until(&self, at: Timestamp);
}

/// How long an answer to one request is waited for, as an extension of that request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience(pub Duration);

/// A minute: testing a slow data source takes the services tens of seconds.
impl Default for Patience {
    fn default() -> Self {
        Self(Duration::from_secs(60))
    }
}

/// No answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

/// The time.
pub trait Clock {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// Randomness fit for keys.
pub trait Entropy {
    /// Fills `out` with random bytes.
    fn fill(&self, out: &mut [u8]);
}

/// Reaches rotation objects, one for each rotation.
pub trait Rotations {
    /// Asks the rotation of that id.
    ///
    /// # Errors
    /// When the object does not answer; asking again is safe.
    fn rotation(
        &self,
        id: &RotationId,
        order: RotationOrder,
    ) -> impl Future<Output = Result<RotationReply, Unanswered>>;
}

/// Reaches the register, one for the installation.
pub trait Register {
    /// Asks the register.
    ///
    /// # Errors
    /// When it does not answer; asking again is safe.
    fn register(&self, order: RegisterOrder) -> impl Future<Output = Result<RegisterReply, Unanswered>>;
}

/// An object of ours did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unanswered;

/// It passes: nobody else is to blame, and nothing that was kept is gone.
impl From<Unanswered> for Trouble {
    fn from(_: Unanswered) -> Self {
        Self::of(Service::Storage, Cause::Unreachable)
    }
}

/// The rows an object keeps. Rows written between two awaits are kept together or not at all.
pub trait Shelf {
    /// A row.
    fn get(&self, key: &str) -> Result<Option<String>, Unanswered>;
    /// Writes a row.
    fn put(&self, key: &str, value: &str) -> Result<(), Unanswered>;
    /// Deletes a row, if it is there.
    fn delete(&self, key: &str) -> Result<(), Unanswered>;
    /// The rows of a range, in the order of their keys or against it.
    fn range(&self, range: Range<'_>) -> Result<Vec<(String, String)>, Unanswered>;
    /// Deletes every row and the alarm, and what the platform keeps to have any.
    fn clear(&self) -> impl Future<Output = Result<(), Unanswered>>;
}

/// Some rows, by their keys.
#[derive(Clone, Copy, Debug)]
pub struct Range<'a> {
    /// The first key.
    pub from: &'a str,
    /// The first key that is not meant any more.
    pub to: &'a str,
    /// How many at most.
    pub most: usize,
    /// Whether the last come first.
    pub backwards: bool,
}

/// The alarm clock of an object: one at a time.
pub trait Alarm {
    /// Sets the alarm to that time, or off.
    ///
    /// # Errors
    /// When the platform does not take it.
    fn wake_at(&self, at: Option<Timestamp>) -> impl Future<Output = Result<(), Unanswered>>;
}

/// Counts requests, so that nobody makes too many.
pub trait Limits {
    /// Counts one more under that key; whether that is still within what is allowed.
    ///
    /// # Errors
    /// When nobody counts, or the counter does not answer.
    fn count(&self, key: &str) -> impl Future<Output = Result<bool, Unanswered>>;
}

/// Where log lines go.
pub trait Log {
    /// Writes one line.
    fn line(&self, line: &Line);
}

/// Everything a flow needs of the world.
pub trait Ports: Wire + Clock + Zones + Entropy + Signatures + Rotations + Register + Limits + Log {}

impl<T: Wire + Clock + Zones + Entropy + Signatures + Rotations + Register + Limits + Log> Ports for T {}
