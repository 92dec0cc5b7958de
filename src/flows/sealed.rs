//! What the sealing page is offered, and what was sealed on it: held against that before it is taken.
//!
//! Each gateway is read once and kept with the time, so that a fleet is read in several invocations, and one gateway
//! that cannot be read leaves out the places behind it and no others.

use std::time::Duration;

use seal::Sealed;

use super::house::House;
use super::keys::{self, MemberKey, READING, Way};
use super::pace;
use super::rows::Rows;
use super::together::{AT_ONCE, Pending, all};
use crate::codec::page::MOST_KEYS;
use crate::codec::record::{
    GatewayRow, LeftOut, Offer, OfferedPlace, RotationReply, SealedGateway, SealedMember, SealedRow, Seen,
};
use crate::codec::words;
use crate::domain::listing::in_order;
use crate::domain::rotation::{Check, ENTRY_TIME, Rotation, Stage};
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Trouble};
use crate::ports::{Ports, Shelf, Unanswered};

/// Calls beside those to a service: for leave by the quota, and for an access token.
const OVERHEAD: usize = 2;
/// How long one invocation goes on reading.
const SLICE: Duration = Duration::from_secs(3);

const TOO_MANY: &str = "one submission is for so many gateway keys and no more, and the others took them";

/// Reads gateways that were not read lately, and says what is offered; or how far reading has come.
///
/// # Errors
/// When the shelf fails.
pub(super) async fn offer<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
) -> Result<RotationReply, Unanswered> {
    let Some(rotation) = rows.rotation()? else { return Ok(RotationReply::Unknown) };
    if !matches!(rotation.stage, Stage::AwaitingCredential { .. }) {
        return Ok(RotationReply::State(Box::new((*rotation).clone())));
    }
    let layout = Layout::of(rows, &rotation);
    let now = house.ports.now();
    let unread = |way: &&Way| match rows.gateway(way.service, &way.gateway) {
        Ok(Some(row)) => now >= row.at + ENTRY_TIME,
        _ => true,
    };
    let next = read(house, rows, layout.ways.iter().filter(unread).collect(), true).await?;
    if let Some(next) = next {
        let of = layout.ways.len();
        return Ok(RotationReply::Reading { done: of - layout.ways.iter().filter(unread).count(), of, next });
    }
    let (offer, _) = layout.offer(house, rows)?;
    match offer.left_out.first().filter(|_| offer.places.is_empty()) {
        Some(left) => Ok(RotationReply::Unread(left.trouble.clone())),
        None => Ok(RotationReply::Offered(Box::new((*rotation).clone()), Box::new(offer))),
    }
}

/// What was sealed, as far as it is taken.
#[derive(Default)]
pub(super) struct Accepted {
    /// What each place is sent.
    pub(super) sealed: Vec<(usize, SealedRow)>,
    /// The places behind gateways that got nothing.
    pub(super) left_out: Vec<LeftOut>,
}

/// What was sealed, by place; `None` when it is not exactly one ciphertext for each member of each gateway that is offered,
/// in the shape of something sealed to that member's present key.
///
/// As many gateways as one invocation may are read again for that. Of the others, the keys are those that the page was shown;
/// every key is looked at once more before anything is sent there.
///
/// # Errors
/// When the shelf fails.
pub(super) async fn accept<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    sealed: &[SealedGateway],
) -> Result<Option<Accepted>, Unanswered> {
    let Some(rotation) = rows.rotation()? else { return Ok(None) };
    let layout = Layout::of(rows, &rotation);
    let (_, mut offered) = layout.offer(house, rows)?;
    if offered.len() != sealed.len() {
        return Ok(None);
    }
    in_order(&mut offered, |way| {
        rows.gateway(way.service, &way.gateway).ok().flatten().map_or(i64::MIN, |row| row.at.0)
    });
    // One that cannot be read just now is waited for when its turn comes.
    read(house, rows, offered, false).await?;
    let (offer, ways) = layout.offer(house, rows)?;
    // A gateway that is to be looked at again, because the link was opened anew, may be offered next time.
    let looked_at = |way: &Way| matches!(rows.gateway(way.service, &way.gateway), Ok(Some(_)));
    if offer.places.is_empty() || !layout.ways.iter().all(looked_at) {
        return Ok(None);
    }
    let mut of_gateways = Vec::with_capacity(ways.len());
    for (number, (gateway, way)) in offer.gateways.iter().zip(ways).enumerate() {
        let keys = keys::usable(house, way.service, gateway).unwrap_or_default();
        let mut of_this = sealed.iter().filter(|sealed| sealed.gateway == number);
        match (of_this.next(), of_this.next()) {
            (Some(sealed), None) if fits_keys(&sealed.members, &keys) => of_gateways.push(&sealed.members),
            _ => return Ok(None),
        }
    }
    if of_gateways.len() != sealed.len() {
        return Ok(None);
    }
    let of_place = |place: &OfferedPlace| {
        let members = of_gateways.get(place.gateway?)?;
        Some((place.at, SealedRow { members: members.to_vec() }))
    };
    let sealed = offer.places.iter().filter_map(of_place).collect();
    let unready = rotation.runs.iter().enumerate().filter(|(_, run)| run.place.sealed());
    let unready = unready.filter_map(|(at, run)| match &run.check {
        Check::Troubled(trouble) => Some(LeftOut { at, trouble: trouble.clone() }),
        _ => None,
    });
    let left_out = offer.left_out.into_iter().chain(unready);
    let left_out = left_out.map(|LeftOut { at, trouble }| LeftOut { at, trouble: left_out_by(trouble) });
    Ok(Some(Accepted { sealed, left_out: left_out.collect() }))
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

/// What a place is left with for which nothing was sealed, because of that trouble.
fn left_out_by(mut trouble: Trouble) -> Trouble {
    let mut bare = trouble.clone();
    (bare.code, bare.status) = (None, None);
    trouble.note = Some(words::trouble(&bare));
    trouble.cause = Cause::LeftOut;
    trouble
}

/// The gateways behind the places that are ready, each once, and where each of those places is.
struct Layout {
    ways: Vec<Way>,
    places: Vec<(usize, Where)>,
}

enum Where {
    Cloud,
    /// Behind that one of the gateways.
    Behind(usize),
    /// Nobody knows behind which gateway.
    Lost(Trouble),
}

impl Layout {
    fn of<S: Shelf>(rows: &Rows<'_, S>, rotation: &Rotation) -> Self {
        let mut ways: Vec<Way> = Vec::new();
        let mut places = Vec::new();
        for (at, run) in rotation.runs.iter().enumerate().filter(|(_, run)| run.check.ready()) {
            let place = &run.place;
            let way = keys::way(|id| rows.way(id).ok().flatten(), place);
            places.push((
                at,
                match way {
                    _ if !place.sealed() => Where::Cloud,
                    None => Where::Lost(keys::keyless(place.service())),
                    Some(way) => Where::Behind(ways.iter().position(|other| other.same(&way)).unwrap_or_else(|| {
                        ways.push(way);
                        ways.len() - 1
                    })),
                },
            ));
        }
        Self { ways, places }
    }

    /// What is offered by the gateways as they were read last, and the way to each gateway of it.
    fn offer<P: Ports, S: Shelf>(
        &self,
        house: House<'_, P>,
        rows: &Rows<'_, S>,
    ) -> Result<(Offer, Vec<&Way>), Unanswered> {
        let (mut offer, mut offered, mut keys) = (Offer::default(), Vec::new(), 0);
        let mut numbers = Vec::with_capacity(self.ways.len());
        for way in &self.ways {
            let gateway = match rows.gateway(way.service, &way.gateway)?.map(|row| row.seen) {
                Some(Seen::Keys(gateway)) => keys::usable(house, way.service, &gateway).map(|_| gateway),
                Some(Seen::Troubled(trouble)) => Err(trouble),
                None => Err(keys::keyless(way.service)),
            };
            let fits = gateway.and_then(|gateway| match keys + gateway.members.len() {
                most if most > MOST_KEYS => Err(Trouble::noted(way.service, Cause::LeftOut, TOO_MANY)),
                more => {
                    keys = more;
                    Ok(gateway)
                }
            });
            numbers.push(fits.map(|gateway| {
                offer.gateways.push(gateway);
                offered.push(way);
                offered.len() - 1
            }));
        }
        for (at, place) in &self.places {
            let number = match place {
                Where::Cloud => Ok(None),
                Where::Behind(way) => match numbers.get(*way) {
                    Some(Ok(number)) => Ok(Some(*number)),
                    Some(Err(trouble)) => Err(trouble.clone()),
                    None => continue,
                },
                Where::Lost(trouble) => Err(trouble.clone()),
            };
            match number {
                Ok(gateway) => offer.places.push(OfferedPlace { at: *at, gateway }),
                Err(trouble) => offer.left_out.push(LeftOut { at: *at, trouble }),
            }
        }
        Ok((offer, offered))
    }
}

/// Reads these gateways and keeps what came of it, `troubles` as well; until when is to be waited if there are more of them
/// than the calls of one invocation, the quota or the time allow.
async fn read<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    mut ways: Vec<&Way>,
    troubles: bool,
) -> Result<Option<Timestamp>, Unanswered> {
    let end = house.ports.now() + SLICE;
    while let Some(service) = ways.first().map(|way| way.service) {
        let now = house.ports.now();
        let room = house.config.calls_per_waking.saturating_sub(house.ports.sent() + OVERHEAD) / READING;
        let wanted = ways.iter().filter(|way| way.service == service).count().min(AT_ONCE).min(room);
        if wanted == 0 || now >= end {
            return Ok(Some(now));
        }
        let (admitted, later) = pace::admitted(house, rows, service, wanted, READING).await?;
        if admitted == 0 {
            return Ok(Some(later));
        }
        let mut left = admitted;
        let (batch, rest): (Vec<&Way>, Vec<&Way>) = ways.into_iter().partition(|way| {
            let taken = way.service == service && left > 0;
            left -= usize::from(taken);
            taken
        });
        ways = rest;
        let before = house.ports.sent();
        let token = house.has_token(service).await;
        let read = match token {
            Ok(()) => {
                all(batch.iter().map(|way| -> Pending<'_, _> { Box::pin(keys::read(house, way)) }).collect()).await
            }
            Err(trouble) => batch.iter().map(|_| Err(trouble.clone())).collect(),
        };
        pace::give_back(rows, service, (admitted * READING).saturating_sub(house.ports.sent() - before));
        for (way, gateway) in batch.into_iter().zip(read) {
            let seen = match gateway {
                Ok(gateway) => Seen::Keys(gateway),
                Err(trouble) if troubles => Seen::Troubled(trouble),
                Err(_) => continue,
            };
            rows.put_gateway(way.service, &way.gateway, &GatewayRow { seen, at: house.ports.now() })?;
        }
    }
    Ok(None)
}
