//! What the catalog says of secret managers, held against what the configuration knows of them.

use super::house::House;
use super::managers;
use crate::codec::pem;
use crate::codec::webhook::standard;
use crate::config::{SourceSecrets, variable};
use crate::domain::catalog::Catalog;
use crate::domain::source::{Events, Manager, Source, VaultLogin};
use crate::domain::trouble::{Cause, Trouble};

/// What is missing or of no use for the secret managers of a catalog, each in a sentence.
pub fn problems(catalog: &Catalog, secrets: &[SourceSecrets]) -> Vec<String> {
    let of = |source: &Source| {
        let missing = missing_of(source, secrets).into_iter();
        missing.map(|words| format!("sources.{}: {words}", source.name)).collect::<Vec<_>>()
    };
    catalog.sources.values().flat_map(of).collect()
}

/// What is missing or of no use for one secret manager, each in words.
pub(super) fn missing_of(source: &Source, secrets: &[SourceSecrets]) -> Vec<String> {
    let variable = variable(&source.name);
    match secrets.iter().find(|secrets| secrets.name == source.name) {
        None => vec![format!("the secret {variable} of the Worker is missing")],
        Some(secrets) => {
            let no = missing(source, secrets).into_iter().map(|name| format!("no {name}"));
            let odd = odd(source, secrets).into_iter().map(|name| format!("a {name}"));
            no.chain(odd).map(|words| format!("the secret {variable} of the Worker has {words}")).collect()
        }
    }
}

/// What a secret manager needs of the configuration and does not have.
fn missing<'a>(source: &Source, secrets: &SourceSecrets) -> Vec<&'a str> {
    let mut needed: Vec<&str> = match &source.manager {
        Manager::KeyVault { .. } => Vec::new(),
        Manager::Aws { .. } => vec!["access_key_id", "secret_access_key"],
        Manager::Google { .. } => vec!["client_email", "private_key"],
        Manager::Vault { login: VaultLogin::AppRole { .. }, .. } => vec!["role_id", "secret_id"],
        Manager::Vault { login: VaultLogin::Jwt { .. }, .. } | Manager::Pushed => vec!["private_key"],
        Manager::Doppler { .. } => vec!["token"],
        Manager::Infisical { .. } => vec!["client_id", "client_secret"],
    };
    needed.retain(|name| secrets.get(name).is_none());
    if proven_by_key(source) && secrets.keys.is_empty() {
        needed.push("keys");
    }
    needed
}

/// What is there and can be of no use, whatever is sent or asked.
fn odd(source: &Source, secrets: &SourceSecrets) -> Vec<String> {
    let mut odd = Vec::new();
    // Exposed to be decoded into bytes that are wiped.
    if let Some(Err(why)) = secrets.get("private_key").map(|key| pem::private_key(key.expose())) {
        odd.push(format!("private_key that {why}"));
    }
    let relayed = matches!(source.events, Some(Events::StandardWebhooks));
    if relayed && secrets.keys.iter().any(|key| standard::Key::read(key).is_none()) {
        odd.push("key that is neither whsec_… nor whpk_…".to_owned());
    }
    odd
}

/// Whether its messages are proven by a key that both know.
const fn proven_by_key(source: &Source) -> bool {
    !matches!(
        source.events,
        None | Some(Events::Sns { .. } | Events::PubSub { .. } | Events::EventGrid { entra: Some(_), .. })
    )
}

/// What the configuration knows of a secret manager.
///
/// # Errors
/// When that is nothing.
pub(super) fn secrets<'a, P>(house: House<'a, P>, source: &Source) -> Result<&'a SourceSecrets, Trouble> {
    let found = house.config.sources.iter().find(|secrets| secrets.name == source.name);
    found.ok_or_else(|| {
        let note = format!("the secret {} is missing", variable(&source.name));
        Trouble::noted(managers::service(&source.manager), Cause::Identity, note)
    })
}
