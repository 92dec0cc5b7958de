//! Telling somebody who they are here, what they may do, and why.

use super::answer::{Answer, Shown};
use super::house::House;
use super::identity::{Member, member};
use super::memberships::memberships;
use super::together::AT_ONCE;
use crate::codec::chat::Caller;
use crate::codec::content::whoami::{self, Known};
use crate::codec::record::{RegisterOrder, RegisterReply};
use crate::domain::names::{GroupId, Platform, TargetName};
use crate::domain::policy::{Policy, Subject};
use crate::domain::refusal::Refusal;
use crate::ports::Ports;

/// Groups asked for one answer: Slack lets a group's members be read some twenty times a minute, by all together (Slack API,
/// Web API methods by rate limit tier, Tier 2), and waits three seconds for the answer.
const MOST_GROUPS: usize = 2 * AT_ONCE;

/// Tells whoever typed who they are and what they may do: with one target, or with all in which they have a role.
///
/// # Errors
/// When they are not a full member, there is no such target, or Slack or the register do not answer.
pub async fn whoami<P: Ports>(
    house: House<'_, P>,
    caller: &Caller,
    target: Option<TargetName>,
) -> Result<Answer, Refusal> {
    let member = member(house, caller).await?;
    let mut roles = roles(house, &member, target.clone(), Vec::new()).await?;
    let (memberships, why) = memberships(house, roles.groups.iter(), &member.ids, MOST_GROUPS).await;
    // Which targets concern them is known once it is known which groups do.
    if target.is_none() && !memberships.inside.is_empty() {
        roles = self::roles(house, &member, None, memberships.inside.clone()).await?;
    }
    let place = match (caller.platform(), &house.config.slack, &house.config.teams) {
        (Platform::Slack, Some(slack), _) => slack.team_id.as_deref().or(slack.enterprise_id.as_deref()),
        (Platform::Teams, _, Some(teams)) => Some(teams.bot.tenant.as_str()),
        _ => None,
    };
    let known = Known {
        person: &member.person,
        ids: &member.ids,
        place: place.unwrap_or_default(),
        memberships: &memberships,
        why: why.as_ref(),
        operators: &roles.operators,
    };
    let message = match (&target, roles.found.as_slice()) {
        (Some(_), [(name, policy), ..]) => whoami::of_target(&known, name, policy),
        (_, found) => whoami::of_all(&known, found, roles.more),
    };
    Ok(Shown::Message(message).into())
}

struct Roles {
    operators: Vec<Subject>,
    groups: Vec<GroupId>,
    found: Vec<(TargetName, Policy)>,
    more: usize,
}

async fn roles<P: Ports>(
    house: House<'_, P>,
    member: &Member,
    target: Option<TargetName>,
    groups: Vec<GroupId>,
) -> Result<Roles, Refusal> {
    let order = RegisterOrder::Roles { target, people: member.ids.clone(), groups };
    match house.ports.register(order).await {
        Ok(RegisterReply::Roles { operators, groups, found, more }) => Ok(Roles { operators, groups, found, more }),
        Ok(RegisterReply::NotFound(near)) => Err(Refusal::UnknownTarget(near)),
        _ => Err(Refusal::Storage),
    }
}
