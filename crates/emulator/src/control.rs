//! The world's strings, over HTTP: reading it, changing it, and moving the hands of the people in it.

mod hands;
mod secrets;
mod setting;

use bytes::Bytes;
use http::{Method, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answer::{self, Call};
use crate::faults::Fault;
use crate::world::World;

/// How far `POST /control/advance` moves the clock.
#[derive(Deserialize)]
struct Advance {
    ms: u64,
}

/// How many destinations `POST /control/fleet` adds.
#[derive(Deserialize)]
struct Fleet {
    destinations: usize,
}

/// Serves `/control/...`: 200 with what was asked for, 400 with a `reason`, or 404.
pub(crate) fn answer(world: &World, call: &Call) -> Response<Bytes> {
    let segments = call.segments();
    let outcome = match call.method {
        Method::GET => told(world, &segments).map(Ok),
        Method::POST if segments == ["hands"] => Some(read(call).and_then(|deed| hands::move_them(world, deed))),
        Method::POST if segments == ["fleet"] => {
            Some(read(call).map(|fleet: Fleet| json!(world.fleet(fleet.destinations))))
        }
        Method::POST if segments == ["secrets"] => Some(read(call).map(|put| secrets::put(world, put))),
        Method::POST if segments == ["retry"] => Some(read(call).and_then(|retry| hands::retry(world, retry))),
        Method::POST if segments == ["verify-url"] => Some(Ok(hands::verify_url(world))),
        Method::POST => done(world, call, &segments).map(|outcome| outcome.map(|()| json!({}))),
        _ => None,
    };
    match outcome {
        Some(Ok(body)) => answer::json(200, &body),
        Some(Err(reason)) => answer::json(400, &json!({"reason": reason})),
        None => answer::empty(404),
    }
}

fn told(world: &World, segments: &[&str]) -> Option<Value> {
    Some(match segments {
        ["received"] => json!(world.received()),
        ["messages"] => json!(world.messages()),
        ["direct", user] => json!(world.direct_messages(user)),
        ["modals", user] => json!(world.modals(user)),
        ["home", user] => json!(world.home(user)),
        ["models", id] => json!({"owned": world.model_owned(id), "sources": world.model_sources(id)}),
        ["opened"] => json!(world.opened()),
        ["throttled", service] => json!({"calls": world.throttled(service)}),
        ["tests"] => json!(world.tests()),
        ["secret-reads"] => json!(world.secret_reads()),
        ["confirmed-subscriptions"] => json!(world.confirmed_subscriptions()),
        ["static-roles", role] => json!({"password": world.static_role_password(role)}),
        ["now"] => json!({"now_ms": world.now_ms()}),
        _ => return None,
    })
}

fn done(world: &World, call: &Call, segments: &[&str]) -> Option<Result<(), String>> {
    Some(match segments {
        ["reset"] => {
            world.reset();
            Ok(())
        }
        ["advance"] => read(call).map(|by: Advance| world.advance(by.ms)),
        ["faults"] => read(call).map(|fault: Fault| world.script(fault)),
        ["settings"] => read(call).and_then(|setting: setting::Setting| setting.apply(world)),
        ["secret-changes"] => read(call).and_then(|change: secrets::Change| change.make(world)),
        ["answered"] => read(call).and_then(|answered| hands::answered(world, answered)),
        _ => return None,
    })
}

fn read<T: DeserializeOwned>(call: &Call) -> Result<T, String> {
    serde_json::from_slice(&call.body).map_err(|error| error.to_string())
}
