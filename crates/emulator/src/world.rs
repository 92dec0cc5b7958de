//! The world itself: its clock, its door, and the state behind them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response};

use crate::answer::{self, Call};
use crate::control;
use crate::entra::Entra;
use crate::estate::Estate;
use crate::fabric::Fabric;
use crate::faults::{self, Fault, FaultKind, Lost};
use crate::journal::Received;
use crate::managers::{self, Managers};
use crate::powerbi::PowerBi;
use crate::slack::{Gesture, Slack};
use crate::teams::Teams;

/// Where the world's time comes from.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that starts at this time, in milliseconds since 1970, and moves only by [`World::advance`].
    Manual(u64),
}

impl Clock {
    /// Its time, in milliseconds since 1970; how far it was moved does not count.
    #[expect(clippy::disallowed_methods, reason = "the world stands for the platform that the clock comes from")]
    pub(crate) fn now_ms(self) -> u64 {
        match self {
            Clock::Manual(start) => start,
            Clock::System => std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX)),
        }
    }
}

/// A pretend world. Clones share one state.
#[derive(Clone)]
pub struct World {
    state: Arc<Mutex<State>>,
}

/// Everything the world knows, one part for each service.
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) advanced_ms: u64,
    pub(crate) faults: Vec<Fault>,
    pub(crate) received: Vec<Received>,
    pub(crate) entra: Entra,
    pub(crate) estate: Estate,
    pub(crate) powerbi: PowerBi,
    pub(crate) fabric: Fabric,
    pub(crate) slack: Slack,
    pub(crate) teams: Teams,
    pub(crate) managers: Managers,
    /// What people did through the control routes, waiting for the bot's answers.
    pub(crate) gestures: Vec<Gesture>,
    /// Counts what needs a number of its own: request ids, tokens, operations.
    pub(crate) sequence: u64,
}

impl State {
    pub(crate) fn now_ms(&self) -> u64 {
        self.clock.now_ms().saturating_add(self.advanced_ms)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// A fresh GUID; the same ones in the same order in every run.
    pub(crate) fn guid(&mut self) -> String {
        format!("00000000-0000-4000-8000-{:012x}", self.next())
    }

    fn dispatch(&mut self, call: &Call) -> Response<Bytes> {
        managers::static_roles::rotate_due(self);
        match call.service.as_str() {
            "login" => crate::entra::answer(self, call),
            "powerbi" => crate::powerbi::answer(self, call),
            "fabric" => crate::fabric::answer(self, call),
            "slack" => crate::slack::answer(self, call),
            "teams" => crate::teams::answer(self, call),
            "graph" => crate::graph::answer(self, call),
            _ => managers::answer(self, call)
                .unwrap_or_else(|| answer::text(404, "text/plain", "the emulator has no such service")),
        }
    }
}

/// What [`World::take`] made of a request.
pub(crate) struct Taken {
    /// How long the answer lets itself be waited for.
    pub(crate) delay_ms: u64,
    pub(crate) answer: Result<Response<Bytes>, Lost>,
}

impl World {
    /// The company of [`crate::scene`], on its first day.
    pub fn contoso(clock: Clock) -> World {
        World { state: Arc::new(Mutex::new(crate::contoso::state(clock, 0))) }
    }

    /// The world's time, in milliseconds since 1970.
    pub fn now_ms(&self) -> u64 {
        self.lock().now_ms()
    }

    /// Moves the world's time forward.
    pub fn advance(&self, ms: u64) {
        self.lock().advanced_ms += ms;
    }

    /// Puts the world back to its first day, at its present time and under its present address.
    pub fn reset(&self) {
        let mut state = self.lock();
        let mut fresh = crate::contoso::state(state.clock, state.advanced_ms);
        fresh.slack.base_url.clone_from(&state.slack.base_url);
        *state = fresh;
    }

    /// Answers one request. Its URI may be absolute; the first path segment names the service.
    /// A scripted delay passes on the world's clock.
    ///
    /// # Errors
    /// [`Lost`] when a scripted fault breaks the connection.
    pub fn serve(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        let taken = self.take(request);
        self.advance(taken.delay_ms);
        taken.answer
    }

    pub(crate) fn take(&self, request: Request<Bytes>) -> Taken {
        let call = Call::new(request);
        if call.service == "control" {
            return Taken { delay_ms: 0, answer: Ok(control::answer(self, &call)) };
        }
        let mut state = self.lock();
        let at_ms = state.now_ms();
        let mut delay_ms = 0;
        let answer = match faults::spend(&mut state.faults, &call) {
            Some(FaultKind::Status { code, headers, body }) => Ok(faults::scripted(code, &headers, &body)),
            Some(FaultKind::LoseRequest) => Err(Lost::Request),
            Some(FaultKind::LoseResponse) => {
                state.dispatch(&call);
                Err(Lost::Response)
            }
            Some(FaultKind::Hang) => Err(Lost::Silence),
            Some(FaultKind::Slow(ms)) => {
                delay_ms = ms;
                Ok(state.dispatch(&call))
            }
            Some(FaultKind::Rekeyed { gateway, member }) => {
                state.estate.rekey(&gateway, &member);
                Ok(state.dispatch(&call))
            }
            None => Ok(state.dispatch(&call)),
        };
        let status = answer.as_ref().ok().map(|response| response.status().as_u16());
        state.received.push(Received::new(&call, status, at_ms));
        Taken { delay_ms, answer }
    }

    /// Scripts a fault; of several that fit a call, the one scripted first is spent first.
    pub fn script(&self, fault: Fault) {
        self.lock().faults.push(fault);
    }

    /// Every request that arrived, in order.
    pub fn received(&self) -> Vec<Received> {
        self.lock().received.clone()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
