//! What the register keeps of secret managers, and of what is bound to them.

use super::shape::{choice, record};
use crate::domain::names::TargetName;
use crate::domain::source::{EventGridToken, Events, Hint, Manager, News, Source, VaultLogin, Version};
use crate::domain::time::Timestamp;
use crate::domain::trouble::Trouble;

/// Something that is to be looked at: a bound secret of which there may be a new version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// What made us look: a message's id, or a name of ours. The rotation that follows has its id from it.
    pub event: String,
    /// Who told us; nobody when we look by ourselves.
    pub told: bool,
    /// Not before.
    pub due: Timestamp,
    /// Failures so far.
    pub failures: u32,
}

record!(Look { event, told, due, failures });

/// What is known of a target's bound secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// A digest of the binding that it is known of: another binding is not known.
    pub binding: String,
    /// The version that is in place, as far as is known.
    pub version: Option<Version>,
    /// The version about which nothing is to be done any more: it is in place, or was not wanted.
    pub settled: Option<Version>,
    /// When that was.
    pub at: Option<Timestamp>,
    /// When the rotation was opened that settled it.
    pub opened_at: Option<Timestamp>,
    /// When its manager last spoke of it.
    pub heard: Option<Timestamp>,
    /// Why it could not be looked at the last time.
    pub trouble: Option<Trouble>,
    /// What rooms were last told of it: about which version, and what.
    pub told: Option<(String, News)>,
}

record!(Bound { binding, version, settled, at, opened_at, heard, trouble, told });

/// Something to tell a target's rooms about its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notify {
    /// What happened.
    pub news: News,
    /// Not before.
    pub due: Timestamp,
    /// Failures so far.
    pub failures: u32,
}

record!(Notify { news, due, failures });

/// A value that a sender sealed to our key, until it is put in place or another comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// The sender's version of it.
    pub version: Version,
    /// The ciphertext.
    pub jwe: String,
}

record!(Pushed { version, jwe });

/// How a rotation settled a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The digest of what its target was bound to.
    pub binding: String,
    /// The version that was put in place, if one was.
    pub version: Option<Version>,
    /// The version about which nothing is to be done any more.
    pub settled: Version,
    /// When the rotation was opened.
    pub opened_at: Timestamp,
}

record!(Settled { binding, version, settled, opened_at });

/// A secret manager, for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceSeen {
    /// It.
    pub source: Source,
    /// Whether what it says waits.
    pub paused: bool,
    /// When it last said anything that was proven.
    pub heard: Option<Timestamp>,
    /// How many messages were not proven since midnight, UTC; and what was wrong with the last, by its name in the log.
    pub unproven: u32,
    /// See `unproven`.
    pub why: Option<String>,
    /// What is bound to it.
    pub bound: Vec<(TargetName, Bound)>,
}

record!(SourceSeen { source, paused, heard, unproven, why, bound });

record!(Source { name, manager, events });
choice!(Manager {
    KeyVault { vault },
    Aws { region, account },
    Google { project, location },
    Vault { url, namespace, login },
    Doppler { project, config },
    Infisical { url, project, environment, folder },
    Pushed,
});
choice!(VaultLogin { AppRole { mount }, Jwt { mount, role, audience } });
choice!(Events {
    StandardWebhooks,
    EventGrid { topic, entra },
    EventBridge,
    Sns { topic, sha1 },
    PubSub { audience, email },
    OpenBaoAudit,
    Doppler,
    Infisical,
});
record!(EventGridToken { tenant, audience });
record!(Hint { event, secret, version, news });
choice!(News { Changed, Expiring, Expired, RotationFailed, Due, Other });
