//! Power BI: the requests it gets, and what is read from its answers.

use http::{Method, header};
use pbi_rotate::clients::powerbi::{Gateway, PowerBi, Seen};
use pbi_rotate::clients::{GatewayState, PublicKey};
use pbi_rotate::domain::credential::{Kind, Login};
use pbi_rotate::domain::names::Code;
use pbi_rotate::domain::rotation::Test;
use pbi_rotate::domain::target::{Connectivity, DataSource, Destination, Reach};
use pbi_rotate::domain::trouble::{Cause, Details, Service, Trouble};

use crate::scene::{GATEWAY, SECOND, SOURCE, approved, clear, connection, guid, sealed, source, token};
use crate::wire::{Answer, Script, answer, run};

const BASE: &str = "https://powerbi.test/v1.0/myorg";

/// One call of the client, its outcome, and the wire after it.
macro_rules! call {
    ($answer:expr, |$client:ident| $call:expr) => {{
        let (wire, token) = (Script::new($answer), token());
        let $client = PowerBi { wire: &wire, base: BASE, token: &token };
        let outcome = run($call);
        (outcome, wire)
    }};
}

fn once(status: u16, body: &str) -> [Answer; 1] {
    [answer(status, &[("RequestId", "r1")], body)]
}

fn url(rest: &str) -> String {
    format!("GET {BASE}/gateways/{GATEWAY}{rest}")
}

#[test]
fn a_gateway_is_read_with_what_it_has() {
    let whole = r#"{"gatewayStatus":"Live","gatewayAnnotation":"{}","publicKey":{"modulus":"o6j2","exponent":"AQAB"},
        "type":"Resource","name":"Plant","id":"x","new":1}"#;
    let (gateway, wire) = call!(once(200, whole), |client| client.gateway(&source(Reach::OnPremises)));
    assert_eq!(wire.lines(), [url("")]);
    let key = PublicKey { exponent: "AQAB".into(), modulus: "o6j2".into() };
    assert_eq!(gateway, Ok(Gateway { public_key: Some(key), state: GatewayState::Online }));

    for bare in [r#"{"id":"x"}"#, r#"{"id":"x","name":null,"type":null,"publicKey":null,"gatewayStatus":null}"#] {
        let (gateway, _) = call!(once(200, bare), |client| client.gateway(&source(Reach::OnPremises)));
        assert_eq!(gateway, Ok(Gateway { public_key: None, state: GatewayState::Unknown }));
    }
}

#[test]
fn a_data_source_is_read_whatever_its_type() {
    let rows = [
        (r#"{"datasourceType":"Sql","credentialType":"Basic"}"#, Some("Sql")),
        (r#"{"datasourceType":"Brand","credentialDetails":null,"credentialType":"New"}"#, Some("Brand")),
        (r#"{"datasourceType":null}"#, None),
        ("{}", None),
    ];
    for (body, datasource_type) in rows {
        let (seen, wire) = call!(once(200, body), |client| client.data_source(&source(Reach::Cloud)));
        assert_eq!(wire.lines(), [url(&format!("/datasources/{SOURCE}"))]);
        assert_eq!(seen, Ok(Seen { datasource_type: datasource_type.map(str::to_owned) }), "{body}");
    }
}

#[test]
fn every_request_says_who_sends_it_and_the_token_is_marked_secret() {
    let (_, wire) = call!(once(200, ""), |client| client.test(&source(Reach::Cloud)));
    let request = wire.only();
    assert_eq!(request.headers()[header::AUTHORIZATION], "Bearer t0ken");
    assert!(request.headers()[header::AUTHORIZATION].is_sensitive());
    assert_eq!(request.headers()[header::ACCEPT], "application/json");
    assert_eq!(request.headers()[header::USER_AGENT], concat!("pbi-rotate/", env!("CARGO_PKG_VERSION")));
    assert!(!request.headers().contains_key(header::CONTENT_TYPE) && request.body().is_empty());
    assert!(!request.headers().contains_key("x-powerbi-profile-id"));
}

#[test]
fn a_profile_is_named_when_there_is_one() {
    let owned = DataSource { profile: Some(guid(SECOND)), ..source(Reach::Cloud) };
    let (_, wire) = call!(once(200, ""), |client| client.test(&owned));
    assert_eq!(wire.only().headers()["x-powerbi-profile-id"], SECOND);
}

#[test]
fn an_update_sends_the_body_and_keeps_the_id() {
    let destination = Destination::DataSource(source(Reach::OnPremises));
    let (outcome, wire) =
        call!(once(200, ""), |client| client.update(approved(destination, Login::Key), &sealed(&[GATEWAY])));
    assert_eq!(outcome, Ok(Some(Code::parse("r1").unwrap())));
    let request = wire.only();
    assert_eq!(request.method(), Method::PATCH);
    assert_eq!(request.uri().to_string(), format!("{BASE}/gateways/{GATEWAY}/datasources/{SOURCE}"));
    assert_eq!(request.headers()[header::CONTENT_TYPE], "application/json");
    let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(body["credentialDetails"]["credentialType"], "Key");
    assert_eq!(body["credentialDetails"]["credentials"], "sealed 0");
}

#[test]
fn an_update_that_does_not_fit_is_never_sent() {
    let here = Destination::DataSource(source(Reach::OnPremises));
    let elsewhere = Destination::Connection(connection(Connectivity::ShareableCloud));
    for (destination, cause) in [(here, Cause::EncryptionRefused), (elsewhere, Cause::Rejected)] {
        let (outcome, wire) = call!([], |client| client.update(approved(destination, Login::Key), &clear(Kind::Key)));
        assert_eq!(outcome, Err(Trouble::of(Service::PowerBi, cause)));
        assert!(wire.lines().is_empty());
    }
}

#[test]
fn a_test_passes_with_an_empty_200_and_fails_as_a_call_fails() {
    let (outcome, wire) = call!(once(200, ""), |client| client.test(&source(Reach::Cloud)));
    assert_eq!(outcome, Ok(Test::Passed));
    assert_eq!(wire.lines(), [url(&format!("/datasources/{SOURCE}/status"))]);

    let unreachable = r#"{"error":{"code":"DM_GWPipeline_Client_GatewayUnreachable"}}"#;
    let (outcome, _) = call!(once(400, unreachable), |client| client.test(&source(Reach::Cloud)));
    let expected: Trouble = Details {
        code: Some(Code::parse("DM_GWPipeline_Client_GatewayUnreachable").unwrap()),
        status: Some(400),
        request_id: Some(Code::parse("r1").unwrap()),
        ..Details::of(Service::PowerBi, Cause::GatewayOffline)
    }
    .into();
    assert_eq!(outcome, Err(expected));
}
