//! Logging in to secret managers: which one it is, what it is called in an address, and how it lets us in.

use seal::Secret;

use super::{needed, private_key, unfit};
use crate::clients::entra::AccessToken;
use crate::clients::secrets::AwsKey;
use crate::clients::secrets::aws::SecretsManager;
use crate::clients::secrets::doppler::Doppler;
use crate::clients::secrets::google::{SecretManager, ServiceAccount};
use crate::clients::secrets::infisical::{self, Infisical};
use crate::clients::secrets::key_vault::KeyVault;
use crate::clients::secrets::vault::Vault;
use crate::clients::secrets::vault_login::{Login, Minted};
use crate::config::SourceSecrets;
use crate::domain::source::{Manager, Source, VaultLogin};
use crate::domain::trouble::Trouble;
use crate::flows::house::House;
use crate::flows::sources::secrets;
use crate::ports::Ports;

/// A secret manager that has let us in.
pub(super) enum Session<'a, W> {
    KeyVault(KeyVault<'a, W>),
    Aws(SecretsManager<'a, W>),
    Google(SecretManager<'a, W>),
    Vault(Vault<'a, W>),
    Doppler(Doppler<'a, W>),
    Infisical(Infisical<'a, W>),
}

/// Who signs tokens where no address of this installation is configured.
const ISSUER: &str = "pbi-rotate";

/// Logs in, and does something there.
///
/// # Errors
/// What keeps us from logging in, or what doing it came to.
pub(super) async fn within<P: Ports, T>(
    house: House<'_, P>,
    source: &Source,
    act: impl AsyncFnOnce(Session<'_, P>) -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    let (wire, config, now) = (house.ports, &house.config.managers, house.ports.now());
    let (manager, ours) = (&source.manager, secrets(house, source)?);
    match manager {
        Manager::KeyVault { vault } => {
            let token = house.kept.tokens.get(wire, &house.config.entra, &config.key_vault_scope, now).await?;
            let base = config.key_vault_url(vault);
            let done = act(Session::KeyVault(KeyVault { wire, base: &base, token: &token, now })).await;
            done.inspect_err(|trouble| {
                if trouble.about_token() {
                    house.kept.tokens.forget(&config.key_vault_scope);
                }
            })
        }
        Manager::Aws { region, .. } => {
            let (base, key) = (config.aws_url(region), aws_key(ours, manager)?);
            act(Session::Aws(SecretsManager { wire, base: &base, region, key: &key, now })).await
        }
        Manager::Google { project, location } => {
            let token = google_token(house, source, ours).await?;
            let (base, location) = (config.google_url(location.as_deref()), location.as_deref());
            act(Session::Google(SecretManager { wire, base: &base, project, location, token: &token })).await
        }
        Manager::Vault { url, namespace, login } => {
            let (base, namespace) = (url.as_str(), namespace.as_deref());
            let token = vault_token(house, source, ours, Login { wire, base, namespace }, login).await?;
            let vault = || Vault { wire, base, namespace, token: &token, now };
            let done = act(Session::Vault(vault())).await;
            // It ends by itself before long, should that fail.
            let _ = vault().revoke_self().await;
            done
        }
        Manager::Doppler { project, config: of } => {
            let token = needed(ours, manager, "token")?;
            act(Session::Doppler(Doppler { wire, base: &config.doppler_url, project, config: of, token })).await
        }
        Manager::Infisical { url, project, environment, folder } => {
            let base = url.as_deref().unwrap_or(&config.infisical_url);
            let id = needed(ours, manager, "client_id")?.expose();
            let token = &infisical::login(wire, base, id, needed(ours, manager, "client_secret")?).await?;
            act(Session::Infisical(Infisical { wire, base, project, environment, folder, token })).await
        }
        Manager::Pushed => Err(unfit(manager)),
    }
}

fn aws_key(ours: &SourceSecrets, manager: &Manager) -> Result<AwsKey, Trouble> {
    // Exposed to be copied: the key lasts as long as what is asked with it.
    let copied = |secret: &Secret| Secret::new(secret.expose().to_owned());
    Ok(AwsKey {
        // Exposed to be sent: it is a name, not a secret.
        id: needed(ours, manager, "access_key_id")?.expose().to_owned(),
        secret: copied(needed(ours, manager, "secret_access_key")?),
        session: ours.get("session_token").map(copied),
    })
}

async fn google_token<P: Ports>(
    house: House<'_, P>,
    source: &Source,
    ours: &SourceSecrets,
) -> Result<AccessToken, Trouble> {
    let account = ServiceAccount {
        // Exposed to be sent, like the key's id: they are names, not secrets.
        email: needed(ours, &source.manager, "client_email")?.expose().to_owned(),
        key: private_key(house, source)?,
        key_id: ours.get("private_key_id").map(|id| id.expose().to_owned()),
    };
    account.token(house.ports, house.ports, &house.config.managers.google_token_url, house.ports.now()).await
}

/// A token of its own, for one use.
async fn vault_token<P: Ports>(
    house: House<'_, P>,
    source: &Source,
    ours: &SourceSecrets,
    door: Login<'_, P>,
    login: &VaultLogin,
) -> Result<Secret, Trouble> {
    let manager = &source.manager;
    match login {
        VaultLogin::AppRole { mount } => {
            let role_id = needed(ours, manager, "role_id")?.expose();
            door.app_role(mount, role_id, needed(ours, manager, "secret_id")?).await
        }
        VaultLogin::Jwt { mount, role, audience } => {
            let (key, id) = (private_key(house, source)?, house.random_id());
            let minted = Minted {
                key: &key,
                key_id: None,
                issuer: house.config.public_url.as_deref().unwrap_or(ISSUER),
                audience,
                now: house.ports.now(),
                id: id.as_str(),
            };
            door.jwt(mount, role, &minted.sign(house.ports).await?).await
        }
    }
}
