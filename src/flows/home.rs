//! The App Home of one person: read anew from everybody who knows, and published in place of what was there.

use super::ask::search;
use super::decide::view;
use super::house::House;
use super::identity::{Member, member};
use super::memberships::memberships;
use super::together::{Pending, each};
use crate::codec::catalog::MAX_TARGETS;
use crate::codec::chat::Caller;
use crate::codec::content::home::{self, Home};
use crate::codec::record::{RegisterOrder, RegisterReply};
use crate::codec::slack::draw;
use crate::codec::words;
use crate::domain::listing::{Listed, in_order};
use crate::domain::names::{Platform, RotationId};
use crate::domain::policy::{Subject, groups};
use crate::domain::refusal::Refusal;
use crate::domain::roles::Held;
use crate::domain::rotation::{Rotation, Stage};
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Ports;

/// Live rotations that are looked at for one page.
const MOST_LIVE: usize = 25;
/// Calls of an invocation that are kept for publishing, and for what comes after.
const FOR_TELLING: usize = 4;

/// Publishes the home of whoever this is from.
///
/// # Errors
/// When Slack does not take it.
pub async fn publish<P: Ports>(house: House<'_, P>, caller: &Caller) -> Result<(), Trouble> {
    let person = caller.person().ok_or_else(|| Trouble::of(Service::Slack, Cause::Unintelligible))?;
    // Teams has no page of this kind.
    if caller.platform() == Platform::Teams {
        return Ok(());
    }
    let view = match page(house, caller).await {
        Ok(page) => home::home(&page, house.ports.now(), house.command(Platform::Slack)),
        Err(refusal) => home::closed(words::refusal(&refusal, house.command(Platform::Slack))),
    };
    house.slack()?.publish_home(&person, &draw::home(&view)).await
}

/// Everything this person may see, as of now.
async fn page<P: Ports>(house: House<'_, P>, caller: &Caller) -> Result<Home, Refusal> {
    let member = member(house, caller).await?;
    let (targets, _) = search(house, String::new(), MAX_TARGETS).await?;
    let with_live = || targets.iter().filter(|entry| entry.live.is_some());
    let approvers = with_live().map(|entry| entry.approvers.as_slice());
    let subjects = || approvers.clone().chain(targets.iter().map(|entry| entry.askers.as_slice())).flat_map(groups);
    // Some calls are kept for looking at rotations.
    let most = room(house) - with_live().count().min(MOST_LIVE).min(room(house) / 2);
    let (mut known, _) = memberships(house, subjects(), &member.ids, most).await;
    let concerned = |entry: &&Listed| {
        let holds = |subjects: &[Subject]| matches!(known.held(subjects, &member.ids), Held::ByName | Held::Through(_));
        holds(&entry.approvers) || holds(&entry.askers)
    };
    let first: Vec<_> = with_live().filter(concerned).filter_map(|entry| entry.live.clone()).collect();
    let (live, unseen) = live(house, first).await?;
    // What waits keeps the plan that it began with, and its approvers: the catalog may name others by now.
    let asked = live.iter().filter(|rotation| approvable(rotation, &member));
    let kept = asked.flat_map(|rotation| groups(&rotation.target.policy.approvers));
    let kept = kept.filter(|group| !subjects().any(|other| other == *group));
    let (more, _) = memberships(house, kept, &member.ids, room(house)).await;
    known.inside.extend(more.inside);
    known.unasked.extend(more.unasked);
    let holds = |subjects: &[Subject]| matches!(known.held(subjects, &member.ids), Held::ByName | Held::Through(_));
    let may_approve = |rotation: &&Rotation| approvable(rotation, &member) && holds(&rotation.target.policy.approvers);
    let mut waiting: Vec<_> = live.iter().filter(may_approve).cloned().collect();
    in_order(&mut waiting, |rotation| waiting_until(rotation).map_or(i64::MIN, |until| until.0));
    let own = live.into_iter().filter(|rotation| rotation.requester.is(&member.person)).collect();
    let mut targets: Vec<Listed> = targets.into_iter().filter(|entry| holds(&entry.askers)).collect();
    // What is never due comes last; the names are in order already.
    in_order(&mut targets, |entry| entry.due().map_or(i64::MAX, |due| due.0));
    Ok(Home { waiting, own, targets, unseen, unasked: known.unasked.len() })
}

/// Until when an approval is waited for, if one is.
fn waiting_until(rotation: &Rotation) -> Option<Timestamp> {
    match rotation.stage {
        Stage::AwaitingApproval { until, .. } => Some(until),
        _ => None,
    }
}

/// Whether this person's approval would count, if the policy names them.
fn approvable(rotation: &Rotation, member: &Member) -> bool {
    let own = rotation.requester.is(&member.person);
    let before = rotation.approvals().any(|decision| member.person.is(&decision.by));
    waiting_until(rotation).is_some() && (!own || rotation.target.policy.allow_self) && !before
}

/// The live rotations, as far as they can be looked at in one go, these before the others; and how many are left.
async fn live<P: Ports>(house: House<'_, P>, first: Vec<RotationId>) -> Result<(Vec<Rotation>, usize), Refusal> {
    let (others, _) = match house.ports.register(RegisterOrder::Live { most: MAX_TARGETS }).await {
        Ok(RegisterReply::Live(ids, more)) => (ids, more),
        _ => return Err(Refusal::Storage),
    };
    let mut ids = first;
    for id in others {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let more = ids.split_off(ids.len().min(MOST_LIVE.min(room(house)))).len();
    let views = each(ids.iter().map(|id| -> Pending<'_, _> { Box::pin(view(house, id)) })).await;
    let unanswered = views.iter().filter(|view| view.is_err()).count();
    // The register is told of an end a moment after it.
    let live = views.into_iter().flatten().filter(|rotation| !rotation.stage.ended());
    Ok((live.collect(), more + unanswered))
}

/// How many more calls may be made.
fn room<P: Ports>(house: House<'_, P>) -> usize {
    house.config.calls_per_waking.saturating_sub(house.ports.sent() + FOR_TELLING)
}
