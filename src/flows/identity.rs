//! Who somebody is, from their platform's live answer; nothing a request says of its sender is believed.

use super::chats;
use super::house::House;
use crate::clients::graph::{DirectoryUser, Graph};
use crate::clients::slack::User;
use crate::codec::chat::Caller;
use crate::codec::record::{RegisterOrder, RegisterReply};
use crate::config::SlackConfig;
use crate::domain::names::{Guid, PersonId, TargetName};
use crate::domain::policy::{self, Policy, Role, Subject};
use crate::domain::refusal::{Refusal, Standing};
use crate::domain::rotation::Person;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Ports;

/// A full, active member of the installation.
pub struct Member {
    /// By the id that is the same in every workspace.
    pub person: Person,
    /// The ids by which they may do what a policy says: those of accounts that are active. `person` has the others as well, as
    /// they are the same person under each.
    pub ids: Vec<PersonId>,
    /// Why another account of theirs could not be asked about: then it gives them nothing.
    unasked: Option<Trouble>,
}

/// Asks their platform who sent this.
///
/// # Errors
/// When they are not a full, active member, or Slack cannot be asked.
pub async fn member(house: House<'_, impl Ports>, caller: &Caller) -> Result<Member, Refusal> {
    match caller {
        Caller::Slack(envelope) => in_slack(house, &envelope.user).await,
        Caller::Teams(person) => known(house, person).await,
    }
}

/// Asks their platform about somebody we know.
///
/// # Errors
/// When they are not a full, active member any more, or the platform cannot be asked.
pub async fn known(house: House<'_, impl Ports>, person: &PersonId) -> Result<Member, Refusal> {
    match person.object() {
        Some(object) => in_entra(house, &object).await,
        None => in_slack(house, person.slack_id()).await,
    }
}

/// Who has that object id in the tenant (Microsoft Graph, user).
async fn in_entra(house: House<'_, impl Ports>, object: &Guid) -> Result<Member, Refusal> {
    let user = match in_directory(house, object).await {
        Ok(user) => user,
        Err(trouble) if trouble.cause == Cause::NotFound => return Err(Refusal::Standing(Standing::Stranger)),
        Err(trouble) => return Err(Refusal::Service(trouble)),
    };
    let id = PersonId::entra(object);
    let name = user.name.clone().unwrap_or_else(|| id.to_string());
    seen(house, vec![id], &name, standing_in_directory(&user)).await
}

async fn in_directory<P: Ports>(house: House<'_, P>, object: &Guid) -> Result<DirectoryUser, Trouble> {
    house.graph(async |graph: Graph<'_, P>| graph.user(object).await).await
}

const fn standing_in_directory(user: &DirectoryUser) -> Option<Standing> {
    match (user.enabled, user.guest) {
        (false, _) => Some(Standing::Deactivated),
        (true, true) => Some(Standing::Guest),
        (true, false) => None,
    }
}

async fn in_slack(house: House<'_, impl Ports>, acting: &str) -> Result<Member, Refusal> {
    let slack = house.slack().map_err(Refusal::Service)?;
    let user = slack.user(acting).await.map_err(Refusal::Service)?;
    let standing = house.config.slack.as_ref().and_then(|ours| standing(&user, ours));
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
    let name = user.real_name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| acting.to_owned());
    seen(house, ids, &name, standing).await
}

/// The person with these ids, and those that the catalog says are theirs as well.
async fn seen(
    house: House<'_, impl Ports>,
    mut ids: Vec<PersonId>,
    name: &str,
    standing: Option<Standing>,
) -> Result<Member, Refusal> {
    // Asked on one platform too: somebody may have two accounts there.
    let others = match house.ports.register(RegisterOrder::Also(ids.clone())).await {
        Ok(RegisterReply::Also(also)) => also,
        _ => return Err(Refusal::Storage),
    };
    let (id, also) = ids.split_first().ok_or_else(unintelligible)?;
    let also = also.iter().chain(&others).cloned().collect();
    let person = Person { id: id.clone(), name: name.chars().take(80).collect(), also };
    if let Some(caller) = house.caller {
        let _ = caller.set(person.clone());
    }
    if let Some(standing) = standing {
        return Err(Refusal::Standing(standing));
    }
    let mut unasked = None;
    for other in others {
        match active(house, &other).await {
            Ok(true) => ids.push(other),
            Ok(false) => {}
            Err(trouble) => unasked = Some(trouble),
        }
    }
    Ok(Member { person, ids, unasked })
}

/// Whether that is the account of a full, active member, of a platform where this installation is.
async fn active(house: House<'_, impl Ports>, id: &PersonId) -> Result<bool, Trouble> {
    if !house.on(id.platform()) {
        return Ok(false);
    }
    let standing = match id.object() {
        Some(object) => in_directory(house, &object).await.map(|user| standing_in_directory(&user)),
        None => {
            let ours = house.slack_config()?;
            house.slack()?.user(id.slack_id()).await.map(|user| self::standing(&user, ours))
        }
    };
    match standing {
        Ok(standing) => Ok(standing.is_none()),
        Err(trouble) if trouble.cause == Cause::NotFound => Ok(false),
        Err(trouble) => Err(trouble),
    }
}

/// Whether one of these is the member, or has them among its members as of now.
///
/// # Errors
/// When a group, or another account of theirs, cannot be looked up: then nobody is.
pub async fn among(house: House<'_, impl Ports>, member: &Member, subjects: &[Subject]) -> Result<bool, Refusal> {
    if policy::names(subjects, &member.ids) {
        return Ok(true);
    }
    let groups: Vec<_> = policy::groups(subjects).collect();
    for group in groups.iter().filter(|group| group.is_slack()) {
        // Somebody who is not known in Slack is in none of its groups.
        let known = member.ids.iter().any(PersonId::is_slack);
        if known && chats::in_group(house, group, &member.ids).await.map_err(Refusal::Service)? {
            return Ok(true);
        }
    }
    let within = chats::entra_groups(house, &groups, &member.ids).await.map_err(Refusal::Service)?;
    match &member.unasked {
        Some(trouble) if within.is_empty() => Err(Refusal::Service(trouble.clone())),
        _ => Ok(!within.is_empty()),
    }
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
