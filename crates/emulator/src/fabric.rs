//! Fabric REST v1: connections, gateways with their members, and long-running operations.

mod connections;
mod error;
mod gateways;
mod operations;
mod rules;
mod update;

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Response};
use serde::Deserialize;
use serde_json::Value;

use crate::answer::{self, Call};
use crate::credential::Login;
use crate::entra::TokenRefusal;
use crate::quota::Quota;
use crate::scene;
use crate::world::{State, World};

use error::Refusal;

pub use error::refusal;

/// What Fabric keeps.
pub(crate) struct Fabric {
    pub(crate) connections: Vec<Connection>,
    pub(crate) operations: BTreeMap<String, operations::Operation>,
    /// How often an operation says "running" before it is done, by the id of the thing asked about; without an entry the
    /// answer comes at once.
    pub(crate) polls: BTreeMap<String, u32>,
    /// Whether an update of an on-premises connection may leave a member out. The documents do not say.
    pub(crate) members_may_miss: bool,
    /// Whether reading a connection shows the Key Vault reference it takes its secret by. The specification has no place
    /// for that.
    pub(crate) shows_references: bool,
    pub(crate) quota: Quota,
}

/// A connection.
pub(crate) struct Connection {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) connectivity: String,
    pub(crate) gateway: Option<String>,
    /// `connectionDetails`: type and path.
    pub(crate) details: Value,
    pub(crate) privacy: String,
    pub(crate) sign_on: String,
    pub(crate) encryption: String,
    pub(crate) skip_test: bool,
    /// The credential, or nothing that can be shown: OAuth2, a Key Vault reference, a kind still unknown.
    pub(crate) credential_type: String,
    pub(crate) login: Option<Login>,
    /// A Key Vault secret that stands for the password.
    pub(crate) reference: Option<Value>,
    pub(crate) rights: Rights,
}

/// What the app may do with a connection (Fabric REST: `ConnectionRole`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Rights {
    /// Nothing: the connection cannot be found.
    None,
    /// Read and test it.
    User,
    /// Change it too.
    Owner,
}

impl World {
    /// Grants or takes away rights on a connection.
    pub fn set_connection_rights(&self, connection: &str, rights: Rights) {
        if let Some(connection) = self.lock().fabric.connections.iter_mut().find(|known| known.id == connection) {
            connection.rights = rights;
        }
    }

    /// Puts a connection behind another gateway.
    pub fn move_connection(&self, connection: &str, gateway: &str) {
        if let Some(connection) = self.lock().fabric.connections.iter_mut().find(|known| known.id == connection) {
            connection.gateway = Some(gateway.to_owned());
        }
    }

    /// Makes tests and checks of a connection, gateway or member long-running: so many polls say "running" first.
    pub fn set_long_running(&self, id: &str, polls: Option<u32>) {
        let table = &mut self.lock().fabric.polls;
        match polls {
            Some(polls) => table.insert(id.to_owned(), polls),
            None => table.remove(id),
        };
    }

    /// Lets an update of an on-premises connection leave out members of the gateway, or refuses that.
    pub fn allow_missing_members(&self, allowed: bool) {
        self.lock().fabric.members_may_miss = allowed;
    }

    /// Has connections show their Key Vault references, which the specification has no place for.
    pub fn show_references(&self) {
        self.lock().fabric.shows_references = true;
    }

    /// The plaintext of the credential a connection keeps now, when it keeps one.
    pub fn connection_credential(&self, connection: &str) -> Option<String> {
        let state = self.lock();
        let found = state.fabric.connections.iter().find(|known| known.id == connection)?;
        found.login.as_ref().map(|login| login.plaintext.clone())
    }
}

/// A success: a body at once, or an operation to be polled.
pub(crate) enum Success {
    Body(Value),
    /// The id of an operation just begun.
    Begun(String),
    /// The state of an operation that still runs, and its id.
    Running(Value, String),
    /// The operation's state, its id, and that its result can be fetched.
    Finished(Value, String),
}

/// Serves `/fabric/...`.
pub(crate) fn answer(state: &mut State, call: &Call) -> Response<Bytes> {
    let turn = usize::try_from(state.next()).unwrap_or_default();
    let ordered = |body: &Value| answer::text(200, "application/json; charset=utf-8", &answer::shuffled(body, turn));
    let operation = |id: &str| format!("{}/fabric/v1/operations/{id}", call.base);
    let response = match serve(state, call) {
        Ok(Success::Body(body)) => ordered(&body),
        Ok(Success::Begun(id)) => pending(answer::empty(202), &operation(&id), &id),
        Ok(Success::Running(body, id)) => pending(ordered(&body), &operation(&id), &id),
        Ok(Success::Finished(body, id)) => {
            let location = format!("{}/result", operation(&id));
            answer::with(answer::with(ordered(&body), "Location", &location), "x-ms-operation-id", &id)
        }
        Err(refusal) => return refusal.respond(state),
    };
    let request_id = state.guid();
    answer::with(response, "requestId", &request_id)
}

/// The headers that say where to ask again, and when.
fn pending(response: Response<Bytes>, location: &str, id: &str) -> Response<Bytes> {
    let response = answer::with(response, "Location", location);
    answer::with(answer::with(response, "x-ms-operation-id", id), "Retry-After", "30")
}

fn serve(state: &mut State, call: &Call) -> Result<Success, Refusal> {
    authorize(state, call)?;
    let segments = call.segments();
    let ["v1", rest @ ..] = segments.as_slice() else { return Err(Refusal::not_found()) };
    // There is one identity here; long-running operations are counted apart from the rest.
    let bucket = if rest.first() == Some(&"operations") { "LRO" } else { "Platform" };
    let now_ms = state.now_ms();
    state.fabric.quota.spend(bucket, now_ms).map_err(|seconds| Refusal::blocked(now_ms, seconds))?;
    match (&call.method, rest) {
        (&Method::GET, ["connections"]) => connections::list(state, call).map(Success::Body),
        (&Method::GET, ["connections", id]) => connections::get(state, id).map(Success::Body),
        (&Method::PATCH, ["connections", id]) => update::update(state, id, &call.body).map(Success::Body),
        (&Method::POST, ["connections", id, "testConnection"]) => connections::test(state, id),
        (&Method::GET, ["gateways"]) => Ok(Success::Body(gateways::list(state))),
        (&Method::GET, ["gateways", id]) => gateways::get(state, id).map(Success::Body),
        (&Method::GET, ["gateways", id, "members"]) => gateways::members(state, id).map(Success::Body),
        (&Method::POST, ["gateways", id, "checkStatus"]) => gateways::check(state, id),
        (&Method::POST, ["gateways", id, "members", member, "checkStatus"]) => {
            gateways::check_member(state, id, member)
        }
        (&Method::GET, ["operations", id]) => operations::poll(state, id),
        (&Method::GET, ["operations", id, "result"]) => operations::result(state, id).map(Success::Body),
        _ => Err(Refusal::not_found()),
    }
}

/// Fabric takes its own tokens, and Power BI's.
fn authorize(state: &State, call: &Call) -> Result<(), Refusal> {
    let resources = [scene::FABRIC_RESOURCE, scene::POWER_BI_RESOURCE];
    state.entra.check(call, &resources, state.now_ms()).map_err(|refusal| match refusal {
        TokenRefusal::Expired => {
            Refusal::new(401, "TokenExpired", "Access token has expired, resubmit with a new access token")
        }
        TokenRefusal::WrongAudience => Refusal::new(401, "InvalidToken", "Access token audience is invalid"),
        TokenRefusal::Missing | TokenRefusal::Unknown => Refusal::new(401, "InvalidToken", "Access token is invalid"),
    })
}
