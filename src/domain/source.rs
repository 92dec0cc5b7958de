//! Secret managers: where a target's new value is read, and how we hear that there is one.

use super::credential::Field;
use super::names::{Guid, SourceName};

/// A secret manager that the catalog names. Its secrets, by which it knows us and we know its messages, are the
/// configuration's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What people call it.
    pub name: SourceName,
    /// Where values are read.
    pub manager: Manager,
    /// How we hear of new ones; without it, only by looking.
    pub events: Option<Events>,
}

/// A secret manager, and which part of it is ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manager {
    /// Azure Key Vault.
    KeyVault {
        /// The vault's name, which is the first part of its host; in lower case.
        vault: String,
    },
    /// AWS Secrets Manager.
    Aws {
        /// `eu-central-1`
        region: String,
        /// The account's twelve digits.
        account: String,
    },
    /// Google Secret Manager.
    Google {
        /// The project's id or number.
        project: String,
        /// Of regional secrets.
        location: Option<String>,
    },
    /// HashiCorp Vault or OpenBao.
    Vault {
        /// Its address, without a slash at the end.
        url: String,
        /// `X-Vault-Namespace`.
        namespace: Option<String>,
        /// How we log in.
        login: VaultLogin,
    },
    /// Doppler.
    Doppler {
        /// The project.
        project: String,
        /// The config in it.
        config: String,
    },
    /// Infisical.
    Infisical {
        /// Its address, without a slash at the end; the vendor's own cloud unless told.
        url: Option<String>,
        /// The project's id.
        project: String,
        /// The environment's slug.
        environment: String,
        /// The folder, `/` or `/a/b`.
        folder: String,
    },
    /// One that we cannot reach: it sends the value itself, sealed to our key.
    Pushed,
}

/// How we log in to Vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VaultLogin {
    /// AppRole: a role id and a secret id.
    AppRole {
        /// Where the method is mounted: `approle`.
        mount: String,
    },
    /// A token that we sign ourselves.
    Jwt {
        /// Where the method is mounted: `jwt`.
        mount: String,
        /// The role.
        role: String,
        /// Whom the token is for (`aud`).
        audience: String,
    },
}

/// How a source's messages are told from forged ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Events {
    /// Standard Webhooks 1.0.0, `v1` and `v1a`.
    StandardWebhooks,
    /// Azure Event Grid, in either schema.
    EventGrid {
        /// The vault's ARM id, in lower case: `/subscriptions/…/providers/microsoft.keyvault/vaults/…`.
        topic: String,
        /// Whose token a delivery brings; without it, a secret header of its own.
        entra: Option<EventGridToken>,
    },
    /// An API destination of Amazon EventBridge, by a secret header.
    EventBridge,
    /// Amazon SNS over HTTPS.
    Sns {
        /// The topic's ARN.
        topic: String,
        /// Whether signatures by SHA-1 are believed.
        sha1: bool,
    },
    /// A push subscription of Google Pub/Sub.
    PubSub {
        /// What the token is for (`aud`).
        audience: String,
        /// The service account that it is of (`email`).
        email: String,
    },
    /// OpenBao's http audit device, by a secret header.
    OpenBaoAudit,
    /// Doppler's webhooks.
    Doppler,
    /// Infisical's webhooks.
    Infisical,
}

/// The token of Entra that Event Grid brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventGridToken {
    /// The tenant that issues it.
    pub tenant: Guid,
    /// What it is for (`aud`): the application's id or its URI.
    pub audience: String,
}

/// Where a target's value stands in a secret manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The secret manager.
    pub source: SourceName,
    /// Which place has that name: what is known of a secret, and what was approved, is of one place. Absent in what was kept
    /// before places were.
    pub place: Option<String>,
    /// Which secret of it.
    pub secret: SecretId,
    /// Which key of a secret with several values is which field of the credential; none when the secret is one value.
    pub fields: Vec<(Field, String)>,
    /// Where the account's name is found, if it can change with the secret.
    pub username: Option<Username>,
    /// Whether an approval is for one version: if there is another by then, it is asked for again.
    pub ask_again: bool,
}

/// Which secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretId {
    /// By its name.
    Named(String),
    /// A secret of Vault's key-value store, version 2.
    Kv {
        /// Where the store is mounted.
        mount: String,
        /// The path in it.
        path: String,
    },
    /// A static role of Vault's database engine.
    StaticRole {
        /// Where the engine is mounted.
        mount: String,
        /// The role.
        role: String,
    },
}

/// Where the account's name is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Username {
    /// Under that key of the secret.
    Key(String),
    /// In that tag of the secret.
    Tag(String),
}

/// What a message of a secret manager says. It is a hint: nothing of it is used but to look for what is bound to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The sender's id of the event: the same whenever it is delivered again.
    pub event: String,
    /// Which secret it is about; `None` when it may be any of the source.
    pub secret: Option<SecretId>,
    /// The version it is about, as the manager names versions.
    pub version: Option<String>,
    /// What happened.
    pub news: News,
}

/// What happened to a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// There may be a new value.
    Changed,
    /// It expires soon.
    Expiring,
    /// It has expired.
    Expired,
    /// The manager tried to rotate it, and failed.
    RotationFailed,
    /// The manager says that it is time to rotate it.
    Due,
    /// Nothing that is of interest here: a test, another kind of event.
    Other,
}

/// One version of a secret, as its manager names it; for those that name none, a digest that only we can make.
pub type Version = String;

impl SecretId {
    /// Whether both are the same secret. Key Vault's names, and nobody else's, are the same in any case.
    pub fn is(&self, other: &Self, manager: &Manager) -> bool {
        match (self, other, manager) {
            (Self::Named(one), Self::Named(other), Manager::KeyVault { .. }) => one.eq_ignore_ascii_case(other),
            _ => self == other,
        }
    }

    /// For people: its name, its path or its role.
    pub fn name(&self) -> &str {
        match self {
            Self::Named(name) | Self::Kv { path: name, .. } | Self::StaticRole { role: name, .. } => name,
        }
    }
}

impl Manager {
    /// The name that people know it by.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::KeyVault { .. } => "Azure Key Vault",
            Self::Aws { .. } => "AWS Secrets Manager",
            Self::Google { .. } => "Google Secret Manager",
            Self::Vault { .. } => "Vault",
            Self::Doppler { .. } => "Doppler",
            Self::Infisical { .. } => "Infisical",
            Self::Pushed => "a sender",
        }
    }

    /// What tells the place from others: there, secrets of the same name are the same, whatever we log in with.
    pub fn place(&self) -> String {
        let parts: &[&str] = match self {
            Self::KeyVault { vault } => &[vault],
            Self::Aws { region, account } => &[region, account],
            Self::Google { project, location } => &[project, location.as_deref().unwrap_or_default()],
            Self::Vault { url, namespace, login: _ } => &[url, namespace.as_deref().unwrap_or_default()],
            Self::Doppler { project, config } => &[project, config],
            Self::Infisical { url, project, environment, folder } => {
                &[url.as_deref().unwrap_or_default(), project, environment, folder]
            }
            Self::Pushed => &[],
        };
        [&[self.name()], parts].concat().join("\n")
    }

    /// Whether the value before the current one can be read there. Vault remembers none for its static roles, Doppler shows
    /// none, and a sender brings only what is new.
    pub const fn keeps_previous(&self, secret: &SecretId) -> bool {
        !matches!((self, secret), (Self::Doppler { .. } | Self::Pushed, _) | (_, SecretId::StaticRole { .. }))
    }
}
