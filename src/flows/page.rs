//! The sealing page: the link to it, what it shows, and what it submits.

use super::decide::{state, view};
use super::enter::may_enter;
use super::house::{House, digest};
use super::identity::known;
use super::keys::usable_keys;
use super::refused::{self, Wanted};
use crate::codec::fields::Unexpected;
use crate::codec::json::object;
use crate::codec::page::{Fingerprints, Submission, plan, reading};
use crate::codec::record::{Offer, RotationOrder, RotationReply};
use crate::codec::ticket::{Ticket, TicketError};
use crate::codec::vault::Vaulted;
use crate::domain::names::{PersonId, Platform, RotationId};
use crate::domain::refusal::Refusal;
use crate::domain::rotation::{ENTRY_TIME, Person, Rotation, Stage};
use crate::ports::{Ports, Unanswered};
use seal::Legacy;
use serde_json::Value;

/// Why the page is not given what it asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// The ticket is none of ours.
    Ticket,
    /// The ticket's time is over.
    Expired,
    /// That was too often within a minute.
    Busy,
    /// The body is not what the page sends.
    Malformed,
    /// The rotation has taken a credential already, or has ended.
    Spent,
    /// What was sealed is not for the keys there are now.
    KeysChanged,
    /// Not what the plan asks for: too much, too little, or in clear what has to be sealed.
    Unfitting,
    /// Anything else, in the words that people get elsewhere.
    Refused(Refusal),
}

impl NotTaken {
    /// The name in the log and in the audit: of a refusal, the one that it has everywhere.
    pub const fn logged(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.name(),
            other => other.name(),
        }
    }

    /// The name on the page, which tells refusals apart as far as it acts on them.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ticket => "ticket-invalid",
            Self::Expired => "ticket-expired",
            Self::Busy => "busy",
            Self::Malformed | Self::Unfitting => "malformed",
            Self::Spent => "ticket-spent",
            Self::KeysChanged => "keys-changed",
            Self::Refused(refusal) => match refusal {
                Refusal::TooEarly(..) | Refusal::Unapproved(_) => "too-early",
                Refusal::TooLate(..) => "too-late",
                Refusal::Service(_) | Refusal::Storage | Refusal::Unclear(_) => "unavailable",
                Refusal::NotRequester(_) => "not-requester",
                Refusal::UnknownRotation => "unknown-rotation",
                _ => "not-allowed",
            },
        }
    }
}

/// The address of the page for the requester of a rotation that waits for its credential; `None` when this installation has
/// none. The ticket is in the fragment, which no server is sent.
pub fn link<P: Ports>(house: House<'_, P>, rotation: &Rotation) -> Option<String> {
    let Stage::AwaitingCredential { until, .. } = rotation.stage else { return None };
    let ticket = Ticket {
        rotation: rotation.id.clone(),
        person: rotation.requester.person()?.id.clone(),
        until: until.min(house.ports.now() + ENTRY_TIME),
    };
    let text = ticket.write(&house.config.store_key, house.nonce())?;
    Some(format!("{}/enter#{text}", house.config.public_url.as_deref()?))
}

/// A ticket of ours, as a request shows it.
pub struct Shown {
    ticket: Ticket,
    /// Its time is over.
    expired: bool,
}

impl Shown {
    /// Where its person acts.
    pub fn platform(&self) -> Platform {
        self.ticket.person.platform()
    }

    /// Whom it was made for.
    pub const fn person(&self) -> &PersonId {
        &self.ticket.person
    }

    /// The rotation that it is for.
    pub const fn rotation(&self) -> &RotationId {
        &self.ticket.rotation
    }
}

/// The ticket that a request from that address shows.
///
/// # Errors
/// When it is none of ours, or it is shown too often, or whoever has no good one asks too often.
pub async fn admit<P: Ports>(house: House<'_, P>, shown: &str, address: Option<String>) -> Result<Shown, NotTaken> {
    let read = Ticket::read(shown, &house.config.store_key, house.ports.now());
    // Somebody else at the same address, or behind the same office's, does not use up what a ticket has; nor does an old
    // link of a person, whoever came by it, use up what their new one has.
    let who = match &read {
        Ok(ticket) => Some(digest(&mark(ticket))),
        Err(TicketError::Expired(_) | TicketError::Invalid) => address,
    };
    if let Some(who) = who
        && !house.counts(&format!("page/{who}")).await
    {
        return Err(NotTaken::Busy);
    }
    match read {
        Ok(ticket) => Ok(Shown { ticket, expired: false }),
        Err(TicketError::Expired(ticket)) => Ok(Shown { ticket, expired: true }),
        Err(TicketError::Invalid) => Err(NotTaken::Ticket),
    }
}

/// What tells two tickets apart.
fn mark(Ticket { rotation, person, until }: &Ticket) -> String {
    format!("ticket {rotation} {person} {}", until.0)
}

/// Writes into the audit what the ticket's person is refused, before they are: what is left for after an answer can be lost.
async fn noted<T, P: Ports>(house: House<'_, P>, ticket: &Ticket, result: Result<T, NotTaken>) -> Result<T, NotTaken> {
    let why = match &result {
        Ok(_) | Err(NotTaken::Ticket | NotTaken::KeysChanged) => return result,
        Err(why) => why,
    };
    let (wanted, person) = (Wanted::on_page(&ticket.rotation), Some(ticket.person.clone()));
    match why {
        NotTaken::Refused(refusal) => refused::record(house, wanted.refused(house, person, refusal)).await,
        // A page asks again, and whoever found an old link asks as often as they like: told of each ticket once.
        NotTaken::Expired | NotTaken::Spent => {
            let source = digest(&format!("{} {}", mark(ticket), why.name()));
            refused::record_of(house, source, wanted.turned_away(house, person, why.name())).await;
        }
        other => refused::record(house, wanted.turned_away(house, person, other.name())).await,
    }
    result
}

/// What the page shows and seals to, or how far reading the gateways has come.
///
/// # Errors
/// When the ticket's person may not enter the credential any more, or no gateway can be read.
pub async fn show<P: Ports>(house: House<'_, P>, Shown { ticket, expired }: &Shown) -> Result<Value, NotTaken> {
    let told = if *expired { Err(NotTaken::Expired) } else { shown(house, ticket).await };
    noted(house, ticket, told).await
}

async fn shown<P: Ports>(house: House<'_, P>, ticket: &Ticket) -> Result<Value, NotTaken> {
    admitted(house, ticket).await.map_err(|(why, _)| why)?;
    let reply = house.ports.rotation(&ticket.rotation, RotationOrder::Offer).await;
    match reply.map_err(|Unanswered| storage())? {
        RotationReply::Offered(rotation, offer) => {
            let Stage::AwaitingCredential { until, .. } = rotation.stage else { return Err(NotTaken::Spent) };
            let fingerprints = fingerprints(house, &offer);
            let legacy = house.config.legacy == Legacy::Allow;
            Ok(plan(&rotation, &offer, &fingerprints, until.min(ticket.until), house.ports.now(), legacy))
        }
        RotationReply::Reading { done, of, next } => {
            let wait = next.since(house.ports.now()).as_millis();
            Ok(reading(done, of, u64::try_from(wait).unwrap_or(u64::MAX)))
        }
        RotationReply::Unread(trouble) => Err(NotTaken::Refused(Refusal::Service(trouble))),
        _ => Err(NotTaken::Spent),
    }
}

/// The fingerprints of the offered keys, which the page compares and shows. What is offered can be used.
fn fingerprints<P: Ports>(house: House<'_, P>, offer: &Offer) -> Fingerprints {
    let of = |gateway| usable_keys(house, gateway).unwrap_or_default();
    let gateways = offer.gateways.iter();
    gateways.map(|gateway| of(gateway).iter().map(|key| key.key.fingerprint().to_string()).collect()).collect()
}

/// Takes what the page submits. With a ticket whose time is over nothing is taken; but whoever sends once more what was
/// taken before, because the answer was lost, is told so.
///
/// # Errors
/// When it is not taken.
pub async fn submit<P: Ports>(
    house: House<'_, P>,
    Shown { ticket, expired }: &Shown,
    submission: Result<Submission, Unexpected>,
) -> Result<Value, NotTaken> {
    let taken = match submission {
        Ok(Submission { id, .. }) if *expired => taken_before(house, ticket, id).await,
        Err(Unexpected) if *expired => Err(NotTaken::Expired),
        Ok(submission) => take(house, ticket, submission).await,
        Err(Unexpected) => Err(NotTaken::Malformed),
    };
    noted(house, ticket, taken).await
}

async fn taken_before<P: Ports>(house: House<'_, P>, ticket: &Ticket, id: String) -> Result<Value, NotTaken> {
    let reply = house.ports.rotation(&ticket.rotation, RotationOrder::Submitted(id)).await;
    match reply.map_err(|Unanswered| storage())? {
        RotationReply::State(rotation)
            if rotation.requester.person().is_some_and(|person| person.id == ticket.person) =>
        {
            Ok(receipt(&rotation))
        }
        _ => Err(NotTaken::Expired),
    }
}

/// What the page is told of a submission that was taken.
fn receipt(rotation: &Rotation) -> Value {
    object! { "taken": true, "places": rotation.entered().count() }
}

async fn take<P: Ports>(house: House<'_, P>, ticket: &Ticket, submission: Submission) -> Result<Value, NotTaken> {
    let credential = match &submission.clear {
        // Encrypted before the first await; from here on nothing of ours can show it.
        Some(entered) => {
            let key = &house.config.store_key;
            Some(Vaulted::close(entered, key, &ticket.rotation, house.nonce()).map_err(|_| storage())?)
        }
        None => None,
    };
    let fields = submission.clear.as_ref().map(|entered| entered.iter().map(|(field, _)| field).collect::<Vec<_>>());
    let Submission { sealed, clear, id } = submission;
    drop(clear);
    let (rotation, person) = match admitted(house, ticket).await {
        Ok(admitted) => admitted,
        // Sent once more because the first answer was lost: the object knows it by its id.
        Err((NotTaken::Spent, Some(person))) => return again(house, ticket, person, id).await,
        Err((why, _)) => return Err(why),
    };
    // Of the places that the page was shown: those that are ready.
    let cloud = rotation.runs.iter().any(|run| run.check.ready() && !run.place.sealed());
    let kind = rotation.target.login.kind();
    let whole = match &fields {
        Some(fields) => {
            cloud
                && kind.fields().iter().all(|field| !field.required() || fields.contains(field))
                && fields.iter().all(|field| kind.fields().contains(field))
        }
        None => !cloud,
    };
    if !whole {
        return Err(NotTaken::Unfitting);
    }
    let order = RotationOrder::Supply { person, credential, sealed, submission: Some(id) };
    taken(house, ticket, order).await
}

async fn again<P: Ports>(house: House<'_, P>, ticket: &Ticket, person: Person, id: String) -> Result<Value, NotTaken> {
    let order = RotationOrder::Supply { person, credential: None, sealed: Vec::new(), submission: Some(id) };
    taken(house, ticket, order).await
}

async fn taken<P: Ports>(house: House<'_, P>, ticket: &Ticket, order: RotationOrder) -> Result<Value, NotTaken> {
    let id = &ticket.rotation;
    let reply = house.ports.rotation(id, order).await;
    match reply.map_err(|Unanswered| NotTaken::Refused(Refusal::Unclear(id.clone())))? {
        RotationReply::State(rotation) => Ok(receipt(&rotation)),
        RotationReply::KeysChanged => Err(NotTaken::KeysChanged),
        reply => match state(reply, id) {
            Err(Refusal::TooLate(..)) => Err(NotTaken::Spent),
            Err(refusal) => Err(NotTaken::Refused(refusal)),
            Ok(_) => Err(storage()),
        },
    }
}

/// The rotation of a ticket, and its person, who may still enter the credential; or why not, and who it is when they may
/// at least know that it is too late.
async fn admitted<P: Ports>(
    house: House<'_, P>,
    ticket: &Ticket,
) -> Result<(Rotation, Person), (NotTaken, Option<Person>)> {
    let asked = async {
        let rotation = view(house, &ticket.rotation).await?;
        Ok((rotation, known(house, &ticket.person).await?))
    };
    let (rotation, member) = asked.await.map_err(|refusal| (NotTaken::Refused(refusal), None))?;
    let person = member.person.clone();
    may_enter(house, rotation, member).await.map_err(|refusal| match refusal {
        Refusal::TooLate(..) => (NotTaken::Spent, Some(person)),
        refusal => (NotTaken::Refused(refusal), None),
    })
}

const fn storage() -> NotTaken {
    NotTaken::Refused(Refusal::Storage)
}
