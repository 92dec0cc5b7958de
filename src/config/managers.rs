//! The settings of secret managers: where their keys and certificates are published, and who issues their tokens.

use super::cloud::Cloud;
use super::environment::Environment;
use super::settings::{
    AWS_SECRETS_URL, DOPPLER_URL, ENTRA_ISSUER_V1, EVENT_GRID_APP_ID, GOOGLE_CERTS_URL, GOOGLE_SECRETS_URL,
    GOOGLE_TOKEN_URL, INFISICAL_URL, KEY_VAULT_SCOPE, KEY_VAULT_URL, SNS_URL,
};
use crate::domain::names::Guid;

/// What is the same for all secret managers of a kind.
pub struct ManagersConfig {
    /// Where Amazon SNS answers, with `{region}` in it; without a slash at the end.
    sns_url: String,
    /// Where Google publishes the keys of its tokens.
    pub google_certs_url: String,
    /// Where Google issues access tokens.
    pub google_token_url: String,
    /// Event Grid's own application; absent in clouds for which Microsoft publishes none.
    pub event_grid_app: Option<Guid>,
    /// Before the tenant in the issuer of Entra's tokens of version 1, without a slash at the end.
    pub entra_issuer_v1: String,
    /// Where a vault of Azure answers, with `{vault}` in it; without a slash at the end.
    key_vault_url: String,
    /// The scope of tokens for Azure Key Vault.
    pub key_vault_scope: String,
    /// Where AWS Secrets Manager answers, with `{region}` in it; without a slash at the end.
    aws_url: String,
    /// Where Google Secret Manager answers, without a slash at the end.
    google_url: String,
    /// Doppler's API, without a slash at the end.
    pub doppler_url: String,
    /// Infisical, where the catalog does not name another, without a slash at the end.
    pub infisical_url: String,
}

impl ManagersConfig {
    /// Where Amazon SNS answers in that region, without a slash at the end.
    pub fn sns_url(&self, region: &str) -> String {
        in_region(&self.sns_url, region)
    }

    /// Where a vault of Azure answers, without a slash at the end.
    pub fn key_vault_url(&self, vault: &str) -> String {
        self.key_vault_url.replace(VAULT, vault)
    }

    /// Where AWS Secrets Manager answers in that region, without a slash at the end.
    pub fn aws_url(&self, region: &str) -> String {
        in_region(&self.aws_url, region)
    }

    /// Where Google Secret Manager answers, without a slash at the end: regional secrets have hosts of their own (Secret
    /// Manager, regional secrets).
    pub fn google_url(&self, location: Option<&str>) -> String {
        match location {
            Some(location) if self.google_url == GOOGLE => {
                format!("https://secretmanager.{location}.rep.googleapis.com")
            }
            _ => self.google_url.clone(),
        }
    }
}

const REGION: &str = "{region}";
const VAULT: &str = "{vault}";
const GOOGLE: &str = "https://secretmanager.googleapis.com";

fn in_region(template: &str, region: &str) -> String {
    let url = template.replace(REGION, region);
    // China's regions are a partition of their own, under a domain of their own.
    if region.starts_with("cn-") && url.ends_with(".amazonaws.com") { format!("{url}.cn") } else { url }
}

pub(super) fn read(env: &mut Environment<'_>, cloud: &Cloud) -> Option<ManagersConfig> {
    let key_vault_url = env.template(&KEY_VAULT_URL, VAULT, Some(cloud.key_vault.0));
    let key_vault_scope = env.scope(&KEY_VAULT_SCOPE, Some(cloud.key_vault.1));
    let aws_url = env.template(&AWS_SECRETS_URL, REGION, None);
    let google_url = env.url(&GOOGLE_SECRETS_URL, None);
    let doppler_url = env.url(&DOPPLER_URL, None);
    let infisical_url = env.url(&INFISICAL_URL, None);
    let sns_url = env.template(&SNS_URL, REGION, None);
    let google_certs_url = env.url(&GOOGLE_CERTS_URL, None);
    let google_token_url = env.url(&GOOGLE_TOKEN_URL, None);
    let given = env.guid(&EVENT_GRID_APP_ID);
    let event_grid_app = given.or_else(|| cloud.event_grid_app.and_then(|id| Guid::parse(id).ok()));
    let entra_issuer_v1 = env.url(&ENTRA_ISSUER_V1, Some(cloud.issuer_v1));
    Some(ManagersConfig {
        sns_url: sns_url?,
        google_certs_url: google_certs_url?,
        google_token_url: google_token_url?,
        event_grid_app,
        entra_issuer_v1: entra_issuer_v1?,
        key_vault_url: key_vault_url?,
        key_vault_scope: key_vault_scope?,
        aws_url: aws_url?,
        google_url: google_url?,
        doppler_url: doppler_url?,
        infisical_url: infisical_url?,
    })
}
