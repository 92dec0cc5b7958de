//! The catalog's TOML text to a [`Catalog`], or every problem with it at once.

mod credential;
mod destination;
mod lines;
mod reader;
mod target;
mod unknown;

use std::collections::BTreeMap;
use std::fmt;

use toml::de::DeTable;

use crate::domain::catalog::Catalog;
use crate::domain::names::TargetName;
use crate::domain::target::Target;
use lines::Lines;
use reader::{Finding, Findings, Node, Table};
use target::Kept;

/// The longest text that is read, in bytes.
pub const MAX_TEXT: usize = 256 * 1024;

/// Targets in one catalog.
pub const MAX_TARGETS: usize = 500;

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

/// Reads a catalog.
///
/// # Errors
/// Every problem, in the order of the text. What stands in a table with a mistake in its TOML is told once that is right, because
/// until then it is guesswork.
pub fn parse(text: &str) -> Result<Catalog, Vec<Problem>> {
    if text.len() > MAX_TEXT {
        let message = format!("the catalog is larger than {} KiB", MAX_TEXT / 1024);
        return Err(vec![Problem { line: 1, column: 1, path: String::new(), message }]);
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    let syntax: Vec<Finding> = errors
        .iter()
        .map(|error| Finding {
            at: error.span().map_or(0, |span| span.start),
            path: String::new(),
            message: error.message().to_owned(),
        })
        .collect();

    let mut findings = Findings::default();
    let targets = targets(&Table::root(root.get_ref()), &mut findings);
    let lines = Lines::of(text);
    let mut found = findings.into_inner();
    let broken: Vec<usize> = syntax.iter().map(|error| lines.section(error.at)).collect();
    found.retain(|finding| !broken.contains(&lines.section(finding.at)));
    found.extend(syntax);
    match targets {
        Some(targets) if found.is_empty() => Ok(Catalog { targets }),
        _ => Err(told(found, &lines)),
    }
}

fn targets(root: &Table<'_>, findings: &mut Findings) -> Option<BTreeMap<TargetName, Target>> {
    root.refuse_others(&["targets"], findings);
    let Some(table) = root.optional("targets", findings, Node::table)? else {
        return Some(BTreeMap::new());
    };
    if table.entries().len() > MAX_TARGETS {
        table.problem(format!("there can be at most {MAX_TARGETS} targets"), findings);
    }
    let mut kept = Vec::new();
    let read = |(key, node): (&str, Node<'_>)| {
        let name = TargetName::parse(key).map_err(|rule| node.problem(rule, findings)).ok()?;
        let target = target::read(&name, &node, &mut kept, findings)?;
        Some((name, target))
    };
    // All are read before the first failure counts.
    let read: Vec<_> = table.entries().map(read).collect();
    refuse_twins(kept, findings);
    let mut targets = BTreeMap::new();
    for target in read {
        let (name, target) = target?;
        targets.insert(name, target);
    }
    Some(targets)
}

/// Refuses a place that is named twice, in one target or in two: each rotation would undo the other's.
fn refuse_twins(kept: Vec<Kept>, findings: &mut Findings) {
    let mut first = BTreeMap::new();
    for Kept { at, path, id } in in_order(kept, |place| place.at) {
        if let Some(twin) = first.get(&id) {
            findings.add(at, path, format!("is the same place as {twin}: a place belongs to one target, once"));
        } else {
            first.insert(id, path);
        }
    }
}

/// In the order of the text. By a tree rather than by sorting, whose code is many times larger.
fn in_order<T>(items: Vec<T>, at: impl Fn(&T) -> usize) -> impl Iterator<Item = T> {
    let mut ordered = BTreeMap::new();
    for (nth, item) in items.into_iter().enumerate() {
        ordered.insert((at(&item), nth), item);
    }
    ordered.into_values()
}

fn told(found: Vec<Finding>, lines: &Lines<'_>) -> Vec<Problem> {
    let mut found: Vec<_> = in_order(found, |finding| finding.at).collect();
    let more = found.len().saturating_sub(MAX_PROBLEMS);
    found.truncate(MAX_PROBLEMS);
    let mut problems: Vec<Problem> = found
        .into_iter()
        .map(|Finding { at, path, message }| {
            let (line, column) = lines.place(at);
            Problem { line, column, path, message }
        })
        .collect();
    if let (1.., Some(last)) = (more, problems.last_mut()) {
        last.message.push_str(&format!("; and {more} more problems after this one"));
    }
    problems
}
