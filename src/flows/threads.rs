//! How often the bot speaks in one conversation of Teams, counted for all rotations together.
//!
//! Teams, Optimize your bot with rate limiting: limits for each bot and thread.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::time::Timestamp;

/// So many messages within so long. Of the hour's limit nothing is told here: whoever meets it has a conversation that nobody
/// can read, and is told so by the service.
const LIMITS: [(usize, Duration); 3] =
    [(7, Duration::from_secs(1)), (8, Duration::from_secs(2)), (60, Duration::from_secs(30))];
/// After so long a message counts no more.
const LONGEST: Duration = Duration::from_secs(30);

/// When the bot spoke lately, by conversation. Lost with the object, which costs a "too many requests" at worst.
#[derive(Default)]
pub(super) struct Threads(RefCell<Vec<(String, VecDeque<Timestamp>)>>);

impl Threads {
    /// How long is to be waited before speaking there; when that is not at all, it counts.
    pub(super) fn admit(&self, conversation: &str, now: Timestamp) -> Duration {
        let mut threads = self.0.borrow_mut();
        for (_, spoken) in threads.iter_mut() {
            spoken.retain(|at| at.lately(LONGEST, now));
        }
        threads.retain(|(_, spoken)| !spoken.is_empty());
        let at = threads.iter().position(|(other, _)| other == conversation);
        let Some((_, spoken)) = at.and_then(|at| threads.get_mut(at)) else {
            threads.push((conversation.to_owned(), VecDeque::from([now])));
            return Duration::ZERO;
        };
        let wait = |(most, within): (usize, Duration)| match spoken.len().checked_sub(most) {
            // The one that has to be as long ago as the limit says.
            Some(first) => spoken.get(first).map_or(Duration::ZERO, |at| (*at + within).since(now)),
            None => Duration::ZERO,
        };
        let longest = LIMITS.into_iter().map(wait).max().unwrap_or_default();
        if longest.is_zero() {
            spoken.push_back(now);
        }
        longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When each of so many messages is let through that want to be said at once.
    fn said(threads: &Threads, conversation: &str, many: usize) -> Vec<i64> {
        let (mut now, mut said) = (Timestamp(0), Vec::new());
        while said.len() < many {
            match threads.admit(conversation, now) {
                Duration::ZERO => said.push(now.0),
                wait => now = now + wait,
            }
        }
        said
    }

    #[test]
    fn a_conversation_is_spoken_in_as_often_as_is_allowed_and_no_oftener() {
        let said = said(&Threads::default(), "19:a@thread.tacv2", 130);
        for (most, within) in LIMITS {
            let pairs = said.iter().zip(said.iter().skip(most));
            assert!(pairs.clone().all(|(one, other)| other - one >= within.as_millis() as i64), "{most} in {within:?}");
        }
        assert_eq!(said.get(..8), Some(&[0, 0, 0, 0, 0, 0, 0, 1000][..]));
        assert_eq!((said.get(59), said.get(60)), (Some(&14_000), Some(&30_000)));
    }

    #[test]
    fn another_conversation_waits_for_nobody() {
        let threads = Threads::default();
        said(&threads, "19:a@thread.tacv2", 7);
        assert!(!threads.admit("19:a@thread.tacv2", Timestamp(0)).is_zero());
        assert!(threads.admit("19:b@thread.tacv2", Timestamp(0)).is_zero());
        assert!(threads.admit("19:a@thread.tacv2", Timestamp(-60_000)).is_zero(), "a clock that was put back");
    }
}
