//! AWS Secrets Manager: labels, what is asked, and what each error code means.

use http::{Method, header};
use pbi_rotate::clients::secrets::aws::SecretsManager;
use pbi_rotate::clients::secrets::{Fetched, Seen, Which};
use pbi_rotate::domain::names::Code;
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::domain::trouble::{Cause, Trouble};
use serde_json::{Value, json};

use crate::scene::{LEAK, NOW, aws_key, headers, odd_values, text, trouble, unusable, why};
use crate::wire::{Answer, Script, answer, run};

const BASE: &str = "https://secretsmanager.eu-central-1.amazonaws.com";

fn manager<T>(wire: &Script, ask: impl AsyncFnOnce(SecretsManager<'_, Script>) -> T) -> T {
    run(ask(SecretsManager { wire, base: BASE, region: "eu-central-1", key: &aws_key(Some("s3ss")), now: NOW }))
}

fn seen(wire: &Script) -> Result<Seen, Trouble> {
    manager(wire, async |manager| manager.seen("sales/db").await)
}

fn fetch(wire: &Script, which: Which) -> Result<Fetched, Trouble> {
    manager(wire, async |manager| manager.fetch("sales/db", which).await)
}

fn json(body: &Value) -> Answer {
    answer(200, &[], &body.to_string())
}

#[test]
fn each_call_is_one_signed_request() {
    type Call = fn(&Script);
    let rows: [(Call, &str, Value); 3] = [
        (|wire| drop(seen(wire)), "DescribeSecret", json!({ "SecretId": "sales/db" })),
        (
            |wire| drop(fetch(wire, Which::Current)),
            "GetSecretValue",
            json!({ "SecretId": "sales/db", "VersionStage": "AWSCURRENT" }),
        ),
        (
            |wire| drop(fetch(wire, Which::Previous)),
            "GetSecretValue",
            json!({ "SecretId": "sales/db", "VersionStage": "AWSPREVIOUS" }),
        ),
    ];
    for (call, action, body) in rows {
        let wire = Script::new([answer(500, &[], "")]);
        call(&wire);
        let request = wire.only();
        assert_eq!((request.method(), request.uri().to_string()), (&Method::POST, format!("{BASE}/")));
        let sent = headers(&request);
        let credential = "authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/eu-central-1/secretsmanager/\
                          aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, ";
        assert!(sent[0].starts_with(credential), "{}", sent[0]);
        let others = [
            "content-type: application/x-amz-json-1.1".to_owned(),
            "x-amz-date: 20261121T183000Z".to_owned(),
            "x-amz-security-token: s3ss".to_owned(),
            format!("x-amz-target: secretsmanager.{action}"),
        ];
        assert_eq!(sent[1..], others);
        assert!(request.headers()[header::AUTHORIZATION].is_sensitive());
        assert!(request.headers()["x-amz-security-token"].is_sensitive());
        assert_eq!(serde_json::from_slice::<Value>(request.body()).unwrap(), body);
    }
}

#[test]
fn the_current_version_is_the_one_with_the_label() {
    let versions = json!({ "v1": ["AWSPREVIOUS", "mine"], "v2": ["other", "AWSCURRENT"], "v3": ["AWSPENDING"] });
    let next = Some(Timestamp(1_800_000_000_500));
    let rows = [
        (json!({ "RotationEnabled": true, "NextRotationDate": 1_800_000_000.5 }), next),
        (json!({ "RotationEnabled": false, "NextRotationDate": 1_800_000_000.5 }), None),
        (json!({ "NextRotationDate": 1_800_000_000 }), None),
        (json!({ "RotationEnabled": true }), None),
    ];
    for (others, next) in rows {
        let mut body = json!({ "ARN": "arn", "Name": "sales/db", "VersionIdsToStages": versions });
        body.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        let seen = seen(&Script::new([json(&body)]));
        assert_eq!(seen, Ok(Seen { version: "v2".into(), expires: None, next }), "{others}");
    }
}

#[test]
fn a_secret_without_a_current_version_is_told_as_such() {
    let rows = [
        (json!({ "ARN": "a" }), unusable("it has no current version")),
        (
            json!({ "ARN": "a", "VersionIdsToStages": { "v1": ["AWSPENDING"], "v2": [] } }),
            unusable("it has no current version"),
        ),
        (
            json!({ "ARN": "a", "DeletedDate": 1.5, "VersionIdsToStages": { "v1": ["AWSCURRENT"] } }),
            unusable("it is marked for deletion"),
        ),
        (json!({ "ARN": "a", "VersionIdsToStages": [] }), (Cause::Unintelligible, None)),
        (
            json!({ "ARN": "a", "VersionIdsToStages": { "v1": ["AWSCURRENT"] }, "NextRotationDate": "soon" }),
            (Cause::Unintelligible, None),
        ),
    ];
    for (body, expected) in rows {
        assert_eq!(why(seen(&Script::new([json(&body)]))), expected, "{body}");
    }
}

#[test]
fn a_value_is_read_as_it_is() {
    for value in odd_values() {
        let wire = Script::new([json(&json!({ "ARN": "a", "VersionId": "v2", "SecretString": value }))]);
        let fetched = fetch(&wire, Which::Current).unwrap_or_else(|trouble| panic!("{trouble:?}"));
        assert_eq!((fetched.version.as_str(), text(&fetched)), ("v2", value.as_str()));
        assert!(fetched.tags.is_empty());
    }
    let rows = [
        (json!({ "VersionId": "v", "SecretBinary": "AAAA" }), unusable("its value is binary, not text")),
        (json!({ "VersionId": "v" }), (Cause::Unintelligible, None)),
        (json!({ "SecretString": LEAK }), (Cause::Unintelligible, None)),
        (json!({ "VersionId": "v", "SecretString": { "a": LEAK } }), (Cause::Unintelligible, None)),
    ];
    for (body, expected) in rows {
        assert_eq!(why(fetch(&Script::new([json(&body)]), Which::Current)), expected, "{body}");
    }
}

#[test]
fn each_error_code_means_something() {
    let clock = Some("the time of our request is not the time there: one of the clocks is off");
    let rows = [
        ("ResourceNotFoundException", LEAK, Cause::NotFound, None),
        ("AccessDeniedException", LEAK, Cause::NotAllowed, None),
        ("UnrecognizedClientException", LEAK, Cause::Identity, None),
        ("InvalidClientTokenId", LEAK, Cause::Identity, None),
        ("IncompleteSignature", LEAK, Cause::Identity, None),
        ("IncompleteSignatureException", LEAK, Cause::Identity, None),
        ("MissingAuthenticationTokenException", LEAK, Cause::Identity, None),
        ("InvalidSignatureException", "The request signature does not match ana.leak", Cause::Identity, None),
        (
            "InvalidSignatureException",
            "Signature expired: 20261121T183000Z is now earlier than ana.leak",
            Cause::Identity,
            clock,
        ),
        ("InvalidSignatureException", "Signature not yet current: ana.leak", Cause::Identity, clock),
        ("RequestExpired", LEAK, Cause::Identity, clock),
        ("RequestExpiredException", LEAK, Cause::Identity, clock),
        ("ExpiredTokenException", LEAK, Cause::Token, Some("the session of our key has ended")),
        ("ThrottlingException", LEAK, Cause::Throttled, None),
        ("Throttling", LEAK, Cause::Throttled, None),
        ("TooManyRequestsException", LEAK, Cause::Throttled, None),
        ("DecryptionFailure", LEAK, Cause::NotAllowed, Some("its KMS key does not decrypt it for us")),
        (
            "InvalidRequestException",
            "the secret was marked for deletion. ana.leak",
            Cause::SecretUnfit,
            Some("it is marked for deletion"),
        ),
        ("InvalidRequestException", LEAK, Cause::Rejected, None),
        ("InvalidParameterException", LEAK, Cause::Rejected, None),
        ("InternalServiceError", LEAK, Cause::Unavailable, None),
        ("ServiceUnavailable", LEAK, Cause::Unavailable, None),
    ];
    for (code, message, cause, note) in rows {
        let kinds = [code.to_owned(), format!("com.amazonaws#{code}"), format!("com.amazonaws#{code}:http://x.test/")];
        for (kind, text) in kinds.iter().zip(["message", "Message", "message"]) {
            let body = json!({ "__type": kind, text: message }).to_string();
            let wire = Script::new([answer(400, &[("x-amzn-requestid", "r1")], &body)]);
            let trouble = trouble(seen(&wire));
            assert_eq!((trouble.cause, trouble.note.as_deref()), (cause, note), "{body}");
            assert_eq!(
                (trouble.code.as_ref().map(Code::as_str), trouble.request_id.as_ref().map(Code::as_str)),
                (Some(code), Some("r1"))
            );
        }
    }
}

#[test]
fn that_there_was_none_before_is_said_so() {
    let gone = || answer(400, &[], &json!({ "__type": "ResourceNotFoundException", "Message": LEAK }).to_string());
    let none = (Cause::NotFound, Some("no version of it is labelled AWSPREVIOUS".to_owned()));
    assert_eq!(why(fetch(&Script::new([gone()]), Which::Previous)), none);
    assert_eq!(why(fetch(&Script::new([gone()]), Which::Current)), (Cause::NotFound, None));
}
