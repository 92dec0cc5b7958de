//! Logging in to Vault: by AppRole, or by a token that we sign ourselves.
//!
//! Vault HTTP API: AppRole, "Login with AppRole"; JWT/OIDC, "JWT login".

use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use seal::Secret;
use serde_json::Value;

use super::exchange::{Ask, Meaning, path};
use super::jwt;
use super::vault::{headers, unwritable};
use crate::clients::SecretJson;
use crate::clients::call::JSON;
use crate::codec::json::object;
use crate::codec::signatures::{PrivateKey, Signatures};
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

/// Whom our token is about (`sub`).
const SUBJECT: &str = "pbi-rotate";
/// How long our token is good for, in seconds: it is used at once.
const LIFETIME: i64 = 5 * 60;

/// A Vault that we are not logged in to yet.
pub struct Login<'a, W> {
    /// The way out.
    pub wire: &'a W,
    /// Its address, without a slash at the end.
    pub base: &'a str,
    /// Which part of it.
    pub namespace: Option<&'a str>,
}

/// Our own token.
pub struct Minted<'a> {
    /// The key that signs it.
    pub key: &'a PrivateKey,
    /// The key's id, when Vault has to choose among several.
    pub key_id: Option<&'a str>,
    /// Our address (`iss`).
    pub issuer: &'a str,
    /// Whom it is for (`aud`).
    pub audience: &'a str,
    /// The time now.
    pub now: Timestamp,
    /// Like no other's (`jti`).
    pub id: &'a str,
}

impl Minted<'_> {
    /// Signs it.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub async fn sign(&self, signatures: &impl Signatures) -> Result<Secret, Trouble> {
        let issued = self.now.as_secs();
        let claims = object! {
            "iss": self.issuer, "sub": SUBJECT, "aud": self.audience,
            "iat": issued, "exp": issued.saturating_add(LIFETIME), "jti": self.id,
        };
        jwt::sign(signatures, Service::Vault, self.key, self.key_id, &claims).await
    }
}

impl<W: Wire> Login<'_, W> {
    /// A token for an AppRole.
    ///
    /// # Errors
    /// [`Cause::Identity`] when Vault refuses it, or what keeps Vault from answering.
    pub async fn app_role(&self, mount: &str, role_id: &str, secret_id: &Secret) -> Result<Secret, Trouble> {
        // Exposed to be sent: it proves who we are.
        self.login(mount, [("role_id", role_id), ("secret_id", secret_id.expose())]).await
    }

    /// A token for a role, by our own token.
    ///
    /// # Errors
    /// [`Cause::Identity`] when Vault refuses it, or what keeps Vault from answering.
    pub async fn jwt(&self, mount: &str, role: &str, jwt: &Secret) -> Result<Secret, Trouble> {
        // Exposed to be sent: it proves who we are.
        self.login(mount, [("role", role), ("jwt", jwt.expose())]).await
    }

    async fn login(&self, mount: &str, fields: [(&str, &str); 2]) -> Result<Secret, Trouble> {
        let mut json = SecretJson::object();
        for (name, value) in fields {
            json.text(name, value);
        }
        let mut headers = headers(self.namespace, None).map_err(|_| unwritable())?;
        headers.push((CONTENT_TYPE, JSON));
        let ask = Ask {
            service: Service::Vault,
            method: Method::POST,
            url: format!("{}/v1/auth/{}/login", self.base, path(Service::Vault, mount)?),
            headers,
            body: Some(json.finish()),
            meaning: refused,
        };
        ask.answer(self.wire).await?.secret("/auth/client_token")
    }
}

/// A wrong role or secret id is a bad request; a role that is bound to something else is forbidden.
fn refused(status: StatusCode, _: &Value) -> Meaning {
    let identity = matches!(status.as_u16(), 400 | 401 | 403);
    Meaning { cause: identity.then_some(Cause::Identity), ..Meaning::default() }
}
