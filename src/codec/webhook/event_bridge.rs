//! Events of AWS Secrets Manager, as Amazon EventBridge describes them.

use serde_json::Value;

use super::{Malformed, other};
use crate::codec::fields;
use crate::domain::source::{Hint, Manager, News, SecretId};

/// What an event says (AWS Secrets Manager, event detail: Secret Label Updated).
///
/// # Errors
/// When it is no event.
pub fn event(value: &Value, manager: &Manager) -> Result<Hint, Malformed> {
    let text = |path: &[&str]| fields::text(value, path).map_err(|_| Malformed);
    let id = text(&["id"])?.filter(|id| !id.is_empty()).ok_or(Malformed)?;
    let Manager::Aws { region, account } = manager else { return Err(Malformed) };
    let ours = text(&["region"])? == Some(region.as_str()) && text(&["account"])? == Some(account.as_str());
    let current = text(&["detail", "labelUpdated"])? == Some("AWSCURRENT");
    if !ours || !current || text(&["detail-type"])? != Some("Secret Label Updated") {
        return Ok(other(id));
    }
    let name = text(&["detail", "name"])?.ok_or(Malformed)?;
    Ok(Hint {
        event: id.to_owned(),
        secret: Some(SecretId::Named(name.to_owned())),
        version: text(&["detail", "versionId"])?.map(str::to_owned),
        news: News::Changed,
    })
}
