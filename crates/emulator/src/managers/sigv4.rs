//! Whether a request is signed as AWS wants it: Signature Version 4, for one service in one region.

use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};
use time::{Date, Month, OffsetDateTime};

use crate::answer::{Call, hex};
use crate::scene;

/// The service in a credential's scope.
const SERVICE: &str = "secretsmanager";
/// How far a request's time may be from the service's, in seconds either way (AWS, elements of a request's signature).
const SKEW_S: i64 = 300;

/// Why a request is not let in: the error's type and words.
pub(super) struct Unsigned(pub(super) &'static str, pub(super) String);

/// What an `Authorization` header says.
struct Signed<'a> {
    key_id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    scope: &'a str,
    headers: Vec<&'a str>,
    signature: &'a str,
}

/// Checks the signature.
pub(super) fn check(call: &Call, region: &str, now_ms: u64, session_expired: bool) -> Result<(), Unsigned> {
    if call.header("authorization").is_empty() {
        return Err(Unsigned("MissingAuthenticationTokenException", "Missing Authentication Token".into()));
    }
    let at = call.header("x-amz-date");
    let (Some(signed), Some(at_s)) = (parse(call.header("authorization")), seconds(at)) else {
        let words = "Authorization header requires Credential, SignedHeaders, Signature and a date.";
        return Err(Unsigned("IncompleteSignatureException", words.into()));
    };
    let secret = secret_of(signed.key_id, call.header("x-amz-security-token"), session_expired)?;
    let invalid = |words: String| Err(Unsigned("InvalidSignatureException", words));
    if signed.region != region {
        return invalid(format!("Credential should be scoped to a valid region, not '{}'. ", signed.region));
    }
    if signed.service != SERVICE {
        return invalid(format!("Credential should be scoped to correct service: '{SERVICE}'. "));
    }
    if !at.starts_with(signed.date) {
        return invalid(format!("Date in Credential scope does not match the date of '{at}'. "));
    }
    let now_s = i64::try_from(now_ms / 1000).unwrap_or(i64::MAX);
    let (now, earliest, latest) = (written(now_s), written(now_s - SKEW_S), written(now_s + SKEW_S));
    if at_s < now_s - SKEW_S {
        return invalid(format!("Signature expired: {at} is now earlier than {earliest} ({now} - 5 min.)"));
    }
    if at_s > now_s + SKEW_S {
        return invalid(format!("Signature not yet current: {at} is still later than {latest} ({now} + 5 min.)"));
    }
    let all = call.headers.keys().map(http::HeaderName::as_str).filter(|name| name.starts_with("x-amz-"));
    if let Some(name) = all.chain(["host"]).find(|name| !signed.headers.contains(name)) {
        return invalid(format!("'{name}' must be a 'SignedHeader' in the AWS Authorization."));
    }
    // The first two segments of the path are this world's: a signature may count them or not.
    let paths = [format!("/{}/{}", call.service, call.path), "/".to_owned()];
    if paths.iter().any(|path| signature(call, path, &signed, secret, at) == signed.signature) {
        return Ok(());
    }
    invalid(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
         Key and signing method. Consult the service documentation for details."
            .into(),
    )
}

/// The secret of an access key; a temporary one counts with its session token only.
fn secret_of(key_id: &str, token: &str, session_expired: bool) -> Result<&'static str, Unsigned> {
    match (key_id, token) {
        (scene::AWS_KEY_ID, "") => Ok(scene::AWS_SECRET_KEY),
        (scene::AWS_SESSION_KEY_ID, scene::AWS_SESSION_TOKEN) if session_expired => {
            let words = "The security token included in the request is expired";
            Err(Unsigned("ExpiredTokenException", words.into()))
        }
        (scene::AWS_SESSION_KEY_ID, scene::AWS_SESSION_TOKEN) => Ok(scene::AWS_SESSION_SECRET_KEY),
        _ => {
            let words = "The security token included in the request is invalid.";
            Err(Unsigned("UnrecognizedClientException", words.into()))
        }
    }
}

fn parse(authorization: &str) -> Option<Signed<'_>> {
    let fields = authorization.strip_prefix("AWS4-HMAC-SHA256 ")?;
    let field = |name: &str| fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='));
    let (key_id, scope) = field("Credential")?.split_once('/')?;
    let [date, region, service, "aws4_request"] = scope.split('/').collect::<Vec<_>>()[..] else { return None };
    let headers = field("SignedHeaders")?.split(';').collect();
    Some(Signed { key_id, date, region, service, scope, headers, signature: field("Signature")? })
}

/// The signature that the request should have (AWS, create a signed request: steps 1 to 4).
fn signature(call: &Call, path: &str, signed: &Signed, secret: &str, at: &str) -> String {
    let query = call.query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    let authority = call.base.split_once("://").map_or("", |(_, authority)| authority);
    let header = |name: &str| {
        let value = if name == "host" { authority } else { call.header(name) };
        format!("{name}:{}\n", value.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let canonical = format!(
        "{}\n{path}\n{}\n{}\n{}\n{}",
        call.method,
        query.collect::<Vec<_>>().join("&"),
        signed.headers.iter().map(|name| header(name)).collect::<String>(),
        signed.headers.join(";"),
        hex(&Sha256::digest(&call.body)),
    );
    let to_sign = format!("AWS4-HMAC-SHA256\n{at}\n{}\n{}", signed.scope, hex(&Sha256::digest(canonical)));
    let first = mac(format!("AWS4{secret}").as_bytes(), signed.date);
    let key = [signed.region, signed.service, "aws4_request"].iter().fold(first, |key, part| mac(&key, part));
    hex(&mac(&key, &to_sign))
}

fn mac(key: &[u8], message: &str) -> Vec<u8> {
    // HMAC takes keys of any length: there is no other outcome.
    let mac = Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec());
    mac.unwrap_or_default()
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Reads `20260115T090000Z`.
fn seconds(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    if date.len() != 8 || time.len() != 6 {
        return None;
    }
    let number = |text: &str, from: usize| text.get(from..from + 2)?.parse::<u8>().ok();
    let month = Month::try_from(number(date, 4)?).ok()?;
    let date = Date::from_calendar_date(date.get(..4)?.parse().ok()?, month, number(date, 6)?).ok()?;
    let at = date.with_hms(number(time, 0)?, number(time, 2)?, number(time, 4)?).ok()?;
    Some(at.assume_utc().unix_timestamp())
}

/// The same form, of seconds since 1970.
fn written(seconds: i64) -> String {
    let Ok(at) = OffsetDateTime::from_unix_timestamp(seconds) else { return String::new() };
    let (date, time) = (at.date(), at.time());
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", time.hour(), time.minute(), time.second())
}
