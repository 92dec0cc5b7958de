//! Showing a form to whoever did something, as their platform lets us.

use super::answer::{Answer, Shown, tell_later};
use super::house::House;
use crate::clients::slack::{OpenError, Opened};
use crate::codec::chat::{Occasion, Opening};
use crate::codec::sheet::{Form, Sheet, Suggestion};
use crate::codec::slack::draw;
use crate::domain::refusal::Refusal;
use crate::ports::Ports;

/// Shows the form, with the targets it can choose from where they cannot be looked up while typing. When there is no chance
/// for it now, says `again` how to get one. Answers the form that stands open and can
/// still be replaced, if there is one.
///
/// # Errors
/// When there was no chance for a form, or the platform is in trouble.
pub(super) async fn open<P: Ports>(
    house: House<'_, P>,
    occasion: &Occasion,
    form: Form,
    choices: Vec<Suggestion>,
    again: impl FnOnce() -> Sheet,
) -> Result<(Answer, Option<Opened>), Refusal> {
    let trigger = match &occasion.opening {
        Opening::Trigger(trigger) => trigger,
        Opening::Dialog => return Ok((Shown::Dialog(Box::new(form), choices).into(), None)),
        Opening::Button => return Ok((Shown::Message(again()).into(), None)),
        Opening::Closed => return Err(Refusal::UnknownForm),
    };
    match house.slack().map_err(Refusal::Service)?.open(trigger, &draw::form(&form)).await {
        Ok(opened) => Ok((Shown::Nothing.into(), Some(opened))),
        // Slack waits for an answer no longer than a trigger lives, so by now the answer itself is late.
        Err(OpenError::Trigger) => Ok((tell_later(again(), occasion), None)),
        Err(OpenError::Trouble(trouble)) => Err(Refusal::Service(trouble)),
    }
}
