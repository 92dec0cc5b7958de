//! The sealing page: the link to it, what it shows, and what it submits.

use super::decide::state;
use super::enter::may_enter;
use super::house::House;
use super::identity::known;
use super::keys::usable;
use crate::codec::page::{Member, Submission, plan};
use crate::codec::record::{Gateway, RotationOrder, RotationReply};
use crate::codec::ticket::{Ticket, TicketError};
use crate::codec::vault::Vaulted;
use crate::domain::refusal::Refusal;
use crate::domain::rotation::{ENTRY_TIME, Person, Rotation, Stage};
use crate::domain::trouble::Service;
use crate::ports::{Ports, Unanswered};
use seal::Legacy;
use serde_json::{Value, json};

/// Why the page is not given what it asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// The ticket is none of ours.
    Ticket,
    /// The ticket's time is over.
    Expired,
    /// The rotation has taken a credential already, or has ended.
    Spent,
    /// What was sealed is not for the keys there are now.
    KeysChanged,
    /// Not what the plan asks for: too much, too little, or in clear what has to be sealed.
    Unfitting,
    /// Anything else, in the words that people get elsewhere.
    Refused(Refusal),
}

/// The address of the page for the requester of a rotation that waits for its credential; `None` when this installation has
/// none. The ticket is in the fragment, which no server is sent.
pub fn link<P: Ports>(house: House<'_, P>, rotation: &Rotation) -> Option<String> {
    let Stage::AwaitingCredential { until, .. } = rotation.stage else { return None };
    let ticket = Ticket {
        rotation: rotation.id.clone(),
        person: rotation.requester.id.clone(),
        until: until.min(house.ports.now() + ENTRY_TIME),
    };
    let text = ticket.write(&house.config.store_key, house.nonce())?;
    Some(format!("{}/enter#{text}", house.config.public_url.as_deref()?))
}

/// What the page shows and seals to.
///
/// # Errors
/// When the ticket is not good, or its person may not enter the credential any more.
pub async fn show<P: Ports>(house: House<'_, P>, ticket: &str) -> Result<Value, NotTaken> {
    let (ticket, _, _) = admitted(house, ticket).await?;
    let reply = house.ports.rotation(&ticket.rotation, RotationOrder::Keys).await.map_err(|Unanswered| storage())?;
    match reply {
        RotationReply::Keys(rotation, gateways) => {
            let Stage::AwaitingCredential { until, .. } = rotation.stage else { return Err(NotTaken::Spent) };
            let places = fingerprinted(house, &rotation, gateways)?;
            let legacy = house.config.legacy == Legacy::Allow;
            Ok(plan(&rotation, &places, until.min(ticket.until), house.ports.now(), legacy))
        }
        RotationReply::Unread(trouble) => Err(NotTaken::Refused(Refusal::Service(trouble))),
        _ => Err(NotTaken::Spent),
    }
}

/// The keys of each place with their fingerprints, which the page compares and shows.
fn fingerprinted<P: Ports>(
    house: House<'_, P>,
    rotation: &Rotation,
    gateways: Vec<(usize, Option<Gateway>)>,
) -> Result<Vec<(usize, Vec<Member>)>, NotTaken> {
    let mut places = Vec::with_capacity(gateways.len());
    for (at, gateway) in gateways {
        let service = rotation.runs.get(at).map_or(Service::Fabric, |run| run.place.service());
        let mut members = Vec::new();
        if let Some(gateway) = gateway {
            let keys = usable(house, service, &gateway).map_err(|why| NotTaken::Refused(Refusal::Service(why)))?;
            for (member, key) in gateway.members.into_iter().zip(keys) {
                members.push((member, key.key.fingerprint().to_string()));
            }
        }
        places.push((at, members));
    }
    Ok(places)
}

/// Takes what the page submits.
///
/// # Errors
/// When it is not taken.
pub async fn submit<P: Ports>(house: House<'_, P>, submission: Submission) -> Result<Value, NotTaken> {
    let ticket = read(house, &submission.ticket)?;
    let credential = match &submission.clear {
        // Encrypted before the first await; from here on nothing of ours can show it.
        Some(entered) => {
            let key = &house.config.store_key;
            Some(Vaulted::close(entered, key, &ticket.rotation, house.nonce()).map_err(|_| storage())?)
        }
        None => None,
    };
    let fields = submission.clear.as_ref().map(|entered| entered.iter().map(|(field, _)| field).collect::<Vec<_>>());
    let Submission { sealed, clear, id, .. } = submission;
    drop(clear);
    let (ticket, rotation, person) = match admitted_ticket(house, ticket).await {
        Ok(admitted) => admitted,
        // Sent once more because the first answer was lost: the object knows it by its id.
        Err((ticket, NotTaken::Spent, Some(person))) => {
            return again(house, &ticket, person, id).await;
        }
        Err((_, why, _)) => return Err(why),
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
    taken(house, &ticket, order).await
}

async fn again<P: Ports>(house: House<'_, P>, ticket: &Ticket, person: Person, id: String) -> Result<Value, NotTaken> {
    let order = RotationOrder::Supply { person, credential: None, sealed: Vec::new(), submission: Some(id) };
    taken(house, ticket, order).await
}

async fn taken<P: Ports>(house: House<'_, P>, ticket: &Ticket, order: RotationOrder) -> Result<Value, NotTaken> {
    let id = &ticket.rotation;
    let reply = house.ports.rotation(id, order).await;
    match reply.map_err(|Unanswered| NotTaken::Refused(Refusal::Unclear(id.clone())))? {
        RotationReply::State(rotation) => Ok(json!({ "taken": true, "places": rotation.runs.len() })),
        RotationReply::KeysChanged => Err(NotTaken::KeysChanged),
        RotationReply::Unread(trouble) => Err(NotTaken::Refused(Refusal::Service(trouble))),
        reply => match state(reply, id) {
            Err(Refusal::TooLate(..)) => Err(NotTaken::Spent),
            Err(refusal) => Err(NotTaken::Refused(refusal)),
            Ok(_) => Err(storage()),
        },
    }
}

/// The ticket, the rotation it is for, and the person, who may still enter its credential.
async fn admitted<P: Ports>(house: House<'_, P>, ticket: &str) -> Result<(Ticket, Rotation, Person), NotTaken> {
    admitted_ticket(house, read(house, ticket)?).await.map_err(|(_, why, _)| why)
}

async fn admitted_ticket<P: Ports>(
    house: House<'_, P>,
    ticket: Ticket,
) -> Result<(Ticket, Rotation, Person), (Ticket, NotTaken, Option<Person>)> {
    let asked = async {
        let view = house.ports.rotation(&ticket.rotation, RotationOrder::View).await;
        let rotation = state(view.map_err(|Unanswered| Refusal::Storage)?, &ticket.rotation)?;
        Ok((rotation, known(house, &ticket.person).await?))
    };
    let (rotation, member) = match asked.await {
        Ok(asked) => asked,
        Err(refusal) => return Err((ticket, NotTaken::Refused(refusal), None)),
    };
    let person = member.person.clone();
    match may_enter(house, rotation, member).await {
        Ok((rotation, person)) => Ok((ticket, rotation, person)),
        Err(Refusal::TooLate(..)) => Err((ticket, NotTaken::Spent, Some(person))),
        Err(refusal) => Err((ticket, NotTaken::Refused(refusal), None)),
    }
}

fn read<P: Ports>(house: House<'_, P>, ticket: &str) -> Result<Ticket, NotTaken> {
    Ticket::read(ticket, &house.config.store_key, house.ports.now()).map_err(|error| match error {
        TicketError::Invalid => NotTaken::Ticket,
        TicketError::Expired => NotTaken::Expired,
    })
}

const fn storage() -> NotTaken {
    NotTaken::Refused(Refusal::Storage)
}
