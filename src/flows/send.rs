//! Sealing, sending and testing one destination's credential.

use seal::Sealed;

use super::house::{House, Random};
use super::keys::{MemberKey, look};
use super::rotation::step;
use super::rows::Rows;
use super::sealed::fits_keys;
use crate::clients::payload::{Payload, SealedFor};
use crate::codec::record::{SealedMember, SealedRow};
use crate::domain::rotation::{Approved, Event, Refused, Rotation, Run, Test};
use crate::domain::target::Destination;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::{Ports, Shelf};

/// What a place is sent: what its person sealed to its keys, if that was so; or what was entered, sealed now; `None` for a
/// place that takes plaintext.
///
/// # Errors
/// When the keys are others by now, or there is nothing that could be sealed to them.
pub fn prepare<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: &Rotation,
    at: usize,
    keys: Option<&[MemberKey]>,
) -> Result<Option<SealedRow>, Trouble> {
    let Some(run) = rotation.runs.get(at) else { return Ok(None) };
    let Some(keys) = keys else { return Ok(None) };
    if let Some(sealed) = rows.sealed(at)? {
        return held_against(&sealed, keys, &run.place).map(|()| Some(sealed));
    }
    seal(house, rows, rotation, &run.place, keys)
}

/// Seals what was entered to every key.
///
/// # Errors
/// When what was entered cannot be read any more, or does not fit a key.
fn seal<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: &Rotation,
    destination: &Destination,
    keys: &[MemberKey],
) -> Result<Option<SealedRow>, Trouble> {
    let Payload::Clear(credential) = clear(house, rows, rotation, destination)? else {
        return Err(Trouble::of(destination.service(), Cause::KindRefused));
    };
    let seal = |MemberKey { member, key }: &MemberKey| SealedMember {
        member: member.clone(),
        fingerprint: key.fingerprint().to_string(),
        sealed: key.seal(&credential, &mut Random(house.ports)).as_str().to_owned(),
    };
    let members = keys.iter().map(seal).collect();
    Ok(Some(SealedRow { members }))
}

/// Sends the update of destination `at`, the only place that does, and answers what came of it.
pub async fn update<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: &Rotation,
    run: &Run,
    at: usize,
) -> Event {
    let destination = &run.place;
    // Everything that can fail without an update having been sent fails with `?`, and only that.
    let sent = async {
        let payload = payload(house, rows, rotation, run, at).await?;
        let approved = || approve(house, rows, at, destination.service());
        Ok(match destination {
            Destination::DataSource(_) => {
                let token = house.powerbi_token().await?;
                house.powerbi(&token).update(approved()?, &payload).await
            }
            Destination::Connection(_) => {
                let (endpoint, token) = house.fabric_token().await?;
                house.fabric(endpoint, &token).update(approved()?, &payload).await
            }
        })
    };
    match sent.await {
        Ok(Err(trouble)) => Event::Updated(at, Err(explained(house, rows, rotation, run, at, trouble).await)),
        Ok(updated) => Event::Updated(at, updated),
        Err(trouble) => Event::Unsent(at, trouble),
    }
}

/// Why an update was rejected. A gateway that cannot open what it got is said to have rejected it, and no more: whether it was
/// given a new key meanwhile is seen by reading that once more. Before a repeated update that was just done.
async fn explained<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: &Rotation,
    run: &Run,
    at: usize,
    mut trouble: Trouble,
) -> Trouble {
    if trouble.cause == Cause::Rejected
        && run.place.sealed()
        && !run.repeated()
        && let Ok(Some(sealed)) = rows.sealed(at)
        && let Err(now) = still_the_same(house, rows, rotation, &run.place, &sealed).await
        // Whatever else keeps the keys from being read says nothing about the update.
        && now.cause == Cause::SealedForOthers
    {
        trouble.cause = now.cause;
    }
    trouble
}

/// Leave to send one update. Kept before it is used: should we die over the sending, it is known that we may have sent.
///
/// # Errors
/// When the maintenance window has closed, the rotation is not where it was, or that cannot be kept.
fn approve<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    at: usize,
    service: Service,
) -> Result<Approved, Trouble> {
    match step(house, rows, Event::Update(at))? {
        Ok(Some(approved)) => Ok(approved),
        Err(Refused::Closed) => Err(Trouble::of(service, Cause::WindowClosed)),
        Ok(None) | Err(_) => Err(Trouble::of(service, Cause::Rejected)),
    }
}

/// Tests a destination, or follows the test that runs.
///
/// # Errors
/// What the service said; also when the test failed.
pub async fn test<P: Ports>(
    house: House<'_, P>,
    destination: &Destination,
    operation: Option<&str>,
) -> Result<Test, Trouble> {
    match destination {
        Destination::DataSource(source) => {
            let token = house.powerbi_token().await?;
            house.powerbi(&token).test(source).await
        }
        Destination::Connection(connection) => {
            let (endpoint, token) = house.fabric_token().await?;
            let fabric = house.fabric(endpoint, &token);
            match operation {
                Some(operation) => fabric.follow(operation).await,
                None => fabric.test(connection).await,
            }
        }
    }
}

/// What the update carries: the ciphertexts kept for a gateway, or the credential in clear for the cloud.
async fn payload<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: &Rotation,
    run: &Run,
    at: usize,
) -> Result<Payload, Trouble> {
    let destination = &run.place;
    if !destination.sealed() {
        return clear(house, rows, rotation, destination);
    }
    let lost = || Trouble::of(destination.service(), Cause::EntryLost);
    let sealed = rows.sealed(at)?.ok_or_else(lost)?;
    if run.repeated() {
        still_the_same(house, rows, rotation, destination, &sealed).await?;
    }
    let member = |member: SealedMember| SealedFor { member: member.member, sealed: Sealed::from_stored(member.sealed) };
    Ok(Payload::Sealed(sealed.members.into_iter().map(member).collect()))
}

/// Before a repeated update, and after one that was rejected: are the keys still those it was sealed to? Time has passed since
/// they were read.
async fn still_the_same<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: &Rotation,
    destination: &Destination,
    sealed: &SealedRow,
) -> Result<(), Trouble> {
    let looked = look(house, rows, &[destination], rotation.target.login.kind(), true).await;
    let keys = looked.into_iter().next().transpose()?.flatten().unwrap_or_default();
    held_against(sealed, &keys, destination)
}

/// Whether what is sealed is sealed to these keys.
fn held_against(sealed: &SealedRow, keys: &[MemberKey], destination: &Destination) -> Result<(), Trouble> {
    match fits_keys(&sealed.members, keys) {
        true => Ok(()),
        false => Err(Trouble::of(destination.service(), Cause::SealedForOthers)),
    }
}

/// The credential in clear: what was entered, decrypted and joined with the login.
fn clear<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: &Rotation,
    destination: &Destination,
) -> Result<Payload, Trouble> {
    let lost = || Trouble::of(destination.service(), Cause::EntryLost);
    let vaulted = rows.credential()?.ok_or_else(lost)?;
    let entered = vaulted.open(&house.config.store_key, &rotation.id).map_err(|_| lost())?;
    let credential = rotation.login().complete(entered).map_err(|_| lost())?;
    Ok(credential.map_or(Payload::WorkspaceIdentity, Payload::Clear))
}
