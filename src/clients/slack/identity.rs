//! Whom this app's token is for and what it may do (Slack API, auth.test).

use http::header::{HeaderMap, HeaderName};

use super::Slack;
use super::call::{JSON, unintelligible};
use crate::codec::fields::{self, Unexpected};
use crate::domain::trouble::Trouble;
use crate::ports::Wire;

/// Carries the scopes of the token a method was called with, with commas between them.
pub(in crate::clients) const SCOPES: HeaderName = HeaderName::from_static("x-oauth-scopes");

/// What Slack says of the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The workspace, `T…`.
    pub team: Option<String>,
    /// The Enterprise organisation, `E…`.
    pub enterprise: Option<String>,
    /// The app's bot, `B…`; a token of a person has none.
    pub bot: Option<String>,
    /// The scopes it was granted; `None` when Slack does not say.
    pub scopes: Option<Vec<String>>,
}

impl<W: Wire> Slack<'_, W> {
    /// Asks Slack who we are.
    ///
    /// # Errors
    /// [`Cause::Identity`](crate::domain::trouble::Cause::Identity) when the token is not good, or what keeps Slack from
    /// answering.
    pub async fn identity(&self) -> Result<Identity, Trouble> {
        let answer = self.send("auth.test", JSON, "{}".to_owned()).await?;
        let id = |name| fields::owned(answer.body(), &[name]);
        let read = || {
            let (team, enterprise, bot) = (id("team_id")?, id("enterprise_id")?, id("bot_id")?);
            Ok(Identity { team, enterprise, bot, scopes: scopes(answer.headers()) })
        };
        read().map_err(|Unexpected| unintelligible())
    }
}

fn scopes(headers: &HeaderMap) -> Option<Vec<String>> {
    let listed = headers.get(SCOPES)?.to_str().ok()?.split(',').map(str::trim);
    Some(listed.filter(|scope| !scope.is_empty()).map(str::to_owned).collect())
}
