//! The Durable Object of one rotation.

use std::time::Duration;

use worker::{DurableObject, Env, Error, Request, Response, Result, State, durable_object, wasm_bindgen};

use super::platform::Platform;
use super::shelf::{Rows, order, reply};
use crate::flows::{apply, rotation};
use crate::ports::{Alarm as _, Clock as _, Log as _, Unanswered};
use crate::trail::Line;

/// How long after a waking that came to nothing the next one is tried.
const PAUSE: Duration = Duration::from_secs(60);

/// One rotation: its rows and its alarm.
#[durable_object(alarm)]
pub struct RotationObject {
    state: State,
    env: Env,
}

impl DurableObject for RotationObject {
    fn new(state: State, env: Env) -> Self {
        Rows::found(&state);
        Self { state, env }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let platform = Platform::new(self.env.clone());
        let house = platform.house().map_err(|_| Error::from("the configuration is incomplete"))?;
        let order = order(&mut request).await?;
        reply(rotation::handle(house, &Rows::of(&self.state), order).await)
    }

    async fn alarm(&self) -> Result<Response> {
        let platform = Platform::new(self.env.clone());
        let rows = Rows::of(&self.state);
        let done = match platform.house() {
            Ok(house) => apply::wake(house, &rows).await,
            Err(_) => Err(Unanswered),
        };
        if done.is_err() {
            // A setting that is being mended, or a row of another version. Failing here would be forgotten by the
            // platform after a few tries, and the rotation with it.
            platform.line(&Line::new("alarm", "retry"));
            let again = rows.wake_at(Some(platform.now() + PAUSE)).await;
            again.map_err(|Unanswered| Error::from("the alarm cannot be set"))?;
        }
        Response::empty()
    }
}
