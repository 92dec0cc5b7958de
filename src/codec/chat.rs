//! What people do in a chat, whichever it is: type a command, tap a button, send a form, look for a target.

use seal::Secret;
use serde_json::{Value, json};

use super::sheet::{Action, FormKind};
use super::slack::envelope::Envelope;
use super::teams::place::Place;
use super::wiped::Wiped;
use super::wish::Wish;
use crate::domain::names::{PersonId, Platform};

/// Who did something, as the request says. Whether they are who they seem, and what they may do, is asked of their platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Somebody in Slack.
    Slack(Envelope),
    /// Somebody in Teams, of the tenant that this installation serves.
    Teams(PersonId),
}

impl Caller {
    /// Where they did it.
    pub const fn platform(&self) -> Platform {
        match self {
            Self::Slack(_) => Platform::Slack,
            Self::Teams(_) => Platform::Teams,
        }
    }

    /// The id they acted under, if it is one.
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Self::Slack(envelope) => PersonId::slack(&envelope.user).ok(),
            Self::Teams(person) => Some(person.clone()),
        }
    }
}

/// How a form can be shown to whoever did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Slack opens one within 3 seconds, for this.
    Trigger(String),
    /// The answer can be a dialog.
    Dialog,
    /// By a button of a message only.
    Button,
    /// Not from here.
    Closed,
}

/// Where somebody is answered when the answer itself comes too late, or shows nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Slack's `response_url`; a bearer secret of theirs.
    Slack(String),
    /// A conversation in Teams, and the activity that is answered.
    Teams(Place, String),
}

/// Who did something, and how they can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// Who.
    pub caller: Caller,
    /// How a form can be shown to them.
    pub opening: Opening,
    /// Where they are answered later; nowhere means in their direct messages.
    pub reply: Option<Reply>,
}

/// A command that was typed.
#[derive(Debug)]
pub struct Typed {
    /// Who, and how to answer.
    pub occasion: Occasion,
    /// What they want.
    pub wish: Wish,
}

/// A button that was tapped.
#[derive(Debug)]
pub struct Tap {
    /// Who, and how to answer.
    pub occasion: Occasion,
    /// What the button means; `None` for one of another version.
    pub action: Option<Action>,
    /// The opaque id we put into it.
    pub value: String,
    /// Whether it is a button of the App Home.
    pub in_home: bool,
}

/// A typeahead that asks for options.
#[derive(Debug)]
pub struct Suggest {
    /// Who.
    pub caller: Caller,
    /// Which input.
    pub action: String,
    /// What was typed so far.
    pub words: String,
}

/// A form that was sent.
pub struct Submission {
    /// Who, and how to answer.
    pub occasion: Occasion,
    /// Which form; `None` for one of another version.
    pub form: Option<FormKind>,
    /// The platform's id of this one form on this one screen.
    pub id: String,
    /// The opaque text we put into the form. Believed only as an id to look up.
    pub about: String,
    /// What was typed or chosen, by input; may be a credential.
    pub inputs: Inputs,
}

/// What was typed or chosen in a form: for each input a text, or null.
pub struct Inputs(Wiped);

impl Default for Inputs {
    fn default() -> Self {
        Self(Wiped(json!({})))
    }
}

impl Inputs {
    /// Takes what was typed or chosen in an input: a text, or null.
    pub fn put(&mut self, input: &str, text: Value) {
        if let Some(inputs) = self.0.0.as_object_mut() {
            inputs.insert(input.to_owned(), text);
        }
    }

    /// The text typed, or the value chosen, in the input of that name.
    pub fn text(&self, input: &str) -> Option<&str> {
        self.0.0.get(input)?.as_str()
    }

    /// Whether the form had an input of that name.
    pub fn has(&self, input: &str) -> bool {
        self.0.0.get(input).is_some()
    }

    /// Takes what was typed as a secret.
    pub fn take_secret(&mut self, input: &str) -> Option<Secret> {
        match self.0.0.get_mut(input)?.take() {
            Value::String(typed) => Some(Secret::new(typed)),
            _ => None,
        }
    }
}
