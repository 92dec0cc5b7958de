//! Keeping every copy of a rotation's card as the rotation is: posted once, rewritten when it differs.

use std::time::Duration;

use super::house::{House, digest};
use super::rows::Rows;
use crate::codec::record::{CardCopy, Place};
use crate::codec::slack::card::{Message, card};
use crate::domain::retry;
use crate::domain::rotation::Rotation;
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Trouble};
use crate::ports::{Ports, Shelf, Unanswered};
use crate::trail::Line;

/// Least time between two changes of one card: Slack asks for about one call a second and method.
const PACE: Duration = Duration::from_secs(1);
/// Cards shown in one go; the rest is due at once. See `apply::STEPS`.
const AT_ONCE: usize = 5;
/// How long a card is kept being retried; long, because it is the only word people get.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Decides where the cards go: the target's rooms, or the requester's own messages when it names none.
///
/// # Errors
/// When the shelf fails.
pub fn place<P: Ports, S: Shelf>(house: House<'_, P>, rows: &Rows<'_, S>) -> Result<(), Unanswered> {
    let rotation = rows.rotation()?.ok_or(Unanswered)?;
    let rooms = rotation.target.notify.iter().cloned().map(Place::Room);
    let mut places: Vec<_> = rooms.collect();
    if places.is_empty() {
        places.push(Place::Person(rotation.requester.id.clone()));
    }
    let now = house.ports.now();
    rows.put_cards(places.into_iter().map(|place| unposted(place, now)).collect())
}

const fn unposted(place: Place, due: Timestamp) -> CardCopy {
    CardCopy { place, posted: None, shown: String::new(), failures: 0, due, gone: false }
}

/// When the next card is due to be shown; `None` when all show what is.
///
/// # Errors
/// When the shelf fails.
pub fn due<S: Shelf>(rows: &Rows<'_, S>, rotation: &Rotation) -> Result<Option<Timestamp>, Unanswered> {
    let wanted = fingerprint(&card(rotation));
    Ok(rows.cards()?.iter().filter(|copy| outdated(copy, &wanted)).map(|copy| copy.due).min())
}

/// Shows every card that is due. Failures are kept and planned again, never returned.
///
/// # Errors
/// When the shelf fails.
pub async fn deliver<P: Ports, S: Shelf>(house: House<'_, P>, rows: &Rows<'_, S>) -> Result<(), Unanswered> {
    let mut shown = 0;
    for at in 0..rows.cards()?.len() {
        if shown == AT_ONCE {
            break;
        }
        let Some(rotation) = rows.rotation()? else { return Ok(()) };
        let Some(copy) = rows.cards()?.into_iter().nth(at) else { return Ok(()) };
        let message = card(&rotation);
        let wanted = fingerprint(&message);
        if !outdated(&copy, &wanted) || copy.due > house.ports.now() {
            continue;
        }
        shown += 1;
        let result = show(house, &copy, &message).await;
        // The rows may have changed while Slack was asked; only this copy is ours to write.
        let mut cards = rows.cards()?;
        let Some(kept) = cards.get_mut(at) else { return Ok(()) };
        settle(house, kept, result, wanted, &rotation);
        if cards.iter().all(|copy| copy.gone && matches!(copy.place, Place::Room(_))) {
            // No room takes it: whoever asked has to learn the end some other way.
            cards.push(unposted(Place::Person(rotation.requester.id.clone()), house.ports.now()));
        }
        rows.put_cards(cards)?;
    }
    Ok(())
}

async fn show<P: Ports>(house: House<'_, P>, copy: &CardCopy, message: &Message) -> Result<(String, String), Trouble> {
    let slack = house.slack();
    if let Some((channel, ts)) = &copy.posted {
        slack.rewrite(channel, ts, message).await?;
        return Ok((channel.clone(), ts.clone()));
    }
    let channel = match &copy.place {
        Place::Room(room) => room.slack_id().to_owned(),
        Place::Person(person) => slack.direct(person).await?,
    };
    slack.post(&channel, message).await
}

fn settle<P: Ports>(
    house: House<'_, P>,
    copy: &mut CardCopy,
    result: Result<(String, String), Trouble>,
    shown: String,
    rotation: &Rotation,
) {
    let now = house.ports.now();
    let mut line = Line::new("card", "ok");
    line.rotation = Some(rotation.id.clone());
    match result {
        Ok(posted) => {
            copy.posted = Some(posted);
            copy.shown = shown;
            copy.failures = 0;
            copy.due = now + PACE;
        }
        Err(trouble) => {
            copy.failures = copy.failures.saturating_add(1);
            let give_up = rotation.opened_at + PATIENCE;
            let next = match trouble.cause {
                // An app that is being installed anew, something between us and Slack: mended by somebody, in time.
                Cause::Identity | Cause::Unintelligible => {
                    Some(now + retry::pause(copy.failures)).filter(|due| *due <= give_up)
                }
                _ => retry::next(&trouble, copy.failures, now, give_up, house.chance()),
            };
            match next {
                Some(due) => copy.due = due,
                // Somebody deleted the card, or it cannot be changed any more: post it anew, once.
                None if unchangeable(&trouble) && copy.posted.take().is_some() => copy.due = now + PACE,
                None => copy.gone = true,
            }
            line.outcome = if copy.gone { "gone" } else { "retry" };
            line.code.clone_from(&trouble.code);
            line.status = trouble.status;
        }
    }
    house.log(&line);
}

/// Whether the message that was posted can never be rewritten (Slack API, chat.update, Errors).
fn unchangeable(trouble: &Trouble) -> bool {
    trouble.cause == Cause::NotFound
        || matches!(trouble.code.as_deref(), Some("cant_update_message" | "edit_window_closed"))
}

fn outdated(copy: &CardCopy, wanted: &str) -> bool {
    !copy.gone && copy.shown != wanted
}

fn fingerprint(message: &Message) -> String {
    let blocks = message.blocks.iter().map(ToString::to_string).collect::<String>();
    digest(&format!("{}\n{blocks}", message.text))
}
