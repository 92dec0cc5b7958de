//! Teams' connector: what is sent where, what comes back, and where nothing is ever sent.

use std::rc::Rc;
use std::time::Duration;

use http::{Method, header};
use pbi_rotate::clients::entra::AccessToken;
use pbi_rotate::clients::teams::{Member, Teams};
use pbi_rotate::codec::teams::place::Place;
use pbi_rotate::config::{Endpoint, EntraConfig, TeamsConfig};
use pbi_rotate::domain::names::Code;
use pbi_rotate::domain::trouble::{Cause, Service, Trouble};
use pbi_rotate::ports::{Lost, Patience};
use serde_json::{Value, json};

use crate::scene::{CLIENT, SOURCE, TENANT, entra, guid, token};
use crate::wire::{Answer, Script, answer, run};

const SERVICE: &str = "https://smba.test/emea/t/";
const THREAD: &str = "19:abc@thread.tacv2;messageid=17";

/// A bot whose connector is at two hosts.
fn config() -> TeamsConfig {
    let url = "https://graph.test/v1.0".to_owned();
    TeamsConfig {
        bot: EntraConfig { client: guid(CLIENT), ..entra() },
        issuer: "https://api.botframework.com",
        login_url: "https://keys.test".into(),
        scope: "https://api.botframework.com/.default".into(),
        connector_hosts: vec!["smba.test".into(), "127.0.0.1:8788".into()],
        service_url: "https://smba.test/teams".into(),
        graph: Endpoint { url, scope: "https://graph.test/.default".into() },
    }
}

/// The connector, its script, and what they need to live.
struct Stage {
    wire: Script,
    config: TeamsConfig,
    token: Rc<AccessToken>,
}

impl Stage {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { wire: Script::new(answers), config: config(), token: token() }
    }

    fn teams(&self) -> Teams<'_, Script> {
        Teams { wire: &self.wire, config: &self.config, token: &self.token }
    }
}

fn place(service_url: &str) -> Place {
    Place { service_url: service_url.into(), conversation: THREAD.into() }
}

fn sent(answer: Answer) -> Result<String, Trouble> {
    let stage = Stage::new([answer]);
    run(stage.teams().send(&place(SERVICE), &json!({})))
}

#[test]
fn messages_go_to_their_conversation_with_the_token() {
    let path = "/v3/conversations/19%3Aabc%40thread.tacv2%3Bmessageid%3D17";
    let activity = json!({"type": "message", "text": "x"});
    let done = || answer(201, &[], r#"{"id":"1:a/b"}"#);
    let one = |work: &dyn Fn(&Stage), answer: Answer| {
        let stage = Stage::new([answer]);
        work(&stage);
        let request = stage.wire.only();
        assert_eq!(request.headers()[header::AUTHORIZATION], "Bearer t0ken");
        assert_eq!(request.extensions().get(), Some(&Patience(Duration::from_secs(10))), "somebody waits");
        assert_eq!(serde_json::from_slice::<Value>(request.body()).ok(), Some(activity.clone()));
        format!("{} {}", request.method(), request.uri())
    };
    let send = |stage: &Stage| assert_eq!(run(stage.teams().send(&place(SERVICE), &activity)), Ok("1:a/b".into()));
    assert_eq!(one(&send, done()), format!("POST https://smba.test/emea/t{path}/activities"));
    let reply =
        |stage: &Stage| assert_eq!(run(stage.teams().reply(&place(SERVICE), "1:a/b", &activity)), Ok("1:a/b".into()));
    assert_eq!(one(&reply, done()), format!("POST https://smba.test/emea/t{path}/activities/1%3Aa%2Fb"));
    for answered in [done(), answer(200, &[], "")] {
        let update = |stage: &Stage| assert_eq!(run(stage.teams().update(&place(SERVICE), "1:a/b", &activity)), Ok(()));
        assert_eq!(one(&update, answered), format!("PUT https://smba.test/emea/t{path}/activities/1%3Aa%2Fb"));
    }
}

#[test]
fn a_conversation_with_one_person_is_opened_in_the_tenant() {
    let stage = Stage::new([answer(201, &[], r#"{"id":"a:1"}"#)]);
    let opened = run(stage.teams().direct(SERVICE, "29:ana"));
    assert_eq!(opened, Ok(Place { service_url: SERVICE.into(), conversation: "a:1".into() }));
    let request = stage.wire.only();
    assert_eq!(
        (request.method(), request.uri().to_string()),
        (&Method::POST, "https://smba.test/emea/t/v3/conversations".into())
    );
    let body = json!({
        "isGroup": false, "bot": {"id": format!("28:{CLIENT}")}, "members": [{"id": "29:ana"}],
        "tenantId": TENANT, "channelData": {"tenant": {"id": TENANT}},
    });
    assert_eq!(serde_json::from_slice::<Value>(request.body()).ok(), Some(body));
}

#[test]
fn a_member_is_read_by_either_name_of_the_object_id() {
    let asked = |body: &str| {
        let stage = Stage::new([answer(200, &[], body)]);
        let member = run(stage.teams().member(&place("http://127.0.0.1:8788/teams"), SOURCE));
        let uri = stage.wire.only().uri().to_string();
        assert!(uri.starts_with("http://127.0.0.1:8788/teams/v3/conversations/19%3A"), "{uri}");
        assert!(uri.ends_with(&format!("/members/{SOURCE}")), "{uri}");
        member.map_err(|trouble| trouble.cause)
    };
    let ana = Member { id: "29:ana".into(), object: guid(SOURCE), name: Some("Ana".into()) };
    for name in ["aadObjectId", "objectId"] {
        assert_eq!(asked(&format!(r#"{{"id":"29:ana","name":"Ana","{name}":"{SOURCE}"}}"#)), Ok(ana.clone()));
    }
    for body in [r#"{"id":"29:ana"}"#, r#"{"id":"29:ana","aadObjectId":"ana"}"#, "[]", ""] {
        assert_eq!(asked(body), Err(Cause::Unintelligible), "{body}");
    }
}

#[test]
fn nothing_is_sent_to_a_host_that_is_not_configured() {
    for service_url in [
        "https://attacker.example/",
        "https://smba.test.attacker.example/emea/",
        "https://smba.test@attacker.example/",
        "https://attacker.example/smba.test/",
        "https://attacker.example#smba.test/",
        "https://attacker.example\\@smba.test/",
        "https://smba.test:8443/",
        "https://me@smba.test/",
        "http://smba.test/emea/",
        "http://127.0.0.1:8789/",
        "https://smba.test/?x=",
        "//smba.test/",
        "smba.test",
        "",
    ] {
        let stage = Stage::new([]);
        let trouble = run(stage.teams().send(&place(service_url), &json!({}))).expect_err(service_url);
        let why = Some("the conversation is not on one of TEAMS_CONNECTOR_HOSTS");
        let told = (trouble.service, trouble.cause, trouble.note.as_deref());
        assert_eq!(told, (Service::Teams, Cause::Mismatch, why), "{service_url}");
        assert_eq!(
            run(stage.teams().direct(service_url, "29:ana")).map_err(|trouble| trouble.cause),
            Err(Cause::Mismatch)
        );
        assert_eq!(stage.wire.lines().len(), 0);
    }
    for service_url in ["https://SMBA.test/emea/t/", "https://smba.test/emea/t", "https://smba.test"] {
        let stage = Stage::new([answer(201, &[], r#"{"id":"1"}"#)]);
        assert!(run(stage.teams().send(&place(service_url), &json!({}))).is_ok(), "{service_url}");
    }
}

#[test]
fn refusals_mean_what_their_code_says() {
    let told = |code: &str| format!(r#"{{"error":{{"code":"{code}","message":"ana is not here"}}}}"#);
    for (status, code, cause, passing) in [
        (401, "BotNotRegistered", Cause::Identity, false),
        (401, "Unauthorized", Cause::Token, false),
        (403, "BotDisabledByAdmin", Cause::NotAllowed, false),
        (403, "BotNotInConversationRoster", Cause::NotAllowed, false),
        (403, "ConversationBlockedByUser", Cause::NotAllowed, false),
        (403, "Forbidden", Cause::NotAllowed, false),
        (404, "ConversationNotFound", Cause::NotFound, false),
        (412, "PreconditionFailed", Cause::Unavailable, true),
        (413, "MessageSizeTooBig", Cause::Rejected, false),
        (429, "Throttled", Cause::Throttled, true),
        (502, "ServiceError", Cause::Unavailable, true),
        (504, "", Cause::Unavailable, true),
        (302, "", Cause::Unintelligible, false),
    ] {
        let trouble = sent(answer(status, &[("Retry-After", "3")], &told(code))).expect_err(code);
        assert_eq!((trouble.service, trouble.cause, trouble.status), (Service::Teams, cause, Some(status)), "{code}");
        assert_eq!(trouble.passing(), passing, "{code}");
        assert_eq!(trouble.code.as_ref().map(Code::as_str).unwrap_or_default(), code);
        assert_eq!(trouble.retry_after.map(|after| after.as_secs()), Some(3));
    }
    assert_eq!(sent(Err(Lost)).map_err(|trouble| trouble.cause), Err(Cause::Unreachable));
    for body in ["", "{}", "<html>", r#"{"id":7}"#] {
        assert_eq!(sent(answer(201, &[], body)).map_err(|trouble| trouble.cause), Err(Cause::Unintelligible), "{body}");
    }
}
