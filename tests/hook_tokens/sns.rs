//! Messages of Amazon SNS, forged and odd, each named for what is wrong with it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pbi_rotate::codec::certificate::Certificate;
use pbi_rotate::codec::webhook::sns::{Presented, read, region};
use pbi_rotate::codec::webhook::{Malformed, Message, Post, Unproven};
use pbi_rotate::domain::source::News;
use pbi_rotate::domain::time::Timestamp;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::scene::{NOW, Platform, SNS_TOPIC, aws, change, headers, hint, nothing, run, sns_certificate};

const KEY: &str = include_str!("../../crates/emulator/src/keys/sales-2048.pem");
const STRANGERS_KEY: &str = include_str!("../../crates/emulator/src/keys/replacement-2048.pem");
const PATH: &str = "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem";
const HOST: &str = "https://sns.eu-central-1.amazonaws.com";

/// A message, good as it comes.
struct Sent {
    body: Value,
    /// What is signed of it.
    covers: Vec<&'static str>,
    /// By SHA-1, whatever it says.
    sha1: bool,
    key: &'static str,
    /// What becomes of it once it is signed.
    then: fn(&mut Value),
    headers: Vec<(&'static str, &'static str)>,
    /// Whether the operator allows SHA-1.
    allowed: bool,
    topic: &'static str,
    certificate: Certificate,
    broken: bool,
}

fn event() -> Value {
    json!({
        "version": "0", "id": "a1b2c3d4-0000-1111-2222-333344445555", "detail-type": "Secret Label Updated",
        "source": "aws.secretsmanager", "account": "123456789012", "time": "2026-11-21T18:29:00Z",
        "region": "eu-central-1",
        "resources": ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:sales-db-AbCdEf"],
        "detail": {"name": "sales-db", "labelUpdated": "AWSCURRENT", "versionId": "v-0007"},
    })
}

impl Sent {
    fn notification() -> Self {
        let body = json!({
            "Type": "Notification", "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324", "TopicArn": SNS_TOPIC,
            "Message": event().to_string(), "Timestamp": "2026-11-21T18:29:59.006Z", "SignatureVersion": "2",
            "SigningCertURL": format!("{HOST}{PATH}"),
            "UnsubscribeURL": format!("{HOST}/?Action=Unsubscribe&SubscriptionArn={SNS_TOPIC}:c9135db0"),
        });
        Self {
            body,
            covers: vec!["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
            sha1: false,
            key: KEY,
            then: |_| (),
            headers: vec![
                ("content-type", "text/plain; charset=UTF-8"),
                ("x-amz-sns-message-type", "Notification"),
                ("x-amz-sns-topic-arn", SNS_TOPIC),
            ],
            allowed: false,
            topic: SNS_TOPIC,
            certificate: sns_certificate(),
            broken: false,
        }
    }

    fn handshake(kind: &str) -> Self {
        let mut sent = Self::notification();
        for (name, value) in [
            ("Type", kind),
            ("Message", "You have chosen to subscribe to the topic.\nTo confirm, visit the SubscribeURL."),
            ("Token", "2336412f37fb687f5d51e6e241d09c805a5a57b30d712f794cc5f6a988666d92"),
            ("SubscribeURL", "https://attacker.example/?Action=ConfirmSubscription"),
        ] {
            sent.body[name] = json!(value);
        }
        sent.covers = vec!["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
        sent
    }

    fn signed(&self) -> Value {
        let mut text = String::new();
        for name in &self.covers {
            if let Some(value) = self.body.get(*name).and_then(Value::as_str) {
                text.push_str(&format!("{name}\n{value}\n"));
            }
        }
        let key = RsaPrivateKey::from_pkcs8_pem(self.key).expect("a key");
        let signature = if self.sha1 {
            key.sign(Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(text.as_bytes()))
        } else {
            key.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(text.as_bytes()))
        };
        let mut body = self.body.clone();
        body["Signature"] = json!(STANDARD.encode(signature.expect("a signature")));
        (self.then)(&mut body);
        body
    }

    fn judged(&self) -> Result<Result<Message, Malformed>, Unproven> {
        self.posted(self.signed().to_string().as_bytes())
    }

    fn posted(&self, body: &[u8]) -> Result<Result<Message, Malformed>, Unproven> {
        let (headers, now) = (headers(&self.headers), Timestamp::from_secs(NOW));
        let presented = Presented::read(Post { headers: &headers, body }, self.topic, self.allowed, now)?;
        assert!(presented.certificate().starts_with("/SimpleNotificationService-"));
        let verified = run(presented.verify(&self.certificate, now, &Platform { broken: self.broken }))?;
        Ok(read(verified, &aws()))
    }
}

fn field(sent: &mut Sent, name: &str, value: Value) {
    change(&mut sent.body, name, value);
}

fn certificate_at(sent: &mut Sent, url: &str) {
    field(sent, "SigningCertURL", json!(url));
}

type Case = (&'static str, fn(&mut Sent), Option<Unproven>);

fn each(cases: &[Case]) {
    for (name, spoil, expected) in cases {
        let mut sent = Sent::notification();
        spoil(&mut sent);
        assert_eq!(sent.judged().err(), *expected, "{name}");
    }
}

const MESSAGE: &str = "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324";

#[test]
fn a_notification_is_read_under_its_own_id() {
    let told = hint(MESSAGE, "sales-db", Some("v-0007"), News::Changed);
    let mut sent = Sent::notification();
    assert_eq!(sent.judged(), Ok(Ok(Message::Hints(vec![told]))));
    for text in ["no JSON", "", "[1]"] {
        field(&mut sent, "Message", json!(text));
        assert_eq!(sent.judged(), Ok(Err(Malformed)), "{text}");
    }
    for id in [String::new(), "7".repeat(513)] {
        let mut sent = Sent::notification();
        field(&mut sent, "MessageId", json!(id));
        assert_eq!(sent.judged(), Ok(Err(Malformed)), "{id}");
    }
}

#[test]
fn a_handshake_gives_its_token_and_nobody_follows_its_address() {
    let token = "2336412f37fb687f5d51e6e241d09c805a5a57b30d712f794cc5f6a988666d92".to_owned();
    let mut sent = Sent::handshake("SubscriptionConfirmation");
    assert_eq!(sent.judged(), Ok(Ok(Message::Confirmation(token))));
    let end = Sent::handshake("UnsubscribeConfirmation").judged();
    assert_eq!(end, Ok(Ok(Message::Hints(vec![nothing(MESSAGE)]))));
    sent.then = |body| body["Token"] = json!("0".repeat(64));
    assert_eq!(sent.judged(), Err(Unproven::Signature), "another token");
    sent.then = |body| body["SubscribeURL"] = json!("https://sns.eu-central-1.amazonaws.com/");
    assert_eq!(sent.judged(), Err(Unproven::Signature), "another address");
    sent.then = |body| body["Type"] = json!("Notification");
    assert_eq!(sent.judged(), Err(Unproven::Signature), "a handshake as a notification");
    sent.then = |body| drop(body.as_object_mut().expect("an object").remove("Token"));
    assert_eq!(sent.judged(), Err(Unproven::Form), "no token");
    let mut other = Sent::handshake("SubscriptionConfirmation");
    field(&mut other, "TopicArn", json!("arn:aws:sns:eu-central-1:666666666666:secrets"));
    assert_eq!(other.judged(), Err(Unproven::Foreign), "another topic");
}

#[test]
fn a_signature_is_the_services_over_what_it_covers() {
    use Unproven::{Algorithm, Form, Missing, Signature, Unchecked};
    each(&[
        ("good as it comes", |_| (), None),
        ("with a subject", |sent| field(sent, "Subject", json!("Secret changed")), None),
        ("subject is null", |sent| field(sent, "Subject", Value::Null), None),
        ("content type of JSON", |sent| sent.headers = vec![("content-type", "application/json")], None),
        ("raw delivery", |sent| sent.headers.push(("x-amz-sns-rawdelivery", "true")), Some(Missing)),
        ("no signature", |sent| sent.then = |body| change(body, "Signature", Value::Null), Some(Missing)),
        ("an empty signature", |sent| sent.then = |body| body["Signature"] = json!(""), Some(Signature)),
        ("signature is no base64", |sent| sent.then = |body| body["Signature"] = json!("a_b-"), Some(Form)),
        ("signature is a number", |sent| sent.then = |body| body["Signature"] = json!(7), Some(Form)),
        (
            "half a signature",
            |sent| sent.then = |body| body["Signature"] = json!(body["Signature"].as_str().expect("a text")[..172]),
            Some(Signature),
        ),
        ("a stranger's key", |sent| sent.key = STRANGERS_KEY, Some(Signature)),
        ("another message", |sent| sent.then = |body| body["Message"] = json!("{}"), Some(Signature)),
        ("another id", |sent| sent.then = |body| body["MessageId"] = json!("x"), Some(Signature)),
        ("a subject added", |sent| sent.then = |body| body["Subject"] = json!("x"), Some(Signature)),
        (
            "a later time",
            |sent| sent.then = |body| body["Timestamp"] = json!("2026-11-21T18:30:00.000Z"),
            Some(Signature),
        ),
        (
            "SHA-1",
            |sent| {
                sent.sha1 = true;
                field(sent, "SignatureVersion", json!("1"));
            },
            Some(Algorithm),
        ),
        (
            "SHA-1, where it is allowed",
            |sent| {
                (sent.sha1, sent.allowed) = (true, true);
                field(sent, "SignatureVersion", json!("1"));
            },
            None,
        ),
        ("SHA-1 presented as version 2", |sent| sent.sha1 = true, Some(Signature)),
        (
            "SHA-256 presented as version 1",
            |sent| {
                sent.allowed = true;
                field(sent, "SignatureVersion", json!("1"));
            },
            Some(Signature),
        ),
        ("version 3", |sent| field(sent, "SignatureVersion", json!("3")), Some(Algorithm)),
        ("version is a number", |sent| field(sent, "SignatureVersion", json!(2)), Some(Form)),
        ("no version", |sent| field(sent, "SignatureVersion", Value::Null), Some(Form)),
        ("the platform cannot check", |sent| sent.broken = true, Some(Unchecked)),
        ("an id of two lines", |sent| field(sent, "MessageId", json!("x\nSubject\ny")), Some(Form)),
        ("a subject of two lines", |sent| field(sent, "Subject", json!("x\nTimestamp\ny")), Some(Form)),
        ("another kind", |sent| field(sent, "Type", json!("Gossip")), Some(Form)),
        ("no kind", |sent| field(sent, "Type", Value::Null), Some(Form)),
        ("no message", |sent| field(sent, "Message", Value::Null), Some(Form)),
        ("no id", |sent| field(sent, "MessageId", Value::Null), Some(Form)),
    ]);
    for body in [&b""[..], b"{", b"[]", b"\"x\"", b"Hello"] {
        assert_eq!(Sent::notification().posted(body), Err(Form), "no object");
    }
}

#[test]
fn a_certificate_is_taken_from_the_topics_region_and_nowhere_else() {
    let digits = "0123456789abcdef0123456789abcdef";
    for url in [
        format!("http://sns.eu-central-1.amazonaws.com{PATH}"),
        format!("HTTPS://sns.eu-central-1.amazonaws.com{PATH}"),
        format!("https://sns.us-east-1.amazonaws.com{PATH}"),
        format!("https://sns.s3-us-west-2.amazonaws.com{PATH}"),
        format!("https://sns.eu-central-1.amazonaws.com.cn{PATH}"),
        format!("https://sns.eu-central-1.amazonaws.com.attacker.example{PATH}"),
        format!("https://sns.eu-central-1.amazonaws.com@attacker.example{PATH}"),
        format!("https://attacker@sns.eu-central-1.amazonaws.com{PATH}"),
        format!("https://sns.eu-central-1.amazonaws.com:8443{PATH}"),
        format!("https://attacker.example/{HOST}{PATH}"),
        format!("https://attacker.example{PATH}"),
        format!("https://s3.amazonaws.com/sns.eu-central-1.amazonaws.com{PATH}"),
        format!("{HOST}{PATH}?x"),
        format!("{HOST}{PATH}#x"),
        format!("{HOST}//SimpleNotificationService-{digits}.pem"),
        format!("{HOST}/bucket{PATH}"),
        format!("{HOST}/SimpleNotificationService-{digits}.pem/../x"),
        format!("{HOST}/SimpleNotificationService-..%2f{}.pem", &digits[5..]),
        format!("{HOST}/SimpleNotificationService-{}.pem", digits.to_uppercase()),
        format!("{HOST}/SimpleNotificationService-{}.pem", &digits[1..]),
        format!("{HOST}/SimpleNotificationService-{digits}0.pem"),
        format!("{HOST}/SimpleNotificationService-{digits}.cer"),
        format!("{HOST}/simplenotificationservice-{digits}.pem"),
        format!(" {HOST}{PATH}"),
        String::new(),
    ] {
        let mut sent = Sent::notification();
        certificate_at(&mut sent, &url);
        assert_eq!(sent.judged().err(), Some(Unproven::Key), "{url}");
    }
    for (topic, url) in [
        ("arn:aws-cn:sns:cn-north-1:123456789012:secrets", "https://sns.cn-north-1.amazonaws.com.cn"),
        ("arn:aws-us-gov:sns:us-gov-west-1:123456789012:secrets", "https://sns.us-gov-west-1.amazonaws.com"),
    ] {
        let mut sent = Sent { topic, ..Sent::notification() };
        field(&mut sent, "TopicArn", json!(topic));
        certificate_at(&mut sent, &format!("{url}{PATH}"));
        assert_eq!(sent.judged().err(), None, "{topic}");
        certificate_at(&mut sent, &format!("{HOST}{PATH}"));
        assert_eq!(sent.judged().err(), Some(Unproven::Key), "{topic}");
    }
}

#[test]
fn a_certificate_is_good_between_its_two_times() {
    let good = sns_certificate();
    for (not_before, not_after, expected) in
        [(NOW, NOW, None), (NOW + 1, NOW + 60, Some(Unproven::Key)), (NOW - 60, NOW - 1, Some(Unproven::Key))]
    {
        let [not_before, not_after] = [not_before, not_after].map(Timestamp::from_secs);
        let certificate = Certificate { not_before, not_after, ..good.clone() };
        assert_eq!(Sent { certificate, ..Sent::notification() }.judged().err(), expected);
    }
}

#[test]
fn a_message_is_of_the_topic_and_of_the_last_hour() {
    use Unproven::{Foreign, Form, Future, Stale};
    each(&[
        (
            "another topic of the account",
            |sent| field(sent, "TopicArn", json!("arn:aws:sns:eu-central-1:123456789012:other")),
            Some(Foreign),
        ),
        (
            "another account's topic",
            |sent| field(sent, "TopicArn", json!("arn:aws:sns:eu-central-1:666666666666:secrets")),
            Some(Foreign),
        ),
        ("the topic in upper case", |sent| field(sent, "TopicArn", json!(SNS_TOPIC.to_uppercase())), Some(Foreign)),
        ("no topic", |sent| field(sent, "TopicArn", Value::Null), Some(Form)),
        ("3900 seconds old", |sent| field(sent, "Timestamp", json!("2026-11-21T17:25:00.000Z")), None),
        ("a little older", |sent| field(sent, "Timestamp", json!("2026-11-21T17:24:59.999Z")), Some(Stale)),
        ("a year old", |sent| field(sent, "Timestamp", json!("2025-11-21T18:30:00.000Z")), Some(Stale)),
        ("300 seconds early", |sent| field(sent, "Timestamp", json!("2026-11-21T18:35:00.000Z")), None),
        ("a little earlier", |sent| field(sent, "Timestamp", json!("2026-11-21T18:35:00.001Z")), Some(Future)),
        ("time is a number", |sent| field(sent, "Timestamp", json!(NOW)), Some(Form)),
        ("time is no time", |sent| field(sent, "Timestamp", json!("2026-11-31T18:30:00.000Z")), Some(Form)),
        ("no time", |sent| field(sent, "Timestamp", Value::Null), Some(Form)),
    ]);
}

#[test]
fn only_a_topics_name_has_a_region() {
    assert_eq!(region(SNS_TOPIC), Some("eu-central-1"));
    for name in [
        "",
        "secrets",
        "arn:aws:sns:eu-central-1:123456789012",
        "arn:aws:sns:eu-central-1:123456789012:secrets:c9135db0",
        "arn:aws:sqs:eu-central-1:123456789012:secrets",
        "arn:aws:sns::123456789012:secrets",
        "arn:aws:sns:attacker.example/:123456789012:secrets",
        "arn:aws:sns:EU-CENTRAL-1:123456789012:secrets",
    ] {
        assert_eq!(region(name), None, "{name}");
    }
}
