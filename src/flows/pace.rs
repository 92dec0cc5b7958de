//! Keeping to a service's quota: how many calls may be made is asked of the register, which counts for all rotations.

use std::time::Duration;

use super::house::House;
use super::rotation::step;
use super::rows::{Allowance, Rows};
use crate::codec::record::{RegisterOrder, RegisterReply};
use crate::domain::rotation::Event;
use crate::domain::time::Timestamp;
use crate::domain::trouble::Service;
use crate::ports::{Ports, Shelf, Unanswered};

/// How long granted calls may be made. The register counts them for so much longer than the service does.
const GOOD_FOR: Duration = Duration::from_secs(4);

/// Calls asked for ahead at most, if no batch needs more: two of one call for each place. Where a service is slow, what is not
/// made in time is lost to everybody for a minute.
const MOST: usize = 12;

/// How many of the wanted things, of so many calls each, the quota has room for now; and when it has more.
///
/// # Errors
/// When the shelf fails.
pub(super) async fn admitted<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    service: Service,
    wanted: usize,
    calls: usize,
) -> Result<(usize, Timestamp), Unanswered> {
    let needed = wanted * calls;
    let now = house.ports.now();
    let kept = rows.allowance(service).filter(|kept| now < kept.until);
    let (mut left, until) = kept.map_or((0, now + GOOD_FOR), |kept| (kept.left, kept.until));
    let mut later = now;
    if left < needed {
        let ahead = ahead(rows, service)?.clamp(needed - left, MOST.max(needed));
        match house.ports.register(RegisterOrder::Pace { service, wanted: ahead }).await {
            Ok(RegisterReply::Paced { granted, after }) => {
                left += granted;
                later = now + after;
            }
            // Counting is a courtesy: a service that is asked too much says so.
            _ => return Ok((wanted, now)),
        }
    }
    let admitted = (left / calls).min(wanted);
    rows.put_allowance(Allowance { service, left: left - admitted * calls, until });
    Ok((admitted, later))
}

/// Gives back calls that were not needed after all.
pub(super) fn give_back<S: Shelf>(rows: &Rows<'_, S>, service: Service, calls: usize) {
    if let Some(kept) = rows.allowance(service) {
        rows.put_allowance(Allowance { left: kept.left + calls, ..kept });
    }
}

/// Puts off everything that is due at a service now: it has no room, or said so.
///
/// # Errors
/// When the shelf fails.
pub(super) fn put_off<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    service: Service,
    until: Timestamp,
) -> Result<(), Unanswered> {
    let Some(rotation) = rows.rotation()? else { return Ok(()) };
    let now = house.ports.now();
    let places = rotation.open_runs().filter(|(_, run)| run.due <= now && run.place.service() == service);
    let models = rotation.open_models().filter(|(_, model)| model.due <= now && service == Service::PowerBi);
    let put_off: Vec<_> = places
        .map(|(at, _)| Event::Postponed(at, until))
        .chain(models.map(|(at, _)| Event::ModelPostponed(at, until)))
        .collect();
    drop(rotation);
    for event in put_off {
        let _ = step(house, rows, event)?;
    }
    Ok(())
}

/// What the open places of the service can take within the next seconds: three calls for looking, then one each.
fn ahead<S: Shelf>(rows: &Rows<'_, S>, service: Service) -> Result<usize, Unanswered> {
    let open = rows
        .rotation()?
        .map_or(0, |rotation| rotation.open_runs().filter(|(_, run)| run.place.service() == service).count());
    Ok(open * 5)
}
