//! Bytes that hold secrets: JSON, forms and bearers, written as they should be.

use pbi_rotate::clients::{SecretBytes, SecretJson};
use serde_json::{Value, json};

use crate::scene::secret;

fn read(json: SecretJson) -> Value {
    serde_json::from_slice(&json.finish().into_bytes()).unwrap()
}

#[test]
fn json_is_json() {
    assert_eq!(read(SecretJson::object()), json!({}));
    let mut written = SecretJson::object();
    written.flag("yes", true);
    written.open("object");
    written.text("brackets", "{[");
    written.open("none");
    written.close();
    written.close();
    written.open_list("list");
    for entry in ["1", "2"] {
        written.open_entry();
        written.text("a", entry);
        written.flag("b", false);
        written.close();
    }
    written.close();
    written.open_list("empty");
    let expected = json!({
        "yes": true,
        "object": {"brackets": "{[", "none": {}},
        "list": [{"a": "1", "b": false}, {"a": "2", "b": false}],
        "empty": [],
    });
    assert_eq!(read(written), expected);
}

#[test]
fn every_character_is_written_so_that_it_is_read() {
    let below_surrogates: String = (0..=0x2100).filter_map(char::from_u32).collect();
    let long = "\"ä🔐".repeat(5000);
    for text in [below_surrogates.as_str(), "", long.as_str(), "\u{fffd}\u{10ffff}"] {
        let mut written = SecretJson::object();
        written.text(text, text);
        let expected: serde_json::Map<_, _> = [(text.to_owned(), json!(text))].into_iter().collect();
        assert_eq!(read(written), Value::Object(expected));
    }
}

#[test]
fn a_form_escapes_what_a_form_must() {
    let bytes = SecretBytes::form(&[("a", "x&y=z+ %/ä"), ("b", "")]).into_bytes();
    assert_eq!(bytes, "a=x%26y%3Dz%2B+%25%2F%C3%A4&b=");
}

#[test]
fn a_bearer_is_a_bearer() {
    assert_eq!(SecretBytes::bearer(&secret("t0ken")).into_bytes(), "Bearer t0ken");
}
