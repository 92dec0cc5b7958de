//! What the answers that are no success mean: every shape of error body, every code, every status.

use std::time::Duration;

use pbi_rotate::clients::fabric::Fabric;
use pbi_rotate::clients::powerbi::PowerBi;
use pbi_rotate::domain::names::Code;
use pbi_rotate::domain::target::Reach;
use pbi_rotate::domain::trouble::{Cause, Details, Service, Trouble};
use pbi_rotate::ports::Lost;

use crate::scene::{CONNECTION, guid, source, token};
use crate::wire::{Answer, Script, answer, run};

fn from_powerbi(answer: Answer) -> Trouble {
    let (wire, token) = (Script::new([answer]), token());
    let client = PowerBi { wire: &wire, base: "https://powerbi.test/v1.0/myorg", token: &token };
    run(client.test(&source(Reach::Cloud))).expect_err("trouble")
}

fn from_fabric(answer: Answer) -> Trouble {
    let (wire, token) = (Script::new([answer]), token());
    let client = Fabric { wire: &wire, base: "https://fabric.test/v1", token: &token };
    run(client.connection(&guid(CONNECTION))).expect_err("trouble")
}

fn verdict(trouble: &Trouble) -> (Cause, Option<&str>) {
    (trouble.cause, trouble.code.as_ref().map(Code::as_str))
}

/// Every code the services are known to send, and what it means with a 400.
const CODES: [(&str, Cause); 29] = [
    ("DMTS_InvalidEncryptionAlgorithmError", Cause::EncryptionRefused),
    ("DMTS_InvalidCredentialTypeError", Cause::KindRefused),
    ("DMTS_DatasourceHasNoCredentialError", Cause::Rejected),
    ("DMTS_MonikerWithUnboundDataSources", Cause::Rejected),
    ("DMTS_DuplicateDataSourceNameError", Cause::Rejected),
    ("DMTS_GatewayIsDisabled", Cause::GatewayOffline),
    ("DM_GWPipeline_Gateway_InvalidConnectionCredentials", Cause::CredentialRefused),
    ("DM_GWPipeline_Gateway_DataSourceAccessError", Cause::CredentialRefused),
    ("DM_GWPipeline_Client_GatewayUnreachable", Cause::GatewayOffline),
    ("DM_GWPipeline_UnknownError", Cause::Rejected),
    ("GatewayNotFound", Cause::NotFound),
    ("DMS_CredentialsNotFoundInAzureKeyVaultErrorCode", Cause::KeyVaultReference),
    ("PowerBINotAuthorizedException", Cause::NotAllowed),
    ("TokenExpired", Cause::Token),
    ("BadRequest", Cause::Rejected),
    ("InvalidRequest", Cause::Rejected),
    ("EntityNotFound", Cause::NotFound),
    ("InsufficientPermissionsToManageConnection", Cause::NotAllowed),
    ("InsufficientPermissionsToManageGateway", Cause::NotAllowed),
    ("DuplicateConnectionName", Cause::Rejected),
    ("IncorrectCredentials", Cause::CredentialRefused),
    ("UpdateGatewayConnectionFailed", Cause::Rejected),
    ("CreateGatewayConnectionFailed", Cause::Rejected),
    ("InvalidCredentialDetails", Cause::Rejected),
    ("InvalidConnectionDetails", Cause::Rejected),
    ("RequestBlocked", Cause::Throttled),
    ("UnknownError", Cause::Rejected),
    ("GatewayInvalidPrincipalType", Cause::Rejected),
    ("DuplicateGatewayName", Cause::Rejected),
];

#[test]
fn every_code_means_the_same_in_every_shape() {
    for (code, cause) in CODES {
        let powerbi = [
            answer(
                400,
                &[],
                &format!(
                    r#"{{"error":{{"code":"{code}","pbi.error":{{"code":"{code}","parameters":{{}},"details":[{{"code":
                    "DM_ErrorDetailNameCode_UnderlyingErrorMessage","detail":{{"type":1,"value":"Login failed for user 'ana'"}}}}],
                    "exceptionCulprit":1}}}}}}"#
                ),
            ),
            answer(
                400,
                &[],
                &format!(r#"{{"error":{{"code":"{code}","message":"m","details":[{{"message":"m"}}]}}}}"#),
            ),
            answer(400, &[], &format!(r#"{{"error":{{"details":[{{"target":"t","code":"{code}"}}]}}}}"#)),
            answer(400, &[], &format!(r#"{{"error":{{"code":"Outer","pbi.error":{{"code":"{code}"}}}}}}"#)),
            answer(400, &[("X-PowerBI-Error-Info", code)], ""),
        ];
        for answer in powerbi {
            assert_eq!(verdict(&from_powerbi(answer)), (cause, Some(code)), "{code}");
        }
        let fabric = [
            answer(400, &[], &format!(r#"{{"message":"m","errorCode":"{code}","moreDetails":null}}"#)),
            answer(400, &[("x-ms-public-api-error-code", code)], "<html>"),
            answer(
                400,
                &[("x-ms-public-api-error-code", "UpdateGatewayConnectionFailed")],
                &format!(
                    r#"{{"isRetriable":false,"moreDetails":[{{"message":"m","errorCode":"{code}"}}],"message":"m","errorCode":
                    "UpdateGatewayConnectionFailed","relatedResource":null}}"#
                ),
            ),
        ];
        for answer in fabric {
            assert_eq!(verdict(&from_fabric(answer)), (cause, Some(code)), "{code}");
        }
    }
}

#[test]
fn of_several_codes_the_innermost_definite_one_counts() {
    let body = |codes: [&str; 3]| {
        let [outer, first, second] = codes;
        format!(r#"{{"errorCode":"{outer}","moreDetails":[{{"errorCode":"{first}"}},{{"errorCode":"{second}"}}]}}"#)
    };
    let rows = [
        (
            ["IncorrectCredentials", "UnknownError", "DMTS_GatewayIsDisabled"],
            Cause::GatewayOffline,
            "DMTS_GatewayIsDisabled",
        ),
        (["EntityNotFound", "UnknownError", "NeverHeardOf"], Cause::NotFound, "EntityNotFound"),
        (["UpdateGatewayConnectionFailed", "NeverHeardOf", "UnknownError"], Cause::Rejected, "NeverHeardOf"),
    ];
    for (codes, cause, code) in rows {
        assert_eq!(verdict(&from_fabric(answer(400, &[], &body(codes)))), (cause, Some(code)));
    }
}

#[test]
fn without_a_code_the_status_counts() {
    let bodies = ["", "<!DOCTYPE html><html>", r#"{"Message":"API is not accessible for application"}"#, "null", "[1"];
    let rows = [
        (301, Cause::Unintelligible),
        (302, Cause::Unintelligible),
        (304, Cause::Unintelligible),
        (400, Cause::Rejected),
        (401, Cause::Token),
        (403, Cause::NotAllowed),
        (404, Cause::NotFound),
        (408, Cause::Unavailable),
        (409, Cause::Rejected),
        (429, Cause::Throttled),
        (500, Cause::Unavailable),
        (502, Cause::Unavailable),
        (503, Cause::Unavailable),
        (504, Cause::Unavailable),
    ];
    for (status, cause) in rows {
        for body in bodies {
            let trouble = from_powerbi(answer(status, &[("Location", "https://elsewhere.test/")], body));
            assert_eq!(
                trouble,
                Details { status: Some(status), ..Details::of(Service::PowerBi, cause) }.into(),
                "{status} {body}"
            );
        }
    }
}

#[test]
fn a_code_says_more_than_a_status_but_for_429_and_redirects() {
    let rows = [
        (401, Cause::NotAllowed, "PowerBINotAuthorizedException"),
        (403, Cause::Token, "TokenExpired"),
        (500, Cause::CredentialRefused, "IncorrectCredentials"),
        (500, Cause::Unavailable, "UnknownError"),
        (429, Cause::Throttled, "IncorrectCredentials"),
        (302, Cause::Unintelligible, "EntityNotFound"),
    ];
    for (status, cause, code) in rows {
        let trouble = from_powerbi(answer(status, &[], &format!(r#"{{"error":{{"code":"{code}"}}}}"#)));
        assert_eq!(verdict(&trouble), (cause, Some(code)), "{status}");
    }
}

#[test]
fn what_fabric_calls_retriable_is_passing_unless_a_code_says_why() {
    let cause = |code: &str, retriable: &str| {
        from_fabric(answer(400, &[], &format!(r#"{{"errorCode":"{code}","isRetriable":{retriable}}}"#))).cause
    };
    assert_eq!(cause("NeverHeardOf", "true"), Cause::Unavailable);
    assert_eq!(cause("NeverHeardOf", "false"), Cause::Rejected);
    assert_eq!(cause("NeverHeardOf", "null"), Cause::Rejected);
    assert_eq!(cause("IncorrectCredentials", "true"), Cause::CredentialRefused);
}

#[test]
fn the_wait_is_read_from_whole_seconds_only() {
    let rows = [
        (429, Some("54"), Some(54)),
        (429, None, None),
        (503, Some(" 7 "), Some(7)),
        (429, Some("0"), Some(0)),
        (429, Some("Wed, 21 Oct 2026 07:28:00 GMT"), None),
        (429, Some("-1"), None),
        (429, Some("99999999999999999999"), None),
    ];
    for (status, header, seconds) in rows {
        let headers: Vec<_> = header.map(|value| ("Retry-After", value)).into_iter().collect();
        let trouble = from_fabric(answer(status, &headers, r#"{"errorCode":"RequestBlocked"}"#));
        assert_eq!(trouble.retry_after, seconds.map(Duration::from_secs), "{header:?}");
    }
}

#[test]
fn free_text_is_never_kept() {
    let long = "x".repeat(121);
    for text in ["Login failed for user 'ana'", "", "a b", "ana@contoso.com", "CONTOSO\\\\ana", "é", &long] {
        let body = format!(
            r#"{{"error":{{"code":"{text}","message":"{text}"}},"errorCode":"{text}","message":"{text}","requestId":"{text}",
            "moreDetails":[{{"errorCode":"{text}"}}]}}"#
        );
        let trouble = from_fabric(answer(400, &[("requestId", "a b"), ("x-ms-public-api-error-code", "a b")], &body));
        assert_eq!(
            trouble,
            Details { status: Some(400), ..Details::of(Service::Fabric, Cause::Rejected) }.into(),
            "{text}"
        );
    }
    let longest = "x".repeat(120);
    let trouble = from_fabric(answer(400, &[("x-ms-public-api-error-code", &longest)], ""));
    assert_eq!(trouble.code.as_ref().map(Code::as_str), Some(&*longest));
}

#[test]
fn the_id_for_support_is_found_wherever_it_is() {
    let body = r#"{"requestId":"from-body"}"#;
    for (headers, id) in [
        (&[("RequestId", "one"), ("x-ms-request-id", "two")][..], "one"),
        (&[("requestid", "one")][..], "one"),
        (&[("x-ms-request-id", "two")][..], "two"),
        (&[][..], "from-body"),
    ] {
        assert_eq!(from_fabric(answer(404, headers, body)).request_id.as_ref().map(Code::as_str), Some(id));
    }
}

#[test]
fn no_answer_is_no_answer() {
    assert_eq!(from_fabric(Err(Lost)), Trouble::of(Service::Fabric, Cause::Unreachable));
    assert_eq!(from_powerbi(Err(Lost)), Trouble::of(Service::PowerBi, Cause::Unreachable));
}

#[test]
fn a_success_that_is_not_as_described_is_unintelligible() {
    let padded = |length: usize| {
        let body = r#"{"connectivityType":"ShareableCloud"}"#;
        format!("{body}{}", " ".repeat(length - body.len()))
    };
    let headers = [("RequestId", "r1")];
    for body in ["", "<html>", "[]", "{}", r#"{"connectivityType":null}"#, &padded(1024 * 1024 + 1)] {
        let trouble = from_fabric(answer(200, &headers, body));
        let expected: Trouble = Details {
            status: Some(200),
            request_id: Some(Code::parse("r1").unwrap()),
            ..Details::of(Service::Fabric, Cause::Unintelligible)
        }
        .into();
        assert_eq!(trouble, expected);
    }
    let (wire, token) = (Script::new([answer(200, &[], &padded(1024 * 1024))]), token());
    let client = Fabric { wire: &wire, base: "https://fabric.test/v1", token: &token };
    assert!(run(client.connection(&guid(CONNECTION))).is_ok(), "a megabyte is read");
}

#[test]
fn an_error_body_over_a_megabyte_is_not_read() {
    let body = format!(r#"{{"errorCode":"IncorrectCredentials","message":"{}"}}"#, "x".repeat(1024 * 1024));
    assert_eq!(verdict(&from_fabric(answer(400, &[], &body))), (Cause::Rejected, None));
}
