//! Applying: what a rotation object does when its alarm wakes it, one small kept step after another.
//!
//! An alarm that fails for an outside reason is forgotten by the platform after a few tries, so nothing here returns
//! an outside failure: it is kept with the time of the next try, and the alarm is set for that.

use super::house::House;
use super::rows::Rows;
use super::{cards, keys, rotation, send};
use crate::codec::record::{Notice, RegisterOrder, RegisterReply};
use crate::domain::listing::Ending;
use crate::domain::names::Guid;
use crate::domain::retry;
use crate::domain::rotation::{Event, Phase, Rotation};
use crate::domain::trouble::{Service, Trouble};
use crate::ports::{Alarm, Ports, Shelf, Unanswered};
use crate::trail::Line;

/// Steps in one waking. A step makes at most five calls, the cards at most ten, the register one: within the 50 calls that
/// the platform's smallest plan allows an invocation. What is left is done in the next waking, which is due at once.
const STEPS: usize = 5;

/// Does what is due, and sets the alarm for what comes next.
///
/// # Errors
/// Only when the object's own shelf or alarm fails.
pub async fn wake<P: Ports, S: Shelf + Alarm>(house: House<'_, P>, shelf: &S) -> Result<(), Unanswered> {
    let rows = Rows(shelf);
    tick(house, &rows)?;
    cards::deliver(house, &rows).await?;
    for _ in 0..STEPS {
        let Some(rotation) = rows.rotation()? else { return Ok(()) };
        let now = house.ports.now();
        let Some((at, _)) = rotation.open_runs().find(|(_, run)| rotation.applying() && run.due <= now) else { break };
        advance(house, &rows, rotation, at).await?;
    }
    tell(house, &rows).await?;
    cards::deliver(house, &rows).await?;
    shelf.wake_at(rotation::due(&rows)?).await
}

fn tick<P: Ports, S: Shelf>(house: House<'_, P>, rows: &Rows<'_, S>) -> Result<(), Unanswered> {
    let Some(mut rotation) = rows.rotation()? else { return Ok(()) };
    let before = rotation.stage.clone();
    let _ = rotation.step(Event::Tick, house.ports.now(), 0);
    if rotation.stage != before {
        log(house, &rotation, "expire", "ok", None, None);
        rows.put_rotation(&rotation)?;
    }
    Ok(())
}

/// Does the next thing for one destination and keeps what came of it.
async fn advance<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: Rotation,
    at: usize,
) -> Result<(), Unanswered> {
    let (Some(run), Some(destination)) = (rotation.runs.get(at), rotation.target.destinations.get(at)) else {
        return Err(Unanswered);
    };
    let event = match &run.phase {
        Phase::Preparing => {
            let kind = rotation.target.login.kind();
            let read = keys::read(house, destination, kind).await;
            let sealed = read.and_then(|keys| send::seal(house, rows, &rotation, destination, keys.as_deref()));
            if let Ok(Some(sealed)) = &sealed {
                rows.put_sealed(at, sealed)?;
            }
            Event::Prepared(at, sealed.map(|_| ()))
        }
        Phase::Updating => send::update(house, rows, &rotation, destination, at).await,
        Phase::Testing { operation } => Event::Tested(at, send::test(house, destination, operation.as_deref()).await),
        Phase::Done(_) => return Ok(()),
    };
    note(house, &rotation, &event, destination.id());
    if let Some(trouble) = event.trouble().filter(|trouble| trouble.about_token()) {
        forget_token(house, trouble.service);
    }
    // Read again: what else happened while we waited is kept.
    let mut rotation = rows.rotation()?.ok_or(Unanswered)?;
    let _ = rotation.step(event, house.ports.now(), house.chance());
    rows.put_rotation(&rotation)?;
    forget_secrets(rows, &rotation)
}

/// Deletes every secret that is not needed any more.
fn forget_secrets<S: Shelf>(rows: &Rows<'_, S>, rotation: &Rotation) -> Result<(), Unanswered> {
    let mut entered_needed = false;
    for ((at, run), destination) in rotation.runs.iter().enumerate().zip(&rotation.target.destinations) {
        let unsent = matches!(run.phase, Phase::Preparing | Phase::Updating);
        if !unsent {
            rows.delete_sealed(at)?;
        }
        // What is sealed for a gateway is kept only so; what a cloud destination takes is kept until it took it.
        entered_needed |= matches!(run.phase, Phase::Preparing) || (unsent && !destination.sealed());
    }
    if entered_needed { Ok(()) } else { rows.delete_credential() }
}

/// Tells the register that the rotation has ended, until it knows.
async fn tell<P: Ports, S: Shelf>(house: House<'_, P>, rows: &Rows<'_, S>) -> Result<(), Unanswered> {
    let Some(rotation) = rows.rotation()?.filter(|rotation| rotation.stage.ended()) else { return Ok(()) };
    let now = house.ports.now();
    let notice = rows.notice()?.unwrap_or(Notice { told: false, failures: 0, due: now });
    if notice.told || notice.due > now {
        return Ok(());
    }
    let order = RegisterOrder::Finish {
        target: rotation.target.name.clone(),
        rotation: rotation.id.clone(),
        how: Ending::of(&rotation.stage),
        at: now,
    };
    let told = matches!(house.ports.register(order).await, Ok(RegisterReply::Finished));
    let failures = notice.failures.saturating_add(1);
    let due = house.ports.now() + retry::pause(failures);
    log(house, &rotation, "finish", if told { "ok" } else { "retry" }, None, None);
    rows.put_notice(Notice { told, failures, due })
}

fn forget_token<P: Ports>(house: House<'_, P>, service: Service) {
    match (service, &house.config.fabric) {
        (Service::PowerBi, _) => house.tokens.forget(&house.config.powerbi.scope),
        (Service::Fabric, Some(endpoint)) => house.tokens.forget(&endpoint.scope),
        _ => {}
    }
}

fn note<P: Ports>(house: House<'_, P>, rotation: &Rotation, event: &Event, destination: &Guid) {
    let outcome = event.trouble().map_or("ok", |trouble| trouble.cause.name());
    log(house, rotation, event.name(), outcome, Some(destination), event.trouble());
}

fn log<P: Ports>(
    house: House<'_, P>,
    rotation: &Rotation,
    event: &'static str,
    outcome: &'static str,
    destination: Option<&Guid>,
    trouble: Option<&Trouble>,
) {
    let mut line = Line::new(event, outcome);
    line.rotation = Some(rotation.id.clone());
    line.target = Some(rotation.target.name.clone());
    line.destination = destination.cloned();
    line.status = trouble.and_then(|trouble| trouble.status);
    line.code = trouble.and_then(|trouble| trouble.code.clone());
    line.request_id = trouble.and_then(|trouble| trouble.request_id.clone());
    house.log(&line);
}
