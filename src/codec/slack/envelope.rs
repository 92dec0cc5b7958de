//! Who sent a Slack request and from which installation; the same for commands and interactions.

use crate::config::SlackConfig;

/// The parts of every request that say where it is from. Nothing here is proof of who may do what: that is
/// asked of Slack when it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// `api_app_id`.
    pub app: Option<String>,
    /// The workspace; absent when the app is installed for an organisation.
    pub team: Option<String>,
    /// The organisation, on Enterprise Grid.
    pub enterprise: Option<String>,
    /// The user's id in that workspace.
    pub user: String,
}

/// Why a correctly signed request is not for this installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// Another app's.
    App,
    /// Another workspace's or organisation's.
    Workspace,
}

impl Envelope {
    /// Checks that the request is for our app, from our installation.
    ///
    /// # Errors
    /// When it is for another one.
    pub fn check(&self, ours: &SlackConfig) -> Result<(), Foreign> {
        if self.app.as_deref() != Some(ours.app_id.as_str()) {
            return Err(Foreign::App);
        }
        let enterprise = ours.enterprise_id.is_none() || self.enterprise == ours.enterprise_id;
        let team = match (&ours.team_id, &self.team) {
            (None, _) => true,
            // An organisation's install names no workspace; then the organisation has to be ours.
            (Some(_), None) => ours.enterprise_id.is_some(),
            (Some(ours), Some(theirs)) => ours == theirs,
        };
        if enterprise && team { Ok(()) } else { Err(Foreign::Workspace) }
    }
}
