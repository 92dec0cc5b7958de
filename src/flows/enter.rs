//! Entering: from an opened rotation to a credential that is under way.

use super::answer::{Answer, Shown, tell_later};
use super::ask;
use super::house::House;
use super::identity::{may_ask, member};
use crate::clients::slack::OpenError;
use crate::codec::record::{RotationOrder, RotationReply};
use crate::codec::slack::envelope::Envelope;
use crate::codec::slack::interaction::{Submission, Tap};
use crate::codec::slack::{card, view};
use crate::codec::vault::Vaulted;
use crate::domain::credential::{Entered, Field};
use crate::domain::names::{PersonId, RotationId, TargetName};
use crate::domain::refusal::Refusal;
use crate::domain::rotation::{Rotation, Stage};
use crate::ports::{Ports, Unanswered};

/// Answers a form that was sent.
///
/// # Errors
/// A refusal, to be shown in place of the form.
pub async fn submitted<P: Ports>(house: House<'_, P>, form: Submission) -> Result<Answer, Refusal> {
    ask::chat_entry(house)?;
    match form.form.as_str() {
        view::REQUEST_FORM => match ask::request(house, &form).await? {
            Ok(rotation) => begin(house, &rotation).await,
            Err(marked) => Ok(marked),
        },
        view::CREDENTIAL_FORM => credential(house, form).await,
        _ => Err(Refusal::UnknownForm),
    }
}

/// Answers a tap on a card's button.
///
/// # Errors
/// A refusal, to be told to whoever tapped.
pub async fn tapped<P: Ports>(house: House<'_, P>, tap: &Tap) -> Result<Answer, Refusal> {
    match tap.action.as_str() {
        card::OPEN_BUTTON => {
            let trigger = tap.trigger.as_deref().ok_or(Refusal::UnknownForm)?;
            let (target, response_url) = (TargetName::parse(&tap.value).ok(), tap.response_url.clone());
            ask::open_form(house, tap.envelope.clone(), trigger, target, response_url).await
        }
        card::ENTER_BUTTON => open_entry(house, tap).await,
        card::CANCEL_BUTTON => cancel(house, tap).await,
        _ => Err(Refusal::UnknownForm),
    }
}

/// What follows the request form: the credential form, or the rotation itself when there is nothing to enter.
async fn begin<P: Ports>(house: House<'_, P>, rotation: &Rotation) -> Result<Answer, Refusal> {
    match rotation.stage {
        Stage::AwaitingCredential { .. } if rotation.target.login.kind().fields().is_empty() => {
            supply(house, &rotation.id, rotation.requester.id.clone(), &Entered::new()).await
        }
        Stage::AwaitingCredential { .. } => Ok(Shown::Form(view::replace(&view::credential_form(rotation))).into()),
        _ => Err(Refusal::TooLate(rotation.id.clone())),
    }
}

async fn credential<P: Ports>(house: House<'_, P>, mut form: Submission) -> Result<Answer, Refusal> {
    let id = RotationId::parse(&form.metadata).map_err(|_| Refusal::UnknownForm)?;
    let mut entered = Entered::new();
    let mut marks = Vec::new();
    for field in Field::ALL {
        if !form.has(field.id()) {
            continue;
        }
        match form.take_secret(field.id()).filter(|secret| !secret.is_empty()) {
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
        return Ok(Shown::Form(view::errors(&marks)).into());
    }
    if entered.iter().next().is_none() {
        return Err(Refusal::UnknownForm);
    }
    // Encrypted before the first await; from here on nothing of ours can show it.
    let vaulted = close(house, &entered, &id)?;
    drop(entered);
    let (_, person) = enterable(house, &id, &form.envelope).await?;
    order_supply(house, &id, person, vaulted).await
}

/// The rotation that whoever sent this may enter the credential of: their own, waiting for it, and the target's policy
/// still names them.
async fn enterable<P: Ports>(
    house: House<'_, P>,
    id: &RotationId,
    envelope: &Envelope,
) -> Result<(Rotation, PersonId), Refusal> {
    let view = house.ports.rotation(id, RotationOrder::View).await.map_err(|Unanswered| Refusal::Storage)?;
    let rotation = state(view, id)?;
    let member = member(house, envelope).await?;
    if member.person.id != rotation.requester.id {
        return Err(Refusal::NotRequester(id.clone()));
    }
    if !matches!(rotation.stage, Stage::AwaitingCredential { .. }) {
        return Err(Refusal::TooLate(id.clone()));
    }
    may_ask(house, &member, &rotation.target.name, &rotation.target.policy).await?;
    Ok((rotation, member.person.id))
}

async fn supply<P: Ports>(
    house: House<'_, P>,
    id: &RotationId,
    person: PersonId,
    entered: &Entered,
) -> Result<Answer, Refusal> {
    order_supply(house, id, person, close(house, entered, id)?).await
}

async fn order_supply<P: Ports>(
    house: House<'_, P>,
    id: &RotationId,
    person: PersonId,
    credential: Vaulted,
) -> Result<Answer, Refusal> {
    let reply = house.ports.rotation(id, RotationOrder::Supply { person, credential }).await;
    let rotation = state(reply.map_err(|Unanswered| Refusal::Unclear(id.clone()))?, id)?;
    Ok(Shown::Form(view::replace(&view::under_way(&rotation))).into())
}

async fn open_entry<P: Ports>(house: House<'_, P>, tap: &Tap) -> Result<Answer, Refusal> {
    ask::chat_entry(house)?;
    let id = RotationId::parse(&tap.value).map_err(|_| Refusal::UnknownForm)?;
    let trigger = tap.trigger.as_deref().ok_or(Refusal::UnknownForm)?;
    let (rotation, person) = enterable(house, &id, &tap.envelope).await?;
    if rotation.target.login.kind().fields().is_empty() {
        supply(house, &id, person, &Entered::new()).await?;
        return Ok(Shown::Nothing.into());
    }
    match house.slack().open(trigger, &view::credential_form(&rotation)).await {
        Ok(_) => Ok(Shown::Nothing.into()),
        // The button is still there and gives a fresh trigger.
        Err(OpenError::Trigger) => Ok(tell_later(card::tap_again(), tap.response_url.clone())),
        Err(OpenError::Trouble(trouble)) => Err(Refusal::Service(trouble)),
    }
}

async fn cancel<P: Ports>(house: House<'_, P>, tap: &Tap) -> Result<Answer, Refusal> {
    let id = RotationId::parse(&tap.value).map_err(|_| Refusal::UnknownForm)?;
    let person = member(house, &tap.envelope).await?.person.id;
    let reply = house.ports.rotation(&id, RotationOrder::Cancel { person }).await;
    state(reply.map_err(|Unanswered| Refusal::Unclear(id.clone()))?, &id)?;
    Ok(Shown::Nothing.into())
}

fn close<P: Ports>(house: House<'_, P>, entered: &Entered, id: &RotationId) -> Result<Vaulted, Refusal> {
    Vaulted::close(entered, &house.config.store_key, id, house.nonce()).map_err(|_| Refusal::Storage)
}

fn state(reply: RotationReply, id: &RotationId) -> Result<Rotation, Refusal> {
    match reply {
        RotationReply::State(rotation) => Ok(*rotation),
        RotationReply::TooLate | RotationReply::Occupied(_) => Err(Refusal::TooLate(id.clone())),
        RotationReply::NotRequester => Err(Refusal::NotRequester(id.clone())),
        RotationReply::Unknown => Err(Refusal::UnknownRotation),
    }
}
