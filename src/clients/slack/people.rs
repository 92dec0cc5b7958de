//! Who somebody is and which groups they are in, as Slack knows it now.

use serde_json::Value;

use super::Slack;
use super::call::unintelligible;
use crate::codec::fields::{self, Unexpected};
use crate::domain::names::{GroupId, PersonId};
use crate::domain::trouble::Trouble;
use crate::ports::Wire;

/// A person as Slack describes them now (`users.info`).
#[derive(Clone, Debug)]
pub struct User {
    /// The id in their own workspace, which need not be the one asked for.
    pub id: String,
    /// The workspace they belong to.
    pub team_id: Option<String>,
    /// Deactivated.
    pub deleted: bool,
    /// A bot.
    pub is_bot: bool,
    /// A guest of several channels.
    pub is_restricted: bool,
    /// A guest of one channel.
    pub is_ultra_restricted: bool,
    /// From another organisation.
    pub is_stranger: bool,
    /// The name others see, if it is set.
    pub real_name: Option<String>,
    /// Their identity across an organisation's workspaces.
    pub enterprise_user: Option<EnterpriseUser>,
}

/// A person of an Enterprise Grid organisation.
#[derive(Clone, Debug)]
pub struct EnterpriseUser {
    /// The id in every workspace.
    pub id: String,
    /// The organisation.
    pub enterprise_id: Option<String>,
}

impl<W: Wire> Slack<'_, W> {
    /// The person as Slack knows them now.
    ///
    /// # Errors
    /// When there is no such person, or Slack is in trouble.
    pub async fn user(&self, id: &str) -> Result<User, Trouble> {
        let answer = self.query("users.info", &[("user", id)]).await?;
        answer.get("user").ok_or(Unexpected).and_then(user).map_err(|_| unintelligible())
    }

    /// Whether somebody with one of these ids is in the group now.
    ///
    /// # Errors
    /// Those of [`Slack::group_members`].
    pub async fn in_group(&self, group: &GroupId, ids: &[PersonId]) -> Result<bool, Trouble> {
        let members = self.group_members(group).await?;
        Ok(members.iter().any(|member| ids.iter().any(|id| id.slack_id() == member)))
    }

    /// Who is in the group now, by the ids Slack answers with, which need not be those a person acts under.
    ///
    /// # Errors
    /// [`Cause::NotFound`](crate::domain::trouble::Cause::NotFound) when there is no such group or it is disabled, or
    /// what keeps Slack from answering.
    pub async fn group_members(&self, group: &GroupId) -> Result<Vec<String>, Trouble> {
        let mut arguments = vec![("usergroup", group.slack_id())];
        // An organisation's token has to say which workspace's group it means.
        arguments.extend(self.config.team_id.as_deref().map(|team| ("team_id", team)));
        let answer = self.query("usergroups.users.list", &arguments).await?;
        let members = answer.get("users").and_then(Value::as_array).ok_or_else(unintelligible)?;
        Ok(members.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }
}

/// What `users.info` says of a person.
fn user(user: &Value) -> Result<User, Unexpected> {
    let enterprise_user = match fields::at(user, &["enterprise_user"])? {
        None => None,
        Some(user) => Some(EnterpriseUser {
            id: fields::owned(user, &["id"])?.unwrap_or_default(),
            enterprise_id: fields::owned(user, &["enterprise_id"])?,
        }),
    };
    Ok(User {
        id: fields::owned(user, &["id"])?.unwrap_or_default(),
        team_id: fields::owned(user, &["team_id"])?,
        deleted: fields::flag(user, "deleted")?,
        is_bot: fields::flag(user, "is_bot")?,
        is_restricted: fields::flag(user, "is_restricted")?,
        is_ultra_restricted: fields::flag(user, "is_ultra_restricted")?,
        is_stranger: fields::flag(user, "is_stranger")?,
        real_name: fields::owned(user, &["real_name"])?,
        enterprise_user,
    })
}
