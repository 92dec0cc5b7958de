//! Azure Key Vault: the versions of a secret, and the value of one.
//!
//! Azure Key Vault REST, Secrets: Get Secret Versions, Get Secret. The vault does not keep a version back that is not
//! yet valid, so that is for us to see to.

use http::header::AUTHORIZATION;
use http::{Method, StatusCode};
use serde_json::Value;
use url::form_urlencoded;

use super::exchange::{self, Answer, Ask, Meaning, escaped, segment, unusable};
use super::{Content, Fetched, Seen, Which};
use crate::clients::entra::AccessToken;
use crate::clients::outgoing;
use crate::codec::fields::{self, Unexpected};
use crate::domain::names::Code;
use crate::domain::source::Version;
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

/// The version of the API.
const API: &str = "api-version=7.4";
/// Pages of 25 versions that are looked through; more would use up the calls that one invocation has.
const MOST_PAGES: usize = 20;
const TOO_MANY: &str = "it has more than 500 versions: which of them was before the newest is not looked for";
const TWINS: &str =
    "two of its versions were created in the same second, and the vault does not say which is the newer: make another";
/// Calls that asking for one secret takes at most: every page, which of two is the newer, and a value.
pub const CALLS: usize = MOST_PAGES + 2;

/// A vault with that token.
pub struct KeyVault<'a, W> {
    /// The way out.
    pub wire: &'a W,
    /// `https://<vault>.vault.azure.net`, without a slash at the end.
    pub base: &'a str,
    /// A token for Key Vault.
    pub token: &'a AccessToken,
    /// The time now, which versions may be too early for.
    pub now: Timestamp,
}

/// What is known of a version without its value.
#[derive(Clone)]
struct Held {
    version: Version,
    created: i64,
    expires: Option<Timestamp>,
    usable: bool,
}

impl<W: Wire> KeyVault<'_, W> {
    /// The current version: the newest that is enabled and valid by now. Of a secret with more versions than are looked
    /// through, the newest of all, which the vault tells only with its value: that is dropped.
    ///
    /// # Errors
    /// When there is none, or what keeps the vault from answering.
    pub async fn seen(&self, name: &str) -> Result<Seen, Trouble> {
        let current = match self.versions(name).await? {
            Some(versions) => self.current(name, &versions).await?.clone(),
            None => self.bundle(name, None).await?.0,
        };
        Ok(Seen { version: current.version, expires: current.expires, next: None })
    }

    /// A version with its value and tags, and which version is the current one.
    ///
    /// # Errors
    /// When there is none that may be used, or what keeps the vault from answering.
    pub async fn fetch(&self, name: &str, which: Which) -> Result<(Fetched, Version), Trouble> {
        let versions = self.versions(name).await?;
        let (wanted, current) = match (&versions, which) {
            (Some(versions), Which::Current) => {
                let current = &self.current(name, versions).await?.version;
                (Some(current), Some(current))
            }
            (Some(versions), Which::Previous) => {
                let current = self.current(name, versions).await?;
                (Some(&before(versions, current)?.version), Some(&current.version))
            }
            (None, Which::Current) => (None, None),
            (None, Which::Previous) => return Err(unusable(Service::KeyVault, TOO_MANY)),
        };
        let (held, mut answer) = self.bundle(name, wanted).await?;
        let tags = answer.fit(tags(&answer.body.0))?;
        let current = current.unwrap_or(&held.version).clone();
        Ok((Fetched { version: held.version, content: Content::Text(answer.secret("/value")?), tags }, current))
    }

    /// The newest that may be used. In which order versions are listed is not said, so of those that were created in the same
    /// second the vault is asked for the last; it tells that only with its value, which is dropped.
    async fn current<'a>(&self, name: &str, versions: &'a [Held]) -> Result<&'a Held, Trouble> {
        let usable = || versions.iter().filter(|held| held.usable);
        let newest = usable().max_by_key(|held| held.created);
        let newest =
            newest.ok_or_else(|| unusable(Service::KeyVault, "none of its versions is enabled and valid by now"))?;
        let mut twins = usable().filter(|held| held.created == newest.created);
        if twins.clone().count() == 1 {
            return Ok(newest);
        }
        let last = match self.bundle(name, None).await {
            Ok((held, _)) => twins.find(|twin| twin.version == held.version),
            // The last of all is none that may be used.
            Err(trouble) if trouble.cause == Cause::SecretUnfit => None,
            Err(trouble) => return Err(trouble),
        };
        last.ok_or_else(|| unusable(Service::KeyVault, TWINS))
    }

    /// That version with its value, or else the newest of all; it may be used.
    async fn bundle(&self, name: &str, version: Option<&Version>) -> Result<(Held, Answer), Trouble> {
        let mut path = segment(Service::KeyVault, name)?;
        if let Some(version) = version {
            path = format!("{path}/{}", escaped(version));
        }
        let answer = self.ask(&path, "").await?;
        let held = answer.fit(held(&answer.body.0, self.now))?;
        if version.is_some_and(|version| held.version != *version) {
            return answer.fit(Err(Unexpected));
        }
        match held.usable {
            true => Ok((held, answer)),
            false => Err(unusable(Service::KeyVault, "that version is disabled, or not valid yet")),
        }
    }

    /// Every version, in no order; none when there are more than are looked through.
    async fn versions(&self, name: &str) -> Result<Option<Vec<Held>>, Trouble> {
        let path = format!("{}/versions", segment(Service::KeyVault, name)?);
        let (mut versions, mut next) = (Vec::new(), String::new());
        for _ in 0..MOST_PAGES {
            let page = self.ask(&path, &next).await?;
            let listed = page.body.0.get("value").and_then(Value::as_array);
            for version in page.fit(listed.ok_or(Unexpected))? {
                versions.push(page.fit(held(version, self.now))?);
            }
            match page.fit(fields::text(&page.body.0, &["nextLink"]))? {
                None | Some("") if versions.is_empty() => return Err(Trouble::of(Service::KeyVault, Cause::NotFound)),
                None | Some("") => return Ok(Some(versions)),
                Some(link) => next = page.fit(skip(link).ok_or(Unexpected))?,
            }
        }
        Ok(None)
    }

    async fn ask(&self, path: &str, next: &str) -> Result<Answer, Trouble> {
        let bearer =
            outgoing::bearer(self.token.secret()).map_err(|_| Trouble::of(Service::KeyVault, Cause::Rejected))?;
        let ask = Ask {
            service: Service::KeyVault,
            method: Method::GET,
            url: format!("{}/secrets/{path}?{API}{next}", self.base),
            headers: vec![(AUTHORIZATION, bearer)],
            body: None,
            meaning,
        };
        ask.answer(self.wire).await
    }
}

/// The newest that may be used and was there before that one.
fn before<'a>(versions: &'a [Held], current: &Held) -> Result<&'a Held, Trouble> {
    let before = versions.iter().filter(|held| held.usable && held.created < current.created);
    let newest = before.max_by_key(|held| held.created);
    newest.ok_or_else(|| unusable(Service::KeyVault, "it keeps no previous version that may be used"))
}

/// The one thing that is taken from the address of the next page; the rest of it is ours.
fn skip(link: &str) -> Option<String> {
    let (_, query) = link.split_once('?')?;
    let (_, token) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "$skiptoken")?;
    Some(format!("&$skiptoken={}", escaped(&token)))
}

/// `SecretItem` and `SecretBundle`, as far as they are the same.
fn held(item: &Value, now: Timestamp) -> Result<Held, Unexpected> {
    let id = fields::required(item, &["id"])?;
    let version = id.rsplit('/').next().unwrap_or_default();
    if version.is_empty() || !version.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Unexpected);
    }
    let attributes = fields::at(item, &["attributes"])?.ok_or(Unexpected)?;
    let seconds = |name| match fields::at(attributes, &[name])? {
        None => Ok(None),
        Some(seconds) => seconds.as_i64().map(Some).ok_or(Unexpected),
    };
    let begun = seconds("nbf")?.is_none_or(|from| Timestamp::from_secs(from) <= now);
    Ok(Held {
        version: version.to_owned(),
        created: seconds("created")?.ok_or(Unexpected)?,
        expires: seconds("exp")?.map(Timestamp::from_secs),
        usable: fields::flag(attributes, "enabled")? && begun,
    })
}

fn tags(bundle: &Value) -> Result<Vec<(String, String)>, Unexpected> {
    let tags = fields::at(bundle, &["tags"])?.map_or(Ok(None), |tags| tags.as_object().map(Some).ok_or(Unexpected))?;
    tags.into_iter()
        .flatten()
        .map(|(name, value)| value.as_str().map(|value| (name.clone(), value.to_owned())).ok_or(Unexpected))
        .collect()
}

/// `KeyVaultError`: the inner code says why.
fn meaning(_: StatusCode, refused: &Value) -> Meaning {
    let inner = ["/error/innererror/code", "/error/innerError/code"];
    let code = inner.into_iter().chain(["/error/code"]).find_map(|at| exchange::code(refused, at));
    let (cause, note) = match code.as_ref().map(Code::as_str) {
        Some("SecretDisabled") => (Some(Cause::SecretUnfit), Some("that version is disabled")),
        Some("ForbiddenByFirewall") => (Some(Cause::NotAllowed), Some("the vault's firewall keeps us out")),
        _ => (None, None),
    };
    Meaning { code, cause, note }
}
