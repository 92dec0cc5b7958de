//! What is planned for bound secrets: what is to be looked at and what rooms are to be told, each with when.

use std::time::Duration;

use super::row::{get, put};
use crate::codec::record::{Bound, Look, Notify, Record, read, write};
use crate::domain::catalog::Catalog;
use crate::domain::listing::in_order;
use crate::domain::names::{SourceName, TargetName};
use crate::domain::source::News;
use crate::domain::time::Timestamp;
use crate::ports::{Range, Shelf, Unanswered};

/// How long a message is waited for that may follow: one rotation in a secret manager makes several.
pub(super) const GATHER: Duration = Duration::from_secs(2);
pub(super) const DAY: i64 = 24 * 60 * 60;

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
    for (target, _) in catalog.bindings() {
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

/// Plans that, whatever is planned.
///
/// # Errors
/// When the shelf fails.
pub(super) fn put_look(shelf: &impl Shelf, target: &TargetName, look: &Look) -> Result<(), Unanswered> {
    put(shelf, &look_key(target), look)
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
        let named = name(key.strip_prefix(from).unwrap_or_default());
        let target = TargetName::parse(named).ok();
        let bound = target.as_ref().and_then(|name| catalog.targets.get(name)?.binding.as_ref());
        let (Some(target), Some(binding)) = (target, bound) else {
            // Of a target that is not bound any more.
            shelf.delete(&key)?;
            shelf.delete(&format!("pushed/{named}"))?;
            continue;
        };
        if !paused(shelf, &binding.source)? {
            planned.push((target, read(&row).map_err(|_| Unanswered)?));
        }
    }
    in_order(&mut planned, |(_, row)| due(row).0);
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
    tell(shelf, target, news, now)
}

/// Has rooms told of that now.
///
/// # Errors
/// When the shelf fails.
pub(super) fn tell(shelf: &impl Shelf, target: &TargetName, news: News, now: Timestamp) -> Result<(), Unanswered> {
    put(shelf, &news_key(target, news), &Notify { news, due: now, failures: 0 })
}

/// Makes what a secret manager says wait, or wait no longer.
///
/// # Errors
/// When the shelf fails.
pub(super) fn pause(shelf: &impl Shelf, source: &SourceName, paused: bool) -> Result<(), Unanswered> {
    let key = format!("paused/{source}");
    if paused { shelf.put(&key, "") } else { shelf.delete(&key) }
}

/// Whether what it says waits.
///
/// # Errors
/// When the shelf fails.
pub(super) fn paused(shelf: &impl Shelf, source: &SourceName) -> Result<bool, Unanswered> {
    Ok(shelf.get(&format!("paused/{source}"))?.is_some())
}

fn look_key(target: &TargetName) -> String {
    format!("look/{target}")
}

fn news_key(target: &TargetName, news: News) -> String {
    format!("news/{target}/{}", write(&news))
}
