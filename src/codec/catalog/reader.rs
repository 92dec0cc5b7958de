//! Walks TOML with its places: every value read, or a finding that says what it should have been.
//!
//! Little here is generic, because the Worker carries every copy of a function; and a path is written out only when something is
//! wrong there.

use std::cell::RefCell;
use std::fmt::Display;
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use super::unknown;
use crate::domain::names::{Guid, NameError};

/// Something wrong, by its offset in the text.
pub(super) struct Finding {
    pub(super) at: usize,
    pub(super) path: String,
    pub(super) message: String,
}

/// What has been found so far, shared by everything that reads.
#[derive(Default)]
pub(super) struct Findings(RefCell<Vec<Finding>>);

impl Findings {
    pub(super) fn add(&self, at: usize, path: String, message: &dyn Display) {
        self.0.borrow_mut().push(Finding { at, path, message: message.to_string() });
    }

    pub(super) fn into_inner(self) -> Vec<Finding> {
        self.0.into_inner()
    }
}

/// A value and where it is. A reading function that gives `None` has noted why, so that nothing is told twice.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    findings: &'a Findings,
    within: Option<&'a Node<'a>>,
    step: Step<'a>,
    pub(super) at: usize,
    value: &'a DeValue<'a>,
}

/// How a node is reached from the one it is within.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// A node that is a table.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    findings: &'a Findings,
    /// Absent for the document itself.
    node: Option<&'a Node<'a>>,
    entries: &'a DeTable<'a>,
}

impl<'a> Node<'a> {
    /// The dotted path.
    pub(super) fn path(&self) -> String {
        let path = self.within.map(Node::path).unwrap_or_default();
        match self.step {
            Step::Key(key) => path_of(path, key),
            Step::Index(index) => format!("{path}[{index}]"),
        }
    }

    pub(super) fn problem(&self, message: &dyn Display) {
        self.findings.add(self.at, self.path(), message);
    }

    /// Goes on only when `holds`.
    pub(super) fn demand(&self, holds: bool, message: &str) -> Option<()> {
        if !holds {
            self.problem(&message);
        }
        holds.then_some(())
    }

    pub(super) fn table(&'a self) -> Option<Table<'a>> {
        let entries = self.value.as_table();
        self.demand(entries.is_some(), "has to be a table, { … }")?;
        Some(Table { findings: self.findings, node: Some(self), entries: entries? })
    }

    /// The values of a list of at most `most`.
    pub(super) fn list(&'a self, most: usize) -> Option<Vec<Node<'a>>> {
        let array = self.value.as_array();
        self.demand(array.is_some(), "has to be a list, [ … ]")?;
        let array = array?;
        if array.len() > most {
            self.problem(&format_args!("can have at most {most} entries"));
            return None;
        }
        let mut nodes = Vec::with_capacity(array.len());
        for (index, value) in array.iter().enumerate() {
            let (within, step, at) = (Some(self), Step::Index(index), value.span().start);
            nodes.push(Node { findings: self.findings, within, step, at, value: value.get_ref() });
        }
        Some(nodes)
    }

    /// Puts a value of a list with the others, unless it is one of them.
    pub(super) fn join<T: PartialEq>(&self, value: T, others: &mut Vec<T>) {
        if others.contains(&value) {
            self.problem(&"is in this list already");
        } else {
            others.push(value);
        }
    }

    pub(super) fn flag(&self) -> Option<bool> {
        let flag = self.value.as_bool();
        self.demand(flag.is_some(), "has to be true or false")?;
        flag
    }

    pub(super) fn whole_number(&self) -> Option<u64> {
        let integer = self.value.as_integer();
        let number = integer.and_then(|integer| u64::from_str_radix(integer.as_str(), integer.radix()).ok());
        self.demand(number.is_some(), "has to be a whole number")?;
        number
    }

    pub(super) fn string(&self) -> Option<&'a str> {
        let text = self.value.as_str();
        self.demand(text.is_some(), "has to be text in quotation marks")?;
        text
    }

    /// Text for people or services: not blank, at most `longest` characters, in one line.
    pub(super) fn text(&self, longest: usize) -> Option<String> {
        let text = self.string()?;
        let trimmed = text.trim();
        self.demand(!trimmed.is_empty(), "is blank")?;
        self.demand(trimmed.len() == text.len(), "begins or ends with a blank")?;
        self.demand(!text.chars().any(char::is_control), "has a control character in it")?;
        if text.chars().count() > longest {
            self.problem(&format_args!("is longer than {longest} characters"));
            return None;
        }
        Some(text.to_owned())
    }

    /// A text that is a checked name.
    pub(super) fn name<T>(&self, parse: fn(&str) -> Result<T, NameError>) -> Option<T> {
        parse(self.string()?).map_err(|rule| self.problem(&rule)).ok()
    }

    pub(super) fn guid(&self) -> Option<Guid> {
        self.name(Guid::parse)
    }

    /// A span of time written as a number and a unit, between two numbers of seconds that `limits` says in words.
    pub(super) fn duration(&self, least: u64, most: u64, limits: &str) -> Option<Duration> {
        let seconds = seconds(self.string()?).filter(|seconds| (least..=most).contains(seconds));
        if seconds.is_none() {
            self.problem(&format_args!("has to be {limits}, written like 30s, 45m, 4h or 90d"));
        }
        seconds.map(Duration::from_secs)
    }

    /// The place of a text among `names`.
    pub(super) fn one_of(&self, names: &[&str]) -> Option<usize> {
        let text = self.string()?;
        let place = names.iter().position(|name| *name == text);
        if place.is_none() {
            self.problem(&unknown::value(text, names));
        }
        place
    }
}

impl<'a> Table<'a> {
    /// The document.
    pub(super) const fn root(entries: &'a DeTable<'a>, findings: &'a Findings) -> Self {
        Self { findings, node: None, entries }
    }

    pub(super) fn problem(&self, message: &dyn Display) {
        let at = self.node.map_or(0, |node| node.at);
        self.findings.add(at, self.path(), message);
    }

    /// Says what is wrong with a key that is not there.
    pub(super) fn absence(&self, key: &str, message: &dyn Display) {
        let at = self.node.map_or(0, |node| node.at);
        self.findings.add(at, path_of(self.path(), key), message);
    }

    /// Every key with its value.
    pub(super) fn entries(&self) -> Vec<(&'a str, Node<'a>)> {
        let mut nodes = Vec::with_capacity(self.entries.len());
        for key in self.entries.keys() {
            let key: &str = key.get_ref();
            nodes.extend(self.find(key).map(|node| (key, node)));
        }
        nodes
    }

    /// Refuses every key that is none of `known`.
    pub(super) fn refuse_others(&self, known: &[&str]) {
        for key in self.entries.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                self.findings.add(key.span().start, path_of(self.path(), name), &unknown::key(name, known));
            }
        }
    }

    /// A value, if it is there.
    pub(super) fn find(&self, key: &'a str) -> Option<Node<'a>> {
        let (spanned, value) = self.entries.get_key_value(key)?;
        // The parser puts an empty span where it made a value up.
        let at = if value.span().is_empty() { spanned.span().start } else { value.span().start };
        let (within, step) = (self.node, Step::Key(key));
        Some(Node { findings: self.findings, within, step, at, value: value.get_ref() })
    }

    /// A value that has to be there.
    pub(super) fn required(&self, key: &'a str) -> Option<Node<'a>> {
        let node = self.find(key);
        if node.is_none() {
            self.absence(key, &"is missing");
        }
        node
    }

    /// A GUID that has to be there.
    pub(super) fn guid(&self, key: &'a str) -> Option<Guid> {
        self.required(key)?.guid()
    }

    /// A text that has to be there; see [`Node::text`].
    pub(super) fn text(&self, key: &'a str, longest: usize) -> Option<String> {
        self.required(key)?.text(longest)
    }

    /// True or false; absent, it is false.
    pub(super) fn flag(&self, key: &'a str) -> Option<bool> {
        self.find(key).map_or(Some(false), |node| node.flag())
    }

    /// The value whose name stands there; `Some(None)` when nothing does.
    pub(super) fn choice<T: Copy>(&self, key: &'a str, all: &[T], names: &[&str]) -> Option<Option<T>> {
        match self.place(key, names)? {
            Some(place) => all.get(place).copied().map(Some),
            None => Some(None),
        }
    }

    /// The value whose name has to stand there.
    pub(super) fn required_choice<T: Copy>(&self, key: &'a str, all: &[T], names: &[&str]) -> Option<T> {
        all.get(self.required(key)?.one_of(names)?).copied()
    }

    fn place(&self, key: &'a str, names: &[&str]) -> Option<Option<usize>> {
        self.find(key).map_or(Some(None), |node| node.one_of(names).map(Some))
    }

    fn path(&self) -> String {
        self.node.map(Node::path).unwrap_or_default()
    }
}

/// `45m` in seconds.
fn seconds(text: &str) -> Option<u64> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return None,
    };
    let number = digits.parse::<u64>().ok().filter(|_| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
    number.checked_mul(unit)
}

/// The path of a key in the table of that path.
fn path_of(table: String, key: &str) -> String {
    let short: String = key.chars().take(64).collect();
    let bare = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let key = if !short.is_empty() && short.bytes().all(bare) { short } else { format!("{short:?}") };
    if table.is_empty() { key } else { format!("{table}.{key}") }
}
