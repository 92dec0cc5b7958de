//! Text in Teams' cards: each line a `RichTextBlock`, whatever somebody wrote in `TextRun`s of it.
//!
//! Runs take no markup on a desktop. Phones have been seen to read Markdown in them (docs/divergences.md), so what could
//! become a link, or a date of its own, is taken apart.

use serde_json::{Map, Value};

use crate::codec::json::object;
use crate::codec::sheet::{Span, Text, clip};

/// UTF-16 units of one line: more than any sentence of ours.
const LINE: usize = 3000;

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// As it comes.
    Plain,
    /// Above what belongs to it.
    Heading,
    /// Below, and smaller.
    Small,
}

/// How a run differs from the rest of its line.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mark {
    None,
    Bold,
    Italic,
    Link(String),
}

/// A text, an element for each line of it: runs have no line ends.
pub fn lines(text: &Text, look: Look) -> Vec<Value> {
    let lines = text.0.split(|span| *span == Span::Break).map(runs).filter(|runs| !runs.is_empty());
    lines.enumerate().map(|(at, runs)| block(&runs, look, at > 0)).collect()
}

/// A text without its looks, for where there is only one line: at most so many UTF-16 units of it.
pub fn plain(text: &Text, most: usize) -> String {
    let words = |span: &Span| match span {
        Span::Moment(at) => {
            let iso = at.iso();
            format!("{} {} UTC", iso.get(..10).unwrap_or_default(), iso.get(11..16).unwrap_or_default())
        }
        Span::Day(at) => at.iso().get(..10).unwrap_or_default().to_owned(),
        Span::Break => " ".to_owned(),
        other => words(other),
    };
    clip(&text.0.iter().map(words).collect::<String>(), most)
}

fn block(runs: &[(Mark, String)], look: Look, follows: bool) -> Value {
    let runs: Vec<_> = runs.iter().map(|(mark, words)| run(mark, words, look)).collect();
    let mut block = object! { "type": "RichTextBlock", "inlines": runs };
    if follows {
        put(&mut block, "spacing", "None");
    }
    block
}

fn run(mark: &Mark, words: &str, look: Look) -> Value {
    let mut run = object! { "type": "TextRun", "text": words };
    match look {
        Look::Heading => {
            put(&mut run, "size", "Large");
            put(&mut run, "weight", "Bolder");
        }
        Look::Small => {
            put(&mut run, "size", "Small");
            put(&mut run, "isSubtle", true);
        }
        Look::Plain => {}
    }
    match mark {
        Mark::Bold => put(&mut run, "weight", "Bolder"),
        Mark::Italic => put(&mut run, "italic", true),
        Mark::Link(url) => put(&mut run, "selectAction", object! { "type": "Action.OpenUrl", "url": url.as_str() }),
        Mark::None => {}
    }
    run
}

/// Puts a field into an object.
pub(super) fn put(object: &mut Value, name: &str, value: impl Into<Value>) {
    let fields: Option<&mut Map<_, _>> = object.as_object_mut();
    fields.map(|fields| fields.insert(name.to_owned(), value.into()));
}

/// A line's words, in as few runs as their looks allow.
fn runs(spans: &[Span]) -> Vec<(Mark, String)> {
    let mut left = LINE;
    let mut runs: Vec<(Mark, String)> = Vec::new();
    for span in spans {
        let words = match span {
            // A cut one would show how it is written.
            Span::Moment(_) | Span::Day(_) => words(span),
            other => clip(&words(other), left),
        };
        left = left.saturating_sub(words.encode_utf16().count());
        let mark = mark(span);
        match runs.last_mut() {
            _ if words.is_empty() => {}
            Some((before, run)) if *before == mark => run.push_str(&words),
            _ => runs.push((mark, words)),
        }
    }
    runs
}

fn mark(span: &Span) -> Mark {
    match span {
        Span::Bold(_) => Mark::Bold,
        Span::Blank(_) => Mark::Italic,
        Span::Link { url, .. } => Mark::Link(url.clone()),
        _ => Mark::None,
    }
}

fn words(span: &Span) -> String {
    match span {
        Span::Plain(words) | Span::Bold(words) => tame(words),
        Span::Blank(words) | Span::Link { words, .. } => (*words).to_owned(),
        Span::Person(person) => tame(&person.name),
        Span::Group(group) => group.to_string(),
        // In the reader's time zone and language (Adaptive Cards, Text features: Formatting functions).
        Span::Moment(at) => format!("{{{{DATE({iso}, SHORT)}}}} {{{{TIME({iso})}}}}", iso = at.iso()),
        Span::Day(at) => format!("{{{{DATE({}, SHORT)}}}}", at.iso()),
        Span::Break => String::new(),
    }
}

/// Makes one line of what somebody wrote, and takes apart what some client would make a link or a date of. Nobody sees the
/// space of no width between.
fn tame(words: &str) -> String {
    let one_line = words.replace(['\n', '\r', '\u{2028}', '\u{2029}'], " ");
    one_line.replace("](", "]\u{200b}(").replace("{{", "{\u{200b}{")
}
