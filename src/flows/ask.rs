//! Asking: typed commands, the request form, and the look at a target before anything is opened.

use std::pin::Pin;

use super::answer::{After, Answer, Shown, reason_needed};
use super::decide::state;
use super::end::{self, Claim};
use super::house::House;
use super::identity::{Member, demand, member};
use super::open::open;
use super::whoami::whoami;
use super::{doctor, fetch, history, pause};
use crate::clients::slack::Opened;
use crate::codec::chat::{Caller, Occasion, Opening, Submission, Suggest, Typed};
use crate::codec::content::{card, form, message};
use crate::codec::record::{RegisterOrder, RegisterReply, RotationOrder, RotationReply};
use crate::codec::sheet::{Sheet, Suggestion};
use crate::codec::slack::{blocks, draw};
use crate::codec::teams::draw::CHOICES;
use crate::codec::wish::Wish;
use crate::domain::listing::Listed;
use crate::domain::names::TargetName;
use crate::domain::policy::{Manner, Role};
use crate::domain::refusal::Refusal;
use crate::domain::rotation::Supply;
use crate::domain::target::Target;
use crate::domain::trouble::{Service, Trouble};
use crate::ports::{Ports, Unanswered};

/// Longest text a typeahead searches with; no name or title is longer.
const LONGEST_SEARCH: usize = 80;

/// Answers a typed command.
///
/// # Errors
/// A refusal, to be shown to whoever typed.
pub async fn typed<P: Ports>(house: House<'_, P>, typed: Typed) -> Result<Answer, Refusal> {
    let Typed { occasion, wish } = typed;
    let caller = &occasion.caller;
    // Each in a box of its own, as at the doors.
    let work: Pin<Box<dyn Future<Output = Result<Answer, Refusal>> + '_>> = match wish {
        Wish::RotateWithMore => return Err(Refusal::Exposed),
        Wish::RotateUnnamed
        | Wish::StatusUnnamed
        | Wish::WhoAmIUnnamed
        | Wish::HistoryUnnamed
        | Wish::DoctorUnnamed => return Err(Refusal::Unnamed),
        // In Teams: Slack's door keeps its own as it was drawn.
        Wish::Help => return Ok(Shown::Message(message::help(house.command(caller.platform()))).into()),
        Wish::Unknown(near) => return Err(Refusal::UnknownCommand(near)),
        Wish::Rotate(target, manner) => Box::pin(open_form(house, &occasion, target, manner)),
        Wish::List(words) => Box::pin(async move {
            member(house, caller).await?;
            let (found, more) = search(house, words, message::LISTED).await?;
            let list = message::list(&found, more, house.command(caller.platform()), house.ports.now());
            Ok(Shown::Message(list).into())
        }),
        Wish::WhoAmI(target) => Box::pin(whoami(house, caller, target)),
        Wish::History(target) => Box::pin(history::typed(house, caller, target)),
        Wish::Pause(source, paused) => Box::pin(pause::typed(house, caller, source, paused)),
        Wish::Doctor(target) => Box::pin(doctor::typed(house, occasion, target)),
        Wish::Status(name) => Box::pin(async move {
            member(house, caller).await?;
            Ok(Shown::Message(status(house, name).await?).into())
        }),
    };
    work.await
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

/// Opens the request form. Slack's trigger lives three seconds from the typing, so there nothing is read first, and what was
/// opened is checked afterwards.
///
/// # Errors
/// A refusal, to be shown to whoever asked.
pub async fn open_form<P: Ports>(
    house: House<'_, P>,
    occasion: &Occasion,
    target: Option<TargetName>,
    manner: Manner,
) -> Result<Answer, Refusal> {
    if house.config.sources.is_empty() {
        enterable_somewhere(house)?;
    }
    let mut choices = Vec::new();
    if let Opening::Dialog | Opening::Button = occasion.opening {
        openable(house, &occasion.caller, target.clone(), manner).await?;
        if target.is_none() && occasion.opening == Opening::Dialog {
            // One more than a list offers says that there are more.
            let (found, _) = search(house, String::new(), CHOICES + 1).await?;
            choices = found.iter().map(suggestion).collect();
        }
    }
    let again = || message::open_form(target.as_ref(), manner, occasion.opening != Opening::Button);
    let form = form::request(target.as_ref(), manner);
    let (mut answer, opened) = open(house, occasion, form, choices, again).await?;
    if let Some(form) = opened {
        answer.after.push(After::CheckForm { form, caller: occasion.caller.clone(), target, manner });
    }
    Ok(answer)
}

/// Looks whether a form just opened can lead anywhere; if not, the form says why instead.
pub async fn check_form<P: Ports>(
    house: House<'_, P>,
    form: &Opened,
    caller: &Caller,
    target: Option<TargetName>,
    manner: Manner,
) -> Result<(), Refusal> {
    let Err(refusal) = openable(house, caller, target, manner).await else { return Ok(()) };
    let notice = form::refused(&refusal, house.command(caller.platform()));
    if let Ok(slack) = house.slack() {
        // If the form cannot be replaced, its submission is refused with the same words, or was already taken.
        let _ = slack.replace(form, &draw::notice(&notice)).await;
    }
    Err(refusal)
}

/// Whether the request form can lead anywhere for whoever wants it.
async fn openable<P: Ports>(
    house: House<'_, P>,
    caller: &Caller,
    target: Option<TargetName>,
    manner: Manner,
) -> Result<(), Refusal> {
    let member = member(house, caller).await?;
    match target {
        Some(name) => askable(house, &member, name, manner).await.map(|_| ()),
        None => Ok(()),
    }
}

/// Opens a rotation from the request form.
///
/// # Errors
/// A refusal, to be shown in the form.
pub async fn request<P: Ports>(house: House<'_, P>, form: &Submission, manner: Manner) -> Result<Answer, Refusal> {
    let named = if form.about.is_empty() { form.inputs.text(form::TARGET_INPUT) } else { Some(form.about.as_str()) };
    let name = named.and_then(|text| TargetName::parse(text).ok()).ok_or(Refusal::Unnamed)?;
    let Some(reason) = form::reason(&form.inputs) else { return Ok(reason_needed()) };
    let member = member(house, &form.occasion.caller).await?;
    let target = askable(house, &member, name, manner).await?;
    let id = house.rotation_id(&form.id);
    let order = RotationOrder::Open {
        id: id.clone(),
        target: Box::new(target),
        requester: member.person.into(),
        reason: reason.to_owned(),
        break_glass: manner.breaks_glass(),
        supply: (manner == Manner::Rollback).then(|| Supply { previous: true, ..Supply::default() }),
        pushed: None,
    };
    let reply = house.ports.rotation(&id, order).await.map_err(|Unanswered| Refusal::Storage)?;
    let rotation = state(reply, &id)?;
    Ok(Shown::Notice(form::opened(&rotation)).into())
}

/// Options of the target typeahead.
///
/// # Errors
/// A refusal; a typeahead then has no options.
pub async fn suggest<P: Ports>(house: House<'_, P>, suggest: &Suggest) -> Result<Answer, Refusal> {
    if suggest.action != form::TARGET_INPUT {
        return Err(Refusal::UnknownForm);
    }
    member(house, &suggest.caller).await?;
    let (found, _) = search(house, suggest.words.chars().take(LONGEST_SEARCH).collect(), blocks::OPTIONS).await?;
    Ok(Shown::Options(found.iter().map(suggestion).collect()).into())
}

fn suggestion(entry: &Listed) -> Suggestion {
    Suggestion { words: format!("{} · {}", entry.name, entry.title), value: entry.name.to_string() }
}

/// The target, if this member may ask for it now and nothing is live.
async fn askable<P: Ports>(
    house: House<'_, P>,
    member: &Member,
    name: TargetName,
    manner: Manner,
) -> Result<Target, Refusal> {
    let (target, entry) = find(house, name.clone()).await?;
    demand(house, member, &name, &target.policy, Role::to_ask(manner.breaks_glass())).await?;
    suppliable(house, &target, manner).await?;
    let Some(live) = entry.live else { return Ok(target) };
    match end::behind(house, name, live.clone()).await {
        // A form of one's own, sent twice, is met again by its id; a second form of one's own is refused by the register.
        // Whoever breaks glass goes before what has not begun.
        Ok(Claim::Live(rotation)) => {
            match rotation.requester.is(&member.person) || manner.breaks_glass() && rotation.gives_way() {
                true => Ok(target),
                false => Err(Refusal::Occupied(live)),
            }
        }
        Ok(Claim::Over(order)) => {
            house.ports.register(*order).await.map(|_| target).map_err(|Unanswered| Refusal::Storage)
        }
        Err(Unanswered) => Err(Refusal::Storage),
    }
}

/// Whether a value can be had: entered by a person, or read from a secret manager, which has to keep the previous one where
/// that is wanted.
async fn suppliable<P: Ports>(house: House<'_, P>, target: &Target, manner: Manner) -> Result<(), Refusal> {
    match (&target.binding, manner) {
        (None, Manner::Rollback) => Err(Refusal::NotBound(target.name.clone())),
        (Some(binding), Manner::Rollback) => {
            let refusal = |trouble: Trouble| match trouble.service {
                Service::Storage => Refusal::Storage,
                _ => Refusal::Service(trouble),
            };
            let source = fetch::source(house, &binding.source).await.map_err(refusal)?;
            match source.manager.keeps_previous(&binding.secret) {
                true => Ok(()),
                false => Err(Refusal::NoPrevious(target.name.clone())),
            }
        }
        (None, _) => enterable_somewhere(house),
        (Some(_), _) => Ok(()),
    }
}

async fn status<P: Ports>(house: House<'_, P>, name: TargetName) -> Result<Sheet, Refusal> {
    let (_, entry) = find(house, name).await?;
    let Some(id) = &entry.live else { return Ok(message::resting(&entry)) };
    match house.ports.rotation(id, RotationOrder::View).await {
        Ok(RotationReply::State(rotation)) => Ok(card::card(&rotation).without_buttons()),
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
