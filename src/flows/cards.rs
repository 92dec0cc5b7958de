//! Keeping every message about a rotation as the rotation is: posted once, rewritten when it differs.

use std::cell::OnceCell;
use std::time::Duration;

use super::chats;
use super::house::{House, digest};
use super::rows::Rows;
use crate::codec::content::card;
use crate::codec::json;
use crate::codec::record::{CardCopy, Face, Place};
use crate::codec::sheet::Sheet;
use crate::codec::slack::draw;
use crate::domain::names::{Code, PersonId};
use crate::domain::policy::Subject;
use crate::domain::retry;
use crate::domain::rotation::{Rotation, Stage};
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Trouble};
use crate::ports::{Ports, Shelf, Unanswered};
use crate::trail::Line;

/// Least time between two changes of one card: Slack asks for about one call a second and method.
const PACE: Duration = Duration::from_secs(1);
/// Least time between two changes of one card while places are being changed, for each copy there is: `chat.update` may
/// be called fifty times a minute (Slack API, Web API methods by rate limit tier, Tier 3).
const PROGRESS: Duration = Duration::from_millis(1_300);
/// Cards shown in one go; the rest is due at once. See `apply::FOR_TELLING`.
const AT_ONCE: usize = 5;
/// Most calls that showing one takes: a token, the conversation, leave to speak there, and the message.
const FOR_ONE: usize = 4;
/// Calls that are kept for the register.
const FOR_REST: usize = 3;
/// How long Slack may ask us to wait.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);
/// How often one message is tried, a minute apart: about a day, because it is the only word people get. Counted, as a
/// rotation can wait for days before there is anything to say.
const MOST_TRIES: u32 = 1_500;
/// People of one group who are asked in direct messages; the others see the card in its rooms.
const MOST_MEMBERS: usize = 20;

/// Adds the messages that are wanted by now and not there yet.
///
/// # Errors
/// When the shelf fails.
pub(super) fn place<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: &Rotation,
) -> Result<(), Unanswered> {
    let mut copies = rows.cards()?.to_vec();
    let before = copies.len();
    for (face, place, due) in wanted(house, rotation) {
        add(&mut copies, face, place, due);
    }
    if copies.len() == before { Ok(()) } else { rows.put_cards(copies) }
}

/// What has to be said where, as the rotation is now, and not before when.
fn wanted<P: Ports>(house: House<'_, P>, rotation: &Rotation) -> Vec<(Face, Place, Timestamp)> {
    let now = house.ports.now();
    let mut wanted = Vec::new();
    if matches!(rotation.stage, Stage::Requested | Stage::Superseded) {
        return wanted;
    }
    let requester = rotation.requester.person().map(|person| Place::Person(person.id.clone()));
    for room in &rotation.target.notify {
        wanted.push((Face::Card, Place::Room(room.clone()), now));
    }
    wanted.extend(requester.clone().map(|requester| (Face::Card, requester, now)));
    // Those who are passed over see it as well.
    if matches!(rotation.stage, Stage::AwaitingApproval { .. }) || rotation.break_glass {
        for place in approvers(rotation) {
            wanted.push((Face::Card, place.clone(), now));
            if rotation.reminded {
                wanted.push((Face::Reminder, place, now));
            }
        }
    }
    // Whoever asked without approvals being needed is looking at the card already.
    if let Stage::AwaitingCredential { from, .. } = rotation.stage
        && (rotation.approvals_needed() > 0 || from > now)
    {
        wanted.extend(requester.clone().map(|requester| (Face::Turn, requester, from)));
    }
    if rotation.stage.ended() || matches!(rotation.stage, Stage::Stalled { .. }) {
        wanted.extend(requester.map(|requester| (Face::Result, requester, now)));
    }
    // Whoever is named on a platform where this installation is not cannot be told there.
    wanted.retain(|(_, place, _)| house.on(place.platform()));
    wanted
}

fn approvers(rotation: &Rotation) -> impl Iterator<Item = Place> {
    rotation.target.policy.approvers.iter().map(|subject| match subject {
        Subject::Person(person) => Place::Person(person.clone()),
        Subject::Group(group) => Place::Group(group.clone()),
    })
}

fn add(copies: &mut Vec<CardCopy>, face: Face, place: Place, due: Timestamp) {
    if !copies.iter().any(|copy| copy.face == face && copy.place == place) {
        copies.push(CardCopy {
            face,
            place,
            posted: None,
            shown: String::new(),
            shown_at: None,
            failures: 0,
            due,
            gone: false,
        });
    }
}

/// When the next message is due to be shown; `None` when all show what is.
///
/// # Errors
/// When the shelf fails.
pub(super) fn due<S: Shelf>(rows: &Rows<'_, S>, rotation: &Rotation) -> Result<Option<Timestamp>, Unanswered> {
    let copies = rows.cards()?;
    let faces = Faces::of(rotation);
    let pace = pace(rotation, copies.len());
    Ok(copies.iter().filter(|copy| faces.outdated(copy)).map(|copy| next(copy, pace)).min())
}

/// Least time between two changes of one copy.
fn pace(rotation: &Rotation, copies: usize) -> Duration {
    match rotation.stage {
        Stage::Checking | Stage::Applying => PROGRESS * u32::try_from(copies).unwrap_or(u32::MAX),
        _ => PACE,
    }
}

/// When a copy may be shown anew.
fn next(copy: &CardCopy, pace: Duration) -> Timestamp {
    copy.shown_at.map_or(copy.due, |shown_at| copy.due.max(shown_at + pace))
}

/// Shows every message that is due. Failures are kept and planned again, never returned.
///
/// # Errors
/// When the shelf fails.
pub(super) async fn deliver<P: Ports, S: Shelf>(house: House<'_, P>, rows: &Rows<'_, S>) -> Result<(), Unanswered> {
    let Some(rotation) = rows.rotation()? else { return Ok(()) };
    place(house, rows, &rotation)?;
    let faces = Faces::of(&rotation);
    let mut shown = 0;
    let many = rows.cards()?.len();
    let pace = pace(&rotation, many);
    for at in 0..many {
        let copies = rows.cards()?;
        let Some(copy) = copies.get(at) else { return Ok(()) };
        if house.ports.sent() + FOR_ONE + FOR_REST > house.config.calls_per_waking {
            return Ok(());
        }
        if shown == AT_ONCE || next(copy, pace) > house.ports.now() || !faces.outdated(copy) {
            continue;
        }
        shown += 1;
        if let Place::Group(group) = &copy.place {
            let members = chats::group_members(house, group).await;
            let mut copies = rows.cards()?.to_vec();
            spread(house, &mut copies, at, members, &rotation);
            rows.put_cards(copies)?;
            continue;
        }
        let (message, wanted) = faces.face(copy.face);
        let result = show(house, &rotation, &copies, copy, message).await;
        // The rows may have changed while Slack was asked; only this copy is ours to write.
        let mut copies = rows.cards()?.to_vec();
        let Some(kept) = copies.get_mut(at) else { return Ok(()) };
        settle(house, kept, result, wanted.clone(), &rotation);
        rows.put_cards(copies)?;
    }
    Ok(())
}

/// What each face looks like now, and its digest; drawn when first looked at.
struct Faces<'a> {
    rotation: &'a Rotation,
    drawn: [OnceCell<(Sheet, String)>; 4],
}

impl<'a> Faces<'a> {
    const fn of(rotation: &'a Rotation) -> Self {
        Self { rotation, drawn: [const { OnceCell::new() }; 4] }
    }

    fn face(&self, face: Face) -> &(Sheet, String) {
        let [card, turn, reminder, result] = &self.drawn;
        let (cell, write): (_, fn(&Rotation) -> Sheet) = match face {
            Face::Card => (card, card::card),
            Face::Turn => (turn, card::turn),
            Face::Reminder => (reminder, card::reminder),
            Face::Result => (result, card::result),
        };
        cell.get_or_init(|| {
            let sheet = write(self.rotation);
            let digest = fingerprint(&sheet);
            (sheet, digest)
        })
    }

    fn outdated(&self, copy: &CardCopy) -> bool {
        !copy.gone && !self.missed(copy) && copy.shown != self.face(copy.face).1
    }

    /// Whether it could not be said in time, and would not be true any more.
    fn missed(&self, copy: &CardCopy) -> bool {
        let due = match copy.face {
            Face::Turn => matches!(self.rotation.stage, Stage::AwaitingCredential { .. }),
            Face::Reminder => matches!(self.rotation.stage, Stage::AwaitingApproval { .. }),
            Face::Card | Face::Result => true,
        };
        copy.posted.is_none() && !due
    }
}

/// A group is told by telling its members.
fn spread<P: Ports>(
    house: House<'_, P>,
    copies: &mut Vec<CardCopy>,
    at: usize,
    members: Result<Vec<PersonId>, Trouble>,
    rotation: &Rotation,
) {
    let now = house.ports.now();
    let Some(copy) = copies.get_mut(at) else { return };
    let face = copy.face;
    match members {
        Ok(members) => {
            copy.gone = true;
            for person in members.into_iter().take(MOST_MEMBERS) {
                add(copies, face, Place::Person(person), now);
            }
        }
        Err(trouble) => {
            let mut line = Line::new("card", "retry");
            line.rotation = Some(rotation.id.clone());
            failed(house, copy, &trouble, &mut line);
            house.log(&line);
        }
    }
}

/// Shows one message of those there are; answers where it is, or nothing when it is not wanted there.
async fn show<P: Ports>(
    house: House<'_, P>,
    rotation: &Rotation,
    copies: &[CardCopy],
    copy: &CardCopy,
    sheet: &Sheet,
) -> Result<Option<(String, String)>, Trouble> {
    let platform = copy.place.platform();
    if let Some(posted) = &copy.posted {
        chats::rewrite(house, platform, posted, sheet).await?;
        return Ok(copy.posted.clone());
    }
    if copy.face == Face::Reminder && unreminded(rotation, &copy.place) {
        return Ok(None);
    }
    let channel = chats::channel(house, &copy.place).await?;
    if copies.iter().any(|other| spared(copy, other, &channel)) {
        return Ok(None);
    }
    chats::post(house, platform, &channel, sheet).await.map(Some)
}

/// Whether `other` is in the same channel with the same to say: the same person is asked under two ids, or through two groups.
fn spared(copy: &CardCopy, other: &CardCopy, channel: &str) -> bool {
    other.face == copy.face && other.posted.as_ref().is_some_and(|(other, _)| other == channel)
}

/// Whether whoever is there is not reminded: they approved already, or asked, and their own approval does not count.
fn unreminded(rotation: &Rotation, place: &Place) -> bool {
    let Place::Person(id) = place else { return false };
    let requester = rotation.requester.person().filter(|_| !rotation.target.policy.allow_self);
    let mut approved = rotation.approvals().map(|decision| &decision.by);
    approved.any(|person| person.acts_as(id)) || requester.is_some_and(|person| person.acts_as(id))
}

fn settle<P: Ports>(
    house: House<'_, P>,
    copy: &mut CardCopy,
    result: Result<Option<(String, String)>, Trouble>,
    shown: String,
    rotation: &Rotation,
) {
    let now = house.ports.now();
    let mut line = Line::new("card", "ok");
    line.rotation = Some(rotation.id.clone());
    match result {
        Ok(posted) => {
            copy.gone = posted.is_none();
            copy.posted = posted;
            copy.shown = shown;
            copy.shown_at = Some(now);
            copy.failures = 0;
            copy.due = now;
        }
        Err(trouble) => failed(house, copy, &trouble, &mut line),
    }
    house.log(&line);
}

/// Plans once more what failed with that, or gives it up; says which in the line.
fn failed<P: Ports>(house: House<'_, P>, copy: &mut CardCopy, trouble: &Trouble, line: &mut Line) {
    copy.failures = copy.failures.saturating_add(1);
    match next_try(house, copy, trouble) {
        Some(due) => copy.due = due,
        // Somebody deleted the card, or it cannot be changed any more: post it anew, once.
        None if unchangeable(trouble) && copy.posted.take().is_some() => copy.due = house.ports.now() + PACE,
        None => copy.gone = true,
    }
    line.outcome = if copy.gone { "gone" } else { "retry" };
    line.code.clone_from(&trouble.code);
    line.status = trouble.status;
}

/// When to try once more what failed with that.
fn next_try<P: Ports>(house: House<'_, P>, copy: &CardCopy, trouble: &Trouble) -> Option<Timestamp> {
    let now = house.ports.now();
    let next = match trouble.cause {
        // An app that is being installed anew, something between us and Slack: mended by somebody, in time.
        Cause::Identity | Cause::Unintelligible => Some(now + retry::pause(copy.failures)),
        _ => retry::next(trouble, copy.failures, now, now + PATIENCE, house.chance()),
    };
    next.filter(|_| copy.failures < MOST_TRIES)
}

/// Whether the message that was posted can never be rewritten (Slack API, chat.update, Errors).
fn unchangeable(trouble: &Trouble) -> bool {
    trouble.cause == Cause::NotFound
        || matches!(trouble.code.as_ref().map(Code::as_str), Some("cant_update_message" | "edit_window_closed"))
}

/// Tells by one drawing whether any has changed.
fn fingerprint(sheet: &Sheet) -> String {
    let message = draw::message(sheet);
    let blocks = message.blocks.iter().map(json::text).collect::<String>();
    digest(&format!("{}\n{blocks}", message.text))
}
