//! The catalog's TOML text to a [`Catalog`], or every problem with it at once.

mod credential;
mod destination;
mod lines;
mod model;
mod people;
mod policy;
mod reader;
mod secret;
mod source;
mod target;
mod unknown;
mod window;

use std::collections::BTreeMap;
use std::fmt;

use toml::de::DeTable;

use crate::domain::catalog::Catalog;
use crate::domain::names::{SourceName, TargetName, Zone};
use crate::domain::policy::Subject;
use crate::domain::source::Source;
use crate::domain::target::Target;
use lines::Lines;
use reader::{Finding, Findings, Table};
use secret::Bound;
use target::{Kept, Named, NamedZone};

/// The longest text that is read, in bytes. It is kept as one row, of at most 2 MB (Cloudflare Durable Objects, Limits).
pub const MAX_TEXT: usize = 1024 * 1024;

/// Targets in one catalog.
pub const MAX_TARGETS: usize = 2000;

/// Secret managers in one catalog.
const MAX_SOURCES: usize = 50;

/// Problems that are told one by one; whoever has more needs no longer list.
const MAX_PROBLEMS: usize = 200;

/// One thing wrong with the text of a catalog. It never repeats a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: the line, from 1.
    pub line: usize,
    /// Where: the column in characters, from 1.
    pub column: usize,
    /// The dotted path: `targets.sales-db.destinations[1].connection.id`; empty when it is about the text as such.
    pub path: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

/// Reads a catalog, and takes it that there are the time zones it names.
///
/// # Errors
/// Those of [`parse_where`].
pub fn parse(text: &str) -> Result<Catalog, Vec<Problem>> {
    parse_where(text, &|_| true)
}

/// Reads a catalog. Whether there is a time zone of some name is asked of `zone_known`.
///
/// # Errors
/// Every problem, in the order of the text. What stands in a table with a mistake in its TOML is told once that is right, because
/// until then it is guesswork.
pub fn parse_where(text: &str, zone_known: &dyn Fn(&Zone) -> bool) -> Result<Catalog, Vec<Problem>> {
    if text.len() > MAX_TEXT {
        let message = format!("the catalog is larger than {} KiB", MAX_TEXT / 1024);
        return Err(vec![Problem { line: 1, column: 1, path: String::new(), message }]);
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    let findings = Findings::default();
    let root = Table::root(document.get_ref(), &findings);
    root.refuse_others(&["operators", "people", "sources", "targets"]);
    let operators = operators(&root);
    let people = people::read(&root);
    let sources = sources(&root);
    let mut named = Named { people: people.clone().unwrap_or_default(), ..Named::default() };
    let targets = targets(&root, &mut named);
    refuse_twins(&named.places, &findings);
    refuse_zones(&named.zones, zone_known, &findings);
    if let Some(sources) = &sources {
        refuse_unbound(&named.bound, sources, &findings);
    }
    let lines = Lines::of(text);
    let mut first = First::default();
    let mut broken = Vec::new();
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        broken.push(lines.section(at));
        first.add(Finding { at, path: String::new(), message: error.message().to_owned() });
    }
    for finding in findings.into_inner() {
        if !broken.contains(&lines.section(finding.at)) {
            first.add(finding);
        }
    }
    match (targets, operators, people, sources) {
        (Some(mut targets), Some(operators), Some(people), Some(sources)) if first.findings.is_empty() => {
            for binding in targets.values_mut().filter_map(|target| target.binding.as_mut()) {
                binding.place = sources.get(&binding.source).map(|source| source.manager.place());
            }
            Ok(Catalog { targets, sources, operators, people })
        }
        _ => Err(first.told(&lines)),
    }
}

fn operators(root: &Table<'_>) -> Option<Vec<Subject>> {
    root.find("operators").map_or(Some(Vec::new()), |node| policy::subjects(&node, "leave it out if it is nobody"))
}

fn targets(root: &Table<'_>, named: &mut Named) -> Option<BTreeMap<TargetName, Target>> {
    let mut targets = BTreeMap::new();
    let Some(node) = root.find("targets") else { return Some(targets) };
    let table = node.table()?;
    let entries = table.entries();
    if entries.len() > MAX_TARGETS {
        table.problem(&format_args!("there can be at most {MAX_TARGETS} targets"));
    }
    for (key, node) in &entries {
        match TargetName::parse(key) {
            Err(rule) => node.problem(&rule),
            Ok(name) => {
                if let Some(target) = target::read(&name, node, named) {
                    targets.insert(name, target);
                }
            }
        }
    }
    (targets.len() == entries.len()).then_some(targets)
}

fn sources(root: &Table<'_>) -> Option<BTreeMap<SourceName, Source>> {
    let mut sources = BTreeMap::new();
    let Some(node) = root.find("sources") else { return Some(sources) };
    let table = node.table()?;
    let entries = table.entries();
    if entries.len() > MAX_SOURCES {
        table.problem(&format_args!("there can be at most {MAX_SOURCES} secret managers"));
    }
    for (key, node) in &entries {
        match SourceName::parse(key) {
            Err(rule) => node.problem(&rule),
            Ok(name) => {
                if let Some(source) = source::read(&name, node) {
                    sources.insert(name, source);
                }
            }
        }
    }
    (sources.len() == entries.len()).then_some(sources)
}

/// Refuses secrets of managers that are not there, or that are not what these keep.
fn refuse_unbound(bound: &[Bound], sources: &BTreeMap<SourceName, Source>, findings: &Findings) {
    for binding in bound {
        if let Some(problem) = secret::problem(binding, sources.get(&binding.source)) {
            findings.add(binding.at, binding.path.clone(), &problem);
        }
    }
}

/// Refuses time zones that are not known. Each is asked for once, because asking is slow.
fn refuse_zones(named: &[NamedZone], known: &dyn Fn(&Zone) -> bool, findings: &Findings) {
    let mut asked: Vec<(&Zone, bool)> = Vec::new();
    for NamedZone { at, path, zone } in named {
        let before = asked.iter().find(|(other, _)| *other == zone);
        let good = before.map_or_else(|| known(zone), |(_, good)| *good);
        if before.is_none() {
            asked.push((zone, good));
        }
        if !good {
            findings.add(*at, path.clone(), &"is no time zone of the time zone database");
        }
    }
}

/// Refuses a place that is named twice, in one target or in two: each rotation would undo the other's.
fn refuse_twins(kept: &[Kept], findings: &Findings) {
    // In the order of ids; of twins, the one that comes first in the text.
    let mut first: Vec<&Kept> = Vec::new();
    let find = |first: &[&Kept], place: &Kept| first.binary_search_by(|other| other.id.cmp(&place.id));
    for place in kept {
        match find(&first, place) {
            Ok(known) => {
                if let Some(other) = first.get_mut(known).filter(|other| place.at < other.at) {
                    *other = place;
                }
            }
            Err(new) => first.insert(new, place),
        }
    }
    for place in kept {
        let twin = find(&first, place).ok().and_then(|known| first.get(known));
        if let Some(twin) = twin.filter(|twin| twin.at != place.at) {
            let message = format_args!("is the same place as {}: a place belongs to one target, once", twin.path);
            findings.add(place.at, place.path.clone(), &message);
        }
    }
}

/// The first findings in the order of the text, and how many there are in all.
#[derive(Default)]
struct First {
    findings: Vec<Finding>,
    all: usize,
}

impl First {
    /// By inserting: few are told, and a sort's code is many times larger.
    fn add(&mut self, finding: Finding) {
        self.all += 1;
        let place = self.findings.partition_point(|other| other.at <= finding.at);
        self.findings.insert(place, finding);
        self.findings.truncate(MAX_PROBLEMS);
    }

    fn told(self, lines: &Lines<'_>) -> Vec<Problem> {
        let more = self.all - self.findings.len();
        let mut problems = Vec::with_capacity(self.findings.len());
        for Finding { at, path, message } in self.findings {
            let (line, column) = lines.place(at);
            problems.push(Problem { line, column, path, message });
        }
        if let (1.., Some(last)) = (more, problems.last_mut()) {
            last.message.push_str(&format!("; and {more} more problems after this one"));
        }
        problems
    }
}
