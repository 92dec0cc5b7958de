//! Key sets: which keys are used, and which are left out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use emulator::teams::{SigningKey, key_set};
use pbi_rotate::codec::fields::Unexpected;
use pbi_rotate::codec::jwks::{address, read};
use serde_json::{Value, json};

/// The set of the service's first key, changed.
fn with(name: &str, value: Value) -> Value {
    let mut set = key_set(&[SigningKey::First]);
    match value {
        Value::Null => drop(set["keys"][0].as_object_mut().expect("a key").remove(name)),
        value => set["keys"][0][name] = value,
    }
    set
}

#[test]
fn a_key_keeps_its_name_numbers_and_endorsements() {
    let set = read(&key_set(&[SigningKey::First, SigningKey::Unendorsed])).expect("a key set");
    let key = set.get("connector-1").expect("a key");
    assert_eq!(
        (key.endorsements.as_slice(), key.rsa.exponent.as_str()),
        (&["msteams".into(), "skype".into()][..], "AQAB")
    );
    assert!(set.get("plain-1").expect("a key").endorsements.is_empty());
    assert_eq!(set.get("connector-2"), None);
}

#[test]
fn keys_that_cannot_sign_are_left_out() {
    let number = |bytes: usize| json!(URL_SAFE_NO_PAD.encode(vec![1; bytes]));
    for (why, set) in [
        ("another kind", with("kty", json!("EC"))),
        ("no kind", with("kty", Value::Null)),
        ("for encryption", with("use", json!("enc"))),
        ("another algorithm", with("alg", json!("RS512"))),
        ("1024 bits", with("n", number(128))),
        ("16384 bits", with("n", number(2048))),
        ("no modulus", with("n", Value::Null)),
        ("not base64url", with("n", json!("+/".repeat(171)))),
        ("no exponent", with("e", Value::Null)),
        ("an empty exponent", with("e", json!(""))),
        ("a huge exponent", with("e", number(9))),
        ("no name", with("kid", Value::Null)),
        ("endorsed by a text", with("endorsements", json!("msteams"))),
    ] {
        assert_eq!(read(&set), Err(Unexpected), "{why}: none is left");
        let mut both = set.clone();
        both["keys"]
            .as_array_mut()
            .expect("keys")
            .extend(key_set(&[SigningKey::Second])["keys"].as_array().cloned().expect("keys"));
        assert!(read(&both).expect("the other one").get("connector-2").is_some(), "{why}: the other is kept");
    }
    for good in [with("use", Value::Null), with("alg", json!("RS256")), with("x5c", json!(["MII"]))] {
        assert!(read(&good).is_ok(), "{good}");
    }
}

#[test]
fn what_is_no_key_set_is_refused() {
    let key = key_set(&[SigningKey::First])["keys"][0].clone();
    for set in
        [json!(null), json!([]), json!({}), json!({"keys": {}}), json!({"keys": []}), json!({"keys": vec![key; 101]})]
    {
        assert_eq!(read(&set), Err(Unexpected));
    }
    assert_eq!(address(&json!({"jwks_uri": "https://a.example/keys"})), Ok("https://a.example/keys".into()));
    assert_eq!(address(&json!({"issuer": "x"})), Err(Unexpected));
}
