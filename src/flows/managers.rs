//! Asking secret managers: which version is the current one, what its value is, and to change it.

mod session;

use hmac::{Hmac, Mac};
use seal::Secret;
use sha2::Sha256;

use self::session::{Session, within};
use super::house::House;
use super::sources::secrets;
use crate::clients::secrets::{Fetched, Seen, Which, subscription};
use crate::codec::signatures::PrivateKey;
use crate::codec::webhook::sns;
use crate::codec::{hex, pem};
use crate::config::{SourceSecrets, variable};
use crate::domain::source::{Binding, Events, Manager, SecretId, Source, Version};
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
    within(house, source, async |session: Session<'_, P>| look(house, &session, source, binding).await).await
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
    let digest = |value: &str| digest(house, source, binding, value);
    let take = async |session: Session<'_, P>| {
        let fetched = match (&session, &binding.secret) {
            // It tells both by the same reading.
            (Session::KeyVault(at), SecretId::Named(name)) => return at.fetch(name, which).await,
            (Session::Aws(at), SecretId::Named(name)) => at.fetch(name, which).await?,
            (Session::Google(at), SecretId::Named(name)) => at.fetch(name, which).await?,
            (Session::Doppler(at), SecretId::Named(name)) => at.fetch(name, which, &digest).await?,
            (Session::Infisical(at), SecretId::Named(name)) => at.fetch(name, which).await?,
            (Session::Vault(at), SecretId::Kv { mount, path }) => at.kv_fetch(mount, path, which).await?,
            (Session::Vault(at), SecretId::StaticRole { mount, role }) => at.role_fetch(mount, role, which).await?,
            (Session::Vault(_), SecretId::Named(_)) | (_, SecretId::Kv { .. } | SecretId::StaticRole { .. }) => {
                return Err(unfit(&source.manager));
            }
        };
        let current = match which {
            Which::Current => fetched.version.clone(),
            Which::Previous => look(house, &session, source, binding).await?.version,
        };
        Ok((fetched, current))
    };
    within(house, source, take).await
}

/// The secret as it is now, of a manager that has let us in.
async fn look<P: Ports>(
    house: House<'_, P>,
    session: &Session<'_, P>,
    source: &Source,
    binding: &Binding,
) -> Result<Seen, Trouble> {
    match (session, &binding.secret) {
        (Session::KeyVault(at), SecretId::Named(name)) => at.seen(name).await,
        (Session::Aws(at), SecretId::Named(name)) => at.seen(name).await,
        (Session::Google(at), SecretId::Named(name)) => at.seen(name).await,
        (Session::Doppler(at), SecretId::Named(name)) => {
            at.seen(name, &|value: &str| digest(house, source, binding, value)).await
        }
        (Session::Infisical(at), SecretId::Named(name)) => at.seen(name).await,
        (Session::Vault(at), SecretId::Kv { mount, path }) => at.kv_seen(mount, path).await,
        (Session::Vault(at), SecretId::StaticRole { mount, role }) => at.role_seen(mount, role).await,
        (Session::Vault(_), SecretId::Named(_)) | (_, SecretId::Kv { .. } | SecretId::StaticRole { .. }) => {
            Err(unfit(&source.manager))
        }
    }
}

/// Makes the manager change the value of a static role, in the database as well; with `leave`, which is asked when nothing but
/// that is left to be done.
///
/// # Errors
/// What keeps it from that. Whether it was done may not be known then; doing it once more does no harm.
pub(super) async fn turn<P: Ports>(
    house: House<'_, P>,
    source: &Source,
    mount: &str,
    role: &str,
    leave: impl FnOnce() -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let rotate = async |session: Session<'_, P>| match session {
        Session::Vault(vault) => {
            leave()?;
            vault.rotate_role(mount, role).await
        }
        _ => Err(unfit(&source.manager)),
    };
    within(house, source, rotate).await
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
    let key = needed(secrets(house, source)?, &source.manager, "private_key")?;
    // Exposed to be decoded into bytes that are wiped.
    pem::private_key(key.expose()).map_err(|why| {
        let note = format!("its private_key {why}");
        Trouble::noted(service(&source.manager), Cause::Identity, note)
    })
}

/// How much of a digest is kept: enough that no two values of one secret share it.
const DIGEST_BYTES: usize = 12;

/// A digest of a value, by which a version is told from others of the same secret. Keyed, so that nobody else can make it.
fn digest<P>(house: House<'_, P>, source: &Source, binding: &Binding, value: &str) -> Version {
    let mut version = String::from("~");
    // HMAC takes keys of any length, so there is no other case.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(house.config.store_key.as_slice()) {
        for part in ["pbi-rotate version v1", source.name.as_str(), binding.secret.name(), value] {
            mac.update(part.as_bytes());
            mac.update(b"\0");
        }
        let code: [u8; 32] = mac.finalize().into_bytes().into();
        version.extend(hex::digits(&code).chars().take(2 * DIGEST_BYTES));
    }
    version
}

fn needed<'a>(ours: &'a SourceSecrets, manager: &Manager, name: &str) -> Result<&'a Secret, Trouble> {
    let variable = variable(&ours.name);
    let missing =
        || Trouble::noted(service(manager), Cause::Identity, format_args!("the secret {variable} has no {name}"));
    ours.get(name).ok_or_else(missing)
}

fn unfit(manager: &Manager) -> Trouble {
    Trouble::noted(service(manager), Cause::SecretUnfit, "the catalog has changed meanwhile")
}
