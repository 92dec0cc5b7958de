//! Kinds of credential: what is known beforehand, and what a person has to enter.

use super::names::Guid;
use seal::{Credential, Secret};

/// A credential without its secret: what the catalog holds, because the services never give it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// No credential at all.
    Anonymous,
    /// A user name and password of the data source itself.
    Basic {
        /// The account.
        username: String,
    },
    /// A Windows account.
    Windows {
        /// `DOMAIN\user` or `user@domain`.
        username: String,
    },
    /// The Windows account the personal gateway runs under.
    WindowsWithoutImpersonation,
    /// An account or API key.
    Key,
    /// An access token; it lives about an hour (Power BI REST, Gateways: Update Datasource, Limitations).
    OAuth2,
    /// A shared access signature.
    Sas,
    /// An Entra application.
    ServicePrincipal {
        /// The application's tenant.
        tenant: Guid,
        /// The application's client id.
        client: Guid,
    },
    /// A key pair, as Snowflake uses it.
    KeyPair {
        /// The account the key belongs to.
        identifier: String,
    },
    /// The identity of the Fabric workspace.
    WorkspaceIdentity,
}

/// The kind of a [`Login`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is described at the variant of the same name in Login")]
pub enum Kind {
    Anonymous,
    Basic,
    Windows,
    WindowsWithoutImpersonation,
    Key,
    OAuth2,
    Sas,
    ServicePrincipal,
    KeyPair,
    WorkspaceIdentity,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Anonymous,
        Self::Basic,
        Self::Windows,
        Self::WindowsWithoutImpersonation,
        Self::Key,
        Self::OAuth2,
        Self::Sas,
        Self::ServicePrincipal,
        Self::KeyPair,
        Self::WorkspaceIdentity,
    ];

    /// The name in the catalog and on cards.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "Anonymous",
            Self::Basic => "Basic",
            Self::Windows => "Windows",
            Self::WindowsWithoutImpersonation => "WindowsWithoutImpersonation",
            Self::Key => "Key",
            Self::OAuth2 => "OAuth2",
            Self::Sas => "SAS",
            Self::ServicePrincipal => "ServicePrincipal",
            Self::KeyPair => "KeyPair",
            Self::WorkspaceIdentity => "WorkspaceIdentity",
        }
    }

    /// The kind of that name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What has to be entered, in the order people expect; empty when there is nothing secret.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Anonymous | Self::WindowsWithoutImpersonation | Self::WorkspaceIdentity => &[],
            Self::Basic | Self::Windows => &[Field::Password],
            Self::Key => &[Field::Key],
            Self::OAuth2 => &[Field::AccessToken],
            Self::Sas => &[Field::Token],
            Self::ServicePrincipal => &[Field::ClientSecret],
            Self::KeyPair => &[Field::PrivateKey, Field::Passphrase],
        }
    }
}

/// One thing a person enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Field {
    Password,
    Key,
    AccessToken,
    Token,
    ClientSecret,
    PrivateKey,
    Passphrase,
}

impl Field {
    /// Every field. The order is part of what is stored: new ones go to the end.
    pub const ALL: [Self; 7] = [
        Self::Password,
        Self::Key,
        Self::AccessToken,
        Self::Token,
        Self::ClientSecret,
        Self::PrivateKey,
        Self::Passphrase,
    ];

    /// The identifier in forms and in the stored, encrypted credential.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Key => "key",
            Self::AccessToken => "access_token",
            Self::Token => "token",
            Self::ClientSecret => "client_secret",
            Self::PrivateKey => "private_key",
            Self::Passphrase => "passphrase",
        }
    }

    /// Whether the credential is incomplete without it.
    pub const fn required(self) -> bool {
        !matches!(self, Self::Passphrase)
    }
}

/// What was entered, by field. Not printable and not serialisable, because a [`Secret`] is neither.
#[derive(Default)]
pub struct Entered(Vec<(Field, Secret)>);

impl Entered {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds one field; an empty text is the same as none.
    pub fn insert(&mut self, field: Field, secret: Secret) {
        if !secret.is_empty() {
            self.0.push((field, secret));
        }
    }

    /// Borrows one field.
    pub fn get(&self, field: Field) -> Option<&Secret> {
        self.0.iter().find(|(at, _)| *at == field).map(|(_, secret)| secret)
    }

    /// Every field entered.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &Secret)> {
        self.0.iter().map(|(field, secret)| (*field, secret))
    }

    fn take(&mut self, field: Field) -> Option<Secret> {
        let at = self.0.iter().position(|(entered, _)| *entered == field)?;
        Some(self.0.swap_remove(at).1)
    }
}

impl Login {
    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Anonymous => Kind::Anonymous,
            Self::Basic { .. } => Kind::Basic,
            Self::Windows { .. } => Kind::Windows,
            Self::WindowsWithoutImpersonation => Kind::WindowsWithoutImpersonation,
            Self::Key => Kind::Key,
            Self::OAuth2 => Kind::OAuth2,
            Self::Sas => Kind::Sas,
            Self::ServicePrincipal { .. } => Kind::ServicePrincipal,
            Self::KeyPair { .. } => Kind::KeyPair,
            Self::WorkspaceIdentity => Kind::WorkspaceIdentity,
        }
    }

    /// The account people know it by, where there is one.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Basic { username } | Self::Windows { username } => Some(username),
            Self::KeyPair { identifier } => Some(identifier),
            Self::ServicePrincipal { client, .. } => Some(client.as_str()),
            _ => None,
        }
    }

    /// The same with another account, where there is one.
    #[must_use]
    pub fn with_account(&self, account: Option<&str>) -> Self {
        let mut login = self.clone();
        if let (
            Some(account),
            Self::Basic { username: name } | Self::Windows { username: name } | Self::KeyPair { identifier: name },
        ) = (account, &mut login)
        {
            account.clone_into(name);
        }
        login
    }

    /// The whole credential: this login with what was entered.
    ///
    /// # Errors
    /// The first field that is missing. A workspace identity has no credential to make: `Ok(None)`.
    pub fn complete(&self, mut entered: Entered) -> Result<Option<Credential>, Field> {
        let mut need = |field: Field| entered.take(field).ok_or(field);
        Ok(Some(match self {
            Self::Anonymous => Credential::Anonymous,
            Self::WindowsWithoutImpersonation => Credential::WindowsWithoutImpersonation,
            Self::WorkspaceIdentity => return Ok(None),
            Self::Basic { username } => {
                Credential::Basic { username: username.clone(), password: need(Field::Password)? }
            }
            Self::Windows { username } => {
                Credential::Windows { username: username.clone(), password: need(Field::Password)? }
            }
            Self::Key => Credential::Key { key: need(Field::Key)? },
            Self::OAuth2 => Credential::OAuth2 { access_token: need(Field::AccessToken)? },
            Self::Sas => Credential::Sas { token: need(Field::Token)? },
            Self::ServicePrincipal { tenant, client } => Credential::ServicePrincipal {
                tenant_id: tenant.as_str().to_owned(),
                client_id: client.as_str().to_owned(),
                secret: need(Field::ClientSecret)?,
            },
            Self::KeyPair { identifier } => Credential::KeyPair {
                identifier: identifier.clone(),
                private_key: need(Field::PrivateKey)?,
                passphrase: entered.take(Field::Passphrase),
            },
        }))
    }
}
