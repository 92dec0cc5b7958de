//! The audit as other programs read it: what they can ask for, and pages of NDJSON or CSV.

mod csv;
pub mod words;

use std::fmt::Write as _;

use super::json;
use crate::domain::audit::{Hash, Kept, Link};
use crate::domain::names::TargetName;
use serde_json::Value;

/// Entries that a page holds at most.
pub const MOST: usize = 1_000;

/// What is asked for by the query of a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// `after`: the number before the first entry.
    pub after: u64,
    /// `limit`: how many entries are looked at, at most [`MOST`].
    pub limit: usize,
    /// `format`: `ndjson` or `csv`.
    pub format: Format,
    /// `target`: only entries of that target.
    pub target: Option<TargetName>,
}

/// How a page is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line, exactly as it was hashed.
    Ndjson,
    /// RFC 4180, for spreadsheets.
    Csv,
}

impl Query {
    /// Reads the query; `None` when something in it is not known, or twice, or no value of its kind.
    pub fn parse(query: &str) -> Option<Self> {
        let (mut after, mut limit, mut format, mut target) = (None, None, None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let known = match pair.split_once('=')? {
                ("after", text) => after.replace(number(text)?).is_none(),
                ("limit", text) => {
                    let asked = text.parse().ok().filter(|asked| (1..=MOST).contains(asked))?;
                    limit.replace(asked).is_none()
                }
                ("format", "ndjson") => format.replace(Format::Ndjson).is_none(),
                ("format", "csv") => format.replace(Format::Csv).is_none(),
                ("target", text) => target.replace(TargetName::parse(text).ok()?).is_none(),
                _ => false,
            };
            if !known {
                return None;
            }
        }
        let (after, limit) = (after.unwrap_or_default(), limit.unwrap_or(MOST));
        Some(Self { after, limit, format: format.unwrap_or(Format::Ndjson), target })
    }

    /// The query of the page that follows the entry of that number.
    pub fn following(&self, number: u64) -> String {
        let mut query = format!("after={number}&limit={}&format={}", self.limit, self.format.name());
        if let Some(target) = &self.target {
            let _ = write!(query, "&target={target}");
        }
        query
    }
}

impl Format {
    const fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }

    /// The media type (RFC 4180; NDJSON has none that is registered).
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    /// A page.
    pub fn page(self, entries: &[Kept]) -> String {
        match self {
            Self::Ndjson => entries.iter().map(line).collect(),
            Self::Csv => csv::page(entries),
        }
    }
}

/// The place from which a verification goes on, by its query; `None` when it is not one.
pub fn parse_link(query: &str) -> Option<Link> {
    let (after, hash) = query.strip_prefix("after=")?.split_once("&hash=")?;
    Some(Link { number: number(after)?, hash: Hash::parse(hash)? })
}

/// The query that names that place.
pub fn link_query(link: &Link) -> String {
    format!("after={}&hash={}", link.number, link.hash.as_str())
}

/// A number of an entry: as many digits as are kept.
fn number(text: &str) -> Option<u64> {
    let digits = (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// The entry's text stands in its line to the letter, so that its hash can be computed from it. What is no JSON any more
/// is no entry of ours; it is told as a text.
fn line(kept: &Kept) -> String {
    let (number, hash) = (kept.number, Value::from(kept.hash.as_str()));
    if json::read(kept.text.as_bytes()).is_some() && !kept.text.contains(['\n', '\r']) {
        return format!("{{\"number\":{number},\"hash\":{hash},\"entry\":{}}}\n", kept.text);
    }
    format!("{{\"number\":{number},\"hash\":{hash},\"unreadable\":{}}}\n", Value::from(kept.text.as_str()))
}
