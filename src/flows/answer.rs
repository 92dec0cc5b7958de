//! What a flow answers: something to show now, and something to do after the answer is out.

use super::doctor::Examination;
use super::house::House;
use crate::clients::slack::Opened;
use crate::codec::chat::{Caller, Occasion, Reply};
use crate::codec::content::form;
use crate::codec::sheet::{Form, Notice, Sheet, Suggestion};
use crate::codec::words;
use crate::domain::audit::Entry;
use crate::domain::names::{PersonId, Platform, TargetName};
use crate::domain::policy::Manner;
use crate::domain::refusal::Refusal;
use crate::domain::rotation::Rotation;
use crate::ports::Ports;

/// What is shown in answer, by the platform on which somebody did something; some show less of it.
#[derive(Debug, PartialEq)]
pub enum Shown {
    /// Nothing: closes a form, acknowledges a tap.
    Nothing,
    /// A message that only the person sees.
    Message(Sheet),
    /// A notice in place of the form that was sent.
    Notice(Notice),
    /// The form that was sent, with marks on its inputs, by their names.
    Marks(Vec<(&'static str, &'static str)>),
    /// Options of a typeahead.
    Options(Vec<Suggestion>),
    /// A form in a dialog, and the targets it can choose from.
    Dialog(Box<Form>, Vec<Suggestion>),
    /// The page that takes the credential, in a dialog.
    Page(String),
    /// The card of a rotation, as it is now, for whoever tapped on it.
    Card(Box<Rotation>),
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
        caller: Caller,
        /// The target, when it was named.
        target: Option<TargetName>,
        /// How it is asked for.
        manner: Manner,
    },
    /// Tell the person where they typed or tapped.
    Respond {
        /// Where.
        reply: Reply,
        /// What.
        message: Sheet,
    },
    /// Tell the person in a direct message.
    Tell {
        /// The person.
        person: PersonId,
        /// What.
        message: Sheet,
    },
    /// Publish the App Home of whoever this is from.
    Home(Caller),
    /// Look around for an operator, and tell what was found.
    Examine {
        /// At what.
        examination: Box<Examination>,
        /// Who wants to know, and how to answer.
        occasion: Occasion,
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

/// The answer to a form whose reason is missing or too long.
pub fn reason_needed() -> Answer {
    Shown::Marks(vec![(form::REASON_INPUT, form::REASON_NEEDED)]).into()
}

/// A refusal as the answer to something typed.
pub fn refuse_typed<P: Ports>(house: House<'_, P>, refusal: &Refusal, on: Platform) -> Answer {
    Shown::Message(Sheet::plain(words::refusal(refusal, house.command(on)))).into()
}

/// A refusal as the answer to a form.
pub fn refuse_form<P: Ports>(house: House<'_, P>, refusal: &Refusal, on: Platform) -> Answer {
    Shown::Notice(form::refused(refusal, house.command(on))).into()
}

/// A refusal as the answer to a tap: Slack shows nothing of the answer itself.
pub fn refuse_tap<P: Ports>(house: House<'_, P>, refusal: &Refusal, occasion: &Occasion) -> Answer {
    let message = Sheet::plain(words::refusal(refusal, house.command(occasion.caller.platform())));
    tell_later(message, occasion)
}

/// A message that follows the answer, which Slack does not show or does not wait for. Only what was tapped in the App
/// Home comes without an address for it.
pub fn tell_later(message: Sheet, occasion: &Occasion) -> Answer {
    let after = match occasion.reply.clone() {
        Some(reply) => Some(After::Respond { reply, message }),
        None => occasion.caller.person().map(|person| After::Tell { person, message }),
    };
    Answer { shown: Shown::Nothing, after: after.into_iter().collect() }
}
