//! The proof that a request is from Teams' service: the token in its header, checked against keys and body.
//!
//! Bot Framework, Authentication with the Bot Connector API, "Authenticate requests from the Bot Connector service to
//! your bot". Where Microsoft's own libraries are laxer than that document, this is not. The token does not cover the
//! body: it proves who is at the other end, and for which service address.

use std::fmt;
use std::time::Duration;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use jwt_compact::UntrustedToken;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::keys::KeySet;
use crate::codec::fields;
use crate::codec::json;
use crate::codec::proof::Verified;
use crate::codec::signatures::{Hash, Signatures};
use crate::codec::wiped::Wiped;
use crate::domain::names::Guid;
use crate::domain::time::Timestamp;

/// The longest `Authorization` header that is read, in bytes; a real one has about 1200.
const LONGEST: usize = 8 * 1024;
/// How far the clocks may differ: five minutes, as the document says.
const LEEWAY: Duration = Duration::from_secs(5 * 60);
/// Teams, among the channels of the service.
const CHANNEL: &str = "msteams";

/// Why a request is not proven to be from Teams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// There is no `Authorization` header.
    Missing,
    /// The header is not `Bearer` and one token, or there are several.
    Header,
    /// The header is longer than any real one.
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
    /// The key may not sign for Teams.
    Unendorsed,
    /// The platform could not check the signature: our trouble, not the caller's.
    Unchecked,
    /// The signature is another one.
    Signature,
    /// The claims are not what the document describes, or one is there twice.
    Claims,
    /// From another issuer.
    Issuer,
    /// For another bot.
    Audience,
    /// Without an end.
    Endless,
    /// Past its end.
    Expired,
    /// Before its beginning.
    Early,
    /// The body is no activity.
    Body,
    /// The activity is of another channel.
    Channel,
    /// The token names no service address.
    NoService,
    /// The token is for another service address than the activity's.
    Service,
}

impl TokenError {
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
            Self::Unendorsed => "token-unendorsed",
            Self::Unchecked => "token-unchecked",
            Self::Signature => "token-signature",
            Self::Claims => "token-claims",
            Self::Issuer => "token-issuer",
            Self::Audience => "token-audience",
            Self::Endless => "token-endless",
            Self::Expired => "token-expired",
            Self::Early => "token-early",
            Self::Body => "token-body",
            Self::Channel => "token-channel",
            Self::NoService => "token-no-service",
            Self::Service => "token-service",
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "no token",
            Self::Header => "the header is not Bearer and one token",
            Self::TooLong => "the header is too long",
            Self::Form => "the token has another form",
            Self::Algorithm => "the token is signed by another algorithm",
            Self::Critical => "the token demands an extension",
            Self::NoKey => "the token names no key",
            Self::UnknownKey => "the token's key is not known",
            Self::Unendorsed => "the token's key is not endorsed for Teams",
            Self::Unchecked => "the signature could not be checked",
            Self::Signature => "the signature does not match",
            Self::Claims => "the claims have another form",
            Self::Issuer => "the token is from another issuer",
            Self::Audience => "the token is for another bot",
            Self::Endless => "the token has no end",
            Self::Expired => "the token has expired",
            Self::Early => "the token is not valid yet",
            Self::Body => "the body is no activity",
            Self::Channel => "the activity is of another channel",
            Self::NoService => "the token names no service address",
            Self::Service => "the token is for another service address",
        })
    }
}

/// Who has to have issued a token, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct Parties<'a> {
    /// `https://api.botframework.com`, or what it is in another cloud.
    pub issuer: &'a str,
    /// The bot's application id.
    pub app: &'a Guid,
}

/// A token as it was presented: well formed, and not believed in anything yet.
pub struct Presented<'t> {
    text: &'t str,
    token: UntrustedToken<'t, Map<String, Value>>,
    kid: String,
}

/// Each is read as any JSON, so that one of the wrong kind is refused for what it is; one that is there twice is refused.
#[derive(Deserialize)]
struct Claims {
    iss: Option<Value>,
    aud: Option<Value>,
    #[serde(alias = "serviceUrl")]
    serviceurl: Option<Value>,
}

/// The token in the header: `Bearer`, in whatever case, and one token after it (RFC 6750, 2.1; RFC 9110, 11.1).
///
/// # Errors
/// When there is no header, more than one, or another.
pub fn bearer(headers: &HeaderMap) -> Result<&str, TokenError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(TokenError::Missing)?;
    if values.next().is_some() {
        return Err(TokenError::Header);
    }
    if value.len() > LONGEST {
        return Err(TokenError::TooLong);
    }
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(TokenError::Header)?;
    let token = token.trim_start_matches(' ');
    let plain = token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if scheme.eq_ignore_ascii_case("Bearer") && plain && !token.is_empty() {
        Ok(token)
    } else {
        Err(TokenError::Header)
    }
}

impl<'t> Presented<'t> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// When it could not be a token of Teams whatever it is signed with.
    pub fn read(text: &'t str) -> Result<Self, TokenError> {
        let token = UntrustedToken::<Map<String, Value>>::try_from(text).map_err(|_| TokenError::Form)?;
        if token.algorithm() != "RS256" {
            return Err(TokenError::Algorithm);
        }
        // The library passes over it.
        if token.header().other_fields.contains_key("crit") {
            return Err(TokenError::Critical);
        }
        let kid = token.header().key_id.clone().ok_or(TokenError::NoKey)?;
        Ok(Self { text, token, kid })
    }

    /// The name of the key that it says it was signed with.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Verifies the token, and that it is for the activity in `body`; answers the activity.
    ///
    /// # Errors
    /// The first check that fails. Nothing in the token or the body is looked at before the signature was checked.
    pub async fn verify(
        self,
        body: &[u8],
        keys: &KeySet,
        parties: Parties<'_>,
        now: Timestamp,
        signatures: &impl Signatures,
    ) -> Result<Verified<Wiped>, TokenError> {
        let key = keys.get(&self.kid).ok_or(TokenError::UnknownKey)?;
        if !key.endorsements.iter().any(|channel| channel == CHANNEL) {
            return Err(TokenError::Unendorsed);
        }
        let (signed, _) = self.text.rsplit_once('.').ok_or(TokenError::Form)?;
        let good = signatures.verify_rsa(&key.rsa, Hash::Sha256, signed.as_bytes(), self.token.signature_bytes()).await;
        if !good.map_err(|_| TokenError::Unchecked)? {
            return Err(TokenError::Signature);
        }
        let service = self.claims(parties, now)?;
        let activity = Wiped(json::read(body).ok_or(TokenError::Body)?);
        let field = |name| fields::text(&activity.0, &[name]).ok().flatten().ok_or(TokenError::Body);
        if field("channelId")? != CHANNEL {
            return Err(TokenError::Channel);
        }
        if !same_address(&service, field("serviceUrl")?) {
            return Err(TokenError::Service);
        }
        Ok(Verified::vouch(activity))
    }

    /// Checks what the token says, and answers the service address it is for. To be called once the signature is known
    /// to be good.
    fn claims(&self, parties: Parties<'_>, now: Timestamp) -> Result<String, TokenError> {
        let claims = self.token.deserialize_claims_unchecked::<Claims>().map_err(|_| TokenError::Claims)?;
        let is = |claim: &Option<Value>, text: &str| claim.as_ref().and_then(Value::as_str) == Some(text);
        if !is(&claims.custom.iss, parties.issuer) {
            return Err(TokenError::Issuer);
        }
        // A list is not taken, though JWT allows it: the service never writes one.
        if !is(&claims.custom.aud, parties.app.as_str()) {
            return Err(TokenError::Audience);
        }
        let ends = claims.expiration.ok_or(TokenError::Endless)?;
        if now.since(Timestamp::from_secs(ends.timestamp())) > LEEWAY {
            return Err(TokenError::Expired);
        }
        // The one time that a token may do without.
        if claims.not_before.is_some_and(|begins| Timestamp::from_secs(begins.timestamp()).since(now) > LEEWAY) {
            return Err(TokenError::Early);
        }
        match claims.custom.serviceurl {
            Some(Value::String(service)) if !service.is_empty() => Ok(service),
            _ => Err(TokenError::NoService),
        }
    }
}

/// Addresses are the same whatever their case and with or without a slash at the end.
fn same_address(one: &str, other: &str) -> bool {
    one.trim_end_matches('/').eq_ignore_ascii_case(other.trim_end_matches('/'))
}
