//! Tokens that services prove themselves with: signed by RS256, by a key of a published set, and for a time.
//!
//! JSON Web Token (RFC 7519) in the compact form of a JWS (RFC 7515), and stricter than both: what no service that is
//! read here ever writes is refused. Whom a token has to be from and for differs from service to service, and is theirs
//! to check.

use std::fmt;
use std::time::Duration;

use http::HeaderMap;
use jwt_compact::UntrustedToken;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::bearer::{NoBearer, bearer};
use super::jwks::Key;
use super::signatures::{Hash, Signatures};
use crate::domain::time::Timestamp;

/// The longest token that is read, in bytes; a real one has about 1200.
const LONGEST: usize = 8 * 1024;
/// How far the clocks may differ: five minutes, as Bot Framework, Authentication says, and Entra's libraries allow.
const LEEWAY: Duration = Duration::from_secs(5 * 60);

/// Why a token is not believed, whoever should have issued it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwtError {
    /// There is no `Authorization` header.
    Missing,
    /// The header is not `Bearer` and one token, or there are several.
    Header,
    /// The token is longer than any real one.
    TooLong,
    /// Not a signed token of three parts.
    Form,
    /// Signed by another algorithm than RS256.
    Algorithm,
    /// The token demands an extension to be understood (RFC 7515, 4.1.11: `crit`).
    Critical,
    /// The token does not name its key.
    NoKey,
    /// The named key is not in the key set.
    UnknownKey,
    /// The platform could not check the signature: our trouble, not the caller's.
    Unchecked,
    /// The signature is another one.
    Signature,
    /// The claims are no object, a time is none, or something is there twice.
    Claims,
    /// Without an end.
    Endless,
    /// Past its end.
    Expired,
    /// Before its beginning, or issued in the future.
    Early,
}

impl JwtError {
    /// The name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "token-missing",
            Self::Header => "token-header",
            Self::TooLong => "token-too-long",
            Self::Form => "token-form",
            Self::Algorithm => "token-algorithm",
            Self::Critical => "token-critical",
            Self::NoKey => "token-no-key",
            Self::UnknownKey => "token-unknown-key",
            Self::Unchecked => "token-unchecked",
            Self::Signature => "token-signature",
            Self::Claims => "token-claims",
            Self::Endless => "token-endless",
            Self::Expired => "token-expired",
            Self::Early => "token-early",
        }
    }
}

impl From<NoBearer> for JwtError {
    fn from(none: NoBearer) -> Self {
        match none {
            NoBearer::Missing => Self::Missing,
            NoBearer::Form => Self::Header,
        }
    }
}

/// A token as it was presented: well formed, and not believed in anything yet.
pub struct Presented<'t> {
    text: &'t str,
    token: UntrustedToken<'t, Map<String, Value>>,
    kid: String,
}

/// What a token says, each claim once. Only what [`Presented::verify`] gives out is believed.
///
/// Each is kept as any JSON, so that one of the wrong kind is refused for what it is.
#[derive(Debug)]
pub struct Claims(Map<String, Value>);

impl<'t> Presented<'t> {
    /// Takes the token in the `Authorization` header apart.
    ///
    /// # Errors
    /// When there is none, or it could not be a good one whatever it is signed with.
    pub fn read(headers: &'t HeaderMap) -> Result<Self, JwtError> {
        let text = bearer(headers)?;
        if text.len() > LONGEST {
            return Err(JwtError::TooLong);
        }
        if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
            return Err(JwtError::Header);
        }
        let token = UntrustedToken::<Map<String, Value>>::try_from(text).map_err(|_| JwtError::Form)?;
        if token.algorithm() != "RS256" {
            return Err(JwtError::Algorithm);
        }
        // The library passes over it.
        if token.header().other_fields.contains_key("crit") {
            return Err(JwtError::Critical);
        }
        let kid = token.header().key_id.clone().ok_or(JwtError::NoKey)?;
        Ok(Self { text, token, kid })
    }

    /// The name of the key that it says it was signed with.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Refuses, before its key is asked for, what is refused anyway whatever it is signed with: what does not say of itself
    /// that it is valid now, and for whom `check` wants it. None of that is verified, so it permits nothing, and nothing of it
    /// gets out.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn refuse_unverified<E: From<JwtError>>(
        &self,
        now: Timestamp,
        check: impl FnOnce(&Claims) -> Result<(), E>,
    ) -> Result<(), E> {
        check(&self.claims(now)?)
    }

    /// What the token says, once its signature is known to be that key's and it is known to be valid now.
    ///
    /// # Errors
    /// The first check that fails. Nothing in the token is believed before the signature was checked.
    pub async fn verify(self, key: &Key, now: Timestamp, signatures: &impl Signatures) -> Result<Claims, JwtError> {
        let (signed, _) = self.text.rsplit_once('.').ok_or(JwtError::Form)?;
        let good = signatures.verify_rsa(&key.rsa, Hash::Sha256, signed.as_bytes(), self.token.signature_bytes()).await;
        if !good.map_err(|_| JwtError::Unchecked)? {
            return Err(JwtError::Signature);
        }
        self.claims(now)
    }

    /// What it says, if it says that it is valid now.
    fn claims(&self, now: Timestamp) -> Result<Claims, JwtError> {
        let claims = self.token.deserialize_claims_unchecked::<Claims>().map_err(|_| JwtError::Claims)?;
        let ends = claims.expiration.ok_or(JwtError::Endless)?;
        if now.since(Timestamp::from_secs(ends.timestamp())) > LEEWAY {
            return Err(JwtError::Expired);
        }
        // A token may do without both of these times.
        for begins in [claims.not_before, claims.issued_at].into_iter().flatten() {
            if Timestamp::from_secs(begins.timestamp()).since(now) > LEEWAY {
                return Err(JwtError::Early);
            }
        }
        Ok(claims.custom)
    }
}

impl Claims {
    /// A claim.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Whether a claim is exactly that text. A list is not, not even one with nothing else in it: JWT allows that for
    /// `aud`, but none of these services writes it.
    pub fn is(&self, name: &str, text: &str) -> bool {
        self.get(name).and_then(Value::as_str) == Some(text)
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EachOnce;

        impl<'de> Visitor<'de> for EachOnce {
            type Value = Claims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("claims, each of them once")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut claims: A) -> Result<Claims, A::Error> {
                let mut read = Map::new();
                while let Some((name, value)) = claims.next_entry()? {
                    if read.insert(name, value).is_some() {
                        return Err(A::Error::custom("a claim is there twice"));
                    }
                }
                Ok(Claims(read))
            }
        }

        deserializer.deserialize_map(EachOnce)
    }
}
