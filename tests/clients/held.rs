//! A wire that keeps its answers back until they are let go, and futures that wait for them.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::Request;
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::ports::Wire;

use crate::wire::{Answer, Script};

/// A wire whose answers are let go one by one, in the order of the requests.
pub struct Held {
    script: Script,
    released: Cell<usize>,
}

impl Held {
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { script: Script::new(answers), released: Cell::new(0) }
    }

    /// Lets one more answer go.
    pub fn release(&self) {
        self.released.set(self.released.get() + 1);
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.script.lines().len()
    }
}

impl Wire for Held {
    async fn send(&self, request: Request<Bytes>) -> Answer {
        let answer = self.script.send(request).await;
        let at = self.asked();
        poll_fn(|_| if at <= self.released.get() { Poll::Ready(()) } else { Poll::Pending }).await;
        answer
    }

    fn sent(&self) -> usize {
        self.asked()
    }

    fn wait_until(&self, _: Timestamp) {}
}

/// How far a future comes with what was let go: `None` while it waits.
pub fn step<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
