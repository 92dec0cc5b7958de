//! Microsoft Entra: access tokens by client credentials, kept until shortly before they expire.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{Method, Response};
use seal::Secret;
use serde::Deserialize;

use super::call::{AGENT, JSON};
use super::secret_bytes::SecretBytes;
use super::{answer, codes, outgoing};
use crate::config::EntraConfig;
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

/// A token this close to its end is not used any more: the calls it is for take a while.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// A token for one resource.
pub struct AccessToken {
    secret: Secret,
    expires: Timestamp,
}

impl AccessToken {
    pub(super) const fn secret(&self) -> &Secret {
        &self.secret
    }
}

/// The tokens in use, one for each scope.
#[derive(Default)]
pub struct Tokens {
    by_scope: RefCell<BTreeMap<String, Rc<AccessToken>>>,
}

impl Tokens {
    /// None yet.
    pub const fn new() -> Self {
        Self { by_scope: RefCell::new(BTreeMap::new()) }
    }

    /// The token for `scope` (`https://api.fabric.microsoft.com/.default`), fetched when there is none good for five more
    /// minutes.
    ///
    /// # Errors
    /// [`Cause::Identity`] when Entra refuses the application, or what keeps Entra from answering.
    pub async fn get(
        &self,
        wire: &impl Wire,
        application: &EntraConfig,
        scope: &str,
        now: Timestamp,
    ) -> Result<Rc<AccessToken>, Trouble> {
        let kept = self.by_scope.borrow().get(scope).filter(|token| now + MARGIN < token.expires).cloned();
        if let Some(token) = kept {
            return Ok(token);
        }
        let token = Rc::new(fetch(wire, application, scope, now).await?);
        self.by_scope.borrow_mut().insert(scope.to_owned(), Rc::clone(&token));
        Ok(token)
    }

    /// Drops the token for `scope`: its service answered [`Cause::Token`].
    pub fn forget(&self, scope: &str) {
        self.by_scope.borrow_mut().remove(scope);
    }
}

/// Asks for a token (Microsoft identity platform, client credentials flow: access token request with a shared secret).
async fn fetch(
    wire: &impl Wire,
    application: &EntraConfig,
    scope: &str,
    now: Timestamp,
) -> Result<AccessToken, Trouble> {
    let form = SecretBytes::form(&[
        ("grant_type", "client_credentials"),
        ("client_id", application.client.as_str()),
        // Exposed to be sent: it proves who we are.
        ("client_secret", application.secret.expose()),
        ("scope", scope),
    ]);
    let url = format!("{}/{}/oauth2/v2.0/token", application.login_url, application.tenant);
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    let headers = vec![(CONTENT_TYPE, kind), (ACCEPT, JSON), (USER_AGENT, AGENT)];
    let request = outgoing::request(Method::POST, &url, headers, form.into_bytes())
        .map_err(|_| Trouble::of(Service::Entra, Cause::Rejected))?;
    let response = wire.send(request).await.map_err(|_| Trouble::of(Service::Entra, Cause::Unreachable))?;
    if !response.status().is_success() {
        return Err(refusal(&response));
    }
    let granted: Granted = answer::decode(Service::Entra, &response)?;
    let lifetime = granted.expires_in.seconds().ok_or_else(|| answer::unintelligible(Service::Entra, &response))?;
    Ok(AccessToken { secret: Secret::new(granted.access_token), expires: now + lifetime })
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: Lifetime,
}

/// Seconds; the v1 endpoint writes them as a string.
#[derive(Deserialize)]
#[serde(untagged)]
enum Lifetime {
    Number(u32),
    Text(String),
}

impl Lifetime {
    fn seconds(&self) -> Option<Duration> {
        let seconds = match self {
            Self::Number(seconds) => Some(*seconds),
            Self::Text(text) => text.parse().ok(),
        };
        seconds.map(|seconds| Duration::from_secs(seconds.into()))
    }
}

/// An error answer (Microsoft identity platform, client credentials flow: error response).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Refused {
    error: Option<String>,
    error_description: Option<String>,
    error_codes: Option<Vec<u32>>,
    trace_id: Option<String>,
}

impl Refused {
    /// `AADSTS7000215`, or the name of the error when there is no number.
    fn code(&self) -> Option<String> {
        let number = self.error_codes.as_ref().and_then(|codes| codes.first()).map(|number| format!("AADSTS{number}"));
        let described = || {
            let number = self.error_description.as_deref()?.strip_prefix("AADSTS")?.split(':').next()?;
            number.bytes().all(|b| b.is_ascii_digit()).then(|| format!("AADSTS{number}"))
        };
        number.or_else(described).or_else(|| self.error.clone()).and_then(|code| codes::clean(&code).map(str::to_owned))
    }
}

fn refusal(response: &Response<Bytes>) -> Trouble {
    let refused: Refused = answer::json(response).unwrap_or_default();
    let headers = response.headers();
    let trace = || refused.trace_id.as_deref().and_then(codes::clean).map(str::to_owned);
    // The numbers only inform: they may change, `error` does not.
    let cause = match (response.status().as_u16(), refused.error.as_deref()) {
        (429, _) => Cause::Throttled,
        (500.., _) | (400.., Some("temporarily_unavailable")) => Cause::Unavailable,
        (400.., Some(_)) => Cause::Identity,
        _ => Cause::Unintelligible,
    };
    Trouble {
        code: refused.code(),
        status: Some(response.status().as_u16()),
        request_id: answer::request_id(headers).or_else(trace),
        retry_after: answer::retry_after(headers),
        ..Trouble::of(Service::Entra, cause)
    }
}
