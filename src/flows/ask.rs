//! Asking: typed commands, the request form, and the look at a target before anything is opened.

use super::answer::{After, Answer, Shown, tell_later};
use super::house::House;
use super::identity::{Member, may_ask, member};
use crate::clients::slack::{OpenError, Opened};
use crate::codec::record::{RegisterOrder, RegisterReply, RotationOrder, RotationReply};
use crate::codec::slack::command::{Slash, Wish};
use crate::codec::slack::envelope::Envelope;
use crate::codec::slack::interaction::{Submission, Suggest};
use crate::codec::slack::{blocks, card, view};
use crate::domain::listing::{Ending, Entry};
use crate::domain::names::{RotationId, TargetName};
use crate::domain::refusal::Refusal;
use crate::domain::rotation::Rotation;
use crate::domain::target::Target;
use crate::ports::{Ports, Unanswered};

/// Targets a typed list shows; the rest is found with words.
const LISTED: usize = 100;

/// Longest text a typeahead searches with; no name or title is longer.
const LONGEST_SEARCH: usize = 80;

/// Answers a typed command.
///
/// # Errors
/// A refusal, to be shown to whoever typed.
pub async fn typed<P: Ports>(house: House<'_, P>, slash: Slash) -> Result<Answer, Refusal> {
    match slash.wish {
        Wish::Rotate(target) => open_form(house, slash.envelope, &slash.trigger, target, slash.response_url).await,
        Wish::RotateWithMore => Err(Refusal::Exposed),
        Wish::RotateUnnamed | Wish::StatusUnnamed => Err(Refusal::Unnamed),
        Wish::Help => Ok(Shown::Message(card::help(&house.config.slack.command)).into()),
        Wish::Unknown(near) => Err(Refusal::UnknownCommand(near)),
        Wish::List(words) => {
            member(house, &slash.envelope).await?;
            let (found, more) = search(house, words, LISTED).await?;
            Ok(Shown::Message(card::list(&found, more, &house.config.slack.command)).into())
        }
        Wish::Status(name) => {
            member(house, &slash.envelope).await?;
            Ok(Shown::Message(status(house, name).await?).into())
        }
    }
}

/// Whether credentials are taken in chat. Asked at every form, as the setting may have changed since the last one.
///
/// # Errors
/// When they are not.
pub const fn chat_entry<P>(house: House<'_, P>) -> Result<(), Refusal> {
    if house.config.chat_entry { Ok(()) } else { Err(Refusal::ChatEntryOff) }
}

/// Opens the request form. Nothing is read first: the trigger lives three seconds from the typing.
///
/// # Errors
/// A refusal, to be shown to whoever asked.
pub async fn open_form<P: Ports>(
    house: House<'_, P>,
    envelope: Envelope,
    trigger: &str,
    target: Option<TargetName>,
    response_url: Option<String>,
) -> Result<Answer, Refusal> {
    chat_entry(house)?;
    match house.slack().open(trigger, &view::request_form(target.as_ref())).await {
        Ok(form) => Ok(Answer { shown: Shown::Nothing, after: Some(After::CheckForm { form, envelope, target }) }),
        Err(OpenError::Trigger) => {
            let name = target.as_ref().map_or("", TargetName::as_str);
            // Slack waits for an answer no longer than a trigger lives, so by now the answer itself is late.
            Ok(tell_later(card::open_form_again(name), response_url))
        }
        Err(OpenError::Trouble(trouble)) => Err(Refusal::Service(trouble)),
    }
}

/// Looks whether a form just opened can lead anywhere; if not, the form says why instead.
pub async fn check_form<P: Ports>(
    house: House<'_, P>,
    form: &Opened,
    envelope: &Envelope,
    target: Option<TargetName>,
) -> Result<(), Refusal> {
    let checked = async {
        let member = member(house, envelope).await?;
        match target {
            Some(name) => askable(house, &member, name).await.map(|_| ()),
            None => Ok(()),
        }
    };
    let Err(refusal) = checked.await else { return Ok(()) };
    let notice = view::refused(&refusal, &house.config.slack.command);
    // If the form cannot be replaced, its submission is refused with the same words, or was already taken.
    let _ = house.slack().replace(form, &notice).await;
    Err(refusal)
}

/// Opens a rotation from the request form.
///
/// # Errors
/// A refusal, to be shown in the form.
pub async fn request<P: Ports>(house: House<'_, P>, form: &Submission) -> Result<Result<Rotation, Answer>, Refusal> {
    let named = if form.metadata.is_empty() { form.text(view::TARGET_INPUT) } else { Some(form.metadata.as_str()) };
    let name = named.and_then(|text| TargetName::parse(text).ok()).ok_or(Refusal::Unnamed)?;
    let reason = form.text(view::REASON_INPUT).map(str::trim).unwrap_or_default();
    if reason.is_empty() || reason.chars().count() > view::REASON_TEXT {
        let marks = [(view::REASON_INPUT, "Say in a few words why, in at most 300 characters.")];
        return Ok(Err(Shown::Form(view::errors(&marks)).into()));
    }
    let member = member(house, &form.envelope).await?;
    let target = askable(house, &member, name).await?;
    let id = house.rotation_id(&form.view);
    let order = RotationOrder::Open {
        id: id.clone(),
        target: Box::new(target),
        requester: member.person,
        reason: reason.to_owned(),
    };
    match house.ports.rotation(&id, order).await {
        Ok(RotationReply::State(rotation)) => Ok(Ok(*rotation)),
        Ok(RotationReply::Occupied(other)) => Err(Refusal::Occupied(other)),
        Ok(RotationReply::TooLate | RotationReply::NotRequester) => Err(Refusal::TooLate(id)),
        Ok(RotationReply::Unknown) => Err(Refusal::UnknownRotation),
        Err(Unanswered) => Err(Refusal::Storage),
    }
}

/// Options of the target typeahead.
///
/// # Errors
/// A refusal; a typeahead then has no options.
pub async fn suggest<P: Ports>(house: House<'_, P>, suggest: &Suggest) -> Result<Answer, Refusal> {
    if suggest.action != view::TARGET_INPUT {
        return Err(Refusal::UnknownForm);
    }
    member(house, &suggest.envelope).await?;
    let (found, _) = search(house, suggest.words.chars().take(LONGEST_SEARCH).collect(), blocks::OPTIONS).await?;
    let option = |entry: &Entry| blocks::option(&format!("{} · {}", entry.name, entry.title), entry.name.as_str());
    Ok(Shown::Options(found.iter().map(option).collect()).into())
}

/// The target, if this member may ask for it now and nothing is live.
async fn askable<P: Ports>(house: House<'_, P>, member: &Member, name: TargetName) -> Result<Target, Refusal> {
    let (target, entry) = find(house, name.clone()).await?;
    may_ask(house, member, &name, &target.policy).await?;
    let Some(live) = entry.live else { return Ok(target) };
    match house.ports.rotation(&live, RotationOrder::View).await {
        // A form of one's own, sent twice, is met again by its id; a second form of one's own is refused by the register.
        Ok(RotationReply::State(rotation)) if !rotation.stage.ended() => {
            match rotation.requester.id == member.person.id {
                true => Ok(target),
                false => Err(Refusal::Occupied(live)),
            }
        }
        // It has ended, and the register was not told yet: tell it now rather than let people wait.
        Ok(RotationReply::State(rotation)) => {
            release(house, name, live, Ending::of(&rotation.stage)).await.map(|()| target)
        }
        Ok(_) => release(house, name, live, None).await.map(|()| target),
        Err(Unanswered) => Err(Refusal::Storage),
    }
}

async fn release<P: Ports>(
    house: House<'_, P>,
    target: TargetName,
    rotation: RotationId,
    how: Option<Ending>,
) -> Result<(), Refusal> {
    let order = RegisterOrder::Finish { target, rotation, how, at: house.ports.now() };
    house.ports.register(order).await.map(|_| ()).map_err(|Unanswered| Refusal::Storage)
}

async fn status<P: Ports>(house: House<'_, P>, name: TargetName) -> Result<card::Message, Refusal> {
    let (_, entry) = find(house, name).await?;
    let Some(id) = &entry.live else { return Ok(card::resting(&entry)) };
    match house.ports.rotation(id, RotationOrder::View).await {
        Ok(RotationReply::State(rotation)) => Ok(card::card(&rotation).without_actions()),
        Ok(_) => Ok(card::resting(&entry)),
        Err(Unanswered) => Err(Refusal::Storage),
    }
}

async fn find<P: Ports>(house: House<'_, P>, name: TargetName) -> Result<(Target, Entry), Refusal> {
    match house.ports.register(RegisterOrder::Find(name)).await {
        Ok(RegisterReply::Found { target, entry }) => Ok((*target, entry)),
        Ok(RegisterReply::NotFound(near)) => Err(Refusal::UnknownTarget(near)),
        _ => Err(Refusal::Storage),
    }
}

async fn search<P: Ports>(house: House<'_, P>, words: String, most: usize) -> Result<(Vec<Entry>, usize), Refusal> {
    match house.ports.register(RegisterOrder::Search { words, most }).await {
        Ok(RegisterReply::Listed(found, more)) => Ok((found, more)),
        _ => Err(Refusal::Storage),
    }
}
