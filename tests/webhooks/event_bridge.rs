//! Amazon EventBridge: the secret header, and what events of Secrets Manager say.

use pbi_rotate::codec::webhook::Unproven::{self, Form, Missing, Signature, Unchecked};
use pbi_rotate::codec::webhook::event_bridge::{event, read, verify};
use pbi_rotate::codec::webhook::{Malformed, Message};
use pbi_rotate::domain::source::{Manager, News};
use serde_json::{Value, json};

use crate::post::{KEYS, Said, Sent, each, hint, named, nested, said};

const HEADER: &str = "x-pbi-rotate-key";
const ARN: &str = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:sales/db-password-a1B2c3";

fn sent(body: &str) -> Sent {
    Sent::new(vec![(HEADER, KEYS[0].to_owned())], body, &KEYS)
}

fn good() -> Sent {
    sent(&updated().to_string())
}

fn refusal(sent: &Sent) -> Option<Unproven> {
    verify(sent.post(&sent.head()), &sent.keys()).err()
}

fn ours() -> Manager {
    Manager::Aws { region: "eu-central-1".to_owned(), account: "111122223333".to_owned() }
}

/// As AWS's documentation shows it.
fn updated() -> Value {
    json!({
        "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": "Secret Label Updated",
        "source": "aws.secretsmanager", "account": "111122223333", "time": "2026-11-21T18:30:00Z",
        "region": "eu-central-1", "resources": [ARN],
        "detail": { "name": "sales/db-password", "labelUpdated": "AWSCURRENT", "versionId": "v-7" },
    })
}

fn recorded(kind: &str, name: &str, detail: Value) -> Value {
    let mut event = updated();
    event["detail-type"] = json!(kind);
    event["resources"] = json!([]);
    event["detail"] = detail;
    event["detail"]["eventName"] = json!(name);
    event
}

fn told(value: &Value) -> Result<Said, Malformed> {
    let read = |hint| said(Message::Hints(vec![hint]));
    event(value, &ours()).map(read)
}

const OTHER: Said = (None, None, News::Other);

#[test]
fn only_an_active_key_proves_a_post() {
    each(
        good,
        refusal,
        &[
            ("as it comes", |_| {}, None),
            ("the key before", |sent| *sent.header(HEADER) = KEYS[1].to_owned(), None),
            ("a key that is gone", |sent| *sent.header(HEADER) = "k3y-long-ago".to_owned(), Some(Signature)),
            ("a truncated key", |sent| sent.header(HEADER).truncate(20), Some(Signature)),
            ("a character more", |sent| sent.header(HEADER).push('6'), Some(Signature)),
            ("the key in capitals", |sent| *sent.header(HEADER) = KEYS[0].to_ascii_uppercase(), Some(Signature)),
            ("both keys", |sent| *sent.header(HEADER) = KEYS.join(","), Some(Signature)),
            ("an empty key", |sent| sent.header(HEADER).clear(), Some(Signature)),
            ("a huge key", |sent| *sent.header(HEADER) = "k".repeat(60_000), Some(Signature)),
            ("no header", |sent| sent.without(HEADER), Some(Missing)),
            ("two headers", |sent| sent.twice(HEADER), Some(Form)),
            ("not ASCII", |sent| sent.header(HEADER).push('ä'), Some(Form)),
            ("nobody's key", |sent| sent.keys.clear(), Some(Unchecked)),
            (
                "an empty key is active, and sent",
                |sent| {
                    sent.keys = vec![String::new()];
                    sent.header(HEADER).clear();
                },
                Some(Unchecked),
            ),
        ],
    );
}

#[test]
fn a_proven_post_is_read() {
    let sent = good();
    let proven = verify(sent.post(&sent.head()), &sent.keys()).expect("proven");
    let hint = hint(read(proven, &ours()).expect("an event"));
    assert_eq!(hint.event, "6a7e8feb-b491-4cf7-a9f1-bf3703467718");
    assert_eq!(
        (hint.secret, hint.version.as_deref(), hint.news),
        (named("sales/db-password"), Some("v-7"), News::Changed)
    );
    for body in ["", "{", "[]", "\"x\"", &nested(200)] {
        let sent = self::sent(body);
        let proven = verify(sent.post(&sent.head()), &sent.keys()).expect("proven");
        assert_eq!(read(proven, &ours()), Err(Malformed), "{body:.20}");
    }
}

#[test]
fn a_moved_label_is_news_only_for_the_current_version_of_our_account() {
    let changed = Ok((named("sales/db-password"), Some("v-7".to_owned()), News::Changed));
    type Change = fn(&mut Value);
    let cases: [(&str, Change, Result<Said, Malformed>); 14] = [
        ("as documented", |_| {}, changed),
        (
            "without a version",
            |event| event["detail"]["versionId"] = Value::Null,
            Ok((named("sales/db-password"), None, News::Changed)),
        ),
        ("a label of the customer's", |event| event["detail"]["labelUpdated"] = json!("BLUE"), Ok(OTHER)),
        ("no label", |event| event["detail"]["labelUpdated"] = Value::Null, Ok(OTHER)),
        ("another account", |event| event["account"] = json!("999999999999"), Ok(OTHER)),
        ("no account", |event| event["account"] = Value::Null, Ok(OTHER)),
        ("another region", |event| event["region"] = json!("us-east-1"), Ok(OTHER)),
        ("another service", |event| event["source"] = json!("aws.ec2"), Ok(OTHER)),
        ("somebody's own event", |event| event["source"] = json!("com.contoso"), Ok(OTHER)),
        ("another type", |event| event["detail-type"] = json!("Secret Deleted"), Ok(OTHER)),
        ("no type", |event| event["detail-type"] = Value::Null, Ok(OTHER)),
        ("no id", |event| event["id"] = Value::Null, Err(Malformed)),
        ("no name", |event| event["detail"]["name"] = Value::Null, Err(Malformed)),
        ("detail is a list of 5,000", |event| event["detail"] = json!(vec![0; 5000]), Err(Malformed)),
    ];
    for (name, change, expected) in cases {
        let mut event = updated();
        change(&mut event);
        assert_eq!(told(&event), expected, "{name}");
    }
    assert_eq!(event(&updated(), &Manager::Pushed).expect("an event").news, News::Other, "a source of another kind");
}

#[test]
fn cloud_trail_tells_of_rotations_and_calls() {
    const SERVICE: &str = "AWS Service Event via CloudTrail";
    const CALL: &str = "AWS API Call via CloudTrail";
    let ours = |news| Ok((named("sales/db-password"), None, news));
    let by_service =
        json!({ "requestParameters": null, "responseElements": null, "additionalEventData": { "SecretId": ARN } });
    for (name, kind, detail, expected) in [
        ("RotationFailed", SERVICE, by_service.clone(), ours(News::RotationFailed)),
        ("RotationSucceeded", SERVICE, by_service.clone(), ours(News::Changed)),
        ("RotationStarted", SERVICE, by_service.clone(), Ok(OTHER)),
        ("RotationAbandoned", SERVICE, by_service, Ok(OTHER)),
        ("PutSecretValue", CALL, json!({ "responseElements": { "arn": ARN } }), ours(News::Changed)),
        ("UpdateSecret", CALL, json!({ "responseElements": { "aRN": ARN } }), ours(News::Changed)),
        ("UpdateSecretVersionStage", CALL, json!({ "requestParameters": { "secretId": ARN } }), ours(News::Changed)),
        (
            "PutSecretValue",
            CALL,
            json!({ "requestParameters": { "secretId": "sales/db-password" } }),
            ours(News::Changed),
        ),
        (
            "PutSecretValue",
            CALL,
            json!({ "errorCode": "AccessDenied", "requestParameters": { "secretId": ARN } }),
            Ok(OTHER),
        ),
        ("GetSecretValue", CALL, json!({ "requestParameters": { "secretId": ARN } }), Ok(OTHER)),
        ("RotationFailed", SERVICE, json!({}), Err(Malformed)),
        ("RotationFailed", SERVICE, json!({ "additionalEventData": { "SecretId": "" } }), Err(Malformed)),
        ("RotationFailed", SERVICE, json!({ "additionalEventData": { "SecretId": [ARN] } }), Err(Malformed)),
    ] {
        assert_eq!(told(&recorded(kind, name, detail.clone())), expected, "{name} {detail}");
    }
}

#[test]
fn a_secrets_name_is_taken_out_of_its_arn() {
    let of = |arn: &str| {
        told(&recorded(
            "AWS Service Event via CloudTrail",
            "RotationFailed",
            json!({ "additionalEventData": { "SecretId": arn } }),
        ))
    };
    let arn = |name: &str| format!("arn:aws:secretsmanager:eu-central-1:111122223333:secret:{name}");
    for (name, expected) in [
        ("db-a1B2c3", "db"),
        ("sales/db-password-a1B2c3", "sales/db-password"),
        ("without_suffix", "without_suffix"),
        ("x", "x"),
        ("db-a1B2c", "db-a1B2c"),
        ("db-a1B2c3d", "db-a1B2c3d"),
        ("db-\u{e4}1B2c", "db-\u{e4}1B2c"),
    ] {
        assert_eq!(of(&arn(name)), Ok((named(expected), None, News::RotationFailed)), "{name}");
    }
    for arn in [
        "arn:aws:secretsmanager:eu-central-1:999999999999:secret:db-a1B2c3",
        "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-a1B2c3",
        "arn:aws:ssm:eu-central-1:111122223333:secret:db-a1B2c3",
        "arn:aws:secretsmanager:eu-central-1:111122223333:parameter:db-a1B2c3",
        "arn:aws:secretsmanager",
        "arn:",
    ] {
        assert_eq!(of(arn), Ok(OTHER), "{arn}");
    }
    let china = "arn:aws-cn:secretsmanager:eu-central-1:111122223333:secret:db-a1B2c3";
    assert_eq!(of(china), Ok((named("db"), None, News::RotationFailed)), "another partition");
    assert_eq!(of(&arn("-a1B2c3")), Err(Malformed), "no name at all");
}
