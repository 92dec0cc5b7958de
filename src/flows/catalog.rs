//! The operator's requests: putting and reading the catalog.

use serde_json::Value;

use super::house::House;
use crate::codec::json::object;
use crate::codec::record::{Record, RegisterOrder, RegisterReply, RotationOrder};
use crate::domain::names::TargetName;
use crate::ports::{Ports, Unanswered};

/// What the operator is answered.
pub enum Operated {
    /// The catalog was, or would be, replaced; the difference as JSON.
    Difference(Value),
    /// It was refused; every problem as JSON.
    Problems(Value),
    /// The catalog's text.
    Text(String),
}

/// Replaces the catalog, or only says what that would change.
///
/// # Errors
/// When the register does not answer.
pub async fn put<P: Ports>(house: House<'_, P>, text: String, dry_run: bool) -> Result<Operated, Unanswered> {
    match house.ports.register(RegisterOrder::PutCatalog { text, dry_run }).await? {
        RegisterReply::Replaced { added, removed, changed, targets, notes, live } => {
            // As many as can be told at once. Others find out when they next wake, or somebody decides about them.
            let room = house.config.calls_per_waking.saturating_sub(house.ports.sent());
            for id in live.iter().take(room) {
                let _ = house.ports.rotation(id, RotationOrder::Outdated).await;
            }
            let part = |(target, parts): (TargetName, Vec<String>)| object! { "target": target.to_value(), "parts": parts.to_value() };
            let changed = Value::Array(changed.into_iter().map(part).collect());
            Ok(Operated::Difference(object! {
                "applied": !dry_run,
                "targets": targets,
                "added": added.to_value(),
                "removed": removed.to_value(),
                "changed": changed,
                "notes": notes.to_value(),
            }))
        }
        RegisterReply::Problems(problems) => {
            Ok(Operated::Problems(object! { "applied": false, "problems": problems.to_value() }))
        }
        _ => Err(Unanswered),
    }
}

/// The catalog's text, as it was put.
///
/// # Errors
/// When the register does not answer.
pub async fn get<P: Ports>(house: House<'_, P>) -> Result<Operated, Unanswered> {
    match house.ports.register(RegisterOrder::Catalog).await? {
        RegisterReply::Catalog(text) => Ok(Operated::Text(text)),
        _ => Err(Unanswered),
    }
}
