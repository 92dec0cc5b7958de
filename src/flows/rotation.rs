//! A rotation object's answers: opened, decided, entered, seen. Every change is one `step`, kept and written down at once.

use std::time::Duration;

use super::apply::forget_secrets;
use super::cards;
use super::house::House;
use super::journal::{self, Happened};
use super::rows::Rows;
use super::sealed;
use crate::codec::record::{
    Choice, RegisterOrder, RegisterReply, RotationOrder, RotationReply, SealedPlace, SealedRow,
};
use crate::codec::vault::Vaulted;
use crate::domain::rotation::{Approved, Event, Moment, Person, Refused, Rotation, Stage};
use crate::domain::time::Timestamp;
use crate::ports::{Alarm, Ports, Shelf, Unanswered};

/// How long a rotation is kept, so that its cards can be tapped and its status be asked. Everything of it that lasts is in
/// the audit. Longer than any approval may take.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Answers one order.
///
/// # Errors
/// When the shelf or the register fails; the same order may be given again.
pub async fn handle<P: Ports, S: Shelf + Alarm>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    order: RotationOrder,
) -> Result<RotationReply, Unanswered> {
    let reply = match order {
        RotationOrder::View => return state(rows),
        RotationOrder::Open { id, target, requester, reason, break_glass } => {
            let now = house.ports.now();
            open(house, rows, || Rotation::new(id, *target, requester, reason, break_glass, now)).await
        }
        RotationOrder::Keys => return keys(house, rows).await,
        RotationOrder::Supply { person, credential, sealed, submission } => {
            supply(house, rows, person, Supplied { credential, sealed, submission }).await
        }
        RotationOrder::Decide { person, choice } => answered(step(house, rows, event(person, choice))?, rows),
        RotationOrder::Outdated => answered(step(house, rows, Event::Outdated)?, rows),
    };
    rows.shelf().wake_at(due(house, rows)?).await?;
    reply
}

/// When the object has to be woken; `None` when it is done for good.
///
/// # Errors
/// When the shelf fails.
pub fn due<P: Ports, S: Shelf>(house: House<'_, P>, rows: &Rows<'_, S>) -> Result<Option<Timestamp>, Unanswered> {
    let Some(rotation) = rows.rotation()? else { return Ok(None) };
    cards::place(house, rows, &rotation)?;
    let cards = cards::due(rows, &rotation)?;
    let notice = match rows.notice()? {
        Some(notice) => (!notice.told).then_some(notice.due),
        None => rotation.stage.ended().then_some(rotation.opened_at),
    };
    let next = [rotation.due(), cards, notice, journal::due(rows)?].into_iter().flatten().min();
    Ok(next.or(forgotten_at(rows)?))
}

/// When a rotation that has ended is forgotten; `None` while anything is still to be done about it.
///
/// # Errors
/// When the shelf fails.
pub(super) fn forgotten_at<S: Shelf>(rows: &Rows<'_, S>) -> Result<Option<Timestamp>, Unanswered> {
    let Some(rotation) = rows.rotation()?.filter(|rotation| rotation.stage.ended()) else { return Ok(None) };
    let told = rows.notice()?.is_some_and(|notice| notice.told) && journal::due(rows)?.is_none();
    Ok(told.then_some(rotation.opened_at + KEPT))
}

async fn open<P: Ports, S: Shelf + Alarm>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    new: impl FnOnce() -> Rotation,
) -> Result<RotationReply, Unanswered> {
    if rows.rotation()?.is_none() {
        // Kept before the register is asked: should we die in between, the alarm ends it and gives the target back.
        let rotation = new();
        let happened = Happened::opened(&rotation);
        let due = rotation.due();
        rows.open(rotation)?;
        rows.shelf().wake_at(due).await?;
        journal::write(house, rows, &happened)?;
    }
    let rotation = rows.rotation()?.ok_or(Unanswered)?;
    if rotation.stage == Stage::Requested {
        let claim = RegisterOrder::Claim { target: rotation.target.name.clone(), rotation: rotation.id.clone() };
        match house.ports.register(claim).await? {
            RegisterReply::Claimed => {
                let _ = step(house, rows, Event::Claimed)?;
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
        Stage::Expired | Stage::Superseded => Ok(RotationReply::Refused(Refused::Stage, Box::new((*rotation).clone()))),
        _ => state(rows),
    }
}

/// What somebody supplied.
struct Supplied {
    credential: Option<Vaulted>,
    sealed: Vec<SealedPlace>,
    submission: Option<String>,
}

async fn supply<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    person: Person,
    supplied: Supplied,
) -> Result<RotationReply, Unanswered> {
    if supplied.submission.is_some() {
        if rows.submission()? == supplied.submission {
            return state(rows);
        }
        let waiting =
            rows.rotation()?.is_some_and(|rotation| matches!(rotation.stage, Stage::AwaitingCredential { .. }));
        if waiting && let Some(refused) = sealed::refuse(house, rows, &supplied.sealed).await? {
            return Ok(refused);
        }
        // The same one may have been taken while the gateways were asked.
        if rows.submission()? == supplied.submission {
            return state(rows);
        }
    }
    let reply = answered(step(house, rows, Event::Supplied(person))?, rows)?;
    if matches!(reply, RotationReply::State(_)) {
        if let Some(credential) = &supplied.credential {
            rows.put_credential(credential)?;
        }
        for SealedPlace { at, members } in supplied.sealed {
            rows.put_sealed(at, &SealedRow { members })?;
        }
        if let Some(submission) = &supplied.submission {
            rows.put_submission(submission)?;
        }
    }
    Ok(reply)
}

/// The keys that each place that is ready is sealed to now.
async fn keys<P: Ports, S: Shelf>(house: House<'_, P>, rows: &Rows<'_, S>) -> Result<RotationReply, Unanswered> {
    let Some(rotation) = rows.rotation()? else { return Ok(RotationReply::Unknown) };
    Ok(match sealed::current(house, rows, &rotation).await {
        Ok(gateways) => RotationReply::Keys(Box::new((*rotation).clone()), gateways),
        Err(trouble) => RotationReply::Unread(trouble),
    })
}

fn event(person: Person, choice: Choice) -> Event {
    match choice {
        Choice::Approve => Event::Approve(person),
        Choice::Deny(why) => Event::Deny(person, why),
        Choice::Cancel => Event::Cancel(person),
        Choice::Stop => Event::Stop(person),
        Choice::Retry => Event::Retry(person),
        Choice::Close => Event::Close(person),
    }
}

fn state<S: Shelf>(rows: &Rows<'_, S>) -> Result<RotationReply, Unanswered> {
    Ok(match rows.rotation()? {
        Some(rotation) => RotationReply::State(Box::new((*rotation).clone())),
        None => RotationReply::Unknown,
    })
}

fn answered<S: Shelf>(
    result: Result<Option<Approved>, Refused>,
    rows: &Rows<'_, S>,
) -> Result<RotationReply, Unanswered> {
    match (result, rows.rotation()?) {
        (Err(why), Some(rotation)) => Ok(RotationReply::Refused(why, Box::new((*rotation).clone()))),
        _ => state(rows),
    }
}

/// One step, kept and written down before anything else can happen, with what follows from where it led. The outer
/// error is the shelf's, the inner one the rules'.
pub(super) fn step<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    event: Event,
) -> Result<Result<Option<Approved>, Refused>, Unanswered> {
    let Some(rotation) = rows.rotation()? else { return Ok(Err(Refused::Stage)) };
    let (before, mut happened) = (rotation.stage.clone(), Happened::by(&event, &rotation));
    drop(rotation);
    // Taking a model over moves other places too.
    let place = event.place().filter(|_| !matches!(event, Event::TakenOver(..)));
    let moment = Moment { now: house.ports.now(), chance: house.chance(), zones: house.ports };
    let result = rows.change(place, |rotation| rotation.step(event, moment))?;
    let (Some(result), Some(rotation)) = (result, rows.rotation()?) else { return Err(Unanswered) };
    if rotation.stage != before {
        happened.stage = Some(rotation.stage.name());
        entered(rows, &rotation)?;
    }
    if result.is_err() {
        happened.outcome = "refused";
    }
    journal::write(house, rows, &happened)?;
    Ok(result)
}

/// What a new stage brings with it.
fn entered<S: Shelf>(rows: &Rows<'_, S>, rotation: &Rotation) -> Result<(), Unanswered> {
    if rotation.stage == Stage::Applying {
        // What was read for the check may be hours old.
        rows.delete_gateways()?;
    }
    if rotation.stage.ended() { forget_secrets(rows, rotation) } else { Ok(()) }
}
