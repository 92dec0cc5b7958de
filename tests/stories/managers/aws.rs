//! AWS Secrets Manager tells of a new version through EventBridge: its own event, and what CloudTrail recorded.

use std::time::Duration;

use bytes::Bytes;
use emulator::scene as company;
use emulator::senders::{EventBridge, cloud_trail_event, label_updated};
use emulator::{Fault, FaultKind, Manager, NewVersion};
use http::Request;
use serde_json::{Value, json};

use super::messages::{ana_rotates_from, asked, fails, forged, ignored, refused, room, times_of, until_the_room_hears};
use super::{Source, VERIFIED, address};
use crate::bot::{Bot, words};
use crate::people::UNAPPROVED;
use crate::scene::ONE_LEAD;

crate::stories![
    a_new_version_is_put_in_place_by_itself,
    alternating_users_take_turns,
    a_key_of_before_is_good_and_another_is_not,
    a_temporary_key_reads_it_too,
    what_cloud_trail_recorded_is_acted_on,
    a_rotation_that_failed_there_is_told_with_a_button,
    what_is_about_something_else_comes_to_nothing,
    a_version_that_is_pending_is_left_alone,
    a_value_that_cannot_be_used_is_said_on_the_card,
    what_keeps_the_bot_from_looking_is_said_in_the_room,
    what_keeps_the_bot_from_reading_is_said_on_the_card;
    here only because "time has to go by before something is tried again, or clocks differ":
    it_is_asked_again_when_it_wants_to_be,
    a_rotation_that_is_overdue_there_is_waited_for,
    a_clock_that_is_off_is_said,
];

/// The secret that `sales-db` is bound to.
pub(super) const SECRET: &str = "sales/db";
/// What the catalog says of one with a plain value.
pub(super) const BOUND: &str = r#"name = "sales/db""#;
/// What it says of one that a rotation function makes.
const BY_KEYS: &str = r#"name = "sales/db", fields = { password = "password" }, username = { key = "username" }"#;
/// What a card says when the value could not be had.
const FAILED: &str = "Not rotated";

/// The account's secrets, with events of that kind.
pub(super) fn secrets_manager(events: &str) -> Source {
    let manager = format!(
        r#"manager = {{ kind = "AwsSecretsManager", region = "{}", account = "{}" }}"#,
        company::AWS_REGION,
        company::AWS_ACCOUNT
    );
    let secrets = json!({"access_key_id": company::AWS_KEY_ID, "secret_access_key": company::AWS_SECRET_KEY});
    Source { table: format!("{manager}\nevents = {events}"), secrets }
}

fn event_bridge() -> Source {
    let mut source = secrets_manager(r#"{ kind = "EventBridge" }"#);
    source.secrets["keys"] = json!([company::HOOK_KEY, company::HOOK_KEY_OLD]);
    source
}

/// Puts a version into the manager.
pub(super) fn put(bot: &Bot, new: NewVersion) -> String {
    bot.secret(&new.value);
    bot.world.put_secret(Manager::Aws, SECRET, new)
}

fn told(event: Value) -> Request<Bytes> {
    EventBridge::honest(event).post(&address())
}

/// The event of a version that there is now.
fn new_version(bot: &Bot, value: &str) -> Request<Bytes> {
    updated(bot, &put(bot, NewVersion::of(value)))
}

fn updated(bot: &Bot, version: &str) -> Request<Bytes> {
    told(label_updated(&format!("event-{version}"), SECRET, version, bot.world.now_ms()))
}

fn recorded(bot: &Bot, name: &str) -> Value {
    cloud_trail_event(&format!("event-{name}"), name, SECRET, bot.world.now_ms())
}

fn card(bot: &Bot) -> String {
    words(&bot.card(company::CHANNEL_DATA_OPS).blocks)
}

/// What a rotation function of AWS for databases keeps.
fn login(bot: &Bot, user: &str, password: &str) -> String {
    let value = json!({"engine": "sqlserver", "host": "sales", "username": user, "password": bot.secret(password)});
    value.to_string()
}

fn a_new_version_is_put_in_place_by_itself(bot: &mut Bot) {
    bot.is_bound(&event_bridge(), BOUND, "");
    bot.takes(&new_version(bot, "from-aws"));
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("from-aws"));
    assert!(card(bot).contains("Asked by the secret manager vault: New version of sales/db"), "{}", card(bot));
}

fn alternating_users_take_turns(bot: &mut Bot) {
    bot.is_bound(&event_bridge(), BY_KEYS, "");
    for (times, user, password) in
        [(1, "feed_a", "of-the-first"), (2, "feed_b", "of-the-second"), (3, "feed_a", "anew")]
    {
        bot.takes(&new_version(bot, &login(bot, user, password)));
        bot.until("it is in place", |world| world.opened().len() == times);
        let opened = bot.world.opened().pop().unwrap().plaintext;
        assert!(opened.contains(&format!("{user}\"")) && opened.contains(password), "{opened}");
        bot.until_card(VERIFIED);
        assert!(card(bot).contains(&format!("Its user name is {user} now.")), "{}", card(bot));
    }
}

fn a_key_of_before_is_good_and_another_is_not(bot: &mut Bot) {
    bot.is_bound(&event_bridge(), BOUND, "");
    let version = put(bot, NewVersion::of("by-the-old-key"));
    let event = label_updated("event-1", SECRET, &version, bot.world.now_ms());
    let by = |key: Option<&str>| EventBridge { key: key.map(str::to_owned), event: event.clone() }.post(&address());
    forged(bot, "no key", &by(None), "hook-missing");
    forged(bot, "another key", &by(Some("7N6ug1hRQ6EQv25xb83xaX8ceB86FAxlZPS6KRPbYf2")), "hook-signature");
    forged(bot, "a part of the key", &by(Some(&company::HOOK_KEY[1..])), "hook-signature");
    let mut twice = by(Some(company::HOOK_KEY));
    twice.headers_mut().append(company::HOOK_KEY_HEADER, company::HOOK_KEY_OLD.parse().unwrap());
    refused(bot, "two keys", &twice, 401);
    assert_eq!(asked(bot), [""; 0]);
    bot.takes(&by(Some(company::HOOK_KEY_OLD)));
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("by-the-old-key"));
}

fn a_temporary_key_reads_it_too(bot: &mut Bot) {
    let mut source = event_bridge();
    source.secrets["access_key_id"] = json!(company::AWS_SESSION_KEY_ID);
    source.secrets["secret_access_key"] = json!(company::AWS_SESSION_SECRET_KEY);
    source.secrets["session_token"] = json!(company::AWS_SESSION_TOKEN);
    bot.is_bound(&source, BOUND, "");
    bot.takes(&new_version(bot, "by-a-session"));
    bot.until_card(VERIFIED);
    bot.world.end_manager_logins();
    bot.takes(&new_version(bot, "after-its-end"));
    let notice = until_the_room_hears(bot, "cannot be looked at.");
    assert!(notice.text.contains("The session of our key has ended."), "{}", notice.text);
    assert_eq!(bot.password().as_deref(), Some("by-a-session"));
}

fn what_cloud_trail_recorded_is_acted_on(bot: &mut Bot) {
    bot.is_bound(&event_bridge(), BOUND, "");
    let calls = ["PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage", "RotationSucceeded"];
    for (times, name) in (1..).zip(calls) {
        put(bot, NewVersion::of(&format!("after-{name}")));
        let mut event = recorded(bot, name);
        if let Some(answered) = event["detail"]["responseElements"].as_object_mut().filter(|_| times == 1) {
            // As it was spelt until February 2024.
            let arn = answered.remove("arn").unwrap();
            answered.insert("aRN".to_owned(), arn);
        }
        bot.takes(&told(event));
        bot.until("it is in place", |world| world.opened().len() == times);
        assert_eq!(bot.password(), Some(format!("after-{name}")));
        bot.until_card(VERIFIED);
    }
}

fn a_rotation_that_failed_there_is_told_with_a_button(bot: &mut Bot) {
    bot.is_bound(&event_bridge(), BOUND, "");
    put(bot, NewVersion::of("the-present-one"));
    bot.takes(&told(recorded(bot, "RotationFailed")));
    let says = "Sales warehouse: vault could not rotate sales/db. What is in place stays.";
    let notice = until_the_room_hears(bot, says);
    bot.only_looked();
    assert_eq!(bot.world.secret_reads(), []);
    ana_rotates_from(bot, &notice);
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("the-present-one"));
    assert_eq!(room(bot).len(), 1);
}

fn what_is_about_something_else_comes_to_nothing(bot: &mut Bot) {
    bot.is_bound(&event_bridge(), BOUND, "");
    let version = put(bot, NewVersion::of("never-asked-for"));
    let event = label_updated("event-1", SECRET, &version, bot.world.now_ms());
    let other = |pointer: &str, value: Value| {
        let mut event = event.clone();
        *event.pointer_mut(pointer).unwrap() = value;
        told(event)
    };
    ignored(bot, "another account", &other("/account", json!("111122223333")));
    ignored(bot, "another region", &other("/region", json!("us-east-1")));
    ignored(bot, "another service", &other("/source", json!("aws.ssm")));
    ignored(bot, "an unknown type", &other("/detail-type", json!("Secret Deleted")));
    ignored(bot, "another label", &other("/detail/labelUpdated", json!("BLUE")));
    ignored(bot, "an unbound secret", &other("/detail/name", json!("sales/db2")));
    ignored(bot, "the same in another case", &other("/detail/name", json!("Sales/DB")));
    for name in ["RotationStarted", "RotationAbandoned", "GetSecretValue"] {
        ignored(bot, name, &told(recorded(bot, name)));
    }
    let mut refused_call = recorded(bot, "PutSecretValue");
    refused_call["detail"]["errorCode"] = json!("AccessDenied");
    ignored(bot, "a call that was refused", &told(refused_call));
    let mut elsewhere = recorded(bot, "RotationFailed");
    let arn = elsewhere["detail"]["additionalEventData"]["SecretId"].as_str().unwrap().to_owned();
    elsewhere["detail"]["additionalEventData"]["SecretId"] = json!(arn.replace(company::AWS_ACCOUNT, "111122223333"));
    ignored(bot, "an ARN of another account", &told(elsewhere));

    refused(bot, "without an id", &other("/id", Value::Null), 400);
    refused(bot, "without a name", &other("/detail/name", Value::Null), 400);
    let mut broken = told(event);
    *broken.body_mut() = Bytes::from_static(b"{\"id\":");
    refused(bot, "no JSON", &broken, 400);
    *broken.body_mut() = Bytes::from(vec![b' '; 200 * 1024]);
    refused(bot, "200 kB", &broken, 413);
    assert_eq!(asked(bot), [""; 0], "nobody is asked anything for those");
}

fn a_version_that_is_pending_is_left_alone(bot: &mut Bot) {
    bot.is_bound(&event_bridge(), BOUND, "");
    bot.takes(&new_version(bot, "the-current-one"));
    bot.until_card(VERIFIED);
    let pending = put(bot, NewVersion { pending: true, ..NewVersion::of("not-tested-yet") });
    bot.takes(&updated(bot, &pending));
    bot.until("it was looked at", |_| bot.happened("secret", "same") == 1);
    bot.rest();
    assert_eq!(bot.world.opened().len(), 1);
    bot.world.finish_rotation(SECRET);
    bot.takes(&told(label_updated("event-of-the-end", SECRET, &pending, bot.world.now_ms())));
    bot.until("it is in place", |world| world.opened().len() == 2);
    assert_eq!(bot.password().as_deref(), Some("not-tested-yet"));
}

fn a_value_that_cannot_be_used_is_said_on_the_card(bot: &mut Bot) {
    let long = "x".repeat(65_537);
    let cases = [
        (BOUND, NewVersion { binary: true, ..NewVersion::of("of-bytes") }, "Its value is binary, not text."),
        (BY_KEYS, NewVersion::of("no-json"), "Its value is not the JSON that fields are read from."),
        (
            BY_KEYS,
            NewVersion::of(r#"{"username": "feed_a"}"#),
            "Its value has no text under a key that the catalog names.",
        ),
        (
            BY_KEYS,
            NewVersion::of(r#"{"username": " ", "password": "of-nobody"}"#),
            "It has no user name where the catalog says that there is one.",
        ),
        (BOUND, NewVersion::of(&long), "Its value is too long."),
    ];
    for (binding, new, says) in cases {
        bot.world.reset();
        bot.is_bound(&event_bridge(), binding, "");
        bot.takes(&updated(bot, &put(bot, new)));
        bot.until_card(FAILED);
        assert!(card(bot).contains(says), "{says}: {}", card(bot));
        bot.nothing_was_sent();
    }
}

/// What goes wrong there, and what people are told of that.
type Trouble = (fn(&Bot), &'static str);

const TROUBLES: [Trouble; 4] = [
    (
        |bot| bot.world.set_manager_denied(Manager::Aws, true),
        "AWS Secrets Manager says this program may not do that. Its policy has to allow GetSecretValue and \
         DescribeSecret on the secret, and Decrypt with its key. (400, AccessDeniedException)",
    ),
    (|bot| bot.world.delete_secret(Manager::Aws, SECRET), "It is marked for deletion."),
    (
        |bot| {
            let body = json!({"__type": "UnrecognizedClientException", "message": "The security token is invalid."});
            bot.world.script(Fault::once("aws", "", FaultKind::status(400, &body)));
        },
        "AWS Secrets Manager refused this program's own identity. Its client secret may be wrong or expired. \
         (400, UnrecognizedClientException)",
    ),
    (
        |bot| {
            let body = json!({"__type": "com.amazonaws#ResourceNotFoundException", "message": "no such secret"});
            bot.world.script(Fault::once("aws", "", FaultKind::status(400, &body)));
        },
        "AWS Secrets Manager does not find it, or hides it from this program. Check the ids in the catalog and its \
         rights. (400, ResourceNotFoundException)",
    ),
];

fn what_keeps_the_bot_from_looking_is_said_in_the_room(bot: &mut Bot) {
    for (happens, says) in TROUBLES {
        bot.world.reset();
        bot.is_bound(&event_bridge(), BOUND, "");
        let message = new_version(bot, "not-to-be-had");
        happens(bot);
        bot.takes(&message);
        let notice = until_the_room_hears(bot, "may have a new version, and cannot be looked at.");
        assert!(notice.text.contains(says), "{says}: {}", notice.text);
        assert_eq!(room(bot).len(), 1, "{says}");
        bot.only_looked();
    }
}

fn what_keeps_the_bot_from_reading_is_said_on_the_card(bot: &mut Bot) {
    for (happens, says) in TROUBLES {
        bot.world.reset();
        bot.is_bound(&event_bridge(), BOUND, ONE_LEAD);
        bot.takes(&new_version(bot, "not-to-be-had"));
        bot.until_card(UNAPPROVED);
        happens(bot);
        bot.taps(company::BEN, "Approve");
        bot.until_card(FAILED);
        assert!(card(bot).contains(says), "{says}: {}", card(bot));
        bot.nothing_was_sent();
    }
}

fn it_is_asked_again_when_it_wants_to_be(bot: &mut Bot) {
    bot.is_bound(&event_bridge(), BOUND, ONE_LEAD);
    let slower = json!({"__type": "ThrottlingException", "message": "Rate exceeded"});
    fails(bot, "aws", "", 503, 1);
    bot.world.script(Fault::once("aws", "", FaultKind::throttled(70)));
    bot.world.script(Fault::once("aws", "", FaultKind::status(400, &slower)));
    bot.takes(&new_version(bot, "in-the-end"));
    bot.until_card(UNAPPROVED);
    let gaps =
        |bot: &Bot| -> Vec<u64> { times_of(bot, "aws", "").windows(2).map(|two| (two[1] - two[0]) / 1000).collect() };
    let looking = gaps(bot);
    let fit = matches!(looking[..], [2..=3, 70..=88, 30..=38]);
    assert!(fit, "doubled, as told, and half a minute where nothing is told: {looking:?}");
    bot.world.script(Fault::once("aws", "", FaultKind::throttled(100)));
    bot.taps(company::BEN, "Approve");
    bot.until("the card says so", |_| {
        card(bot).contains("It is tried again. AWS Secrets Manager asks us to slow down")
    });
    bot.until_card(VERIFIED);
    assert!(gaps(bot)[looking.len()..].iter().any(|gap| (100..=125).contains(gap)), "{:?}", gaps(bot));
    assert_eq!(room(bot), [""; 0], "what passes is nothing to tell of");
}

fn a_clock_that_is_off_is_said(bot: &mut Bot) {
    bot.is_bound(&event_bridge(), BOUND, "");
    let message = new_version(bot, "at-another-time");
    bot.here().put_clock_back(Duration::from_secs(20 * 60));
    bot.takes(&message);
    let notice = until_the_room_hears(bot, "cannot be looked at.");
    let says = "The time of our request is not the time there: one of the clocks is off.";
    assert!(notice.text.contains(says), "{}", notice.text);
}

/// A rotation that failed in AWS leaves the date of the next one in the past.
fn a_rotation_that_is_overdue_there_is_waited_for(bot: &mut Bot) {
    bot.is_bound(&event_bridge(), BOUND, "");
    let version = put(bot, NewVersion::of("overdue-there"));
    bot.takes(&updated(bot, &version));
    bot.until_card(VERIFIED);
    bot.rest();
    let past = bot.world.now_ms() / 1000 - 3600;
    let overdue = json!({
        "ARN": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:sales/db-AbCdEf",
        "RotationEnabled": true,
        "NextRotationDate": past,
        "VersionIdsToStages": { version.as_str(): ["AWSCURRENT"] },
    });
    bot.world.script(Fault::once("aws", "", FaultKind::status(200, &overdue)).repeated(1000));
    let looked = || bot.happened("secret", "same");
    let before = looked();
    bot.wakes_up();
    bot.rest();
    assert_eq!(looked(), before + 1, "once");
    bot.wait(Duration::from_secs(24 * 60 * 60));
    let times = looked() - before;
    assert!((24..50).contains(&times), "soon at first, and then every hour: {times}");
    assert_eq!(bot.happened("open", "ok"), 1);
}
