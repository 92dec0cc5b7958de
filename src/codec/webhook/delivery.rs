//! One message whose sender is proven: the event that it is about, and its JSON, not taken apart yet.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Malformed, Message, Post};
use crate::codec::{hex, json};
use crate::domain::source::{Hint, News, SecretId};

/// The longest id, name, path or version that is taken, in bytes: as long as the longest name in AWS Secrets Manager
/// (`GetSecretValue`, `SecretId`), and longer than anybody else's.
const LONGEST: usize = 512;

/// A message, to be read by the module whose `verify` made it.
pub struct Delivery {
    event: String,
    body: Option<Value>,
}

impl Delivery {
    /// Called by verifiers, once the body is proven. Nesting of more than 128 levels counts as no JSON (serde_json).
    pub(super) fn new(event: String, post: Post<'_>) -> Self {
        Self { event, body: json::read(post.body) }
    }

    /// One whose sender names no event: it is told from others by what it says.
    pub(super) fn unnamed(post: Post<'_>) -> Self {
        Self::new(hex::digits(&Sha256::digest(post.body)), post)
    }

    /// The same, told from what says the same at another second.
    pub(super) fn at(mut self, second: i64) -> Self {
        self.event = format!("{}-{second}", self.event);
        self
    }

    /// What it says.
    ///
    /// # Errors
    /// When the body is not JSON.
    pub(super) fn json(&self) -> Result<&Value, Malformed> {
        self.body.as_ref().ok_or(Malformed)
    }

    /// What it comes to.
    pub(super) fn hint(&self, secret: Option<SecretId>, version: Option<String>, news: News) -> Hint {
        Hint { event: self.event.clone(), secret, version, news }
    }

    /// The same as the whole message.
    pub(super) fn says(&self, secret: Option<SecretId>, news: News) -> Message {
        Message::Hints(vec![self.hint(secret, None, news)])
    }
}

/// A name, id or version as a message tells it.
///
/// # Errors
/// When it is empty, longer than any real one, or has control characters in it.
pub(super) fn told(text: &str) -> Result<String, Malformed> {
    let good = !text.is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control);
    if good { Ok(text.to_owned()) } else { Err(Malformed) }
}
