//! What went wrong at a service, in the terms a person can act on.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use super::names::Code;

/// Who answered, or did not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Service {
    Entra,
    PowerBi,
    Fabric,
    Slack,
    Teams,
    Graph,
    KeyVault,
    Aws,
    Google,
    Vault,
    Doppler,
    Infisical,
    Push,
    /// A secret manager of which no more is known.
    Manager,
    /// The objects in which we keep what we know.
    Storage,
}

impl Service {
    /// The name on cards.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Entra => "Microsoft Entra",
            Self::PowerBi => "Power BI",
            Self::Fabric => "Fabric",
            Self::Slack => "Slack",
            Self::Teams => "Teams",
            Self::Graph => "Microsoft Graph",
            Self::KeyVault => "Azure Key Vault",
            Self::Aws => "AWS Secrets Manager",
            Self::Google => "Google Secret Manager",
            Self::Vault => "Vault",
            Self::Doppler => "Doppler",
            Self::Infisical => "Infisical",
            Self::Push => "The sender",
            Self::Manager => "The secret manager",
            Self::Storage => "Our own storage",
        }
    }
}

/// A call that did not do what it should. In a box, because every `?` on the way up moves it: the Worker is 6 kB smaller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble(Box<Details>);

/// What is known of a [`Trouble`]. Holds nothing of the service's free text: that can contain login names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Who.
    pub service: Service,
    /// What, in our terms.
    pub cause: Cause,
    /// The service's own code: `DMTS_GatewayIsDisabled`, `AADSTS7000215`.
    pub code: Option<Code>,
    /// The HTTP status, when there was an answer.
    pub status: Option<u16>,
    /// The id support asks for.
    pub request_id: Option<Code>,
    /// How long the service asked us to wait (`Retry-After`), when it did.
    pub retry_after: Option<Duration>,
    /// What we ourselves found wrong with an answer, in our own words: never the service's.
    pub note: Option<String>,
}

impl Details {
    /// That cause, with nothing else known.
    pub const fn of(service: Service, cause: Cause) -> Self {
        Self { service, cause, code: None, status: None, request_id: None, retry_after: None, note: None }
    }
}

impl From<Details> for Trouble {
    fn from(details: Details) -> Self {
        Self(Box::new(details))
    }
}

impl Deref for Trouble {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl DerefMut for Trouble {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

impl Trouble {
    /// Trouble of that cause, with nothing else known.
    pub fn of(service: Service, cause: Cause) -> Self {
        Details::of(service, cause).into()
    }

    /// Trouble that we found ourselves, with a sentence of ours about it.
    pub fn noted(service: Service, cause: Cause, note: impl ToString) -> Self {
        Details { note: Some(note.to_string()), ..Details::of(service, cause) }.into()
    }

    /// Whether the access token itself may be what was refused: worth one try with a fresh one. Power BI answers 401 with
    /// codes that mean missing rights as well.
    pub fn about_token(&self) -> bool {
        self.cause == Cause::Token || self.status == Some(401)
    }

    /// Whether the same call can succeed later without anybody doing anything: also when a service that fails adds a
    /// code of its own to that.
    pub fn passing(&self) -> bool {
        self.cause.passing() || self.failing()
    }

    /// Whether a call that ended so may have taken effect all the same.
    pub fn uncertain(&self) -> bool {
        self.cause.uncertain() || self.failing()
    }

    fn failing(&self) -> bool {
        self.status.is_some_and(|status| status >= 500)
    }

    /// An operation that did not end while we looked.
    pub fn endless(service: Service) -> Self {
        Self::noted(service, Cause::Unavailable, "its test had not come to an end when time ran out")
    }
}

/// What a [`Trouble`] means for the rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// No answer: the connection failed, or was lost. Whether the call took effect is unknown.
    Unreachable,
    /// 429.
    Throttled,
    /// 5xx, or 4xx that says it is passing.
    Unavailable,
    /// An answer that is not what the API describes, or a redirect.
    Unintelligible,
    /// Our own identity was refused: secret, application, tenant.
    Identity,
    /// The service does not take our token (401).
    Token,
    /// We are known and may not (403, or a code that says so).
    NotAllowed,
    /// The thing does not exist, or not for us.
    NotFound,
    /// The service does not own or accept this: the request is wrong for what it finds.
    Rejected,
    /// The data source refused the new login; the old one stays.
    CredentialRefused,
    /// The gateway, or its member, is offline or disabled.
    GatewayOffline,
    /// The service's own test did not get through to the data source, and says no more.
    SourceOffline,
    /// The credential could not be opened or the algorithm does not fit the gateway: its key changed, or it is not the kind we took it for.
    EncryptionRefused,
    /// This kind of credential is not taken there.
    KindRefused,
    /// The gateway shows no key, or one that must not be used.
    KeyUnusable,
    /// The destination is not what the catalog says it is.
    Mismatch,
    /// What was entered cannot be read any more: the key of our own store was changed meanwhile.
    EntryLost,
    /// It is fed from a Key Vault reference, which is not overwritten.
    KeyVaultReference,
    /// A semantic model's refresh did not come to a good end.
    NotRefreshed,
    /// The maintenance window closed before its turn came; nothing was sent.
    WindowClosed,
    /// A secret manager's value cannot be used, or there is none.
    SecretUnfit,
    /// Nothing was encrypted for it in the browser.
    LeftOut,
    /// What is kept for it was encrypted for other keys than it has now, and what was entered is gone.
    SealedForOthers,
}

impl Cause {
    /// The name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::Unintelligible => "unintelligible",
            Self::Identity => "identity",
            Self::Token => "token",
            Self::NotAllowed => "not-allowed",
            Self::NotFound => "not-found",
            Self::Rejected => "rejected",
            Self::CredentialRefused => "credential-refused",
            Self::GatewayOffline => "gateway-offline",
            Self::SourceOffline => "source-offline",
            Self::EncryptionRefused => "encryption-refused",
            Self::KindRefused => "kind-refused",
            Self::KeyUnusable => "key-unusable",
            Self::Mismatch => "mismatch",
            Self::EntryLost => "entry-lost",
            Self::KeyVaultReference => "key-vault-reference",
            Self::NotRefreshed => "not-refreshed",
            Self::WindowClosed => "window-closed",
            Self::SecretUnfit => "secret-unfit",
            Self::LeftOut => "left-out",
            Self::SealedForOthers => "sealed-for-others",
        }
    }

    /// Whether the same call can succeed later without anybody doing anything.
    pub const fn passing(self) -> bool {
        matches!(self, Self::Unreachable | Self::Throttled | Self::Unavailable)
    }

    /// Whether it is about a service as a whole, so that whatever else is asked of it now fails likewise.
    pub const fn whole(self) -> bool {
        matches!(self, Self::Unreachable | Self::Throttled | Self::Unavailable | Self::Identity)
    }

    /// Whether somebody can do something about it that makes the same credential worth another try.
    pub const fn mendable(self) -> bool {
        !matches!(
            self,
            Self::CredentialRefused
                | Self::Rejected
                | Self::KindRefused
                | Self::EntryLost
                | Self::KeyVaultReference
                | Self::LeftOut
                | Self::SealedForOthers
        )
    }

    /// Whether a call that ended so may have taken effect all the same.
    pub const fn uncertain(self) -> bool {
        matches!(self, Self::Unreachable | Self::Unavailable | Self::Unintelligible)
    }
}
