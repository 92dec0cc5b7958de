//! Tokens: the request, the cache, and what refusals mean.

use std::rc::Rc;
use std::time::Duration;

use http::{Method, header};
use pbi_rotate::clients::entra::{AccessToken, Tokens};
use pbi_rotate::domain::names::Code;
use pbi_rotate::domain::trouble::{Cause, Details, Service, Trouble};
use pbi_rotate::ports::Lost;

use crate::scene::{CLIENT, NOW, TENANT, entra};
use crate::wire::{Answer, Script, answer, run};

const FABRIC: &str = "https://api.fabric.microsoft.com/.default";
const POWER_BI: &str = "https://analysis.windows.net/powerbi/api/.default";

fn granted(seconds: &str) -> Answer {
    answer(200, &[], &format!(r#"{{"token_type":"Bearer","expires_in":{seconds},"access_token":"t0ken"}}"#))
}

fn get(tokens: &Tokens, wire: &Script, scope: &str, after: u64) -> Result<Rc<AccessToken>, Trouble> {
    run(tokens.get(wire, &entra(), scope, NOW + Duration::from_secs(after)))
}

fn refused(answer: Answer) -> Trouble {
    get(&Tokens::new(), &Script::new([answer]), FABRIC, 0).err().expect("trouble")
}

#[test]
fn a_token_is_asked_for_with_the_secret_in_a_form() {
    let wire = Script::new([granted("3599")]);
    assert!(get(&Tokens::new(), &wire, FABRIC, 0).is_ok());
    let request = wire.only();
    assert_eq!(request.method(), Method::POST);
    assert_eq!(request.uri().to_string(), format!("https://login.test/{TENANT}/oauth2/v2.0/token"));
    assert_eq!(request.headers()[header::CONTENT_TYPE], "application/x-www-form-urlencoded");
    assert_eq!(request.headers()[header::ACCEPT], "application/json");
    assert!(request.headers()[header::USER_AGENT].to_str().unwrap().starts_with("pbi-rotate/"));
    let form = format!(
        "grant_type=client_credentials&client_id={CLIENT}&client_secret=cl13nt+s3cret%26%2B\
         &scope=https%3A%2F%2Fapi.fabric.microsoft.com%2F.default"
    );
    assert_eq!(request.body(), form.as_bytes());
}

#[test]
fn a_token_is_used_until_five_minutes_before_its_end() {
    for seconds in ["3600", "\"3600\""] {
        let (tokens, wire) = (Tokens::new(), Script::new([granted(seconds), granted(seconds)]));
        for after in [0, 1, 3299] {
            assert!(get(&tokens, &wire, FABRIC, after).is_ok());
        }
        assert_eq!(wire.lines().len(), 1, "{seconds}");
        assert!(get(&tokens, &wire, FABRIC, 3300).is_ok());
        assert_eq!(wire.lines().len(), 2, "{seconds}");
    }
}

#[test]
fn each_scope_has_its_own_token_and_forgetting_one_keeps_the_other() {
    let (tokens, wire) = (Tokens::new(), Script::new([granted("3600"), granted("3600"), granted("3600")]));
    let both = || [FABRIC, POWER_BI].map(|scope| get(&tokens, &wire, scope, 0).is_ok());
    assert_eq!(both(), [true, true]);
    assert_eq!(wire.lines().len(), 2);
    tokens.forget(FABRIC);
    assert_eq!(both(), [true, true]);
    assert_eq!(wire.lines().len(), 3);
}

#[test]
fn a_failure_is_not_kept() {
    let (tokens, wire) = (Tokens::new(), Script::new([Err(Lost), granted("3600")]));
    let trouble = get(&tokens, &wire, FABRIC, 0).err();
    assert_eq!(trouble, Some(Trouble::of(Service::Entra, Cause::Unreachable)));
    assert!(get(&tokens, &wire, FABRIC, 0).is_ok());
}

#[test]
fn a_refusal_says_the_number_and_whose_fault_it_is() {
    for number in [7_000_215, 7_000_222, 700_027, 70_021, 700_213, 700_016, 90_002] {
        let words = format!("AADSTS{number}: App 'ana' is not welcome. Trace ID: t1");
        let shapes = [
            format!(
                r#"{{"error":"invalid_client","error_description":"{words}","error_codes":[{number}],"trace_id":"t1"}}"#
            ),
            format!(r#"{{"error":"invalid_client","error_description":"{words}","error_codes":[],"trace_id":"t1"}}"#),
            format!(
                r#"{{"trace_id":"t1","error_codes":null,"error_description":"{words}","error":"unauthorized_client"}}"#
            ),
            format!(r#"{{"error":"invalid_client","error_codes":[{number},1],"trace_id":"t1"}}"#),
        ];
        for (status, body) in [400, 401, 400, 401].into_iter().zip(shapes) {
            let expected: Trouble = Details {
                code: Some(Code::parse(&format!("AADSTS{number}")).unwrap()),
                status: Some(status),
                request_id: Some(Code::parse("t1").unwrap()),
                ..Details::of(Service::Entra, Cause::Identity)
            }
            .into();
            assert_eq!(refused(answer(status, &[], &body)), expected, "{body}");
        }
    }
}

#[test]
fn a_refusal_without_a_number_keeps_the_name_but_no_words() {
    let code = |body: &str| refused(answer(400, &[], body)).code.clone();
    assert_eq!(code(r#"{"error":"invalid_scope"}"#).as_ref().map(Code::as_str), Some("invalid_scope"));
    assert_eq!(
        code(r#"{"error":"invalid_scope","error_description":"AADSTSana: x"}"#).as_ref().map(Code::as_str),
        Some("invalid_scope")
    );
    assert_eq!(code(r#"{"error":"user ana","error_description":"ana"}"#), None);
}

#[test]
fn other_answers_mean_what_their_status_says() {
    let busy = r#"{"error":"temporarily_unavailable","error_codes":[90033]}"#;
    let rows = [
        (400, busy, Cause::Unavailable),
        (429, "", Cause::Throttled),
        (500, busy, Cause::Unavailable),
        (503, "<html>", Cause::Unavailable),
        (400, "<html>", Cause::Unintelligible),
        (404, "{}", Cause::Unintelligible),
        (302, r#"{"error":"invalid_client"}"#, Cause::Unintelligible),
        (200, "", Cause::Unintelligible),
        (200, r#"{"expires_in":3599}"#, Cause::Unintelligible),
        (200, r#"{"access_token":"t"}"#, Cause::Unintelligible),
        (200, r#"{"access_token":"t","expires_in":"soon"}"#, Cause::Unintelligible),
        (200, r#"{"access_token":"t","expires_in":-1}"#, Cause::Unintelligible),
    ];
    for (status, body, cause) in rows {
        let trouble = refused(answer(status, &[("Retry-After", "9"), ("x-ms-request-id", "r1")], body));
        assert_eq!((trouble.cause, trouble.status), (cause, Some(status)), "{status} {body}");
        assert_eq!(trouble.request_id.as_ref().map(Code::as_str), Some("r1"));
        assert_eq!(trouble.retry_after, (status != 200).then_some(Duration::from_secs(9)));
    }
}
