//! Putting a catalog: accepted whole or not at all, compared with the one before, and kept with its entry of the audit.

use super::house::House;
use super::register::{CATALOG, Memory, live};
use super::{ageing, audit, bound, sources};
use crate::codec::catalog;
use crate::codec::record::RegisterReply;
use crate::domain::audit::{Entry, Origin};
use crate::domain::catalog::{Catalog, Difference};
use crate::domain::names::Platform;
use crate::domain::oddities::oddities;
use crate::ports::{Ports, Shelf, Unanswered};
use crate::trail::Line;

/// Targets that an entry of the audit names of each sort.
const NAMED: usize = 50;

/// Puts this text in the catalog's place, or only says what that would come to.
///
/// # Errors
/// When the shelf fails.
pub(super) fn put(
    house: House<'_, impl Ports>,
    shelf: &impl Shelf,
    memory: &Memory,
    text: &str,
    dry_run: bool,
) -> Result<RegisterReply, Unanswered> {
    let now = house.ports.now();
    let entry = |outcome, note| Entry { note: Some(note), ..Entry::new("put-catalog", outcome, Origin::Admin, now) };
    let new = match accepted(house, shelf, text)? {
        Ok(new) => new,
        Err(problems) => {
            if !dry_run {
                audit::append(shelf, &[entry("refused", format!("{} problems", problems.len()))])?;
            }
            return Ok(RegisterReply::Problems(problems));
        }
    };
    // A stored catalog that this version does not read any more counts as empty: it must be replaceable.
    let difference = match memory.with(shelf, |old| Ok(Difference::between(old, &new))) {
        Ok(difference) => difference,
        Err(Unanswered) => Difference::between(&Catalog::default(), &new),
    };
    let others = others(&difference);
    let absent = [Platform::Slack, Platform::Teams].into_iter().find(|platform| !house.on(*platform));
    let (targets, mut notes) = (new.targets.len(), oddities(&new, absent));
    notes.extend(others.iter().map(|other| (*other).to_owned()));
    let mut lives = Vec::new();
    if !dry_run {
        shelf.put(CATALOG, text)?;
        for target in new.targets.keys() {
            ageing::seen(shelf, target, now)?;
        }
        for target in &difference.moved {
            bound::forget(shelf, target)?;
        }
        audit::append(shelf, &[entry("ok", summary(&difference, &others))])?;
        memory.replace(new);
        house.log(&Line::new("catalog", "replaced"));
        for name in difference.removed.iter().chain(difference.changed.iter().map(|(name, _)| name)) {
            lives.extend(live(shelf, name)?);
        }
    }
    let owned = |parts: Vec<&'static str>| parts.into_iter().map(str::to_owned).collect();
    Ok(RegisterReply::Replaced {
        added: difference.added,
        removed: difference.removed,
        changed: difference.changed.into_iter().map(|(name, parts)| (name, owned(parts))).collect(),
        targets,
        notes,
        live: lives,
    })
}

/// The catalog in that text, or everything that keeps it from being one here.
fn accepted(
    house: House<'_, impl Ports>,
    shelf: &impl Shelf,
    text: &str,
) -> Result<Result<Catalog, Vec<String>>, Unanswered> {
    let now = house.ports.now();
    let new = match catalog::parse_where(text, &|zone| house.ports.offset(zone, now).is_some()) {
        Ok(new) => new,
        Err(problems) => return Ok(Err(problems.iter().map(ToString::to_string).collect())),
    };
    if house.config.fabric.is_none() && new.uses_fabric() {
        let problem =
            "this cloud has no published Fabric host: set FABRIC_URL and FABRIC_SCOPE, or remove the connections";
        return Ok(Err(vec![problem.to_owned()]));
    }
    let problems = sources::problems(&new, &house.config.sources);
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    // What a mistyped file name sends is an empty text; `[targets]` says that there shall be none.
    if text.trim().is_empty() && shelf.get(CATALOG)?.is_some_and(|kept| !kept.trim().is_empty()) {
        let problem = "the text is empty, which would remove every target; put the line [targets] to mean that";
        return Ok(Err(vec![problem.to_owned()]));
    }
    Ok(Ok(new))
}

/// Whose rights have changed beside those of targets.
fn others(difference: &Difference) -> Vec<&'static str> {
    let told = [
        (difference.operators, "operators: they are others than before"),
        (difference.sources, "sources: secret managers are others than before"),
        (difference.people, "people: others are one person than before"),
    ];
    told.into_iter().filter_map(|(changed, words)| changed.then_some(words)).collect()
}

/// What the audit says of a catalog that was put: which targets it is about, and whose rights it changes.
fn summary(difference: &Difference, others: &[&str]) -> String {
    let parts = difference.changed.iter().map(|(name, parts)| format!("{name}: {}", parts.join(" ")));
    let targets = [
        named(difference.added.iter().map(ToString::to_string), "added"),
        named(difference.removed.iter().map(ToString::to_string), "removed"),
        named(parts, "changed"),
    ]
    .join(", ");
    [&[targets.as_str()], others].concat().join("; ")
}

/// How many there are, and the first of them by name.
fn named(targets: impl ExactSizeIterator<Item = String>, what: &str) -> String {
    let (many, names) = (targets.len(), targets.take(NAMED).collect::<Vec<_>>().join(", "));
    let more = if many > NAMED { ", …" } else { "" };
    if many == 0 { format!("0 {what}") } else { format!("{many} {what} ({names}{more})") }
}
