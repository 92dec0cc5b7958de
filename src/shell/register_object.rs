//! The Durable Object of the register: one for an installation.

use worker::{DurableObject, Env, Error, Request, Response, Result, State, durable_object, wasm_bindgen};

use super::platform::Platform;
use super::shelf::{Rows, order, reply};
use crate::flows::register::{Parsed, handle};

/// The register: its rows, and the catalog parsed once.
#[durable_object(fetch)]
pub struct RegisterObject {
    state: State,
    env: Env,
    parsed: Parsed,
}

impl DurableObject for RegisterObject {
    fn new(state: State, env: Env) -> Self {
        Rows::found(&state);
        Self { state, env, parsed: Parsed::default() }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let platform = Platform::new(self.env.clone());
        let house = platform.house().map_err(|_| Error::from("the configuration is incomplete"))?;
        let order = order(&mut request).await?;
        reply(handle(house, &Rows::of(&self.state), &self.parsed, order))
    }
}
