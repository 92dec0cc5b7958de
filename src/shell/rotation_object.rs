//! The Durable Object of one rotation.

use worker::{DurableObject, Env, Error, Request, Response, Result, State, durable_object, wasm_bindgen};

use super::platform::Platform;
use super::shelf::{Rows, order, reply};
use crate::flows::{apply, rotation};

/// One rotation: its rows and its alarm.
#[durable_object(alarm)]
pub struct RotationObject {
    state: State,
    env: Env,
}

impl DurableObject for RotationObject {
    fn new(state: State, env: Env) -> Self {
        Self { state, env }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let platform = Platform::new(self.env.clone());
        let house = platform.house().map_err(|_| Error::from("the configuration is incomplete"))?;
        let order = order(&mut request).await?;
        reply(rotation::handle(house, &Rows::of(&self.state)?, order).await)
    }

    async fn alarm(&self) -> Result<Response> {
        let platform = Platform::new(self.env.clone());
        // Failing lets the platform wake us again; nothing but our own storage or configuration leads here.
        let house = platform.house().map_err(|_| Error::from("the configuration is incomplete"))?;
        apply::wake(house, &Rows::of(&self.state)?).await.map_err(|_| Error::from("the shelf failed"))?;
        Response::empty()
    }
}
