//! What is said to people, without any platform's markup: content writes it once, each platform draws it as it can.

mod action;
mod form;
mod text;

pub use action::{Action, FormKind};
pub use form::{Form, Input, Item, Notice, Suggestion};
pub use text::{Span, Text, clip};

/// A message: what notifications and screen readers get, and what is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The whole in a sentence, for where nothing is drawn.
    pub text: Text,
    /// What is drawn, from the top down.
    pub body: Vec<Part>,
}

/// A part of what is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A line above what belongs to it.
    Heading(String),
    /// A paragraph.
    Paragraph(Text),
    /// A small line below.
    Small(Text),
    /// A paragraph with a button beside it.
    Offer(Text, Button),
    /// A row of buttons; never an empty one.
    Buttons(Vec<Button>),
}

/// A button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    /// What is on it.
    pub words: String,
    /// What a screen reader says.
    pub spoken: String,
    /// What a tap on it means.
    pub action: Action,
    /// The opaque id that it carries; empty for none.
    pub value: String,
    /// How it looks.
    pub style: Style,
    /// What is asked before its tap counts.
    pub confirm: Option<Confirm>,
    /// The address that it opens.
    pub url: Option<String>,
}

/// How a button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The expected one; at most one in a row.
    Primary,
    /// An ordinary one.
    Plain,
    /// One that ends something.
    Danger,
}

/// What is asked before a tap counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// The question.
    pub title: &'static str,
    /// What it means.
    pub text: String,
    /// The words for yes.
    pub yes: &'static str,
    /// The words for no.
    pub no: &'static str,
}

impl Sheet {
    /// One paragraph, which is its text as well.
    pub fn plain(text: impl Into<Text>) -> Self {
        let text = text.into();
        Self { text: text.clone(), body: vec![Part::Paragraph(text)] }
    }

    /// The same without buttons: a copy that will not be rewritten must not offer what may be over.
    pub fn without_buttons(mut self) -> Self {
        self.body.retain(|part| !matches!(part, Part::Buttons(_)));
        self
    }
}

impl Part {
    /// A paragraph.
    pub fn paragraph(text: impl Into<Text>) -> Self {
        Self::Paragraph(text.into())
    }

    /// A small line below.
    pub fn small(text: impl Into<Text>) -> Self {
        Self::Small(text.into())
    }
}

impl Button {
    /// An ordinary button.
    pub fn new(words: &str, spoken: &str, action: Action, value: &str) -> Self {
        let (words, spoken, value) = (words.to_owned(), spoken.to_owned(), value.to_owned());
        Self { words, spoken, action, value, style: Style::Plain, confirm: None, url: None }
    }

    /// The same in another look.
    pub const fn styled(mut self, style: Style) -> Self {
        self.style = style;
        self
    }
}
