//! Whether a gateway is online, as Fabric checks it and Power BI remembers it.

use pbi_rotate::clients::GatewayState;
use pbi_rotate::clients::fabric::Fabric;
use pbi_rotate::clients::powerbi::PowerBi;
use pbi_rotate::domain::target::Reach;
use pbi_rotate::domain::trouble::{Cause, Trouble};

use crate::scene::{GATEWAY, guid, source, token};
use crate::wire::{Answer, Script, answer, run};

const BASE: &str = "https://fabric.test/v1";
const OPERATION: &str = "cfafbeb1-8037-4d0c-896e-a46fb27ff227";

type Outcome = Result<GatewayState, Trouble>;

/// What a check comes to: a word for the state, or the cause of trouble; and the service's code.
type Verdict = (Result<&'static str, Cause>, Option<String>);

fn check(answers: impl IntoIterator<Item = Answer>) -> (Outcome, Script) {
    let (wire, token) = (Script::new(answers), token());
    let outcome = run(Fabric { wire: &wire, base: BASE, token: &token }.gateway_status(&guid(GATEWAY)));
    (outcome, wire)
}

fn ok(body: &str) -> Answer {
    answer(200, &[("requestId", "r1")], body)
}

fn verdict(outcome: Outcome) -> Verdict {
    match outcome {
        Ok(GatewayState::Online) => (Ok("online"), None),
        Ok(GatewayState::Unknown) => (Ok("unknown"), None),
        Ok(GatewayState::Offline(why)) => {
            assert_eq!(why.cause, Cause::GatewayOffline);
            (Ok("offline"), why.code.as_ref().map(ToString::to_string))
        }
        Err(trouble) => (Err(trouble.cause), trouble.code.as_ref().map(ToString::to_string)),
    }
}

#[test]
fn a_check_tells_online_from_offline_and_keeps_the_code() {
    let rows = [
        (r#"{"status":"Online","gatewayVersion":"3000","errorDetails":null}"#, Ok("online"), None),
        (
            r#"{"status":"Online","errorDetails":[{"errorCode":"DM_GWPipeline_Client_GatewayUnreachable"}]}"#,
            Ok("online"),
            None,
        ),
        (r#"{"status":"Offline"}"#, Ok("offline"), None),
        (
            r#"{"status":"Offline","errorDetails":[{"errorCode":"DMTS_GatewayIsDisabled","message":"m"}]}"#,
            Ok("offline"),
            Some("DMTS_GatewayIsDisabled"),
        ),
        (
            r#"{"status":"Offline","errorDetails":[{"errorCode":"EntityNotFound","message":"m"}]}"#,
            Ok("offline"),
            Some("EntityNotFound"),
        ),
        (r#"{"status":"Dreaming"}"#, Ok("unknown"), None),
        ("{}", Err(Cause::Unintelligible), None),
        ("", Err(Cause::Unintelligible), None),
    ];
    for (body, expected, code) in rows {
        let (outcome, wire) = check([ok(body)]);
        assert_eq!(wire.lines(), [format!("POST {BASE}/gateways/{GATEWAY}/checkStatus")]);
        assert_eq!(verdict(outcome), (expected, code.map(str::to_owned)), "{body}");
    }
}

#[test]
fn a_check_that_is_refused_says_so_unless_the_reason_is_that_the_gateway_is_offline() {
    let rows = [
        (404, "EntityNotFound", Err(Cause::NotFound)),
        (403, "InsufficientPermissionsToManageGateway", Err(Cause::NotAllowed)),
        (429, "RequestBlocked", Err(Cause::Throttled)),
        (400, "UnsupportedGatewayType", Err(Cause::Rejected)),
        (400, "DMTS_GatewayIsDisabled", Ok("offline")),
    ];
    for (status, code, expected) in rows {
        let (outcome, _) = check([answer(status, &[], &format!(r#"{{"errorCode":"{code}"}}"#))]);
        assert_eq!(verdict(outcome), (expected, Some(code.to_owned())));
    }
}

#[test]
fn a_check_that_takes_time_stops_nobody_and_is_not_followed() {
    let (outcome, wire) = check([answer(202, &[("x-ms-operation-id", OPERATION), ("Retry-After", "30")], "")]);
    assert_eq!((verdict(outcome), wire.lines().len()), ((Ok("unknown"), None), 1));
}

#[test]
fn power_bis_words_are_understood_and_others_stop_nobody() {
    let rows = [
        (r#""Live""#, "online"),
        (r#""NotReachable""#, "offline"),
        (r#""NotInstalled""#, "offline"),
        (r#""Installed""#, "unknown"),
        (r#""Dreaming""#, "unknown"),
        (r#""""#, "unknown"),
        ("null", "unknown"),
    ];
    for (status, expected) in rows {
        let (wire, token) = (Script::new([ok(&format!(r#"{{"id":"x","gatewayStatus":{status}}}"#))]), token());
        let client = PowerBi { wire: &wire, base: "https://powerbi.test/v1.0/myorg", token: &token };
        let gateway = run(client.gateway(&source(Reach::OnPremises)));
        assert_eq!(verdict(gateway.map(|gateway| gateway.state)), (Ok(expected), None), "{status}");
    }
}
