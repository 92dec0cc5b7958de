//! Entra's token endpoint for client credentials, the check of the tokens it gave out, and the keys of those it signs.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Response};
use serde::Deserialize;
use serde_json::json;

use crate::answer::{self, Call};
use crate::jws::{self, TokenKey};
use crate::scene;
use crate::world::{State, World};

/// Lifetime of an access token, in seconds (Microsoft identity platform, client credentials flow: `expires_in`).
const TOKEN_LIFE_S: u64 = 3599;

/// The tenant's apps: client id, secret, and the resources that each has any rights at.
const APPS: [(&str, &str, &[&str]); 2] = [
    (scene::CLIENT_ID, scene::CLIENT_SECRET, &scene::RESOURCES),
    (scene::TEAMS_APP_ID, scene::TEAMS_APP_SECRET, &[scene::CONNECTOR_RESOURCE, scene::GRAPH_RESOURCE]),
];

/// What the apps' client secrets are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum SecretState {
    /// Accepted.
    Valid,
    /// Right, but past its end date: AADSTS7000222.
    Expired,
}

/// The tenant's app registrations and the tokens that are about.
pub(crate) struct Entra {
    pub(crate) secret: SecretState,
    pub(crate) tokens: BTreeMap<String, Token>,
    /// The keys in the tenant's key set.
    pub(crate) keys: Vec<TokenKey>,
}

/// An access token, known by its text.
pub(crate) struct Token {
    resource: String,
    expires_ms: u64,
}

/// Why a service does not take a token.
#[derive(Clone, Copy)]
pub(crate) enum TokenRefusal {
    Missing,
    Unknown,
    WrongAudience,
    Expired,
}

/// An error answer of the token endpoint: HTTP status, `error`, AADSTS number, words.
struct Refusal(u16, &'static str, u32, String);

impl Entra {
    pub(crate) fn new() -> Entra {
        Entra { secret: SecretState::Valid, tokens: BTreeMap::new(), keys: vec![TokenKey::Entra] }
    }

    /// Checks a bearer token for one of the resources a service answers to.
    pub(crate) fn check(&self, call: &Call, resources: &[&str], now_ms: u64) -> Result<(), TokenRefusal> {
        let bearer = call.bearer().ok_or(TokenRefusal::Missing)?;
        let token = self.tokens.get(bearer).ok_or(TokenRefusal::Unknown)?;
        if !resources.contains(&token.resource.as_str()) {
            return Err(TokenRefusal::WrongAudience);
        }
        if now_ms >= token.expires_ms { Err(TokenRefusal::Expired) } else { Ok(()) }
    }
}

impl World {
    /// Lets the app's client secret expire, or makes it good again.
    pub fn set_client_secret(&self, state: SecretState) {
        self.lock().entra.secret = state;
    }

    /// Forgets every token given out, as if all had been revoked.
    pub fn revoke_tokens(&self) {
        self.lock().entra.tokens.clear();
    }

    /// Puts the tenant's next signing key into its key set, beside the present one.
    pub fn publish_next_entra_key(&self) {
        self.lock().entra.keys.push(TokenKey::EntraNext);
    }
}

/// Serves `/login/...`.
pub(crate) fn answer(state: &mut State, call: &Call) -> Response<Bytes> {
    let segments = call.segments();
    let tenant = match (&call.method, segments.as_slice()) {
        (&Method::POST, [tenant, "oauth2", "v2.0", "token"]) => *tenant,
        // `jwks_uri` of the OpenID metadata, of either version.
        (&Method::GET, [scene::TENANT_ID, "discovery", "v2.0", "keys"] | [scene::TENANT_ID, "discovery", "keys"]) => {
            return answer::json(200, &jws::key_set(&state.entra.keys));
        }
        _ => return answer::empty(404),
    };
    match grant(state, call, tenant) {
        Ok(resource) => {
            let token = format!("emulated-token-{}", state.next());
            let expires_ms = state.now_ms() + TOKEN_LIFE_S * 1000;
            state.entra.tokens.insert(token.clone(), Token { resource, expires_ms });
            let life = TOKEN_LIFE_S;
            answer::json(
                200,
                &json!({"token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": token}),
            )
        }
        Err(refusal) => refused(state, refusal),
    }
}

/// Checks a token request and returns the resource it is for.
fn grant(state: &State, call: &Call, tenant: &str) -> Result<String, Refusal> {
    if !call.header("content-type").starts_with("application/x-www-form-urlencoded") {
        return Err(Refusal(400, "invalid_request", 900144, "The request body must contain a form.".into()));
    }
    let form = answer::form(&call.body);
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    if tenant != scene::TENANT_ID {
        return Err(Refusal(400, "invalid_request", 90002, format!("Tenant '{tenant}' not found.")));
    }
    if field("grant_type") != "client_credentials" {
        return Err(Refusal(
            400,
            "unsupported_grant_type",
            70003,
            "The app requested an unsupported grant type.".into(),
        ));
    }
    let Some((_, secret, resources)) = APPS.into_iter().find(|(id, ..)| *id == field("client_id")) else {
        let words = format!("Application with identifier '{}' was not found in the directory.", field("client_id"));
        return Err(Refusal(400, "unauthorized_client", 700016, words));
    };
    if field("client_secret") != secret {
        return Err(Refusal(401, "invalid_client", 7000215, "Invalid client secret provided.".into()));
    }
    if state.entra.secret == SecretState::Expired {
        return Err(Refusal(401, "invalid_client", 7000222, "The provided client secret keys are expired.".into()));
    }
    let resource = field("scope").strip_suffix("/.default").unwrap_or_default();
    if resources.contains(&resource) {
        Ok(resource.to_owned())
    } else {
        let words = format!("The provided value for scope {} is not valid.", field("scope"));
        Err(Refusal(400, "invalid_scope", 70011, words))
    }
}

fn refused(state: &mut State, Refusal(status, error, number, words): Refusal) -> Response<Bytes> {
    let (trace, correlation) = (state.guid(), state.guid());
    let at = answer::timestamp(state.now_ms()).replace('T', " ");
    let description =
        format!("AADSTS{number}: {words} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {at}");
    let body = json!({
        "error": error,
        "error_description": description,
        "error_codes": [number],
        "timestamp": at,
        "trace_id": trace,
        "correlation_id": correlation,
    });
    answer::json(status, &body)
}
