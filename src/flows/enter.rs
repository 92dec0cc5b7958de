//! Entering: from an opened rotation to a credential that is under way.

use super::answer::{Answer, Shown, tell_later};
use super::ask::chat_entry;
use super::decide::{state, too_late, view};
use super::house::House;
use super::identity::{Member, demand, member};
use super::open::open;
use super::page;
use crate::codec::chat::{Caller, Opening, Submission, Tap};
use crate::codec::content::{form, message};
use crate::codec::record::RotationOrder;
use crate::codec::vault::Vaulted;
use crate::domain::credential::{Entered, Field};
use crate::domain::names::RotationId;
use crate::domain::policy::Role;
use crate::domain::refusal::Refusal;
use crate::domain::rotation::{Person, Rotation, Stage};
use crate::ports::{Ports, Unanswered};

/// Takes the credential that a form brings.
///
/// # Errors
/// A refusal, to be shown in place of the form.
pub async fn credential<P: Ports>(house: House<'_, P>, mut form: Submission) -> Result<Answer, Refusal> {
    chat_entry(house)?;
    let id = RotationId::parse(&form.about).map_err(|_| Refusal::UnknownForm)?;
    let mut entered = Entered::new();
    let mut marks = Vec::new();
    for field in Field::ALL {
        if !form.inputs.has(field.id()) {
            continue;
        }
        match form.inputs.take_secret(field.id()).filter(|secret| !secret.is_empty()) {
            Some(secret) => {
                // Looked at for its first line only: a key in another format is refused by the gateway much later.
                if field == Field::PrivateKey && !secret.expose().trim_start().starts_with("-----BEGIN ") {
                    marks.push((field.id(), "This is not a PEM key: it begins with -----BEGIN."));
                }
                entered.insert(field, secret);
            }
            None if field.required() => {
                marks.push((field.id(), "This is needed."));
            }
            None => {}
        }
    }
    if !marks.is_empty() {
        return Ok(Shown::Marks(marks).into());
    }
    if entered.iter().next().is_none() {
        return Err(Refusal::UnknownForm);
    }
    // Encrypted before the first await; from here on nothing of ours can show it.
    let vaulted = close(house, &entered, &id)?;
    drop(entered);
    let (_, person) = enterable(house, &id, &form.occasion.caller).await?;
    supply(house, &id, person, vaulted).await
}

/// The rotation that whoever sent this may enter the credential of: their own, waiting for it, and the target's policy
/// still names them.
pub(super) async fn enterable<P: Ports>(
    house: House<'_, P>,
    id: &RotationId,
    caller: &Caller,
) -> Result<(Rotation, Person), Refusal> {
    let rotation = view(house, id).await?;
    may_enter(house, rotation, member(house, caller).await?).await
}

/// The same for a person who is known already.
pub(super) async fn may_enter<P: Ports>(
    house: House<'_, P>,
    rotation: Rotation,
    member: Member,
) -> Result<(Rotation, Person), Refusal> {
    let id = &rotation.id;
    if !rotation.requester.is(&member.person) {
        return Err(Refusal::NotRequester(id.clone()));
    }
    match rotation.stage {
        Stage::AwaitingCredential { from, .. } if house.ports.now() < from => {
            return Err(Refusal::TooEarly(id.clone(), from));
        }
        Stage::AwaitingCredential { .. } => {}
        Stage::Checking | Stage::AwaitingApproval { .. } => return Err(Refusal::Unapproved(id.clone())),
        _ => return Err(too_late(&rotation)),
    }
    let (target, policy) = (&rotation.target.name, &rotation.target.policy);
    demand(house, &member, target, policy, Role::to_ask(rotation.break_glass)).await?;
    Ok((rotation, member.person))
}

async fn supply<P: Ports>(
    house: House<'_, P>,
    id: &RotationId,
    person: Person,
    credential: Vaulted,
) -> Result<Answer, Refusal> {
    let order = RotationOrder::Supply { person, credential: Some(credential), sealed: Vec::new(), submission: None };
    let reply = house.ports.rotation(id, order).await;
    let rotation = state(reply.map_err(|Unanswered| Refusal::Unclear(id.clone()))?, id)?;
    Ok(Shown::Notice(form::under_way(&rotation)).into())
}

/// Opens the form for the credential; where there is nothing to enter, goes on at once.
///
/// # Errors
/// A refusal, to be told to whoever tapped.
pub async fn open_entry<P: Ports>(house: House<'_, P>, tap: &Tap) -> Result<Answer, Refusal> {
    let id = RotationId::parse(&tap.value).map_err(|_| Refusal::UnknownForm)?;
    let (rotation, person) = enterable(house, &id, &tap.occasion.caller).await?;
    if rotation.target.login.kind().fields().is_empty() {
        let nothing = close(house, &Entered::new(), &id)?;
        return supply(house, &id, person, nothing).await.map(|mut answer| {
            if tap.occasion.opening != Opening::Dialog {
                answer.shown = Shown::Nothing;
            }
            answer
        });
    }
    let renew = house.ports.rotation(&id, RotationOrder::Renew { person }).await;
    let rotation = state(renew.map_err(|Unanswered| Refusal::Storage)?, &id)?;
    let link = page::link(house, &rotation);
    if chat_entry(house).is_err() {
        let link = link.ok_or(Refusal::ChatEntryOff)?;
        if tap.occasion.opening == Opening::Dialog {
            return Ok(Shown::Page(link).into());
        }
        return Ok(tell_later(message::link(&rotation, &link), &tap.occasion));
    }
    // The button is still there and gives a fresh chance.
    let again = || message::tap_again("Enter credential");
    let form = form::credential(&rotation, link.as_deref());
    open(house, &tap.occasion, form, Vec::new(), again).await.map(|(answer, _)| answer)
}

fn close<P: Ports>(house: House<'_, P>, entered: &Entered, id: &RotationId) -> Result<Vaulted, Refusal> {
    Vaulted::close(entered, &house.config.store_key, id, house.nonce()).map_err(|_| Refusal::Storage)
}
