//! What the register knows of bound secrets: what was heard of them, what is to be looked at, what is in place.

use std::time::Duration;

use super::house::digest;
use crate::codec::record::{Bound, Look, Notify, Pushed, Record, Settled, SourceSeen, read, write};
use crate::domain::catalog::Catalog;
use crate::domain::names::{SourceName, TargetName};
use crate::domain::source::{Binding, Hint, Manager, News};
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
use crate::ports::{Range, Shelf, Unanswered};

/// How long a message is waited for that may follow: one rotation in a secret manager makes several.
const GATHER: Duration = Duration::from_secs(2);
/// How long a message is remembered: longer than any sender repeats it (Google Pub/Sub, message retention: a week).
const REMEMBERED_DAYS: i64 = 9;
/// Old messages forgotten at once.
const FORGOTTEN: usize = 100;
const DAY: i64 = 24 * 60 * 60;

/// Notes what a secret manager said, and proved: everything that concerns a target and was not said before.
///
/// # Errors
/// When the shelf fails.
pub(super) fn heard(
    shelf: &impl Shelf,
    catalog: &Catalog,
    source: &SourceName,
    hints: &[Hint],
    pushed: Option<&String>,
    now: Timestamp,
) -> Result<usize, Unanswered> {
    put(shelf, &heard_key(source), &now)?;
    let Some(known) = catalog.sources.get(source) else { return Ok(0) };
    let mut fresh = 0;
    for hint in hints.iter().filter(|hint| hint.news != News::Other) {
        let meant = |binding: &Binding| {
            let named = hint.secret.as_ref().is_none_or(|secret| secret.is(&binding.secret, &known.manager));
            binding.source == *source && named
        };
        let concerned: Vec<_> = bindings(catalog).filter(|(_, binding)| meant(binding)).collect();
        if concerned.is_empty() || !first(shelf, source, &hint.event, now)? {
            continue;
        }
        fresh += 1;
        for (target, binding) in concerned {
            let wanted = hear(shelf, target, binding, hint, now)?;
            // Kept only where it will be opened: everywhere else the value is read.
            if let (true, Manager::Pushed, Some(jwe), Some(version)) = (wanted, &known.manager, pushed, &hint.version) {
                put(shelf, &pushed_key(&target.name), &Pushed { version: version.clone(), jwe: jwe.clone() })?;
            }
        }
    }
    Ok(fresh)
}

/// Notes it for one target; whether its secret is to be looked at.
fn hear(
    shelf: &impl Shelf,
    target: &Target,
    binding: &Binding,
    hint: &Hint,
    now: Timestamp,
) -> Result<bool, Unanswered> {
    let name = &target.name;
    let mut bound = self::bound(shelf, name, binding)?;
    bound.heard = Some(now);
    put(shelf, &bound_key(name), &bound)?;
    if hint.news != News::Changed {
        put(shelf, &news_key(name, hint.news), &Notify { news: hint.news, due: now, failures: 0 })?;
        return Ok(false);
    }
    // What is in place already, or was not wanted, told late or once more.
    let done = [&bound.version, &bound.settled];
    if hint.version.is_some() && done.contains(&&hint.version) {
        return Ok(false);
    }
    look(shelf, name, &Look { event: hint.event.clone(), told: true, due: now + GATHER, failures: 0 })?;
    Ok(true)
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

/// Plans to look at a target's secret. What is planned already is not put off, and its failures are forgotten.
///
/// # Errors
/// When the shelf fails.
pub(super) fn look(shelf: &impl Shelf, target: &TargetName, look: &Look) -> Result<(), Unanswered> {
    let planned: Option<Look> = get(shelf, &look_key(target))?;
    let sooner = planned.filter(|planned| planned.due < look.due && planned.failures == 0).map(|planned| planned.due);
    put(shelf, &look_key(target), &Look { due: sooner.unwrap_or(look.due), ..look.clone() })
}

/// Plans to look at everything that is bound, now: what a lost message, or nobody, has told.
///
/// # Errors
/// When the shelf fails.
pub(super) fn reconcile(shelf: &impl Shelf, catalog: &Catalog, now: Timestamp) -> Result<(), Unanswered> {
    for (target, _) in bindings(catalog) {
        // What is planned for when its manager changes it next may be weeks away, and it can be changed before.
        let soon = |planned: Look| planned.failures > 0 || planned.due <= now + GATHER;
        if !planned_look(shelf, &target.name)?.is_some_and(soon) {
            let event = format!("reconcile/{}", now.as_secs() / DAY);
            look(shelf, &target.name, &Look { event, told: false, due: now, failures: 0 })?;
        }
    }
    Ok(())
}

/// What is to be looked at, with when; the earliest first. What a paused secret manager keeps waits.
///
/// # Errors
/// When the shelf fails.
pub(super) fn looks(shelf: &impl Shelf, catalog: &Catalog) -> Result<Vec<(TargetName, Look)>, Unanswered> {
    planned(shelf, catalog, "look/", "look0", |name| name, |look: &Look| look.due)
}

/// What is planned for one target.
///
/// # Errors
/// When the shelf fails.
pub(super) fn planned_look(shelf: &impl Shelf, target: &TargetName) -> Result<Option<Look>, Unanswered> {
    get(shelf, &look_key(target))
}

/// What rooms are to be told, with when; the earliest first.
///
/// # Errors
/// When the shelf fails.
pub(super) fn news(shelf: &impl Shelf, catalog: &Catalog) -> Result<Vec<(TargetName, Notify)>, Unanswered> {
    planned(shelf, catalog, "news/", "news0", |key| key.split('/').next().unwrap_or_default(), |news: &Notify| news.due)
}

fn planned<T: Record>(
    shelf: &impl Shelf,
    catalog: &Catalog,
    from: &str,
    to: &str,
    name: fn(&str) -> &str,
    due: impl Fn(&T) -> Timestamp,
) -> Result<Vec<(TargetName, T)>, Unanswered> {
    let mut planned = Vec::new();
    for (key, row) in shelf.range(Range { from, to, most: usize::MAX, backwards: false })? {
        let target = key.strip_prefix(from).and_then(|rest| TargetName::parse(name(rest)).ok());
        let bound = target.as_ref().and_then(|name| catalog.targets.get(name)?.binding.as_ref());
        let (Some(target), Some(binding)) = (target, bound) else {
            // Of a target that is not bound any more.
            shelf.delete(&key)?;
            shelf.delete(&format!("pushed/{}", name(key.strip_prefix(from).unwrap_or_default())))?;
            continue;
        };
        if !paused(shelf, &binding.source)? {
            planned.push((target, read(&row).map_err(|_| Unanswered)?));
        }
    }
    planned.sort_by_key(|(_, row)| due(row));
    Ok(planned)
}

/// What was planned to be looked at has been, unless more was heard meanwhile; `again` is when to look again.
///
/// # Errors
/// When the shelf fails.
pub(super) fn looked(
    shelf: &impl Shelf,
    target: &TargetName,
    look: &Look,
    again: Option<Timestamp>,
) -> Result<(), Unanswered> {
    let key = look_key(target);
    let unchanged = get::<Look>(shelf, &key)?.is_some_and(|kept| kept.event == look.event);
    match again {
        _ if !unchanged => Ok(()),
        Some(due) => put(shelf, &key, &Look { due, failures: look.failures.saturating_add(1), ..look.clone() }),
        None => shelf.delete(&key),
    }
}

/// Rooms were told, or have to be told then.
///
/// # Errors
/// When the shelf fails.
pub(super) fn told(
    shelf: &impl Shelf,
    target: &TargetName,
    news: &Notify,
    again: Option<Timestamp>,
) -> Result<(), Unanswered> {
    let key = news_key(target, news.news);
    match again {
        Some(due) => put(shelf, &key, &Notify { due, failures: news.failures.saturating_add(1), ..news.clone() }),
        None => shelf.delete(&key),
    }
}

/// Has rooms told of a version, once.
///
/// # Errors
/// When the shelf fails.
pub(super) fn tell_once(
    shelf: &impl Shelf,
    target: &TargetName,
    bound: &mut Bound,
    news: News,
    version: &str,
    now: Timestamp,
) -> Result<(), Unanswered> {
    let about = Some((version.to_owned(), news));
    if bound.told == about {
        return Ok(());
    }
    bound.told = about;
    put(shelf, &news_key(target, news), &Notify { news, due: now, failures: 0 })
}

/// What is known of a target's secret; nothing when it was bound elsewhere before.
///
/// # Errors
/// When the shelf fails.
pub(super) fn bound(shelf: &impl Shelf, target: &TargetName, binding: &Binding) -> Result<Bound, Unanswered> {
    let digest = digest_of(binding);
    let kept: Option<Bound> = get(shelf, &bound_key(target))?;
    Ok(kept.filter(|kept| kept.binding == digest).unwrap_or(Bound { binding: digest, ..Bound::default() }))
}

/// What tells one binding from another.
pub(super) fn digest_of(binding: &Binding) -> String {
    digest(&write(binding))
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
    now: Timestamp,
) -> Result<(), Unanswered> {
    // Not what was settled of another secret, to which the target was bound when it began: versions have short names.
    if let Some(Settled { version, settled, opened_at, .. }) = settled.filter(|s| s.binding == digest_of(binding)) {
        let mut bound = bound(shelf, target, binding)?;
        // An end that is told late, or twice, may be older than what was settled since; that of the live one never is.
        if newest || bound.opened_at.is_none_or(|last| last <= opened_at) {
            bound.version = version.or(bound.version);
            (bound.settled, bound.at, bound.trouble) = (Some(settled), Some(now), None);
            bound.opened_at = Some(opened_at);
            keep(shelf, target, &bound)?;
        }
    }
    let Some(look) = planned_look(shelf, target)? else { return Ok(()) };
    put(shelf, &look_key(target), &Look { due: now, failures: 0, ..look })
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

/// Makes what a secret manager says wait, or wait no longer.
///
/// # Errors
/// When the shelf fails.
pub(super) fn pause(shelf: &impl Shelf, source: &SourceName, paused: bool) -> Result<(), Unanswered> {
    let key = format!("paused/{source}");
    if paused { shelf.put(&key, "") } else { shelf.delete(&key) }
}

fn paused(shelf: &impl Shelf, source: &SourceName) -> Result<bool, Unanswered> {
    Ok(shelf.get(&format!("paused/{source}"))?.is_some())
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
        for (target, binding) in bindings(catalog).filter(|(_, binding)| binding.source == source.name) {
            known.push((target.name.clone(), bound(shelf, &target.name, binding)?));
        }
        let (unproven, why) = refused(shelf, &source.name, now)?;
        seen.push(SourceSeen {
            source: source.clone(),
            paused: paused(shelf, &source.name)?,
            heard: get(shelf, &heard_key(&source.name))?,
            unproven,
            why,
            bound: known,
        });
    }
    Ok(seen)
}

/// The targets that are bound to a secret, with what they are bound to.
fn bindings(catalog: &Catalog) -> impl Iterator<Item = (&Target, &Binding)> {
    catalog.targets.values().filter_map(|target| Some((target, target.binding.as_ref()?)))
}

fn look_key(target: &TargetName) -> String {
    format!("look/{target}")
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

fn news_key(target: &TargetName, news: News) -> String {
    format!("news/{target}/{}", write(&news))
}

fn get<T: Record>(shelf: &impl Shelf, key: &str) -> Result<Option<T>, Unanswered> {
    shelf.get(key)?.map(|text| read(&text).map_err(|_| Unanswered)).transpose()
}

fn put(shelf: &impl Shelf, key: &str, value: &dyn Record) -> Result<(), Unanswered> {
    shelf.put(key, &write(value))
}
