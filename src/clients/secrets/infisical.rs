//! Infisical: logging in as a machine identity, and the value of a secret of a folder.
//!
//! Infisical API: Universal Auth, Login; Secrets, Retrieve (`/api/v3/secrets/raw`).

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, StatusCode};
use seal::Secret;
use serde_json::Value;

use super::exchange::{self, Answer, Ask, Meaning, escaped, segment, unusable};
use super::{Content, Fetched, Seen, Which};
use crate::clients::SecretJson;
use crate::clients::call::JSON;
use crate::clients::outgoing;
use crate::codec::fields::{self, Unexpected};
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

/// Logs in; answers the token. `base` is the address, without a slash at the end.
///
/// # Errors
/// [`Cause::Identity`] when Infisical refuses the identity, or what keeps it from answering.
pub async fn login(wire: &impl Wire, base: &str, client_id: &str, client_secret: &Secret) -> Result<Secret, Trouble> {
    let mut json = SecretJson::object();
    json.text("clientId", client_id);
    // Exposed to be sent: it proves who we are.
    json.text("clientSecret", client_secret.expose());
    let ask = Ask {
        service: Service::Infisical,
        method: Method::POST,
        url: format!("{base}/api/v1/auth/universal-auth/login"),
        headers: vec![(CONTENT_TYPE, JSON)],
        body: Some(json.finish()),
        meaning: refused,
    };
    ask.answer(wire).await?.secret("/accessToken")
}

/// A folder of an environment, with a token.
pub struct Infisical<'a, W> {
    /// The way out.
    pub wire: &'a W,
    /// The address, without a slash at the end.
    pub base: &'a str,
    /// The project's id.
    pub project: &'a str,
    /// The environment's slug.
    pub environment: &'a str,
    /// The folder, `/` or `/a/b`.
    pub folder: &'a str,
    /// What [`login`] gave.
    pub token: &'a Secret,
}

impl<W: Wire> Infisical<'_, W> {
    /// The current version; its value is not asked for.
    ///
    /// # Errors
    /// What keeps Infisical from answering.
    pub async fn seen(&self, name: &str) -> Result<Seen, Trouble> {
        let version = self.current(name).await?;
        Ok(Seen { version: version.to_string(), expires: None, next: None })
    }

    /// A version with its value, in which references to other secrets are resolved.
    ///
    /// # Errors
    /// When there is none before, when our identity may not see the value, or what keeps Infisical from answering.
    pub async fn fetch(&self, name: &str, which: Which) -> Result<Fetched, Trouble> {
        let wanted = match which {
            Which::Current => None,
            Which::Previous => match self.current(name).await? {
                before @ 2.. => Some(before - 1),
                _ => return Err(unusable(Service::Infisical, "it has no previous version")),
            },
        };
        let version = wanted.map(|version| format!("&version={version}")).unwrap_or_default();
        let mut answer = self.ask(name, &format!("&expandSecretReferences=true{version}")).await?;
        let version = answer.fit(number(&answer.body.0))?;
        if wanted.is_some_and(|wanted| wanted != version) {
            return answer.fit(Err(Unexpected));
        }
        let secret = answer.fit(fields::at(&answer.body.0, &["secret"]).and_then(|secret| secret.ok_or(Unexpected)))?;
        if answer.fit(fields::flag(secret, "secretValueHidden"))? {
            let note = "our identity may see the secret, but not its value";
            return Err(Trouble::noted(Service::Infisical, Cause::NotAllowed, note));
        }
        let content = Content::Text(answer.secret("/secret/secretValue")?);
        Ok(Fetched { version: version.to_string(), content, tags: Vec::new() })
    }

    async fn current(&self, name: &str) -> Result<u64, Trouble> {
        let answer = self.ask(name, "&viewSecretValue=false").await?;
        answer.fit(number(&answer.body.0))
    }

    async fn ask(&self, name: &str, rest: &str) -> Result<Answer, Trouble> {
        let name = segment(Service::Infisical, name)?;
        let [project, environment, folder] = [self.project, self.environment, self.folder].map(escaped);
        let within = format!("workspaceId={project}&environment={environment}&secretPath={folder}&type=shared");
        let bearer = outgoing::bearer(self.token).map_err(|_| Trouble::of(Service::Infisical, Cause::Rejected))?;
        let ask = Ask {
            service: Service::Infisical,
            method: Method::GET,
            url: format!("{}/api/v3/secrets/raw/{name}?{within}{rest}", self.base),
            headers: vec![(AUTHORIZATION, bearer)],
            body: None,
            meaning,
        };
        ask.answer(self.wire).await
    }
}

fn number(answer: &Value) -> Result<u64, Unexpected> {
    fields::at(answer, &["secret", "version"])?.and_then(Value::as_u64).ok_or(Unexpected)
}

/// The error's name.
fn meaning(_: StatusCode, refused: &Value) -> Meaning {
    Meaning { code: exchange::code(refused, "/error"), ..Meaning::default() }
}

/// An error of logging in: whatever is wrong with the request is wrong with the identity.
fn refused(status: StatusCode, refused: &Value) -> Meaning {
    let identity = matches!(status.as_u16(), 400 | 401 | 403 | 422);
    Meaning { cause: identity.then_some(Cause::Identity), ..meaning(status, refused) }
}
