//! Power BI REST v1.0: gateways, their data sources, and the semantic models and paginated reports bound to them.

pub mod error;
mod items;
mod patch;
mod read;
mod refresh_history;
mod refreshes;

use std::collections::BTreeSet;

use bytes::Bytes;
use http::{Method, Response};
use serde_json::{Value, json};

use crate::answer::{self, Call};
use crate::credential::Login;
use crate::entra::TokenRefusal;
use crate::quota::Quota;
use crate::scene;
use crate::world::{State, World};

use error::Refusal;

pub(crate) use items::Item;
pub use refreshes::RefreshEnd;

/// What Power BI keeps.
pub(crate) struct PowerBi {
    pub(crate) sources: Vec<DataSource>,
    pub(crate) items: Vec<Item>,
    /// The workspaces that the app is a member of.
    pub(crate) workspaces: BTreeSet<String>,
    /// The status for a gateway the caller does not administer. No document says which: 401, 403 and 404 are all heard of.
    pub(crate) denied: u16,
    /// Whether calls without a service principal profile are refused.
    pub(crate) profile_required: bool,
    pub(crate) quota: Quota,
}

/// A data source of a gateway.
#[derive(Clone)]
pub(crate) struct DataSource {
    pub(crate) id: String,
    /// The database behind it, by the id of the first data source for it: another owner has another data source.
    pub(crate) database: String,
    pub(crate) gateway: String,
    pub(crate) name: String,
    /// `datasourceType`.
    pub(crate) kind: String,
    pub(crate) details: Value,
    pub(crate) privacy: String,
    pub(crate) encrypted_connection: String,
    pub(crate) end_user_oauth2: bool,
    pub(crate) login: Login,
}

impl World {
    /// Sets the status that answers for a gateway the caller does not administer.
    pub fn set_powerbi_denied_status(&self, status: u16) {
        self.lock().powerbi.denied = status;
    }

    /// Refuses Power BI calls that carry no `X-PowerBI-Profile-Id`, or takes them again.
    pub fn require_powerbi_profile(&self, required: bool) {
        self.lock().powerbi.profile_required = required;
    }

    /// What a data source was last set to besides its credential: privacy level and `encryptedConnection`.
    pub fn datasource_settings(&self, datasource: &str) -> Option<(String, String)> {
        let state = self.lock();
        let source = state.powerbi.sources.iter().find(|source| source.id == datasource)?;
        Some((source.privacy.clone(), source.encrypted_connection.clone()))
    }

    /// The plaintext of the credential a data source keeps now.
    pub fn datasource_credential(&self, datasource: &str) -> Option<String> {
        let state = self.lock();
        state.powerbi.sources.iter().find(|source| source.id == datasource).map(|source| source.login.plaintext.clone())
    }
}

/// Serves `/powerbi/...`. The id of a call is also the id of the refresh that it began.
pub(crate) fn answer(state: &mut State, call: &Call) -> Response<Bytes> {
    let request_id = state.guid();
    let response = serve(state, call, &request_id).unwrap_or_else(Refusal::respond);
    answer::with(response, "RequestId", &request_id)
}

fn serve(state: &mut State, call: &Call, request_id: &str) -> Result<Response<Bytes>, Refusal> {
    authorize(state, call)?;
    let now_ms = state.now_ms();
    state.powerbi.quota.spend(call.header("x-powerbi-profile-id"), now_ms).map_err(Refusal::Throttled)?;
    let json = |body: Value| answer::json(200, &body);
    let done = |()| answer::empty(200);
    let segments = call.segments();
    let ["v1.0", "myorg", rest @ ..] = segments.as_slice() else { return Err(not_found()) };
    match (&call.method, rest) {
        (&Method::GET, ["gateways"]) => Ok(json(read::gateways(state))),
        (&Method::GET, ["gateways", gateway]) => read::gateway(state, gateway).map(json),
        (&Method::GET, ["gateways", gateway, "datasources"]) => read::sources(state, gateway).map(json),
        (&Method::GET, ["gateways", gateway, "datasources", source]) => read::source(state, gateway, source).map(json),
        (&Method::GET, ["gateways", gateway, "datasources", source, "status"]) => {
            read::status(state, gateway, source).map(done)
        }
        (&Method::PATCH, ["gateways", gateway, "datasources", source]) => {
            patch::update(state, gateway, source, &call.body).map(done)
        }
        (&Method::GET, ["groups", workspace, kind @ ("datasets" | "reports"), id, "datasources"]) => {
            items::sources(state, workspace, kind, id).map(json)
        }
        (&Method::GET, ["groups", workspace, "datasets", id, "Default.GetBoundGatewayDatasources"]) => {
            items::bound_sources(state, workspace, id).map(json)
        }
        (&Method::POST, ["groups", workspace, kind @ ("datasets" | "reports"), id, "Default.TakeOver"]) => {
            items::take_over(state, workspace, kind, id).map(done)
        }
        (&Method::POST, ["groups", workspace, "datasets", id, "refreshes"]) => {
            refreshes::begin(state, call, workspace, id, request_id)
        }
        (&Method::GET, ["groups", workspace, "datasets", id, "refreshes"]) => {
            refresh_history::history(state, call, workspace, id).map(json)
        }
        (&Method::GET, ["groups", workspace, "datasets", id, "refreshes", refresh]) => {
            refresh_history::details(state, workspace, id, refresh)
        }
        // Paths of "My workspace" are not for service principals.
        (_, ["datasets" | "reports", ..]) => {
            Err(Refusal::Body(403, error::words("API is not accessible for application")))
        }
        _ => Err(not_found()),
    }
}

fn authorize(state: &State, call: &Call) -> Result<(), Refusal> {
    state.entra.check(call, &[scene::POWER_BI_RESOURCE], state.now_ms()).map_err(|refusal| match refusal {
        TokenRefusal::Expired => Refusal::Body(
            401,
            json!({"error": {"code": "TokenExpired", "message": "Access token has expired, resubmit with a new access token"}}),
        ),
        TokenRefusal::WrongAudience => Refusal::Header(401, "InvalidAudience"),
        TokenRefusal::Missing | TokenRefusal::Unknown => Refusal::Header(401, error::NOT_AUTHORIZED),
    })?;
    let profile = call.header("x-powerbi-profile-id");
    if profile == scene::PROFILE_ID || (profile.is_empty() && !state.powerbi.profile_required) {
        Ok(())
    } else {
        Err(Refusal::Header(403, error::NOT_AUTHORIZED))
    }
}

fn not_found() -> Refusal {
    Refusal::Body(404, json!({"error": {"code": "PowerBIEntityNotFound", "message": "Entity is not found"}}))
}
