//! Applying: what a rotation object does when its alarm wakes it, in slices, each step kept as soon as it is known.
//!
//! An alarm that fails for an outside reason is forgotten by the platform after a few tries, so nothing here returns
//! an outside failure: it is kept with the time of the next try, and the alarm is set for that.

use std::rc::Rc;
use std::time::Duration;

use super::house::House;
use super::keys::{self, look};
use super::rotation::{self, step};
use super::rows::Rows;
use super::together::{AT_ONCE, Pending, all};
use super::{cards, end, fetch, journal, models, pace, send};
use crate::codec::record::{Notice, RegisterReply};
use crate::domain::retry;
use crate::domain::rotation::{Event, Phase, Rotation, Run, Stage};
use crate::domain::target::Destination;
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::{Alarm, Ports, Shelf, Unanswered};
use crate::trail::Line;

/// Calls of a waking that are kept for what has to be told: to Slack, to the register.
const FOR_TELLING: usize = 14;
/// Calls of a task beside those to its service: for leave by the quota, and for an access token.
const OVERHEAD: usize = 2;
/// How long one waking goes on.
const SLICE: Duration = Duration::from_secs(3);

/// Does what is due, and sets the alarm for what comes next.
///
/// # Errors
/// Only when the object's own shelf or alarm fails.
pub async fn wake<P: Ports, S: Shelf + Alarm>(house: House<'_, P>, rows: &Rows<'_, S>) -> Result<(), Unanswered> {
    let begun = house.ports.now();
    // One that ended long ago is forgotten, and is not woken any more.
    if rotation::forgotten_at(rows)?.is_some_and(|at| at <= begun) {
        return rows.delete_all().await;
    }
    tick(house, rows)?;
    rotation::compare(house, rows).await?;
    cards::deliver(house, rows).await?;
    // A slice: as much as fits into the calls of one invocation, and not so long that nobody sees it going on. What is
    // left is due at once.
    let most = house.config.calls_per_waking.saturating_sub(FOR_TELLING);
    while house.ports.now() < begun + SLICE {
        // A window may close meanwhile.
        tick(house, rows)?;
        if !advance(house, rows, most.saturating_sub(house.ports.sent())).await? {
            break;
        }
    }
    tell(house, rows).await?;
    journal::tell(house, rows).await?;
    cards::deliver(house, rows).await?;
    rows.shelf().wake_at(rotation::due(house, rows)?).await
}

/// What time alone brings, when it is due.
fn tick<P: Ports, S: Shelf>(house: House<'_, P>, rows: &Rows<'_, S>) -> Result<(), Unanswered> {
    let Some(rotation) = rows.rotation()? else { return Ok(()) };
    let due = match rotation.stage {
        Stage::Checking => false,
        Stage::Applying => rotation.shut(house.moment()),
        _ => rotation.deadline().is_some_and(|due| due <= house.ports.now()),
    };
    drop(rotation);
    if due {
        let _ = step(house, rows, Event::Tick)?;
    }
    Ok(())
}

/// Does the next thing for a model, or for as many places as are due for the same thing, with no more than `room` calls;
/// `false` when nothing is due, or there is no room for it.
async fn advance<P: Ports, S: Shelf>(house: House<'_, P>, rows: &Rows<'_, S>, room: usize) -> Result<bool, Unanswered> {
    let Some(rotation) = rows.rotation()? else { return Ok(false) };
    let now = house.ports.now();
    if rotation.fetching().is_some_and(|due| due <= now) {
        if room < fetch::CALLS {
            return Ok(false);
        }
        return fetch::fetch(house, rows, rotation).await.map(|()| true);
    }
    let model = rotation.open_models().find(|(_, model)| model.due <= now);
    if let Some((at, calls)) = model.map(|(at, model)| (at, models::calls(&rotation.stage, model))) {
        let task = Task { kind: Kind::Model, service: Service::PowerBi, calls };
        return perform(house, rows, rotation, task, vec![at], room).await;
    }
    let due: Vec<_> = rotation.open_runs().filter(|(_, run)| run.due <= now).collect();
    // What has come furthest goes first, so that places are done one after another.
    let tasks = || due.iter().map(|(at, run)| (*at, Task::of(&rotation, run)));
    let first = tasks().map(|(_, task)| task).reduce(|first, task| if task.kind > first.kind { task } else { first });
    let Some(first) = first else { return Ok(false) };
    let same = tasks().filter(|(_, task)| (task.kind, task.service) == (first.kind, first.service));
    let batch: Vec<_> = same.take(if first.kind == Kind::TakeOver { 1 } else { AT_ONCE }).collect();
    // For each the calls of the one that takes most: in the cloud there is no key to read once more.
    let calls = batch.iter().map(|(_, task)| task.calls).max().unwrap_or(first.calls);
    let batch = batch.into_iter().map(|(at, _)| at).collect();
    drop(due);
    perform(house, rows, rotation, Task { calls, ..first }, batch, room).await
}

/// What is to be done next, from the beginning of a place's way to its end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Look,
    TakeOver,
    Send,
    Test,
    Model,
}

/// Something to be done with a place, or a model.
#[derive(Clone, Copy)]
struct Task {
    kind: Kind,
    service: Service,
    /// The calls it takes at most.
    calls: usize,
}

impl Task {
    fn of(rotation: &Rotation, run: &Run) -> Self {
        let (kind, calls) = match run.phase {
            _ if rotation.stage == Stage::Checking => (Kind::Look, keys::CALLS),
            Phase::Preparing | Phase::Done(_) => (Kind::Look, keys::CALLS),
            Phase::TakingOver => (Kind::TakeOver, models::TAKING_OVER),
            // A gateway's keys are read once more: before a repeated one, or after one that was rejected.
            Phase::Updating if run.place.sealed() => (Kind::Send, 1 + keys::CALLS),
            Phase::Updating => (Kind::Send, 1),
            // It is followed by its state, and then its result.
            Phase::Testing { operation: Some(_) } => (Kind::Test, 2),
            Phase::Testing { operation: None } => (Kind::Test, 1),
        };
        Self { kind, service: run.place.service(), calls }
    }
}

/// Performs a task for those of the batch for which there is room: in the calls of this waking, and in the service's quota.
async fn perform<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: Rc<Rotation>,
    task: Task,
    mut batch: Vec<usize>,
    room: usize,
) -> Result<bool, Unanswered> {
    let Task { kind, service, calls } = task;
    batch.truncate(room.saturating_sub(OVERHEAD) / calls);
    if batch.is_empty() {
        return Ok(false);
    }
    let (admitted, later) = pace::admitted(house, rows, service, batch.len(), calls).await?;
    let short = admitted < batch.len();
    batch.truncate(admitted);
    let before = house.ports.sent();
    let token = house.has_token(service).await;
    let events = match (token, kind) {
        (Err(trouble), _) => Some(batch.iter().map(|at| kept_from(&rotation, kind, *at, trouble.clone())).collect()),
        (Ok(()), Kind::Look) => Some(look_at(house, rows, &rotation, &batch).await?),
        (Ok(()), _) => None,
    };
    let asked = match events {
        Some(events) => {
            // Held here, it would have to be copied for each change.
            drop(rotation);
            events.into_iter().map(|event| settle(house, rows, event)).collect()
        }
        None => {
            let each = batch.iter().map(|at| -> Pending<'_, _> {
                let rotation = Rc::clone(&rotation);
                // Kept as soon as it is known and explained, whatever becomes of the others.
                Box::pin(async move { settle(house, rows, one(house, rows, &rotation, kind, *at).await) })
            });
            all(each.collect()).await
        }
    };
    pace::give_back(rows, service, (batch.len() * calls).saturating_sub(house.ports.sent() - before));
    let asked = asked.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().max();
    if let Some(until) = asked.or(short.then_some(later)) {
        pace::put_off(house, rows, service, until)?;
    }
    Ok(true)
}

/// Looks at places: only that before anything is asked, and to seal for them afterwards. Together, as a gateway is read once
/// for all of them; nothing is changed by it, so nothing is lost but time when it has to be done again.
async fn look_at<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: &Rc<Rotation>,
    batch: &[usize],
) -> Result<Vec<Event>, Unanswered> {
    let places: Vec<&Destination> =
        batch.iter().filter_map(|at| rotation.runs.get(*at)).map(|run| &run.place).collect();
    let looked = look(house, rows, &places, rotation.target.login.kind(), false).await;
    let checking = rotation.stage == Stage::Checking;
    let mut events = Vec::with_capacity(batch.len());
    for (at, keys) in batch.iter().zip(looked) {
        let event = if checking {
            Event::Checked(*at, keys.map(|_| ()))
        } else {
            let sealed = keys.and_then(|keys| send::prepare(house, rows, rotation, *at, keys.as_deref()));
            if let Ok(Some(sealed)) = &sealed {
                rows.put_sealed(*at, sealed)?;
            }
            Event::Prepared(*at, sealed.map(|_| ()))
        };
        events.push(event);
    }
    Ok(events)
}

/// Does what is next for one place or model, and answers what came of it.
async fn one<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: &Rotation,
    kind: Kind,
    at: usize,
) -> Event {
    match (kind, rotation.runs.get(at)) {
        (Kind::Model, _) => models::advance(house, rotation, at).await,
        (Kind::TakeOver, _) => models::take_over(house, rotation, at).await,
        (_, Some(Run { place, phase: Phase::Testing { operation }, .. })) => {
            Event::Tested(at, send::test(house, place, operation.as_deref()).await)
        }
        (_, Some(run)) => send::update(house, rows, rotation, run, at).await,
        (_, None) => Event::Tick,
    }
}

/// What came of the next thing for one place or model, when there is no token to begin it with.
fn kept_from(rotation: &Rotation, kind: Kind, at: usize, trouble: Trouble) -> Event {
    let checking = rotation.stage == Stage::Checking;
    match kind {
        Kind::Look if checking => Event::Checked(at, Err(trouble)),
        Kind::Look => Event::Prepared(at, Err(trouble)),
        Kind::TakeOver => Event::TakenOver(at, Err(trouble)),
        Kind::Send => Event::Unsent(at, trouble),
        Kind::Test => Event::Tested(at, Err(trouble)),
        Kind::Model if checking => Event::Found(at, Err(trouble)),
        Kind::Model => Event::Refreshed(at, Err(trouble)),
    }
}

/// Keeps what came of something, and forgets what is not needed any more; answers until when the service asked to be left
/// alone, if it did.
fn settle<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    event: Event,
) -> Result<Option<Timestamp>, Unanswered> {
    note_token(house, &event);
    let (place, model) = (event.place(), event.model());
    let throttled = event.trouble().is_some_and(|trouble| trouble.cause == Cause::Throttled);
    let _ = step(house, rows, event)?;
    let Some(rotation) = rows.rotation()? else { return Ok(None) };
    let run = place.and_then(|at| rotation.runs.get(at));
    if let (Some(at), Some(run)) = (place, run)
        && !run.needs_sealed()
    {
        rows.delete_sealed(at)?;
    }
    // Deleted as soon as it is not needed any more: what is sealed for a gateway is kept only so.
    if !rotation.runs.iter().any(Run::needs_entered) {
        rows.delete_credential()?;
    }
    let due = run.map(|run| run.due).or_else(|| Some(rotation.models.get(model?)?.due));
    Ok(due.filter(|_| throttled))
}

/// Deletes every secret of a rotation that has ended.
pub(super) fn forget_secrets<S: Shelf>(rows: &Rows<'_, S>, rotation: &Rotation) -> Result<(), Unanswered> {
    for at in 0..rotation.runs.len() {
        rows.delete_sealed(at)?;
    }
    rows.delete_pushed()?;
    rows.delete_credential()
}

/// Tells the register that the rotation has ended, until it knows.
async fn tell<P: Ports, S: Shelf>(house: House<'_, P>, rows: &Rows<'_, S>) -> Result<(), Unanswered> {
    let Some(rotation) = rows.rotation()?.filter(|rotation| rotation.stage.ended()) else { return Ok(()) };
    let now = house.ports.now();
    let notice = rows.notice()?.unwrap_or(Notice { told: false, failures: 0, due: now });
    if notice.told || notice.due > now {
        return Ok(());
    }
    let order = end::told(&rotation, now);
    let told = matches!(house.ports.register(order).await, Ok(RegisterReply::Finished));
    let failures = notice.failures.saturating_add(1);
    let due = house.ports.now() + retry::pause(failures);
    let mut line = Line::new("finish", if told { "ok" } else { "retry" });
    line.rotation = Some(rotation.id.clone());
    line.target = Some(rotation.target.name.clone());
    house.log(&line);
    rows.put_notice(Notice { told, failures, due })
}

/// Forgets a token that a service did not take.
fn note_token<P: Ports>(house: House<'_, P>, event: &Event) {
    let Some(trouble) = event.trouble().filter(|trouble| trouble.about_token()) else { return };
    match (trouble.service, &house.config.fabric) {
        (Service::PowerBi, _) => house.kept.tokens.forget(&house.config.powerbi.scope),
        (Service::Fabric, Some(endpoint)) => house.kept.tokens.forget(&endpoint.scope),
        _ => {}
    }
}
