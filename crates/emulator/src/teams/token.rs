//! What the Bot Connector service signs its requests with: the keys, the key set, and any token somebody asks for.

use serde_json::{Value, json};

use crate::fields;
use crate::jws;

/// A key that tokens can be signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningKey {
    /// The service's, endorsed for Teams.
    First,
    /// The service's next one, endorsed for Teams; in the key set once it was put there.
    Second,
    /// The service's, endorsed for another channel.
    WebChat,
    /// The service's, without endorsements.
    Unendorsed,
    /// Nobody's: never in the key set.
    Stranger,
}

impl SigningKey {
    /// The name in the key set.
    pub fn kid(self) -> &'static str {
        match self {
            SigningKey::First => "connector-1",
            SigningKey::Second => "connector-2",
            SigningKey::WebChat => "webchat-1",
            SigningKey::Unendorsed => "plain-1",
            SigningKey::Stranger => "stranger-1",
        }
    }

    fn pem(self) -> &'static str {
        match self {
            SigningKey::First => include_str!("../keys/connector-2048.pem"),
            SigningKey::Second => include_str!("../keys/connector-next-2048.pem"),
            SigningKey::WebChat | SigningKey::Unendorsed => include_str!("../keys/webchat-2048.pem"),
            SigningKey::Stranger => include_str!("../keys/replacement-2048.pem"),
        }
    }

    /// The key as the set lists it (RFC 7517; Bot Framework adds `endorsements`).
    fn listed(self) -> Value {
        let mut listed = jws::listed(self.pem(), self.kid());
        match self {
            SigningKey::WebChat => fields::put(&mut listed, "endorsements", json!(["webchat"])),
            SigningKey::Unendorsed => {}
            _ => fields::put(&mut listed, "endorsements", json!(["msteams", "skype"])),
        }
        listed
    }
}

/// The key set with these keys.
pub fn key_set(keys: &[SigningKey]) -> Value {
    json!({"keys": keys.iter().map(|key| key.listed()).collect::<Vec<_>>()})
}

/// A token of this header and these claims, both as JSON text, signed by RS256 whatever the header says (RFC 7515, 7.1).
pub fn sign(key: SigningKey, header: &str, claims: &str) -> String {
    jws::sign(key.pem(), header, claims)
}
