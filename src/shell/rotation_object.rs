//! The Durable Object of one rotation.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::Env;
use worker::worker_sys::DurableObjectState;

use super::platform::Platform;
use super::shelf::Kept;
use crate::codec::record::{read, write};
use crate::flows::rows::{Memory, Rows};
use crate::flows::{apply, rotation};
use crate::ports::Unanswered;

/// One rotation: its rows and its alarm.
#[wasm_bindgen]
pub struct RotationObject {
    shelf: Kept,
    env: Env,
    memory: Memory,
}

#[wasm_bindgen(wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
impl RotationObject {
    /// The object with that state.
    #[wasm_bindgen(constructor)]
    pub fn new(state: DurableObjectState, env: Env) -> Self {
        Self { shelf: Kept::by(state), env, memory: Memory::default() }
    }

    /// The reply to an order; nothing when it cannot be given, or is of another version.
    pub async fn order(&self, order: String) -> Option<String> {
        let platform = Platform::new(self.env.clone());
        let rows = Rows::new(&self.shelf, &self.memory);
        let reply = rotation::handle(&platform.house().ok()?, &rows, read(&order).ok()?).await;
        Some(write(&reply.ok()?))
    }

    /// Does what is due.
    ///
    /// # Errors
    /// When the alarm cannot be set again.
    pub async fn alarm(&self) -> Result<(), JsValue> {
        let platform = Platform::new(self.env.clone());
        let rows = Rows::new(&self.shelf, &self.memory);
        let done = match platform.house() {
            Ok(house) => apply::wake(&house, &rows).await,
            Err(_) => Err(Unanswered),
        };
        match done {
            Ok(()) => Ok(()),
            Err(Unanswered) => self.shelf.again(&platform).await,
        }
    }
}
