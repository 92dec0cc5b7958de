//! Microsoft Entra: access tokens by client credentials, kept until shortly before they expire.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{Method, Response};
use seal::Secret;
use serde_json::Value;

use super::answer;
use super::call::{AGENT, JSON};
use super::outgoing::{self, SOON};
use super::secret_bytes::SecretBytes;
use crate::codec::wiped::Wiped;
use crate::config::EntraConfig;
use crate::domain::names::Code;
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Details, Service, Trouble};
use crate::ports::Wire;

/// A token this close to its end is not used any more: the calls it is for take a while.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// A token for one resource.
pub struct AccessToken {
    secret: Secret,
    expires: Timestamp,
}

impl AccessToken {
    /// A token that somebody else than Entra gave us.
    pub(super) const fn new(secret: Secret, expires: Timestamp) -> Self {
        Self { secret, expires }
    }

    pub(super) const fn secret(&self) -> &Secret {
        &self.secret
    }
}

/// The tokens in use, one for each scope.
#[derive(Default)]
pub struct Tokens {
    by_scope: RefCell<Vec<(String, Rc<AccessToken>)>>,
}

impl Tokens {
    /// None yet.
    pub const fn new() -> Self {
        Self { by_scope: RefCell::new(Vec::new()) }
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
        let good = |(kept, token): &&(String, Rc<AccessToken>)| kept == scope && now + MARGIN < token.expires;
        if let Some((_, token)) = self.by_scope.borrow().iter().find(good) {
            return Ok(Rc::clone(token));
        }
        let token = Rc::new(fetch(wire, application, scope, now).await?);
        self.forget(scope);
        self.by_scope.borrow_mut().push((scope.to_owned(), Rc::clone(&token)));
        Ok(token)
    }

    /// Drops the token for `scope`: its service answered [`Cause::Token`].
    pub fn forget(&self, scope: &str) {
        self.by_scope.borrow_mut().retain(|(kept, _)| kept != scope);
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
    let request = outgoing::request(Method::POST, &url, headers, form.into_bytes());
    let response = outgoing::ask(wire, Service::Entra, request, SOON).await?;
    if !response.status().is_success() {
        return Err(refusal(&response));
    }
    let mut granted = Wiped(answer::body(Service::Entra, &response)?);
    let unintelligible = || answer::unintelligible(Service::Entra, &response);
    let lifetime = granted.0.get("expires_in").and_then(seconds).ok_or_else(unintelligible)?;
    let Some(Value::String(token)) = granted.0.get_mut("access_token").map(Value::take) else {
        return Err(unintelligible());
    };
    Ok(AccessToken { secret: Secret::new(token), expires: now + lifetime })
}

/// `expires_in`, in seconds; the v1 endpoint writes them as a string.
fn seconds(expires_in: &Value) -> Option<Duration> {
    let seconds: u32 = match expires_in {
        Value::String(text) => text.parse().ok()?,
        number => number.as_u64()?.try_into().ok()?,
    };
    Some(Duration::from_secs(seconds.into()))
}

/// What an error answer means (Microsoft identity platform, client credentials flow: error response).
fn refusal(response: &Response<Bytes>) -> Trouble {
    let refused = answer::json(response).unwrap_or_default();
    let headers = response.headers();
    let trace = || Code::parse(text(&refused, "trace_id")?).ok();
    // The numbers only inform: they may change, `error` does not.
    let cause = match (response.status().as_u16(), text(&refused, "error")) {
        (429, _) => Cause::Throttled,
        (500.., _) | (400.., Some("temporarily_unavailable")) => Cause::Unavailable,
        (400.., Some(_)) => Cause::Identity,
        _ => Cause::Unintelligible,
    };
    Details {
        code: code(&refused),
        status: Some(response.status().as_u16()),
        request_id: answer::request_id(headers).or_else(trace),
        retry_after: answer::retry_after(headers),
        ..Details::of(Service::Entra, cause)
    }
    .into()
}

/// `AADSTS7000215`, or the name of the error when there is no number.
fn code(refused: &Value) -> Option<Code> {
    let listed = refused.pointer("/error_codes/0").and_then(Value::as_u64).map(|number| format!("AADSTS{number}"));
    let described = || {
        let number = text(refused, "error_description")?.strip_prefix("AADSTS")?.split(':').next()?;
        number.bytes().all(|b| b.is_ascii_digit()).then(|| format!("AADSTS{number}"))
    };
    let named = || text(refused, "error").map(str::to_owned);
    Code::parse(&listed.or_else(described).or_else(named)?).ok()
}

fn text<'v>(refused: &'v Value, name: &str) -> Option<&'v str> {
    refused.get(name).and_then(Value::as_str)
}
