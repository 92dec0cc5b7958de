//! AWS Secrets Manager: what a secret is now, and its value under a staging label.
//!
//! AWS Secrets Manager API Reference: DescribeSecret, GetSecretValue. Version ids say nothing of their order; the labels
//! `AWSCURRENT` and `AWSPREVIOUS` do.

use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Method, StatusCode, Uri};
use serde_json::Value;

use super::exchange::{self, Answer, Ask, Meaning, unusable};
use super::sigv4::{self, AwsKey};
use super::{Content, Fetched, Seen, Which};
use crate::clients::SecretJson;
use crate::clients::outgoing::{self, Unwritable};
use crate::codec::fields::{self, Unexpected};
use crate::domain::names::Code;
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";
/// AWS JSON protocol, version 1.1.
const JSON: &str = "application/x-amz-json-1.1";
const DATE: &str = "x-amz-date";
const TOKEN: &str = "x-amz-security-token";
const TARGET: &str = "x-amz-target";
/// How a signature that came at the wrong time is told.
const CLOCK: &str = "the time of our request is not the time there: one of the clocks is off";

/// Secrets Manager in a region, with that key.
pub struct SecretsManager<'a, W> {
    /// The way out.
    pub wire: &'a W,
    /// `https://secretsmanager.<region>.amazonaws.com`, without a slash at the end.
    pub base: &'a str,
    /// `eu-central-1`
    pub region: &'a str,
    /// Our key.
    pub key: &'a AwsKey,
    /// The time now, which is signed.
    pub now: Timestamp,
}

impl<W: Wire> SecretsManager<'_, W> {
    /// The version labelled `AWSCURRENT`, by the secret's name or ARN.
    ///
    /// # Errors
    /// When there is none, or what keeps the manager from answering.
    pub async fn seen(&self, name: &str) -> Result<Seen, Trouble> {
        let answer = self.ask("DescribeSecret", &[("SecretId", name)]).await?;
        let told = &answer.body.0;
        answer.fit(fields::required(told, &["ARN"]))?;
        if answer.fit(fields::at(told, &["DeletedDate"]))?.is_some() {
            return Err(unusable(Service::Aws, "it is marked for deletion"));
        }
        let version = answer.fit(labelled(told))?.ok_or_else(|| unusable(Service::Aws, "it has no current version"))?;
        let rotated = answer.fit(fields::flag(told, "RotationEnabled"))?;
        let next = answer.fit(moment(told, "NextRotationDate"))?.filter(|_| rotated);
        Ok(Seen { version, expires: None, next })
    }

    /// The version under a label, with its value.
    ///
    /// # Errors
    /// When there is none that is text, or what keeps the manager from answering.
    pub async fn fetch(&self, name: &str, which: Which) -> Result<Fetched, Trouble> {
        let label = match which {
            Which::Current => CURRENT,
            Which::Previous => PREVIOUS,
        };
        let asked = self.ask("GetSecretValue", &[("SecretId", name), ("VersionStage", label)]).await;
        let mut answer = asked.map_err(|mut trouble| {
            if which == Which::Previous && trouble.cause == Cause::NotFound {
                trouble.note = Some(format!("no version of it is labelled {PREVIOUS}"));
            }
            trouble
        })?;
        let version = answer.fit(fields::required(&answer.body.0, &["VersionId"]))?;
        if answer.fit(fields::at(&answer.body.0, &["SecretBinary"]))?.is_some() {
            return Err(unusable(Service::Aws, "its value is binary, not text"));
        }
        Ok(Fetched { version, content: Content::Text(answer.secret("/SecretString")?), tags: Vec::new() })
    }

    async fn ask(&self, action: &str, fields: &[(&str, &str)]) -> Result<Answer, Trouble> {
        let ask = self.signed(action, fields).map_err(|_| Trouble::of(Service::Aws, Cause::Rejected))?;
        ask.answer(self.wire).await
    }

    fn signed(&self, action: &str, fields: &[(&str, &str)]) -> Result<Ask, Unwritable> {
        let url = format!("{}/", self.base);
        let uri = Uri::try_from(&url).map_err(|_| Unwritable)?;
        let host = uri.authority().ok_or(Unwritable)?.as_str();
        let time = self.now.iso().replace(['-', ':'], "");
        let target = format!("secretsmanager.{action}");
        let mut json = SecretJson::object();
        for (name, value) in fields {
            json.text(name, value);
        }
        let body = json.finish();

        let mut signed = vec![("content-type", JSON), ("host", host), (DATE, time.as_str())];
        let mut headers =
            vec![(CONTENT_TYPE, HeaderValue::from_static(JSON)), (HeaderName::from_static(DATE), value(&time)?)];
        if let Some(session) = &self.key.session {
            // Exposed to be sent: it goes with the key.
            let session = session.expose();
            signed.push((TOKEN, session));
            headers.push((HeaderName::from_static(TOKEN), outgoing::hidden(session)?));
        }
        signed.push((TARGET, &target));
        headers.push((HeaderName::from_static(TARGET), value(&target)?));
        let authorization = sigv4::authorization(self.key, self.region, &time, &signed, body.as_bytes())?;
        headers.push((AUTHORIZATION, outgoing::hidden(&authorization)?));
        Ok(Ask { service: Service::Aws, method: Method::POST, url, headers, body: Some(body), meaning })
    }
}

fn value(text: &str) -> Result<HeaderValue, Unwritable> {
    HeaderValue::try_from(text).map_err(|_| Unwritable)
}

/// The version that is labelled as the current one.
fn labelled(secret: &Value) -> Result<Option<String>, Unexpected> {
    let Some(versions) = fields::at(secret, &["VersionIdsToStages"])? else { return Ok(None) };
    let is_current = |stages: &Value| stages.as_array().is_some_and(|stages| stages.iter().any(|one| one == CURRENT));
    let mut versions = versions.as_object().ok_or(Unexpected)?.iter();
    Ok(versions.find(|(_, stages)| is_current(stages)).map(|(version, _)| version.clone()))
}

/// Seconds since the epoch, with a fraction.
fn moment(secret: &Value, name: &str) -> Result<Option<Timestamp>, Unexpected> {
    let Some(seconds) = fields::at(secret, &[name])? else { return Ok(None) };
    let seconds = seconds.as_f64().ok_or(Unexpected)?;
    Ok(Some(Timestamp((seconds * 1000.0) as i64)))
}

/// `__type`, of which a namespace may stand in front and an address behind (AWS JSON protocol, operation errors). Nearly
/// all of them come with 400.
fn meaning(_: StatusCode, refused: &Value) -> Meaning {
    let Some(kind) = exchange::text(refused, "/__type") else { return Meaning::default() };
    let code = kind.rsplit('#').next().and_then(|kind| kind.split(':').next()).unwrap_or_default();
    let (cause, note) = match code {
        "ResourceNotFoundException" => (Some(Cause::NotFound), None),
        "AccessDeniedException" => (Some(Cause::NotAllowed), None),
        "DecryptionFailure" => (Some(Cause::NotAllowed), Some("its KMS key does not decrypt it for us")),
        "InvalidSignatureException" if says(refused, &["Signature expired", "Signature not yet current"]) => {
            (Some(Cause::Identity), Some(CLOCK))
        }
        "RequestExpired" | "RequestExpiredException" => (Some(Cause::Identity), Some(CLOCK)),
        "ExpiredTokenException" => (Some(Cause::Token), Some("the session of our key has ended")),
        "IncompleteSignature"
        | "IncompleteSignatureException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "UnrecognizedClientException" => (Some(Cause::Identity), None),
        "InvalidRequestException" if says(refused, &["marked for deletion"]) => {
            (Some(Cause::SecretUnfit), Some("it is marked for deletion"))
        }
        "ThrottlingException" | "Throttling" | "TooManyRequestsException" => (Some(Cause::Throttled), None),
        "InternalServiceError" | "ServiceUnavailable" => (Some(Cause::Unavailable), None),
        _ => (None, None),
    };
    Meaning { code: Code::parse(code).ok(), cause, note }
}

/// Whether the message has one of these words, which tell apart what has one code. Nothing of it is kept.
fn says(refused: &Value, words: &[&str]) -> bool {
    let message = exchange::text(refused, "/message").or_else(|| exchange::text(refused, "/Message"));
    message.is_some_and(|message| words.iter().any(|word| message.contains(word)))
}
