//! Amazon SNS over HTTPS: notifications and confirmations, signed in the body.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::Request;
use rsa::Pkcs1v15Sign;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::post;
use crate::answer::timestamp;
use crate::fields::{put, text};
use crate::jws;
use crate::scene;

/// What is sent.
#[derive(Clone, Debug)]
pub enum SnsMessage {
    /// An event, as text.
    Notification(String),
    /// Whether the subscription is wanted: the token to confirm with, and the address that SNS would like to be called.
    Confirmation {
        /// `Token`.
        token: String,
        /// `SubscribeURL`.
        url: String,
    },
    /// The subscription has ended; the token would bring it back.
    Unsubscribed {
        /// `Token`.
        token: String,
        /// `SubscribeURL`.
        url: String,
    },
}

/// The key that a message is signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnsKey {
    /// That of [`scene::SNS_CERTIFICATE`].
    Service,
    /// Somebody else's.
    Stranger,
}

/// A delivery.
#[derive(Clone, Debug)]
pub struct Sns {
    /// What is sent.
    pub message: SnsMessage,
    /// `MessageId`.
    pub id: String,
    /// `TopicArn`.
    pub topic: String,
    /// `Subject`, which is signed if there is one.
    pub subject: Option<String>,
    /// `Timestamp`, in milliseconds since 1970.
    pub at_ms: u64,
    /// `SignatureVersion`: `1` or `2`.
    pub signature_version: String,
    /// The hash that it is signed by, whatever the version says: SHA-256 instead of SHA-1.
    pub sha256: bool,
    /// What it is signed with.
    pub key: SnsKey,
    /// `SigningCertURL`.
    pub certificate_url: String,
    /// Raw delivery: the message alone, without a signature.
    pub raw: bool,
}

impl Sns {
    /// The scene's topic, with signatures of version 2.
    pub fn honest(id: &str, message: SnsMessage, at_ms: u64) -> Sns {
        Sns {
            message,
            id: id.to_owned(),
            topic: scene::SNS_TOPIC.to_owned(),
            subject: None,
            at_ms,
            signature_version: "2".to_owned(),
            sha256: true,
            key: SnsKey::Service,
            certificate_url: format!("https://sns.{}.amazonaws.com{}", scene::AWS_REGION, scene::SNS_CERTIFICATE_PATH),
            raw: false,
        }
    }

    /// An event of EventBridge on the scene's topic.
    pub fn notification(id: &str, event: &Value, at_ms: u64) -> Sns {
        Sns::honest(id, SnsMessage::Notification(event.to_string()), at_ms)
    }

    /// The scene's topic asks whether it may send.
    pub fn confirmation(id: &str, at_ms: u64) -> Sns {
        let (region, topic, token) = (scene::AWS_REGION, scene::SNS_TOPIC, scene::SNS_TOKEN);
        let url =
            format!("https://sns.{region}.amazonaws.com/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}");
        Sns::honest(id, SnsMessage::Confirmation { token: token.to_owned(), url }, at_ms)
    }

    /// The same with a signature of version 1, by SHA-1.
    pub fn version_1(self) -> Sns {
        Sns { signature_version: "1".to_owned(), sha256: false, ..self }
    }

    /// The request.
    pub fn post(&self, path: &str) -> Request<Bytes> {
        let mut body = self.unsigned();
        let kind = text(&body, "Type").to_owned();
        let mut headers = vec![
            ("content-type", "text/plain; charset=UTF-8"),
            ("user-agent", "Amazon Simple Notification Service Agent"),
            ("x-amz-sns-message-type", &kind),
            ("x-amz-sns-message-id", &self.id),
            ("x-amz-sns-topic-arn", &self.topic),
        ];
        if let SnsMessage::Notification(message) = &self.message {
            headers.push(("x-amz-sns-subscription-arn", scene::SNS_SUBSCRIPTION));
            if self.raw {
                headers.push(("x-amz-sns-rawdelivery", "true"));
                return post(path, &headers, message.clone());
            }
        }
        let signature = self.signature(&body);
        put(&mut body, "Signature", signature);
        put(&mut body, "SignatureVersion", self.signature_version.as_str());
        put(&mut body, "SigningCertURL", self.certificate_url.as_str());
        post(path, &headers, body.to_string())
    }

    /// The fields that are signed.
    fn unsigned(&self) -> Value {
        let at = timestamp(self.at_ms).replace('Z', &format!(".{:03}Z", self.at_ms % 1000));
        let mut body = json!({"MessageId": self.id, "TopicArn": self.topic, "Timestamp": at});
        let (kind, token, url) = match &self.message {
            SnsMessage::Notification(message) => {
                put(&mut body, "Type", "Notification");
                put(&mut body, "Message", message.as_str());
                if let Some(subject) = &self.subject {
                    put(&mut body, "Subject", subject.as_str());
                }
                return body;
            }
            SnsMessage::Confirmation { token, url } => ("SubscriptionConfirmation", token, url),
            SnsMessage::Unsubscribed { token, url } => ("UnsubscribeConfirmation", token, url),
        };
        let words = format!("You have chosen to subscribe to the topic {}.", self.topic);
        for (field, value) in [("Type", kind), ("Token", token), ("SubscribeURL", url), ("Message", &words)] {
            put(&mut body, field, value);
        }
        body
    }

    /// Over each field's name and value, in the order of their names, a line each (SNS, verifying signatures: step 3).
    fn signature(&self, body: &Value) -> String {
        let fields = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
        let present = fields.into_iter().filter(|field| body.get(*field).is_some());
        let signed: String = present.map(|field| format!("{field}\n{}\n", text(body, field))).collect();
        let key = jws::private(match self.key {
            SnsKey::Service => include_str!("../keys/sns-2048.pem"),
            SnsKey::Stranger => scene::REPLACEMENT_KEY,
        });
        let signature = match self.sha256 {
            true => key.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(signed)),
            false => key.sign(Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(signed)),
        };
        // A key of 2048 bits has room for any digest: there is no other outcome.
        STANDARD.encode(signature.unwrap_or_default())
    }
}
