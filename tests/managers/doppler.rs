//! Doppler: the value of a secret, and a version that is made of it.

use pbi_rotate::clients::secrets::doppler::Doppler;
use pbi_rotate::clients::secrets::{Fetched, Seen, Which};
use pbi_rotate::domain::trouble::{Cause, Trouble};
use serde_json::{Value, json};

use crate::scene::{LEAK, headers, odd_values, secret, text, trouble, unusable, why};
use crate::wire::{Answer, Script, answer, run};

fn digest(value: &str) -> String {
    format!("digest of {} characters", value.chars().count())
}

fn doppler<T>(wire: &Script, ask: impl AsyncFnOnce(Doppler<'_, Script>) -> T) -> T {
    let base = "https://api.doppler.com";
    run(ask(Doppler { wire, base, project: "sh&op", config: "prd", token: &secret("dp.st.t0ken") }))
}

fn seen(wire: &Script) -> Result<Seen, Trouble> {
    doppler(wire, async |doppler| doppler.seen("SALES_DB", &digest).await)
}

fn fetch(wire: &Script, which: Which) -> Result<Fetched, Trouble> {
    doppler(wire, async |doppler| doppler.fetch("SALES_DB", which, &digest).await)
}

fn told(value: Value) -> Answer {
    answer(200, &[], &json!({ "success": true, "name": "SALES_DB", "value": value }).to_string())
}

#[test]
fn a_secret_is_asked_for_by_its_config() {
    let wire = Script::new([told(json!({ "raw": "${OTHER}", "computed": "pw" }))]);
    assert_eq!(seen(&wire), Ok(Seen { version: "digest of 2 characters".into(), expires: None, next: None }));
    let url = "GET https://api.doppler.com/v3/configs/config/secret?project=sh%26op&config=prd&name=SALES_DB";
    assert_eq!(wire.lines(), [url]);
    let request = wire.only();
    assert_eq!(headers(&request), ["authorization: Bearer dp.st.t0ken"]);
    assert!(request.body().is_empty());
}

#[test]
fn the_value_is_the_one_with_references_resolved() {
    for value in odd_values() {
        let wire = Script::new([told(json!({ "raw": "${OTHER}", "computed": value }))]);
        let fetched = fetch(&wire, Which::Current).unwrap_or_else(|trouble| panic!("{trouble:?}"));
        assert_eq!((fetched.version.clone(), text(&fetched)), (digest(&value), value.as_str()));
    }
}

#[test]
fn what_is_not_shown_is_told_as_such() {
    let hidden = || Script::new([told(json!({ "raw": null, "computed": null }))]);
    assert_eq!(why(seen(&hidden())), unusable("its value is kept from this token"));
    assert_eq!(why(fetch(&hidden(), Which::Current)), unusable("its value is kept from this token"));
    for odd in [Value::Null, json!("v"), json!({ "raw": LEAK }), json!({ "computed": 7 })] {
        assert_eq!(trouble(seen(&Script::new([told(odd)]))).cause, Cause::Unintelligible);
    }
}

#[test]
fn there_is_no_previous_version() {
    let wire = Script::default();
    let words = "Doppler keeps no previous version that can be read";
    assert_eq!(why(fetch(&wire, Which::Previous)), unusable(words));
    assert!(wire.lines().is_empty());
}
