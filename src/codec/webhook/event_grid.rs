//! Azure Event Grid: both handshakes, the proof of a delivery, and what Key Vault says in either schema.

use http::header::{ALLOW, HeaderMap, HeaderName, HeaderValue};
use seal::Secret;
use serde_json::Value;

use super::delivery::told;
use super::{Malformed, Message, Post, Unproven, key, other};
use crate::codec::json;
use crate::codec::jwks::KeySet;
use crate::codec::jwt::{Claims, JwtError, Presented};
use crate::codec::proof::Verified;
use crate::codec::signatures::Signatures;
use crate::domain::names::Guid;
use crate::domain::source::{Hint, Manager, News, SecretId};
use crate::domain::time::Timestamp;

/// Events in one delivery at most (Event Grid, batch event delivery: `maxEventsPerBatch`).
const MOST_EVENTS: usize = 5000;
/// The role that Event Grid has to be given (Event Grid, Secure WebHook delivery with Microsoft Entra ID).
const ROLE: &str = "AzureEventGridSecureWebhookSubscriber";
/// What a delivery is (Event Grid, event delivery headers).
const EVENT_TYPE: HeaderName = HeaderName::from_static("aeg-event-type");
/// The event that asks whether we want its events (Event Grid, endpoint validation with the Event Grid schema).
const VALIDATION: &str = "Microsoft.EventGrid.SubscriptionValidationEvent";
/// The longest validation code that is repeated, in bytes; a real one has 36.
const LONGEST_CODE: usize = 512;

/// Who asks, and is allowed to send (CloudEvents, HTTP 1.1 Web Hooks for Event Delivery, 4).
const REQUEST_ORIGIN: HeaderName = HeaderName::from_static("webhook-request-origin");
const REQUEST_RATE: HeaderName = HeaderName::from_static("webhook-request-rate");
const ALLOWED_ORIGIN: HeaderName = HeaderName::from_static("webhook-allowed-origin");
const ALLOWED_RATE: HeaderName = HeaderName::from_static("webhook-allowed-rate");
/// What Event Grid calls itself (Event Grid, endpoint validation with CloudEvents schema).
const ORIGIN: &str = "eventgrid.azure.net";

/// What follows a vault's name in its host, in each cloud (Key Vault, DNS suffixes for object identifiers).
const HOSTS: [&str; 3] = ["vault.azure.net", "vault.usgovcloudapi.net", "vault.azure.cn"];

/// What was delivered.
#[derive(Clone, Copy)]
pub struct Delivery<'a>(Post<'a>);

/// Whose token it has to be, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct Parties<'a> {
    /// The tenant.
    pub tenant: &'a Guid,
    /// The application that stands for this Worker, or its URI: `aud`.
    pub audience: &'a str,
    /// Event Grid's own application in that cloud.
    pub app: &'a str,
    /// Before the tenant in the issuer of tokens of version 1.
    pub issuer_v1: &'a str,
    /// The login service, which is before the tenant in the issuer of tokens of version 2.
    pub login_url: &'a str,
}

/// The answer to `OPTIONS`: consent that Event Grid, and nobody else, sends as often as it asked. `None` when it is not
/// Event Grid that asks. The consent is in these headers, whatever the status. Nothing is sent to
/// `WebHook-Request-Callback`.
pub fn consent(headers: &HeaderMap) -> Option<HeaderMap> {
    let only = |name: &HeaderName| {
        let mut values = headers.get_all(name).iter();
        values.next().filter(|_| values.next().is_none())
    };
    let origin = only(&REQUEST_ORIGIN)?;
    if origin.as_bytes() != ORIGIN.as_bytes() {
        return None;
    }
    let mut answer = HeaderMap::new();
    answer.insert(ALLOW, HeaderValue::from_static("POST"));
    answer.insert(ALLOWED_ORIGIN, HeaderValue::from_static(ORIGIN));
    if headers.contains_key(REQUEST_RATE) {
        let number = |rate: &[u8]| (1..=9).contains(&rate.len()) && rate.iter().all(u8::is_ascii_digit);
        let rate = only(&REQUEST_RATE).filter(|rate| number(rate.as_bytes()))?;
        answer.insert(ALLOWED_RATE, rate.clone());
    }
    Some(answer)
}

/// Verifies a delivery by its secret header.
///
/// # Errors
/// When it is missing or another.
pub fn verify_key<'a>(post: Post<'a>, keys: &[Secret]) -> Result<Verified<Delivery<'a>>, Unproven> {
    key::verify(post, keys)?;
    Ok(Verified::vouch(Delivery(post)))
}

/// Verifies a delivery by its token. It does not cover the body: it proves who is at the other end.
///
/// # Errors
/// The first check that fails.
pub async fn verify_token<'a>(
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
    /// Whether a token says that it is theirs (Microsoft identity platform, access token claims reference).
    ///
    /// # Errors
    /// The first that differs.
    pub fn check(&self, claims: &Claims) -> Result<(), Unproven> {
        let Self { tenant, audience, app, issuer_v1, login_url } = *self;
        let caller = if claims.is("iss", &format!("{issuer_v1}/{tenant}/")) {
            "appid"
        } else if claims.is("iss", &format!("{login_url}/{tenant}/v2.0")) {
            "azp"
        } else {
            return Err(Unproven::Foreign);
        };
        if !claims.is("tid", tenant.as_str()) {
            return Err(Unproven::Foreign);
        }
        let roles = claims.get("roles").and_then(Value::as_array);
        let allowed = roles.is_some_and(|roles| roles.iter().any(|role| role == ROLE));
        if claims.is("aud", audience) && claims.is(caller, app) && allowed { Ok(()) } else { Err(Unproven::Party) }
    }
}

/// What a delivery says: events in the Event Grid schema or as CloudEvents 1.0, one or many. `topic` is the vault's ARM
/// id. Nothing is ever fetched from an address in it.
///
/// # Errors
/// When it is neither, or has more events than Event Grid sends.
pub fn read(proven: &Verified<Delivery<'_>>, manager: &Manager, topic: &str) -> Result<Message, Malformed> {
    let Delivery(post) = proven.get();
    let body = json::read(post.body).ok_or(Malformed)?;
    let events = match &body {
        Value::Array(events) => events.as_slice(),
        one => std::slice::from_ref(one),
    };
    let kind = post.headers.get(EVENT_TYPE).map(HeaderValue::as_bytes);
    if kind.is_some_and(|kind| kind.eq_ignore_ascii_case(b"SubscriptionValidation")) {
        let [event] = events else { return Err(Malformed) };
        return code(event).map(Message::Validation).ok_or(Malformed);
    }
    if events.len() > MOST_EVENTS {
        return Err(Malformed);
    }
    events
        .iter()
        .map(|event| hint(event, manager, topic).ok_or(Malformed))
        .collect::<Result<_, _>>()
        .map(Message::Hints)
}

fn code(event: &Value) -> Option<String> {
    let code = member(member(event, "data")?, "validationCode")?.as_str()?;
    let asked = text(event, "eventType") == Some(VALIDATION) && (1..=LONGEST_CODE).contains(&code.len());
    asked.then(|| code.to_owned())
}

/// Key Vault as Event Grid source: the data of its events.
fn hint(event: &Value, manager: &Manager, topic: &str) -> Option<Hint> {
    let id = text(event, "id")?;
    let (kind, from) = match text(event, "eventType") {
        Some(kind) => (kind, text(event, "topic")?),
        None => (text(event, "type")?, text(event, "source")?),
    };
    let news = match kind {
        "Microsoft.KeyVault.SecretNewVersionCreated" => News::Changed,
        "Microsoft.KeyVault.SecretNearExpiry" => News::Expiring,
        "Microsoft.KeyVault.SecretExpired" => News::Expired,
        _ => return Some(other(id)),
    };
    let Manager::KeyVault { vault } = manager else { return Some(other(id)) };
    if !from.eq_ignore_ascii_case(topic) {
        return Some(other(id));
    }
    let data = member(event, "data")?;
    let (name, version) = text(data, "Id")
        .and_then(|id| object(id, vault))
        .or_else(|| Some((text(data, "ObjectName")?, text(data, "Version"))))?;
    let secret = Some(SecretId::Named(name.to_owned()));
    Some(Hint { event: id.to_owned(), secret, version: version.map(str::to_owned), news })
}

/// Name and version of a secret in that vault, by its full id (Key Vault, object identifiers).
fn object<'v>(id: &'v str, vault: &str) -> Option<(&'v str, Option<&'v str>)> {
    let (host, path) = id.strip_prefix("https://")?.split_once('/')?;
    let (first, rest) = host.split_once('.')?;
    let ours = first.eq_ignore_ascii_case(vault) && HOSTS.iter().any(|known| rest.eq_ignore_ascii_case(known));
    let (name, version) = path.strip_prefix("secrets/")?.split_once('/')?;
    let plain = !name.is_empty() && !version.is_empty() && !version.contains(['/', '?', '#']);
    (ours && plain).then_some((name, Some(version)))
}

/// A member by its name. Microsoft's own samples have names with a blank at the end, and values with one before them.
fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let object = value.as_object()?;
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.trim() == name).map(|(_, value)| value))
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    member(value, name)?.as_str().map(str::trim).filter(|text| told(text).is_ok())
}
