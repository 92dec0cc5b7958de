//! Fabric's tests of connections, at once and as long-running operations.

use std::time::Duration;

use pbi_rotate::clients::fabric::Fabric;
use pbi_rotate::domain::names::Code;
use pbi_rotate::domain::rotation::Test;
use pbi_rotate::domain::target::Connectivity;
use pbi_rotate::domain::trouble::{Cause, Trouble};

use crate::scene::{CONNECTION, connection, token};
use crate::wire::{Answer, Script, answer, run};

const BASE: &str = "https://fabric.test/v1";
const OPERATION: &str = "cfafbeb1-8037-4d0c-896e-a46fb27ff227";

type Outcome = Result<Test, Trouble>;

fn test(via: Connectivity, answers: impl IntoIterator<Item = Answer>) -> (Outcome, Script) {
    let (wire, token) = (Script::new(answers), token());
    let outcome = run(Fabric { wire: &wire, base: BASE, token: &token }.test(&connection(via)));
    (outcome, wire)
}

fn follow(operation: &str, answers: impl IntoIterator<Item = Answer>) -> (Outcome, Script) {
    let (wire, token) = (Script::new(answers), token());
    let outcome = run(Fabric { wire: &wire, base: BASE, token: &token }.follow(operation));
    (outcome, wire)
}

fn ok(body: &str) -> Answer {
    answer(200, &[("requestId", "r1")], body)
}

fn verdict(outcome: Outcome) -> Result<Test, (Cause, Option<String>)> {
    outcome.map_err(|trouble| (trouble.cause, trouble.code.as_ref().map(ToString::to_string)))
}

fn running(seconds: u64) -> Result<Test, (Cause, Option<String>)> {
    Ok(Test::Running { operation: OPERATION.into(), after: Duration::from_secs(seconds) })
}

#[test]
fn a_test_at_once_says_online_or_why_not() {
    let code = |code: &str| Some(code.to_owned());
    let rows = [
        (r#"{"status":"Online"}"#, Ok(Test::Passed)),
        (r#"{"errors":null,"status":"Online"}"#, Ok(Test::Passed)),
        (
            r#"{"status":"Offline","errors":[{"errorCode":"DM_GWPipeline_Client_GatewayUnreachable","message":"m"}]}"#,
            Err((Cause::GatewayOffline, code("DM_GWPipeline_Client_GatewayUnreachable"))),
        ),
        (
            r#"{"errors":[{"message":"m","errorCode":"UnknownError"},{"errorCode":"IncorrectCredentials"}],"status":"Offline"}"#,
            Err((Cause::CredentialRefused, code("IncorrectCredentials"))),
        ),
        (r#"{"status":"Offline","errors":null}"#, Err((Cause::SourceOffline, None))),
        (r#"{"status":"Offline"}"#, Err((Cause::SourceOffline, None))),
        (r#"{"status":"Dreaming"}"#, Err((Cause::Unintelligible, None))),
        ("{}", Err((Cause::Unintelligible, None))),
        ("", Err((Cause::Unintelligible, None))),
    ];
    for (body, expected) in rows {
        let (outcome, wire) = test(Connectivity::OnPremisesGateway, [ok(body)]);
        assert_eq!(wire.lines(), [format!("POST {BASE}/connections/{CONNECTION}/testConnection")]);
        if let Err(trouble) = &outcome {
            assert_eq!(
                (trouble.status, trouble.request_id.as_ref().map(Code::as_str)),
                (Some(200), Some("r1")),
                "{body}"
            );
        }
        assert_eq!(verdict(outcome), expected, "{body}");
    }
}

#[test]
fn streaming_gateways_have_no_test() {
    let (outcome, wire) = test(Connectivity::StreamingVirtualNetworkGateway, []);
    assert_eq!(outcome, Ok(Test::NotOffered));
    assert!(wire.lines().is_empty());
}

#[test]
fn a_test_that_takes_time_names_its_operation() {
    let ours = format!("{BASE}/operations/{OPERATION}");
    let theirs = format!("https://region.test/operations/{OPERATION}");
    let rows = [
        (vec![("x-ms-operation-id", OPERATION), ("Retry-After", "30")], running(30)),
        (
            vec![("x-ms-operation-id", OPERATION), ("Location", "https://elsewhere.test/x"), ("Retry-After", "0")],
            running(1),
        ),
        (vec![("Location", &ours)], running(5)),
        (vec![("Location", &theirs)], running(5)),
        (vec![("Location", "https://fabric.test/v1/operations/../gateways")], Err((Cause::Unintelligible, None))),
        (vec![("x-ms-operation-id", "../gateways")], Err((Cause::Unintelligible, None))),
        (vec![], Err((Cause::Unintelligible, None))),
    ];
    for (headers, expected) in rows {
        let (outcome, _) = test(Connectivity::ShareableCloud, [answer(202, &headers, "")]);
        assert_eq!(verdict(outcome), expected, "{headers:?}");
    }
}

#[test]
fn an_operation_is_followed_at_our_own_base() {
    let state =
        |status: &str| answer(200, &[("Retry-After", "20")], &format!(r#"{{"status":"{status}","error":null}}"#));
    let looked = format!("GET {BASE}/operations/{OPERATION}");
    for status in ["Undefined", "NotStarted", "Running", "Dreaming"] {
        let (outcome, wire) = follow(OPERATION, [state(status)]);
        assert_eq!(verdict(outcome), running(20), "{status}");
        assert_eq!(wire.lines().join(", "), looked);
    }
    for (body, expected) in [
        (r#"{"status":"Online"}"#, Ok(Test::Passed)),
        (
            r#"{"status":"Offline","errors":[{"errorCode":"IncorrectCredentials"}]}"#,
            Err((Cause::CredentialRefused, Some("IncorrectCredentials".to_owned()))),
        ),
    ] {
        let (outcome, wire) = follow(OPERATION, [state("Succeeded"), ok(body)]);
        assert_eq!(verdict(outcome), expected);
        assert_eq!(wire.lines(), [looked.clone(), format!("{looked}/result")]);
    }
}

#[test]
fn an_operation_that_failed_says_why() {
    let rows = [
        (r#"{"errorCode":"EntityNotFound","message":"m"}"#, Cause::NotFound, Some("EntityNotFound")),
        (
            r#"{"errorCode":"UnknownError","moreDetails":[{"errorCode":"DMTS_GatewayIsDisabled"}]}"#,
            Cause::GatewayOffline,
            Some("DMTS_GatewayIsDisabled"),
        ),
        (
            r#"{"errorCode":"UnknownError","requestId":"inner","isRetriable":true}"#,
            Cause::Rejected,
            Some("UnknownError"),
        ),
        ("null", Cause::Rejected, None),
    ];
    for (error, cause, code) in rows {
        let (outcome, _) = follow(OPERATION, [answer(200, &[], &format!(r#"{{"status":"Failed","error":{error}}}"#))]);
        assert_eq!(verdict(outcome), Err((cause, code.map(str::to_owned))), "{error}");
    }
    let (outcome, wire) = follow("../gateways", []);
    assert_eq!(verdict(outcome), Err((Cause::Unintelligible, None)));
    assert!(wire.lines().is_empty());
}
