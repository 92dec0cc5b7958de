//! The App Home of one person: read anew from everybody who knows, and published in place of what was there.

use super::ask::search;
use super::decide::state;
use super::house::House;
use super::identity::{Member, member};
use super::memberships::memberships;
use super::together::{Pending, each};
use crate::codec::catalog::MAX_TARGETS;
use crate::codec::record::{RegisterOrder, RegisterReply, RotationOrder};
use crate::codec::slack::envelope::Envelope;
use crate::codec::slack::home::{self, Home};
use crate::codec::words;
use crate::domain::listing::Listed;
use crate::domain::names::{PersonId, RotationId};
use crate::domain::policy::{Subject, groups};
use crate::domain::refusal::Refusal;
use crate::domain::roles::Held;
use crate::domain::rotation::{Rotation, Stage};
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::{Ports, Unanswered};

/// Live rotations that are looked at for one page.
const MOST_LIVE: usize = 25;
/// Calls of an invocation that are kept for publishing, and for what comes after.
const FOR_TELLING: usize = 4;

/// Publishes the home of whoever this is from.
///
/// # Errors
/// When Slack does not take it.
pub async fn publish<P: Ports>(house: House<'_, P>, envelope: &Envelope) -> Result<(), Trouble> {
    let person = PersonId::slack(&envelope.user).map_err(|_| Trouble::of(Service::Slack, Cause::Unintelligible))?;
    let view = match page(house, envelope).await {
        Ok(page) => home::home(&page, house.ports.now(), &house.config.slack.command),
        Err(refusal) => home::closed(&words::refusal(&refusal, &house.config.slack.command)),
    };
    house.slack().publish_home(&person, &view).await
}

/// Everything this person may see, as of now.
async fn page<P: Ports>(house: House<'_, P>, envelope: &Envelope) -> Result<Home, Refusal> {
    let member = member(house, envelope).await?;
    let (targets, _) = search(house, String::new(), MAX_TARGETS).await?;
    let (live, unseen) = live(house).await?;
    let asked = live.iter().filter(|rotation| approvable(rotation, &member));
    let approvers = asked.map(|rotation| rotation.target.policy.approvers.as_slice());
    let subjects = approvers.chain(targets.iter().map(|entry| entry.askers.as_slice()));
    let (known, _) = memberships(house, subjects.flat_map(groups), &member.ids, room(house)).await;
    let holds = |subjects: &[Subject]| matches!(known.held(subjects, &member.ids), Held::ByName | Held::Through(_));
    let may_approve = |rotation: &&Rotation| approvable(rotation, &member) && holds(&rotation.target.policy.approvers);
    let mut waiting: Vec<_> = live.iter().filter(may_approve).cloned().collect();
    waiting.sort_by_key(waiting_until);
    let own = live.into_iter().filter(|rotation| member.ids.contains(&rotation.requester.id)).collect();
    let mut targets: Vec<Listed> = targets.into_iter().filter(|entry| holds(&entry.askers)).collect();
    // What is never due comes last; the names are in order already.
    targets.sort_by_key(|entry| entry.due().unwrap_or(Timestamp(i64::MAX)));
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
    let own = member.ids.contains(&rotation.requester.id);
    let before = rotation.approvals().any(|decision| member.ids.contains(&decision.by.id));
    waiting_until(rotation).is_some() && (!own || rotation.target.policy.allow_self) && !before
}

/// The live rotations, as far as they can be looked at in one go, and how many are left.
async fn live<P: Ports>(house: House<'_, P>) -> Result<(Vec<Rotation>, usize), Refusal> {
    let most = MOST_LIVE.min(room(house));
    let (ids, more) = match house.ports.register(RegisterOrder::Live { most }).await {
        Ok(RegisterReply::Live(ids, more)) => (ids, more),
        _ => return Err(Refusal::Storage),
    };
    let views = each(ids.iter().map(|id| -> Pending<'_, _> { Box::pin(view(house, id)) })).await;
    let unanswered = views.iter().filter(|view| view.is_err()).count();
    // The register is told of an end a moment after it.
    let live = views.into_iter().flatten().filter(|rotation| !rotation.stage.ended());
    Ok((live.collect(), more + unanswered))
}

async fn view<P: Ports>(house: House<'_, P>, id: &RotationId) -> Result<Rotation, Refusal> {
    let reply = house.ports.rotation(id, RotationOrder::View).await.map_err(|Unanswered| Refusal::Storage)?;
    state(reply, id)
}

/// How many more calls may be made.
fn room<P: Ports>(house: House<'_, P>) -> usize {
    house.config.calls_per_waking.saturating_sub(house.ports.sent() + FOR_TELLING)
}
