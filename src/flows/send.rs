//! Sealing, sending and testing one destination's credential.

use seal::Sealed;

use super::house::{House, Random};
use super::keys::{self, MemberKey};
use super::rows::{Rows, SealedMember, SealedRow};
use crate::clients::fabric::Fabric;
use crate::clients::payload::{Payload, SealedFor};
use crate::clients::powerbi::PowerBi;
use crate::domain::rotation::{Approved, Event, Rotation, Test};
use crate::domain::target::Destination;
use crate::domain::trouble::{Cause, Trouble};
use crate::ports::{Ports, Shelf};

/// Seals what was entered to every key; `None` for a destination that takes plaintext.
///
/// # Errors
/// When what was entered cannot be read any more, or does not fit a key.
pub fn seal<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: &Rotation,
    destination: &Destination,
    keys: Option<&[MemberKey]>,
) -> Result<Option<SealedRow>, Trouble> {
    let Some(keys) = keys else { return Ok(None) };
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

/// Sends the update of destination `at`; the only place that does.
///
/// # Errors
/// What the service said, or why nothing was sent.
pub async fn update<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: &Rotation,
    at: usize,
) -> Result<Option<String>, Trouble> {
    let mut rotation = rotation.clone();
    let (Some(destination), Some(run)) = (rotation.target.destinations.get(at).cloned(), rotation.runs.get(at)) else {
        return Err(Trouble::of(crate::domain::trouble::Service::PowerBi, Cause::Rejected));
    };
    let service = destination.service();
    let lost = || Trouble::of(service, Cause::EntryLost);
    let payload = if destination.sealed() {
        let sealed = rows.sealed(at).map_err(|_| lost())?.ok_or_else(lost)?;
        if run.failures > 0 {
            still_the_same(house, &rotation, &destination, &sealed).await?;
        }
        let member =
            |member: SealedMember| SealedFor { member: member.member, sealed: Sealed::from_stored(member.sealed) };
        Payload::Sealed(sealed.members.into_iter().map(member).collect())
    } else {
        clear(house, rows, &rotation, &destination)?
    };
    let approved = rotation.step(Event::Update(at), house.ports.now(), 0).ok().flatten();
    let approved = approved.ok_or_else(|| Trouble::of(service, Cause::Rejected))?;
    deliver(house, approved, &payload).await
}

/// Tests destination, or follows the test that runs.
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
            PowerBi { wire: house.ports, base: &house.config.powerbi.url, token: &token }.test(source).await
        }
        Destination::Connection(connection) => {
            let endpoint = house.fabric()?;
            let token = house.token(&endpoint.scope).await?;
            let api = Fabric { wire: house.ports, base: &endpoint.url, token: &token };
            match operation {
                Some(operation) => api.follow(operation).await,
                None => api.test(connection).await,
            }
        }
    }
}

async fn deliver<P: Ports>(
    house: House<'_, P>,
    approved: Approved,
    payload: &Payload,
) -> Result<Option<String>, Trouble> {
    match approved.destination() {
        Destination::DataSource(_) => {
            let token = house.powerbi_token().await?;
            let api = PowerBi { wire: house.ports, base: &house.config.powerbi.url, token: &token };
            api.update(approved, payload).await
        }
        Destination::Connection(_) => {
            let endpoint = house.fabric()?;
            let token = house.token(&endpoint.scope).await?;
            let api = Fabric { wire: house.ports, base: &endpoint.url, token: &token };
            api.update(approved, payload).await
        }
    }
}

/// Before a repeated update: are the keys still those it was sealed to? Time has passed since they were read.
async fn still_the_same<P: Ports>(
    house: House<'_, P>,
    rotation: &Rotation,
    destination: &Destination,
    sealed: &SealedRow,
) -> Result<(), Trouble> {
    let keys = keys::read(house, destination, rotation.target.login.kind()).await?.unwrap_or_default();
    let same = keys.len() == sealed.members.len()
        && keys.iter().all(|MemberKey { member, key }| {
            let fingerprint = key.fingerprint().to_string();
            sealed.members.iter().any(|kept| kept.member == *member && kept.fingerprint == fingerprint)
        });
    if same { Ok(()) } else { Err(Trouble::of(destination.service(), Cause::EncryptionRefused)) }
}

/// The credential in clear: what was entered, decrypted and joined with the login.
fn clear<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: &Rotation,
    destination: &Destination,
) -> Result<Payload, Trouble> {
    let lost = || Trouble::of(destination.service(), Cause::EntryLost);
    let vaulted = rows.credential().map_err(|_| lost())?.ok_or_else(lost)?;
    let entered = vaulted.open(&house.config.store_key, &rotation.id).map_err(|_| lost())?;
    let credential = rotation.target.login.complete(entered).map_err(|_| lost())?;
    Ok(credential.map_or(Payload::WorkspaceIdentity, Payload::Clear))
}
