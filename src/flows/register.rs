//! The register: the catalog, the live rotation of each target, and what happened to it last.

use std::cell::RefCell;

use super::house::House;
use super::quota::Quota;
use super::threads::Threads;
use super::{ageing, audit, bound, once, plan, planned, putting, roles, row};
use crate::codec::catalog;
use crate::codec::record::{RegisterOrder, RegisterReply};
use crate::domain::catalog::Catalog;
use crate::domain::listing::{Ending, Last, Listed};
use crate::domain::names::{RotationId, TargetName};
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
use crate::ports::{Ports, Range, Shelf, Unanswered};

/// The row with the catalog, as it was put.
pub(super) const CATALOG: &str = "catalog";

/// What the register remembers while it lives.
#[derive(Default)]
pub struct Memory {
    /// The catalog, so that it is parsed once.
    catalog: RefCell<Option<Catalog>>,
    quota: Quota,
    threads: Threads,
}

/// Answers one order. Nothing is awaited, so orders are atomic.
///
/// # Errors
/// When the shelf fails.
pub fn handle(
    house: House<'_, impl Ports>,
    shelf: &impl Shelf,
    memory: &Memory,
    order: RegisterOrder,
) -> Result<RegisterReply, Unanswered> {
    match order {
        RegisterOrder::PutCatalog { text, dry_run } => putting::put(house, shelf, memory, &text, dry_run),
        RegisterOrder::Catalog => Ok(RegisterReply::Catalog(shelf.get(CATALOG)?.unwrap_or_default())),
        RegisterOrder::Find(name) => memory.with(shelf, |catalog| match catalog.targets.get(&name) {
            Some(target) => {
                let entry = entry(house, shelf, target)?;
                Ok(RegisterReply::Found { target: Box::new(target.clone()), entry })
            }
            None => Ok(RegisterReply::NotFound(catalog.nearest(name.as_str()).into_iter().cloned().collect())),
        }),
        RegisterOrder::Search { words, most } => memory.with(shelf, |catalog| {
            let found = catalog.search(&words);
            let more = found.len().saturating_sub(most);
            let shown: Result<Vec<_>, _> =
                found.into_iter().take(most).map(|target| entry(house, shelf, target)).collect();
            Ok(RegisterReply::Listed(shown?, more))
        }),
        RegisterOrder::Live { most } => all_live(shelf, most),
        RegisterOrder::Roles { target, people, groups } => {
            memory.with(shelf, |catalog| Ok(roles::find(catalog, target.as_ref(), &people, &groups)))
        }
        RegisterOrder::Due => memory.with(shelf, |catalog| due_targets(house, shelf, catalog)),
        RegisterOrder::Reminded(targets) => {
            for target in &targets {
                ageing::reminded(shelf, target, house.ports.now())?;
            }
            Ok(RegisterReply::Finished)
        }
        RegisterOrder::Claim { target, rotation, plan: made, instead_of } => {
            // One that is live already keeps its plan.
            let claimed = live(shelf, &target)?.as_ref() == Some(&rotation);
            if !claimed && memory.with(shelf, |catalog| Ok(plan::stale(catalog, &target, &made)))? {
                return Ok(RegisterReply::Stale);
            }
            claim(shelf, &target, &rotation, instead_of.as_ref())
        }
        RegisterOrder::Compare { target, plan: made } => memory.with(shelf, |catalog| {
            Ok(if plan::stale(catalog, &target, &made) { RegisterReply::Stale } else { RegisterReply::Same })
        }),
        RegisterOrder::Finish { target, rotation, how, at, version, again, turned } => {
            let newest = finish(shelf, &target, rotation, how, at)?;
            let now = house.ports.now();
            memory.with(shelf, |catalog| {
                if let Some((source, secret)) = &turned {
                    bound::turned(shelf, catalog, &target, source, secret, now)?;
                }
                let Some(target) = catalog.targets.get(&target) else { return Ok(()) };
                let Some(binding) = &target.binding else { return Ok(()) };
                bound::finished(shelf, &target.name, binding, version, newest, again, now)
            })?;
            Ok(RegisterReply::Finished)
        }
        RegisterOrder::Speak(conversation) => {
            let after = memory.threads.admit(&conversation, house.ports.now());
            Ok(RegisterReply::Paced { granted: usize::from(after.is_zero()), after })
        }
        RegisterOrder::Pace { service, wanted } => Ok(memory.quota.admit(house, service, wanted)),
        RegisterOrder::Record { source, first, entries } => audit::record(house, shelf, &source, first, &entries),
        RegisterOrder::Refused { source, entry } => audit::refused(house, shelf, &source, *entry),
        RegisterOrder::Read { after, most, target } => audit::page(shelf, after, most, target.as_ref()),
        RegisterOrder::History(target) => audit::history(shelf, target.as_ref()),
        RegisterOrder::Verify(from) => audit::verify(shelf, from),
        RegisterOrder::Tidy => audit::tidy(house, shelf),
        RegisterOrder::Once(delivery) => once::first(shelf, &delivery, house.ports.now()).map(RegisterReply::Once),
        RegisterOrder::Also(ids) => memory.with(shelf, |catalog| Ok(RegisterReply::Also(catalog.also(&ids)))),
        RegisterOrder::Source(name) => {
            memory.with(shelf, |catalog| Ok(RegisterReply::Source(catalog.sources.get(&name).cloned())))
        }
        RegisterOrder::Sources => {
            memory.with(shelf, |catalog| bound::sources(shelf, catalog, house.ports.now()).map(RegisterReply::Sources))
        }
        RegisterOrder::Heard { source, hints, pushed } => memory.with(shelf, |catalog| {
            bound::heard(house, shelf, catalog, &source, &hints, pushed.as_ref()).map(RegisterReply::Heard)
        }),
        RegisterOrder::Unproven { source, why } => {
            bound::unproven(shelf, &source, &why, house.ports.now()).map(|()| RegisterReply::Finished)
        }
        RegisterOrder::Pause { source, paused, entry } => {
            planned::pause(shelf, &source, paused)?;
            audit::append(shelf, &[*entry])?;
            Ok(RegisterReply::Finished)
        }
        RegisterOrder::Reconcile => memory.with(shelf, |catalog| {
            planned::reconcile(shelf, catalog, house.ports.now()).map(|()| RegisterReply::Finished)
        }),
        RegisterOrder::Operators => {
            memory.with(shelf, |catalog| Ok(RegisterReply::Operators(catalog.operators.clone())))
        }
    }
}

impl Memory {
    /// From now on the catalog is this one.
    pub(super) fn replace(&self, catalog: Catalog) {
        *self.catalog.borrow_mut() = Some(catalog);
    }

    /// Looks something up in the catalog.
    pub(super) fn with<T>(
        &self,
        shelf: &impl Shelf,
        look: impl FnOnce(&Catalog) -> Result<T, Unanswered>,
    ) -> Result<T, Unanswered> {
        let mut kept = self.catalog.borrow_mut();
        if kept.is_none() {
            let text = shelf.get(CATALOG)?.unwrap_or_default();
            *kept = Some(catalog::parse(&text).map_err(|_| Unanswered)?);
        }
        look(kept.as_ref().ok_or(Unanswered)?)
    }
}

/// Whether an order may change when the register has to be woken. Not when it is answered by [`nothing_new`].
pub const fn plans(order: &RegisterOrder) -> bool {
    matches!(
        order,
        RegisterOrder::Heard { .. }
            | RegisterOrder::Pause { .. }
            | RegisterOrder::Reconcile
            | RegisterOrder::Finish { .. }
            | RegisterOrder::PutCatalog { dry_run: false, .. }
    )
}

/// Whether a message only repeated what had been heard. Then the alarm is set: with the rows by which that is known. Most
/// messages in a storm are of this kind, and everything that waits is read to tell when the next of it is due.
pub const fn nothing_new(reply: &RegisterReply) -> bool {
    matches!(reply, RegisterReply::Heard(0))
}

/// When the register has to be woken; `None` when nothing waits.
///
/// # Errors
/// When the shelf fails.
pub fn due(shelf: &impl Shelf, memory: &Memory) -> Result<Option<Timestamp>, Unanswered> {
    memory.with(shelf, |catalog| {
        let look = planned::looks(shelf, catalog)?.first().map(|(_, look)| look.due);
        let news = planned::news(shelf, catalog)?.first().map(|(_, news)| news.due);
        Ok([look, news].into_iter().flatten().min())
    })
}

fn claim(
    shelf: &impl Shelf,
    target: &TargetName,
    rotation: &RotationId,
    instead_of: Option<&RotationId>,
) -> Result<RegisterReply, Unanswered> {
    match live(shelf, target)? {
        Some(other) if other != *rotation && Some(&other) != instead_of => Ok(RegisterReply::Occupied(other)),
        _ => {
            shelf.put(&live_key(target), rotation.as_str())?;
            Ok(RegisterReply::Claimed)
        }
    }
}

fn finish(
    shelf: &impl Shelf,
    target: &TargetName,
    rotation: RotationId,
    how: Option<Ending>,
    at: Timestamp,
) -> Result<bool, Unanswered> {
    let was_live = live(shelf, target)?.as_ref() == Some(&rotation);
    if was_live {
        shelf.delete(&live_key(target))?;
        if let Some(how) = how {
            if how == Ending::Applied {
                ageing::renewed(shelf, target, at)?;
            }
            let last = Last { rotation, how, at };
            row::put(shelf, &last_key(target), &last)?;
        }
    }
    Ok(was_live)
}

/// The targets that are due, each with its rooms.
fn due_targets(
    house: House<'_, impl Ports>,
    shelf: &impl Shelf,
    catalog: &Catalog,
) -> Result<RegisterReply, Unanswered> {
    let mut due = Vec::new();
    for target in catalog.targets.values().filter(|target| target.rotate_every.is_some()) {
        let entry = entry(house, shelf, target)?;
        if ageing::wants_reminder(shelf, &entry, house.ports.now())? {
            due.push((entry, target.notify.clone()));
        }
    }
    Ok(RegisterReply::Due(due))
}

fn entry(house: House<'_, impl Ports>, shelf: &impl Shelf, target: &Target) -> Result<Listed, Unanswered> {
    Ok(Listed {
        name: target.name.clone(),
        title: target.title.clone(),
        owner: target.owner.clone(),
        askers: target.policy.askers.clone(),
        approvers: target.policy.approvers.clone(),
        rotate_every: target.rotate_every,
        since: ageing::age(shelf, &target.name, house.ports.now())?.since,
        live: live(shelf, &target.name)?,
        last: row::get(shelf, &last_key(&target.name))?,
    })
}

pub(super) fn live(shelf: &impl Shelf, target: &TargetName) -> Result<Option<RotationId>, Unanswered> {
    let text = shelf.get(&live_key(target))?;
    text.map(|text| RotationId::parse(&text).map_err(|_| Unanswered)).transpose()
}

fn all_live(shelf: &impl Shelf, most: usize) -> Result<RegisterReply, Unanswered> {
    let rows = shelf.range(Range { from: "live/", to: "live0", most: usize::MAX, backwards: false })?;
    let more = rows.len().saturating_sub(most);
    let ids = rows.into_iter().take(most).map(|(_, row)| RotationId::parse(&row).map_err(|_| Unanswered));
    Ok(RegisterReply::Live(ids.collect::<Result<_, _>>()?, more))
}

fn live_key(target: &TargetName) -> String {
    format!("live/{target}")
}

fn last_key(target: &TargetName) -> String {
    format!("last/{target}")
}
