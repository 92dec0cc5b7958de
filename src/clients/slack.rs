//! Slack's Web API with this app's token (Slack API, Methods).

mod call;
mod identity;
mod messages;
mod people;
mod refusal;
mod views;

pub use identity::Identity;
pub(super) use identity::SCOPES;
pub use people::{EnterpriseUser, User};
pub use views::{OpenError, Opened};

use crate::config::SlackConfig;
use crate::ports::Wire;

/// The API of the configured workspace.
pub struct Slack<'a, W> {
    wire: &'a W,
    config: &'a SlackConfig,
}

impl<'a, W: Wire> Slack<'a, W> {
    /// The API of the configured workspace.
    pub const fn new(wire: &'a W, config: &'a SlackConfig) -> Self {
        Self { wire, config }
    }
}
