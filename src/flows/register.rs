//! The register: the catalog, the live rotation of each target, and what happened to it last.

use std::cell::RefCell;

use super::house::House;
use crate::codec::catalog;
use crate::codec::record::{RegisterOrder, RegisterReply, read, write};
use crate::domain::catalog::{Catalog, Difference};
use crate::domain::listing::{Ending, Entry, Last};
use crate::domain::names::{RotationId, TargetName};
use crate::domain::settable::{self, Place};
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
use crate::ports::{Ports, Shelf, Unanswered};
use crate::trail::Line;

const CATALOG: &str = "catalog";

/// The parsed catalog, kept while the object lives, so that it is parsed once.
#[derive(Default)]
pub struct Parsed(RefCell<Option<Catalog>>);

/// Answers one order. Nothing is awaited, so orders are atomic.
///
/// # Errors
/// When the shelf fails.
pub fn handle(
    house: House<'_, impl Ports>,
    shelf: &impl Shelf,
    parsed: &Parsed,
    order: RegisterOrder,
) -> Result<RegisterReply, Unanswered> {
    match order {
        RegisterOrder::PutCatalog { text, dry_run } => put(house, shelf, parsed, &text, dry_run),
        RegisterOrder::Catalog => Ok(RegisterReply::Catalog(shelf.get(CATALOG)?.unwrap_or_default())),
        RegisterOrder::Find(name) => parsed.with(shelf, |catalog| match catalog.targets.get(&name) {
            Some(target) => Ok(RegisterReply::Found { target: Box::new(target.clone()), entry: entry(shelf, target)? }),
            None => Ok(RegisterReply::NotFound(catalog.nearest(name.as_str()).into_iter().cloned().collect())),
        }),
        RegisterOrder::Search { words, most } => parsed.with(shelf, |catalog| {
            let found = catalog.search(&words);
            let more = found.len().saturating_sub(most);
            let shown: Result<Vec<_>, _> = found.into_iter().take(most).map(|target| entry(shelf, target)).collect();
            Ok(RegisterReply::Listed(shown?, more))
        }),
        RegisterOrder::Claim { target, rotation } => claim(shelf, &target, &rotation),
        RegisterOrder::Finish { target, rotation, how, at } => finish(shelf, &target, rotation, how, at),
    }
}

impl Parsed {
    fn with<T>(
        &self,
        shelf: &impl Shelf,
        look: impl FnOnce(&Catalog) -> Result<T, Unanswered>,
    ) -> Result<T, Unanswered> {
        let mut kept = self.0.borrow_mut();
        if kept.is_none() {
            let text = shelf.get(CATALOG)?.unwrap_or_default();
            *kept = Some(catalog::parse(&text).map_err(|_| Unanswered)?);
        }
        look(kept.as_ref().ok_or(Unanswered)?)
    }
}

fn put(
    house: House<'_, impl Ports>,
    shelf: &impl Shelf,
    parsed: &Parsed,
    text: &str,
    dry_run: bool,
) -> Result<RegisterReply, Unanswered> {
    let new = match catalog::parse(text) {
        Ok(catalog) => catalog,
        Err(problems) => {
            return Ok(RegisterReply::Problems(problems.iter().map(ToString::to_string).collect()));
        }
    };
    if house.config.fabric.is_none() && new.uses_fabric() {
        let problem =
            "this cloud has no published Fabric host: set FABRIC_URL and FABRIC_SCOPE, or remove the connections";
        return Ok(RegisterReply::Problems(vec![problem.to_owned()]));
    }
    // What a mistyped file name sends is an empty text; `[targets]` says that there shall be none.
    if text.trim().is_empty() && shelf.get(CATALOG)?.is_some_and(|kept| !kept.trim().is_empty()) {
        let problem = "the text is empty, which would remove every target; put the line [targets] to mean that";
        return Ok(RegisterReply::Problems(vec![problem.to_owned()]));
    }
    // A stored catalog that this version does not read any more counts as empty: it must be replaceable.
    let difference = match parsed.with(shelf, |old| Ok(Difference::between(old, &new))) {
        Ok(difference) => difference,
        Err(Unanswered) => Difference::between(&Catalog::default(), &new),
    };
    let (targets, notes) = (new.targets.len(), notes(&new));
    if !dry_run {
        shelf.put(CATALOG, text)?;
        *parsed.0.borrow_mut() = Some(new);
        house.log(&Line::new("catalog", "replaced"));
    }
    let owned = |parts: Vec<&'static str>| parts.into_iter().map(str::to_owned).collect();
    Ok(RegisterReply::Replaced {
        added: difference.added,
        removed: difference.removed,
        changed: difference.changed.into_iter().map(|(name, parts)| (name, owned(parts))).collect(),
        targets,
        notes,
    })
}

/// What is known to be odd about credentials that can be set all the same, once for each target and reason.
fn notes(catalog: &Catalog) -> Vec<String> {
    let of = |target: &Target| -> Vec<String> {
        let places = target.destinations.iter().map(Place::of);
        let said = places.filter_map(|place| settable::notes(target.login.kind(), place));
        said.map(|note| format!("{}: {note}", target.name)).collect()
    };
    let mut notes: Vec<_> = catalog.targets.values().flat_map(of).collect();
    notes.dedup();
    notes
}

fn claim(shelf: &impl Shelf, target: &TargetName, rotation: &RotationId) -> Result<RegisterReply, Unanswered> {
    match live(shelf, target)? {
        Some(other) if other != *rotation => Ok(RegisterReply::Occupied(other)),
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
) -> Result<RegisterReply, Unanswered> {
    if live(shelf, target)?.as_ref() == Some(&rotation) {
        shelf.delete(&live_key(target))?;
        if let Some(how) = how {
            let last = Last { rotation, how, at };
            shelf.put(&last_key(target), &write(&last))?;
        }
    }
    Ok(RegisterReply::Finished)
}

fn entry(shelf: &impl Shelf, target: &Target) -> Result<Entry, Unanswered> {
    let last = shelf.get(&last_key(&target.name))?;
    Ok(Entry {
        name: target.name.clone(),
        title: target.title.clone(),
        live: live(shelf, &target.name)?,
        last: last.map(|text| read(&text).map_err(|_| Unanswered)).transpose()?,
    })
}

fn live(shelf: &impl Shelf, target: &TargetName) -> Result<Option<RotationId>, Unanswered> {
    let text = shelf.get(&live_key(target))?;
    text.map(|text| RotationId::parse(&text).map_err(|_| Unanswered)).transpose()
}

fn live_key(target: &TargetName) -> String {
    format!("live/{target}")
}

fn last_key(target: &TargetName) -> String {
    format!("last/{target}")
}
