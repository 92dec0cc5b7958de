//! A rotation object's answers: opened, entered, cancelled, seen. Every change is one `step`, kept at once.

use super::cards;
use super::house::House;
use super::rows::Rows;
use crate::codec::record::{RegisterOrder, RegisterReply, RotationOrder, RotationReply};
use crate::codec::vault::Vaulted;
use crate::domain::names::{PersonId, RotationId};
use crate::domain::rotation::{Event, Person, Refused, Rotation, Stage};
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
use crate::ports::{Alarm, Ports, Shelf, Unanswered};
use crate::trail::Line;

/// Answers one order.
///
/// # Errors
/// When the shelf or the register fails; the same order may be given again.
pub async fn handle<P: Ports, S: Shelf + Alarm>(
    house: House<'_, P>,
    shelf: &S,
    order: RotationOrder,
) -> Result<RotationReply, Unanswered> {
    let rows = Rows(shelf);
    let reply = match order {
        RotationOrder::Open { id, target, requester, reason } => {
            open(house, &rows, id, *target, requester, reason).await
        }
        RotationOrder::Supply { person, credential } => supply(house, &rows, person, &credential),
        RotationOrder::Cancel { person } => cancel(house, &rows, person),
        RotationOrder::View => Ok(match rows.rotation()? {
            Some(rotation) => RotationReply::State(Box::new(rotation)),
            None => RotationReply::Unknown,
        }),
    };
    shelf.wake_at(due(&rows)?).await?;
    reply
}

/// When the object has to be woken; `None` when it is done for good.
///
/// # Errors
/// When the shelf fails.
pub fn due<S: Shelf>(rows: &Rows<'_, S>) -> Result<Option<Timestamp>, Unanswered> {
    let Some(rotation) = rows.rotation()? else { return Ok(None) };
    let cards = cards::due(rows, &rotation)?;
    let notice = match rows.notice()? {
        Some(notice) => (!notice.told).then_some(notice.due),
        None => rotation.stage.ended().then_some(rotation.opened_at),
    };
    Ok([rotation.due(), cards, notice].into_iter().flatten().min())
}

async fn open<P: Ports, S: Shelf + Alarm>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    id: RotationId,
    target: Target,
    requester: Person,
    reason: String,
) -> Result<RotationReply, Unanswered> {
    let name = target.name.clone();
    if rows.rotation()?.is_none() {
        // Kept before the register is asked: should we die in between, the alarm ends it and gives the target back.
        let rotation = Rotation::new(id.clone(), target, requester, reason, house.ports.now());
        rows.put_rotation(&rotation)?;
        rows.0.wake_at(rotation.due()).await?;
        log(house, "open", "ok", &rotation);
    }
    if rows.rotation()?.is_some_and(|rotation| rotation.stage == Stage::Requested) {
        let claim = RegisterOrder::Claim { target: name, rotation: id };
        match house.ports.register(claim).await? {
            RegisterReply::Claimed => {
                if step(house, rows, Event::Claimed)?.is_ok() {
                    cards::place(house, rows)?;
                }
            }
            RegisterReply::Occupied(other) => {
                let _ = step(house, rows, Event::Occupied)?;
                return Ok(RotationReply::Occupied(other));
            }
            _ => return Err(Unanswered),
        }
    }
    let rotation = rows.rotation()?.ok_or(Unanswered)?;
    match rotation.stage {
        Stage::Expired | Stage::Superseded => Ok(RotationReply::TooLate),
        _ => Ok(RotationReply::State(Box::new(rotation))),
    }
}

fn supply<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    person: PersonId,
    credential: &Vaulted,
) -> Result<RotationReply, Unanswered> {
    let reply = answered(step(house, rows, Event::Supplied(person))?, rows)?;
    if matches!(reply, RotationReply::State(_)) {
        rows.put_credential(credential)?;
    }
    Ok(reply)
}

fn cancel<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    person: PersonId,
) -> Result<RotationReply, Unanswered> {
    answered(step(house, rows, Event::Cancel(person))?, rows)
}

fn answered<S: Shelf>(result: Result<(), Refused>, rows: &Rows<'_, S>) -> Result<RotationReply, Unanswered> {
    let Some(rotation) = rows.rotation()? else { return Ok(RotationReply::Unknown) };
    Ok(match result {
        Ok(()) => RotationReply::State(Box::new(rotation)),
        Err(Refused::NotRequester) => RotationReply::NotRequester,
        Err(Refused::Stage | Refused::Destination) => RotationReply::TooLate,
    })
}

/// One step, kept before anything else can happen. The outer error is the shelf's, the inner one the rules'.
fn step<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    event: Event,
) -> Result<Result<(), Refused>, Unanswered> {
    let Some(mut rotation) = rows.rotation()? else { return Ok(Err(Refused::Stage)) };
    let name = event.name();
    let result = rotation.step(event, house.ports.now(), house.chance());
    log(house, name, if result.is_ok() { "ok" } else { "refused" }, &rotation);
    if result.is_ok() {
        rows.put_rotation(&rotation)?;
    }
    Ok(result.map(|_| ()))
}

fn log<P: Ports>(house: House<'_, P>, event: &'static str, outcome: &'static str, rotation: &Rotation) {
    let mut line = Line::new(event, outcome);
    line.rotation = Some(rotation.id.clone());
    line.target = Some(rotation.target.name.clone());
    line.person = Some(rotation.requester.id.clone());
    house.log(&line);
}
