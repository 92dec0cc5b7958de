//! Bytes that hold secrets: JSON, forms and bearers, written as they should be.

use pbi_rotate::clients::SecretBytes;
use serde_json::json;

use crate::scene::secret;

#[test]
fn json_is_json() {
    let value = json!({"a": "ä\"\\\u{0}\u{1f}", "b": [1, null, true]});
    let bytes = SecretBytes::json(&value).unwrap().into_bytes();
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&bytes).unwrap(), value);
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
