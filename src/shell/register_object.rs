//! The Durable Object of the register: one for an installation.

use wasm_bindgen::prelude::wasm_bindgen;
use worker::worker_sys::DurableObjectState;
use worker::{Env, State};

use super::platform::Platform;
use super::shelf::Shelf;
use crate::codec::record::{read, write};
use crate::flows::register::{Memory, handle};

/// The register: its rows, and what it remembers.
#[wasm_bindgen]
pub struct RegisterObject {
    state: State,
    env: Env,
    memory: Memory,
}

#[wasm_bindgen]
impl RegisterObject {
    /// The object with that state.
    #[wasm_bindgen(constructor)]
    pub fn new(state: DurableObjectState, env: Env) -> Self {
        let state = State::from(state);
        Shelf::found(&state);
        Self { state, env, memory: Memory::default() }
    }

    /// The reply to an order; nothing when it cannot be given, or is of another version.
    pub fn order(&self, order: &str) -> Option<String> {
        let platform = Platform::new(self.env.clone());
        let reply = handle(&platform.house().ok()?, &Shelf::of(&self.state), &self.memory, read(order).ok()?);
        Some(write(&reply.ok()?))
    }
}
