//! Doppler: the value of a secret of a config.
//!
//! Doppler API, Secrets: Retrieve. It names no versions: whoever asks makes one of the value.

use http::header::AUTHORIZATION;
use http::{Method, StatusCode};
use seal::Secret;
use serde_json::Value;

use super::exchange::{Ask, Meaning, escaped, unusable};
use super::{Content, Fetched, Seen, Which};
use crate::clients::outgoing;
use crate::codec::fields;
use crate::domain::source::Version;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

/// A config with a token for it.
pub struct Doppler<'a, W> {
    /// The way out.
    pub wire: &'a W,
    /// `https://api.doppler.com`, without a slash at the end.
    pub base: &'a str,
    /// The project.
    pub project: &'a str,
    /// The config in it.
    pub config: &'a str,
    /// A token of a service, or of a service account.
    pub token: &'a Secret,
}

impl<W: Wire> Doppler<'_, W> {
    /// The version that `digest` makes of the value, which is dropped.
    ///
    /// # Errors
    /// What keeps Doppler from answering.
    pub async fn seen(&self, name: &str, digest: &dyn Fn(&str) -> Version) -> Result<Seen, Trouble> {
        let value = self.value(name).await?;
        // Exposed to be digested.
        Ok(Seen { version: digest(value.expose()), expires: None, next: None })
    }

    /// The value, and the version that `digest` makes of it.
    ///
    /// # Errors
    /// When the one before is wanted: there is none to be had. Or what keeps Doppler from answering.
    pub async fn fetch(&self, name: &str, which: Which, digest: &dyn Fn(&str) -> Version) -> Result<Fetched, Trouble> {
        if which == Which::Previous {
            return Err(unusable(Service::Doppler, "Doppler keeps no previous version that can be read"));
        }
        let value = self.value(name).await?;
        // Exposed to be digested.
        Ok(Fetched { version: digest(value.expose()), content: Content::Text(value), tags: Vec::new() })
    }

    async fn value(&self, name: &str) -> Result<Secret, Trouble> {
        let [project, config, name] = [self.project, self.config, name].map(escaped);
        let bearer = outgoing::bearer(self.token).map_err(|_| Trouble::of(Service::Doppler, Cause::Rejected))?;
        let ask = Ask {
            service: Service::Doppler,
            method: Method::GET,
            url: format!("{}/v3/configs/config/secret?project={project}&config={config}&name={name}", self.base),
            headers: vec![(AUTHORIZATION, bearer)],
            body: None,
            meaning,
        };
        let mut answer = ask.answer(self.wire).await?;
        let value = answer.fit(fields::at(&answer.body.0, &["value"]))?;
        if value.is_some_and(|value| value.get("computed").is_some_and(Value::is_null)) {
            return Err(unusable(Service::Doppler, "its value is kept from this token"));
        }
        answer.secret("/value/computed")
    }
}

/// Errors are sentences, without a code.
fn meaning(_: StatusCode, _: &Value) -> Meaning {
    Meaning::default()
}
