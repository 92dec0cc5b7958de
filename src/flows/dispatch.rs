//! Which flow a form or a button belongs to, by the names that we gave them.

use super::answer::{Answer, Shown};
use super::house::House;
use super::{ask, decide, enter};
use crate::codec::record::Choice;
use crate::codec::slack::interaction::{Submission, Tap};
use crate::codec::slack::{card, message, view};
use crate::domain::names::TargetName;
use crate::domain::refusal::Refusal;
use crate::ports::Ports;

/// Answers a form that was sent.
///
/// # Errors
/// A refusal, to be shown in place of the form.
pub async fn submitted<P: Ports>(house: House<'_, P>, form: Submission) -> Result<Answer, Refusal> {
    match form.form.as_str() {
        view::REQUEST_FORM => ask::request(house, &form, false).await,
        view::BREAK_GLASS_FORM => ask::request(house, &form, true).await,
        view::CREDENTIAL_FORM => enter::credential(house, form).await,
        view::REJECT_FORM => decide::rejected(house, &form).await,
        _ => Err(Refusal::UnknownForm),
    }
}

/// Answers a tap on a button.
///
/// # Errors
/// A refusal, to be told to whoever tapped.
pub async fn tapped<P: Ports>(house: House<'_, P>, tap: &Tap) -> Result<Answer, Refusal> {
    match tap.action.as_str() {
        message::OPEN_BUTTON => {
            let trigger = tap.trigger.as_deref().ok_or(Refusal::UnknownForm)?;
            let (target, response_url) = (TargetName::parse(&tap.value).ok(), tap.response_url.clone());
            ask::open_form(house, tap.envelope.clone(), trigger, target, false, response_url).await
        }
        message::PAGE_BUTTON => Ok(Shown::Nothing.into()),
        card::ENTER_BUTTON => enter::open_entry(house, tap).await,
        card::APPROVE_BUTTON => decide::tapped(house, tap, Choice::Approve).await,
        card::REJECT_BUTTON => decide::open_rejection(house, tap).await,
        card::CANCEL_BUTTON => decide::tapped(house, tap, Choice::Cancel).await,
        card::STOP_BUTTON => decide::tapped(house, tap, Choice::Stop).await,
        card::RETRY_BUTTON => decide::tapped(house, tap, Choice::Retry).await,
        card::CLOSE_BUTTON => decide::tapped(house, tap, Choice::Close).await,
        _ => Err(Refusal::UnknownForm),
    }
}
