//! What a flow answers: something to show now, and something to do after the answer is out.

use serde_json::{Value, json};

use super::doctor::Examination;
use super::house::House;
use crate::clients::slack::Opened;
use crate::codec::slack::envelope::Envelope;
use crate::codec::slack::interaction::Tap;
use crate::codec::slack::message::Message;
use crate::codec::slack::view;
use crate::codec::words;
use crate::domain::audit::Entry;
use crate::domain::names::{PersonId, TargetName};
use crate::domain::refusal::Refusal;
use crate::ports::Ports;

/// What Slack is answered, always with status 200.
#[derive(Debug, PartialEq)]
pub enum Shown {
    /// Nothing: closes a form, acknowledges a tap.
    Nothing,
    /// A message that only the person sees.
    Message(Message),
    /// Another form in place of the one that was sent, or marks on its inputs.
    Form(Value),
    /// Options of a typeahead.
    Options(Vec<Value>),
}

impl Shown {
    /// The body of the answer; `None` for an empty one.
    pub fn body(&self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Message(message) => Some(message.ephemeral().to_string()),
            Self::Form(response) => Some(response.to_string()),
            Self::Options(options) => Some(json!({ "options": options }).to_string()),
        }
    }
}

/// Work that begins when the answer is out. Lost if the isolate dies, so only for what a person can ask again, and for
/// refusals, which the log has as well.
#[derive(Debug)]
pub enum After {
    /// Look whether the form just opened can lead anywhere, and say so in it if not.
    CheckForm {
        /// The form.
        form: Opened,
        /// Who opened it.
        envelope: Envelope,
        /// The target, when it was named.
        target: Option<TargetName>,
        /// Whether approvals are to be passed over.
        break_glass: bool,
    },
    /// Tell the person where they typed or tapped.
    Respond {
        /// Slack's address for it.
        response_url: String,
        /// What.
        message: Message,
    },
    /// Tell the person in a direct message.
    Tell {
        /// The person.
        person: PersonId,
        /// What.
        message: Message,
    },
    /// Publish the App Home of whoever this is from.
    Home(Envelope),
    /// Look around for an operator, and tell what was found.
    Examine {
        /// At what.
        examination: Box<Examination>,
        /// Slack's address for the answer.
        response_url: Option<String>,
        /// Who wants to know.
        envelope: Envelope,
    },
    /// Write into the audit what was refused.
    Record(Box<Entry>),
}

/// An answer, and what comes after it.
#[derive(Debug)]
pub struct Answer {
    /// What is shown now.
    pub shown: Shown,
    /// What is done afterwards, in this order.
    pub after: Vec<After>,
}

impl From<Shown> for Answer {
    fn from(shown: Shown) -> Self {
        Self { shown, after: Vec::new() }
    }
}

/// A refusal as the answer to something typed.
pub fn refuse_typed<P: Ports>(house: House<'_, P>, refusal: &Refusal) -> Answer {
    Shown::Message(Message::plain(&words::refusal(refusal, &house.config.slack.command))).into()
}

/// A refusal as the answer to a form.
pub fn refuse_form<P: Ports>(house: House<'_, P>, refusal: &Refusal) -> Answer {
    Shown::Form(view::replace(&view::refused(refusal, &house.config.slack.command))).into()
}

/// A refusal as the answer to a tap: Slack shows nothing of the answer itself.
pub fn refuse_tap<P: Ports>(house: House<'_, P>, refusal: &Refusal, tap: &Tap) -> Answer {
    let message = Message::plain(&words::refusal(refusal, &house.config.slack.command));
    tell_later(message, tap.response_url.clone(), &tap.envelope)
}

/// A message that follows the answer, which Slack does not show or does not wait for. Only what was tapped in the App
/// Home comes without an address for it.
pub fn tell_later(message: Message, response_url: Option<String>, envelope: &Envelope) -> Answer {
    let after = match response_url {
        Some(response_url) => Some(After::Respond { response_url, message }),
        None => PersonId::slack(&envelope.user).ok().map(|person| After::Tell { person, message }),
    };
    Answer { shown: Shown::Nothing, after: after.into_iter().collect() }
}
