//! What was sealed on a person's own device: held against the keys that the gateways have now, before it is taken.

use seal::Sealed;

use super::house::House;
use super::keys::{self, MemberKey};
use super::rows::Rows;
use crate::codec::record::{Gateway, RotationReply, SealedMember, SealedPlace};
use crate::domain::rotation::Rotation;
use crate::domain::target::Destination;
use crate::domain::trouble::Trouble;
use crate::ports::{Ports, Shelf, Unanswered};

/// The gateway of each place that is ready, as it is now, by the number of the place.
///
/// # Errors
/// When a gateway cannot be read.
pub(super) async fn current<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: &Rotation,
) -> Result<Vec<(usize, Option<Gateway>)>, Trouble> {
    let ready: Vec<(usize, &Destination)> = ready(rotation).collect();
    let places: Vec<_> = ready.iter().map(|(_, place)| *place).collect();
    let gateways = keys::current(house, |place| rows.way(place).ok()?, &places).await?;
    Ok(ready.into_iter().map(|(at, _)| at).zip(gateways).collect())
}

/// Why what was sealed cannot be taken; `None` when it can: exactly one ciphertext for each member of each gateway, in the
/// shape of something sealed to that member's present key.
///
/// # Errors
/// When the shelf fails.
pub(super) async fn refuse<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    sealed: &[SealedPlace],
) -> Result<Option<RotationReply>, Unanswered> {
    let Some(rotation) = rows.rotation()? else { return Ok(Some(RotationReply::Unknown)) };
    let gateways = match current(house, rows, &rotation).await {
        Ok(gateways) => gateways,
        Err(trouble) => return Ok(Some(RotationReply::Unread(trouble))),
    };
    let wanted = gateways.iter().filter(|(_, gateway)| gateway.is_some()).count();
    let fits = |(at, gateway): &(usize, Option<Gateway>)| {
        let Some(gateway) = gateway else { return true };
        let service = rotation.runs.get(*at).map(|run| run.place.service());
        let keys = service.and_then(|service| keys::usable(house, service, gateway).ok()).unwrap_or_default();
        let mut of_place = sealed.iter().filter(|place| place.at == *at);
        let place = of_place.next().filter(|_| of_place.next().is_none());
        place.is_some_and(|place| fits_keys(&place.members, &keys))
    };
    let changed = sealed.len() != wanted || !gateways.iter().all(fits);
    Ok(changed.then_some(RotationReply::KeysChanged))
}

/// Whether there is exactly one ciphertext for each key, each in the shape of one for that key.
pub(super) fn fits_keys(members: &[SealedMember], keys: &[MemberKey]) -> bool {
    members.len() == keys.len()
        && keys.iter().all(|MemberKey { member, key }| {
            let fingerprint = key.fingerprint().to_string();
            members.iter().any(|sealed| {
                sealed.member == *member
                    && sealed.fingerprint == fingerprint
                    && Sealed::parse_for(&sealed.sealed, key).is_ok()
            })
        })
}

/// The places that were looked at and are ready.
fn ready(rotation: &Rotation) -> impl Iterator<Item = (usize, &Destination)> {
    let ready = rotation.runs.iter().enumerate().filter(|(_, run)| run.check.ready());
    ready.map(|(at, run)| (at, &run.place))
}
