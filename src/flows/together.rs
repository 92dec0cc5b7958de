//! Waiting for several things at once.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Something that is waited for.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// How many things are done at once: the platform keeps six connections open for an invocation and lets the others wait,
/// with their clocks running (Cloudflare Workers, Limits: Simultaneous open connections).
pub const AT_ONCE: usize = 6;

/// What all of them come to, in their order. As few as [`AT_ONCE`], so each is simply asked again whenever one moves.
pub async fn all<T>(pending: Vec<Pending<'_, T>>) -> Vec<T> {
    let mut slots: Vec<_> = pending.into_iter().map(Slot::Pending).collect();
    poll_fn(|context| {
        let mut done = true;
        for slot in &mut slots {
            if let Slot::Pending(pending) = slot {
                match pending.as_mut().poll(context) {
                    Poll::Ready(value) => *slot = Slot::Ready(value),
                    Poll::Pending => done = false,
                }
            }
        }
        if done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let ready = |slot| match slot {
        Slot::Ready(value) => Some(value),
        Slot::Pending(_) => None,
    };
    slots.into_iter().filter_map(ready).collect()
}

/// The same of any number of things, [`AT_ONCE`] at a time.
pub async fn each<T>(pending: impl IntoIterator<Item = Pending<'_, T>>) -> Vec<T> {
    let (mut pending, mut done) = (pending.into_iter(), Vec::new());
    loop {
        let batch: Vec<_> = pending.by_ref().take(AT_ONCE).collect();
        if batch.is_empty() {
            return done;
        }
        done.extend(all(batch).await);
    }
}

enum Slot<'a, T> {
    Pending(Pending<'a, T>),
    Ready(T),
}
