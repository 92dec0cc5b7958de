//! When to try again: back-off with jitter, the service's own wish first, all within a budget.

use std::time::Duration;

use super::time::Timestamp;
use super::trouble::{Cause, Trouble};

/// How long a rotation keeps trying, from the entry of its credential, before it says what it knows. Longer than the throttling windows
/// of Fabric (60 s) and the longest `Retry-After` seen there (54 s) several times over.
pub const BUDGET: Duration = Duration::from_secs(15 * 60);

/// Wait after a 429 that does not say how long: Fabric counts in fixed windows of 60 s.
const UNSAID: Duration = Duration::from_secs(30);
const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(60);

/// When to repeat the step that failed the `failures`-th time (from 1) with `trouble`; `None` when that is
/// pointless, or would be after `give_up`. `chance` is random and spreads retries by up to a quarter.
pub fn next(trouble: &Trouble, failures: u32, now: Timestamp, give_up: Timestamp, chance: u16) -> Option<Timestamp> {
    // A token can be withdrawn between two calls; a fresh one is tried once.
    let stale_token = trouble.about_token() && failures <= 1;
    if !trouble.passing() && !stale_token {
        return None;
    }
    let wait = match (trouble.retry_after, trouble.cause) {
        (Some(asked), _) => asked.max(Duration::from_secs(1)),
        (None, Cause::Throttled) => UNSAID,
        (None, _) => pause(failures),
    };
    // Only ever later than asked, so that a service's own wish is kept.
    let spread = (wait / 4).mul_f64(f64::from(chance) / f64::from(u16::MAX));
    let at = now + wait + spread;
    (at <= give_up).then_some(at)
}

/// The plain back-off after the `failures`-th failure, from 1: doubling, up to a minute.
pub fn pause(failures: u32) -> Duration {
    (FIRST * 2u32.saturating_pow(failures.saturating_sub(1).min(10))).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::trouble::{Details, Service};

    const NOW: Timestamp = Timestamp(1_000_000);

    fn trouble(cause: Cause, retry_after: Option<u64>) -> Trouble {
        let retry_after = retry_after.map(Duration::from_secs);
        Details { retry_after, ..Details::of(Service::Fabric, cause) }.into()
    }

    fn seconds(trouble: &Trouble, failures: u32, chance: u16) -> Option<f64> {
        next(trouble, failures, NOW, NOW + BUDGET, chance).map(|at| at.since(NOW).as_secs_f64())
    }

    #[test]
    fn waits_double_up_to_a_minute() {
        let down = trouble(Cause::Unavailable, None);
        let waits: Vec<_> = (1..8).filter_map(|n| seconds(&down, n, 0)).collect();
        assert_eq!(waits, [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]);
        assert_eq!(seconds(&down, u32::MAX, 0), Some(60.0));
    }

    #[test]
    fn jitter_only_delays_and_at_most_by_a_quarter() {
        assert_eq!(seconds(&trouble(Cause::Throttled, Some(40)), 1, u16::MAX), Some(50.0));
        assert_eq!(seconds(&trouble(Cause::Throttled, Some(40)), 1, 0), Some(40.0));
    }

    #[test]
    fn a_429_without_retry_after_waits_half_a_window() {
        assert_eq!(seconds(&trouble(Cause::Throttled, None), 1, 0), Some(30.0));
    }

    #[test]
    fn a_refused_token_is_tried_anew_once() {
        assert_eq!(seconds(&trouble(Cause::Token, None), 1, 0), Some(2.0));
        assert_eq!(seconds(&trouble(Cause::Token, None), 2, 0), None);
    }

    #[test]
    fn gives_up_when_pointless_or_past_the_budget() {
        assert_eq!(seconds(&trouble(Cause::NotAllowed, Some(1)), 1, 0), None);
        assert_eq!(seconds(&trouble(Cause::Throttled, Some(3600)), 1, 0), None);
    }
}
