//! Asking secret managers: which one it is, how we log in there, and what it is called in an address.

use std::fmt::Write as _;

use hmac::{Hmac, Mac};
use seal::Secret;
use sha2::Sha256;

use super::house::House;
use super::sources::secrets;
use crate::clients::secrets::aws::SecretsManager;
use crate::clients::secrets::doppler::Doppler;
use crate::clients::secrets::google::{SecretManager, ServiceAccount};
use crate::clients::secrets::infisical::{self, Infisical};
use crate::clients::secrets::key_vault::KeyVault;
use crate::clients::secrets::vault::Vault;
use crate::clients::secrets::vault_login::{Login, Minted};
use crate::clients::secrets::{AwsKey, Fetched, Seen, Which, subscription};
use crate::codec::pem;
use crate::codec::signatures::PrivateKey;
use crate::codec::webhook::sns;
use crate::config::{SourceSecrets, variable};
use crate::domain::source::{Binding, Events, Manager, SecretId, Source, VaultLogin, Version};
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Ports;

/// Who answers for it.
pub(super) const fn service(manager: &Manager) -> Service {
    match manager {
        Manager::KeyVault { .. } => Service::KeyVault,
        Manager::Aws { .. } => Service::Aws,
        Manager::Google { .. } => Service::Google,
        Manager::Vault { .. } => Service::Vault,
        Manager::Doppler { .. } => Service::Doppler,
        Manager::Infisical { .. } => Service::Infisical,
        Manager::Pushed => Service::Push,
    }
}

/// The secret as it is now, without its value.
///
/// # Errors
/// What keeps the manager from saying so, or why there is no version to be used.
pub(super) async fn seen<P: Ports>(house: House<'_, P>, source: &Source, binding: &Binding) -> Result<Seen, Trouble> {
    match ask(house, source, binding, None).await? {
        Given::Seen(seen) => Ok(seen),
        Given::Value(fetched) | Given::Both(fetched, _) => {
            Ok(Seen { version: fetched.version, expires: None, next: None })
        }
    }
}

/// The wanted version with its value, and the current version.
///
/// # Errors
/// What keeps the manager from giving it, or why it cannot be used.
pub(super) async fn fetch<P: Ports>(
    house: House<'_, P>,
    source: &Source,
    binding: &Binding,
    which: Which,
) -> Result<(Fetched, Version), Trouble> {
    let fetched = match ask(house, source, binding, Some(which)).await? {
        Given::Value(fetched) => fetched,
        Given::Both(fetched, current) => return Ok((fetched, current)),
        Given::Seen(_) => return Err(unfit(&source.manager)),
    };
    let current = match which {
        Which::Current => fetched.version.clone(),
        Which::Previous => seen(house, source, binding).await?.version,
    };
    Ok((fetched, current))
}

/// Makes the manager change the value of a static role, in the database as well.
///
/// # Errors
/// What keeps it from that. Whether it was done is not known then; doing it once more does no harm.
pub(super) async fn turn<P: Ports>(
    house: House<'_, P>,
    source: &Source,
    mount: &str,
    role: &str,
) -> Result<(), Trouble> {
    in_vault(house, source, async |vault: Vault<'_, P>| vault.rotate_role(mount, role).await).await
}

/// Tells SNS that we want the messages of a topic, by the token that it sent (Amazon SNS, ConfirmSubscription).
///
/// # Errors
/// When it cannot be told.
pub(super) async fn confirm<P: Ports>(house: House<'_, P>, source: &Source, token: &str) -> Result<(), Trouble> {
    let (Some(Events::Sns { topic, .. }), Manager::Aws { region, .. }) = (&source.events, &source.manager) else {
        return Err(unfit(&source.manager));
    };
    let region = sns::region(topic).unwrap_or(region);
    subscription::confirm(house.ports, &house.config.managers.sns_url(region), topic, token).await
}

/// The private key of ours that goes with a secret manager.
///
/// # Errors
/// When there is none.
pub(super) fn private_key<P>(house: House<'_, P>, source: &Source) -> Result<PrivateKey, Trouble> {
    let key = needed(secrets(house, &source.name)?, &source.manager, "private_key")?;
    // Exposed to be decoded into bytes that are wiped.
    pem::private_key(key.expose()).map_err(|_| {
        let note = "its private_key is no PKCS#8 PEM text";
        Trouble::noted(service(&source.manager), Cause::Identity, note)
    })
}

/// What is answered.
enum Given {
    Seen(Seen),
    Value(Fetched),
    /// A value, and the version that is current, by the same reading.
    Both(Fetched, Version),
}

/// Asks the manager for the secret as it is now, or for one of its values.
async fn ask<P: Ports>(
    house: House<'_, P>,
    source: &Source,
    binding: &Binding,
    which: Option<Which>,
) -> Result<Given, Trouble> {
    let (ports, config, now) = (house.ports, &house.config.managers, house.ports.now());
    let (manager, ours) = (&source.manager, secrets(house, &source.name)?);
    let named = || match &binding.secret {
        SecretId::Named(name) => Ok(name.as_str()),
        SecretId::Kv { .. } | SecretId::StaticRole { .. } => Err(unfit(manager)),
    };
    // Of the values that name no version, a digest that only we can make tells one from another.
    let digest = |value: &str| digest(house, source, binding, value);
    match manager {
        Manager::KeyVault { vault } => {
            let token = house.tokens.get(ports, &house.config.entra, &config.key_vault_scope, now).await?;
            let base = config.key_vault_url(vault);
            let at = KeyVault { wire: ports, base: &base, token: &token, now };
            let asked = match which {
                None => at.seen(named()?).await.map(Given::Seen),
                Some(which) => at.fetch(named()?, which).await.map(|(fetched, current)| Given::Both(fetched, current)),
            };
            asked.inspect_err(|trouble| {
                if trouble.about_token() {
                    house.tokens.forget(&config.key_vault_scope);
                }
            })
        }
        Manager::Aws { region, .. } => {
            let session = ours.get("session_token").map(copied);
            let key = AwsKey {
                id: needed(ours, manager, "access_key_id").map(|id| id.expose().to_owned())?,
                secret: copied(needed(ours, manager, "secret_access_key")?),
                session,
            };
            let base = config.aws_url(region);
            let at = SecretsManager { wire: ports, base: &base, region, key: &key, now };
            match which {
                None => at.seen(named()?).await.map(Given::Seen),
                Some(which) => at.fetch(named()?, which).await.map(Given::Value),
            }
        }
        Manager::Google { project, location } => {
            let email = needed(ours, manager, "client_email")?.expose().to_owned();
            let key_id = ours.get("private_key_id").map(|id| id.expose().to_owned());
            let account = ServiceAccount { email, key: private_key(house, source)?, key_id };
            let token = account.token(ports, ports, &config.google_token_url, now).await?;
            let (base, location) = (config.google_url(location.as_deref()), location.as_deref());
            let at = SecretManager { wire: ports, base: &base, project, location, token: &token };
            match which {
                None => at.seen(named()?).await.map(Given::Seen),
                Some(which) => at.fetch(named()?, which).await.map(Given::Value),
            }
        }
        Manager::Vault { .. } => {
            let read = async |vault: Vault<'_, P>| match (&binding.secret, which) {
                (SecretId::Kv { mount, path }, None) => vault.kv_seen(mount, path).await.map(Given::Seen),
                (SecretId::Kv { mount, path }, Some(which)) => {
                    vault.kv_fetch(mount, path, which).await.map(Given::Value)
                }
                (SecretId::StaticRole { mount, role }, None) => vault.role_seen(mount, role).await.map(Given::Seen),
                (SecretId::StaticRole { mount, role }, Some(which)) => {
                    vault.role_fetch(mount, role, which).await.map(Given::Value)
                }
                (SecretId::Named(_), _) => Err(unfit(manager)),
            };
            in_vault(house, source, read).await
        }
        Manager::Doppler { project, config: of } => {
            let token = needed(ours, manager, "token")?;
            let at = Doppler { wire: ports, base: &config.doppler_url, project, config: of, token };
            match which {
                None => at.seen(named()?, &digest).await.map(Given::Seen),
                Some(which) => at.fetch(named()?, which, &digest).await.map(Given::Value),
            }
        }
        Manager::Infisical { url, project, environment, folder } => {
            let base = url.as_deref().unwrap_or(&config.infisical_url);
            let id = needed(ours, manager, "client_id")?.expose();
            let token = infisical::login(ports, base, id, needed(ours, manager, "client_secret")?).await?;
            let at = Infisical { wire: ports, base, project, environment, folder, token: &token };
            match which {
                None => at.seen(named()?).await.map(Given::Seen),
                Some(which) => at.fetch(named()?, which).await.map(Given::Value),
            }
        }
        Manager::Pushed => Err(unfit(manager)),
    }
}

/// Does something in a Vault: with a token of its own, which ends with it.
async fn in_vault<P: Ports, T>(
    house: House<'_, P>,
    source: &Source,
    act: impl AsyncFnOnce(Vault<'_, P>) -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    let (manager, ours, now) = (&source.manager, secrets(house, &source.name)?, house.ports.now());
    let Manager::Vault { url, namespace, login } = manager else { return Err(unfit(manager)) };
    let (wire, base, namespace) = (house.ports, url.as_str(), namespace.as_deref());
    let door = Login { wire, base, namespace };
    let token = match login {
        VaultLogin::AppRole { mount } => {
            let role_id = needed(ours, manager, "role_id")?.expose();
            door.app_role(mount, role_id, needed(ours, manager, "secret_id")?).await?
        }
        VaultLogin::Jwt { mount, role, audience } => {
            let (key, id) = (private_key(house, source)?, house.random_id());
            let minted = Minted {
                key: &key,
                key_id: None,
                issuer: house.config.public_url.as_deref().unwrap_or(ISSUER),
                audience,
                now,
                id: id.as_str(),
            };
            door.jwt(mount, role, &minted.sign(wire).await?).await?
        }
    };
    let vault = || Vault { wire, base, namespace, token: &token, now };
    let done = act(vault()).await;
    // It ends by itself before long, should that fail.
    let _ = vault().revoke_self().await;
    done
}

/// Who signs tokens where no address of this installation is configured.
const ISSUER: &str = "pbi-rotate";

/// A digest of a value, by which a version is told from others of the same secret. Keyed, so that nobody else can make it.
fn digest<P>(house: House<'_, P>, source: &Source, binding: &Binding, value: &str) -> Version {
    let mut version = String::from("~");
    // HMAC takes keys of any length, so there is no other case.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(house.config.store_key.as_slice()) {
        for part in ["pbi-rotate version v1", source.name.as_str(), binding.secret.name(), value] {
            mac.update(part.as_bytes());
            mac.update(b"\0");
        }
        for byte in mac.finalize().into_bytes().iter().take(12) {
            let _ = write!(version, "{byte:02x}");
        }
    }
    version
}

fn needed<'a>(ours: &'a SourceSecrets, manager: &Manager, name: &str) -> Result<&'a Secret, Trouble> {
    let variable = variable(&ours.name);
    let missing =
        || Trouble::noted(service(manager), Cause::Identity, format_args!("the secret {variable} has no {name}"));
    ours.get(name).ok_or_else(missing)
}

fn copied(secret: &Secret) -> Secret {
    // Exposed to be copied: the request keeps it for as long as it lasts.
    Secret::new(secret.expose().to_owned())
}

fn unfit(manager: &Manager) -> Trouble {
    Trouble::noted(service(manager), Cause::SecretUnfit, "the catalog has changed meanwhile")
}
