//! The proof that a request is from Teams' service: the token in its header, checked against keys and body.
//!
//! Bot Framework, Authentication with the Bot Connector API, "Authenticate requests from the Bot Connector service to
//! your bot". Where Microsoft's own libraries are laxer than that document, this is not. The token does not cover the
//! body: it proves who is at the other end, and for which service address.

use serde_json::Value;

use crate::codec::fields;
use crate::codec::json;
use crate::codec::jwks::KeySet;
use crate::codec::jwt::{Claims, JwtError, Presented};
use crate::codec::proof::Verified;
use crate::codec::signatures::Signatures;
use crate::codec::wiped::Wiped;
use crate::domain::names::Guid;
use crate::domain::time::Timestamp;

/// Teams, among the channels of the service.
const CHANNEL: &str = "msteams";

/// Why a request is not proven to be from Teams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// The token would be believed by nobody.
    Jwt(JwtError),
    /// The key may not sign for Teams.
    Unendorsed,
    /// From another issuer.
    Issuer,
    /// For another bot.
    Audience,
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
            Self::Jwt(error) => error.name(),
            Self::Unendorsed => "token-unendorsed",
            Self::Issuer => "token-issuer",
            Self::Audience => "token-audience",
            Self::Body => "token-body",
            Self::Channel => "token-channel",
            Self::NoService => "token-no-service",
            Self::Service => "token-service",
        }
    }
}

impl From<JwtError> for TokenError {
    fn from(error: JwtError) -> Self {
        Self::Jwt(error)
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

impl Parties<'_> {
    /// Whether a token says that it is theirs.
    ///
    /// # Errors
    /// The first that differs.
    pub fn check(&self, claims: &Claims) -> Result<(), TokenError> {
        if !claims.is("iss", self.issuer) {
            return Err(TokenError::Issuer);
        }
        if claims.is("aud", self.app.as_str()) { Ok(()) } else { Err(TokenError::Audience) }
    }
}

/// Verifies the token, and that it is for the activity in `body`; answers the activity.
///
/// # Errors
/// The first check that fails. Nothing in the token or the body is believed before the signature was checked.
pub async fn verify(
    presented: Presented<'_>,
    body: &[u8],
    keys: &KeySet,
    parties: Parties<'_>,
    now: Timestamp,
    signatures: &impl Signatures,
) -> Result<Verified<Wiped>, TokenError> {
    let key = keys.get(presented.kid()).ok_or(JwtError::UnknownKey)?;
    if !key.endorsements.iter().any(|channel| channel == CHANNEL) {
        return Err(TokenError::Unendorsed);
    }
    let claims = presented.verify(key, now, signatures).await?;
    parties.check(&claims)?;
    let service = service(&claims)?;
    let activity = Wiped(json::read(body).ok_or(TokenError::Body)?);
    let field = |name| fields::text(&activity.0, &[name]).ok().flatten().ok_or(TokenError::Body);
    if field("channelId")? != CHANNEL {
        return Err(TokenError::Channel);
    }
    if !same_address(service, field("serviceUrl")?) {
        return Err(TokenError::Service);
    }
    Ok(Verified::vouch(activity))
}

/// The service address that the token is for: under the name that the service writes, or the one that is documented.
fn service(claims: &Claims) -> Result<&str, TokenError> {
    let named = match (claims.get("serviceurl"), claims.get("serviceUrl")) {
        // Two names of one claim, so that it is there twice.
        (Some(_), Some(_)) => return Err(TokenError::Jwt(JwtError::Claims)),
        (written, documented) => written.or(documented),
    };
    named.and_then(Value::as_str).filter(|address| !address.is_empty()).ok_or(TokenError::NoService)
}

/// Addresses are the same whatever their case and with or without a slash at the end.
fn same_address(one: &str, other: &str) -> bool {
    one.trim_end_matches('/').eq_ignore_ascii_case(other.trim_end_matches('/'))
}
