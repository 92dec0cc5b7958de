//! Walks TOML with its places: every value read, or a finding that says what it should have been.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::unknown;

/// Something wrong, by its offset in the text.
pub(super) struct Finding {
    pub(super) at: usize,
    pub(super) path: String,
    pub(super) message: String,
}

/// What has been found so far. A reading function that adds to it gives `None`, so that nothing is told twice.
#[derive(Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn add(&mut self, at: usize, path: String, message: impl ToString) {
        self.0.push(Finding { at, path, message: message.to_string() });
    }

    pub(super) fn into_inner(self) -> Vec<Finding> {
        self.0
    }
}

/// A value and where it is.
pub(super) struct Node<'a> {
    pub(super) path: String,
    pub(super) at: usize,
    value: &'a DeValue<'a>,
}

/// A table and where it is.
pub(super) struct Table<'a> {
    path: String,
    at: usize,
    entries: &'a DeTable<'a>,
}

impl<'a> Node<'a> {
    pub(super) fn problem(&self, message: impl ToString, findings: &mut Findings) {
        findings.add(self.at, self.path.clone(), message);
    }

    fn expect<T>(&self, value: Option<T>, message: impl ToString, findings: &mut Findings) -> Option<T> {
        if value.is_none() {
            self.problem(message, findings);
        }
        value
    }

    /// Goes on only when `holds`.
    pub(super) fn demand(&self, holds: bool, message: &str, findings: &mut Findings) -> Option<()> {
        self.expect(holds.then_some(()), message, findings)
    }

    pub(super) fn table(&self, findings: &mut Findings) -> Option<Table<'a>> {
        let entries = self.expect(self.value.as_table(), "has to be a table, { … }", findings)?;
        Some(Table { path: self.path.clone(), at: self.at, entries })
    }

    /// The values of a list of at most `most`.
    pub(super) fn list(&self, most: usize, findings: &mut Findings) -> Option<Vec<Node<'a>>> {
        let array = self.expect(self.value.as_array(), "has to be a list, [ … ]", findings)?;
        if array.len() > most {
            self.problem(format!("can have at most {most} entries"), findings);
            return None;
        }
        let node = |(index, value): (usize, &'a Spanned<DeValue<'a>>)| Node {
            path: format!("{}[{index}]", self.path),
            at: value.span().start,
            value: value.get_ref(),
        };
        Some(array.iter().enumerate().map(node).collect())
    }

    /// A list without repetition.
    pub(super) fn distinct<T: PartialEq>(
        &self,
        most: usize,
        findings: &mut Findings,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        let nodes = self.list(most, findings)?;
        let mut values = Vec::new();
        for node in &nodes {
            match node.string(findings).map(&read) {
                Some(Ok(value)) if values.contains(&value) => node.problem("is in this list already", findings),
                Some(Ok(value)) => values.push(value),
                Some(Err(rule)) => node.problem(rule, findings),
                None => {}
            }
        }
        (values.len() == nodes.len()).then_some(values)
    }

    pub(super) fn flag(&self, findings: &mut Findings) -> Option<bool> {
        self.expect(self.value.as_bool(), "has to be true or false", findings)
    }

    pub(super) fn whole_number(&self, findings: &mut Findings) -> Option<u64> {
        let integer = self.value.as_integer();
        let number = integer.and_then(|integer| u64::from_str_radix(integer.as_str(), integer.radix()).ok());
        self.expect(number, "has to be a whole number", findings)
    }

    fn string(&self, findings: &mut Findings) -> Option<&'a str> {
        self.expect(self.value.as_str(), "has to be text in quotation marks", findings)
    }

    /// Text for people or services: not blank, at most `longest` characters, in one line.
    pub(super) fn text(&self, longest: usize, findings: &mut Findings) -> Option<&'a str> {
        let text = self.string(findings)?;
        let rule = if text.trim().is_empty() {
            "is blank".to_owned()
        } else if text.trim() != text {
            "begins or ends with a blank".to_owned()
        } else if text.chars().any(char::is_control) {
            "has a control character in it".to_owned()
        } else if text.chars().count() > longest {
            format!("is longer than {longest} characters")
        } else {
            return Some(text);
        };
        self.problem(rule, findings);
        None
    }

    /// A text that `parse` takes.
    pub(super) fn parsed<T, E: ToString>(
        &self,
        parse: impl Fn(&str) -> Result<T, E>,
        findings: &mut Findings,
    ) -> Option<T> {
        parse(self.string(findings)?).map_err(|rule| self.problem(rule, findings)).ok()
    }

    /// One of a few values by its name.
    pub(super) fn choice<T: Copy>(&self, all: &[T], name: fn(T) -> &'static str, findings: &mut Findings) -> Option<T> {
        let text = self.string(findings)?;
        let value = all.iter().copied().find(|value| name(*value) == text);
        let names = || all.iter().copied().map(name).collect::<Vec<_>>();
        if value.is_none() {
            self.problem(unknown::value(text, &names()), findings);
        }
        value
    }
}

impl<'a> Table<'a> {
    pub(super) const fn root(entries: &'a DeTable<'a>) -> Self {
        Self { path: String::new(), at: 0, entries }
    }

    pub(super) fn problem(&self, message: impl ToString, findings: &mut Findings) {
        findings.add(self.at, self.path.clone(), message);
    }

    /// Says what is wrong with a key that is not there.
    pub(super) fn absence(&self, key: &str, message: impl ToString, findings: &mut Findings) {
        findings.add(self.at, self.path_of(key), message);
    }

    /// Every key with its value.
    pub(super) fn entries(&self) -> impl ExactSizeIterator<Item = (&'a str, Node<'a>)> {
        self.entries.iter().map(|(key, value)| (key.get_ref().as_ref(), self.node(key, value)))
    }

    fn node(&self, key: &Spanned<DeString<'_>>, value: &'a Spanned<DeValue<'a>>) -> Node<'a> {
        // The parser puts an empty span where it made a value up.
        let at = if value.span().is_empty() { key.span().start } else { value.span().start };
        Node { path: self.path_of(key.get_ref()), at, value: value.get_ref() }
    }

    /// Refuses every key that is none of `known`.
    pub(super) fn refuse_others(&self, known: &[&str], findings: &mut Findings) {
        for key in self.entries.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                findings.add(key.span().start, self.path_of(name), unknown::key(name, known));
            }
        }
    }

    fn find(&self, key: &str) -> Option<Node<'a>> {
        self.entries.get_key_value(key).map(|(key, value)| self.node(key, value))
    }

    /// A value that has to be there.
    pub(super) fn required<T>(
        &self,
        key: &str,
        findings: &mut Findings,
        read: impl Fn(&Node<'a>, &mut Findings) -> Option<T>,
    ) -> Option<T> {
        let Some(node) = self.find(key) else {
            self.absence(key, "is missing", findings);
            return None;
        };
        read(&node, findings)
    }

    /// A value that may be absent: `Some(None)`. `None` is, as everywhere, a finding already told.
    pub(super) fn optional<T>(
        &self,
        key: &str,
        findings: &mut Findings,
        read: impl Fn(&Node<'a>, &mut Findings) -> Option<T>,
    ) -> Option<Option<T>> {
        self.find(key).map_or(Some(None), |node| read(&node, findings).map(Some))
    }

    fn path_of(&self, key: &str) -> String {
        let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let short: String = key.chars().take(64).collect();
        let key = if !short.is_empty() && short.chars().all(bare) { short } else { format!("{short:?}") };
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }
}
