//! Push subscriptions of Google Pub/Sub: the token that proves them, and what Secret Manager says through them.

use serde_json::Value;

use super::delivery::told;
use super::{Malformed, Message, Post, Unproven, other};
use crate::codec::fields;
use crate::codec::json;
use crate::codec::jwks::KeySet;
use crate::codec::jwt::{Claims, JwtError, Presented};
use crate::codec::proof::Verified;
use crate::codec::signatures::Signatures;
use crate::domain::source::{Hint, Manager, News, SecretId};
use crate::domain::time::Timestamp;

/// Who issues Google's tokens (Google Identity, OpenID Connect: `iss`).
const ISSUER: &str = "https://accounts.google.com";

/// A message that was pushed.
#[derive(Clone, Copy)]
pub struct Delivery<'a>(Post<'a>);

/// Whose token it has to be, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct Parties<'a> {
    /// What the subscription puts into `aud`.
    pub audience: &'a str,
    /// The service account that the subscription pushes as. Anybody can have a token of Google's for any audience; only
    /// its owner has one with this address.
    pub email: &'a str,
}

/// Verifies the token of a message (Pub/Sub, authenticate push subscriptions). It does not cover the body: it proves who
/// is at the other end.
///
/// # Errors
/// The first check that fails.
pub async fn verify<'a>(
    post: Post<'a>,
    keys: &KeySet,
    parties: Parties<'_>,
    now: Timestamp,
    platform: &impl Signatures,
) -> Result<Verified<Delivery<'a>>, Unproven> {
    let token = Presented::read(post.headers)?;
    let key = keys.get(token.kid()).ok_or(JwtError::UnknownKey)?;
    let claims = token.verify(key, now, platform).await?;
    parties.check(&claims)?;
    Ok(Verified::vouch(Delivery(post)))
}

impl Parties<'_> {
    /// Whether a token says that it is theirs.
    ///
    /// # Errors
    /// The first that differs.
    pub fn check(&self, claims: &Claims) -> Result<(), Unproven> {
        if !claims.is("iss", ISSUER) {
            return Err(Unproven::Foreign);
        }
        let verified = claims.get("email_verified") == Some(&Value::Bool(true));
        let theirs = claims.is("aud", self.audience) && claims.is("email", self.email) && verified;
        if theirs { Ok(()) } else { Err(Unproven::Party) }
    }
}

/// What a message says (Pub/Sub, push subscriptions: `PubsubMessage`; Secret Manager, event notifications).
///
/// # Errors
/// When it is no message, or one of an event that it does not describe.
pub fn read(proven: &Verified<Delivery<'_>>, manager: &Manager) -> Result<Message, Malformed> {
    let body = json::read(proven.get().0.body).ok_or(Malformed)?;
    let text = |path: &[&str]| fields::text(&body, path).map_err(|_| Malformed);
    let id = text(&["message", "messageId"])?.filter(|id| told(id).is_ok()).ok_or(Malformed)?;
    let attribute = |name| text(&["message", "attributes", name]);
    let news = match attribute("eventType")? {
        Some("SECRET_VERSION_ADD" | "SECRET_VERSION_ENABLE") => News::Changed,
        Some("SECRET_ROTATE") => News::Due,
        _ => return Ok(Message::Hints(vec![other(id)])),
    };
    let secret = attribute("secretId")?.ok_or(Malformed)?;
    let named = named(secret).ok_or(Malformed)?;
    if !named.within(manager) {
        return Ok(Message::Hints(vec![other(id)]));
    }
    let version = match (news, attribute("versionId")?) {
        (News::Changed, Some(version)) => {
            let number = version.strip_prefix(secret).and_then(|rest| rest.strip_prefix("/versions/"));
            Some(number.filter(|number| digits(number)).ok_or(Malformed)?.to_owned())
        }
        _ => None,
    };
    let secret = Some(SecretId::Named(told(named.secret)?));
    Ok(Message::Hints(vec![Hint { event: id.to_owned(), secret, version, news }]))
}

/// The parts of `projects/P/secrets/S` or `projects/P/locations/L/secrets/S`.
struct Named<'a> {
    project: &'a str,
    location: Option<&'a str>,
    secret: &'a str,
}

fn named(name: &str) -> Option<Named<'_>> {
    let mut parts = name.split('/');
    let (Some("projects"), Some(project)) = (parts.next(), parts.next()) else { return None };
    let (location, secret) = match (parts.next(), parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some("secrets"), Some(secret), None, ..) => (None, secret),
        (Some("locations"), Some(location), Some("secrets"), Some(secret), None) => (Some(location), secret),
        _ => return None,
    };
    (!project.is_empty() && !secret.is_empty()).then_some(Named { project, location, secret })
}

impl Named<'_> {
    /// Whether it can be one of that manager's. A project has an id and a number, and of two different kinds nobody can
    /// tell here whether they are the same.
    fn within(&self, manager: &Manager) -> bool {
        let Manager::Google { project, location } = manager else { return false };
        let other_kind = digits(self.project) != digits(project);
        (other_kind || self.project == project) && self.location == location.as_deref()
    }
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
