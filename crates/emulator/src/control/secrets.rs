//! Hands on the secret managers over HTTP: new versions, and whatever else is done to them.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::managers::{Manager, NewVersion};
use crate::world::World;

/// A version to put into a manager.
#[derive(Deserialize)]
pub(crate) struct Put {
    manager: Manager,
    secret: String,
    #[serde(flatten)]
    version: NewVersion,
}

/// Puts it there, and tells its name.
pub(crate) fn put(world: &World, Put { manager, secret, version }: Put) -> Value {
    json!({"version": world.put_secret(manager, &secret, version)})
}

/// One change; each is the writer of [`World`] with a name alike.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    FinishRotation { secret: String },
    Enable { manager: Manager, secret: String, version: String, enabled: bool },
    Destroy { manager: Manager, secret: String, version: String },
    Delete { manager: Manager, secret: String },
    Deny { manager: Manager, denied: bool },
    EndLogins,
    RotateStaticRole { role: String },
    StaticRole { role: String, place: String, period_s: u64 },
    VaultNamespace(Option<String>),
    VaultTrusts { pem: String },
    PublishNextEntraKey,
    PublishNextGoogleKey,
}

impl Change {
    /// Makes the change; says why when it cannot be made.
    pub(crate) fn make(self, world: &World) -> Result<(), String> {
        match self {
            Change::FinishRotation { secret } => world.finish_rotation(&secret),
            Change::Enable { manager, secret, version, enabled } => {
                world.set_secret_enabled(manager, &secret, &version, enabled);
            }
            Change::Destroy { manager, secret, version } => world.destroy_secret(manager, &secret, &version),
            Change::Delete { manager, secret } => world.delete_secret(manager, &secret),
            Change::Deny { manager, denied } => world.set_manager_denied(manager, denied),
            Change::EndLogins => world.end_manager_logins(),
            Change::RotateStaticRole { role } => {
                return if world.rotate_static_role(&role) { Ok(()) } else { Err("there is no such role".to_owned()) };
            }
            Change::StaticRole { role, place, period_s } => world.set_static_role(&role, &place, period_s),
            Change::VaultNamespace(namespace) => world.set_vault_namespace(namespace.as_deref()),
            Change::VaultTrusts { pem } => {
                return world.set_vault_trusted_key(&pem).map_err(|error| error.to_string());
            }
            Change::PublishNextEntraKey => world.publish_next_entra_key(),
            Change::PublishNextGoogleKey => world.publish_next_google_key(),
        }
        Ok(())
    }
}
