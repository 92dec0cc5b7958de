//! Semantic models and paginated reports: the requests Power BI gets, and what is read from its answers.

use http::header;
use pbi_rotate::clients::powerbi::PowerBi;
use pbi_rotate::clients::powerbi::models::{Item, ModelSource, RefreshState};
use pbi_rotate::domain::names::{Code, Guid};
use pbi_rotate::domain::target::ItemId;
use pbi_rotate::domain::trouble::Cause;

use crate::scene::{GATEWAY, SECOND, SOURCE, guid, token};
use crate::wire::{Answer, Script, answer, run};

const BASE: &str = "https://powerbi.test/v1.0/myorg";
const WORKSPACE: &str = "f089354e-8366-4e18-aea3-4cb4a3a50b48";
const MODEL: &str = "cfafbeb1-8037-4d0c-896e-a46fb27ff229";
const REFRESH: &str = "11bf290a-346b-48b7-8973-c5df149337ff";

/// One call of the client about an item, its outcome, and the wire after it.
macro_rules! call {
    ($answer:expr, |$client:ident, $item:ident| $call:expr) => {{
        let (wire, token, workspace, id) =
            (Script::new([$answer]), token(), guid(WORKSPACE), ItemId::Dataset(guid(MODEL)));
        let $client = PowerBi { wire: &wire, base: BASE, token: &token };
        let $item = Item { workspace: &workspace, id: &id, profile: None };
        let outcome = run($call);
        (outcome, wire)
    }};
}

fn ok(body: &str) -> Answer {
    answer(200, &[("RequestId", "r1")], body)
}

fn line(method: &str, rest: &str) -> String {
    format!("{method} {BASE}/groups/{WORKSPACE}/{rest}")
}

fn model_source(kind: &str, gateway: Option<&str>, id: Option<&str>) -> ModelSource {
    let (gateway, id): (Option<Guid>, Option<Guid>) = (gateway.map(guid), id.map(guid));
    ModelSource { kind: kind.to_owned(), gateway, id }
}

#[test]
fn the_sources_of_a_model_are_read_bound_or_not() {
    let body = format!(
        r#"{{"value":[
        {{"datasourceType":"Sql","connectionDetails":{{"server":"s","database":"d"}},"datasourceId":"{SOURCE}","gatewayId":"{GATEWAY}"}},
        {{"datasourceType":"Web","connectionDetails":{{"url":"u"}},"datasourceId":"","gatewayId":""}},
        {{"gatewayId":null,"connectionString":"x"}}]}}"#
    );
    let (sources, wire) = call!(ok(&body), |client, model| client.model_sources(model));
    let expected = [
        model_source("Sql", Some(GATEWAY), Some(SOURCE)),
        model_source("Web", None, None),
        model_source("", None, None),
    ];
    assert_eq!(sources.as_deref(), Ok(&expected[..]));
    assert_eq!(wire.lines(), [line("GET", &format!("datasets/{MODEL}/datasources"))]);
}

#[test]
fn the_deprecated_call_answers_the_same_under_another_name() {
    let body = format!(
        r#"{{"value":[{{"id":"{SOURCE}","gatewayId":"{GATEWAY}","datasourceType":"Sql","connectionDetails":"{{}}"}}]}}"#
    );
    let (sources, wire) = call!(ok(&body), |client, model| client.bound_gateway_sources(model));
    assert_eq!(sources, Ok(vec![model_source("Sql", Some(GATEWAY), Some(SOURCE))]));
    assert_eq!(wire.lines(), [line("GET", &format!("datasets/{MODEL}/Default.GetBoundGatewayDatasources"))]);
}

#[test]
fn a_list_of_sources_is_read_whole_or_not_at_all() {
    for (body, expected) in [
        ("{}", Ok(0)),
        (r#"{"value":[]}"#, Ok(0)),
        (r#"{"value":{}}"#, Err(Cause::Unintelligible)),
        (r#"{"value":["x"]}"#, Err(Cause::Unintelligible)),
        (r#"{"value":[{"datasourceType":7}]}"#, Err(Cause::Unintelligible)),
        (r#"{"value":[{"gatewayId":"../x"}]}"#, Err(Cause::Unintelligible)),
    ] {
        let (sources, _) = call!(ok(body), |client, model| client.model_sources(model));
        assert_eq!(sources.map(|list| list.len()).map_err(|trouble| trouble.cause), expected, "{body}");
        let (sources, _) = call!(ok(body), |client, model| client.bound_gateway_sources(model));
        assert_eq!(sources.map(|list| list.len()).map_err(|trouble| trouble.cause), expected, "{body}");
    }
}

#[test]
fn ownership_is_taken_of_models_and_of_reports() {
    let (taken, wire) = call!(ok(""), |client, model| client.take_over(model));
    assert_eq!(taken, Ok(()));
    assert_eq!(wire.lines(), [line("POST", &format!("datasets/{MODEL}/Default.TakeOver"))]);
    let request = wire.only();
    assert!(request.body().is_empty() && !request.headers().contains_key(header::CONTENT_TYPE));

    let id = ItemId::Report(guid(MODEL));
    let (taken, wire) = call!(ok(""), |client, model| client.take_over(Item { id: &id, ..model }));
    assert_eq!(taken, Ok(()));
    assert_eq!(wire.lines(), [line("POST", &format!("reports/{MODEL}/Default.TakeOver"))]);
    let (_, wire) = call!(ok("{}"), |client, model| client.model_sources(Item { id: &id, ..model }));
    assert_eq!(wire.lines(), [line("GET", &format!("reports/{MODEL}/datasources"))]);
}

#[test]
fn missing_rights_are_told_apart_from_a_bad_token_by_the_code() {
    let coded = |code: &str| format!(r#"{{"error":{{"code":"{code}"}}}}"#);
    let closed = r#"{"Message":"API is not accessible for application"}"#.to_owned();
    let rows = [
        (401, coded("PowerBINotAuthorizedException"), Cause::NotAllowed, Some("PowerBINotAuthorizedException")),
        (403, coded("PowerBINotAuthorizedException"), Cause::NotAllowed, Some("PowerBINotAuthorizedException")),
        (403, closed, Cause::NotAllowed, None),
        (403, coded("TokenExpired"), Cause::Token, Some("TokenExpired")),
        (401, String::new(), Cause::Token, None),
        (404, String::new(), Cause::NotFound, None),
        (429, String::new(), Cause::Throttled, None),
    ];
    for (status, body, cause, code) in rows {
        let (taken, _) = call!(answer(status, &[], &body), |client, model| client.take_over(model));
        let (begun, _) = call!(answer(status, &[], &body), |client, model| client.refresh(model));
        for trouble in [taken.unwrap_err(), begun.unwrap_err()] {
            assert_eq!((trouble.cause, trouble.code.as_ref().map(Code::as_str)), (cause, code), "{status} {body}");
        }
    }
}

#[test]
fn a_refresh_asks_for_nothing_special_and_answers_its_id() {
    let rows = [
        (&[("x-ms-request-id", REFRESH), ("RequestId", "r1")][..], Some(REFRESH)),
        (&[("RequestId", REFRESH)], Some(REFRESH)),
        (&[("RequestId", "not an id")], None),
        (&[], None),
    ];
    for (headers, id) in rows {
        let (begun, wire) = call!(answer(202, headers, ""), |client, model| client.refresh(model));
        assert_eq!(begun, Ok(id.map(|id| Code::parse(id).unwrap())), "{headers:?}");
        assert_eq!(wire.lines(), [line("POST", &format!("datasets/{MODEL}/refreshes"))]);
        assert!(wire.only().body().is_empty(), "whatever is asked for makes it an enhanced refresh");
    }
}

/// The history, newest first: a row for each refresh, its id and what follows it.
fn history(rows: &[(&str, &str)]) -> Answer {
    let row = |(id, rest): &(&str, &str)| format!(r#"{{"refreshType":"ViaApi","requestId":"{id}","status":{rest}}}"#);
    ok(&format!(r#"{{"value":[{}]}}"#, rows.iter().map(row).collect::<Vec<_>>().join(",")))
}

fn failed(code: Option<&str>) -> RefreshState {
    RefreshState::Failed { code: code.map(|code| Code::parse(code).unwrap()), cause: None }
}

#[test]
fn a_refresh_is_found_by_its_id_and_read() {
    let rows = [
        (r#""Completed""#, RefreshState::Completed),
        (r#""Unknown""#, RefreshState::Running),
        (r#""Dreaming""#, RefreshState::Running),
        (r#""Cancelled""#, RefreshState::Cancelled),
        (r#""Disabled""#, RefreshState::Disabled),
        (r#""Failed""#, failed(None)),
        (
            r#""Failed","serviceExceptionJson":"{\"errorCode\":\"ModelRefreshFailed_CredentialsNotSpecified\"}""#,
            failed(Some("ModelRefreshFailed_CredentialsNotSpecified")),
        ),
        (
            r#""Failed","serviceExceptionJson":"{\"errorCode\":\"Login failed for ana\",\"errorDescription\":\"ana\"}""#,
            failed(None),
        ),
        (
            r#""Failed","serviceExceptionJson":"{\"errorCode\":\"DM_GWPipeline_Client_GatewayUnreachable\"}""#,
            RefreshState::Failed {
                code: Some(Code::parse("DM_GWPipeline_Client_GatewayUnreachable").unwrap()),
                cause: Some(Cause::GatewayOffline),
            },
        ),
        (r#""Failed","serviceExceptionJson":"Login failed for ana""#, failed(None)),
        (r#""Failed","serviceExceptionJson":null"#, failed(None)),
    ];
    for (rest, expected) in rows {
        let others = [(SECOND, r#""Failed""#), (&REFRESH.to_uppercase(), rest), (GATEWAY, r#""Completed""#)];
        let (state, wire) = call!(history(&others), |client, model| client.refresh_state(model, Some(REFRESH)));
        assert_eq!(state, Ok(expected), "{rest}");
        assert_eq!(wire.lines(), [line("GET", &format!("datasets/{MODEL}/refreshes?$top=20"))]);
    }
}

#[test]
fn a_refresh_that_cannot_be_told_from_others_is_not_taken_for_one_that_ended() {
    let (done, running) = ((SECOND, r#""Completed""#), (SECOND, r#""Unknown""#));
    let rows = [
        (Some(REFRESH), vec![], RefreshState::Unseen),
        (Some(REFRESH), vec![done], RefreshState::Unseen),
        (Some(REFRESH), vec![running, done], RefreshState::Unseen),
        (None, vec![], RefreshState::Unseen),
        (None, vec![done, done], RefreshState::Unseen),
        (None, vec![done, running], RefreshState::Running),
    ];
    for (id, entries, expected) in rows {
        let (state, _) = call!(history(&entries), |client, model| client.refresh_state(model, id));
        assert_eq!(state, Ok(expected), "{id:?} {entries:?}");
    }
    let (state, _) = call!(ok(r#"{"value":[{"status":"Completed"}]}"#), |client, model| {
        client.refresh_state(model, Some(REFRESH))
    });
    assert_eq!(state, Ok(RefreshState::Unseen), "an entry without an id");
}

#[test]
fn a_history_that_is_not_as_described_is_unintelligible() {
    for body in ["", "[]", r#"{"value":{}}"#, r#"{"value":[{}]}"#, r#"{"value":[{"status":7}]}"#] {
        let (state, _) = call!(ok(body), |client, model| client.refresh_state(model, None));
        assert_eq!(state.map_err(|trouble| trouble.cause), Err(Cause::Unintelligible), "{body}");
    }
}

#[test]
fn the_profile_is_named_when_there_is_one() {
    let (wire, token) = (Script::new([ok(r#"{"value":[]}"#), ok("")]), token());
    let (workspace, id, profile) = (guid(WORKSPACE), ItemId::Dataset(guid(MODEL)), guid(SECOND));
    let client = PowerBi { wire: &wire, base: BASE, token: &token };
    let own = Item { workspace: &workspace, id: &id, profile: Some(&profile) };
    assert!(run(client.model_sources(own)).is_ok());
    assert_eq!(wire.only().headers()["x-powerbi-profile-id"], SECOND);
    assert!(run(client.take_over(Item { profile: None, ..own })).is_ok());
    assert!(!wire.only().headers().contains_key("x-powerbi-profile-id"));
}
