//! The mention of the bot, taken out of what somebody wrote.

use serde_json::Value;

use crate::codec::fields::{self, Unexpected};

/// Entities that are read of one message at most.
const MOST_ENTITIES: usize = 100;

/// What was written, without the mentions of the bot `bot`. Others stay: they may be what the message is about.
///
/// # Errors
/// When the entities are not what the documents describe.
pub(super) fn strip(text: &str, body: &Value, bot: &str) -> Result<String, Unexpected> {
    let entities = fields::list(body, "entities")?;
    let mut text = text.to_owned();
    for entity in entities.iter().take(MOST_ENTITIES) {
        if fields::text(entity, &["type"])? != Some("mention")
            || fields::text(entity, &["mentioned", "id"])? != Some(bot)
        {
            continue;
        }
        // As it stands in the text: `<at>pbi</at>`, once for each entity.
        if let Some(written) = fields::text(entity, &["text"])?.filter(|written| !written.is_empty()) {
            text = text.replacen(written, "", 1);
        }
    }
    Ok(text.trim().to_owned())
}
