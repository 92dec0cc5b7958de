//! Google Secret Manager: a token by a service account's own assertion, the versions of a secret, and the value of one.
//!
//! Secret Manager API v1, `projects.secrets.versions`; Google Identity, "Using OAuth 2.0 for Server to Server
//! Applications".

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, StatusCode};
use seal::Secret;
use serde_json::Value;
use zeroize::Zeroizing;

use super::exchange::{self, Answer, Ask, Meaning, escaped, segment, unusable};
use super::{Content, Fetched, Seen, Which, jwt};
use crate::clients::SecretBytes;
use crate::clients::entra::AccessToken;
use crate::clients::outgoing;
use crate::codec::fields::{self, Unexpected};
use crate::codec::json::object;
use crate::codec::signatures::{PrivateKey, Signatures};
use crate::domain::names::Code;
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// RFC 7523, 2.1.
const BY_ASSERTION: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// The longest that Google takes, in seconds.
const LIFETIME: i64 = 60 * 60;
/// Pages of enabled versions that are looked through for a previous one.
const MOST_PAGES: usize = 10;

/// A service account and its key. Not printable.
pub struct ServiceAccount {
    /// `name@project.iam.gserviceaccount.com`
    pub email: String,
    /// The key.
    pub key: PrivateKey,
    /// The key's id, as Google knows it.
    pub key_id: Option<String>,
}

impl ServiceAccount {
    /// A token for Google's APIs; `url` is `https://oauth2.googleapis.com/token`.
    ///
    /// # Errors
    /// [`Cause::Identity`] when the account or its key is refused, or what keeps Google from answering.
    pub async fn token(
        &self,
        wire: &impl Wire,
        signatures: &impl Signatures,
        url: &str,
        now: Timestamp,
    ) -> Result<AccessToken, Trouble> {
        let issued = now.as_secs();
        let claims = object! {
            "iss": self.email.as_str(), "scope": SCOPE, "aud": url, "iat": issued, "exp": issued.saturating_add(LIFETIME),
        };
        let assertion = jwt::sign(signatures, Service::Google, &self.key, self.key_id.as_deref(), &claims).await?;
        // Exposed to be sent: it proves who we are.
        let form = SecretBytes::form(&[("grant_type", BY_ASSERTION), ("assertion", assertion.expose())]);
        let ask = Ask {
            service: Service::Google,
            method: Method::POST,
            url: url.to_owned(),
            headers: vec![(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))],
            body: Some(form),
            meaning: refused_account,
        };
        let mut answer = ask.answer(wire).await?;
        let seconds =
            answer.body.0.get("expires_in").and_then(Value::as_u64).and_then(|seconds| seconds.try_into().ok());
        let seconds: u32 = answer.fit(seconds.ok_or(Unexpected))?;
        Ok(AccessToken::new(answer.secret("/access_token")?, now + Duration::from_secs(seconds.into())))
    }
}

/// Secret Manager with that token.
pub struct SecretManager<'a, W> {
    /// The way out.
    pub wire: &'a W,
    /// `https://secretmanager.googleapis.com`, or that of a region, without a slash at the end.
    pub base: &'a str,
    /// The project's id or number.
    pub project: &'a str,
    /// Of regional secrets.
    pub location: Option<&'a str>,
    /// The service account's token.
    pub token: &'a AccessToken,
}

impl<W: Wire> SecretManager<'_, W> {
    /// The latest version.
    ///
    /// # Errors
    /// When it is not enabled, or what keeps the manager from answering.
    pub async fn seen(&self, name: &str) -> Result<Seen, Trouble> {
        let (number, state) = self.latest(name).await?;
        if state != "ENABLED" {
            return Err(unusable(Service::Google, "its latest version is disabled or destroyed"));
        }
        Ok(Seen { version: number.to_string(), expires: None, next: None })
    }

    /// A version with its value.
    ///
    /// # Errors
    /// When there is none that may be used, or what keeps the manager from answering.
    pub async fn fetch(&self, name: &str, which: Which) -> Result<Fetched, Trouble> {
        let version = match which {
            Which::Current => "latest".to_owned(),
            Which::Previous => self.previous(name).await?.to_string(),
        };
        let mut answer = self.ask(name, &format!("/{version}:access")).await?;
        let read = answer.fit(number(&answer.body.0))?.to_string();
        if which == Which::Previous && read != version {
            return answer.fit(Err(Unexpected));
        }
        let data = answer.secret("/payload/data")?;
        let sum = answer.fit(sum(&answer.body.0))?;
        // Exposed to be decoded.
        let value = answer.fit(STANDARD.decode(data.expose()).map(Zeroizing::new).map_err(|_| Unexpected))?;
        if sum.is_some_and(|sum| sum != i64::from(crc32c(&value))) {
            return answer.fit(Err(Unexpected));
        }
        let text = std::str::from_utf8(&value).map_err(|_| unusable(Service::Google, "its value is not text"))?;
        Ok(Fetched { version: read, content: Content::Text(Secret::new(text.to_owned())), tags: Vec::new() })
    }

    /// The newest enabled version that is older than the latest.
    async fn previous(&self, name: &str) -> Result<u64, Trouble> {
        let (latest, _) = self.latest(name).await?;
        let (mut found, mut next) = (None, String::new());
        for _ in 0..MOST_PAGES {
            let page = self.ask(name, &format!("?filter=state%3AENABLED&pageSize=500{next}")).await?;
            for version in page.fit(fields::list(&page.body.0, "versions"))? {
                let number = page.fit(number(version))?;
                let enabled = page.fit(fields::text(version, &["state"]))? == Some("ENABLED");
                found = found.max(Some(number).filter(|number| enabled && *number < latest));
            }
            match page.fit(fields::text(&page.body.0, &["nextPageToken"]))? {
                None | Some("") => {
                    return found
                        .ok_or_else(|| unusable(Service::Google, "it keeps no previous version that may be used"));
                }
                Some(token) => next = format!("&pageToken={}", escaped(token)),
            }
        }
        Err(unusable(Service::Google, "it has more versions than are looked through"))
    }

    /// The number and the state of the latest version, whatever that is.
    async fn latest(&self, name: &str) -> Result<(u64, String), Trouble> {
        let answer = self.ask(name, "/latest").await?;
        let version = &answer.body.0;
        Ok((answer.fit(number(version))?, answer.fit(fields::required(version, &["state"]))?))
    }

    async fn ask(&self, name: &str, rest: &str) -> Result<Answer, Trouble> {
        let project = segment(Service::Google, self.project)?;
        let location = match self.location {
            None => String::new(),
            Some(location) => format!("/locations/{}", segment(Service::Google, location)?),
        };
        let name = segment(Service::Google, name)?;
        let bearer =
            outgoing::bearer(self.token.secret()).map_err(|_| Trouble::of(Service::Google, Cause::Rejected))?;
        let ask = Ask {
            service: Service::Google,
            method: Method::GET,
            url: format!("{}/v1/projects/{project}{location}/secrets/{name}/versions{rest}", self.base),
            headers: vec![(AUTHORIZATION, bearer)],
            body: None,
            meaning,
        };
        ask.answer(self.wire).await
    }
}

/// The number at the end of `projects/…/versions/7`.
fn number(version: &Value) -> Result<u64, Unexpected> {
    let name = fields::required(version, &["name"])?;
    name.rsplit('/').next().and_then(|number| number.parse().ok()).ok_or(Unexpected)
}

/// `dataCrc32c`: an int64, which in JSON is a text.
fn sum(accessed: &Value) -> Result<Option<i64>, Unexpected> {
    match fields::at(accessed, &["payload", "dataCrc32c"])? {
        None => Ok(None),
        Some(Value::String(sum)) => sum.parse().map(Some).map_err(|_| Unexpected),
        Some(sum) => sum.as_i64().map(Some).ok_or(Unexpected),
    }
}

/// CRC-32C (RFC 3720, appendix B.4), bit by bit: a value has 64 KiB at most.
fn crc32c(bytes: &[u8]) -> u32 {
    let bit = |crc: u32, _| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), bit))
}

/// `google.rpc.Status`.
fn meaning(_: StatusCode, refused: &Value) -> Meaning {
    let code = exchange::code(refused, "/error/status");
    let (cause, note) = match code.as_ref().map(Code::as_str) {
        Some("FAILED_PRECONDITION") => (Some(Cause::SecretUnfit), Some("that version is disabled or destroyed")),
        _ => (None, None),
    };
    Meaning { code, cause, note }
}

/// An error of the token endpoint (RFC 6749, 5.2).
fn refused_account(status: StatusCode, refused: &Value) -> Meaning {
    let told = refused.get("error").is_some_and(Value::is_string);
    let cause = (told && matches!(status.as_u16(), 400 | 401 | 403)).then_some(Cause::Identity);
    Meaning { code: exchange::code(refused, "/error"), cause, note: None }
}
