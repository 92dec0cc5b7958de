//! What each secret manager and we know each other by: a variable for each of them, `SOURCE_` and its name in capitals.

use seal::Secret;
use serde_json::Value;
use subtle::ConstantTimeEq as _;

use super::ConfigProblem;
use crate::domain::names::SourceName;

/// What such a variable begins with.
pub const PREFIX: &str = "SOURCE_";

/// Characters of the part of its address that nobody can guess.
const PATH: std::ops::RangeInclusive<usize> = 32..=128;
/// Characters of a key that its messages are proven by: shorter ones can be guessed.
const SHORTEST_KEY: usize = 24;
/// Keys that are good at the same time: the new one and the old one, and one to spare.
const MOST_KEYS: usize = 4;

/// What one secret manager and we know each other by. It can't be printed.
pub struct SourceSecrets {
    /// Whose they are.
    pub name: SourceName,
    /// The part of its address that nobody can guess.
    path: Secret,
    /// What its messages are proven by; all of them are good.
    pub keys: Vec<Secret>,
    /// What we log in with, by name.
    others: Vec<(String, Secret)>,
}

impl SourceSecrets {
    /// Whether it sends to that path. Takes the same time whatever differs.
    pub fn is_at(&self, path: &str) -> bool {
        // Exposed to be compared: it is the address that was asked for.
        self.path.expose().as_bytes().ct_eq(path.as_bytes()).into()
    }

    /// Whether both send to one path.
    pub(super) fn meets(&self, other: &Self) -> bool {
        // Exposed to be compared.
        self.is_at(other.path.expose())
    }

    /// What we log in with, by its name in the variable.
    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.others.iter().find(|(other, _)| other == name).map(|(_, secret)| secret)
    }
}

/// The name of the variable for a secret manager.
pub fn variable(source: &SourceName) -> String {
    format!("{PREFIX}{}", source.as_str().to_ascii_uppercase().replace('-', "_"))
}

/// Reads the variable of that name; a problem with it never repeats a value.
pub(super) fn read(variable: &str, text: &str) -> Result<SourceSecrets, ConfigProblem> {
    let problem = |message: &str| ConfigProblem { name: variable.to_owned(), message: message.to_owned() };
    let name = variable.trim_start_matches(PREFIX).to_ascii_lowercase().replace('_', "-");
    let name = SourceName::parse(&name).map_err(|rule| problem(&rule.to_string()))?;
    let Ok(Value::Object(mut given)) = serde_json::from_str(text) else {
        return Err(problem("has to be a JSON object"));
    };
    let mut taken = |key: &str| match given.remove(key) {
        Some(Value::String(text)) => Some(Secret::new(text)),
        _ => None,
    };
    // Exposed to be checked for its form.
    let whole = |path: &Secret| {
        let plain = path.expose().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        plain && PATH.contains(&path.expose().len())
    };
    let path = taken("path").filter(whole);
    let path = path.ok_or_else(|| problem("needs path: 32 to 128 random letters, digits, '-' or '_'"))?;
    let listed = match given.remove("keys") {
        None => Vec::new(),
        Some(Value::Array(keys)) if keys.len() <= MOST_KEYS => keys,
        Some(_) => return Err(problem("has keys that are no list of at most four")),
    };
    let mut keys = Vec::with_capacity(listed.len());
    for key in listed {
        match key {
            Value::String(key) if key.len() >= SHORTEST_KEY => keys.push(Secret::new(key)),
            _ => return Err(problem("has a key that is no text of at least 24 characters")),
        }
    }
    let mut others = Vec::with_capacity(given.len());
    for (name, value) in given {
        match value {
            Value::String(text) if !text.is_empty() => others.push((name, Secret::new(text))),
            Value::String(_) | Value::Null => {}
            _ => return Err(problem("has a value that is no text")),
        }
    }
    Ok(SourceSecrets { name, path, keys, others })
}
