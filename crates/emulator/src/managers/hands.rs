//! What people and rotation functions do to secrets, and what is known of who read them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Kept, Manager, Standing, Version, digits, spelled};
use crate::jws::TokenKey;
use crate::world::World;

/// AWS's label of the version that counts.
pub(super) const CURRENT: &str = "AWSCURRENT";
/// AWS's label of the one before it.
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";
/// AWS's label of one that a rotation is about to make current.
pub(super) const PENDING: &str = "AWSPENDING";

/// A version of a secret as somebody puts it into a manager.
#[derive(Clone, Debug, Deserialize)]
pub struct NewVersion {
    /// The value. Vault keeps several values by name: the text of a JSON object, or else one value under `value`.
    pub value: String,
    /// Tags (Key Vault, AWS), labels (Google), custom metadata (Vault, Infisical).
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Whether it can be read from the start.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Key Vault: not before, in seconds since 1970.
    #[serde(default)]
    pub nbf_s: Option<u64>,
    /// Key Vault and Google: expires, in seconds since 1970.
    #[serde(default)]
    pub exp_s: Option<u64>,
    /// AWS: put as `SecretBinary`.
    #[serde(default)]
    pub binary: bool,
    /// AWS: put as `AWSPENDING`, until [`World::finish_rotation`].
    #[serde(default)]
    pub pending: bool,
}

fn yes() -> bool {
    true
}

impl NewVersion {
    /// A value, and nothing special about it.
    pub fn of(value: &str) -> NewVersion {
        NewVersion {
            value: value.to_owned(),
            tags: BTreeMap::new(),
            enabled: true,
            nbf_s: None,
            exp_s: None,
            binary: false,
            pending: false,
        }
    }

    /// The same with one more tag.
    pub fn tagged(mut self, name: &str, value: &str) -> NewVersion {
        self.tags.insert(name.to_owned(), value.to_owned());
        self
    }
}

/// A value that somebody read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SecretRead {
    /// Where.
    pub manager: Manager,
    /// The secret's name; of a static role `static-creds/` and its name.
    pub secret: String,
    /// The version; of a static role the time of its last rotation.
    pub version: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

impl World {
    /// Puts a new version of a secret into a manager, and the secret if it is new there. Tells the version's name.
    pub fn put_secret(&self, manager: Manager, name: &str, new: NewVersion) -> String {
        let state = &mut *self.lock();
        let created_ms = state.now_ms();
        let key = (manager, spelled(manager, name));
        let number = state.managers.secrets.get(&key).map_or(0, |kept| kept.versions.len()) + 1;
        let id = match manager {
            Manager::KeyVault => digits(state, 32),
            Manager::Aws => uuid(&digits(state, 32)),
            _ => number.to_string(),
        };
        let version = Version {
            id: id.clone(),
            value: new.value,
            tags: new.tags,
            standing: if new.enabled { Standing::Enabled } else { Standing::Disabled },
            nbf_s: new.nbf_s,
            exp_s: new.exp_s,
            binary: new.binary,
            created_ms,
            stages: if new.pending { vec![PENDING] } else { Vec::new() },
        };
        let kept = state.managers.secrets.entry(key).or_insert(Kept { versions: Vec::new(), deleted: false });
        kept.versions.push(version);
        if !new.pending {
            make_current(kept, &id);
        }
        id
    }

    /// Finishes a rotation in AWS: the pending version becomes the current one.
    pub fn finish_rotation(&self, name: &str) {
        self.on_secret(Manager::Aws, name, |kept| {
            let pending = kept.versions.iter().find(|version| version.stages.contains(&PENDING));
            if let Some(id) = pending.map(|version| version.id.clone()) {
                make_current(kept, &id);
            }
        });
    }

    /// Enables or disables a version (Key Vault, Google), or deletes it and takes that back (Vault).
    pub fn set_secret_enabled(&self, manager: Manager, name: &str, version: &str, enabled: bool) {
        let standing = if enabled { Standing::Enabled } else { Standing::Disabled };
        self.on_secret(manager, name, |kept| stand(kept, version, standing));
    }

    /// Destroys a version for good (Google, Vault).
    pub fn destroy_secret(&self, manager: Manager, name: &str, version: &str) {
        self.on_secret(manager, name, |kept| stand(kept, version, Standing::Destroyed));
    }

    /// Deletes a secret; AWS marks it for deletion.
    pub fn delete_secret(&self, manager: Manager, name: &str) {
        if manager == Manager::Aws {
            self.on_secret(manager, name, |kept| kept.deleted = true);
        } else {
            self.lock().managers.secrets.remove(&(manager, spelled(manager, name)));
        }
    }

    /// Takes the bot's rights in a manager away, or gives them back.
    pub fn set_manager_denied(&self, manager: Manager, denied: bool) {
        let managers = &mut self.lock().managers;
        if denied {
            managers.denied.insert(manager)
        } else {
            managers.denied.remove(&manager)
        };
    }

    /// Ends every token that the managers themselves gave out, and AWS's session.
    pub fn end_manager_logins(&self) {
        let managers = &mut self.lock().managers;
        managers.logins.clear();
        managers.aws_session_expired = true;
    }

    /// How many tokens of a manager are still good.
    pub fn manager_logins(&self, manager: Manager) -> usize {
        let state = self.lock();
        let now_ms = state.now_ms();
        let logins = state.managers.logins.values();
        logins.filter(|login| login.manager == manager && now_ms < login.expires_ms).count()
    }

    /// Puts Google's next signing key into its key set, beside the present one.
    pub fn publish_next_google_key(&self) {
        self.lock().managers.google_keys.push(TokenKey::GoogleNext);
    }

    /// Every value that was read, in order.
    pub fn secret_reads(&self) -> Vec<SecretRead> {
        self.lock().managers.reads.clone()
    }

    fn on_secret(&self, manager: Manager, name: &str, change: impl FnOnce(&mut Kept)) {
        if let Some(kept) = self.lock().managers.secrets.get_mut(&(manager, spelled(manager, name))) {
            change(kept);
        }
    }
}

/// Moves AWS's labels as it does: the current version becomes the previous one, and what was previous loses its label.
fn make_current(kept: &mut Kept, id: &str) {
    for version in &mut kept.versions {
        let was_current = version.stages.contains(&CURRENT);
        version.stages.retain(|stage| *stage == PENDING && version.id != id);
        if version.id == id {
            version.stages.push(CURRENT);
        } else if was_current {
            version.stages.push(PREVIOUS);
        }
    }
}

fn stand(kept: &mut Kept, id: &str, standing: Standing) {
    kept.versions.iter_mut().filter(|version| version.id == id).for_each(|version| version.standing = standing);
}

/// 32 hexadecimal digits in the groups of a UUID.
pub(super) fn uuid(digits: &str) -> String {
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}
