//! Graph: who somebody is, and which groups they are in.

use http::header;
use pbi_rotate::clients::graph::{DirectoryUser, Graph};
use pbi_rotate::domain::names::Guid;
use pbi_rotate::domain::trouble::{Cause, Trouble};
use serde_json::{Value, json};

use crate::scene::{SOURCE, guid, token};
use crate::wire::{Answer, Script, answer, run};

fn group(number: usize) -> Guid {
    guid(&format!("00000000-0000-4000-8000-{number:012}"))
}

fn groups_of(wire: &Script, groups: &[Guid]) -> Result<Vec<Guid>, Trouble> {
    let token = token();
    run(Graph { wire, base: "https://graph.test/v1.0", token: &token }.groups_of(&guid(SOURCE), groups))
}

fn user(answer: Answer) -> Result<DirectoryUser, Cause> {
    let (wire, token) = (Script::new([answer]), token());
    let user = run(Graph { wire: &wire, base: "https://graph.test/v1.0", token: &token }.user(&guid(SOURCE)));
    let request = wire.only();
    let url = format!("GET https://graph.test/v1.0/users/{SOURCE}?$select=accountEnabled,userType,displayName");
    assert_eq!(format!("{} {}", request.method(), request.uri()), url);
    assert_eq!(request.headers()[header::AUTHORIZATION], "Bearer t0ken");
    user.map_err(|trouble| trouble.cause)
}

#[test]
fn a_person_is_a_member_who_may_sign_in_or_not() {
    for (body, enabled, guest) in [
        (r#"{"displayName":"Ana","accountEnabled":true,"userType":"Member"}"#, true, false),
        (r#"{"displayName":"Ana","accountEnabled":true,"userType":null}"#, true, false),
        (r#"{"displayName":"Ana","accountEnabled":true,"userType":"Guest"}"#, true, true),
        (r#"{"displayName":"Ana","accountEnabled":true,"userType":"Future"}"#, true, true),
        (r#"{"displayName":"Ana","accountEnabled":false,"userType":"Member"}"#, false, false),
        (r#"{"displayName":"Ana","userType":"Member"}"#, false, false),
    ] {
        let expected = DirectoryUser { enabled, guest, name: Some("Ana".into()) };
        assert_eq!(user(answer(200, &[], body)), Ok(expected), "{body}");
    }
    for (status, body, cause) in [
        (404, r#"{"error":{"code":"Request_ResourceNotFound"}}"#, Cause::NotFound),
        (403, r#"{"error":{"code":"Authorization_RequestDenied"}}"#, Cause::NotAllowed),
        (401, "", Cause::Token),
        (429, "", Cause::Throttled),
        (503, "", Cause::Unavailable),
        (200, "[]", Cause::Unintelligible),
        (200, r#"{"accountEnabled":null}"#, Cause::Unintelligible),
        (200, r#"{"accountEnabled":true,"userType":7}"#, Cause::Unintelligible),
    ] {
        assert_eq!(user(answer(status, &[], body)), Err(cause), "{body}");
    }
}

#[test]
fn groups_are_asked_for_twenty_at_a_time() {
    let all: Vec<_> = (0..41).map(group).collect();
    let told = |groups: &[&Guid]| {
        let ids: Vec<_> = groups.iter().map(|group| group.as_str()).collect();
        answer(200, &[], &json!({ "value": ids }).to_string())
    };
    let wire = Script::new([told(&[&all[3]]), told(&[]), told(&[&all[40], &all[3]])]);
    assert_eq!(groups_of(&wire, &all), Ok(vec![all[3].clone(), all[40].clone()]), "and nothing that was not asked");
    let line = format!("POST https://graph.test/v1.0/users/{SOURCE}/checkMemberGroups");
    assert_eq!(wire.lines(), vec![line; 3]);

    let wire = Script::new([told(&[])]);
    assert_eq!(groups_of(&wire, &all[..20]), Ok(Vec::new()));
    let body: Value = serde_json::from_slice(wire.only().body()).unwrap();
    assert_eq!(body["groupIds"].as_array().map(Vec::len), Some(20));
    assert_eq!(groups_of(&Script::new([]), &[]), Ok(Vec::new()));
}

#[test]
fn an_answer_about_some_of_the_groups_is_no_answer() {
    let groups: Vec<_> = (0..21).map(group).collect();
    let first = || answer(200, &[], &json!({ "value": [groups[0].as_str()] }).to_string());
    for (second, cause) in [
        (answer(503, &[], ""), Cause::Unavailable),
        (answer(404, &[], ""), Cause::NotFound),
        (answer(200, &[], "{}"), Cause::Unintelligible),
        (answer(200, &[], r#"{"value":["everyone"]}"#), Cause::Unintelligible),
    ] {
        let wire = Script::new([first(), second]);
        assert_eq!(groups_of(&wire, &groups).map_err(|trouble| trouble.cause), Err(cause));
    }
}
