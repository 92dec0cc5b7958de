//! The Durable Object of one rotation.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::worker_sys::DurableObjectState;
use worker::{Env, State};

use super::platform::Platform;
use super::shelf::Shelf;
use crate::codec::record::{read, write};
use crate::flows::rows::{Memory, Rows};
use crate::flows::{apply, rotation};
use crate::ports::Unanswered;

/// One rotation: its rows and its alarm.
#[wasm_bindgen]
pub struct RotationObject {
    state: State,
    env: Env,
    memory: Memory,
}

#[wasm_bindgen(wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
impl RotationObject {
    /// The object with that state.
    #[wasm_bindgen(constructor)]
    pub fn new(state: DurableObjectState, env: Env) -> Self {
        let state = State::from(state);
        Shelf::found(&state);
        Self { state, env, memory: Memory::default() }
    }

    /// The reply to an order; nothing when it cannot be given, or is of another version.
    pub async fn order(&self, order: String) -> Option<String> {
        let platform = Platform::new(self.env.clone());
        let shelf = Shelf::of(&self.state);
        let rows = Rows::new(&shelf, &self.memory);
        let reply = rotation::handle(&platform.house().ok()?, &rows, read(&order).ok()?).await;
        Some(write(&reply.ok()?))
    }

    /// Does what is due.
    ///
    /// # Errors
    /// When the alarm cannot be set again.
    pub async fn alarm(&self) -> Result<(), JsValue> {
        let platform = Platform::new(self.env.clone());
        let shelf = Shelf::of(&self.state);
        let rows = Rows::new(&shelf, &self.memory);
        let done = match platform.house() {
            Ok(house) => apply::wake(&house, &rows).await,
            Err(_) => Err(Unanswered),
        };
        match done {
            Ok(()) => Ok(()),
            Err(Unanswered) => shelf.again(&platform).await,
        }
    }
}
