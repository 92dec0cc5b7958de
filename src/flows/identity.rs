//! Who somebody is, from Slack's live answer; nothing a request says of its sender is believed.

use super::house::House;
use crate::clients::slack::User;
use crate::codec::slack::envelope::Envelope;
use crate::config::SlackConfig;
use crate::domain::names::{PersonId, TargetName};
use crate::domain::policy::{self, Policy, Role, Subject};
use crate::domain::refusal::{Refusal, Standing};
use crate::domain::rotation::Person;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Ports;

/// A full, active member of the installation.
pub struct Member {
    /// By the id that is the same in every workspace.
    pub person: Person,
    /// Every id of theirs.
    pub ids: Vec<PersonId>,
}

/// Asks Slack who sent this.
///
/// # Errors
/// When they are not a full, active member, or Slack cannot be asked.
pub async fn member(house: House<'_, impl Ports>, envelope: &Envelope) -> Result<Member, Refusal> {
    looked_up(house, &envelope.user).await
}

/// Asks Slack about somebody we know.
///
/// # Errors
/// When they are not a full, active member any more, or Slack cannot be asked.
pub async fn known(house: House<'_, impl Ports>, person: &PersonId) -> Result<Member, Refusal> {
    looked_up(house, person.slack_id()).await
}

async fn looked_up(house: House<'_, impl Ports>, acting: &str) -> Result<Member, Refusal> {
    let user = house.slack().user(acting).await.map_err(Refusal::Service)?;
    let standing = standing(&user, &house.config.slack);
    let enterprise = user.enterprise_user.as_ref().map(|user| user.id.as_str()).filter(|id| !id.is_empty());
    let mut ids = Vec::new();
    // The organisation's id first: it is the one that stays the same from workspace to workspace. Groups list people by
    // the id that Slack answers with, which need not be the one they acted under.
    for id in enterprise.into_iter().chain([user.id.as_str(), acting]) {
        let id = PersonId::slack(id).map_err(|_| unintelligible())?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let id = ids.first().cloned().ok_or_else(unintelligible)?;
    let name = user.real_name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| acting.to_owned());
    let person = Person { id, name: name.chars().take(80).collect() };
    if let Some(caller) = house.caller {
        let _ = caller.set(person.clone());
    }
    match standing {
        Some(standing) => Err(Refusal::Standing(standing)),
        None => Ok(Member { person, ids }),
    }
}

/// Whether one of these is the member, or has them among its members as of now.
///
/// # Errors
/// When a group cannot be looked up: then nobody is.
pub async fn among(house: House<'_, impl Ports>, member: &Member, subjects: &[Subject]) -> Result<bool, Refusal> {
    if policy::names(subjects, &member.ids) {
        return Ok(true);
    }
    for group in policy::groups(subjects).filter(|group| group.is_slack()) {
        if house.slack().in_group(group, &member.ids).await.map_err(Refusal::Service)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Demands that the policy gives the role to the member, as of now.
///
/// # Errors
/// When it does not, or a group cannot be looked up.
pub async fn demand(
    house: House<'_, impl Ports>,
    member: &Member,
    target: &TargetName,
    policy: &Policy,
    role: Role,
) -> Result<(), Refusal> {
    if among(house, member, policy.holders(role)).await? {
        return Ok(());
    }
    Err(match role {
        Role::Asker => Refusal::NotAsker(target.clone()),
        Role::Approver => Refusal::NotApprover(target.clone()),
        Role::BreakGlass => Refusal::NotBreakGlass(target.clone()),
    })
}

fn standing(user: &User, ours: &SlackConfig) -> Option<Standing> {
    if user.deleted {
        return Some(Standing::Deactivated);
    }
    if user.is_bot {
        return Some(Standing::Bot);
    }
    let enterprise = user.enterprise_user.as_ref().and_then(|user| user.enterprise_id.as_deref());
    let ours_by_team = ours.team_id.is_some() && user.team_id == ours.team_id;
    let ours_by_enterprise = ours.enterprise_id.is_some() && enterprise == ours.enterprise_id.as_deref();
    if user.is_stranger || !(ours_by_team || ours_by_enterprise) {
        return Some(Standing::Stranger);
    }
    (user.is_restricted || user.is_ultra_restricted).then_some(Standing::Guest)
}

fn unintelligible() -> Refusal {
    Refusal::Service(Trouble::of(Service::Slack, Cause::Unintelligible))
}
