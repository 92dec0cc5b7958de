//! Slack's views: forms opened and replaced, the App Home published.

use serde_json::Value;

use super::Slack;
use super::call::needed;
use crate::codec::json::object;
use crate::domain::names::PersonId;
use crate::domain::trouble::Trouble;
use crate::ports::Wire;

/// A form that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its id, which it keeps when its content is replaced.
    pub id: String,
    /// The mark of its present content.
    pub hash: String,
}

/// Why a form did not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The trigger's three seconds were over, or it was used before.
    Trigger,
    /// Something else.
    Trouble(Trouble),
}

impl<W: Wire> Slack<'_, W> {
    /// Opens a form.
    ///
    /// # Errors
    /// When the trigger is no longer good, or Slack is in trouble.
    pub async fn open(&self, trigger: &str, view: &Value) -> Result<Opened, OpenError> {
        let body = object! { "trigger_id": trigger, "view": view.clone() };
        match self.call("views.open", &body).await {
            Ok(answer) => {
                let part = |name| needed(&answer, &["view", name]).map_err(OpenError::Trouble);
                Ok(Opened { id: part("id")?, hash: part("hash")? })
            }
            Err(failure) if failure.about_trigger => Err(OpenError::Trigger),
            Err(failure) => Err(OpenError::Trouble(failure.trouble)),
        }
    }

    /// Replaces an open form, if it still shows what it was opened with.
    ///
    /// # Errors
    /// When Slack refuses it, the person sent or closed it meanwhile, or Slack is in trouble.
    pub async fn replace(&self, opened: &Opened, view: &Value) -> Result<(), Trouble> {
        let body = object! { "view_id": opened.id.as_str(), "hash": opened.hash.as_str(), "view": view.clone() };
        self.call("views.update", &body).await?;
        Ok(())
    }

    /// Shows a person this view as their App Home, in place of what was there.
    ///
    /// # Errors
    /// When Slack refuses it, or is in trouble.
    pub async fn publish_home(&self, person: &PersonId, view: &Value) -> Result<(), Trouble> {
        self.call("views.publish", &object! { "user_id": person.slack_id(), "view": view.clone() }).await?;
        Ok(())
    }
}
