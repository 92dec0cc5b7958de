//! Which flow a form or a button belongs to, by the names that we gave them.

use super::answer::{Answer, Shown};
use super::house::House;
use super::{ask, decide, enter};
use crate::codec::chat::{Submission, Tap};
use crate::codec::record::Choice;
use crate::codec::sheet::{Action, FormKind};
use crate::domain::names::TargetName;
use crate::domain::policy::Manner;
use crate::domain::refusal::Refusal;
use crate::ports::Ports;

/// Answers a form that was sent.
///
/// # Errors
/// A refusal, to be shown in place of the form.
pub async fn submitted<P: Ports>(house: House<'_, P>, form: Submission) -> Result<Answer, Refusal> {
    match form.form {
        Some(FormKind::Request) => ask::request(house, &form, Manner::Usual).await,
        Some(FormKind::BreakGlass) => ask::request(house, &form, Manner::BreakGlass).await,
        Some(FormKind::Rollback) => ask::request(house, &form, Manner::Rollback).await,
        Some(FormKind::Credential) => enter::credential(house, form).await,
        Some(FormKind::Reject) => decide::rejected(house, &form).await,
        None => Err(Refusal::UnknownForm),
    }
}

/// Answers a tap on a button.
///
/// # Errors
/// A refusal, to be told to whoever tapped.
pub async fn tapped<P: Ports>(house: House<'_, P>, tap: &Tap) -> Result<Answer, Refusal> {
    let open = |manner| ask::open_form(house, &tap.occasion, TargetName::parse(&tap.value).ok(), manner);
    match tap.action {
        Some(Action::Open) => open(Manner::Usual).await,
        Some(Action::OpenBreakGlass) => open(Manner::BreakGlass).await,
        Some(Action::OpenRollback) => open(Manner::Rollback).await,
        Some(Action::Page) => Ok(Shown::Nothing.into()),
        Some(Action::Enter) => enter::open_entry(house, tap).await,
        Some(Action::Approve) => decide::tapped(house, tap, Choice::Approve).await,
        Some(Action::Reject) => decide::open_rejection(house, tap).await,
        Some(Action::Cancel) => decide::tapped(house, tap, Choice::Cancel).await,
        Some(Action::Stop) => decide::tapped(house, tap, Choice::Stop).await,
        Some(Action::Retry) => decide::tapped(house, tap, Choice::Retry).await,
        Some(Action::Close) => decide::tapped(house, tap, Choice::Close).await,
        None => Err(Refusal::UnknownForm),
    }
}
