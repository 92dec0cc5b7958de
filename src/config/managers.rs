//! The settings of secret managers: where their keys and certificates are published, and who issues their tokens.

use super::cloud::Cloud;
use super::environment::Environment;
use super::settings::{ENTRA_ISSUER_V1, EVENT_GRID_APP_ID, GOOGLE_CERTS_URL, GOOGLE_TOKEN_URL, SNS_URL};
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
}

impl ManagersConfig {
    /// Where Amazon SNS answers in that region, without a slash at the end.
    pub fn sns_url(&self, region: &str) -> String {
        let url = self.sns_url.replace("{region}", region);
        // China's regions are a partition of their own, under a domain of their own.
        if region.starts_with("cn-") && url.ends_with(".amazonaws.com") { format!("{url}.cn") } else { url }
    }
}

pub(super) fn read(env: &mut Environment<'_>, cloud: &Cloud) -> Option<ManagersConfig> {
    let sns_url = env.regional_url(&SNS_URL);
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
    })
}
