//! What an update carries: plaintext or ciphertext, never to be mistaken for each other.

use seal::{Credential, Sealed};

use crate::domain::credential::Kind;
use crate::domain::names::Guid;
use crate::domain::trouble::Cause;

/// The credential of one update. Building a body fails when this does not fit the destination, so plaintext cannot
/// leave for an on-premises gateway.
pub enum Payload {
    /// In clear, inside TLS: for destinations known to be in the cloud or behind a virtual network gateway.
    Clear(Credential),
    /// Sealed, once for every member of the gateway.
    Sealed(Vec<SealedFor>),
    /// The identity of the Fabric workspace: nothing secret travels.
    WorkspaceIdentity,
}

/// A credential sealed to the key of one gateway member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedFor {
    /// The member; the id of a cluster's first member is the id of the gateway.
    pub member: Guid,
    /// The ciphertext.
    pub sealed: Sealed,
}

impl Payload {
    /// The plaintext of that kind, for a destination that takes plaintext.
    pub(super) fn clear(&self, kind: Kind) -> Result<Option<&Credential>, Cause> {
        match self {
            Self::Clear(credential) if self::kind(credential) == kind => Ok(Some(credential)),
            Self::WorkspaceIdentity if kind == Kind::WorkspaceIdentity => Ok(None),
            Self::Clear(_) | Self::WorkspaceIdentity => Err(Cause::KindRefused),
            Self::Sealed(_) => Err(Cause::EncryptionRefused),
        }
    }

    /// The ciphertexts, for a destination that takes nothing else; never empty.
    pub(super) fn sealed(&self) -> Result<&[SealedFor], Cause> {
        match self {
            Self::Sealed(members) if !members.is_empty() => Ok(members),
            Self::Sealed(_) | Self::Clear(_) => Err(Cause::EncryptionRefused),
            Self::WorkspaceIdentity => Err(Cause::KindRefused),
        }
    }
}

const fn kind(credential: &Credential) -> Kind {
    match credential {
        Credential::Anonymous => Kind::Anonymous,
        Credential::Basic { .. } => Kind::Basic,
        Credential::Windows { .. } => Kind::Windows,
        Credential::WindowsWithoutImpersonation => Kind::WindowsWithoutImpersonation,
        Credential::Key { .. } => Kind::Key,
        Credential::OAuth2 { .. } => Kind::OAuth2,
        Credential::Sas { .. } => Kind::Sas,
        Credential::ServicePrincipal { .. } => Kind::ServicePrincipal,
        Credential::KeyPair { .. } => Kind::KeyPair,
    }
}
