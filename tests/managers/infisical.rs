//! Infisical: logging in, versions by number, values that may not be seen.

use http::Method;
use pbi_rotate::clients::secrets::infisical::{Infisical, login};
use pbi_rotate::clients::secrets::{Fetched, Seen, Which};
use pbi_rotate::domain::names::Code;
use pbi_rotate::domain::trouble::{Cause, Trouble};
use serde_json::{Value, json};

use crate::scene::{LEAK, headers, odd_values, secret, text, trouble, unusable, why};
use crate::wire::{Answer, Script, answer, run};

const BASE: &str = "https://eu.infisical.com";
const SECRET: &str = "GET https://eu.infisical.com/api/v3/secrets/raw/SALES_DB\
                      ?workspaceId=p1&environment=prod&secretPath=%2Fbi%2Fa%20b&type=shared";

fn infisical<T>(wire: &Script, ask: impl AsyncFnOnce(Infisical<'_, Script>) -> T) -> T {
    let (project, environment, folder) = ("p1", "prod", "/bi/a b");
    run(ask(Infisical { wire, base: BASE, project, environment, folder, token: &secret("t0ken") }))
}

fn seen(wire: &Script) -> Result<Seen, Trouble> {
    infisical(wire, async |infisical| infisical.seen("SALES_DB").await)
}

fn fetch(wire: &Script, which: Which) -> Result<Fetched, Trouble> {
    infisical(wire, async |infisical| infisical.fetch("SALES_DB", which).await)
}

fn told(version: Value, value: &str, hidden: bool) -> Answer {
    let secret =
        json!({ "version": version, "secretKey": "SALES_DB", "secretValue": value, "secretValueHidden": hidden });
    answer(200, &[], &json!({ "secret": secret }).to_string())
}

#[test]
fn an_identity_logs_in_with_its_secret_in_the_body() {
    let wire = Script::new([answer(200, &[], r#"{"accessToken":"t0ken","expiresIn":7200,"tokenType":"Bearer"}"#)]);
    let token = run(login(&wire, BASE, "c1", &secret("s\"s")));
    assert_eq!(token.map(|token| token.expose().to_owned()).as_deref(), Ok("t0ken"));
    let request = wire.only();
    let url = format!("{BASE}/api/v1/auth/universal-auth/login");
    assert_eq!((request.method(), request.uri().to_string()), (&Method::POST, url));
    assert_eq!(headers(&request), ["content-type: application/json"]);
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    assert_eq!(body, json!({ "clientId": "c1", "clientSecret": "s\"s" }));
    for status in [400, 401, 403, 422] {
        let body = json!({ "statusCode": status, "message": LEAK, "error": "UnauthorizedError" }).to_string();
        let trouble = trouble(run(login(&Script::new([answer(status, &[], &body)]), BASE, "c1", &secret("s"))));
        assert_eq!(
            (trouble.cause, trouble.code.as_ref().map(Code::as_str)),
            (Cause::Identity, Some("UnauthorizedError"))
        );
    }
}

#[test]
fn a_version_is_seen_without_its_value() {
    let wire = Script::new([told(json!(4), "<hidden-by-infisical>", true)]);
    assert_eq!(seen(&wire), Ok(Seen { version: "4".into(), expires: None, next: None }));
    assert_eq!(wire.lines(), [format!("{SECRET}&viewSecretValue=false")]);
    assert_eq!(headers(&wire.only()), ["authorization: Bearer t0ken"]);
    for odd in [json!("4"), Value::Null, json!(-1), json!(4.5)] {
        assert_eq!(trouble(seen(&Script::new([told(odd, "v", false)]))).cause, Cause::Unintelligible);
    }
}

#[test]
fn a_value_is_read_as_it_is() {
    for value in odd_values() {
        let wire = Script::new([told(json!(4), &value, false)]);
        let fetched = fetch(&wire, Which::Current).unwrap_or_else(|trouble| panic!("{trouble:?}"));
        assert_eq!((fetched.version.as_str(), text(&fetched)), ("4", value.as_str()));
        assert_eq!(wire.lines(), [format!("{SECRET}&expandSecretReferences=true")]);
    }
}

#[test]
fn what_stands_for_a_hidden_value_is_not_taken_for_it() {
    let wire = Script::new([told(json!(4), "<hidden-by-infisical>", true)]);
    let words = "our identity may see the secret, but not its value";
    assert_eq!(why(fetch(&wire, Which::Current)), (Cause::NotAllowed, Some(words.into())));
}

#[test]
fn the_previous_version_is_asked_for_by_its_number() {
    let wire = Script::new([told(json!(4), "x", true), told(json!(3), "old", false)]);
    let fetched = fetch(&wire, Which::Previous).unwrap_or_else(|trouble| panic!("{trouble:?}"));
    assert_eq!((fetched.version.as_str(), text(&fetched)), ("3", "old"));
    let lines = [format!("{SECRET}&viewSecretValue=false"), format!("{SECRET}&expandSecretReferences=true&version=3")];
    assert_eq!(wire.lines(), lines);
    let wire = Script::new([told(json!(4), "x", true), told(json!(4), "new", false)]);
    assert_eq!(trouble(fetch(&wire, Which::Previous)).cause, Cause::Unintelligible, "another version came");
    for first in [0, 1] {
        let wire = Script::new([told(json!(first), "x", true)]);
        assert_eq!(why(fetch(&wire, Which::Previous)), unusable("it has no previous version"));
    }
}

#[test]
fn a_refusal_keeps_the_name_of_the_error_and_no_words() {
    for (status, cause) in
        [(401, Cause::Token), (403, Cause::NotAllowed), (404, Cause::NotFound), (422, Cause::Rejected)]
    {
        for (error, code) in [("NotFound", Some("NotFound")), ("not ana.leak", None)] {
            let body = json!({ "statusCode": status, "message": LEAK, "error": error }).to_string();
            let trouble = trouble(seen(&Script::new([answer(status, &[], &body)])));
            assert_eq!((trouble.cause, trouble.code.as_ref().map(Code::as_str)), (cause, code));
        }
    }
}
