//! The Durable Object of the register: one for an installation.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::Env;
use worker::worker_sys::DurableObjectState;

use super::platform::Platform;
use super::shelf::Kept;
use crate::codec::record::{read, write};
use crate::flows::register::{self, Memory, handle};
use crate::flows::watch;
use crate::ports::{Alarm as _, Unanswered};

/// The register: its rows, and what it remembers.
#[wasm_bindgen]
pub struct RegisterObject {
    shelf: Kept,
    env: Env,
    memory: Memory,
}

#[wasm_bindgen(wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
impl RegisterObject {
    /// The object with that state.
    #[wasm_bindgen(constructor)]
    pub fn new(state: DurableObjectState, env: Env) -> Self {
        Self { shelf: Kept::by(state), env, memory: Memory::default() }
    }

    /// The reply to an order; nothing when it cannot be given, or is of another version.
    pub async fn order(&self, order: String) -> Option<String> {
        let platform = Platform::new(self.env.clone());
        let (shelf, order) = (&self.shelf, read(&order).ok()?);
        let plans = register::plans(&order);
        let reply = handle(&platform.house().ok()?, shelf, &self.memory, order).ok()?;
        if plans && !register::nothing_new(&reply) {
            // What is planned is not answered for before the alarm for it is set.
            shelf.wake_at(register::due(shelf, &self.memory).ok()?).await.ok()?;
        }
        Some(write(&reply))
    }

    /// Does what is due.
    ///
    /// # Errors
    /// When the alarm cannot be set again.
    pub async fn alarm(&self) -> Result<(), JsValue> {
        let platform = Platform::new(self.env.clone());
        let done = match platform.house() {
            Ok(house) => watch::wake(&house, &self.shelf, &self.memory).await,
            Err(_) => Err(Unanswered),
        };
        match done {
            Ok(()) => Ok(()),
            Err(Unanswered) => self.shelf.again(&platform).await,
        }
    }
}
