//! What secret managers send: each sender's proof of itself, and what its message says.
//!
//! A file for each way of sending. Its `verify` takes the raw bytes and makes [`Verified`](super::proof::Verified) of them;
//! its `read` takes nothing else. What comes out is a [`Message`]: hints, never values or addresses that are followed.

pub mod delivery;
pub mod doppler;
pub mod event_bridge;
pub mod event_grid;
pub mod infisical;
pub mod key;
mod mac;
pub mod openbao;
pub mod pub_sub;
pub mod sealed;
pub mod sns;
pub mod standard;
mod window;

use http::{HeaderMap, HeaderName};

use super::fields::Unexpected;
use super::jwt::JwtError;
use crate::domain::source::{Hint, News};

/// The secret header for senders that sign nothing: Event Grid without Entra, EventBridge, OpenBao's audit device.
pub const KEY: HeaderName = HeaderName::from_static("x-pbi-rotate-key");

/// What was posted, as it came.
#[derive(Clone, Copy)]
pub struct Post<'a> {
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its raw body.
    pub body: &'a [u8],
}

impl<'a> Post<'a> {
    /// The one header of that name.
    ///
    /// # Errors
    /// When it is not there, there twice, or has something outside ASCII in it.
    fn header(&self, name: &str) -> Result<&'a str, Unproven> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next().ok_or(Unproven::Missing)?;
        if values.next().is_some() {
            return Err(Unproven::Form);
        }
        value.to_str().map_err(|_| Unproven::Form)
    }
}

/// What a proven message says.
#[derive(Debug, PartialEq, Eq)]
pub enum Message {
    /// What happened, in the order told; nothing of it may concern us.
    Hints(Vec<Hint>),
    /// Event Grid asks whether we want its events; this is the code to answer with.
    Validation(String),
    /// SNS asks the same; this is the token to confirm with.
    Confirmation(String),
    /// A value, sealed to our key (a JWE in compact form), and what it is the value of.
    Sealed {
        /// Which secret, and the sender's version of it.
        hint: Hint,
        /// The ciphertext.
        jwe: String,
    },
}

/// Why a message is not proven to be from its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// What would prove it is not there.
    Missing,
    /// What would prove it has another form than its document describes.
    Form,
    /// It is older than it may be.
    Stale,
    /// It is from the future.
    Future,
    /// The signature or secret is another one.
    Signature,
    /// Signed by an algorithm that is not believed.
    Algorithm,
    /// Signed by a key, or named by a certificate, that is not the sender's.
    Key,
    /// From another tenant, topic, subscription or account than the catalog names.
    Foreign,
    /// For somebody else, or from another application or role.
    Party,
    /// Past its end, or without one.
    Expired,
    /// Whether it is proven cannot be told now: our trouble, not the sender's.
    Unchecked,
}

impl Unproven {
    /// The name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "hook-missing",
            Self::Form => "hook-form",
            Self::Stale => "hook-stale",
            Self::Future => "hook-future",
            Self::Signature => "hook-signature",
            Self::Algorithm => "hook-algorithm",
            Self::Key => "hook-key",
            Self::Foreign => "hook-foreign",
            Self::Party => "hook-party",
            Self::Expired => "hook-expired",
            Self::Unchecked => "hook-unchecked",
        }
    }
}

impl From<JwtError> for Unproven {
    fn from(error: JwtError) -> Self {
        match error {
            JwtError::Missing => Self::Missing,
            JwtError::Header | JwtError::TooLong | JwtError::Form | JwtError::Critical | JwtError::Claims => Self::Form,
            JwtError::Algorithm => Self::Algorithm,
            JwtError::NoKey | JwtError::UnknownKey => Self::Key,
            JwtError::Unchecked => Self::Unchecked,
            JwtError::Signature => Self::Signature,
            JwtError::Endless | JwtError::Expired => Self::Expired,
            JwtError::Early => Self::Future,
        }
    }
}

/// Proven, but not what its document describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// That there was an event, and that it is of no interest here.
fn other(event: &str) -> Hint {
    Hint { event: event.to_owned(), secret: None, version: None, news: News::Other }
}

impl From<Unexpected> for Malformed {
    fn from(Unexpected: Unexpected) -> Self {
        Self
    }
}
