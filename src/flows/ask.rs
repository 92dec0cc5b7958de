//! Asking: typed commands, the request form, and the look at a target before anything is opened.

use super::answer::{After, Answer, Shown, tell_later};
use super::decide::state;
use super::house::House;
use super::identity::{Member, demand, member};
use super::whoami::whoami;
use super::{doctor, history};
use crate::clients::slack::{OpenError, Opened};
use crate::codec::record::{RegisterOrder, RegisterReply, RotationOrder, RotationReply};
use crate::codec::slack::command::{Slash, Wish};
use crate::codec::slack::envelope::Envelope;
use crate::codec::slack::interaction::{Submission, Suggest};
use crate::codec::slack::message::{self, Message};
use crate::codec::slack::{blocks, card, view};
use crate::domain::listing::{Ending, Listed};
use crate::domain::names::{RotationId, TargetName};
use crate::domain::policy::Role;
use crate::domain::refusal::Refusal;
use crate::domain::target::Target;
use crate::ports::{Ports, Unanswered};

/// Longest text a typeahead searches with; no name or title is longer.
const LONGEST_SEARCH: usize = 80;

/// Answers a typed command.
///
/// # Errors
/// A refusal, to be shown to whoever typed.
pub async fn typed<P: Ports>(house: House<'_, P>, slash: Slash) -> Result<Answer, Refusal> {
    match slash.wish {
        Wish::Rotate(target) => {
            open_form(house, slash.envelope, &slash.trigger, target, false, slash.response_url).await
        }
        Wish::BreakGlass(target) => {
            open_form(house, slash.envelope, &slash.trigger, target, true, slash.response_url).await
        }
        Wish::RotateWithMore => Err(Refusal::Exposed),
        Wish::RotateUnnamed
        | Wish::StatusUnnamed
        | Wish::WhoAmIUnnamed
        | Wish::HistoryUnnamed
        | Wish::DoctorUnnamed => Err(Refusal::Unnamed),
        Wish::Help => Ok(Shown::Message(message::help(&house.config.slack.command)).into()),
        Wish::Unknown(near) => Err(Refusal::UnknownCommand(near)),
        Wish::List(words) => {
            member(house, &slash.envelope).await?;
            let (found, more) = search(house, words, message::LISTED).await?;
            let list = message::list(&found, more, &house.config.slack.command, house.ports.now());
            Ok(Shown::Message(list).into())
        }
        Wish::WhoAmI(target) => whoami(house, &slash.envelope, target).await,
        Wish::History(target) => history::typed(house, &slash.envelope, target).await,
        Wish::Doctor(target) => doctor::typed(house, slash.envelope, slash.response_url, target).await,
        Wish::Status(name) => {
            member(house, &slash.envelope).await?;
            Ok(Shown::Message(status(house, name).await?).into())
        }
    }
}

/// Whether there is any way to enter a credential here.
///
/// # Errors
/// When there is none.
pub fn enterable_somewhere<P>(house: House<'_, P>) -> Result<(), Refusal> {
    match &house.config.public_url {
        Some(_) => Ok(()),
        None => chat_entry(house),
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
    break_glass: bool,
    response_url: Option<String>,
) -> Result<Answer, Refusal> {
    enterable_somewhere(house)?;
    match house.slack().open(trigger, &view::request_form(target.as_ref(), break_glass)).await {
        Ok(form) => {
            let after = After::CheckForm { form, envelope, target, break_glass };
            Ok(Answer { shown: Shown::Nothing, after: vec![after] })
        }
        Err(OpenError::Trigger) => {
            let name = target.as_ref().map_or("", TargetName::as_str);
            // Slack waits for an answer no longer than a trigger lives, so by now the answer itself is late.
            Ok(tell_later(message::open_form_again(name), response_url, &envelope))
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
    break_glass: bool,
) -> Result<(), Refusal> {
    let checked = async {
        let member = member(house, envelope).await?;
        match target {
            Some(name) => askable(house, &member, name, break_glass).await.map(|_| ()),
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
pub async fn request<P: Ports>(house: House<'_, P>, form: &Submission, break_glass: bool) -> Result<Answer, Refusal> {
    let named = if form.metadata.is_empty() { form.text(view::TARGET_INPUT) } else { Some(form.metadata.as_str()) };
    let name = named.and_then(|text| TargetName::parse(text).ok()).ok_or(Refusal::Unnamed)?;
    let reason = form.text(view::REASON_INPUT).map(str::trim).unwrap_or_default();
    if reason.is_empty() || reason.chars().count() > view::REASON_TEXT {
        return Ok(Shown::Form(view::errors(&[(view::REASON_INPUT, view::REASON_NEEDED)])).into());
    }
    let member = member(house, &form.envelope).await?;
    let target = askable(house, &member, name, break_glass).await?;
    let id = house.rotation_id(&form.view);
    let order = RotationOrder::Open {
        id: id.clone(),
        target: Box::new(target),
        requester: member.person,
        reason: reason.to_owned(),
        break_glass,
    };
    let reply = house.ports.rotation(&id, order).await.map_err(|Unanswered| Refusal::Storage)?;
    let rotation = state(reply, &id)?;
    Ok(Shown::Form(view::replace(&view::opened(&rotation))).into())
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
    let option = |entry: &Listed| blocks::option(&format!("{} · {}", entry.name, entry.title), entry.name.as_str());
    Ok(Shown::Options(found.iter().map(option).collect()).into())
}

/// The target, if this member may ask for it now and nothing is live.
async fn askable<P: Ports>(
    house: House<'_, P>,
    member: &Member,
    name: TargetName,
    break_glass: bool,
) -> Result<Target, Refusal> {
    let (target, entry) = find(house, name.clone()).await?;
    let role = if break_glass { Role::BreakGlass } else { Role::Asker };
    demand(house, member, &name, &target.policy, role).await?;
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

async fn status<P: Ports>(house: House<'_, P>, name: TargetName) -> Result<Message, Refusal> {
    let (_, entry) = find(house, name).await?;
    let Some(id) = &entry.live else { return Ok(message::resting(&entry)) };
    match house.ports.rotation(id, RotationOrder::View).await {
        Ok(RotationReply::State(rotation)) => Ok(card::card(&rotation).without_actions()),
        Ok(_) => Ok(message::resting(&entry)),
        Err(Unanswered) => Err(Refusal::Storage),
    }
}

pub(super) async fn find<P: Ports>(house: House<'_, P>, name: TargetName) -> Result<(Target, Listed), Refusal> {
    match house.ports.register(RegisterOrder::Find(name)).await {
        Ok(RegisterReply::Found { target, entry }) => Ok((*target, entry)),
        Ok(RegisterReply::NotFound(near)) => Err(Refusal::UnknownTarget(near)),
        _ => Err(Refusal::Storage),
    }
}

pub(super) async fn search<P: Ports>(
    house: House<'_, P>,
    words: String,
    most: usize,
) -> Result<(Vec<Listed>, usize), Refusal> {
    match house.ports.register(RegisterOrder::Search { words, most }).await {
        Ok(RegisterReply::Listed(found, more)) => Ok((found, more)),
        _ => Err(Refusal::Storage),
    }
}
