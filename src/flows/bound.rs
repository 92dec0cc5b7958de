//! What the register knows of bound secrets: what was heard of them, what is to be looked at, what is in place.

use super::house::{House, digest};
use super::plan;
use super::planned::{self, DAY, GATHER};
use super::row::{get, put};
use crate::codec::record::{Bound, Look, Pushed, Settled, SourceSeen};
use crate::domain::catalog::Catalog;
use crate::domain::names::{SourceName, TargetName};
use crate::domain::source::{Binding, Hint, Manager, News, SecretId, Version};
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
use crate::ports::{Ports, Range, Shelf, Unanswered};
use crate::trail::Line;

/// How long a message is remembered: longer than any sender repeats it (Google Pub/Sub, message retention: a week).
const REMEMBERED_DAYS: i64 = 9;
/// Old messages forgotten at once.
const FORGOTTEN: usize = 100;

/// Notes what a secret manager said, and proved: everything that concerns a target and was not said before.
///
/// # Errors
/// When the shelf fails.
pub(super) fn heard<P: Ports>(
    house: House<'_, P>,
    shelf: &impl Shelf,
    catalog: &Catalog,
    source: &SourceName,
    hints: &[Hint],
    pushed: Option<&String>,
) -> Result<usize, Unanswered> {
    let now = house.ports.now();
    put(shelf, &heard_key(source), &now)?;
    let Some(known) = catalog.sources.get(source) else { return Ok(0) };
    let mut fresh = 0;
    for hint in hints.iter().filter(|hint| hint.news != News::Other) {
        let meant = |binding: &Binding| {
            let named = hint.secret.as_ref().is_none_or(|secret| secret.is(&binding.secret, &known.manager));
            binding.source == *source && named
        };
        let concerned: Vec<_> = catalog.bindings().filter(|(_, binding)| meant(binding)).collect();
        if concerned.is_empty() || !first(shelf, source, &hint.event, now)? {
            continue;
        }
        fresh += 1;
        for (target, binding) in concerned {
            let pushes = matches!(known.manager, Manager::Pushed);
            let wanted = hear(house, shelf, target, binding, hint, pushes)?;
            // Kept only where it will be opened: everywhere else the value is read.
            if let (true, true, Some(jwe), Some(version)) = (wanted, pushes, pushed, &hint.version) {
                put(shelf, &pushed_key(&target.name), &Pushed { version: version.clone(), jwe: jwe.clone() })?;
            }
        }
    }
    Ok(fresh)
}

/// Notes it for one target; whether its secret is to be looked at.
fn hear<P: Ports>(
    house: House<'_, P>,
    shelf: &impl Shelf,
    target: &Target,
    binding: &Binding,
    hint: &Hint,
    pushes: bool,
) -> Result<bool, Unanswered> {
    let (name, now) = (&target.name, house.ports.now());
    let mut bound = self::bound(shelf, name, binding)?;
    bound.heard = Some(now);
    put(shelf, &bound_key(name), &bound)?;
    if hint.news != News::Changed {
        planned::tell(shelf, name, hint.news, now)?;
        return Ok(false);
    }
    // What is in place already, or was not wanted, told late or once more.
    let done = [&bound.version, &bound.settled];
    if hint.version.is_some() && done.contains(&&hint.version) {
        return Ok(false);
    }
    // Where nothing can be read, only numbers tell what is older than what is in place. What somebody rejected says nothing of
    // others: it may have been a wrong number.
    if pushes && late(hint.version.as_ref(), bound.version.as_ref()) {
        let mut line = Line::new("secret", "older");
        (line.target, line.source) = (Some(name.clone()), Some(binding.source.clone()));
        house.log(&line);
        return Ok(false);
    }
    planned::look(shelf, name, &Look { event: hint.event.clone(), told: true, due: now + GATHER, failures: 0 })?;
    Ok(true)
}

/// Whether a version has a lower number than the one in place.
fn late(version: Option<&Version>, in_place: Option<&Version>) -> bool {
    let number = |version: Option<&Version>| version?.parse::<u64>().ok();
    number(version).zip(number(in_place)).is_some_and(|(number, last)| number < last)
}

/// Whether that was not said before; from now on it was.
fn first(shelf: &impl Shelf, source: &SourceName, event: &str, now: Timestamp) -> Result<bool, Unanswered> {
    let today = now.as_secs() / DAY;
    let named = digest(&format!("{source}/{event}"));
    let said = format!("said/{named}");
    if shelf.get(&said)?.is_some() {
        return Ok(false);
    }
    shelf.put(&said, "")?;
    shelf.put(&format!("said-on/{today:08}/{named}"), "")?;
    let oldest = format!("said-on/{:08}/", today - REMEMBERED_DAYS);
    for (key, _) in shelf.range(Range { from: "said-on/", to: &oldest, most: FORGOTTEN, backwards: false })? {
        if let Some((_, named)) = key.rsplit_once('/') {
            shelf.delete(&format!("said/{named}"))?;
        }
        shelf.delete(&key)?;
    }
    Ok(true)
}

/// What is known of a target's secret; nothing when it was bound elsewhere before.
///
/// # Errors
/// When the shelf fails.
pub(super) fn bound(shelf: &impl Shelf, target: &TargetName, binding: &Binding) -> Result<Bound, Unanswered> {
    let kept: Option<Bound> = get(shelf, &bound_key(target))?;
    Ok(Bound {
        binding: plan::of_binding(binding),
        ..kept.filter(|kept| plan::is_of(&kept.binding, binding)).unwrap_or_default()
    })
}

/// Keeps what is known of a target's secret.
///
/// # Errors
/// When the shelf fails.
pub(super) fn keep(shelf: &impl Shelf, target: &TargetName, bound: &Bound) -> Result<(), Unanswered> {
    put(shelf, &bound_key(target), bound)
}

/// A rotation of the target has ended, the `newest` if it was live until now. What was heard meanwhile is looked at now.
///
/// # Errors
/// When the shelf fails.
pub(super) fn finished(
    shelf: &impl Shelf,
    target: &TargetName,
    binding: &Binding,
    settled: Option<Settled>,
    newest: bool,
    again: bool,
    now: Timestamp,
) -> Result<(), Unanswered> {
    // Not what was settled of another secret, to which the target was bound when it began: versions have short names.
    if let Some(Settled { version, settled, opened_at, .. }) = settled.filter(|s| plan::is_of(&s.binding, binding)) {
        let mut bound = bound(shelf, target, binding)?;
        // An end that is told late, or twice, may be older than what was settled since; that of the live one never is.
        if newest || bound.opened_at.is_none_or(|last| last <= opened_at) {
            bound.version = version.or(bound.version);
            (bound.settled, bound.at, bound.trouble) = (Some(settled), Some(now), None);
            bound.opened_at = Some(opened_at);
            keep(shelf, target, &bound)?;
        }
    }
    match planned::planned_look(shelf, target)? {
        Some(look) => planned::put_look(shelf, target, &Look { due: now, failures: 0, ..look }),
        None if again => look_once_more(shelf, target, now),
        None => Ok(()),
    }
}

/// The value of a secret was changed for a target, in the data source as well: the others that are bound to it are looked at.
///
/// # Errors
/// When the shelf fails.
pub(super) fn turned(
    shelf: &impl Shelf,
    catalog: &Catalog,
    target: &TargetName,
    source: &SourceName,
    secret: &SecretId,
    now: Timestamp,
) -> Result<(), Unanswered> {
    let same = |other: &Target, binding: &Binding| {
        other.name != *target && binding.source == *source && binding.secret == *secret
    };
    for (other, _) in catalog.bindings().filter(|(other, binding)| same(other, binding)) {
        look_once_more(shelf, &other.name, now)?;
    }
    Ok(())
}

fn look_once_more(shelf: &impl Shelf, target: &TargetName, now: Timestamp) -> Result<(), Unanswered> {
    let event = format!("turned/{}", now.0);
    planned::look(shelf, target, &Look { event, told: false, due: now, failures: 0 })
}

/// What a sender pushed for a target.
///
/// # Errors
/// When the shelf fails.
pub(super) fn pushed(shelf: &impl Shelf, target: &TargetName) -> Result<Option<Pushed>, Unanswered> {
    get(shelf, &pushed_key(target))
}

/// Forgets what is known of a target's secret, and what was pushed of it: it is another secret from now on.
///
/// # Errors
/// When the shelf fails.
pub(super) fn forget(shelf: &impl Shelf, target: &TargetName) -> Result<(), Unanswered> {
    shelf.delete(&pushed_key(target))?;
    shelf.delete(&bound_key(target))
}

/// Forgets what a sender pushed: a rotation has it, or nobody wants it any more.
///
/// # Errors
/// When the shelf fails.
pub(super) fn taken(shelf: &impl Shelf, target: &TargetName, version: &str) -> Result<(), Unanswered> {
    let same = pushed(shelf, target)?.is_some_and(|pushed| pushed.version == version);
    if same { shelf.delete(&pushed_key(target)) } else { Ok(()) }
}

/// Counts a message that was not proven.
///
/// # Errors
/// When the shelf fails.
pub(super) fn unproven(shelf: &impl Shelf, source: &SourceName, why: &str, now: Timestamp) -> Result<(), Unanswered> {
    let (count, _) = refused(shelf, source, now)?;
    let today = now.as_secs() / DAY;
    shelf.put(&format!("unproven/{source}"), &format!("{today} {} {why}", count.saturating_add(1)))
}

/// How many were not proven today, and what was wrong with the last.
fn refused(shelf: &impl Shelf, source: &SourceName, now: Timestamp) -> Result<(u32, Option<String>), Unanswered> {
    let row = shelf.get(&format!("unproven/{source}"))?.unwrap_or_default();
    let mut parts = row.split(' ');
    let today = parts.next().and_then(|day| day.parse::<i64>().ok()) == Some(now.as_secs() / DAY);
    let (count, why) = (parts.next().and_then(|count| count.parse().ok()), parts.next().map(str::to_owned));
    Ok(if today { (count.unwrap_or_default(), why) } else { (0, None) })
}

/// Every secret manager, with what is known of it.
///
/// # Errors
/// When the shelf fails.
pub(super) fn sources(shelf: &impl Shelf, catalog: &Catalog, now: Timestamp) -> Result<Vec<SourceSeen>, Unanswered> {
    let mut seen = Vec::with_capacity(catalog.sources.len());
    for source in catalog.sources.values() {
        let mut known = Vec::new();
        for (target, binding) in catalog.bindings().filter(|(_, binding)| binding.source == source.name) {
            known.push((target.name.clone(), bound(shelf, &target.name, binding)?));
        }
        let (unproven, why) = refused(shelf, &source.name, now)?;
        seen.push(SourceSeen {
            source: source.clone(),
            paused: planned::paused(shelf, &source.name)?,
            heard: get(shelf, &heard_key(&source.name))?,
            unproven,
            why,
            bound: known,
        });
    }
    Ok(seen)
}

fn bound_key(target: &TargetName) -> String {
    format!("bound/{target}")
}

fn pushed_key(target: &TargetName) -> String {
    format!("pushed/{target}")
}

fn heard_key(source: &SourceName) -> String {
    format!("heard/{source}")
}
