//! HashiCorp Vault and OpenBao: logging in and out, the key-value store (version 2), static roles of the database engine.
//!
//! Vault HTTP API: AppRole, JWT/OIDC, Tokens, KV version 2, Databases. Errors are sentences, without a code.

use std::time::Duration;

use http::header::{HeaderName, HeaderValue};
use http::{Method, StatusCode};
use seal::Secret;
use serde_json::Value;

use super::exchange::{Answer, Ask, Meaning, path, segment, unusable};
use super::{Content, Fetched, Seen, Which};
use crate::clients::outgoing::{self, Unwritable};
use crate::codec::fields::{self, Unexpected};
use crate::codec::json::object_of;
use crate::codec::wiped::Wiped;
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::{Patience, Wire};

const TOKEN: HeaderName = HeaderName::from_static("x-vault-token");
const NAMESPACE: HeaderName = HeaderName::from_static("x-vault-namespace");
/// Without it an agent in between may refuse: whoever is tricked into calling Vault cannot set headers.
const REQUEST: HeaderName = HeaderName::from_static("x-vault-request");
/// How long the change of a password is waited for: it is done in a database meanwhile.
const CHANGED: Patience = Patience(Duration::from_secs(60));
const NONE_BEFORE: &str = "it keeps no previous version that may be used";

/// A Vault that we are logged in to.
pub struct Vault<'a, W> {
    /// The way out.
    pub wire: &'a W,
    /// Its address, without a slash at the end.
    pub base: &'a str,
    /// Which part of it.
    pub namespace: Option<&'a str>,
    /// What logging in gave.
    pub token: &'a Secret,
    /// The time now.
    pub now: Timestamp,
}

impl<W: Wire> Vault<'_, W> {
    /// Ends the token.
    ///
    /// # Errors
    /// What keeps Vault from answering.
    pub async fn revoke_self(&self) -> Result<(), Trouble> {
        self.asking(Method::POST, "auth/token/revoke-self", meaning)?.send(self.wire).await.map(drop)
    }

    /// The current version of a secret of the key-value store.
    ///
    /// # Errors
    /// When it is deleted or destroyed, or what keeps Vault from answering.
    pub async fn kv_seen(&self, mount: &str, name: &str) -> Result<Seen, Trouble> {
        let answer = self.metadata(mount, name).await?;
        let current = answer.fit(number(&answer.body.0, &["data", "current_version"]))?;
        match answer.fit(self.readable(&answer.body.0, current))? {
            true => Ok(Seen { version: current.to_string(), expires: None, next: None }),
            false => Err(unusable(Service::Vault, "its current version is deleted or destroyed")),
        }
    }

    /// A version of a secret of the key-value store, with its values.
    ///
    /// # Errors
    /// When there is none that may be used, or what keeps Vault from answering.
    pub async fn kv_fetch(&self, mount: &str, name: &str, which: Which) -> Result<Fetched, Trouble> {
        let mut url = format!("{}/data/{}", path(Service::Vault, mount)?, path(Service::Vault, name)?);
        let mut wanted = None;
        if which == Which::Previous {
            let answer = self.metadata(mount, name).await?;
            let before = answer.fit(number(&answer.body.0, &["data", "current_version"]))?.saturating_sub(1);
            if !answer.fit(self.readable(&answer.body.0, before))? {
                return Err(unusable(Service::Vault, NONE_BEFORE));
            }
            url.push_str(&format!("?version={before}"));
            wanted = Some(before);
        }
        let mut answer = self.asking(Method::GET, &url, deleted)?.answer(self.wire).await?;
        let version = answer.fit(number(&answer.body.0, &["data", "metadata", "version"]))?;
        if wanted.is_some_and(|wanted| wanted != version) {
            return answer.fit(Err(Unexpected));
        }
        let values = answer.body.0.pointer_mut("/data/data").map(Value::take).unwrap_or_default();
        let values = Wiped(values);
        match values.0.is_object() {
            true => Ok(Fetched { version: version.to_string(), content: Content::Fields(values), tags: Vec::new() }),
            false => answer.fit(Err(Unexpected)),
        }
    }

    /// When a static role was last rotated, which is its version, and when it will be next. Vault tells that only with
    /// the password, which is dropped.
    ///
    /// # Errors
    /// What keeps Vault from answering.
    pub async fn role_seen(&self, mount: &str, role: &str) -> Result<Seen, Trouble> {
        let answer = self.credentials(mount, role).await?;
        let version = answer.fit(fields::required(&answer.body.0, &["data", "last_vault_rotation"]))?;
        let left = answer.fit(number(&answer.body.0, &["data", "ttl"]))?;
        Ok(Seen { version, expires: None, next: Some(self.now + Duration::from_secs(left)) })
    }

    /// The name and the password of a static role, as `username` and `password`.
    ///
    /// # Errors
    /// When the one before is wanted: there is none. Or what keeps Vault from answering.
    pub async fn role_fetch(&self, mount: &str, role: &str, which: Which) -> Result<Fetched, Trouble> {
        if which == Which::Previous {
            return Err(unusable(Service::Vault, "a static role keeps no previous version"));
        }
        let mut answer = self.credentials(mount, role).await?;
        let version = answer.fit(fields::required(&answer.body.0, &["data", "last_vault_rotation"]))?;
        let username = answer.fit(fields::required(&answer.body.0, &["data", "username"]))?;
        let password = answer.body.0.pointer_mut("/data/password").map(Value::take).unwrap_or_default();
        let is_text = password.is_string();
        let values = Wiped(object_of(&mut [("username", Value::from(username)), ("password", password)]));
        match is_text {
            true => Ok(Fetched { version, content: Content::Fields(values), tags: Vec::new() }),
            false => answer.fit(Err(Unexpected)),
        }
    }

    /// Has Vault rotate a static role now: from then on the old password is dead.
    ///
    /// # Errors
    /// What keeps Vault from answering; it may have rotated it all the same.
    pub async fn rotate_role(&self, mount: &str, role: &str) -> Result<(), Trouble> {
        let url = format!("{}/rotate-role/{}", path(Service::Vault, mount)?, segment(Service::Vault, role)?);
        self.asking(Method::POST, &url, meaning)?.send_within(self.wire, CHANGED).await.map(drop)
    }

    async fn metadata(&self, mount: &str, name: &str) -> Result<Answer, Trouble> {
        let url = format!("{}/metadata/{}", path(Service::Vault, mount)?, path(Service::Vault, name)?);
        self.asking(Method::GET, &url, meaning)?.answer(self.wire).await
    }

    async fn credentials(&self, mount: &str, role: &str) -> Result<Answer, Trouble> {
        let url = format!("{}/static-creds/{}", path(Service::Vault, mount)?, segment(Service::Vault, role)?);
        self.asking(Method::GET, &url, meaning)?.answer(self.wire).await
    }

    /// Whether that version is there and can be read. A time of deletion may be yet to come.
    fn readable(&self, metadata: &Value, version: u64) -> Result<bool, Unexpected> {
        let versions = fields::at(metadata, &["data", "versions"])?.ok_or(Unexpected)?;
        let Some(version) = fields::at(versions, &[&version.to_string()])? else { return Ok(false) };
        // Both are in UTC and in the same form down to the second.
        let deleted = fields::text(version, &["deletion_time"])?.unwrap_or_default();
        let deleted =
            !deleted.is_empty() && deleted.get(..19).ok_or(Unexpected)? <= self.now.iso().trim_end_matches('Z');
        Ok(!deleted && !fields::flag(version, "destroyed")?)
    }

    fn asking(&self, method: Method, url: &str, meaning: fn(StatusCode, &Value) -> Meaning) -> Result<Ask, Trouble> {
        let url = format!("{}/v1/{url}", self.base);
        let headers = headers(self.namespace, Some(self.token)).map_err(|_| unwritable())?;
        Ok(Ask { service: Service::Vault, method, url, headers, body: None, meaning })
    }
}

/// What every request has.
pub(super) fn headers(
    namespace: Option<&str>,
    token: Option<&Secret>,
) -> Result<Vec<(HeaderName, HeaderValue)>, Unwritable> {
    let mut headers = vec![(REQUEST, HeaderValue::from_static("true"))];
    if let Some(namespace) = namespace {
        headers.push((NAMESPACE, HeaderValue::try_from(namespace).map_err(|_| Unwritable)?));
    }
    if let Some(token) = token {
        // Exposed to be sent: this is what the token is for.
        headers.push((TOKEN, outgoing::hidden(token.expose())?));
    }
    Ok(headers)
}

pub(super) fn unwritable() -> Trouble {
    Trouble::of(Service::Vault, Cause::Rejected)
}

fn number(answer: &Value, path: &[&str]) -> Result<u64, Unexpected> {
    fields::at(answer, path)?.and_then(Value::as_u64).ok_or(Unexpected)
}

/// Standbys that do not answer for others (Vault HTTP API, "HTTP status codes"; `sys/health`) and a node that has yet to
/// hear of a write pass.
fn meaning(status: StatusCode, _: &Value) -> Meaning {
    let passing = matches!(status.as_u16(), 412 | 472 | 473);
    Meaning { cause: passing.then_some(Cause::Unavailable), ..Meaning::default() }
}

/// What was deleted or destroyed is not found, and yet its metadata come along.
fn deleted(status: StatusCode, refused: &Value) -> Meaning {
    if status == StatusCode::NOT_FOUND && refused.pointer("/data/metadata").is_some() {
        let note = Some("that version is deleted or destroyed");
        return Meaning { cause: Some(Cause::SecretUnfit), note, ..Meaning::default() };
    }
    meaning(status, refused)
}
