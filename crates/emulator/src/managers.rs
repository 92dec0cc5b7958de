//! Secret managers: what is kept in them, who may read it, and who did.

mod aws;
mod doppler;
mod google;
mod hands;
mod infisical;
mod key_vault;
mod sigv4;
mod sns;
pub(crate) mod static_roles;
mod vault;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::Response;
use percent_encoding::percent_decode_str;
use rsa::RsaPublicKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::answer::{self, Call};
use crate::jws::{self, TokenKey};
use crate::scene;
use crate::world::State;

pub(crate) use aws::arn as secret_arn;
pub use hands::{NewVersion, SecretRead};
pub use sns::ConfirmedSubscription;

/// A secret manager. Each has one place of its own in the standard scene: one vault, one region, one project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manager {
    /// Azure Key Vault: [`scene::KEY_VAULT`]. Versions are 32 hexadecimal digits in no order.
    KeyVault,
    /// AWS Secrets Manager: [`scene::AWS_REGION`]. Versions are UUIDs, known by their stages.
    Aws,
    /// Google Secret Manager: [`scene::GOOGLE_PROJECT`]. Versions are numbers; a regional secret's name is `location/name`.
    Google,
    /// Vault's key-value store, version 2: [`scene::VAULT_KV_MOUNT`]. Versions are numbers.
    Vault,
    /// Doppler: [`scene::DOPPLER_CONFIG`]. It tells nobody of versions.
    Doppler,
    /// Infisical: [`scene::INFISICAL_FOLDER`]. Versions are numbers.
    Infisical,
}

/// One version of a secret.
pub(crate) struct Version {
    id: String,
    value: String,
    tags: BTreeMap<String, String>,
    standing: Standing,
    nbf_s: Option<u64>,
    exp_s: Option<u64>,
    binary: bool,
    created_ms: u64,
    /// AWS's staging labels.
    stages: Vec<&'static str>,
}

/// Whether a version can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Enabled,
    /// Key Vault and Google: disabled. Vault: deleted, which can be undone.
    Disabled,
    /// Google and Vault: the value is gone for good.
    Destroyed,
}

/// A secret with its versions, oldest first; there is at least one.
pub(crate) struct Kept {
    versions: Vec<Version>,
    /// AWS: marked for deletion. The other managers forget a deleted secret.
    deleted: bool,
}

impl Kept {
    fn newest(&self) -> Option<&Version> {
        self.versions.last()
    }

    fn version(&self, id: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.id.eq_ignore_ascii_case(id))
    }
}

/// A token that a manager gave out.
struct Login {
    manager: Manager,
    expires_ms: u64,
}

/// What stands for the secret managers.
pub(crate) struct Managers {
    /// By manager and name.
    secrets: BTreeMap<(Manager, String), Kept>,
    /// Managers in which the bot's identity has no rights any more.
    denied: BTreeSet<Manager>,
    /// Tokens of Google, Vault and Infisical.
    logins: BTreeMap<String, Login>,
    reads: Vec<SecretRead>,
    confirmed: Vec<ConfirmedSubscription>,
    /// Whether [`scene::AWS_SESSION_TOKEN`] is past its end.
    aws_session_expired: bool,
    google_keys: Vec<TokenKey>,
    /// Vault's namespace; none in the community edition, which takes no notice of the header.
    vault_namespace: Option<String>,
    /// What Vault's JWT method checks signatures with.
    vault_trusts: RsaPublicKey,
    roles: BTreeMap<String, static_roles::StaticRole>,
}

impl Managers {
    /// The managers of the standard scene: nothing is in them but a static role.
    pub(crate) fn contoso(now_ms: u64) -> Managers {
        Managers {
            secrets: BTreeMap::new(),
            denied: BTreeSet::new(),
            logins: BTreeMap::new(),
            reads: Vec::new(),
            confirmed: Vec::new(),
            aws_session_expired: false,
            google_keys: vec![TokenKey::Google],
            vault_namespace: None,
            vault_trusts: jws::private(scene::WORKER_SIGNING_KEY).to_public_key(),
            roles: static_roles::contoso(now_ms),
        }
    }

    fn kept(&self, manager: Manager, name: &str) -> Option<&Kept> {
        self.secrets.get(&(manager, spelled(manager, name)))
    }

    fn log_in(&mut self, manager: Manager, token: &str, expires_ms: u64) {
        self.logins.insert(token.to_owned(), Login { manager, expires_ms });
    }

    /// Whether a token is one that this manager gave out and that still counts.
    fn knows(&self, manager: Manager, token: &str, now_ms: u64) -> bool {
        self.logins.get(token).is_some_and(|login| login.manager == manager && now_ms < login.expires_ms)
    }

    fn note_read(&mut self, manager: Manager, secret: &str, version: &str, at_ms: u64) {
        let (secret, version) = (secret.to_owned(), version.to_owned());
        self.reads.push(SecretRead { manager, secret, version, at_ms });
    }
}

/// A secret's name as it is known by: Key Vault's, and nobody else's, are the same in any case.
fn spelled(manager: Manager, name: &str) -> String {
    if manager == Manager::KeyVault { name.to_ascii_lowercase() } else { name.to_owned() }
}

/// So many hexadecimal digits that look random; the same ones in the same order in every run.
fn digits(state: &mut State, count: usize) -> String {
    let digest = Sha256::digest(format!("secret-manager-{}", state.next()));
    answer::hex(&digest).chars().take(count).collect()
}

/// The path's segments without their percent signs.
fn segments(call: &Call) -> Vec<String> {
    call.segments().into_iter().map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned()).collect()
}

/// Serves the secret managers' first path segments; none for another.
pub(crate) fn answer(state: &mut State, call: &Call) -> Option<Response<Bytes>> {
    let segments = segments(call);
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    Some(match call.service.as_str() {
        "keyvault" => key_vault::answer(state, call, &path),
        "aws" => aws::answer(state, call, &path),
        "sns" => sns::answer(state, call, &path),
        "google" => google::answer(state, call, &path),
        "vault" => vault::answer(state, call, &path),
        "doppler" => doppler::answer(state, call, &path),
        "infisical" => infisical::answer(state, call, &path),
        _ => return None,
    })
}

/// 404 for an address that is none of a manager's.
fn nowhere() -> Response<Bytes> {
    answer::empty(404)
}
