//! Forms: what they say, what they ask, and what takes their place.

use super::{FormKind, Part};

/// A form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Which one.
    pub kind: FormKind,
    /// What it is about: an opaque text that comes back with it, believed only as a name to look up.
    pub about: String,
    /// What is above it.
    pub title: &'static str,
    /// What is on the button that sends it.
    pub submit: &'static str,
    /// What it says and asks, from the top down.
    pub body: Vec<Item>,
}

/// A part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Says something.
    Says(Part),
    /// Asks something.
    Asks(Input),
}

/// What a form asks. It never has an initial value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// A text.
    Text {
        /// Our name for it.
        id: &'static str,
        /// What it is.
        label: &'static str,
        /// What to know before typing.
        hint: &'static str,
        /// Several lines.
        multiline: bool,
        /// May stay empty.
        optional: bool,
        /// A credential: drawn as one, and people are told who sees it.
        secret: bool,
        /// Most characters.
        longest: usize,
    },
    /// A target, looked up while typing.
    Target {
        /// Our name for it.
        id: &'static str,
        /// What it is.
        label: &'static str,
        /// What stands there before anything was typed.
        placeholder: &'static str,
    },
}

/// What an input that looks up while typing offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What people read.
    pub words: String,
    /// What choosing it means.
    pub value: String,
}

/// One thing that is said in place of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What is above it.
    pub title: &'static str,
    /// What is said.
    pub text: String,
}
