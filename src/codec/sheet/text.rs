//! Text as spans: who wrote what is said is known until it is drawn, so nothing foreign can mark, mention or link.

use std::borrow::Cow;

use crate::domain::names::GroupId;
use crate::domain::rotation::{Person, Requester};
use crate::domain::time::Timestamp;

/// A piece of a text. Words are drawn as they are: whatever means something to a platform is escaped there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Words.
    Plain(Cow<'static, str>),
    /// Words that stand out.
    Bold(Cow<'static, str>),
    /// What the reader puts something of theirs in place of.
    Blank(&'static str),
    /// A person: by their id where the platform is theirs, by their name elsewhere.
    Person(Person),
    /// A group: by its name where the platform is its own, by its id elsewhere.
    Group(GroupId),
    /// A moment, in the reader's time zone where that can be.
    Moment(Timestamp),
    /// A day, in the reader's time zone where that can be.
    Day(Timestamp),
    /// Words that lead to an address.
    Link {
        /// The words.
        words: &'static str,
        /// The address.
        url: String,
    },
    /// The end of a line.
    Break,
}

/// Lines of spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub Vec<Span>);

impl Text {
    /// Words that stand out, to begin with.
    pub fn bold(words: impl Into<Cow<'static, str>>) -> Self {
        Self(vec![Span::Bold(words.into())])
    }

    /// The texts, each in a line of its own.
    pub fn lines(lines: impl IntoIterator<Item = Self>) -> Self {
        lines.into_iter().reduce(|before, line| before.and(Span::Break).join(line)).unwrap_or_default()
    }

    /// The texts, one after another with a comma between.
    pub fn listed(texts: impl IntoIterator<Item = Self>) -> Self {
        texts.into_iter().reduce(|before, text| before.and(", ").join(text)).unwrap_or_default()
    }

    /// With something more.
    pub fn and(mut self, span: impl Into<Span>) -> Self {
        self.0.push(span.into());
        self
    }

    /// With another text after it, in the same line.
    pub fn join(mut self, text: Self) -> Self {
        self.0.extend(text.0);
        self
    }
}

impl From<&'static str> for Span {
    fn from(words: &'static str) -> Self {
        Self::Plain(Cow::Borrowed(words))
    }
}

impl From<String> for Span {
    fn from(words: String) -> Self {
        Self::Plain(Cow::Owned(words))
    }
}

impl From<&Person> for Span {
    fn from(person: &Person) -> Self {
        Self::Person(person.clone())
    }
}

impl From<&Requester> for Span {
    fn from(requester: &Requester) -> Self {
        match requester {
            Requester::Person(person) => person.into(),
            Requester::Source(source) => format!("the secret manager {source}").into(),
        }
    }
}

impl From<&GroupId> for Span {
    fn from(group: &GroupId) -> Self {
        Self::Group(group.clone())
    }
}

impl<S: Into<Span>> From<S> for Text {
    fn from(span: S) -> Self {
        Self(vec![span.into()])
    }
}

/// Cuts to `most` UTF-16 units, which no platform counts as more, and marks the cut.
pub fn clip(text: &str, most: usize) -> String {
    // No text has more units than bytes, and most of what is drawn is far from its limit.
    if text.len() <= most || text.encode_utf16().count() <= most {
        return text.to_owned();
    }
    let mut used = 1;
    let kept = text.chars().take_while(|character| {
        used += character.len_utf16();
        used <= most
    });
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipping_counts_as_utf16_and_marks_the_cut() {
        assert_eq!(clip("abc", 3), "abc");
        assert_eq!(clip("abcd", 3), "ab…");
        assert_eq!(clip("🔐🔐🔐", 5), "🔐🔐…");
        assert_eq!(clip(&"x".repeat(4000), 3000).encode_utf16().count(), 3000);
    }

    #[test]
    fn lines_and_lists_have_nothing_before_the_first_and_after_the_last() {
        let texts = || ["a", "b"].map(Text::from);
        assert_eq!(Text::lines(texts()), Text::from("a").and(Span::Break).and("b"));
        assert_eq!(Text::listed(texts()), Text::from("a").and(", ").and("b"));
        assert_eq!((Text::lines([]), Text::listed([])), (Text::default(), Text::default()));
    }
}
