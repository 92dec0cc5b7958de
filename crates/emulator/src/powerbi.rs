//! Power BI REST v1.0: gateways, their data sources, and the data sources of semantic models.

pub mod error;
mod patch;
mod read;

use bytes::Bytes;
use http::{Method, Response};
use serde_json::{Value, json};

use crate::answer::{self, Call};
use crate::credential::Login;
use crate::entra::TokenRefusal;
use crate::scene;
use crate::world::{State, World};

use error::Refusal;

/// What Power BI keeps.
pub(crate) struct PowerBi {
    pub(crate) sources: Vec<DataSource>,
    pub(crate) models: Vec<Model>,
    /// The status for a gateway the caller does not administer. No document says which: 401, 403 and 404 are all heard of.
    pub(crate) denied: u16,
    /// Whether calls without a service principal profile are refused.
    pub(crate) profile_required: bool,
}

/// A data source of a gateway.
pub(crate) struct DataSource {
    pub(crate) id: String,
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

/// A semantic model and the data sources it is bound to.
pub(crate) struct Model {
    pub(crate) workspace: String,
    pub(crate) id: String,
    pub(crate) sources: Vec<String>,
    /// Whether the app is its owner.
    pub(crate) owned: bool,
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

    /// Makes the app the owner of a semantic model, or lets somebody else own it.
    pub fn set_model_owned(&self, model: &str, owned: bool) {
        if let Some(model) = self.lock().powerbi.models.iter_mut().find(|known| known.id == model) {
            model.owned = owned;
        }
    }
}

/// Serves `/powerbi/...`.
pub(crate) fn answer(state: &mut State, call: &Call) -> Response<Bytes> {
    let response = match serve(state, call) {
        Ok(Some(body)) => answer::json(200, &body),
        Ok(None) => answer::empty(200),
        Err(refusal) => refusal.respond(),
    };
    let request_id = state.guid();
    answer::with(response, "RequestId", &request_id)
}

/// The body of a success, or a refusal.
type Outcome = Result<Option<Value>, Refusal>;

fn serve(state: &mut State, call: &Call) -> Outcome {
    authorize(state, call)?;
    let segments = call.segments();
    let ["v1.0", "myorg", rest @ ..] = segments.as_slice() else { return Err(not_found()) };
    match (&call.method, rest) {
        (&Method::GET, ["gateways"]) => Ok(Some(read::gateways(state))),
        (&Method::GET, ["gateways", gateway]) => read::gateway(state, gateway).map(Some),
        (&Method::GET, ["gateways", gateway, "datasources"]) => read::sources(state, gateway).map(Some),
        (&Method::GET, ["gateways", gateway, "datasources", source]) => read::source(state, gateway, source).map(Some),
        (&Method::GET, ["gateways", gateway, "datasources", source, "status"]) => {
            read::status(state, gateway, source).map(|()| None)
        }
        (&Method::PATCH, ["gateways", gateway, "datasources", source]) => {
            patch::update(state, gateway, source, &call.body).map(|()| None)
        }
        (&Method::GET, ["groups", workspace, "datasets", model, "datasources"]) => {
            read::model_sources(state, workspace, model).map(Some)
        }
        (&Method::POST, ["groups", workspace, "datasets", model, "Default.TakeOver"]) => {
            let model = state.powerbi.models.iter_mut().find(|m| m.workspace == *workspace && m.id == *model);
            model.ok_or_else(not_found)?.owned = true;
            Ok(None)
        }
        // Paths of "My workspace" are not for service principals.
        (_, ["datasets", ..]) => Err(Refusal::Body(403, error::words("API is not accessible for application"))),
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
