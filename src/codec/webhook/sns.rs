//! Amazon SNS over HTTPS: the signature in the body, and whose certificate it has to be by.
//!
//! Amazon SNS, verifying the signatures of Amazon SNS messages. The certificate is taken from the address that the
//! message names, so that address is held to one host and one form of path: those of the configured topic's region.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderName;
use serde_json::Value;

use super::delivery::told;
use super::{Malformed, Message, Post, Unproven, event_bridge, other};
use crate::codec::certificate::Certificate;
use crate::codec::fields;
use crate::codec::json;
use crate::codec::proof::Verified;
use crate::codec::signatures::{Hash, Signatures};
use crate::domain::source::{Hint, Manager};
use crate::domain::time::Timestamp;

/// Set on deliveries that are not signed at all (Amazon SNS, raw message delivery).
const RAW: HeaderName = HeaderName::from_static("x-amz-sns-rawdelivery");
/// How far the clocks may differ.
const LEEWAY: Duration = Duration::from_secs(300);
/// How long a message is delivered again (Amazon SNS, delivery retries: an HTTP policy lasts 3600 seconds at most).
const RETRIES: Duration = Duration::from_secs(3600);

/// What is signed of each kind of message, in that order; `Subject` only if there is one.
const NOTIFICATION: [&str; 6] = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];
const HANDSHAKE: [&str; 7] = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

/// A message as it was presented: well formed, for the configured topic, of this hour, and not believed in anything yet.
pub struct Presented {
    delivery: Delivery,
    signed: String,
    signature: Vec<u8>,
    hash: Hash,
    path: String,
}

/// What was delivered.
pub struct Delivery {
    id: String,
    what: What,
}

enum What {
    /// A notification, and its text.
    Notification(String),
    /// The topic asks whether we want its messages; this is the token to confirm with.
    Confirmation(String),
    /// Somebody ended the subscription.
    End,
}

/// The region of a topic, out of its ARN; `None` when it is no topic's.
pub fn region(topic: &str) -> Option<&str> {
    let mut parts = topic.split(':');
    let (Some("arn"), Some(_), Some("sns"), region) = (parts.next(), parts.next(), parts.next(), parts.next()?) else {
        return None;
    };
    let plain = region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    (plain && !region.is_empty() && parts.count() == 2).then_some(region)
}

impl Presented {
    /// Takes a message apart. `Content-Type` says that it is text, and is not looked at.
    ///
    /// # Errors
    /// When it could not be a message of that topic whatever it is signed with. Signatures by SHA-1 are taken where the
    /// operator allows it.
    pub fn read(post: Post<'_>, topic: &str, sha1: bool, now: Timestamp) -> Result<Self, Unproven> {
        if post.headers.get(RAW).is_some_and(|raw| raw == "true") {
            return Err(Unproven::Missing);
        }
        let body = json::read(post.body).filter(Value::is_object).ok_or(Unproven::Form)?;
        let optional = |name| fields::text(&body, &[name]).map_err(|_| Unproven::Form);
        let text = |name| optional(name)?.ok_or(Unproven::Form);
        let signature = optional("Signature")?.ok_or(Unproven::Missing)?;
        if text("TopicArn")? != topic {
            return Err(Unproven::Foreign);
        }
        let hash = match text("SignatureVersion")? {
            "2" => Hash::Sha256,
            "1" if sha1 => Hash::Sha1,
            _ => return Err(Unproven::Algorithm),
        };
        let path = path(text("SigningCertURL")?, topic).ok_or(Unproven::Key)?.to_owned();
        let sent = Timestamp::from_iso(text("Timestamp")?).ok_or(Unproven::Form)?;
        if now.since(sent) > RETRIES + LEEWAY {
            return Err(Unproven::Stale);
        }
        if sent.since(now) > LEEWAY {
            return Err(Unproven::Future);
        }
        let (what, covered) = match text("Type")? {
            "Notification" => (What::Notification(text("Message")?.to_owned()), &NOTIFICATION[..]),
            "SubscriptionConfirmation" => (What::Confirmation(text("Token")?.to_owned()), &HANDSHAKE[..]),
            "UnsubscribeConfirmation" => (What::End, &HANDSHAKE[..]),
            _ => return Err(Unproven::Form),
        };
        let mut signed = String::new();
        for name in covered {
            let value = match *name {
                "Subject" => optional(name)?,
                name => Some(text(name)?),
            };
            // Only the first of them has lines, or one text could be cut into fields in several ways.
            if *name != "Message" && value.is_some_and(|value| value.contains(char::is_control)) {
                return Err(Unproven::Form);
            }
            if let Some(value) = value {
                [name, "\n", value, "\n"].into_iter().for_each(|part| signed.push_str(part));
            }
        }
        let signature = STANDARD.decode(signature).map_err(|_| Unproven::Form)?;
        let delivery = Delivery { id: text("MessageId")?.to_owned(), what };
        Ok(Self { delivery, signed, signature, hash, path })
    }

    /// Where the certificate is, at the service in the topic's region; begins with a slash.
    pub fn certificate(&self) -> &str {
        &self.path
    }

    /// Verifies the signature by the certificate that was fetched from there.
    ///
    /// # Errors
    /// When the certificate is not good now, or the signature is another one.
    pub async fn verify(
        self,
        certificate: &Certificate,
        now: Timestamp,
        platform: &impl Signatures,
    ) -> Result<Verified<Delivery>, Unproven> {
        if now < certificate.not_before || now > certificate.not_after {
            return Err(Unproven::Key);
        }
        let good = platform.verify_rsa(&certificate.key, self.hash, self.signed.as_bytes(), &self.signature).await;
        match good {
            Ok(true) => Ok(Verified::vouch(self.delivery)),
            Ok(false) => Err(Unproven::Signature),
            Err(_) => Err(Unproven::Unchecked),
        }
    }
}

/// The path of a certificate's address, when that is exactly where the topic's region publishes it.
fn path<'u>(url: &'u str, topic: &str) -> Option<&'u str> {
    let region = region(topic)?;
    // China's regions are a partition of their own, under a domain of their own.
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let path = url.strip_prefix(&format!("https://sns.{region}.{domain}"))?;
    let digits = path.strip_prefix("/SimpleNotificationService-")?.strip_suffix(".pem")?;
    let hex = digits.len() == 32 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    hex.then_some(path)
}

/// What a message says. `SubscribeURL` is never followed: whoever confirms a subscription writes that address themselves.
///
/// # Errors
/// When it has no usable id, or a notification is none of AWS Secrets Manager's events.
pub fn read(proven: Verified<Delivery>, manager: &Manager) -> Result<Message, Malformed> {
    let Delivery { id, what } = proven.into_inner();
    let id = told(&id)?;
    let hint = match what {
        What::Confirmation(token) => return Ok(Message::Confirmation(token)),
        What::End => other(&id),
        What::Notification(text) => {
            let event = json::read(text.as_bytes()).ok_or(Malformed)?;
            Hint { event: id, ..event_bridge::event(&event, manager)? }
        }
    };
    Ok(Message::Hints(vec![hint]))
}
