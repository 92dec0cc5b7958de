//! The Durable Object of the register: one for an installation.

use wasm_bindgen::prelude::wasm_bindgen;
use worker::worker_sys::DurableObjectState;
use worker::{Env, State};

use super::platform::Platform;
use super::shelf::Rows;
use crate::codec::record::{read, write};
use crate::flows::register::{Parsed, handle};

/// The register: its rows, and the catalog parsed once.
#[wasm_bindgen]
pub struct RegisterObject {
    state: State,
    env: Env,
    parsed: Parsed,
}

#[wasm_bindgen]
impl RegisterObject {
    /// The object with that state.
    #[wasm_bindgen(constructor)]
    pub fn new(state: DurableObjectState, env: Env) -> Self {
        let state = State::from(state);
        Rows::found(&state);
        Self { state, env, parsed: Parsed::default() }
    }

    /// The reply to an order; nothing when it cannot be given, or is of another version.
    pub fn order(&self, order: &str) -> Option<String> {
        let platform = Platform::new(self.env.clone());
        let reply = handle(platform.house().ok()?, &Rows::of(&self.state), &self.parsed, read(order).ok()?);
        Some(write(&reply.ok()?))
    }
}
