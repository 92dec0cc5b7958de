//! Deciding: approvals and refusals, and what the requester or an approver stops, repeats or leaves.
//!
//! Who may is asked of Slack at the tap; what still can be decided, of the rotation itself, which takes one event after
//! another. Whoever comes second is told who came first.

use super::answer::{After, Answer, Shown, reason_needed};
use super::house::House;
use super::identity::{Member, among, demand, member};
use super::open::open;
use crate::codec::chat::{Caller, Submission, Tap};
use crate::codec::content::{form, message};
use crate::codec::record::{Choice, RotationOrder, RotationReply};
use crate::domain::names::RotationId;
use crate::domain::policy::Role;
use crate::domain::refusal::Refusal;
use crate::domain::rotation::{Refused, Requester, Rotation, Stage};
use crate::ports::{Ports, Unanswered};

/// Does what somebody tapped.
///
/// # Errors
/// A refusal, to be told to whoever tapped.
pub async fn tapped<P: Ports>(house: House<'_, P>, tap: &Tap, choice: Choice) -> Result<Answer, Refusal> {
    let id = RotationId::parse(&tap.value).map_err(|_| Refusal::UnknownForm)?;
    let rotation = decide(house, &id, &tap.occasion.caller, choice).await?;
    Ok(Shown::Card(Box::new(rotation)).into())
}

/// Opens the form that asks why not.
///
/// # Errors
/// A refusal, to be told to whoever tapped.
pub async fn open_rejection<P: Ports>(house: House<'_, P>, tap: &Tap) -> Result<Answer, Refusal> {
    let id = RotationId::parse(&tap.value).map_err(|_| Refusal::UnknownForm)?;
    let (rotation, _) = deciding(house, &id, &tap.occasion.caller, &Choice::Deny(String::new())).await?;
    if !matches!(rotation.stage, Stage::AwaitingApproval { .. }) {
        return Err(too_late(&rotation));
    }
    let again = || message::tap_again("Reject");
    open(house, &tap.occasion, form::reject(&rotation), Vec::new(), again).await.map(|(answer, _)| answer)
}

/// Says no, for the reason that the form brings.
///
/// # Errors
/// A refusal, to be shown in place of the form.
pub async fn rejected<P: Ports>(house: House<'_, P>, form: &Submission) -> Result<Answer, Refusal> {
    let id = RotationId::parse(&form.about).map_err(|_| Refusal::UnknownForm)?;
    let Some(why) = form::reason(&form.inputs) else { return Ok(reason_needed()) };
    decide(house, &id, &form.occasion.caller, Choice::Deny(why.to_owned())).await?;
    // The form may stand before the App Home, which still offers the choice.
    let after = vec![After::Home(form.occasion.caller.clone())];
    Ok(Answer { shown: Shown::Nothing, after })
}

async fn decide<P: Ports>(
    house: House<'_, P>,
    id: &RotationId,
    caller: &Caller,
    choice: Choice,
) -> Result<Rotation, Refusal> {
    let (_, member) = deciding(house, id, caller, &choice).await?;
    let order = RotationOrder::Decide { person: member.person, choice };
    let reply = house.ports.rotation(id, order).await.map_err(|Unanswered| Refusal::Unclear(id.clone()))?;
    state(reply, id)
}

/// The rotation, and who wants to decide about it: somebody who may, as of now.
async fn deciding<P: Ports>(
    house: House<'_, P>,
    id: &RotationId,
    caller: &Caller,
    choice: &Choice,
) -> Result<(Rotation, Member), Refusal> {
    let rotation = view(house, id).await?;
    let member = member(house, caller).await?;
    let (target, policy) = (&rotation.target.name, &rotation.target.policy);
    // What a secret manager asked for is everybody's whom the policy names.
    let requester = match &rotation.requester {
        Requester::Person(requester) => member.person.is(requester),
        Requester::Source(_) => {
            let named = [&policy.approvers[..], &policy.askers[..]].concat();
            among(house, &member, &named).await?
        }
    };
    match choice {
        Choice::Approve | Choice::Deny(_) => demand(house, &member, target, policy, Role::Approver).await?,
        // Whoever asked may stop it as well as those who approve.
        Choice::Stop if requester => {}
        Choice::Stop => demand(house, &member, target, policy, Role::Approver).await?,
        Choice::Cancel | Choice::Retry | Choice::Close if !requester => {
            return Err(match &rotation.requester {
                Requester::Person(_) => Refusal::NotRequester(id.clone()),
                Requester::Source(_) => Refusal::NotAsker(target.clone()),
            });
        }
        // What is repeated is an update: the policy still has to name them.
        Choice::Retry if rotation.requester.person().is_some() => {
            demand(house, &member, target, policy, Role::to_ask(rotation.break_glass)).await?;
        }
        Choice::Cancel | Choice::Retry | Choice::Close => {}
    }
    Ok((rotation, member))
}

/// The rotation of that id, as it is now.
///
/// # Errors
/// When there is none, or it does not answer.
pub(crate) async fn view<P: Ports>(house: House<'_, P>, id: &RotationId) -> Result<Rotation, Refusal> {
    let reply = house.ports.rotation(id, RotationOrder::View).await.map_err(|Unanswered| Refusal::Storage)?;
    state(reply, id)
}

/// The rotation that an object answered with, or why it did not do what was asked.
///
/// # Errors
/// The object's refusal, in words for people.
pub(super) fn state(reply: RotationReply, id: &RotationId) -> Result<Rotation, Refusal> {
    match reply {
        RotationReply::State(rotation) => Ok(*rotation),
        RotationReply::Occupied(other) => Err(Refusal::Occupied(other)),
        RotationReply::Stale => Err(Refusal::CatalogChanged),
        RotationReply::Unread(trouble) => Err(Refusal::Service(trouble)),
        RotationReply::Unknown
        | RotationReply::Offered(..)
        | RotationReply::Reading { .. }
        | RotationReply::KeysChanged => Err(Refusal::UnknownRotation),
        RotationReply::Refused(why, rotation) => Err(match (why, &rotation.stage) {
            (Refused::NotRequester, _) => Refusal::NotRequester(id.clone()),
            (Refused::OwnRequest, _) => Refusal::OwnRequest(id.clone()),
            (Refused::Twice, _) => Refusal::ApprovedAlready(id.clone()),
            (Refused::Closed, _) => Refusal::WindowClosed(id.clone()),
            (Refused::Early, Stage::AwaitingCredential { from, .. }) => Refusal::TooEarly(id.clone(), *from),
            _ => too_late(&rotation),
        }),
    }
}

/// That the rotation has moved on, and who made it. When its time ran out nobody did, whoever approved before.
pub(super) fn too_late(rotation: &Rotation) -> Refusal {
    let last = rotation.decisions.last().filter(|_| rotation.stage != Stage::Expired);
    Refusal::TooLate(rotation.id.clone(), last.cloned().map(Box::new))
}
