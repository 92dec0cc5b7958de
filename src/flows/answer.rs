//! What a flow answers: something to show now, and something to do after the answer is out.

use serde_json::{Value, json};

use super::house::House;
use crate::clients::slack::Opened;
use crate::codec::slack::card::Message;
use crate::codec::slack::envelope::Envelope;
use crate::codec::slack::view;
use crate::codec::words;
use crate::domain::names::TargetName;
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

/// Work that begins when the answer is out. Lost if the isolate dies, so only for what a person can ask again.
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
    },
    /// Tell the person where they typed or tapped.
    Respond {
        /// Slack's address for it.
        response_url: String,
        /// What.
        message: Message,
    },
}

/// An answer, and what comes after it.
#[derive(Debug)]
pub struct Answer {
    /// What is shown now.
    pub shown: Shown,
    /// What is done afterwards.
    pub after: Option<After>,
}

impl From<Shown> for Answer {
    fn from(shown: Shown) -> Self {
        Self { shown, after: None }
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
pub fn refuse_tap<P: Ports>(house: House<'_, P>, refusal: &Refusal, response_url: Option<String>) -> Answer {
    tell_later(Message::plain(&words::refusal(refusal, &house.config.slack.command)), response_url)
}

/// A message that follows the answer, which Slack does not show or does not wait for.
pub fn tell_later(message: Message, response_url: Option<String>) -> Answer {
    let after = response_url.map(|response_url| After::Respond { response_url, message });
    Answer { shown: Shown::Nothing, after }
}
