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
        // Of an organisation, every workspace is ours: commands name the one they are typed in, taps and forms none. The
        // workspace that is configured beside it says only whose user groups are meant.
        let ours = match &ours.enterprise_id {
            Some(_) => self.enterprise == ours.enterprise_id,
            None => self.team.is_some() && self.team == ours.team_id,
        };
        if ours { Ok(()) } else { Err(Foreign::Workspace) }
    }
}
