//! A rotation object's answers: opened, decided, entered, seen. Every change is one `step`, kept and written down at once.

use std::rc::Rc;
use std::time::Duration;

use super::apply::forget_secrets;
use super::cards;
use super::house::House;
use super::journal::{self, Happened};
use super::plan;
use super::rows::Rows;
use super::sealed::{self, Accepted};
use crate::codec::record::{
    Choice, LeftOut, Notice, RegisterOrder, RegisterReply, RotationOrder, RotationReply, SealedGateway,
};
use crate::codec::vault::Vaulted;
use crate::domain::names::RotationId;
use crate::domain::rotation::{Approved, Event, ModelRun, Person, Refused, Rotation, Run, Stage};
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
        RotationOrder::Submitted(id) => {
            return if rows.submission()? == Some(id) { state(rows) } else { Ok(RotationReply::Unknown) };
        }
        RotationOrder::Open { id, target, requester, reason, break_glass, supply, pushed } => {
            let now = house.ports.now();
            let new = || {
                let rotation = Rotation::new(id, *target, requester, reason, break_glass, now);
                Rotation { supply: supply.or(rotation.supply), ..rotation }
            };
            open(house, rows, new, pushed.as_ref()).await
        }
        RotationOrder::Renew { person } => renew(house, rows, person),
        RotationOrder::Offer => return sealed::offer(house, rows).await,
        RotationOrder::Supply { person, credential, sealed, submission } => {
            supply(house, rows, person, Supplied { credential, sealed, submission }).await
        }
        RotationOrder::Decide { person, choice } => {
            compare(house, rows).await?;
            answered(step(house, rows, event(person, choice))?, rows)
        }
        RotationOrder::GiveWay(person) => answered(step(house, rows, Event::GiveWay(person))?, rows),
        RotationOrder::Outdated => answered(step(house, rows, Event::Outdated)?, rows),
        RotationOrder::Wake => state(rows),
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
    pushed: Option<&String>,
) -> Result<RotationReply, Unanswered> {
    if rows.rotation()?.is_none() {
        // Kept before the register is asked: should we die in between, the alarm ends it and gives the target back.
        let rotation = new();
        let happened = Happened::opened(&rotation);
        let due = rotation.due();
        rows.open(rotation)?;
        if let Some(pushed) = pushed {
            rows.put_pushed(pushed)?;
        }
        rows.shelf().wake_at(due).await?;
        journal::write(house, rows, &happened)?;
    }
    let rotation = rows.rotation()?.ok_or(Unanswered)?;
    if rotation.stage == Stage::Requested {
        let mut reply = claim(house, &rotation, None).await?;
        if let RegisterReply::Occupied(other) = &reply
            && rotation.break_glass
            && let Some(person) = rotation.requester.person()
            && gave_way(house, other, person).await?
        {
            reply = claim(house, &rotation, Some(other.clone())).await?;
        }
        match reply {
            RegisterReply::Claimed => {
                let late = step(house, rows, Event::Claimed)?.is_err();
                // It ended before it was claimed, and the register, which may have been told of that, takes it for live.
                if late && rows.rotation()?.is_some_and(|rotation| rotation.stage.ended()) {
                    rows.put_notice(Notice { told: false, failures: 0, due: house.ports.now() })?;
                }
            }
            RegisterReply::Occupied(other) => {
                let _ = step(house, rows, Event::Occupied)?;
                return Ok(RotationReply::Occupied(other));
            }
            RegisterReply::Stale => {
                let _ = step(house, rows, Event::Stale)?;
                return Ok(RotationReply::Stale);
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

async fn claim<P: Ports>(
    house: House<'_, P>,
    rotation: &Rotation,
    instead_of: Option<RotationId>,
) -> Result<RegisterReply, Unanswered> {
    let (target, id) = (rotation.target.name.clone(), rotation.id.clone());
    let plan = plan::of(&rotation.target);
    house.ports.register(RegisterOrder::Claim { target, rotation: id, plan, instead_of }).await
}

/// Whether the other rotation of the target has ended, because this person breaks glass or for another reason.
async fn gave_way<P: Ports>(house: House<'_, P>, other: &RotationId, person: &Person) -> Result<bool, Unanswered> {
    Ok(match house.ports.rotation(other, RotationOrder::GiveWay(person.clone())).await? {
        RotationReply::State(rotation) | RotationReply::Refused(_, rotation) => rotation.stage.ended(),
        _ => false,
    })
}

/// Asks the register whether the catalog still says what the plan was made from, while the rotation waits for somebody. It is
/// told of a change as well when that is made, but not of every one: by what tells it, only so many can be told.
///
/// # Errors
/// When the shelf fails. A register that does not answer is asked another time.
pub(super) async fn compare<P: Ports, S: Shelf>(house: House<'_, P>, rows: &Rows<'_, S>) -> Result<(), Unanswered> {
    let waiting = |rotation: &Rc<Rotation>| rotation.waits() && !rotation.outdated;
    let Some(rotation) = rows.rotation()?.filter(waiting) else { return Ok(()) };
    let order = RegisterOrder::Compare { target: rotation.target.name.clone(), plan: plan::of(&rotation.target) };
    drop(rotation);
    if let Ok(RegisterReply::Stale) = house.ports.register(order).await {
        let _ = step(house, rows, Event::Outdated)?;
    }
    Ok(())
}

/// Gives time to whoever is about to enter the credential, where there is more to be had.
fn renew<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    person: Person,
) -> Result<RotationReply, Unanswered> {
    rows.delete_troubled_gateways()?;
    let Some(rotation) = rows.rotation()? else { return Ok(RotationReply::Unknown) };
    let more = rotation.renewal(house.moment()).is_some();
    drop(rotation);
    match more {
        true => answered(step(house, rows, Event::Renewed(person))?, rows),
        false => state(rows),
    }
}

/// What somebody supplied.
struct Supplied {
    credential: Option<Vaulted>,
    sealed: Vec<SealedGateway>,
    submission: Option<String>,
}

async fn supply<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    person: Person,
    supplied: Supplied,
) -> Result<RotationReply, Unanswered> {
    let mut accepted = Accepted::default();
    if supplied.submission.is_some() {
        if rows.submission()? == supplied.submission {
            return state(rows);
        }
        if awaited(rows)? {
            let taken = sealed::accept(house, rows, &supplied.sealed).await?;
            // This one or another may have been taken while the gateways were asked; nothing is offered any more then.
            if rows.submission()? == supplied.submission {
                return state(rows);
            }
            match taken {
                Some(taken) => accepted = taken,
                None if awaited(rows)? => return Ok(RotationReply::KeysChanged),
                None => {}
            }
        }
    }
    let reply = answered(step_from(house, rows, Event::Supplied(person), supplied.submission.is_some())?, rows)?;
    if matches!(reply, RotationReply::State(_)) {
        if let Some(credential) = &supplied.credential {
            rows.put_credential(credential)?;
        }
        for (at, sealed) in &accepted.sealed {
            rows.put_sealed(*at, sealed)?;
        }
        if let Some(submission) = &supplied.submission {
            rows.put_submission(submission)?;
        }
        for LeftOut { at, trouble } in accepted.left_out {
            let _ = step(house, rows, Event::LeftOut(at, trouble))?;
        }
        return state(rows);
    }
    Ok(reply)
}

/// Whether a credential is waited for.
fn awaited<S: Shelf>(rows: &Rows<'_, S>) -> Result<bool, Unanswered> {
    Ok(rows.rotation()?.is_some_and(|rotation| matches!(rotation.stage, Stage::AwaitingCredential { .. })))
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
    step_from(house, rows, event, false)
}

/// The same, saying whether the person did it on the sealing page.
fn step_from<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    event: Event,
    on_page: bool,
) -> Result<Result<Option<Approved>, Refused>, Unanswered> {
    let Some(rotation) = rows.rotation()? else { return Ok(Err(Refused::Stage)) };
    let (before, mut happened) = (rotation.stage.clone(), Happened::by(&event, &rotation));
    happened.on_page = on_page;
    drop(rotation);
    // Taking a model over moves other places too.
    let place = event.place().filter(|_| !matches!(event, Event::TakenOver(..)));
    let model = event.model();
    let result = rows.change(place, |rotation| rotation.step(event, house.moment()))?;
    let (Some(result), Some(rotation)) = (result, rows.rotation()?) else { return Err(Unanswered) };
    if rotation.stage != before {
        happened.stage = Some(rotation.stage.name());
        entered(rows, &rotation)?;
    }
    let trouble = place.and_then(|at| rotation.runs.get(at)).and_then(Run::trouble);
    if let Some(trouble) = trouble.or_else(|| model.and_then(|at| rotation.models.get(at)).and_then(ModelRun::trouble))
    {
        happened.given_up(trouble);
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
    // With every place done, and not to be done again, there may be refreshes left that need no secret.
    let done = rotation.stage == Stage::Applying && rotation.open_runs().next().is_none();
    if done || rotation.stage.ended() { forget_secrets(rows, rotation) } else { Ok(()) }
}
