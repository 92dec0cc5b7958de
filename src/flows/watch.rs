//! Watches bound secrets: what the register does when its alarm wakes it.
//!
//! A secret is looked at without its value; when it has a version that is not in place, a rotation is opened, and approved
//! and done like any other.

use std::time::Duration;

use super::end::{self, Claim};
use super::house::House;
use super::managers;
use super::register::{self, Memory};
use super::{bound, chats, planned};
use crate::clients::secrets::{Seen, key_vault};
use crate::codec::content::message;
use crate::codec::record::{Bound, Look, Notify, RotationOrder, RotationReply};
use crate::codec::words;
use crate::domain::names::{SourceName, TargetName};
use crate::domain::retry;
use crate::domain::rotation::{Requester, Supply};
use crate::domain::source::{Binding, Manager, News, SecretId, Source};
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
use crate::domain::trouble::Trouble;
use crate::ports::{Alarm, Ports, Shelf, Unanswered};
use crate::trail::Line;

/// How long one waking goes on.
const SLICE: Duration = Duration::from_secs(10);
/// Calls that looking at one secret takes at most: logging in, asking for it, opening a rotation.
const FOR_ONE: usize = 2 + key_vault::CALLS;
/// When a target that is being rotated is looked at again, should its end not be told.
const UNDER_WAY: Duration = Duration::from_secs(5 * 60);
/// How long after something that nobody mends by waiting.
const LATER: Duration = Duration::from_secs(60 * 60);
/// How often what fails is tried, until the next look of the day.
const MOST_TRIES: u32 = 12;
/// How long after a manager's own change its new value is read.
const SETTLE: Duration = Duration::from_secs(5);
/// How long before its end people hear of a version that nobody has renewed.
const AHEAD: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Looks at what is due, and tells what there is to tell.
///
/// # Errors
/// Only when the register's own shelf or alarm fails.
pub async fn wake<P: Ports, S: Shelf + Alarm>(
    house: House<'_, P>,
    shelf: &S,
    memory: &Memory,
) -> Result<(), Unanswered> {
    let until = house.ports.now() + SLICE;
    let room = || house.ports.sent() + FOR_ONE <= house.config.calls_per_waking && house.ports.now() < until;
    // Read whole, and then done one after another: there may be thousands.
    for (target, news) in memory.with(shelf, |catalog| planned::news(shelf, catalog))? {
        if !room() || news.due > house.ports.now() {
            break;
        }
        tell(house, shelf, memory, &target, &news).await?;
    }
    let looks = memory.with(shelf, |catalog| planned::looks(shelf, catalog))?;
    for (at, (target, look)) in looks.iter().enumerate() {
        if !room() || look.due > house.ports.now() {
            break;
        }
        // Something may have been heard, have ended, or been put off meanwhile.
        if planned::planned_look(shelf, target)?.as_ref() == Some(look)
            && let Some((source, trouble)) = look_at(house, shelf, memory, target, look).await?
        {
            put_off(house, shelf, memory, looks.get(at + 1..).unwrap_or_default(), &source, &trouble)?;
        }
    }
    // What did not fit into this waking is due at once.
    shelf.wake_at(register::due(shelf, memory)?).await
}

/// Puts off what else is due of a secret manager that is in trouble as a whole: each try may take as long as a call is waited for,
/// and what others have to say would wait behind all of them.
fn put_off<P: Ports>(
    house: House<'_, P>,
    shelf: &impl Shelf,
    memory: &Memory,
    looks: &[(TargetName, Look)],
    source: &SourceName,
    trouble: &Trouble,
) -> Result<(), Unanswered> {
    let mut any = false;
    for (target, look) in looks.iter().take_while(|(_, look)| look.due <= house.ports.now()) {
        let binding =
            memory.with(shelf, |catalog| Ok(catalog.targets.get(target).and_then(|of| of.binding.clone())))?;
        let Some(binding) = binding.filter(|binding| binding.source == *source) else { continue };
        if planned::planned_look(shelf, target)?.as_ref() == Some(look) {
            // What passes is no failure of what was not tried.
            failed(house, shelf, target, &binding, look, trouble, !trouble.passing())?;
            any = true;
        }
    }
    if any {
        house.log(&Line { source: Some(source.clone()), ..Line::new("secret", "put-off") });
    }
    Ok(())
}

/// Looks at one secret, and opens a rotation if it has to be put in place; answers what was wrong when its manager is in trouble
/// as a whole.
async fn look_at<P: Ports>(
    house: House<'_, P>,
    shelf: &impl Shelf,
    memory: &Memory,
    name: &TargetName,
    look: &Look,
) -> Result<Option<(SourceName, Trouble)>, Unanswered> {
    let Some((target, binding, source)) = memory.with(shelf, |catalog| {
        Ok(catalog.targets.get(name).and_then(|target| {
            let binding = target.binding.clone()?;
            let source = catalog.sources.get(&binding.source)?.clone();
            Some((target.clone(), binding, source))
        }))
    })?
    else {
        return planned::looked(shelf, name, look, None).map(|()| None);
    };
    if let Some(live) = register::live(shelf, name)? {
        if let Ok(Claim::Over(order)) = end::behind(house, name.clone(), live).await {
            // That has us look at once.
            return register::handle(house, shelf, memory, *order).map(|_| None);
        }
        // Its end is told to the register, which has us look at once.
        return planned::looked(shelf, name, look, Some(house.ports.now() + UNDER_WAY)).map(|()| None);
    }
    let pushed = bound::pushed(shelf, name)?;
    let seen = match (&source.manager, &pushed) {
        (Manager::Pushed, None) => return planned::looked(shelf, name, look, None).map(|()| None),
        (Manager::Pushed, Some(pushed)) => Ok(Seen { version: pushed.version.clone(), expires: None, next: None }),
        _ => managers::seen(house, &source, &binding).await,
    };
    let now = house.ports.now();
    match seen {
        Err(trouble) => {
            log(house, name, trouble.cause.name(), Some(&trouble));
            failed(house, shelf, name, &binding, look, &trouble, true)?;
            Ok(trouble.cause.whole().then_some((source.name, trouble)))
        }
        Ok(seen) => {
            let mut known = bound::bound(shelf, name, &binding)?;
            let settled = known.settled.as_ref() == Some(&seen.version);
            known.trouble = None;
            // Should it fail once more, that is news.
            known.told = known.told.filter(|(_, news)| *news != News::RotationFailed);
            note_end(shelf, name, &mut known, &seen, settled, now)?;
            bound::keep(shelf, name, &known)?;
            if settled {
                log(house, name, "same", None);
                bound::taken(shelf, name, &seen.version)?;
                return next_look(shelf, name, look, &seen, now).map(|()| None);
            }
            let pushed = pushed.map(|pushed| pushed.jwe);
            let opened = open(house, &target, &source, &binding, look, &seen, pushed).await;
            follow(house, shelf, name, look, &seen, opened).map(|()| None)
        }
    }
}

/// A secret could not be looked at: plans the next try, and has people told when that is for somebody to mend.
fn failed<P: Ports>(
    house: House<'_, P>,
    shelf: &impl Shelf,
    name: &TargetName,
    binding: &Binding,
    look: &Look,
    trouble: &Trouble,
    tried: bool,
) -> Result<(), Unanswered> {
    let now = house.ports.now();
    let mut known = bound::bound(shelf, name, binding)?;
    // As it wants to be asked, and with a fresh token when that was refused; the rest waits for somebody.
    let soon = retry::next(trouble, look.failures.saturating_add(1), now, now + LATER, house.chance());
    let again = (look.failures < MOST_TRIES).then(|| soon.unwrap_or(now + LATER));
    if soon.is_none() || again.is_none() {
        planned::tell_once(shelf, name, &mut known, News::RotationFailed, trouble.cause.name(), now)?;
    }
    known.trouble = Some(trouble.clone());
    bound::keep(shelf, name, &known)?;
    match again {
        Some(due) if !tried => planned::put_look(shelf, name, &Look { due, ..look.clone() }),
        again => planned::looked(shelf, name, look, again),
    }
}

/// What came of opening a rotation.
fn follow<P: Ports>(
    house: House<'_, P>,
    shelf: &impl Shelf,
    name: &TargetName,
    look: &Look,
    seen: &Seen,
    opened: Result<RotationReply, Unanswered>,
) -> Result<(), Unanswered> {
    let now = house.ports.now();
    let (outcome, again) = match opened {
        Ok(RotationReply::State(_)) => {
            bound::taken(shelf, name, &seen.version)?;
            ("opened", None)
        }
        // It had been opened for this already, and has ended since.
        Ok(RotationReply::Refused(..)) => ("ended", None),
        Ok(RotationReply::Occupied(_)) => ("occupied", Some(now + UNDER_WAY)),
        // The catalog was changed just now.
        Ok(RotationReply::Stale) => ("stale", Some(now)),
        _ => ("retry", Some(now + retry::pause(look.failures.saturating_add(1)))),
    };
    log(house, name, outcome, None);
    match again {
        None => next_look(shelf, name, look, seen, now),
        again => planned::looked(shelf, name, look, again),
    }
}

/// Looks again when the manager changes the value next, where it says when. What it says may be past: a change that fails there
/// stays due (AWS Secrets Manager, `DescribeSecret`: `NextRotationDate`). That is waited for as a failure is.
fn next_look(
    shelf: &impl Shelf,
    name: &TargetName,
    look: &Look,
    seen: &Seen,
    now: Timestamp,
) -> Result<(), Unanswered> {
    planned::looked(shelf, name, look, None)?;
    let Some(next) = seen.next else { return Ok(()) };
    let event = format!("due/{}/{}", seen.version, next.as_secs());
    let failures = if next <= now { look.failures.saturating_add(1) } else { 0 };
    let wait = if failures < MOST_TRIES { retry::pause(failures.max(1)) } else { LATER };
    planned::look(shelf, name, &Look { event, told: false, due: (now + wait).max(next + SETTLE), failures })
}

/// Has people told of a version that ends soon, or has ended, and is still the newest.
fn note_end(
    shelf: &impl Shelf,
    name: &TargetName,
    known: &mut Bound,
    seen: &Seen,
    settled: bool,
    now: Timestamp,
) -> Result<(), Unanswered> {
    let Some(end) = seen.expires.filter(|end| settled && *end <= now + AHEAD) else { return Ok(()) };
    let news = if end <= now { News::Expired } else { News::Expiring };
    planned::tell_once(shelf, name, known, news, &seen.version, now)
}

async fn open<P: Ports>(
    house: House<'_, P>,
    target: &Target,
    source: &Source,
    binding: &Binding,
    look: &Look,
    seen: &Seen,
    pushed: Option<String>,
) -> Result<RotationReply, Unanswered> {
    // The same look at the same version meets the same rotation, should we die in between.
    let occurrence = format!("source/{}/{}/{}/{}/{}", source.name, target.name, seen.version, look.event, look.due.0);
    let id = house.rotation_id(&occurrence);
    let version = words::version(&seen.version).map(|version| format!(": {version}")).unwrap_or_default();
    let secret = binding.secret.name();
    let reason = match (&binding.secret, look.told) {
        (SecretId::StaticRole { .. }, _) => format!("The password of {secret} was changed"),
        (_, true) => format!("New version of {secret}{version}"),
        (_, false) => format!("{secret} has a version that is not in place{version}"),
    };
    let order = RotationOrder::Open {
        id: id.clone(),
        target: Box::new(target.clone()),
        requester: Requester::Source(source.name.clone()),
        reason,
        break_glass: false,
        supply: Some(Supply { seen: Some(seen.version.clone()), ..Supply::default() }),
        pushed,
    };
    house.ports.rotation(&id, order).await
}

/// Tells a target's rooms what happened to its secret.
async fn tell<P: Ports>(
    house: House<'_, P>,
    shelf: &impl Shelf,
    memory: &Memory,
    name: &TargetName,
    news: &Notify,
) -> Result<(), Unanswered> {
    let target = memory.with(shelf, |catalog| Ok(catalog.targets.get(name).cloned()))?;
    let Some((target, binding)) = target.and_then(|target| Some((target.clone(), target.binding?))) else {
        return planned::told(shelf, name, news, None);
    };
    let trouble = bound::bound(shelf, name, &binding)?.trouble;
    let sheet = message::secret(&target, &binding, news.news, trouble.as_ref());
    let mut failed: Option<Trouble> = None;
    for room in target.notify.iter().filter(|room| house.on(room.platform())) {
        failed = chats::post_in(house, room, &sheet).await.err().or(failed);
    }
    log(house, name, failed.as_ref().map_or("told", |trouble| trouble.cause.name()), failed.as_ref());
    let passing = failed.filter(|trouble| trouble.passing() && news.failures < MOST_TRIES);
    let again = passing.map(|_| house.ports.now() + retry::pause(news.failures.saturating_add(1)));
    planned::told(shelf, name, news, again)
}

fn log<P: Ports>(house: House<'_, P>, target: &TargetName, outcome: &'static str, trouble: Option<&Trouble>) {
    let mut line = Line::new("secret", outcome);
    line.target = Some(target.clone());
    line.code = trouble.and_then(|trouble| trouble.code.clone());
    line.status = trouble.and_then(|trouble| trouble.status);
    house.log(&line);
}
