//! Fabric: the requests it gets, and what is read from its answers.

use http::{Method, header};
use pbi_rotate::clients::PublicKey;
use pbi_rotate::clients::fabric::{Fabric, Gateway, Member, Seen};
use pbi_rotate::domain::credential::{Kind, Login};
use pbi_rotate::domain::names::Code;
use pbi_rotate::domain::target::{Connectivity, Destination, Reach};
use pbi_rotate::domain::trouble::{Cause, Service, Trouble};

use crate::scene::{CONNECTION, GATEWAY, SECOND, approved, clear, connection, guid, sealed, source, token};
use crate::wire::{Answer, Script, answer, run};

const BASE: &str = "https://fabric.test/v1";

/// One call of the client, its outcome, and the wire after it.
macro_rules! call {
    ($answer:expr, |$client:ident| $call:expr) => {{
        let (wire, token) = (Script::new($answer), token());
        let $client = Fabric { wire: &wire, base: BASE, token: &token };
        let outcome = run($call);
        (outcome, wire)
    }};
}

fn once(body: &str) -> [Answer; 1] {
    [answer(200, &[("requestId", "r1")], body)]
}

fn key() -> PublicKey {
    PublicKey { exponent: "AQAB".into(), modulus: "o6j2".into() }
}

#[test]
fn a_connection_is_read_whatever_its_types() {
    let whole = format!(
        r#"{{"connectionRecency":null,"credentialDetails":{{"skipTestConnection":false,"credentialType":"Brand"}},"gatewayId":
        "{GATEWAY}","id":"{CONNECTION}","connectionDetails":{{"path":"s;d","type":"SQL"}},"connectivityType":"Quantum"}}"#
    );
    let (seen, wire) = call!(once(&whole), |client| client.connection(&guid(CONNECTION)));
    assert_eq!(wire.lines(), [format!("GET {BASE}/connections/{CONNECTION}")]);
    let expected = Seen { connectivity: "Quantum".into(), gateway: Some(guid(GATEWAY)), from_key_vault: false };
    assert_eq!(seen, Ok(expected));

    let bare = r#"{"connectivityType":"None","gatewayId":null,"connectionDetails":null,"credentialDetails":null}"#;
    let (seen, _) = call!(once(bare), |client| client.connection(&guid(CONNECTION)));
    let connectivity = "None".to_owned();
    assert_eq!(seen, Ok(Seen { connectivity, gateway: None, from_key_vault: false }));
}

#[test]
fn a_key_vault_reference_is_seen_at_any_depth() {
    let rows = [
        (r#"{"passwordReference":{"connectionId":"x","secretName":"y"}}"#, true),
        (r#"{"credentials":{"keyReference":{"secretName":"y"}}}"#, true),
        (r#"{"credentials":[{"servicePrincipalSecretReference":{}}]}"#, true),
        (r#"{"passwordReference":null}"#, false),
        (r#"{"tokenReference":"none"}"#, false),
        (r#"{"References":{"a":{}}}"#, false),
    ];
    for (details, expected) in rows {
        let body = format!(r#"{{"connectivityType":"ShareableCloud","credentialDetails":{details}}}"#);
        let (seen, _) = call!(once(&body), |client| client.connection(&guid(CONNECTION)));
        assert_eq!(seen.map(|seen| seen.from_key_vault), Ok(expected), "{details}");
    }
}

#[test]
fn a_gateway_has_a_key_or_its_type_has_none() {
    let personal = r#"{"version":"3000","type":"OnPremisesPersonal","publicKey":{"exponent":"AQAB","modulus":"o6j2"}}"#;
    let (gateway, wire) = call!(once(personal), |client| client.gateway(&guid(GATEWAY)));
    assert_eq!(wire.lines(), [format!("GET {BASE}/gateways/{GATEWAY}")]);
    assert_eq!(gateway, Ok(Gateway { public_key: Some(key()) }));

    let network = r#"{"type":"VirtualNetwork","displayName":"Hub","capacityId":"x","publicKey":null}"#;
    let (gateway, _) = call!(once(network), |client| client.gateway(&guid(GATEWAY)));
    assert_eq!(gateway, Ok(Gateway { public_key: None }));
}

#[test]
fn every_member_is_read_disabled_ones_too() {
    let body = format!(
        r#"{{"continuationToken":null,"value":[
        {{"enabled":true,"id":"{GATEWAY}","displayName":"one","publicKey":{{"exponent":"AQAB","modulus":"o6j2"}},"version":"1"}},
        {{"publicKey":{{"modulus":"o6j2","exponent":"AQAB"}},"displayName":"two","enabled":false,"id":"{SECOND}"}}]}}"#
    );
    let (members, wire) = call!(once(&body), |client| client.members(&guid(GATEWAY)));
    assert_eq!(wire.lines(), [format!("GET {BASE}/gateways/{GATEWAY}/members")]);
    let member = |id| Member { id: guid(id), public_key: key() };
    assert_eq!(members, Ok(vec![member(GATEWAY), member(SECOND)]));
}

#[test]
fn no_members_is_an_empty_list_and_part_of_them_is_none() {
    for (body, expected) in [
        (r#"{"value":null}"#, Ok(Vec::new())),
        (r#"{"value":[],"continuationToken":""}"#, Ok(Vec::new())),
        ("{}", Ok(Vec::new())),
        (r#"{"value":[],"continuationToken":"more"}"#, Err(Cause::Unintelligible)),
        (r#"{"value":[{"id":"not a guid"}]}"#, Err(Cause::Unintelligible)),
    ] {
        let (members, _) = call!(once(body), |client| client.members(&guid(GATEWAY)));
        assert_eq!(members.map_err(|trouble| trouble.cause), expected, "{body}");
    }
}

#[test]
fn an_update_sends_the_body_and_keeps_the_id() {
    let destination = Destination::Connection(connection(Connectivity::OnPremisesGateway));
    let payload = sealed(&[GATEWAY, SECOND]);
    let (outcome, wire) = call!(once("not read"), |client| client.update(approved(destination, Login::Key), &payload));
    assert_eq!(outcome, Ok(Some(Code::parse("r1").unwrap())));
    let request = wire.only();
    assert_eq!(request.method(), Method::PATCH);
    assert_eq!(request.uri().to_string(), format!("{BASE}/connections/{CONNECTION}"));
    assert_eq!(request.headers()[header::AUTHORIZATION], "Bearer t0ken");
    assert!(request.headers()[header::AUTHORIZATION].is_sensitive());
    assert_eq!(request.headers()[header::CONTENT_TYPE], "application/json");
    let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(body["credentialDetails"]["credentials"]["values"][1]["encryptedCredentials"], "sealed 1");
}

#[test]
fn an_update_that_does_not_fit_is_never_sent() {
    let here = Destination::Connection(connection(Connectivity::OnPremisesGatewayPersonal));
    let elsewhere = Destination::DataSource(source(Reach::Cloud));
    for (destination, cause) in [(here, Cause::EncryptionRefused), (elsewhere, Cause::Rejected)] {
        let (outcome, wire) = call!([], |client| client.update(approved(destination, Login::Key), &clear(Kind::Key)));
        assert_eq!(outcome, Err(Trouble::of(Service::Fabric, cause)));
        assert!(wire.lines().is_empty());
    }
}
