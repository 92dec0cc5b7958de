//! Words for keys and values that are not known: what may have been meant, and what must not be there at all.

use crate::domain::catalog::nearest;

/// What to say about a key that is none of `known`.
pub(super) fn key(key: &str, known: &[&str]) -> String {
    if looks_secret(key) {
        return "the catalog never holds secrets: take this out, and change the secret if anybody may have seen it"
            .into();
    }
    let hint = meant(key, known).unwrap_or_else(|| format!("known are {}", known.join(", ")));
    format!("is not known here; {hint}")
}

/// What to say about a value that is none of `known`.
pub(super) fn value(value: &str, known: &[&str]) -> String {
    let hint = meant(value, known).map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("has to be one of {}{hint}", known.join(", "))
}

fn meant(typed: &str, known: &[&str]) -> Option<String> {
    nearest(typed, &mut known.iter().copied()).first().map(|word| format!("did you mean {word}?"))
}

/// Whether a key's name promises a secret, however it is spelt.
fn looks_secret(key: &str) -> bool {
    let mut bare = key.to_ascii_lowercase();
    bare.retain(|character| character.is_ascii_alphanumeric());
    let parts = ["password", "passwd", "pwd", "passphrase", "secret", "token", "connectionstring"];
    parts.iter().any(|part| bare.contains(part)) || bare.ends_with("key") || bare == "pass"
}
