//! AWS Secrets Manager tells of a new version through SNS, which signs what it sends and asks first whether it may.

use std::time::Duration;

use bytes::Bytes;
use emulator::scene as company;
use emulator::senders::{Sns, SnsKey, SnsMessage, label_updated};
use emulator::{Fault, FaultKind, NewVersion};
use http::Request;
use http::header::RETRY_AFTER;
use serde_json::{Value, json};

use super::aws::{BOUND, SECRET, put, secrets_manager};
use super::messages::{asked, forged, ignored, refused};
use super::{Source, VERIFIED, address};
use crate::bot::Bot;

crate::stories![
    a_subscription_is_confirmed_once_by_us,
    nobody_elses_subscription_is_confirmed,
    a_notification_is_acted_on_once,
    signatures_by_sha_1_count_where_the_catalog_allows_them,
    a_signature_by_another_algorithm_than_it_says_is_refused,
    a_certificate_from_anywhere_else_is_not_fetched,
    a_certificate_past_its_end_is_not_believed,
    what_is_not_signed_by_the_topic_is_refused,
    what_is_about_something_else_comes_to_nothing;
    here only because "time has to go by before it is delivered again":
    a_confirmation_that_failed_is_made_up_for,
    without_the_certificate_nobody_is_refused_and_it_comes_again,
    an_hour_later_it_is_a_replay,
];

const MINUTE_MS: u64 = 60_000;

fn topic() -> Source {
    secrets_manager(&format!(r#"{{ kind = "Sns", topic = "{}" }}"#, company::SNS_TOPIC))
}

/// A notification of a version that there is now.
fn notified(bot: &Bot, value: &str) -> Sns {
    let version = put(bot, NewVersion::of(value));
    let event = label_updated(&format!("event-{version}"), SECRET, &version, bot.world.now_ms());
    Sns::notification(&format!("message-{version}"), &event, bot.world.now_ms())
}

/// One that would be acted on, of a version that there is not.
fn notification(bot: &Bot) -> Sns {
    let event = label_updated("event-of-nobody", SECRET, "2d1781af-3a4c-4d7c-8d0c-e34b19da4e66", bot.world.now_ms());
    Sns::notification("message-of-nobody", &event, bot.world.now_ms())
}

/// What is asked of AWS: never by an address in a message, so each is known beforehand.
fn certificate() -> String {
    format!("GET sns/{}{}", company::AWS_REGION, company::SNS_CERTIFICATE_PATH)
}

/// The calls that confirm a subscription.
fn confirmations(bot: &Bot) -> usize {
    asked(bot).iter().filter(|call| call.contains("ConfirmSubscription")).count()
}

fn a_subscription_is_confirmed_once_by_us(bot: &mut Bot) {
    bot.is_bound(&topic(), BOUND, "");
    let own = Sns::confirmation("message-1", bot.world.now_ms());
    let SnsMessage::Confirmation { token, .. } = own.message.clone() else { panic!("a confirmation") };
    // Signed by SNS itself, with an address that leads elsewhere.
    let url = "http://127.0.0.1:9/evil/?Action=ConfirmSubscription".to_owned();
    bot.takes(&Sns { message: SnsMessage::Confirmation { token, url }, ..own }.post(&address()));
    let [confirmed] = bot.world.confirmed_subscriptions().try_into().unwrap();
    assert_eq!(confirmed.topic, company::SNS_TOPIC);
    let calls = asked(bot);
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert_eq!(calls[0], certificate());
    let start = format!("GET sns/{}", company::AWS_REGION);
    assert!(calls[1].starts_with(&start) && calls[1].contains("Action=ConfirmSubscription"), "{calls:?}");
    bot.takes(&notified(bot, "after-the-handshake").post(&address()));
    bot.until_card(VERIFIED);
    assert_eq!(confirmations(bot), 1);
}

fn nobody_elses_subscription_is_confirmed(bot: &mut Bot) {
    bot.is_bound(&topic(), BOUND, "");
    let own = Sns::confirmation("message-1", bot.world.now_ms());
    let other = company::SNS_TOPIC.replace("secret-changes", "other-changes");
    forged(bot, "another topic", &Sns { topic: other, ..own.clone() }.post(&address()), "hook-foreign");
    let other = company::SNS_TOPIC.replace(company::AWS_ACCOUNT, "111122223333");
    forged(bot, "another account's", &Sns { topic: other, ..own.clone() }.post(&address()), "hook-foreign");
    assert_eq!(asked(bot), [""; 0]);
    forged(bot, "a forged one", &Sns { key: SnsKey::Stranger, ..own.clone() }.post(&address()), "hook-signature");
    let mut altered = own.post(&address());
    alter(&mut altered, |body| body["Token"] = json!("another"));
    forged(bot, "another token", &altered, "hook-signature");
    assert_eq!((confirmations(bot), bot.world.confirmed_subscriptions().len()), (0, 0));
}

fn a_notification_is_acted_on_once(bot: &mut Bot) {
    bot.is_bound(&topic(), BOUND, "");
    let message = Sns { subject: Some("Secret changed".to_owned()), ..notified(bot, "from-the-topic") };
    let sent = message.post(&address());
    bot.takes(&sent);
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("from-the-topic"));
    bot.takes(&sent);
    bot.takes(&sent);
    bot.rest();
    assert_eq!((bot.logged("nothing-new"), bot.world.opened().len()), (2, 1), "{}", bot.log());
    let certificates = asked(bot).iter().filter(|call| **call == certificate()).count();
    assert_eq!(certificates, 1, "fetched once");
}

fn signatures_by_sha_1_count_where_the_catalog_allows_them(bot: &mut Bot) {
    bot.is_bound(&topic(), BOUND, "");
    forged(bot, "not allowed", &notification(bot).version_1().post(&address()), "hook-algorithm");
    let other = Sns { signature_version: "3".to_owned(), ..notification(bot) };
    forged(bot, "an unknown version", &other.post(&address()), "hook-algorithm");
    assert_eq!(asked(bot), [""; 0]);
    let allowed = secrets_manager(&format!(r#"{{ kind = "Sns", topic = "{}", sha1 = true }}"#, company::SNS_TOPIC));
    bot.is_bound(&allowed, BOUND, "");
    bot.takes(&notified(bot, "by-version-1").version_1().post(&address()));
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("by-version-1"));
}

fn a_signature_by_another_algorithm_than_it_says_is_refused(bot: &mut Bot) {
    let allowed = secrets_manager(&format!(r#"{{ kind = "Sns", topic = "{}", sha1 = true }}"#, company::SNS_TOPIC));
    bot.is_bound(&allowed, BOUND, "");
    let one_as_two = Sns { sha256: false, ..notification(bot) };
    forged(bot, "version 1 as version 2", &one_as_two.post(&address()), "hook-signature");
    let two_as_one = Sns { sha256: true, ..notification(bot).version_1() };
    forged(bot, "version 2 as version 1", &two_as_one.post(&address()), "hook-signature");
}

fn a_certificate_from_anywhere_else_is_not_fetched(bot: &mut Bot) {
    bot.is_bound(&topic(), BOUND, "");
    let (region, path) = (company::AWS_REGION, company::SNS_CERTIFICATE_PATH);
    let host = format!("sns.{region}.amazonaws.com");
    let cases = [
        ("another host", format!("https://evil.example{path}")),
        ("a host that begins like it", format!("https://{host}.evil.example{path}")),
        ("another region", format!("https://sns.us-east-1.amazonaws.com{path}")),
        ("China's domain", format!("https://{host}.cn{path}")),
        ("a bucket named sns", format!("https://sns.s3-{region}.amazonaws.com{path}")),
        ("a bucket of another name", format!("https://s3.{region}.amazonaws.com/sns{path}")),
        ("in clear", format!("http://{host}{path}")),
        ("another port", format!("https://{host}:8443{path}")),
        ("behind a user", format!("https://{host}@evil.example{path}")),
        ("with a query", format!("https://{host}{path}?of=evil")),
        ("another file", format!("https://{host}/evil.pem")),
        ("a path that goes up", format!("https://{host}/../evil{path}")),
        ("too few digits", format!("https://{host}/SimpleNotificationService-7b22.pem")),
        ("other digits", format!("https://{host}{}", path.to_ascii_uppercase())),
        ("nowhere", String::new()),
    ];
    for (what, certificate_url) in cases {
        forged(bot, what, &Sns { certificate_url, ..notification(bot) }.post(&address()), "hook-key");
    }
    assert_eq!(asked(bot), [""; 0], "nothing is fetched from there");
}

fn a_certificate_past_its_end_is_not_believed(bot: &mut Bot) {
    bot.is_bound(&topic(), BOUND, "");
    let path = company::SNS_EXPIRED_CERTIFICATE_PATH;
    let certificate_url = format!("https://sns.{}.amazonaws.com{path}", company::AWS_REGION);
    forged(bot, "expired", &Sns { certificate_url, ..notification(bot) }.post(&address()), "hook-key");
    assert_eq!(asked(bot), [format!("GET sns/{}{path}", company::AWS_REGION)]);
}

/// A case: its name, what is altered after it was signed, and the refusal in the log.
type Case = (&'static str, fn(&mut Value), &'static str);

fn what_is_not_signed_by_the_topic_is_refused(bot: &mut Bot) {
    bot.is_bound(&topic(), BOUND, "");
    let good = notification(bot);
    let now = bot.world.now_ms();
    forged(bot, "raw delivery", &Sns { raw: true, ..good.clone() }.post(&address()), "hook-missing");
    let old = Sns { at_ms: now - 66 * MINUTE_MS, ..good.clone() };
    forged(bot, "older than it is delivered again", &old.post(&address()), "hook-stale");
    let early = Sns { at_ms: now + 6 * MINUTE_MS, ..good.clone() };
    forged(bot, "from the future", &early.post(&address()), "hook-future");
    let topic = company::SNS_TOPIC.replace("secret-changes", "other-changes");
    forged(bot, "another topic", &Sns { topic, ..good.clone() }.post(&address()), "hook-foreign");
    assert_eq!(asked(bot), [""; 0], "nothing is fetched for those");
    forged(bot, "another key", &Sns { key: SnsKey::Stranger, ..good.clone() }.post(&address()), "hook-signature");

    let cases: [Case; 7] = [
        ("no signature", |body| drop(body.as_object_mut().unwrap().remove("Signature")), "hook-missing"),
        ("a part of the signature", |body| cut(&mut body["Signature"]), "hook-signature"),
        ("no base64", |body| body["Signature"] = json!("%%%"), "hook-form"),
        ("another message", |body| body["Message"] = json!("{}"), "hook-signature"),
        ("another id", |body| body["MessageId"] = json!("message-2"), "hook-signature"),
        ("a subject put in", |body| body["Subject"] = json!("Hello"), "hook-signature"),
        ("another kind", |body| body["Type"] = json!("Other"), "hook-form"),
    ];
    for (what, change, name) in cases {
        let mut altered = good.post(&address());
        alter(&mut altered, change);
        forged(bot, what, &altered, name);
    }
    let mut broken = good.post(&address());
    *broken.body_mut() = Bytes::from_static(b"{\"Type\":");
    forged(bot, "no JSON", &broken, "hook-form");
}

fn what_is_about_something_else_comes_to_nothing(bot: &mut Bot) {
    bot.is_bound(&topic(), BOUND, "");
    let now = bot.world.now_ms();
    let mut event = label_updated("event-1", SECRET, "2d1781af-3a4c-4d7c-8d0c-e34b19da4e66", now);
    event["account"] = json!("111122223333");
    ignored(bot, "another account", &Sns::notification("message-1", &event, now).post(&address()));
    let (token, url) = (company::SNS_TOKEN.to_owned(), "https://evil.example/".to_owned());
    let ended = Sns::honest("message-2", SnsMessage::Unsubscribed { token, url }, now);
    ignored(bot, "the subscription's end", &ended.post(&address()));
    assert_eq!(asked(bot), [certificate()], "it is not taken back, and nothing else is asked");
    let text = Sns::honest("message-3", SnsMessage::Notification("Hello there".to_owned()), now);
    refused(bot, "no event", &text.post(&address()), 400);
}

fn a_confirmation_that_failed_is_made_up_for(bot: &mut Bot) {
    bot.is_bound(&topic(), BOUND, "");
    let sent = Sns::confirmation("message-1", bot.world.now_ms()).post(&address());
    bot.world.script(Fault::once("sns", "", FaultKind::LoseRequest));
    let response = refused(bot, "without the certificate", &sent, 503);
    assert_eq!(response.headers()[RETRY_AFTER], "60");
    bot.wait(Duration::from_secs(20));
    // The certificate is had, and then the confirmation fails.
    bot.takes(&notified(bot, "meanwhile").post(&address()));
    bot.until_card(VERIFIED);
    bot.world.script(Fault::once("sns", "", FaultKind::status(503, &json!({}))));
    let response = bot.posted(&sent);
    assert_eq!((response.status().as_u16(), &response.headers()[RETRY_AFTER]), (503, &"60".parse().unwrap()));
    bot.wait(Duration::from_secs(20));
    bot.takes(&sent);
    assert_eq!(bot.world.confirmed_subscriptions().len(), 1);
}

fn without_the_certificate_nobody_is_refused_and_it_comes_again(bot: &mut Bot) {
    bot.is_bound(&topic(), BOUND, "");
    let sent = notified(bot, "delivered-again").post(&address());
    for (what, kind) in [
        ("SNS is down", FaultKind::status(500, &json!({}))),
        ("no answer", FaultKind::LoseRequest),
        ("no certificate", FaultKind::status(200, &json!({}))),
        (
            "another address",
            FaultKind::Status {
                code: 302,
                headers: vec![("location".to_owned(), "http://127.0.0.1:9/evil".to_owned())],
                body: String::new(),
            },
        ),
    ] {
        bot.world.script(Fault::once("sns", ".pem", kind));
        let response = refused(bot, what, &sent, 503);
        assert_eq!(response.headers()[RETRY_AFTER], "60", "{what}");
        bot.wait(Duration::from_secs(20));
    }
    assert!(asked(bot).iter().all(|call| *call == certificate()), "{:?}", asked(bot));
    bot.takes(&sent);
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("delivered-again"));
}

fn an_hour_later_it_is_a_replay(bot: &mut Bot) {
    bot.is_bound(&topic(), BOUND, "");
    let sent = notified(bot, "of-an-hour-ago").post(&address());
    bot.takes(&sent);
    bot.until_card(VERIFIED);
    bot.wait(Duration::from_secs(60 * 60));
    bot.takes(&sent);
    bot.wait(Duration::from_secs(6 * 60));
    assert_eq!(bot.posted(&sent).status(), 401);
    assert_eq!((bot.logged("hook-stale"), bot.logged("nothing-new")), (1, 1));
    bot.rest();
    assert_eq!(bot.world.opened().len(), 1);
}

/// The same request with another body, which nobody has signed.
fn alter(sent: &mut Request<Bytes>, change: impl FnOnce(&mut Value)) {
    let mut body = serde_json::from_slice(sent.body()).unwrap();
    change(&mut body);
    *sent.body_mut() = Bytes::from(body.to_string());
}

/// A text without its last bytes, which is base64 still.
fn cut(text: &mut Value) {
    let whole = text.as_str().unwrap();
    *text = json!(whole[..whole.len() - 4]);
}
