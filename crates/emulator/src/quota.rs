//! How many calls a caller may make in a minute, once the world is told to count them.

use std::collections::BTreeMap;

use crate::world::World;

/// Calls that Fabric takes from one identity in a minute, in each of its buckets (Fabric REST, Throttling: APIs Quota).
pub const FABRIC_CALLS_A_MINUTE: u32 = 200;
/// Windows are fixed: they begin with the minute, not with the first call.
const WINDOW_MS: u64 = 60_000;

/// A quota and what was spent of it in the present window. Without a limit nothing is counted.
#[derive(Default)]
pub(crate) struct Quota {
    limit: Option<u32>,
    window: u64,
    spent: BTreeMap<String, u32>,
}

impl Quota {
    fn limited(limit: Option<u32>) -> Quota {
        Quota { limit, ..Quota::default() }
    }

    /// Spends a call of this caller, or says in how many seconds the next window begins.
    pub(crate) fn spend(&mut self, caller: &str, now_ms: u64) -> Result<(), u64> {
        let Some(limit) = self.limit else { return Ok(()) };
        let window = now_ms / WINDOW_MS;
        if window != self.window {
            (self.window, self.spent) = (window, BTreeMap::new());
        }
        let spent = self.spent.entry(caller.to_owned()).or_default();
        if *spent >= limit {
            return Err(((window + 1) * WINDOW_MS - now_ms).div_ceil(1000));
        }
        *spent += 1;
        Ok(())
    }
}

impl World {
    /// Lets Fabric take so many calls a minute in each bucket (see [`FABRIC_CALLS_A_MINUTE`]), or any number.
    pub fn set_fabric_quota(&self, calls: Option<u32>) {
        self.lock().fabric.quota = Quota::limited(calls);
    }

    /// Lets Power BI take so many calls a minute from each caller, or any number. No document says how many it takes.
    pub fn set_powerbi_quota(&self, calls: Option<u32>) {
        self.lock().powerbi.quota = Quota::limited(calls);
    }

    /// How many calls a service answered with 429, by quota or by script.
    pub fn throttled(&self, service: &str) -> usize {
        let state = self.lock();
        state.received.iter().filter(|call| call.service == service && call.status == Some(429)).count()
    }
}
